"""The page of `sheetcrm open` in a real browser: five steps by hand and by keyboard, and what goes wrong on the way."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("flask", reason="the extra `open` is not installed")
pytest.importorskip("waitress", reason="the extra `open` is not installed")

from openpyxl import load_workbook

from sheetcrm.cli.open import understand
from sheetcrm.excel.books.mapping_book import MAPPING
from sheetcrm.report.press import pdf
from sheetcrm.runs import apply
from sheetcrm.runs.printing import PrintedFiles
from sheetcrm.web.server import make_site, served
from sheetcrm.web.site import Site
from sheetcrm.web.tasks import Fields
from tests.browsers import launched
from tests.opening import System
from tests.test_mapping import LIST
from tests.test_pipeline import HEADER, ROWS, save

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.slow

WRONG = [  # an amount that is none
    "C2024009",
    "坏公司",
    "30天",
    "12次/年",
    "八十万左右",
    "高(行业增速15%)",
    "85%",
    None,
    None,
    "张*",
    "2026-10-31",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@dataclass
class Open:
    """The page while it is served: a tab of it, what the browser complained of, and all it asked for."""

    site: Site
    system: System
    context: BrowserContext
    page: Page
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> Page:
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def to(self, address: str, page: Page | None = None) -> None:
        """Wait until a page of an address is ready."""
        (page or self.page).wait_for_url(f"{self.site.gate.origin}{address}")
        (page or self.page).wait_for_selector("html[data-ready]")

    def check(self, folder: Path, **more: str) -> None:
        """Fill the first page in, by the keyboard alone."""
        self.to("/folder")
        self.page.keyboard.type(str(folder))  # the field has the focus
        while self.page.evaluate("document.activeElement.id") != "period":
            self.page.keyboard.press("Tab")
        self.page.keyboard.type("2026-10")
        for name, value in more.items():
            self.page.fill(f"#{name}", value)
        self.page.keyboard.press("Enter")
        self.to("/check")

    def text(self) -> str:
        text: str = self.page.inner_text("main")
        return text


@pytest.fixture
def opened(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """The page, served and worked for, in a browser of its own that went in by the first address."""
    for name in ("XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "config"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    system = System()
    site = make_site(Fields(), understand, describe=repr, desktop=system.desktop())
    ended = threading.Event()

    def work() -> None:
        while not ended.is_set():
            site.worker.work(0.05)

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    with served(site):
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        one = Open(site, system, context, context.new_page())
        one.watch(one.page).goto(site.gate.entrance)
        yield one
        context.close()
    ended.set()
    worker.join(10)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return save(tmp_path / "台账" / "客户.xlsx", {"打分 表": [HEADER, *ROWS, WRONG]})


def without_printing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Print pages of one byte each: what they look like is no business of these tests."""
    monkeypatch.setattr(apply, "check_printing", lambda _templates: None)
    monkeypatch.setattr(apply, "with_merged", lambda printed, _order, **_more: printed)
    monkeypatch.setattr(
        apply,
        "print_documents",
        lambda jobs, **_more: PrintedFiles({job.name: b"%PDF-" for job in jobs}, {}, ()),
    )


def test_five_steps_from_a_folder_to_the_board(opened: Open, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_printing(monkeypatch)
    before, page = book.read_bytes(), opened.page
    opened.check(book.parent)
    assert "4 家客户" in opened.text()
    for word, shown in (("全部展开", True), ("全部收起", False), ("全部展开", True)):
        page.get_by_role("button", name=word).press("Enter")
        assert {one.evaluate("each => each.open") for one in page.locator("details.group").all()} == {shown}
    page.evaluate("navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }")
    page.get_by_role("button", name="复制地址 '打分 表'!E5").click()
    assert page.evaluate("window.copied") == "'打分 表'!E5"
    page.get_by_role("button", name="在 Excel 中打开 客户.xlsx").first.click()
    page.locator(".note.good", has_text="已交给电脑上的程序打开").wait_for()
    assert opened.system.opened == [book]
    page.get_by_role("link", name="看预览").click()
    opened.to("/preview")
    page.get_by_role("link", name="客户.xlsx").click()
    page.get_by_role("rowheader", name="'打分 表'!H2").wait_for()
    page.get_by_role("link", name="回到预览").click()
    page.get_by_role("searchbox").fill("A公")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="A公司").wait_for()
    page.goto(f"{opened.site.gate.origin}/preview/whatif")
    page.get_by_label("重点客户", exact=True).fill("89")
    assert page.get_by_label("重点客户（滑块）").input_value() == "89"
    page.get_by_role("button", name="试算").click()
    page.get_by_text("4 家客户里有 1 家的等级会变").wait_for()
    assert not (book.parent / "output").exists()
    page.get_by_role("link", name="④ 生成").click()
    page.get_by_role("button", name="生成").click()
    opened.to("/done")
    with page.expect_popup() as popup:
        page.get_by_role("link", name="打开看板").click()
    board = opened.watch(popup.value)
    board.wait_for_selector("html[data-ready]")
    assert board.locator('[data-list="customers"] tbody tr').count() == 4
    page.get_by_role("button", name="评审包.xlsx").click()
    page.locator(".note.good").wait_for()
    assert opened.system.opened[-1] == book.parent / "output" / "2026-10" / "packs" / "评审包.xlsx"
    assert book.read_bytes() == before
    assert opened.complaints == []
    assert {address.split("/")[2] for address in opened.asked} == {opened.site.gate.host}


def test_every_step_is_done_by_the_keyboard_alone(opened: Open, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_printing(monkeypatch)

    def press(word: str) -> None:
        """Go on with Tab until what has the focus is called so, and press it."""
        for _ in range(200):
            opened.page.keyboard.press("Tab")
            if opened.page.evaluate("document.activeElement.textContent.trim()") == word:
                opened.page.keyboard.press("Enter")
                return
        pytest.fail(f"Tab does not reach {word}")

    opened.check(book.parent)
    for word, address in (("看预览", "/preview"), ("下一步：生成", "/generate"), ("生成", "/done")):
        press(word)
        opened.to(address)
    press("评审包.xlsx")
    opened.page.locator(".note.good", has_text="已交给电脑上的程序打开").wait_for()
    assert [path.name for path in opened.system.opened] == ["评审包.xlsx"]


def test_a_workbook_mended_and_saved_is_checked_again_by_itself(opened: Open, book: Path) -> None:
    opened.check(book.parent)
    assert "1 处错误" in opened.text()
    save(book, {"打分 表": [HEADER, *ROWS]})
    opened.page.get_by_text("没有错误").wait_for(timeout=20_000)
    assert opened.complaints == []


def test_foreign_headers_are_assigned_and_the_book_is_read(opened: Open, tmp_path: Path) -> None:
    book = save(tmp_path / "名单" / "名单.xlsx", {"大客户": LIST})
    opened.check(book.parent)
    page = opened.page
    assert "没有读到一家客户" in opened.text()
    page.get_by_role("button", name="全部用建议的").click()
    page.get_by_label("序号 是").select_option("（不用）")
    page.get_by_role("button", name="写进表头对照").click()
    page.get_by_text("已写进").wait_for()
    assert "3 家客户" in opened.text()
    rows = load_workbook(book.with_name(MAPPING))["表头对照"].iter_rows(min_row=2, values_only=True)
    assert ("单位", "客户名称", "是") in {row[1:4] for row in rows}
    page.get_by_role("link", name="看预览").click()
    opened.to("/preview")
    assert re.search(r"VIP客户\s+1", opened.text())


def test_a_workbook_held_open_is_named_and_the_way_back_is_there(
    opened: Open, book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = save(book.with_name("其他.xlsx"), {"打分表": [HEADER, ["C2024777", *ROWS[0][1:]]]})
    before = other.read_bytes()
    without_printing(monkeypatch)
    opened.check(book.parent)
    page = opened.page
    page.get_by_role("link", name="看预览").click()
    page.get_by_role("link", name="下一步：生成").click()
    book.with_name(f"~${book.name}").write_bytes(b"")
    page.get_by_label(re.compile("^原来的工作簿")).check()
    page.get_by_role("button", name="生成").click()
    assert other.read_bytes() == before
    page.get_by_role("button", name="是，改写原件").click()
    opened.to("/done")
    assert "没有写成的 1 个" in opened.text()
    assert "客户.xlsx：" in opened.text()
    assert "正打开着它" in opened.text()
    assert other.read_bytes() != before
    page.get_by_role("link", name="恢复原件").click()
    page.get_by_role("button", name="恢复 其他.xlsx 的第 1 份").click()
    page.get_by_text("已恢复").wait_for()
    assert other.read_bytes() == before


def test_a_run_is_cancelled_while_pages_are_set_and_nothing_is_written(opened: Open, book: Path) -> None:
    pdf.check_engine()
    before = {path: path.read_bytes() for path in book.parent.rglob("*") if path.is_file()}
    opened.check(book.parent)
    page = opened.page
    page.get_by_role("link", name="看预览").click()
    page.get_by_role("link", name="下一步：生成").click()
    page.get_by_role("button", name="生成").click()
    page.get_by_role("status").filter(has_text=re.compile(r"排版 \d/\d")).wait_for()
    page.get_by_role("button", name="取消").click()
    page.get_by_text("已取消，什么也没有写。").wait_for(timeout=20_000)
    assert {path: path.read_bytes() for path in book.parent.rglob("*") if path.is_file()} == before
    assert not (book.parent / "output").exists()
    assert opened.complaints == []


def test_a_second_tab_works_and_an_old_one_is_told(opened: Open, book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    without_printing(monkeypatch)
    opened.check(book.parent)
    first, second = opened.page, opened.watch(opened.context.new_page())
    second.goto(f"{opened.site.gate.origin}/")
    opened.to("/check", second)
    first.get_by_role("link", name="看预览").click()
    first.get_by_role("link", name="下一步：生成").click()
    save(book, {"打分 表": [HEADER, *ROWS]})
    second.get_by_text("没有错误").wait_for(timeout=20_000)
    first.get_by_role("button", name="生成").click()
    first.get_by_text("这一页已经过时").wait_for()
    assert not (book.parent / "output").exists()
    first.get_by_role("link", name="看现在的这一步").click()
    opened.to("/check", first)


def test_the_program_ends_with_the_last_tab(opened: Open, book: Path) -> None:
    opened.check(book.parent)
    second = opened.context.new_page()
    second.goto(f"{opened.site.gate.origin}/folder")
    second.wait_for_selector("html[data-ready]")
    opened.page.close()
    second.wait_for_timeout(5000)
    assert not opened.site.presence.is_over
    second.close()
    waiter = opened.context.browser
    assert waiter
    elsewhere = waiter.new_page()  # keeps the driver's time
    for _ in range(40):
        elsewhere.wait_for_timeout(250)
        if opened.site.presence.is_over:
            break
    assert opened.site.presence.is_over
    elsewhere.close()


def test_a_page_elsewhere_gets_nothing_and_does_nothing(opened: Open, browser: Browser, book: Path) -> None:
    opened.check(book.parent)
    origin = opened.site.gate.origin
    stranger = opened.context.new_page()  # the same browser, with the cookie
    stranger.route("http://evil.example/", lambda route: route.fulfill(body="<p>x</p>", content_type="text/html"))
    stranger.goto("http://evil.example/")
    stranger.evaluate(
        """(address) => fetch(address + "/check", { method: "POST", mode: "no-cors", credentials: "include",
           body: new URLSearchParams() }).catch(() => null)""",
        origin,
    )
    assert opened.site.worker.job
    before = opened.site.worker.job
    stranger.set_content(f'<form method="post" action="{origin}/check"><button>x</button></form>')
    stranger.locator("button").click()
    stranger.wait_for_url(f"{origin}/check")
    assert "没有打开" in stranger.inner_text("body")
    assert opened.site.worker.job is before
    other = browser.new_page()
    assert (answer := other.goto(opened.site.gate.entrance))
    assert answer.status == 403
    assert (answer := other.goto(f"{origin}/?token=x"))
    assert answer.status == 403
    other.close()


@pytest.mark.parametrize(
    "options",
    [
        {"viewport": {"width": 320, "height": 640}},
        {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
        {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
        {"viewport": {"width": 1280, "height": 900}, "java_script_enabled": False},
    ],
    ids=["narrow", "200%", "dark", "without scripts"],
)
def test_every_step_fits_every_window(opened: Open, browser: Browser, book: Path, options: dict[str, Any]) -> None:
    opened.check(book.parent)
    state = opened.context.storage_state()
    context = browser.new_context(storage_state=state, **options)
    page = context.new_page()
    for address in (
        "folder",
        "check",
        "preview",
        "preview/cells",
        "preview/customer?q=C2024001",
        "preview/whatif",
        "generate",
    ):
        page.goto(f"{opened.site.gate.origin}/{address}")
        if options.get("java_script_enabled", True):
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), address
            ground, text = (
                page.evaluate(f"getComputedStyle(document.body).{name}") for name in ("backgroundColor", "color")
            )
            light, dark = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in (ground, text))
            assert abs(light - dark) > 450
        fields = page.locator("main input:not([type=hidden]), main select")
        assert all(_is_named(fields.nth(place)) for place in range(fields.count())), address
    context.close()


def _is_named(field: Any) -> bool:  # noqa: ANN401  (a Locator)
    name = field.get_attribute("id")
    labelled = bool(name) and field.page.locator(f'label[for="{name}"]').count() == 1
    return labelled or bool(field.get_attribute("aria-label")) or field.locator("xpath=ancestor::label").count() == 1
