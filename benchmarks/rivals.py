"""What a user would do instead, each as a command: `python -m benchmarks.rivals WHAT SOURCE TARGET`.

`write-*` set the same planned 16 columns in the same workbook; `job-*` read, check, score and write.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TypeAlias
from xml.parsers import expat

from benchmarks.columns import COLUMNS, WRITTEN
from sheetcrm.model import CellStyle, ColumnEdit, SheetEdit

SHEET = "客户分级评估打分表"
DAY = date(2026, 10, 31)


Value: TypeAlias = str | float | date
"""What a rival is given to write."""


def planned(rows: int) -> Iterator[tuple[str, list[Value]]]:
    """Give the label and the values of each of the 16 columns."""
    samples: dict[str, Callable[[int], Value]] = {
        "总分": lambda row: row % 1000 / 10,
        "等级": lambda row: ("VIP客户", "重点客户", "普通客户", "观察客户")[row % 4],
        "评估日期": lambda _row: DAY,
        "得分说明": lambda row: f"最近消费时间{row % 365}天得80分×20%，消费频次{row % 30}次/年得60分×15%",
        "评分覆盖率": lambda row: 1 if row % 7 else 0.85,
        "下次跟进日期": lambda _row: DAY,
        "逾期天数": lambda row: row % 40,
    }
    for label in WRITTEN:
        value = samples.get(label, lambda row, label=label: f"{label}{row % 9}")
        yield label, [value(row) for row in range(rows)]


def rows_of(source: Path) -> int:
    """Count the data rows of the benchmark's workbook, which its name holds."""
    return int(re.sub(r"\D", "", source.stem))


def write_sheetcrm(source: Path, target: Path) -> None:
    """Our write-back."""
    from sheetcrm.excel.splice.writeback import write_back  # noqa: PLC0415  (each rival loads its own library only)

    rows = rows_of(source)
    styles = {"总分": CellStyle.SCORE, "评估日期": CellStyle.DATE, "下次跟进日期": CellStyle.DATE}
    numbers = tuple(range(2, rows + 2))
    columns = tuple(
        ColumnEdit(label, None, styles.get(label, CellStyle.TEXT), numbers, tuple(_plain(value) for value in values))
        for label, values in planned(rows)
    )
    data, _ = write_back(source.read_bytes(), [SheetEdit(SHEET, 1, columns)], file=source.name)
    target.write_bytes(data)


def _plain(value: Value) -> str | int | Decimal | date:
    return Decimal(repr(value)) if isinstance(value, float) else value


def write_openpyxl(source: Path, target: Path) -> None:
    """Load, set, save."""
    from openpyxl import load_workbook  # noqa: PLC0415

    book = load_workbook(source)
    sheet = book[SHEET]
    for offset, (label, values) in enumerate(planned(rows_of(source)), start=len(COLUMNS) + 1):
        sheet.cell(1, offset, label)
        for row, value in enumerate(values, start=2):
            sheet.cell(row, offset, value)
    book.save(target)


def write_excelize(source: Path, target: Path) -> None:
    """Open, set column by column, save."""
    import excelize  # noqa: PLC0415

    book = excelize.open_file(str(source))
    for offset, (label, values) in enumerate(planned(rows_of(source)), start=len(COLUMNS) + 1):
        column = excelize.column_number_to_name(offset)
        cells = [value.isoformat() if isinstance(value, date) else value for value in values]
        book.set_sheet_col(SHEET, f"{column}1", [label, *cells])
    book.save_as(str(target))
    book.close()


def floor(source: Path, target: Path) -> None:
    """Inflate, one plain expat pass, deflate: what nobody who edits XML can go below."""
    with zipfile.ZipFile(source) as package, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as out:
        for member in package.infolist():
            data = package.read(member)
            if member.filename.endswith(".xml"):
                parser = expat.ParserCreate()
                parser.StartElementHandler = lambda _name, _attributes: None
                parser.EndElementHandler = lambda _name: None
                parser.ParseFile(io.BytesIO(data))
            out.writestr(member.filename, data)


def job_sheetcrm(source: Path, target: Path) -> None:
    """Our whole job without the reports: read, check, score, write back."""
    from sheetcrm.periods import resolve  # noqa: PLC0415
    from sheetcrm.policy.loading import standard  # noqa: PLC0415
    from sheetcrm.policy.run import Run  # noqa: PLC0415
    from sheetcrm.runs import prepare  # noqa: PLC0415
    from sheetcrm.store.files.inputs import gather  # noqa: PLC0415

    run = Run.of(standard(), *resolve("2026-10", None, today=date(2026, 11, 21)), today=date(2026, 11, 21))
    plan = prepare.prepare(gather([source], output=None), run)
    target.write_bytes(plan.workbooks[0].data)


def job_openpyxl(source: Path, target: Path) -> None:
    """The script a careful user would write."""
    from benchmarks.script import run  # noqa: PLC0415

    run(source, target)


RIVALS: dict[str, Callable[[Path, Path], None]] = {
    "write-sheetcrm": write_sheetcrm,
    "write-openpyxl": write_openpyxl,
    "write-excelize": write_excelize,
    "floor": floor,
    "job-sheetcrm": job_sheetcrm,
    "job-openpyxl": job_openpyxl,
}

if __name__ == "__main__":
    RIVALS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
