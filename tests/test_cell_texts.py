"""The table of cell texts: each is read as a person reads it, or it is a finding (practice §2)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sheetcrm.intake.columns import read_column
from sheetcrm.model import Column, Level, Range, Severity, Table
from sheetcrm.policy.loading import standard
from sheetcrm.text.doubt import Doubt
from tests import cell_texts
from tests.test_pipeline import HEADER, ROWS, prepared, save

POLICY = standard()
TABLES = {
    "MONEY": ("scoring", "spend_12m"),
    "FREQUENCY": ("scoring", "frequency_12m"),
    "RECENCY": ("scoring", "recency"),
    "RATE": ("scoring", "repurchase_rate"),
    "LEVEL": ("scoring", "growth_level"),
    "DATE": ("profile", "first_deal"),
    "END": ("profile", "contract_end"),
    "SIZE": ("profile", "size"),
    "COUNT": ("scoring", "complaints_12m"),
    "YES_NO": ("profile", "deep_bound"),
}


def cells() -> Iterator[tuple[str, str, str]]:
    for name in TABLES:
        for line in getattr(cell_texts, name).strip().splitlines():
            for cell in line.split("|"):
                text, _, value = cell.strip().rpartition(" ")
                yield name, text, value


def shown(value: object) -> str:
    """Write a value as in the table."""
    renderers: dict[type, Callable[[object], str]] = {
        type(None): lambda _: "-",
        bool: lambda read: "是" if read else "否",
        Decimal: lambda read: f"{read:f}",
        Level: _level,
        Range: _range,
    }
    if isinstance(value, date):
        return value.isoformat()
    return renderers.get(type(value), str)(value)


def _level(value: object) -> str:
    assert isinstance(value, Level)
    rate = "" if value.rate is None else f"{(value.rate * 100).normalize():f}%"
    return f"{value.label or ''}{rate}{'萎缩' if value.shrinking else ''}"


def _range(value: object) -> str:
    assert isinstance(value, Range)
    low, high = ("" if end is None else f"{end:f}" for end in (value.low, value.high))
    return f"{low}~{high}"


@pytest.mark.parametrize(("name", "text", "value"), list(cells()))
def test_a_cell_is_read_as_a_person_reads_it_or_it_is_a_finding(name: str, text: str, value: str) -> None:
    kind, field = TABLES[name]
    table = Table("客户.xlsx", "表", kind, 1, (Column(1, field, ""),), (2,), ((text,),))
    read = read_column(table, 0, [text], policy=POLICY)
    if value == "?":
        assert read.unreadable == {0}, f"{text} was read as {read.values[0]}"
    else:
        assert 0 not in read.unreadable
        assert shown(read.values[0]) == value
    if read.unreadable:
        assert not isinstance(read.values[0], Doubt)
        assert read.values[0] is None


def test_the_table_is_long_enough_to_hold_what_people_write() -> None:
    assert len({(name, text) for name, text, _ in cells()}) >= 400


def test_a_month_of_recency_is_counted_from_its_last_day_and_never_after_the_date(tmp_path: Path) -> None:
    rows = [["A001", "甲", "2026年9月", *ROWS[0][3:7]], ["A002", "乙", "2026.11", *ROWS[0][3:7]]]
    path = save(tmp_path / "月.xlsx", {"打分表": [HEADER[:7], *rows]})
    plan = prepared(path, as_of=date(2026, 11, 15))
    assert [one.measures.recency_days for one in plan.assessments] == [46, 0]
    found = [(entry.kind, entry.severity) for entry in plan.problems if entry.kind != "share-unused"]
    assert found == [("day-missing", Severity.NOTE)] * 2


def test_no_customer_gets_points_for_what_is_no_number_of_days(tmp_path: Path) -> None:
    cells = ("2026.10", 2026.9, "9.15", 9.15, "三季度", "2026", 2026)
    rows = [[f"A{at:03}", f"第{at}", cell, *ROWS[0][3:7]] for at, cell in enumerate(cells)]
    plan = prepared(save(tmp_path / "月.xlsx", {"打分表": [HEADER[:7], *rows]}), period="2026-10")
    assert [one.measures.recency_days for one in plan.assessments] == [0, *[None] * 6]
    assert [one.grade for one in plan.assessments] == ["VIP客户", *["待补充资料"] * 6]


def test_a_contract_without_end_is_in_force_and_never_renewed(tmp_path: Path) -> None:
    header = ["客户编号", "客户名称", "行业类型", "核心需求", "合作意向", "合同到期日"]
    rows = [["A001", "甲", "制造业", "扩产", "高", "长期"], ["A002", "乙", "制造业", "扩产", "高", "无固定期限"]]
    plan = prepared(save(tmp_path / "约.xlsx", {"客户信息基础表": [header, *rows]}), period="2026-10")
    assert [entry.kind for entry in plan.problems if entry.severity is Severity.ERROR] == []
    for one in plan.assessments:
        assert (one.measures.contract_in_force, one.measures.contract_months_left) == (True, None)
        assert "续约" not in {alert.code for alert in one.alerts}


def test_a_fault_that_most_of_a_column_shares_is_said_once(tmp_path: Path) -> None:
    rows = [[f"A{at:03}", f"第{at}", "30天", "12次/年", "见合同", *ROWS[0][5:7]] for at in range(8)]
    rows += [[f"B{at:03}", f"第{at}乙", *ROWS[0][2:7]] for at in range(3)]
    plan = prepared(save(tmp_path / "列.xlsx", {"打分表": [HEADER[:7], *rows]}), period="2026-10")
    (problem,) = (entry for entry in plan.problems if entry.kind != "share-unused")
    assert (problem.kind, str(problem.ref).rpartition("!")[2]) == ("column-unreadable", "E1")
    assert "11 格里有 8 格" in problem.what
    assert [one.grade for one in plan.assessments] == ["待补充资料"] * 8 + ["VIP客户"] * 3
