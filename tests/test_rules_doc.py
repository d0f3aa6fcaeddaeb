"""docs/rules.md is complete: its keys and tests exist, and no key of the policy is without a row."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from sheetcrm.policy import layout, loading
from sheetcrm.policy.model import Policy

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
RAW = tomllib.loads(loading.standard_text(), parse_float=Decimal)
NAMES = ("name", "label", "activity", "figure", "code")
"""What entries of a list are called by."""


def rows(page: str) -> list[list[str]]:
    lines = [line for line in page.splitlines() if line.startswith("| ") and not line.startswith("| rule |")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


RULES = rows(PAGE.partition("## Where a key stands")[0])
SHEETS = [row for row in rows(PAGE.partition("## Where a key stands")[2]) if row[0] != "sheet"]


def quoted(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def keys(cell: str) -> list[str]:
    return [] if cell.startswith("definition") else quoted(cell)


def leaves(value: Any, at: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:  # noqa: ANN401  (any TOML value)
    """List the ways to the figures; an entry of a list is called by its own name, as on the page."""
    if isinstance(value, dict):
        for key, below in value.items():
            yield from leaves(below, at if key == "indicators" else (*at, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for index, below in enumerate(value, start=1):
            yield from leaves(below, (*at, next((below[key] for key in NAMES if key in below), str(index))))
    else:
        yield at


LEAVES = sorted(set(leaves(RAW)))


def covers(key: str, leaf: tuple[str, ...]) -> bool:
    parts = key.split(".")
    return len(parts) <= len(leaf) and all(part in ("*", own) for part, own in zip(parts, leaf, strict=False))


def test_every_row_has_a_rule_a_place_and_a_test() -> None:
    assert len(RULES) > 40
    for row in RULES:
        assert len(row) == 3, row
        assert quoted(row[1]), row
        assert quoted(row[2]), row


@pytest.mark.parametrize("key", sorted({key for row in RULES for key in keys(row[1])}))
def test_a_key_on_the_page_is_one_of_the_policy(key: str) -> None:
    assert any(covers(key, leaf) for leaf in LEAVES)


def test_every_key_of_the_policy_has_a_row() -> None:
    listed = [key for row in RULES for key in keys(row[1])]
    assert [".".join(leaf) for leaf in LEAVES if not any(covers(key, leaf) for key in listed)] == []


def test_every_key_of_the_policy_has_a_sheet_and_every_sheet_is_one_of_the_workbook() -> None:
    listed = [key for row in SHEETS for key in quoted(row[1])]
    assert [".".join(leaf) for leaf in LEAVES if not any(covers(key, leaf) for key in listed)] == []
    assert {key.split(".")[0] for key in listed} == set(Policy.model_fields)
    assert [title for row in SHEETS for title in row[0].split(", ")] == [sheet.title for sheet in layout.SHEETS]


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef))


@pytest.mark.parametrize("test", sorted({test for row in RULES for test in quoted(row[2])}))
def test_a_test_on_the_page_exists(test: str) -> None:
    file, _, name = test.partition("::")
    assert name in functions_of(file)


MODULES = {name for row in RULES if not keys(row[1]) for name in quoted(row[1]) if name.endswith(".py")}


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_definition_stands_in_a_module_that_exists(module: str) -> None:
    assert (ROOT / "sheetcrm" / module).is_file()
