"""Every key of the policy has its place in the workbook, and policies of earlier versions are read or told the line."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel

from sheetcrm.errors import PolicyError
from sheetcrm.policy import cadence, layout, loading, model, sheetreading, sheets
from sheetcrm.policy.roles import Roles
from sheetcrm.policy.scorecard import Band, Indicator
from sheetcrm.policy.sheets import PlainSheet

STANDARD = loading.standard()
SECTIONS: dict[str, type[BaseModel]] = {
    "reading": model.Reading,
    "scoring": model.Scoring,
    "measures": model.MeasureRules,
    "followup": cadence.FollowUpRules,
    "service": model.ServiceRules,
    "report": model.ReportRules,
    "sharing": model.SharingRules,
    "approval": model.ApprovalRules,
    "privacy": model.PrivacyRules,
    "roles": Roles,
}
LINES = (*layout.SETTINGS, *layout.ROLE_LINES)


def test_every_single_value_has_a_line_in_the_workbook() -> None:
    expected: set[tuple[str, ...]] = {
        (section, name) for section, kind in SECTIONS.items() for name in kind.model_fields
    }
    expected |= {("name",), ("version",), ("signals", "window_days"), ("signals", "winback")}
    assert {line.at for line in LINES} == expected


@pytest.mark.parametrize(
    ("kind", "columns", "elsewhere"),
    [
        (model.Tier, layout.TIERS.columns, {"standard"}),
        (model.Standard, layout.STANDARDS.columns, set[str]()),
        (model.AlertRule, layout.ALERTS.columns, {"when"}),
        (model.TierRule, layout.TIER_RULES.columns, {"when"}),
        (model.HealthInput, layout.HEALTH_INPUTS.columns, set[str]()),
        (cadence.Regrading, layout.REGRADING.columns, set[str]()),
        (cadence.Activity, layout.CADENCE.columns, set[str]()),
        (cadence.Routine, layout.ROUTINES.columns, set[str]()),
        (model.Target, layout.TARGETS.columns, set[str]()),
        (model.TeamHeader, layout.HEADERS.columns, set[str]()),
        (model.TeamWord, layout.WORDS.columns, set[str]()),
        (Indicator, layout.CARDS.columns, {"bands", "otherwise", "words"}),
        (Band, layout.BANDS.columns, set[str]()),
    ],
)
def test_every_key_of_a_row_has_a_column(
    kind: type[BaseModel], columns: tuple[layout.LayoutColumn, ...], elsewhere: set[str]
) -> None:
    assert set(kind.model_fields) - elsewhere <= {column.key for column in columns}


def test_every_section_is_on_one_of_the_sheets() -> None:
    rows = {sheet.at[0] for sheet in layout.SHEETS if sheet.at}
    assert set(model.Policy.model_fields) - {line.at[0] for line in LINES} <= rows | {"signals", "holidays"}


def without(title: str, label: str) -> Iterator[PlainSheet]:
    """The workbook of the standard policy, without one line of a sheet."""
    for sheet in sheets.write(STANDARD):
        rows = sheet.rows
        if sheet.title == title:
            rows = {number: row for number, row in rows.items() if row.get(1) != label}
            assert len(rows) == len(sheet.rows) - 1, label
        yield PlainSheet(sheet.title, rows)


@pytest.mark.parametrize("line", layout.SETTINGS, ids=lambda line: ".".join(line.at))
def test_a_workbook_without_a_line_is_read_as_before_or_told_the_line(line: layout.LayoutSetting) -> None:
    plain = tuple(without(layout.BASICS.title, line.label))
    if line.newer:
        found = sheetreading.read(plain, source="旧策略.xlsx", describe=lambda *place: str(place))
        assert found == STANDARD
    else:
        with pytest.raises(PolicyError, match=f"缺少“{line.label}”这一行"):
            sheetreading.read(plain, source="旧策略.xlsx", describe=lambda *place: str(place))


def own_keys() -> list[tuple[str, str]]:
    return [(section, key) for section, kind in SECTIONS.items() if section != "roles" for key in kind.model_fields]


@pytest.mark.parametrize(("section", "key"), own_keys(), ids=".".join)
def test_a_file_without_a_key_is_read_or_told_the_key(section: str, key: str) -> None:
    raw: dict[str, Any] = tomllib.loads(loading.standard_text(), parse_float=Decimal)
    raw[section].pop(key, None)
    if SECTIONS[section].model_fields[key].is_required():
        with pytest.raises(PolicyError, match=rf"{section}\.{key}"):
            loading.check(raw, source="旧策略.toml")
    else:
        assert loading.check(raw, source="旧策略.toml").tiers == STANDARD.tiers
