"""Who is let in to the page of `sheetcrm open`, and what its answers allow."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("flask", reason="the extra `open` is not installed")
pytest.importorskip("waitress", reason="the extra `open` is not installed")

from sheetcrm.cli.open import understand
from sheetcrm.web.app import make_app
from sheetcrm.web.presence import IDLE, Presence
from sheetcrm.web.server import make_site, served, work_until_over
from sheetcrm.web.site import Site
from sheetcrm.web.tasks import Fields
from sheetcrm.web.worker import Errand
from tests.opening import HERE, PORT, describe, visitor

FORMS = ("/folder", "/check", "/check/mapping", "/preview/whatif", "/generate", "/open", "/restore", "/progress/cancel",
         "/beat", "/leave")  # fmt: skip
PAGES = (
    "/",
    "/folder",
    "/folders",
    "/check",
    "/preview",
    "/generate",
    "/done",
    "/restore",
    "/state",
    "/asset/web.js",
    "/progress",
)


@pytest.fixture(autouse=True)
def _nothing_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("APPDATA", str(tmp_path / "config"))


def closed() -> Site:
    site = make_site(Fields(), understand, describe=describe)
    site.gate.port = PORT
    return site


def test_the_token_is_exchanged_once_for_a_strict_cookie() -> None:
    site = closed()
    client = make_app(site).test_client()
    answer = client.get(site.gate.entrance, base_url=HERE)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith(f"sheetcrm-{PORT}=")
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert "token=" not in answer.headers["Location"]
    assert client.get("/folder", base_url=HERE).status_code == 200
    assert client.get(site.gate.entrance, base_url=HERE).status_code == 303  # the same browser, by its history
    other = make_app(site).test_client()
    assert other.get(site.gate.entrance, base_url=HERE).status_code == 403
    assert other.get("/folder", base_url=HERE).status_code == 403


@pytest.mark.parametrize("token", ["", "x", "é", "A" * 43])
def test_a_wrong_token_opens_nothing_and_spoils_nothing(token: str) -> None:
    site = closed()
    client = make_app(site).test_client()
    answer = client.get("/", query_string={"token": token}, base_url=HERE)
    assert answer.status_code == 403
    assert "Set-Cookie" not in answer.headers
    assert "重新运行 sheetcrm open" in answer.text
    assert client.get(site.gate.entrance, base_url=HERE).status_code == 303


def test_without_a_cookie_nothing_is_shown() -> None:
    client = make_app(closed()).test_client()
    for address in PAGES:
        answer = client.get(address, base_url=HERE)
        assert (answer.status_code, answer.mimetype) == (403, "text/plain"), address


@pytest.mark.parametrize(
    ("headers", "cookie"),
    [
        ({"Origin": HERE}, False),
        ({}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "http://evil.example"}, True),
        ({"Origin": f"http://localhost:{PORT}"}, True),
        ({"Origin": f"http://127.0.0.1:{PORT + 1}"}, True),
        ({"Origin": f"https://127.0.0.1:{PORT}"}, True),
        ({"Origin": HERE, "Sec-Fetch-Site": "cross-site"}, True),
        ({"Origin": HERE, "Sec-Fetch-Site": "same-site"}, True),
    ],
)
def test_a_form_needs_the_cookie_and_comes_from_the_page_itself(headers: dict[str, str], *, cookie: bool) -> None:
    one = visitor()
    client = one.client if cookie else one.client.application.test_client()
    for address in FORMS:
        assert client.post(address, base_url=HERE, headers=headers, data={"folder": "/"}).status_code == 403, address
    assert one.site.worker.job is None


@pytest.mark.parametrize("host", [f"localhost:{PORT}", f"rebound.example:{PORT}", "127.0.0.1", f"127.0.0.1:{PORT + 1}"])
def test_a_name_bound_to_this_address_is_refused(host: str) -> None:
    one = visitor()
    for address in PAGES:
        assert one.client.get(address, base_url=HERE, headers={"Host": host}).status_code == 403, address


def test_a_page_elsewhere_cannot_read_one_either() -> None:
    one = visitor()
    for headers in ({"Origin": "http://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert one.client.get("/state", base_url=HERE, headers=headers).status_code == 403


def test_no_file_is_taken() -> None:
    one = visitor()
    for address in FORMS:
        answer = one.client.post(
            address,
            base_url=HERE,
            headers={"Origin": HERE},
            data={"file": (b"x", "x.xlsx")},
            content_type="multipart/form-data",
        )
        assert answer.status_code == 403
    assert one.client.post("/folder", base_url=HERE, headers={"Origin": HERE}, data="a" * (1 << 21),
                           content_type="application/x-www-form-urlencoded").status_code == 413  # fmt: skip


@pytest.mark.parametrize("address", ["/folder", "/asset/web.js", "/state", "/nowhere"])
def test_every_answer_allows_what_comes_from_here_alone(address: str) -> None:
    headers = visitor().client.get(address, base_url=HERE).headers
    rules = dict(rule.split(" ", 1) for rule in headers["Content-Security-Policy"].split("; "))
    assert rules["default-src"] == "'none'"
    assert set(rules.values()) == {"'none'", "'self'"}
    assert {"script-src", "style-src", "form-action", "frame-ancestors", "base-uri"} <= rules.keys()
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in headers


def test_no_page_has_a_script_a_style_or_an_address_of_its_own() -> None:
    pages = Path(str(make_app(closed()).template_folder))
    for file in pages.glob("*.html"):
        text = file.read_text(encoding="utf-8")
        assert "://" not in text, file
        assert "<style" not in text, file
        assert text.count("<script") == (file.name == "frame.html"), file
        assert not any(f" {name}=" in text for name in ("style", "onclick", "onload", "onchange", "onsubmit")), file
        assert "|safe" not in text, file
    style = visitor().client.get("/asset/web.css", base_url=HERE)
    assert style.mimetype == "text/css"
    assert "://" not in style.text
    assert "{%" not in style.text
    assert "://" not in (pages / "web.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["frame.html", "../app.py", "..%2fapp.py", "web.css/../frame.html"])
def test_only_the_style_sheet_the_script_and_the_icon_are_sent(name: str) -> None:
    assert visitor().client.get(f"/asset/{name}", base_url=HERE).status_code == 404


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_it_ends_with_its_last_page_and_not_before_the_next_one_comes() -> None:
    clock = Clock()
    presence = Presence(clock)
    clock.now = 100.0
    assert not presence.is_over  # no page has come yet: the browser is slow
    presence.beat("a", is_active=False)
    presence.beat("b", is_active=False)
    presence.leave("a")
    clock.now += 60
    assert not presence.is_over
    presence.leave("b")
    clock.now += 3
    assert not presence.is_over
    presence.beat("c", is_active=False)
    clock.now += 60
    assert not presence.is_over
    presence.leave("c")
    clock.now += 5
    assert presence.is_over


def test_it_ends_when_its_page_is_silent_or_nobody_does_anything() -> None:
    clock = Clock()
    presence = Presence(clock)
    presence.beat("a", is_active=False)
    clock.now = 181.0
    assert not presence.is_over  # it may have slept
    clock.now += 30
    assert presence.is_over
    presence = Presence(clock)
    for _ in range(40):
        clock.now += 50
        presence.beat("a", is_active=False)
    assert clock.now > IDLE
    assert presence.is_over
    presence.beat("a", is_active=True)
    assert not presence.is_over


def test_it_is_served_on_a_free_port_of_this_computer_and_ends() -> None:
    import urllib.request  # noqa: PLC0415

    first, second = (make_site(Fields(), understand, describe=describe) for _ in range(2))
    with served(first), served(second):
        assert first.gate.port != second.gate.port
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(), urllib.request.ProxyHandler({}))
        with opener.open(first.gate.entrance, timeout=10) as answer:
            assert "工作簿所在的文件夹" in answer.read().decode()
            assert answer.headers.get("Server") in {None, ""}
        first.presence.beat("a", is_active=False)
        first.presence.leave("a")
        first.presence._left -= 10  # noqa: SLF001  (as if some seconds had passed)
        first.presence._active -= 10  # noqa: SLF001
        work_until_over(first)


def test_the_command_opens_the_browser_and_ends_when_it_is_closed(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    visited: list[str] = []

    def visit(address: str) -> bool:
        visited.append(address)
        return True

    monkeypatch.setattr("webbrowser.open", visit)
    monkeypatch.setattr("sheetcrm.web.server.work_until_over", lambda site: visited.append(site.state.fields.folder))
    code, out, err = run("open", tmp_path)
    assert (code, err) == (0, "")
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/\?token=[\w-]{43}", visited[0])
    assert visited[1] == str(tmp_path)
    assert visited[0] in out
    assert out.endswith("网页已关闭，程序结束。\n")
    monkeypatch.setattr("webbrowser.open", lambda _address: False)
    assert "请把上面的网址复制到浏览器里" in run("open")[2]


def test_ctrl_c_between_two_jobs_is_a_way_to_end_and_within_one_an_interruption(
    run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_args: object, **_more: object) -> None:
        raise KeyboardInterrupt

    site = closed()
    monkeypatch.setattr(site.worker, "_waiting", SimpleNamespace(get=interrupt))
    work_until_over(site)
    site = closed()
    site.worker.begin(Errand("做", interrupt, "check", "/check", "/check"))
    with pytest.raises(KeyboardInterrupt):
        work_until_over(site)
    monkeypatch.setattr("sheetcrm.web.server.work_until_over", interrupt)
    code, _, err = run("open", "--no-browser")
    assert code == 2
    assert "已中断" in err


def test_without_the_extra_it_says_what_to_install(
    run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    code, _, err = run("open")
    assert code == 2
    assert f"没有安装网页要用的 flask、waitress。请运行 {sys.executable} -m pip install flask waitress" in err
