"""A team's own templates: what they may do, and what is said of one that is at fault."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from sheetcrm.errors import EngineError, UsageError
from sheetcrm.report.pages import filling, template_files
from sheetcrm.report.press import pdf
from tests.reporting import assessment, documents_of
from tests.test_pipeline import HEADER, ROWS, save

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "模板"
    folder.mkdir()
    return folder


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return save(tmp_path / "in" / "客户.xlsx", {"打分表": [HEADER, *ROWS]})


def test_a_folder_goes_before_those_that_ship_page_by_page(own: Path) -> None:
    (own / "tier.html").write_text("{{ page.tier.name }}自用", encoding="utf-8")
    found = {job.name: job.html for job in documents_of([assessment()], templates=[own])}
    assert found["2026-10-附件1-VIP客户.pdf"] == "VIP客户自用"
    assert "客户服务分级执行报告" in found["2026-10-执行报告.pdf"]


def test_a_folder_changes_the_hash_by_its_content_and_not_by_its_place(own: Path, tmp_path: Path) -> None:
    (own / "tier.html").write_text("甲", encoding="utf-8")
    before = template_files.templates_hash([own])
    own.rename(tmp_path / "moved")
    assert template_files.templates_hash([tmp_path / "moved"]) == before != template_files.templates_hash()
    (tmp_path / "moved" / "tier.html").write_text("乙", encoding="utf-8")
    assert template_files.templates_hash([tmp_path / "moved"]) != before


def test_what_is_not_hashed_cannot_be_loaded(own: Path) -> None:
    (own / "words.txt").write_text("甲", encoding="utf-8")
    (own / "tier.html").write_text("{% include 'words.txt' %}", encoding="utf-8")
    with pytest.raises(EngineError, match=r"“words\.txt”不存在"):
        documents_of([assessment()], templates=[own])
    (own / "parts").mkdir()
    (own / "parts" / "logo.svg").write_text("<svg/>", encoding="utf-8")
    (own / "tier.html").write_text("{% include 'parts/logo.svg' %}", encoding="utf-8")
    before = template_files.templates_hash([own])
    assert documents_of([assessment()], templates=[own])[0].html == "<svg/>"
    (own / "parts" / "logo.svg").write_text("<svg id='a'/>", encoding="utf-8")
    assert template_files.templates_hash([own]) != before


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ page.__class__.__mro__ }}", "沙箱不允许"),
        ("{{ ''.__class__ }}", "沙箱不允许"),
        ("{{ page.nothing }}", "没有这个名称"),
        ("{% include '../pyproject.toml' %}", "“../pyproject.toml”不存在"),
        ("{% include 'tier.html' %}", "没有尽头"),
        ("{{ 1 / 0 }}", "算不出来（ZeroDivisionError）"),
        ("{{ page.tier|thousands }}", "算不出来"),
        ("{% for", "写法有误"),
        ("{{ 1|nothing }}", "写法有误"),
    ],
)
def test_a_template_at_fault_is_refused_with_file_and_line(own: Path, template: str, said: str) -> None:
    (own / "tier.html").write_text("\n" + template, encoding="utf-8")
    with pytest.raises(EngineError, match="用不了") as caught:
        documents_of([assessment()], templates=[own])
    assert f"模板 {own / 'tier.html'} 第 2 行" in caught.value.what
    assert said in caught.value.what


def test_a_fault_that_shows_in_a_shipped_template_names_the_team_s_own(own: Path) -> None:
    (own / "tier.html").write_text('\n{% extends "_frame.html" %}', encoding="utf-8")
    with pytest.raises(EngineError, match=r"_frame\.html 第 \d+ 行 里") as caught:
        documents_of([assessment()], templates=[own])
    assert f"模板 {own / 'tier.html'} 第 2 行" in caught.value.what


def test_a_folder_that_cannot_be_used_is_refused(own: Path) -> None:
    with pytest.raises(UsageError, match="没有模板文件夹"):
        filling.check([own / "none"])
    with pytest.raises(UsageError, match=r"可以换的有：.*tier\.html"):
        filling.check([own])
    (own / "tier.html").write_text("{% include 'mine.html' %}", encoding="utf-8")
    (own / "mine.html").write_text("甲", encoding="utf-8")
    filling.check([own])
    (own / "teir.html").write_text("甲", encoding="utf-8")
    with pytest.raises(UsageError, match=r"teir\.html 不换任何模板"):
        filling.check([own])
    (own / "teir.html").unlink()
    (own / "mine.html").write_bytes("甲".encode("gb18030"))
    with pytest.raises(UsageError, match=r"mine\.html 不是 UTF-8"):
        filling.check([own])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("tier.html", "甲\n{% for", "tier.html 第 2 行"),
        ("execution.html", "甲\n\n{{ page.nothing }}", "execution.html 第 3 行"),
        ("print.css", "h1 { color: red }\nh2 { colr: red }", "print.css 第 2 行"),
        ("tier.html", "<!doctype html><html lang=zh-CN><title>a</title><img src='logo.png' alt=a>", "logo.png"),
    ],
)
def test_a_run_with_a_template_at_fault_writes_nothing(
    run: Run, book: Path, own: Path, tmp_path: Path, name: str, text: str, said: str
) -> None:
    (own / name).write_text(text, encoding="utf-8")
    code, _, err = run("run", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--templates", own)
    assert code == 2
    assert said in err
    assert "Traceback" not in err
    assert not (tmp_path / "out" / "2024-03").exists()


def test_a_report_with_a_template_at_fault_writes_nothing(run: Run, book: Path, own: Path, tmp_path: Path) -> None:
    words = ("packs", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--only", "抽查清单", "--templates", own)
    assert run(*words)[0] == 2
    for name, text in (("pack_sample.html", "{{ page.nothing }}"), ("pack.css", ".a { colr: red }")):
        (own / name).write_text(text, encoding="utf-8")
        code, _, err = run(*words)
        assert code == 2
        assert f"{own / name} 第 1 行" in err
        (own / name).unlink()
    assert not (tmp_path / "out" / "2024-03").exists()


@pytest.mark.slow
def test_a_run_prints_with_them_and_has_an_id_of_its_own(run: Run, book: Path, own: Path, tmp_path: Path) -> None:
    words = ("run", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--dry-run", "--json")
    plain = json.loads(run(*words)[1])["run_id"]
    page = "<!doctype html><html lang=zh-CN><title>甲</title><style>{% include 'print.css' %}</style><p>自己的样子"
    for name in ("tier.html", "execution.html"):
        (own / name).write_text(page, encoding="utf-8")
    assert json.loads(run(*words, "--templates", own)[1])["run_id"] != plain
    code, _, _ = run("run", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--templates", own)
    assert code in {0, 1}
    assert (tmp_path / "out" / "2024-03" / "reports" / "2024-03-执行报告.pdf").read_bytes().startswith(b"%PDF")


ENDLESS = (
    "{% for a in range(99999) %}{% for b in range(99999) %}{% for c in range(9) %}{% endfor %}{% endfor %}{% endfor %}"
)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{% for i in range(10**9) %}{% endfor %}", "OverflowError"),
        (ENDLESS, "没有填完"),
        ("{{ 9 ** (9 ** 10) }}", "没有填完"),
        ("{% set text = page.tier.name %}{{ text * 10 ** 9 }}", "内存|中止"),
        ("{% for a in range(99999) %}{{ 'x' * 100000 }}{% endfor %}", "一页超过"),
        ("{{ 'x'.ljust(10 ** 9) }}", "内存|一页超过"),
        ("{{ '%0999999999d' % 1 }}", "内存|一页超过"),
        ("{{ 'x' * 10 ** 9 }}", "内存|一页超过"),
        ("{{ 'x' * 10 ** 11 }}", "内存|中止"),
        ("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "没有尽头"),
        (
            "{% macro m(n) %}{% for i in range(99) if n %}{{ m(n - 1) }}{% endfor %}{% endmacro %}{{ m(99) }}",
            "没有填完",
        ),
    ],
)
def test_filling_has_a_limit_in_time_and_size(
    own: Path, monkeypatch: pytest.MonkeyPatch, template: str, why: str
) -> None:
    monkeypatch.setattr(filling, "BUDGET", replace(filling.BUDGET, seconds=3.0))
    (own / "tier.html").write_text("\n" + template, encoding="utf-8")
    before, started = psutil.Process().memory_info().rss, time.monotonic()
    with pytest.raises(EngineError, match=why) as caught:
        documents_of([assessment()], templates=[own])
    assert str(own / "tier.html") in caught.value.what
    assert time.monotonic() - started < 15
    assert psutil.Process().memory_info().rss - before < 128 << 20
    assert not [one for one in psutil.Process().children() if "spawn_main" in " ".join(one.cmdline())]


@pytest.mark.slow
def test_checking_a_folder_has_the_same_limits(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filling, "BUDGET", replace(filling.BUDGET, seconds=3.0))
    (own / "tier.html").write_text("{{ 9 ** (9 ** 10) }}", encoding="utf-8")  # worked out while it is compiled
    with pytest.raises(EngineError, match="没有填完"):
        filling.check([own])
    (own / "tier.html").write_bytes(b" " * (9 << 20))
    with pytest.raises(UsageError, match="超过 8 MB"):
        filling.check([own])


def test_a_link_out_of_the_folder_is_refused_and_never_read(own: Path, tmp_path: Path) -> None:
    canary = tmp_path / "canary.html"
    canary.write_text("CANARY", encoding="utf-8")
    (own / "tier.html").write_text("{% include 'mine.html' %}", encoding="utf-8")
    try:
        (own / "mine.html").symlink_to(canary)
        (own / "parts").symlink_to(tmp_path, target_is_directory=True)
    except OSError:
        pytest.skip("no links here")
    with pytest.raises(UsageError, match=r"mine\.html 是指到文件夹以外的链接"):
        filling.check([own])
    assert sorted(template_files.files_of(own)) == ["tier.html"]
    with pytest.raises(EngineError, match=r"“mine\.html”不存在"):
        documents_of([assessment()], templates=[own])
    (own / "mine.html").unlink()
    (own / "mine.html").symlink_to(own / "other.html")
    (own / "other.html").write_text("甲", encoding="utf-8")
    assert documents_of([assessment()], templates=[own])[0].html == "甲"


class Listener(threading.Thread):
    """A server of this machine that counts who asks it."""

    def __init__(self) -> None:
        """Listen on any port."""
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(0.1)
        self.asked = 0
        self.ended = threading.Event()
        self.start()

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}/x"

    def run(self) -> None:
        """Count."""
        while not self.ended.is_set():
            with contextlib.suppress(TimeoutError):
                self.socket.accept()[0].close()
                self.asked += 1


@pytest.fixture
def listener() -> Iterator[Listener]:
    server = Listener()
    yield server
    server.ended.set()
    server.join()
    server.socket.close()


OUTSIDE = (
    "@import '{0}';",
    "@import url({0});",
    "@font-face {{ font-family: a; src: url({0}) }} p {{ font-family: a }}",
    "p {{ background: url({0}) }}",
    "html {{ background-image: image-set('{0}' 1x) }}",
    "li {{ list-style: url({0}) }}",
    "p {{ border-image: url({0}) 1 }}",
    "p {{ mask-border-source: url({0}) }}",
    "p::before {{ content: url({0}) }}",
    "p {{ content: url({0}) }}",
    "p {{ cursor: url({0}), auto }}",
    "@page {{ background: url({0}); @top-left {{ content: url({0}) }} }}",
    "@counter-style a {{ system: cyclic; symbols: url({0}) }} p {{ list-style: a; display: list-item }}",
    "@color-profile --a {{ src: url({0}) }} p {{ color: color(--a 1 1 1) }}",
    "@media print {{ p {{ background: url({0}) }} }}",
    "</style><img src='{0}' alt=a><style>",
    "</style><link rel=stylesheet href='{0}'><style>",
    "</style><link rel=attachment href='{0}'><style>",
    "</style><object data='{0}'></object><embed src='{0}'><style>",
    "</style><base href='{0}'><img src=y alt=a><style>",
    "</style><svg xmlns='http://www.w3.org/2000/svg'><image href='{0}' width=9 height=9 /></svg><style>",
    "</style><svg xmlns='http://www.w3.org/2000/svg' width=9 height=9><style>@import '{0}';</style></svg><style>",
    "</style><svg xmlns='http://www.w3.org/2000/svg' width=9 height=9><use href='{0}#a' /></svg><style>",
    "p {{ background: url(\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'><image href='{0}'/></svg>\") }}",
)


@pytest.mark.slow
@pytest.mark.parametrize("use", ["check_style", "render", "missing_glyphs"])
def test_no_use_of_the_engine_asks_a_server_or_opens_a_file(listener: Listener, tmp_path: Path, use: str) -> None:
    canary = tmp_path / "canary.svg"
    canary.write_text("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", encoding="utf-8")
    opened = watch_opening(canary)
    for construct in OUTSIDE:
        for address in (listener.address, canary.as_uri(), str(canary)):
            css = construct.format(address)
            page = f"<html lang=zh-CN><title>-</title><style>{css}</style><ul><li>甲</ul><p>乙"
            with contextlib.suppress(EngineError):
                if use == "check_style":
                    pdf.check_style(css, file="a.css")
                elif use == "render":
                    pdf.render(page)
                else:
                    pdf.missing_glyphs(page)
    assert opened == []
    assert listener.asked == 0


def watch_opening(path: Path) -> list[str]:
    """List how often a file is opened by this process from now on."""
    opened: list[str] = []

    def hook(event: str, values: tuple[object, ...]) -> None:
        if event == "open" and path.name in str(values[0]):
            opened.append(str(values[0]))

    sys.addaudithook(hook)  # cannot be taken away
    return opened


@pytest.mark.slow
def test_a_run_with_such_a_style_sheet_is_refused_and_asks_nobody(
    run: Run, book: Path, own: Path, tmp_path: Path, listener: Listener
) -> None:
    (own / "print.css").write_text(f"@import '{listener.address}';\np {{ background: url({listener.address}) }}")
    code, _, err = run("run", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--templates", own)
    assert code == 2
    assert str(own / "print.css") in err
    assert listener.asked == 0
