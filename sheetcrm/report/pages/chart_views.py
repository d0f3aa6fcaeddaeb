"""The values a chart is drawn from: plain rows with their scale. `templates/_charts.html` draws them (practice §10)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sheetcrm.model import Figure, FigureKind


@dataclass(frozen=True, slots=True, kw_only=True)
class ChartRow:
    """A bar: this period's value, the last one's, and the reference beside them; None where there is none."""

    label: str
    value: Decimal | None
    previous: Decimal | None = None
    reference: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """One of the small multiples of a chart: bars of a kind of figure, on a scale from 0 to `top`.

    `reference` names what the rows are held against, blank where they are not; `target` tells whether that is a
    target, drawn as a line, or a mere comparison, drawn as an outline.
    """

    title: str
    kind: FigureKind
    rows: tuple[ChartRow, ...]
    top: Decimal
    reference: str
    target: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Panels with the same rows: what they come to (`message`), and all they show in words (`alt`).

    `mark` says that the last period was graded from orders, blank where it is on record.
    """

    message: str
    alt: str
    panels: tuple[Panel, ...]
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Distribution:
    """How many customers (`counts`) have a score in each class; the classes begin at `start` and are `width` wide.

    `edges` are the scores inside the range at which a tier ends and the next begins.
    """

    message: str
    alt: str
    start: Decimal
    width: Decimal
    counts: tuple[int, ...]
    edges: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrendRow:
    """A figure over the periods of a Trend, None where a period has none; its own value is the last.

    `drawn` tells whether there are enough periods for a sparkline.
    """

    figure: Figure
    values: tuple[Decimal | None, ...]
    drawn: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """Figures over the last periods, this one last. `rows` is empty without an earlier one."""

    periods: tuple[str, ...]
    rows: tuple[TrendRow, ...]
