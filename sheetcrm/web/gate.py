"""Who may ask: this computer's own browser, with a cookie it got for a token that holds once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

ADDRESS = "127.0.0.1"
_SAFE = frozenset({"GET", "HEAD"})
_ELSEWHERE = frozenset({"cross-site", "same-site"})
_FORM = "application/x-www-form-urlencoded"
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""The headers of every answer: nothing but what comes from here is loaded, framed, kept or handed on."""


class WebGate:
    """Knows the token, the cookie, and the one address the page goes by."""

    def __init__(self) -> None:
        """Make a token and the cookie it is exchanged for."""
        self._token = secrets.token_urlsafe(32)
        self._cookie = secrets.token_urlsafe(32)
        self.port = 0

    @property
    def host(self) -> str:
        """The only Host that is answered: a name that was bound to this address is none of ours."""
        return f"{ADDRESS}:{self.port}"

    @property
    def origin(self) -> str:
        """The only Origin whose forms are taken."""
        return f"http://{self.host}"

    @property
    def entrance(self) -> str:
        """The first address, with the token that holds once."""
        return f"{self.origin}/?token={self._token}"

    @property
    def cookie_name(self) -> str:
        """The cookie's name, with the port: cookies do not tell two ports of an address apart."""
        return f"sheetcrm-{self.port}"

    def is_token(self, token: str) -> bool:
        """Return whether a text is the token, which has not been exchanged yet."""
        return bool(self._token) and secrets.compare_digest(token.encode(), self._token.encode())

    def exchange(self, token: str) -> str:
        """Return the cookie for the token, and let it never be exchanged again; blank for any other text."""
        if not self.is_token(token):
            return ""
        self._token = ""
        return self._cookie

    def refuse(self, method: str, headers: Mapping[str, str], cookie: str, *, entering: bool) -> str:
        """Return why a request is refused, blank where it is not.

        Args:
            method: GET, POST or another.
            headers: Its headers, by lower-case name.
            cookie: What it brings under `cookie_name`.
            entering: Whether it is the first page, which a token may open instead.
        """
        origin, writes = headers.get("origin"), method not in _SAFE
        content = headers.get("content-type", _FORM).partition(";")[0].strip()
        elsewhere = origin not in {None, self.origin} or headers.get("sec-fetch-site") in _ELSEWHERE
        reasons = {
            "这个网址不是本程序的": headers.get("host") != self.host,
            "请求来自别的网页": elsewhere,
            "请求没有说明来自哪个网页": writes and origin is None,
            "这里不接收文件": writes and content != _FORM,
            "这个网页没有打开的凭据": not entering and not self.has_cookie(cookie),
        }
        return next((why for why, holds in reasons.items() if holds), "")

    def has_cookie(self, cookie: str) -> bool:
        """Return whether a cookie is ours."""
        return secrets.compare_digest(cookie.encode(), self._cookie.encode())
