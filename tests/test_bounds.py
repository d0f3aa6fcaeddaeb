"""Numbers beyond their bounds: a finding with its cell wherever they enter, and the rest goes on (practice §2)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.errors import PolicyError, SheetcrmError, UsageError
from sheetcrm.intake.workbooks import read_workbook
from sheetcrm.periods import read_period, resolve
from sheetcrm.policy import changing, loading, sheets
from sheetcrm.policy.cells import CellKind, parse
from sheetcrm.policy.conditions import compile_condition
from sheetcrm.problems import SPOILS_A_CELL
from sheetcrm.schema import ORDERS, PROFILE, SCORING, SHEETS, Field, Kind, Sheet
from sheetcrm.text.bounds import BOUNDS
from sheetcrm.text.dates import read_date, read_datetime
from sheetcrm.text.doubt import Doubt
from sheetcrm.text.quantities import (
    read_count,
    read_duration,
    read_frequency,
    read_money,
    read_number,
    read_rate,
)
from tests import hostile
from tests.test_pipeline import HEADER, ROWS, prepared, save

READERS: dict[str, Callable[[float | str], object]] = {
    "money": read_money,
    "frequency": read_frequency,
    "duration": read_duration,
    "rate": read_rate,
    "count": read_count,
    "number": read_number,
}
NUMERIC = (Kind.MONEY, Kind.FREQUENCY, Kind.RECENCY, Kind.RATE, Kind.LEVEL, Kind.RANGE, Kind.COUNT, Kind.NUMBER)
DAYS = (Kind.DATE, Kind.DATETIME)
BEYOND = ("1e24", "2.026102022001412e+27", "1e308", "1e400", "-1e24", "-1e308", "NaN", "INF", "-INF")
GOOD = {
    Kind.DATE: "2024-03-05",
    Kind.DATETIME: "2024-03-05 09:00",
    Kind.KEY: "C2024001",
    Kind.MONEY: "80万元",
    Kind.CHOICE: "休",
    Kind.RATE: "85%",
    Kind.COUNT: "3",
    Kind.NUMBER: "90",
}


def columns() -> Iterator[tuple[Sheet, Field]]:
    for sheet in SHEETS:
        for entry in sheet.fields:
            if entry.in_record and not entry.ours and entry.kind in (*NUMERIC, *DAYS):
                yield sheet, entry


def sheet_of(sheet: Sheet, entry: Field) -> tuple[list[list[object]], int]:
    """Return the rows of a sheet in which one column is beyond all bounds in the first half."""
    fields = [field for field in sheet.fields if field.in_record and not field.ours]
    wanted = {entry.name} | {name for group in sheet.signature for name in group}
    wanted |= {field.name for field in fields if field.need.value == "必填"}
    if sheet is SCORING:
        wanted |= {field.name for field in fields[2:7]}
    chosen = [field for field in fields if field.name in wanted]
    rows: list[list[object]] = [[field.label for field in chosen]]
    at = next(index for index, field in enumerate(chosen) if field.name == entry.name)
    for number, value in enumerate((*BEYOND, *[None] * len(BEYOND))):
        row: list[object] = [field.example or GOOD.get(field.kind, "甲") for field in chosen]
        for index, field in enumerate(chosen):
            if field.name == "customer_id" and sheet in (PROFILE, SCORING):
                row[index] = f"C{number:04}"
            elif field.name == "name":
                row[index] = f"第{number}公司"
        if value is not None:
            row[at] = _Raw(value)
        rows.append(row)
    return rows, at


class _Raw:
    """A number as it stands in the sheet's XML."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


@pytest.mark.parametrize(
    ("sheet", "entry"), [pytest.param(*pair, id=f"{pair[0].title}-{pair[1].name}") for pair in columns()]
)
def test_no_number_stops_a_run_and_each_has_its_finding(tmp_path: Path, sheet: Sheet, entry: Field) -> None:
    rows, at = sheet_of(sheet, entry)
    (tmp_path / "数.xlsx").write_bytes(hostile.workbook(hostile.rows(*rows)))
    save(tmp_path / "打分.xlsx", {"打分表": [HEADER, *ROWS]})
    plan = prepared(tmp_path, period="2024-03")
    spoiled = [one.ref.row for one in plan.problems if one.ref.column == at + 1 and one.kind in SPOILS_A_CELL]
    assert set(range(2, len(BEYOND) + 2)) <= set(spoiled)
    grades = {one.customer.customer_id: one.grade for one in plan.assessments}
    assert grades["C2024001"] == "VIP客户"
    if sheet is SCORING:
        assert grades[f"C{len(BEYOND):04}"] == "VIP客户"


def test_a_payment_number_in_the_amounts_is_an_error_of_its_cell(tmp_path: Path) -> None:
    orders: list[list[Any]] = [
        [field.label for field in ORDERS.fields][:3],
        ["C2024001", "2024-03-01", 2.026102022001412e27],
    ]
    path = save(tmp_path / "账.xlsx", {"打分表": [HEADER, *ROWS], "交易明细": orders})
    plan = prepared(path, period="2024-03")
    assert [(str(entry.ref).rpartition("!")[2], entry.kind) for entry in plan.problems if "交易" in str(entry.ref)] == [
        ("C2", "money-unreadable")
    ]
    assert plan.assessments[0].grade == "VIP客户"


DATE_FORMAT = (
    f'<styleSheet xmlns="{hostile.MAIN}"><fonts count="1"><font/></fonts><fills count="1"><fill/></fills>'
    '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
    '<cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


def test_no_number_under_a_date_format_costs_the_workbook(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        HEADER,
        *([f"C{at:04}", f"第{at}", _Raw(value), *ROWS[0][3:]] for at, value in enumerate(BEYOND)),
        *([f"D{at:04}", f"第{at}", *ROWS[0][2:]] for at in range(len(BEYOND))),
        *ROWS,
    ]
    written = re.sub(r'<c r="(C\d+)"><v>', r'<c r="\1" s="1"><v>', hostile.rows(*rows))
    (tmp_path / "期.xlsx").write_bytes(hostile.workbook(written, styles=DATE_FORMAT))
    plan = prepared(tmp_path, period="2024-03")
    spoiled = [entry.ref.row for entry in plan.problems if entry.kind == "recency-unreadable"]
    assert spoiled == list(range(2, len(BEYOND) + 2))
    assert [one.grade for one in plan.assessments if one.customer.customer_id == "C2024001"] == ["VIP客户"]


FAR_BELOW = (
    *("-107000000000", "-1.07e11", "-999999999999", "-1000000000000", "-1234567e6", "-1e+012", " -1e20"),
    *("-106751991167.5", "-0000000000000000000001e12"),
)


@pytest.mark.parametrize("value", FAR_BELOW)
def test_a_number_far_below_any_day_under_a_date_format_is_unreadable_alone(tmp_path: Path, value: str) -> None:
    rows: list[list[Any]] = [["客户编号", "日期", "金额"], ["C2024001", _Raw(value), 5], ["C2024001", "2024-02-02", 6]]
    written = hostile.rows(HEADER, *ROWS, [], *rows).replace("<c r=", '<c s="1" r=')
    (tmp_path / "期.xlsx").write_bytes(hostile.workbook(written, styles=DATE_FORMAT))
    plan = prepared(tmp_path, period="2024-03")
    at = len(ROWS) + 4
    assert [(entry.ref.row, entry.ref.column) for entry in plan.problems if entry.kind == "date-unreadable"] == [
        (at, 2)
    ]
    assert plan.assessments[0].grade == "VIP客户"


@pytest.mark.parametrize("value", ["13812345678", "-13812345678", "1e300", "2.026102022001412e+27", "INF"])
def test_a_number_too_large_for_a_duration_is_unreadable_alone(tmp_path: Path, value: str) -> None:
    rows: list[list[Any]] = [["客户编号", "日期", "金额"], ["C2024001", _Raw(value), 5], ["C2024001", "2024-02-02", 6]]
    written = hostile.rows(HEADER, *ROWS, [], *rows).replace("<c r=", '<c s="1" r=')
    durations = DATE_FORMAT.replace('numFmtId="14"', 'numFmtId="46"')
    (tmp_path / "期.xlsx").write_bytes(hostile.workbook(written, styles=durations))
    plan = prepared(tmp_path, period="2024-03")
    at = len(ROWS) + 4
    assert [(entry.ref.row, entry.ref.column) for entry in plan.problems if entry.kind == "date-unreadable"] == [
        (at, 2)
    ]
    assert plan.assessments[0].grade == "VIP客户"


@pytest.mark.parametrize("value", ["-999999999999", "-1e10", "-1.5E+10", "-1000000000000"])
@pytest.mark.parametrize("style", [0, 1])
def test_a_large_negative_amount_keeps_its_sign(value: str, style: int) -> None:
    rows: list[list[Any]] = [["客户编号", "日期", "金额"], ["C2024001", "2024-02-02", _Raw(value)]]
    written = hostile.rows(HEADER, *ROWS, [], *rows).replace('<c r="C6"', f'<c r="C6" s="{style}"')
    data = hostile.workbook(written, styles=DATE_FORMAT)
    (orders,) = [table for table in read_workbook(data, file="期.xlsx")[0] if table.kind == ORDERS.kind]
    assert orders.values[0][2] == float(value)


@pytest.mark.parametrize("name", READERS)
@given(number=st.floats())
def test_a_number_is_read_within_its_bounds_or_not_at_all(name: str, number: float) -> None:
    read = READERS[name](number)
    if not isinstance(read, Doubt):
        assert BOUNDS[name].hold(read)  # type: ignore[arg-type]  # a Decimal or an int


@pytest.mark.parametrize("name", READERS)
def test_the_bounds_hold_for_texts_as_for_numbers(name: str) -> None:
    for edge in (BOUNDS[name].low, BOUNDS[name].high):
        scaled = edge * 100 if name == "rate" else edge
        unit = {"rate": "%"}.get(name, "")
        assert READERS[name](f"{scaled:f}{unit}") == edge or edge < 0
        beyond = scaled * 10 + (1 if edge >= 0 else -1) if scaled else Decimal(-1)
        assert isinstance(READERS[name](f"{beyond:f}{unit}"), Doubt)
        assert isinstance(READERS[name](float(beyond) * (1 if name != "rate" else 10)), Doubt)


def test_what_binary_arithmetic_leaves_of_nought_is_nought() -> None:
    assert read_money(0.1 + 0.2 - 0.3) == 0
    assert read_money(5e-324) == 0


@pytest.mark.parametrize("raw", [datetime(1899, 12, 30), date(1900, 1, 30), datetime(1904, 1, 31, 9)])  # noqa: DTZ001
def test_a_date_format_over_a_number_of_days_or_no_number_makes_no_day(raw: date) -> None:
    assert read_date(raw) == Doubt("date-unreadable")
    assert read_datetime(raw) == Doubt("datetime-unreadable")


# --- the policy and the options ----------------------------------------------------------------------

FIGURES = ("1e308", "1e99999999999999999999", "nan", "-inf", "-1e30", "1e-300", "9" * 5000)


@pytest.mark.parametrize("figure", FIGURES)
@pytest.mark.parametrize(
    "key", ["mismatch_tolerance", "card_weight_total", "window_days", "late_response_days", "least", "weight"]
)
def test_no_figure_of_a_policy_file_ends_in_a_traceback(key: str, figure: str) -> None:
    lines = loading.standard_text().splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith(f"{key} = "))
    lines[at] = f"{key} = {figure}"
    with pytest.raises(PolicyError):
        loading.load("\n".join(lines), source="我的.toml")


@pytest.mark.parametrize("figure", [*FIGURES, "1e308%"])
def test_no_figure_set_on_the_command_line_ends_in_a_traceback(figure: str) -> None:
    policy = loading.standard()
    for path in ("评分卡.行业潜力.权重", "等级.VIP客户.起点分", "评分卡.消费金额.>=500000"):
        assert path in changing.paths(policy, sheets.write(policy))
        with pytest.raises(PolicyError):
            changing.change(policy, [f"{path}={figure}"])


@pytest.mark.parametrize("kind", [CellKind.NUMBER, CellKind.SHARE, CellKind.WHOLE])
def test_no_cell_of_a_policy_workbook_ends_in_a_traceback(kind: CellKind) -> None:
    for cell in (Decimal("1e308"), Decimal("-1e24"), "1e308", "NaN", "INF", "1e999999999999999999999"):
        with pytest.raises(ValueError, match=r"范围|数值|百分比"):
            parse(kind, cell)


def test_no_edge_of_a_condition_ends_in_a_traceback() -> None:
    for text in (">=" + "9" * 400, "[0.." + "9" * 60 + "万)", "<" + "9" * 5000):
        with pytest.raises(PolicyError):
            compile_condition(text)


@pytest.mark.parametrize("text", ["0000", "0001-01", "9999-12", "0000Q1"])
def test_a_period_lies_in_the_years_of_the_practice(text: str) -> None:
    with pytest.raises(UsageError):
        read_period(text)
    with pytest.raises(SheetcrmError):
        resolve(None, date(1, 1, 1), today=date(2026, 11, 3))
