"""The 看板 in a real browser: found, sorted, filtered, linked to, printed, and nothing asked for."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from sheetcrm.model import CellRef, Movement, Problem, Severity
from sheetcrm.report.board.board import board
from tests.browsers import launched
from tests.reporting import alert, assessment, due, results
from tests.test_board import HOSTILE, many

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as chromium:
        yield chromium


@dataclass
class Opened:
    """A page in the browser, what it asked for besides itself, and what it complained of."""

    page: Page
    address: str
    asked: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def rows(self, name: str) -> list[list[str]]:
        lines = self.page.locator(f'[data-list="{name}"] tbody tr')
        return [line.locator("td").all_inner_texts() for line in lines.all()]

    def column(self, name: str, place: int) -> list[str]:
        texts: list[str] = self.page.locator(f'[data-list="{name}"] tbody tr td:nth-child({place})').all_inner_texts()
        return texts

    def count(self, name: str) -> str:
        text: str = self.page.locator(f'[data-list="{name}"] .count').inner_text()
        return text

    def choose(self, name: str, label: str, value: str) -> None:
        self.page.locator(f'[data-list="{name}"] label', has_text=label).locator("select").select_option(value)

    def sort(self, name: str, label: str) -> None:
        self.page.locator(f'[data-list="{name}"] th button', has_text=label).click()


def opened(browser: Browser, file: Path, *, key: str = "", **options: Any) -> Opened:  # noqa: ANN401  (the driver's)
    page = browser.new_page(**options)
    one = Opened(page, file.as_uri() + key)
    page.on("request", lambda request: one.asked.append(request.url))
    page.on("console", lambda message: one.complaints.append(message.text))
    page.on("pageerror", lambda error: one.complaints.append(str(error)))
    page.goto(one.address)
    page.wait_for_selector("html[data-ready]")
    return one


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a small book."""
    entries = [
        assessment("C001", name="甲公司", score="95.0", spend="1234567", explanation="消费金额得100分；达到90分"),
        assessment(
            "C002",
            "重点客户",
            name="乙公司",
            score="80.0",
            owner="陈思远",
            spend="9000",
            previous_grade="VIP客户",
            movement=Movement.DOWN,
            change="频次 75→30分",
            alerts=(alert("流失预警-消费"),),
            due=(due("2026-10-20", late=11), due("2026-11-05", "满意度调研")),
        ),
        assessment("C010", "普通客户", name="丙公司", score="60.5", owner=None, due=(due("2026-11-09"),)),
        assessment("C/#% 3", name=HOSTILE, score="91.0", explanation=HOSTILE),
    ]
    problem = Problem(CellRef("客户.xlsx", "打分 表", 12, 7), Severity.ERROR, "money-unreadable", "", "请填数字")
    path = tmp_path_factory.mktemp("看板") / "index.html"
    path.write_bytes(board(results(entries, problems=[problem]), ["packs/评审包.xlsx"]))
    return path


def test_a_customer_is_found_and_told_by_the_keyboard_alone(browser: Browser, file: Path) -> None:
    one = opened(browser, file)
    one.page.keyboard.press("/")
    one.page.keyboard.type("甲公")
    assert one.column("customers", 1) == ["C001"]
    assert one.count("customers") == "共 1 家"
    one.page.keyboard.press("ArrowDown")
    one.page.keyboard.press("Enter")
    one.page.wait_for_selector("#detail:not([hidden])")
    told = one.page.locator("#detail").inner_text()
    assert all(words in told for words in ("C001　甲公司", "123.5万元", "消费金额得100分", "达到90分"))
    assert one.page.url.endswith("#C001")
    one.page.keyboard.press("Escape")
    one.page.wait_for_selector("#detail", state="hidden")  # the browser tells of the address a moment later
    assert one.page.evaluate("document.activeElement.type") == "search"
    assert (one.asked, one.complaints) == ([one.address], [])


def test_lists_are_sorted_by_their_heads(browser: Browser, file: Path) -> None:
    one = opened(browser, file)
    one.sort("customers", "总分")
    assert one.column("customers", 5) == ["95.0", "91.0", "80.0", "60.5"]
    head = one.page.locator('[data-list="customers"] th', has_text="总分")
    assert head.get_attribute("aria-sort") == "descending"
    one.sort("customers", "总分")
    assert one.column("customers", 5) == ["60.5", "80.0", "91.0", "95.0"]
    one.sort("customers", "等级")
    assert one.column("customers", 3) == ["VIP客户", "VIP客户", "重点客户", "普通客户"]


def test_lists_are_filtered_and_an_owner_filters_all_of_them(browser: Browser, file: Path) -> None:
    one = opened(browser, file)
    one.choose("due", "状态", "已逾期")
    assert [row[:3] for row in one.rows("due")] == [["2026-10-20", "11 天", "乙公司"]]
    one.choose("due", "状态", "未到期")
    assert one.column("due", 1) == ["2026-11-05", "2026-11-09"]
    one.choose("customers", "只看", "有预警")
    assert one.column("customers", 1) == ["C002"]
    one.choose("customers", "只看", "")
    one.page.locator('[data-list="owners"] button', has_text="陈思远").click()
    assert one.column("customers", 1) == ["C002"]
    assert one.column("moves", 5) == ["频次 75→30分"]
    one.page.locator('[data-list="owners"] button', has_text="未填").click()
    assert one.column("customers", 1) == ["C010"]
    assert one.count("moves") == "没有等级变动的客户。"


def test_an_address_leads_to_a_customer(browser: Browser, file: Path) -> None:
    one = opened(browser, file, key="#C010")
    assert "丙公司" in one.page.locator("#detail").inner_text()
    one.page.evaluate("location.hash = '#' + encodeURIComponent('C/#% 3')")
    one.page.wait_for_function("document.getElementById('detail').innerText.includes('onerror')")
    assert one.page.locator("#detail img").count() == 0
    one.page.evaluate("location.hash = '#C999'")
    one.page.wait_for_function("document.getElementById('detail').innerText.includes('没有列出编号为“C999”的客户')")
    assert one.complaints == []


def test_a_cells_address_is_copied_for_the_name_box(browser: Browser, file: Path) -> None:
    one = opened(browser, file)
    one.page.evaluate("navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }")
    one.page.locator('[data-list="problems"] button.copy').click()
    assert one.page.evaluate("window.copied") == "'打分 表'!G12"


def test_it_is_printed_without_its_tools(browser: Browser, file: Path) -> None:
    one = opened(browser, file)
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(one.page.pdf())).pages)
    text = re.sub(r"\s", "", unicodedata.normalize("NFKC", text))  # the font's 户 is the radical ⼾
    assert all(words in text for words in ("本期结论", "谁升谁降", "乙公司", "'打分表'!G12", "陈思远1"))
    assert not any(words in text for words in ("搜索", "复制", "评审包.xlsx"))


@pytest.mark.parametrize(
    "options",
    [
        {"viewport": {"width": 320, "height": 640}},
        {"viewport": {"width": 640, "height": 450}, "device_scale_factor": 2},
        {"viewport": {"width": 1280, "height": 900}, "color_scheme": "dark"},
        {"viewport": {"width": 1280, "height": 900}, "forced_colors": "active"},
    ],
    ids=["narrow", "200%", "dark", "forced colors"],
)
def test_it_fits_every_window(browser: Browser, file: Path, options: dict[str, Any]) -> None:
    one = opened(browser, file, **options)
    assert one.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    ground, text = (
        one.page.evaluate(f"getComputedStyle(document.body).{name}") for name in ("backgroundColor", "color")
    )
    light, dark = (sum(map(int, re.findall(r"\d+", colour)[:3])) for colour in (ground, text))
    assert abs(light - dark) > 450


def test_three_thousand_customers_are_listed_and_searched(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "index.html"
    file.write_bytes(board(many(3000), []))
    one = opened(browser, file)
    ready = one.page.evaluate("performance.now()")
    print(f"3,000 customers: {file.stat().st_size:,} bytes, ready in {ready:.0f} ms")  # noqa: T201  (for who measures)
    assert one.count("customers") == "共 3000 家，列出前 50 家"
    one.page.locator('[data-list="customers"] input').fill("第2999号")
    assert one.column("customers", 1) == ["C0002999"]
    one.page.locator('[data-list="customers"] input').fill("")
    one.page.locator('[data-list="customers"] button', has_text="全部列出").click()
    assert one.page.locator('[data-list="customers"] tbody tr').count() == 3000
    assert one.complaints == []
