"""Finds the sample month that ships: inside the installed package, or in `input/` of a checkout."""

from __future__ import annotations

from pathlib import Path

from sheetcrm.errors import StoreError

SAMPLE_BOOKS = ("客户台账-陈思远.xlsx", "客户档案卡-何俊杰.xlsx", "客戶台賬-林婉清.xlsx")
"""The workbooks of the sample month, all of a made-up company; others in a checkout's `input/` are somebody's own."""

SAMPLE_PERIOD = "2026-10"


def sample_books() -> tuple[Path, ...]:
    """Find the sample month's workbooks.

    Raises:
        StoreError: If they are not there.
    """
    package = Path(__file__).resolve().parents[2]
    for folder in (package / "sample", package.parent / "input"):
        books = tuple(folder / name for name in SAMPLE_BOOKS)
        if all(book.is_file() for book in books):
            return books
    raise StoreError("找不到示例工作簿", "请重新安装 sheetcrm")
