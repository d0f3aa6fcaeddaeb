import io
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from pypdf import PageObject, PdfReader
from pypdf.generic import Destination

from sheetcrm.errors import EngineError
from sheetcrm.model import Assessment, Book, Movement, Standing
from sheetcrm.policy.loading import check, standard
from sheetcrm.report.press import pdf
from sheetcrm.report.press.pool import Job, render_all
from tests.reporting import RUN_ID, alert, assessment, documents_of, due

pytestmark = pytest.mark.slow

SHORT = '<html lang="zh-CN"><title>短</title><p>短文'
NASTY = '<b>&"𠮷㐂龘'
LONG = "长" * 199 + "尾"
IDS = [f"C{number:03}" for number in range(70)]


@pytest.fixture(scope="session")
def tier() -> PdfReader:
    """The VIP report of 70 customers, printed once for all tests."""
    entries = [
        assessment(customer_id, due=(due("2026-11-05"),), alerts=(alert("流失预警-联系"), alert("续约", level="中")))
        for customer_id in IDS[2:]
    ]
    entries.append(assessment(IDS[0], name=NASTY, previous_grade="重点客户", movement=Movement.UP))
    entries.append(assessment(IDS[1], name=LONG, due=(due("2026-10-20", late=11),)))
    printed = pdf.render(documents_of(entries)[0].html)
    assert printed.missing == ()
    return PdfReader(io.BytesIO(printed.pdf))


def texts(document: PdfReader) -> list[str]:
    return [page.extract_text().replace("\n", "") for page in document.pages]


def test_every_page_has_its_head_and_number(tier: PdfReader) -> None:
    found = texts(tier)
    for number, text in enumerate(found[1:], start=2):
        assert "客户服务分级执行报告　VIP客户　2026年10月" in text
        assert "内部资料" in text
        assert f"校验号 {RUN_ID}" in text
        assert f"第 {number} 页 / 共 {len(found)} 页" in text


def test_every_page_of_the_roster_has_the_header_row_and_every_customer_stands_once(tier: PdfReader) -> None:
    found = texts(tier)
    start = next(n for n, text in enumerate(found[1:], start=1) if "三、客户名册" in text)
    end = next(n for n, text in enumerate(found) if n >= start and "四、等级变动" in text)
    assert end > start
    for text in found[start : end + 1]:
        assert "最近消费" in text or not re.search(r"C\d{3}", text.partition("四、等级变动")[0])
    roster = "".join(found[start : end + 1]).partition("四、等级变动")[0]
    assert sorted(re.findall(r"C\d{3}", roster)) == IDS


def test_every_list_repeats_its_header_on_each_of_its_pages(tier: PdfReader) -> None:
    pages = [text for text in texts(tier) if re.search(r"C\d{3}", text)]
    assert len(pages) > 6
    for text in pages:
        assert "客户编号" in text


def test_no_page_ends_with_a_heading(tier: PdfReader) -> None:
    headings = [entry.title for entry in flat(tier.outline)]
    assert "五、预警与健康度" in headings
    assert "高级预警" in headings
    for page in tier.pages[1:]:
        lines = [line.strip() for line in page.extract_text().splitlines() if line.strip()]
        body = [line for line in lines if not re.search(r"校验号 [0-9a-f]{16}|第 \d+ 页|内部资料", line)]
        assert body[-1] not in headings
        assert not body[-1].startswith("按限期")


def flat(outline: list[Any]) -> Iterator[Destination]:
    for entry in outline:
        if isinstance(entry, list):
            yield from flat(entry)
        else:
            yield entry


def test_each_customer_stands_once_in_the_roster_of_its_own_tier_only() -> None:
    tiers = ("VIP客户", "重点客户", "普通客户", "观察客户")
    entries = [assessment(f"C{n:03}", tiers[n % 4]) for n in range(48)]
    printed = render_all(documents_of(entries)[:4])
    for tier, report in zip(tiers, printed, strict=True):
        assert report.data is not None, report.error
        text = "".join(texts(PdfReader(io.BytesIO(report.data)))[1:])
        roster = text.partition("三、客户名册")[2].partition("四、等级变动")[0]
        expected = [entry.customer.customer_id for entry in entries if entry.grade == tier]
        assert sorted(re.findall(r"C\d{3}", roster)) == expected


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [assessment()],
        [assessment(name=NASTY), assessment("C002", "未成交", name=LONG, reasons=(NASTY,))],
        [assessment("C003", "待补充资料", name=LONG, owner=LONG, reasons=(LONG,))],
    ],
    ids=["nobody", "one tier only", "names", "nobody graded"],
)
def test_the_execution_report_prints_whatever_there_is(entries: list[Assessment]) -> None:
    printed = pdf.render(documents_of(entries, book=Book(kinds=frozenset({"scoring"})))[-1].html)
    assert printed.missing == ()
    text = "".join(texts(PdfReader(io.BytesIO(printed.pdf))))
    for entry in entries:
        assert entry.standing is Standing.GRADED or entry.customer.name in text
    assert "响应及时率" + "无数据" * 5 in text.replace(" ", "")
    assert "没有服务记录表" in text
    assert "没有上期的记录" in text
    assert "趋势无数据" in text
    assert "100.0%" not in text.partition("三、各项指标")[2].partition("四、客户经理与部门")[0]


def test_margins_are_mirrored_for_binding_where_the_policy_says_so() -> None:
    def left(page: PageObject) -> float:
        places: list[float] = []
        page.extract_text(visitor_text=lambda text, _cm, tm, _f, _s: places.append(tm[4]) if text.strip() else None)
        return min(places)

    raw = standard().model_dump()
    raw["report"]["binding"] = True
    html = documents_of([assessment()], policy=check(raw, source="test"))[0].html
    pages = PdfReader(io.BytesIO(pdf.render(html).pdf)).pages
    assert left(pages[2]) - left(pages[1]) > 20
    assert left(pages[4]) - left(pages[3]) > 20


def test_markup_in_a_name_is_printed_as_written(tier: PdfReader) -> None:
    assert NASTY in "".join(texts(tier))


def test_a_long_name_is_printed_whole(tier: PdfReader) -> None:
    assert LONG in "".join(texts(tier))


def test_the_cover_has_title_contents_and_boxes_to_sign(tier: PdfReader) -> None:
    cover = texts(tier)[0]
    for part in (
        "客户服务分级执行报告",
        "KFFJ-2026-10",
        "VIP客户",
        "2026年10月31日",
        "编制",
        "审核",
        "财务核对",
        "批准",
        RUN_ID,
    ):
        assert part in cover
    assert re.search(r"三、客户名册[ .]+5", cover)


def test_a_document_is_tagged_titled_and_dated_as_of(tier: PdfReader) -> None:
    assert tier.metadata is not None
    assert tier.metadata.title == "客户服务分级执行报告 VIP客户 2026年10月"
    assert tier.metadata.author is None
    assert str(tier.metadata["/CreationDate"]).startswith("D:20261031")
    assert str(tier.root_object["/Lang"]) == "zh-CN"
    assert "'/Marked': True" in str(tier.root_object["/MarkInfo"])
    bookmarks = [entry.title for entry in tier.outline if not isinstance(entry, list)]
    assert bookmarks == ["客户服务分级执行报告"]


def test_a_tier_without_customers_has_its_document() -> None:
    text = "".join(texts(PdfReader(io.BytesIO(pdf.render(documents_of([])[0].html).pdf))))
    assert "本期没有VIP客户" in text


def test_the_same_html_gives_the_same_bytes_in_any_process() -> None:
    jobs = documents_of([assessment()])[:1]
    here = pdf.render(jobs[0].html).pdf
    there = render_all([*jobs, Job("短.pdf", SHORT)])
    assert [result.error for result in there] == [None, None]
    assert [result.name for result in there] == ["2026-10-附件1-VIP客户.pdf", "短.pdf"]
    assert there[0].data == here


def test_no_file_and_no_address_is_read(tmp_path: Path) -> None:
    canary = tmp_path / "canary.svg"
    canary.write_text('<svg xmlns="http://www.w3.org/2000/svg"><text>CANARY</text></svg>', encoding="utf-8")
    for address in (canary.as_uri(), str(canary), "http://127.0.0.1:9/x.png", "canary.svg"):
        for html in (
            f'<img src="{address}">',
            f'<link rel=stylesheet href="{address}">',
            f'<link rel=attachment href="{address}">',
        ):
            try:
                printed = pdf.render(f"<html lang=zh-CN><title>x</title><body>{html}").pdf
            except EngineError:
                continue
            assert b"CANARY" not in printed
            assert "/EmbeddedFiles" not in str(PdfReader(io.BytesIO(printed)).root_object)


@pytest.mark.parametrize("fault", ["<style>p { colour: red }</style>", '<img src="file:///etc/hostname">'])
def test_what_the_engine_warns_of_is_an_error(fault: str) -> None:
    with pytest.raises(EngineError, match="1 处问题"):
        pdf.render(SHORT + fault)


def test_characters_that_no_font_has_are_listed() -> None:
    assert pdf.missing_glyphs("𠮷㐂龘 <客户>\t") == ()
    assert pdf.missing_glyphs("客\U0010fffd户") == ("\U0010fffd",)
    assert pdf.render(SHORT + "\U0010fffd").missing == ("\U0010fffd",)


def test_fonts_hidden_by_a_configuration_of_ones_own_are_told_as_that(tmp_path: Path) -> None:
    empty = tmp_path / "fonts.conf"
    empty.write_text('<?xml version="1.0"?><fontconfig></fontconfig>', encoding="utf-8")
    program = (
        "from sheetcrm.report.press import pdf\ntry: pdf.check_engine()\n"
        "except Exception as e: print(type(e).__name__, e)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=os.environ | {"FONTCONFIG_FILE": str(empty), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.startswith(f"EngineError 环境变量 FONTCONFIG_FILE 指定的字体配置“{empty}”里没有任何字体")
    assert "请去掉环境变量 FONTCONFIG_FILE" in done.stdout


def test_a_machine_without_fonts_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
    monkeypatch.delenv("FONTCONFIG_PATH", raising=False)
    what, fix = pdf._no_fonts()  # noqa: SLF001  (a machine without fonts is not at hand)
    assert what.startswith("这台电脑上没有任何字体")
    assert "请先安装" in fix


def test_one_that_fails_and_one_that_hangs_do_not_stop_the_rest() -> None:
    endless = SHORT + "<p>行" * 20_000
    jobs = [Job("一.pdf", SHORT), Job("错.pdf", SHORT + "<style>p { colour: red }</style>"), Job("久.pdf", endless)]
    one, wrong, late = render_all(jobs, timeout=1.5, workers=2)
    assert one.data is not None
    assert wrong.data is None
    assert "1 处问题" in str(wrong.error)
    assert late.data is None
    assert "超过 1.5 秒" in str(late.error)


def test_any_executor_can_carry_the_jobs() -> None:
    with ThreadPoolExecutor(2) as threads:
        found = render_all([Job("一.pdf", SHORT), Job("二.pdf", SHORT)], executor=threads)
    assert found[0].data == found[1].data == pdf.render(SHORT).pdf


def test_an_executor_whose_process_ended_fails_its_jobs_one_by_one() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as processes:
        processes.submit(os._exit, 1).exception()
        found = render_all([Job("一.pdf", SHORT)], executor=processes)
    assert found[0].data is None
    assert "一.pdf" in str(found[0].error)


def test_nothing_to_print_is_no_trouble() -> None:
    assert render_all([]) == ()
