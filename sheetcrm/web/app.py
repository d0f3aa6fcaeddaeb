"""The Flask application: who is let in, the headers of every answer, and the routes."""

from __future__ import annotations

from functools import partial

from flask import Flask, make_response, redirect, request, url_for
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from sheetcrm import __version__
from sheetcrm.privacy import Raw
from sheetcrm.web.gate import HEADERS
from sheetcrm.web.routes import check, folder, live, preview, results
from sheetcrm.web.site import CONFLICT, PAGES, SEE_OTHER, Site, StaleError

_ROUTES = (*folder.ROUTES, *check.ROUTES, *preview.ROUTES, *results.ROUTES, *live.ROUTES)
_TRIMMED = {"trim_blocks": True, "lstrip_blocks": True}
_MOST_BYTES = 1 << 20
"""The size of a form: some hundred headers with what they stand for."""
_PASSIVE = frozenset({"state", "beat", "leave", "asset"})
"""Routes that nobody's hand calls."""
_FORBIDDEN = 403


def make_app(site: Site) -> Flask:
    """Make the application of a site."""
    app = Flask("sheetcrm.web", template_folder=str(PAGES), static_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=_MOST_BYTES, MAX_FORM_MEMORY_SIZE=_MOST_BYTES)
    app.jinja_options = {"undefined": StrictUndefined, "finalize": partial(_as_shown, site)} | _TRIMMED
    app.jinja_env.globals.update(version=__version__, url_for=_address_of)
    _let_in(app, site)
    _answer_errors(app, site)

    @app.get("/")
    def home() -> Response:
        token = request.args.get("token")
        if token is None:
            return redirect(site.current, code=SEE_OTHER)
        answer = make_response("", SEE_OTHER, {"Location": url_for("home")})
        cookie = site.gate.exchange(token)
        if cookie:
            answer.set_cookie(site.gate.cookie_name, cookie, httponly=True, samesite="Strict", path="/")
        return answer

    for method, address, answer in _ROUTES:
        app.add_url_rule(address, answer.__name__, partial(answer, site), methods=[method])
    return app


def _let_in(app: Flask, site: Site) -> None:
    gate = site.gate

    @app.before_request
    def refuse() -> Response | None:
        cookie = request.cookies.get(gate.cookie_name, "")
        token = request.args.get("token")
        entering = request.endpoint == "home" and request.method == "GET" and token is not None
        headers = {name.lower(): value for name, value in request.headers.items()}
        why = gate.refuse(request.method, headers, cookie, entering=entering)
        if not why and entering and not gate.has_cookie(cookie) and not gate.is_token(token or ""):
            why = "这个网址只能打开一次，已经用过了"
        if why:
            text = f"没有打开：{why}。请关闭这一页，重新运行 sheetcrm open。\n"
            return make_response(text, _FORBIDDEN, {"Content-Type": "text/plain; charset=utf-8"})
        if request.endpoint not in _PASSIVE:
            site.presence.act()
        return None

    @app.after_request
    def guard(response: Response) -> Response:
        for name, value in HEADERS.items():
            if not (request.endpoint == "file" and name in response.headers):  # 看板 states a policy of its own
                response.headers[name] = value
        return response


def _answer_errors(app: Flask, site: Site) -> None:
    @app.errorhandler(StaleError)
    def stale(error: StaleError) -> tuple[str, int]:
        site.note(str(error), bad=True)
        return site.render("stale", "folder", address=Raw(site.current)), CONFLICT

    @app.errorhandler(HTTPException)
    def refused(error: HTTPException) -> tuple[str, int]:
        site.note("没有这一页，或这一步现在还不能做。", bad=True)
        return site.render("stale", "folder", address=Raw(site.current)), error.code or _FORBIDDEN

    @app.errorhandler(Exception)
    def failed(error: Exception) -> tuple[str, int]:
        site.note(site.worker.describe(error), bad=True)
        return site.render("stale", "folder", address=Raw(site.current)), 500


def _as_shown(site: Site, value: object) -> object:
    """Let a text through the gate as it goes into a page; addresses, keys and what was typed here are `Raw`."""
    return site.shown(value) if type(value) is str else value


def _address_of(endpoint: str, **values: object) -> Raw:
    """Return the address of a route, which works only as it is: what goes into it is no cell's text."""
    return Raw(url_for(endpoint, **values))  # type: ignore[arg-type]  # Flask's own options among them
