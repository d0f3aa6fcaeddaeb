"""A workbook made of records is read back as the same records (practice §11)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook

from sheetcrm import schema
from sheetcrm.errors import UsageError
from sheetcrm.excel.books import filled
from sheetcrm.excel.books.filled import as_written, filled_book
from sheetcrm.model import Book, Record
from sheetcrm.policy.loading import standard
from sheetcrm.runs import reading
from sheetcrm.store.files.inputs import InputFile
from tests import shared_books
from tests.workbooks import SCORING_HEADER, TODAY, workbook

PROFILES = (
    (
        "客户编号",
        "客户名称",
        "合同到期日",
        "企业规模(人数)",
        "深度绑定",
        "最近交易时间",
        "首次合作时间",
        "生日/周年",
        "约定跟进日期",
    ),
    ("C2024001", "A<&>公司", "长期", "200-300人", "是", "30天", "2022-03-15", "5月4日", "2026-11-20"),
    ("C2024002", "B公司", "2027-03-31", "500人以上", "否", "2026-10-01", None, None, None),
)
SCORES = (
    (*SCORING_HEADER, "满意度评分(5分制)"),
    (
        "C2024001",
        "A<&>公司",
        "30天",
        "12次/年",
        "80万元",
        "高(行业增速15.5%)",
        "85%",
        None,
        None,
        "张*",
        "2026-10-20",
        4.5,
    ),
    ("C2024002", "B公司", "2026-09-30", "6次/年", "0.1", "低(行业萎缩)", "60%", None, None, None, None, 3),
)


def records_in(book: Book) -> dict[str, list[Record]]:
    """All records of a book's customers, by the kind of their sheet."""
    customers = book.customers
    return {
        "profile": [one.profile for one in customers if one.profile],
        "scoring": [one.scoring for one in customers if one.scoring],
        "order": [record for one in customers for record in one.orders],
        "follow_up": [record for one in customers for record in one.follow_ups],
        "service": [record for one in customers for record in one.services],
        "setting": list(book.settings),
    }


def values(records: dict[str, list[Record]]) -> Iterator[tuple[str, str, object]]:
    for kind, rows in records.items():
        for row in rows:
            for name in schema.sheet(kind).record.__struct_fields__:
                if name not in {"origin", "row", "unreadable"}:
                    yield kind, name, getattr(row, name)


def read(data: bytes) -> Book:
    """Read a workbook through the whole of reading, as a share's is."""
    source = InputFile("客户台账.xlsx", Path("客户台账.xlsx"), data, "")
    return reading.read([source], policy=standard(), today=TODAY, as_of=date(2026, 10, 31)).book


@pytest.mark.parametrize(
    "data",
    [shared_books.book(), workbook({"客户信息基础表": PROFILES, "客户分级评估打分表": SCORES})],
    ids=["the book of a share", "every kind of value"],
)
def test_a_workbook_of_records_is_read_back_as_the_same(data: bytes) -> None:
    book = read(data)
    assert len(book.customers) > 1
    assert list(values(records_in(read(filled_book(records_in(book), standard()))))) == list(values(records_in(book)))


def test_addresses_do_not_depend_on_what_is_shown() -> None:
    records = records_in(read(shared_books.book()))
    plain, masked = (
        load_workbook(io.BytesIO(filled_book(records, standard(), show=show)))
        for show in (as_written, lambda _text, _field: "*")
    )
    assert [(sheet.title, sheet.dimensions) for sheet in plain] == [(sheet.title, sheet.dimensions) for sheet in masked]
    assert {cell.value for line in masked["客户信息基础表"]["A2:B13"] for cell in line} == {"*"}


def test_more_rows_than_excel_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filled, "MOST_ROWS", 12)
    with pytest.raises(UsageError, match="Excel 一张表放不下"):
        filled_book(records_in(read(shared_books.book())), standard())
