"""Computes what the charts show: plain values with a message made by rule; the templates draw them (practice §10).

A chart without anything to show is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from sheetcrm.model import FIGURES, FigureKind, Figures, GroupFigures
from sheetcrm.report.pages.chart_views import Chart, ChartRow, Distribution, Panel, Trend, TrendRow
from sheetcrm.report.pages.filters import measured, percent, plain
from sheetcrm.report.pages.list_views import VerdictRow
from sheetcrm.text.quantities import format_rate

SERVICE_TREND = ("response_on_time", "resolved", "resolved_first", "retention")
"""The figures of a tier's trend."""
REPORT_TREND = (
    *("customers", "spend_12m", "response_on_time", "resolved_on_time", "satisfaction", "followed_up", "churned"),
    *("retention", "retention_high", "winback", "potential_won", "repurchase", "repurchase_growth", "order_value"),
)
"""The figures of the execution report's trend, where not all are printed."""
MOST_PERIODS = 7
"""How many periods a trend has, this one included."""
LEAST_PERIODS = 3
"""How many of them must have a value before a sparkline is drawn."""
_CLASSES = 10
_CLASS_WIDTHS = (1, 2, 5, 10)
_MOST_CLASSES = (12, 20)
_FULL = 100
_PANELS = 2


def execution_charts(
    figures: Figures, verdicts: Sequence[VerdictRow], worst: Sequence[VerdictRow]
) -> tuple[Chart, ...]:
    """Compute the charts of the execution report: who brings the spend, and how the promises were kept. Pure.

    Args:
        figures: The period's figures.
        verdicts: How every promise was kept, in the policy's order.
        worst: The broken ones of 本期结论, in its order; a chart's message is the first of its own.
    """
    keys = list(dict.fromkeys(row.figure.kind.key for row in verdicts))
    pairs = [keys[at : at + _PANELS] for at in range(0, len(keys), _PANELS)]
    charts = (_shares(figures), *(_promises(figures, verdicts, worst, pair) for pair in pairs))
    return tuple(chart for chart in charts if chart)


def distribution(scores: Sequence[Decimal], edges: Sequence[Decimal], name: str) -> Distribution | None:
    """Count the customers by score, in classes between the edges that hold all of them; None without a score. Pure."""
    if not scores:
        return None
    low, high = min(scores), max(scores)
    below = max((edge for edge in edges if edge <= low), default=Decimal(0))
    above = min((edge for edge in edges if edge > high), default=Decimal(_FULL))
    inside = tuple(edge for edge in edges if below < edge < above)
    width = _class_width(below, above, inside)
    counts = [0] * int((above - below) / width)
    for score in scores:
        counts[min(int((score - below) / width), len(counts) - 1)] += 1
    fullest = counts.index(max(counts))
    first, last = below + width * fullest, below + width * (fullest + 1)
    marked = f"，等级分界 {'、'.join(map(plain, inside))} 分" if inside else ""
    classes = "、".join(f"{plain(below + width * at)}分起 {number} 家" for at, number in enumerate(counts) if number)
    return Distribution(
        message=f"{name}的总分最集中在{plain(first)}至{plain(last)}分，{counts[fullest]}家客户",
        alt=f"直方图：{name} {len(scores)} 家客户的总分，最低 {low}，最高 {high}{marked}；{classes}",
        start=below,
        width=width,
        counts=tuple(counts),
        edges=inside,
    )


def _class_width(below: Decimal, above: Decimal, inside: Sequence[Decimal]) -> Decimal:
    """Choose round classes, few rather than many, that end at every edge; where none do, ten of them."""
    for most in _MOST_CLASSES:
        for width in map(Decimal, _CLASS_WIDTHS):
            if (above - below) / width <= most and not any((edge - below) % width for edge in (*inside, above)):
                return width
    return (above - below) / _CLASSES


def trend(figures: Figures, group: GroupFigures, name: str, keys: Iterable[str], *, blank: bool = False) -> Trend:
    """Collect figures of a group over the last periods on record.

    Args:
        figures: The period's figures, with the earlier ones.
        group: The group.
        name: The group's name in the record.
        keys: The figures.
        blank: Whether figures without an earlier value have a row, too.
    """
    past = figures.past[-(MOST_PERIODS - 1) :]
    rows = []
    for key in keys if past else ():
        earlier = [entry.values.get(name, {}).get(key) for entry in past]
        values = (*earlier, group.figures[key].value)
        if blank or any(value is not None for value in earlier):
            drawn = sum(value is not None for value in values) >= LEAST_PERIODS
            rows.append(TrendRow(figure=group.figures[key], values=values, drawn=drawn))
    return Trend(periods=(*(entry.period for entry in past), figures.period.label), rows=tuple(rows))


def _shares(figures: Figures) -> Chart | None:
    """Set each tier's part of the customers beside its part of the spend, on one scale."""
    tiers, kind = figures.tiers, FIGURES["share"]
    if not any(group.share.value is not None and group.customers for group in tiers):
        return None
    rows = tuple(_row(group, kind.key, group.reference_share) for group in tiers)
    spends = tuple(ChartRow(label=group.name, value=group.spend_share) for group in tiers)
    top = _highest(*rows, *spends)
    panels = [Panel(title=kind.label, kind=kind, rows=rows, top=top, reference="参考占比")]
    if any(row.value is not None for row in spends):
        panels.append(Panel(title="占近12个月消费", kind=kind, rows=spends, top=top, reference=""))
    return _chart(_share_message(tiers), panels, figures)


def _share_message(tiers: Sequence[GroupFigures]) -> str:
    """Say which tier's spend is furthest from its number; without amounts, which is furthest from its reference."""
    shares = [(group, group.share.value) for group in tiers if group.share.value is not None]
    spends = [
        (group, share, group.spend_share)
        for group, share in shares
        if group.spend_share is not None and percent(share) != percent(group.spend_share)
    ]
    if spends:
        group, share, spend = max(spends, key=lambda entry: abs(entry[2] - entry[1]))
        if spend > share:
            return f"{group.name}只占{percent(share)}，却带来{percent(spend)}的消费"
        return f"{group.name}占{percent(share)}，只带来{percent(spend)}的消费"
    held = [(group, share, group.reference_share) for group, share in shares if group.reference_share is not None]
    if held:
        group, share, reference = max(held, key=lambda entry: abs(entry[2] - entry[1]))
        return f"{group.name}占{percent(share)}，参考占比{format_rate(reference)}"
    group, share = max(shares, key=lambda entry: entry[1])
    return f"{group.name}最多，占{percent(share)}"


def _promises(
    figures: Figures, verdicts: Sequence[VerdictRow], worst: Sequence[VerdictRow], keys: Sequence[str]
) -> Chart | None:
    """Set the figures that were promised beside the promise, a panel each."""
    stated = [row for row in verdicts if row.figure.kind.key in keys and row.figure.value is not None]
    panels = []
    for key in dict.fromkeys(row.figure.kind.key for row in stated):
        kind, rows = FIGURES[key], [row for row in verdicts if row.figure.kind.key == key]
        least = {row.tier: row.least for row in rows}
        bars = tuple(_row(group, key, least.get(group.name)) for group in figures.tiers)
        word = _word(rows[0])
        promised = "、".join(dict.fromkeys(_edge(row.least, kind) for row in rows))
        panels.append(
            Panel(
                title=f"{kind.label}（{word}{promised}）",
                kind=kind,
                rows=bars,
                top=max(_whole(kind), _highest(*bars)),
                reference=word,
                target=True,
            )
        )
    broken = [row for row in (*worst, *stated) if row.broken and row.figure.kind.key in keys]
    return _chart(_promise_message(stated, broken), panels, figures) if panels else None


def _promise_message(stated: Sequence[VerdictRow], broken: Sequence[VerdictRow]) -> str:
    """State the first broken promise, or that none is."""
    if not broken:
        return f"{'、'.join(dict.fromkeys(row.figure.kind.label for row in stated))}没有未达标的等级"
    worst = broken[0]
    kind, rare = worst.figure.kind, "（样本少）" if worst.few else ""
    shown, least = _shown(worst.figure.value, kind), _edge(worst.least, kind)
    return f"{worst.tier}{kind.label}{shown}，{_word(worst)}{least}{rare}"


def _word(row: VerdictRow) -> str:
    return "承诺" if row.to_customer else "目标"


def _edge(value: Decimal, kind: FigureKind) -> str:
    return format_rate(value) if kind.unit == "share" else plain(value)


def _whole(kind: FigureKind) -> Decimal:
    """Return how far the scale of a kind of figure goes at least."""
    return Decimal(1 if kind.unit == "share" else _FULL)


def _row(group: GroupFigures, key: str, reference: Decimal | None) -> ChartRow:
    figure = group.figures[key]
    return ChartRow(label=group.name, value=figure.value, previous=figure.previous, reference=reference)


def _shown(value: Decimal | None, kind: FigureKind) -> str:
    return "—" if value is None else measured(value, kind)


def _highest(*rows: ChartRow) -> Decimal:
    numbers = (number for row in rows for number in (row.value, row.previous, row.reference) if number is not None)
    return max(numbers, default=Decimal(0)) or Decimal(1)


def _chart(message: str, panels: Sequence[Panel], figures: Figures) -> Chart:
    described = "。".join(f"{panel.title}：{'；'.join(_described(panel, figures.backwards))}" for panel in panels)
    return Chart(message=message, alt=f"条形图：{described}", panels=tuple(panels), mark=figures.backwards)


def _described(panel: Panel, mark: str) -> Iterator[str]:
    """Yield the rows of a panel in words."""
    for row in panel.rows:
        previous = "" if row.previous is None else f"，上期{mark} {measured(row.previous, panel.kind)}"
        reference = "" if row.reference is None else f"，{panel.reference} {_edge(row.reference, panel.kind)}"
        yield f"{row.label} {_shown(row.value, panel.kind)}{previous}{reference}"
