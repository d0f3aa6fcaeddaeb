"""Results are written beside lists of any layout, and nothing around them is lost: a hundred here, thousands by CI."""

from __future__ import annotations

import pytest

from scripts import layouts
from sheetcrm.excel.splice.ground import Ground


@pytest.mark.slow
def test_no_layout_ends_in_an_illegal_structure_or_in_a_lost_value() -> None:
    outcomes = layouts.run(range(100), seed=14)
    assert outcomes.faults == []
    counts = outcomes.counts
    assert sum(count for outcome, count in counts.items() if outcome.startswith("written")) > 90
    kinds = {kind for outcome in counts for kind in outcome.removeprefix("written: ").split(", ")}
    assert kinds >= {"columns-apart", "table-not-grown", "filter-not-grown", "formula-takes-in", "print-area-narrow"}


@pytest.mark.slow
def test_growing_over_ground_that_is_not_free_would_be_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Ground, "is_free", lambda _self, _area: True)
    kinds = {fault.what.split()[1] for fault in layouts.run(range(60), seed=14).faults if "illegal" in fault.what}
    assert kinds & {"tables-overlap", "merge-in-table", "array-in-table"}


def test_a_layout_is_the_same_whenever_it_is_made() -> None:
    assert [layouts.lay_out(number, seed=3) for number in range(5)] == [
        layouts.lay_out(number, seed=3) for number in range(5)
    ]
