"""The values that travel from the made-up company to its workbooks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from openpyxl.utils import get_column_letter

AS_OF = date(2026, 10, 31)
"""The last day of the sample month; nothing but planted mistakes lies after it."""
LAST_GRADED = date(2026, 9, 30)
"""The day of the grading before."""
YEAR_START = date(2025, 11, 1)
"""The first day of the twelve months up to AS_OF."""

Cell = str | int | float | date | datetime | None
Row = dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Order:
    """One order; amount in whole yuan."""

    day: date
    amount: int
    product: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What the standard scorecard reads; None where there is nothing to read."""

    recency_days: int | None
    frequency: int
    spend: int
    growth: int
    repurchase: int


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer with its orders; `tier` is by the standard scorecard at AS_OF, None where nothing was bought."""

    key: str
    name: str
    short_name: str
    kind: str
    sector: str
    growth: int
    contact: str
    phone: str
    credit_code: str
    address: str
    since: date | None
    headcount: str
    need: str
    need_kind: str
    intent: str
    source: str
    filed: date
    contract_end: date | None
    bound: bool
    benchmark: bool
    ecosystem: bool
    consent: bool
    orders: tuple[Order, ...]
    figures: Figures
    score: float | None
    tier: str | None
    last_score: float | None
    last_tier: str | None
    lost: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet: its label, its width in characters, and the kind of cell it holds."""

    label: str
    width: float
    kind: str = "text"


@dataclass(slots=True)
class Sheet:
    """One table of a workbook; rows lie right under the header row (1-based), keyed by label."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: list[Row] = field(default_factory=list)
    header_row: int = 3

    def address(self, index: int, label: str) -> str:
        """Give the A1 address of a cell by its row's index (0-based) and its label."""
        return f"{self.letter(label)}{self.header_row + 1 + index}"

    def letter(self, label: str) -> str:
        """Give the column letter of a label."""
        return get_column_letter([column.label for column in self.columns].index(label) + 1)


@dataclass(frozen=True, slots=True)
class Planted:
    """One problem put into the sample on purpose."""

    workbook: str
    sheet: str
    cell: str
    what: str


def age_in_months(day: date, months: int) -> date:
    """Go back whole months from a day, clipped to the month's end."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    following = date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    last = date.fromordinal(following.toordinal() - 1).day
    return date(year, month + 1, min(day.day, last))
