"""What a row of a table holds, as far as deciding whether it is one of the list's asks (practice §1.7). Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sheetcrm import privacy, schema
from sheetcrm.model import CellRef, Problem, RawValue, Table
from sheetcrm.problems import problem, shown
from sheetcrm.schema import Kind
from sheetcrm.text import answers, dates, quantities
from sheetcrm.text.doubt import Doubt

FIGURES: Mapping[Kind, tuple[Callable[..., Any], ...]] = {
    Kind.MONEY: (quantities.read_money,),
    Kind.FREQUENCY: (quantities.read_frequency,),
    Kind.COUNT: (quantities.read_count,),
    Kind.NUMBER: (quantities.read_number,),
    Kind.RATE: (quantities.read_rate,),
    Kind.LEVEL: (answers.read_level,),
    Kind.RECENCY: (quantities.read_duration, dates.read_date),
    Kind.DATE: (dates.read_date,),
    Kind.DATETIME: (dates.read_datetime,),
}
"""What makes a figure of a cell, by the kind of its column; any of them will do."""


def is_blank(value: RawValue) -> bool:
    """Return whether a cell holds nothing but space."""
    return value is None or (isinstance(value, str) and not value.strip())


def is_figure(value: RawValue, readers: Sequence[Callable[..., Any]]) -> bool:
    """Return whether one of the readers makes something of a cell."""
    if is_blank(value):
        return False
    return any(read is not None and not isinstance(read, Doubt) for read in (reader(value) for reader in readers))


def report(kind: str, table: Table, rows: Sequence[int], *, why: str = "") -> Problem:
    """Report a run of rows, by their places in a table, that are no part of it; personal data is masked."""
    first, last = table.rows[rows[0]], table.rows[rows[-1]]
    values = table.values[rows[0]]
    filled = next((at for at, value in enumerate(values) if not is_blank(value)), 0)
    text = str(values[filled])
    quoted = shown(
        privacy.mask_text(text if table.columns[filled].name == "customer_id" else privacy.mask_contact(text))
    )
    span = f"第 {first} 行" if len(rows) == 1 else f"第 {first} 到 {last} 行"
    ref = CellRef(table.file, table.sheet, first, table.columns[0].index)
    return problem(kind, ref, span=span, found=quoted, title=schema.sheet(table.kind).title, why=why)


def runs(places: Iterable[int]) -> Iterable[list[int]]:
    """Split rising places into runs that follow each other."""
    run: list[int] = []
    for place in places:
        if run and place != run[-1] + 1:
            yield run
            run = []
        run.append(place)
    if run:
        yield run
