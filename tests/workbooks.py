"""Made-up workbooks for tests, written by openpyxl, and the way from their bytes to a book."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from sheetcrm.intake.book import join
from sheetcrm.intake.records import read_records
from sheetcrm.intake.rules.checks import check
from sheetcrm.intake.workbooks import read_workbook
from sheetcrm.model import Book, Problem, Records, Table
from sheetcrm.policy.loading import standard
from sheetcrm.policy.model import Policy

Cells = Sequence[Sequence[object]]
FILE, TODAY = "客户.xlsx", date(2026, 11, 3)

SCORING_HEADER = (
    "客户编号",
    "客户名称",
    "最近消费时间(R,权重20%)",
    "消费频次(F,权重15%)",
    "消费金额(M,权重35%)",
    "行业潜力(权重15%)",
    "忠诚度(复购率15%)",
    "总分",
    "等级",
    "评估人",
    "评估日期",
)
REFERENCE_ROWS = (
    ("C2024001", "A公司", "30天", "12次/年", "80万元", "高(行业增速15%)", "85%", 92, "VIP客户", "张*", "2024-03-01"),
    ("C2024002", "B公司", "60天", "6次/年", "30万元", "中(行业增速8%)", "60%", 75, "重点客户", "李*", "2024-03-01"),
    ("C2024003", "C公司", "120天", "2次/年", "8万元", "低(行业萎缩)", "30%", 45, "观察客户", "王*", "2024-03-01"),
)
SCORING = (SCORING_HEADER, *REFERENCE_ROWS)
PROFILE_HEADER = ("客户编号", "客户名称", "行业类型", "联系人(职位)", "核心需求", "合作意向", "信息来源人", "信息授权")
PROFILE_ROW = ("C001", "甲乙科技有限公司", "制造业", "张*", "扩产", "高", "李*", "是")


def workbook(
    sheets: Mapping[str, Cells], *, row: int = 1, column: int = 1, then: Callable[[Workbook], object] | None = None
) -> bytes:
    """Write sheets of plain rows whose first cell stands at a row and column; `then` may change the workbook."""
    made = Workbook()
    made.remove(made.worksheets[0])
    for name, rows in sheets.items():
        put(made.create_sheet(name), rows, row=row, column=column)
    if then is not None:
        then(made)
    return saved(made)


def put(sheet: Worksheet, rows: Cells, *, row: int = 1, column: int = 1) -> None:
    """Write rows of values at a place of a sheet."""
    for down, values in enumerate(rows, row):
        for across, value in enumerate(values, column):
            if value is not None:
                sheet.cell(down, across).value = value  # type: ignore[assignment]


def saved(made: Workbook) -> bytes:
    """Give the bytes of a workbook."""
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def tables_of(data: bytes) -> tuple[Table, ...]:
    """Read the tables of a workbook that gives no cause for remarks but on columns of no field."""
    tables, problems = read_workbook(data, file=FILE)
    assert {entry.kind for entry in problems} <= {"column-unused"}
    return tables


def table_of(rows: Cells, sheet: str = "表") -> Table:
    """Read the only table of a workbook of one sheet."""
    (table,) = tables_of(workbook({sheet: rows}))
    return table


def records_of(*tables: Table, policy: Policy | None = None) -> tuple[Records, tuple[Problem, ...]]:
    """Make records of tables, by the standard policy."""
    return read_records(tables, policy=policy or standard())


def checked(
    sheets: Mapping[str, Cells], *, today: date = TODAY, as_of: date | None = None, policy: Policy | None = None
) -> tuple[Problem, ...]:
    """Read and check a workbook; the problems of all steps, in the order of their addresses."""
    tables, problems = read_workbook(workbook(sheets), file=FILE)
    records, remarks = records_of(*tables, policy=policy)
    found = (*problems, *remarks, *check(records, policy=policy or standard(), today=today, as_of=as_of or today))
    return tuple(sorted(found, key=lambda entry: (entry.ref, entry.kind)))


def told(problems: Sequence[Problem]) -> list[tuple[str, str]]:
    """Give the kind and the cell of each problem."""
    return [(problem.kind, str(problem.ref).split("!")[-1]) for problem in problems]


def book_of(*files: tuple[str, Mapping[str, Cells]], today: date = TODAY) -> Book:
    """Read, check and join several workbooks as one book."""
    tables: list[Table] = []
    problems: list[Problem] = []
    for name, sheets in files:
        found, remarks = read_workbook(workbook(sheets), file=name)
        tables.extend(found)
        problems.extend(remarks)
    records, remarks = records_of(*tables)
    return join(records, [*problems, *remarks, *check(records, policy=standard(), today=today, as_of=today)])
