"""The month's documents and packs as printed: type, margins, bookmarks, and all of them in one (practice §10)."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from pypdf import PageObject, PdfReader

from sheetcrm.model import Alert, Book, Setting
from sheetcrm.policy.loading import check, standard
from sheetcrm.report.pages import documents
from sheetcrm.report.press import pdf
from sheetcrm.report.press.merging import merge
from sheetcrm.runs.printing import PrintedFiles, with_merged
from tests.making import TABLE
from tests.reporting import AS_OF, PERIOD, alert, assessment, documents_of, due, request
from tests.test_packs import customer, ending, laid
from tests.values import replace

pytestmark = pytest.mark.slow

MM = 72 / 25.4
REPORT, VIP, KEY = "2026-10-执行报告.pdf", "2026-10-附件1-VIP客户.pdf", "2026-10-附件2-重点客户.pdf"
MERGED = "2026-10-评审材料"


@pytest.fixture(scope="module")
def printed() -> Mapping[str, bytes]:
    """The documents of 60 customers of two tiers, printed once, the report first."""
    entries = [
        assessment(
            f"C{number:03d}",
            "VIP客户" if number % 2 else "重点客户",
            due=(due("2026-10-20", late=11), due("2026-11-05")),
            alerts=(alert("流失预警-联系"),) if number < 9 else (),
            services=(request("2026-10-12 09:30", "2026-10-12 19:30"),) if number < 4 else (),
        )
        for number in range(60)
    ]
    book = Book(
        kinds=frozenset({"scoring", "service", "follow_up"}), settings=(Setting(origin=TABLE, row=2, unit="甲公司"),)
    )
    jobs = {job.name: job.html for job in documents_of(entries, book=book, full=False)}
    _, parts = documents.review_set(PERIOD, jobs)
    assert list(parts.values()) == ["总报告", "附件1", "附件2"]
    return {name: pdf.render(jobs[name]).pdf for name in parts}


@pytest.fixture(scope="module")
def merged(printed: Mapping[str, bytes]) -> bytes:
    return merge(in_parts(printed), title=MERGED, two_sided=True)


def in_parts(printed: Mapping[str, bytes]) -> list[tuple[str, bytes]]:
    return list(zip(("总报告", "附件1", "附件2"), printed.values(), strict=True))


def pages_of(data: bytes) -> list[PageObject]:
    return list(PdfReader(io.BytesIO(data)).pages)


def runs_of_text(page: PageObject) -> Iterator[tuple[str, float, float]]:
    """Yield each run of text with its size and its left edge, in points."""
    found: list[tuple[str, float, float]] = []

    def visit(text: str, cm: list[float], tm: list[float], _font: object, size: float) -> None:
        if text.strip():
            found.append((text, size * abs(tm[3] * cm[3]), tm[4] * cm[0] + cm[4]))

    page.extract_text(visitor_text=visit)
    yield from found


def test_nothing_is_set_in_less_than_seven_and_a_half_points_and_tables_in_nine(printed: Mapping[str, bytes]) -> None:
    for name, data in printed.items():
        for number, page in enumerate(pages_of(data), start=1):
            for text, size, _ in runs_of_text(page):
                assert size >= 7.49, (name, number, text, size)
    roster = [size for page in pages_of(printed[VIP]) for text, size, _ in runs_of_text(page) if text.startswith("C0")]
    assert len(roster) >= 30
    assert min(roster) >= 8.99


def test_the_room_to_bind_is_on_the_inner_side(printed: Mapping[str, bytes]) -> None:
    for name in (REPORT, VIP):
        for number, page in enumerate(pages_of(printed[name]), start=1):
            edge = min(left for *_, left in runs_of_text(page)) / MM
            assert edge == pytest.approx(25 if number % 2 else 15, abs=1.5), (name, number)


def test_without_two_sides_the_room_to_bind_is_always_on_the_left() -> None:
    raw = standard().model_dump()
    raw["report"]["binding"] = False
    html = next(job.html for job in documents_of([assessment()], policy=check(raw, source="test"), full=False))
    for page in pages_of(pdf.render(html).pdf):
        assert min(left for *_, left in runs_of_text(page)) / MM == pytest.approx(25, abs=1.5)


def test_every_document_opens_its_bookmarks_and_says_whose_it_is(printed: Mapping[str, bytes], merged: bytes) -> None:
    for data in (*printed.values(), merged):
        reader = PdfReader(io.BytesIO(data))
        assert reader.root_object["/PageMode"] == "/UseOutlines"
        assert reader.metadata is not None
        assert reader.metadata.author == "甲公司"
        assert reader.metadata.subject
        assert str(reader.metadata["/CreationDate"]).startswith("D:20261031")


def test_the_merged_document_has_the_pages_and_bookmarks_of_all(printed: Mapping[str, bytes], merged: bytes) -> None:
    assert list(printed) == [REPORT, VIP, KEY]
    reader = PdfReader(io.BytesIO(merged))
    tops = [entry for entry in reader.outline if not isinstance(entry, list)]
    assert [entry.title for entry in tops] == [
        "客户服务分级执行报告",
        "VIP客户　2026年10月",
        "重点客户　2026年10月",
    ]
    starts = [reader.get_destination_page_number(entry) for entry in tops]
    texts = [page.extract_text() for page in reader.pages]
    at = 0
    for start, data in zip(starts, printed.values(), strict=True):
        at += at % 2  # a part begins on a right-hand page
        assert start == at
        own = [page.extract_text() for page in pages_of(data)]
        assert texts[at : at + len(own)] == own
        at += len(own)
    assert len(texts) == at
    inner = [entry for entry in reader.outline if isinstance(entry, list)]
    assert len(inner) == 3
    assert next(entry.title for entry in inner[1] if not isinstance(entry, list)) == "一、本期结论"


def test_every_page_says_which_part_it_is_of_and_a_reader_shows_the_same(
    printed: Mapping[str, bytes], merged: bytes
) -> None:
    """A page that fell out of the stack is put back by its foot; 第3页 of a part is the page whose foot says so."""
    feet: list[str] = []
    for part, data in in_parts(printed):
        feet += [""] if len(feet) % 2 else []
        pages = len(pages_of(data))
        feet += [f"{part} 第 {at} 页 / 共 {pages} 页" for at in range(1, pages + 1)]
    feet[0] = ""  # the cover
    reader = PdfReader(io.BytesIO(merged))
    texts = [page.extract_text().replace("\u3000", " ") for page in reader.pages]
    assert [(foot in text, foot) for foot, text in zip(feet, texts, strict=True)] == [(True, foot) for foot in feet]
    for text, label in zip(texts, reader.page_labels, strict=True):
        found = re.search(r"(\S+) 第 (\d+) 页 / 共", text)
        assert label == (f"{found[1]}-{found[2]}" if found else "空白页" if not text.strip() else "总报告-1")


def test_the_cover_names_the_parts(printed: Mapping[str, bytes]) -> None:
    assert "附件1 VIP客户 附件2 重点客户" in pages_of(printed[REPORT])[0].extract_text().replace("\u3000", " ")


def test_the_links_of_a_part_lead_into_that_part(merged: bytes) -> None:
    reader: Any = PdfReader(io.BytesIO(merged))
    places = {name: reader.get_destination_page_number(one) for name, one in reader.named_destinations.items()}
    links = [link.get_object() for page in reader.pages for link in page.get("/Annots", ())]
    assert len(links) > 10
    ends = len(pages_of(merged))
    for link in links:
        assert 0 < places[str(link["/Dest"])] < ends


def test_the_merged_document_is_one_tree_of_tags(printed: Mapping[str, bytes], merged: bytes) -> None:
    reader: Any = PdfReader(io.BytesIO(merged))
    root = reader.root_object["/StructTreeRoot"]
    (whole,) = (child.get_object() for child in root["/K"])
    assert [child.get_object()["/S"] for child in whole["/K"]] == ["/Part"] * len(printed)
    numbers = root["/ParentTree"]["/Nums"]
    assert [int(numbers[at]) for at in range(0, len(numbers), 2)] == list(range(len(numbers) // 2))
    for page in reader.pages:
        if "/StructParents" in page:
            own = numbers[2 * int(page["/StructParents"]) + 1].get_object()
            assert {entry.get_object().raw_get("/Pg").idnum for entry in own} == {page.indirect_reference.idnum}


def test_the_same_parts_give_the_same_bytes(printed: Mapping[str, bytes], merged: bytes) -> None:
    assert merge(in_parts(printed), title=MERGED, two_sided=True) == merged


def test_nothing_is_merged_where_one_is_missing_or_there_is_but_one() -> None:
    short = PrintedFiles({"一.pdf": b""}, {"二.pdf": "二.pdf：排版失败"}, ())
    failed = with_merged(short, {"一.pdf": "总报告"}, title=MERGED, two_sided=True)
    assert dict(failed.files) == {"一.pdf": b""}
    assert "没有合订" in failed.failed[f"{MERGED}.pdf"]
    alone = PrintedFiles({"一.pdf": b""}, {}, ())
    assert with_merged(alone, {"一.pdf": "总报告"}, title=MERGED, two_sided=True) == alone


def test_a_book_of_one_customer_prints_eight_pages_at_most() -> None:
    one = assessment(due=(due("2026-11-05"),), alerts=(alert("流失预警-联系"),))
    jobs = documents_of([one], full=False)
    assert [job.name for job in jobs] == [VIP, REPORT]
    assert sum(len(pages_of(pdf.render(job.html).pdf)) for job in jobs) <= 8


# --- Packs -------------------------------------------------------------------------------------------------

ON_OWN_PAPER = ("告知函/", "客户价值增长报告/")
"""Letters keep a letter's margins."""


@pytest.fixture(scope="module")
def printed_packs() -> Mapping[str, bytes]:
    """One of every kind that the book of two customers gives, and a renewal with all that it may have to say."""
    troubled = replace(customer("C002", spend="500000"), risk="轻度")
    alerts = tuple(
        Alert(
            f"风险信号-第{number}种",
            "中",
            "",
            "核实联系减少的原因，恢复联系",
            "客户经理",
            AS_OF,
            regrade=False,
            risk="",
            note="近90天的联系比前90天减少30%以上",
        )
        for number in range(5)
    )
    renewing = replace(ending(customer("C001", spend="500000")), alerts=alerts)
    return {job.name: pdf.render(job.html).pdf for job in laid([renewing, troubled]).jobs}


def test_packs_are_set_in_the_type_of_the_reports(printed_packs: Mapping[str, bytes]) -> None:
    for name, data in printed_packs.items():
        sizes = [(size, text) for page in pages_of(data) for text, size, _ in runs_of_text(page)]
        assert min(sizes) >= (7.49, ""), (name, min(sizes))
    for name in ("档案卡/C001.pdf", "续约价值盘点/C001.pdf", "服务改进方案/C002.pdf"):
        cells = [
            size for page in pages_of(printed_packs[name]) for text, size, _ in runs_of_text(page) if "客户等级" in text
        ]
        assert min(cells, default=0) >= 8.99, name


def test_packs_have_the_room_to_bind_of_the_reports(printed_packs: Mapping[str, bytes]) -> None:
    assert len(printed_packs) >= 12
    for name, data in printed_packs.items():
        for number, page in enumerate(pages_of(data), start=1):
            edge = min(left for *_, left in runs_of_text(page)) / MM
            room = 26 if name.startswith(ON_OWN_PAPER) else 25 if number % 2 else 15
            assert edge == pytest.approx(room, abs=1.5), (name, number)


def test_a_renewal_and_a_plan_are_a_page_each(printed_packs: Mapping[str, bytes]) -> None:
    assert len(pages_of(printed_packs["续约价值盘点/C001.pdf"])) == 1
    assert len(pages_of(printed_packs["服务改进方案/C002.pdf"])) == 1
