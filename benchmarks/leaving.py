"""The script of a careful user who leaves behind what `sheetcrm run --no-pdf` leaves, for many customers.

It scores by `benchmarks.script` and saves with openpyxl. It writes a review workbook with the sheets of the program's
by XlsxWriter (an Excel table each, formats, drop-downs), a history of each customer in SQLite, every cell that was
written as a JSON line, and a page with the first customers. Of 下月预警 it tells who falls, not who rises.
`python -m benchmarks.leaving SOURCE FOLDER`.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from benchmarks.columns import COLUMNS, JUDGED
from benchmarks.script import DAY, SHEET, check, judge, parse_date, parse_number

Customer = tuple[tuple[Any, ...], tuple[Any, ...]]
_FILLED = {"审核意见": ["同意", "退回"], "处理": ["未处理", "处理中", "已完成"]}
_LISTED = 3000
_MONTH = timedelta(days=30)


def run(source: Path, folder: Path) -> None:
    """Do the month."""
    (folder / "workbooks").mkdir(parents=True)
    (folder / "packs").mkdir()
    customers, wrong = write_back(source, folder / "workbooks" / source.name)
    write_review(folder / "packs" / "评审包.xlsx", customers, wrong)
    write_edits(folder / "edits.jsonl", source.name, customers)
    write_history(folder / "history.db", customers)
    listed = [[*map(str, row[:2]), *map(str, judged)] for row, judged in customers[:_LISTED]]
    (folder / "index.html").write_text(f"<script>rows={json.dumps(listed, ensure_ascii=False)}</script>", "utf-8")


def write_back(source: Path, target: Path) -> tuple[list[Customer], list[str]]:
    """Load, check, score and judge each row, set the columns, save."""
    book = load_workbook(source)
    sheet = book[SHEET]
    first = len(COLUMNS) + 1
    for offset, label in enumerate(JUDGED):
        sheet.cell(1, first + offset, label)
    wrong: list[str] = []
    seen: set[str] = set()
    customers: list[Customer] = []
    for number, cells in enumerate(sheet.iter_rows(min_row=2, max_col=len(COLUMNS), values_only=True), start=2):
        wrong += check(number, cells, seen)
        judged = judge(cells)
        customers.append((cells, judged))
        for offset, value in enumerate(judged):
            sheet.cell(number, first + offset, value)
    book.save(target)
    return customers, wrong


def write_review(path: Path, customers: Sequence[Customer], wrong: Iterable[str]) -> None:
    """Write the review workbook: what is to be signed, alerts, who falls next month, counts by owner, problems."""
    import xlsxwriter  # noqa: PLC0415

    waiting = [
        (*row[:2], "", "", judged[1], "新评级", judged[0], judged[6][:120], "", "", "", "")
        for row, judged in customers
        if (signed := parse_date(row[9])) is None or signed < DAY
    ]
    alerts = [
        ("高", code, *row[:2], judged[1], "", "查明原因", judged[15], "", DAY + timedelta(days=3), "", "")
        for row, judged in customers
        for code in (judged[11] or "").split("、")
        if code
    ]
    falls = []
    for row, judged in customers:
        later = judge((*row[:2], f"{parse_number(row[2]) + _MONTH.days:g}天", *row[3:]))
        if later[0] < judged[0] and later[1] != judged[1]:
            falls.append(("可能降级", *row[:2], "", judged[1], later[1], judged[0], later[0], "", "", ""))
    owners: dict[str, list[Customer]] = defaultdict(list)
    for customer in customers:
        owners[str(customer[0][7])].append(customer)
    counts = [(owner, len(members), sum(judged[0] for _, judged in members)) for owner, members in owners.items()]
    with xlsxwriter.Workbook(str(path)) as book:
        _list(
            book,
            "审核表",
            "客户编号,客户名称,客户经理,上期等级,本期等级,事由,总分,原因,审核意见,审核人,审核日期,备注",
            waiting,
        )
        _list(book, "按客户经理", "客户经理,客户数,总分合计", counts)
        _list(book, "预警", "级别,预警,客户编号,客户名称,等级,说明,该做什么,责任角色,客户经理,期限,处理,结果", alerts)
        _list(
            book,
            "下月预警",
            "预警,客户编号,客户名称,客户经理,本期等级,届时等级,总分,届时总分,所需金额（元）,处理,备注",
            falls,
        )
        _list(book, "数据问题", "问题", [(line,) for line in wrong])


def _list(book: Any, title: str, headers: str, rows: Sequence[Sequence[Any]]) -> None:  # noqa: ANN401  (XlsxWriter's own)
    sheet = book.add_worksheet(title)
    box = book.add_format({"border": 1, "text_wrap": True})
    day = book.add_format({"border": 1, "num_format": "yyyy-mm-dd"})
    for number, row in enumerate(rows, start=1):
        for at, value in enumerate(row):
            if hasattr(value, "year"):
                sheet.write_datetime(number, at, value, day)
            else:
                sheet.write(number, at, value, box)
    labels = headers.split(",")
    sheet.add_table(
        0,
        0,
        max(len(rows), 1),
        len(labels) - 1,
        {"columns": [{"header": label} for label in labels], "autofilter": True},
    )
    for at, label in enumerate(labels):
        sheet.set_column(at, at, 14)
        if label in _FILLED:
            sheet.data_validation(1, at, max(len(rows), 1), at, {"validate": "list", "source": _FILLED[label]})
    sheet.freeze_panes(1, 2)


def write_edits(path: Path, file: str, customers: Sequence[Customer]) -> None:
    """Write every cell that was set."""
    with path.open("w", encoding="utf-8") as record:
        for number, (_, judged) in enumerate(customers, start=2):
            for offset, value in enumerate(judged, start=len(COLUMNS) + 1):
                if value is not None:
                    entry = {"file": file, "sheet": SHEET, "row": number, "column": offset, "new": str(value)}
                    record.write(json.dumps(entry, ensure_ascii=False) + "\n")


def write_history(path: Path, customers: Sequence[Customer]) -> None:
    """Put each customer's results on record."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE record (period TEXT, customer_id TEXT, body TEXT)")
        connection.execute("CREATE INDEX by_customer ON record (customer_id)")
        connection.executemany(
            "INSERT INTO record VALUES ('2026-10', ?, ?)",
            (
                (row[0], json.dumps({label: str(value) for label, value in zip(JUDGED, judged, strict=True)}))
                for row, judged in customers
            ),
        )
    connection.close()


if __name__ == "__main__":
    run(Path(sys.argv[1]), Path(sys.argv[2]))
