"""Draws figures as SVG that reads in black and white.

Text stays text, in the page's own fonts; the same figures give the same bytes. A chart without anything
to draw is left out. matplotlib is loaded with the first chart.
"""

from __future__ import annotations

import base64
import io
import re
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING

from sheetcrm.model import FIGURES, Figures, GroupFigures
from sheetcrm.report.pages.filters import measured
from sheetcrm.report.pages.views import Chart

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

_FONTS = (
    "'Noto Sans CJK SC', 'Noto Sans SC', 'Source Han Sans SC', '思源黑体', 'Microsoft YaHei', 'PingFang SC', "
    "'Hiragino Sans GB', 'SimHei', sans-serif"
)
_HALF, _WIDE = 3.4, 6.95
"""Widths in inches: two charts side by side, or one across the page."""
_HEIGHT = 2.05
_DARK, _LIGHT = "#222222", "#c4c4c4"
_LINES = (("-", "o"), ("--", "s"), (":", "^"), ("-.", "D"))
_TREND = ("response_on_time", "resolved", "resolved_first", "retention")
_BINS = 20
_FULL = 100
_LONGEST_TREND = 13


def execution_charts(figures: Figures, scores: Sequence[Decimal], edges: Sequence[Decimal]) -> tuple[Chart, ...]:
    """Draw the charts of the execution report.

    Args:
        figures: The period's figures.
        scores: The total of every customer that has one.
        edges: Where a tier ends and the next begins.
    """
    tiers = figures.tiers
    drawn = (
        _shares(tiers),
        _distribution(scores, edges, "全部等级"),
        _movement(figures),
        _spend(tiers),
        _on_time(tiers),
        _trend(figures, figures.total, figures.total.name),
    )
    return tuple(chart for chart in drawn if chart)


def tier_charts(
    figures: Figures, group: GroupFigures, name: str, scores: Sequence[Decimal], edges: Sequence[Decimal]
) -> tuple[Chart, ...]:
    """Draw the charts of one tier's report; `name` is the group's name in the record."""
    drawn = (_distribution(scores, edges, group.name), _trend(figures, group, name))
    return tuple(chart for chart in drawn if chart)


def _shares(tiers: Sequence[GroupFigures]) -> Chart | None:
    if not any(group.share.value is not None and group.customers for group in tiers):
        return None
    shares = [float(group.share.value or 0) * _FULL for group in tiers]
    with _drawing() as (drawing, axes):
        rows = range(len(tiers))
        axes.barh(list(rows), shares, height=0.55, color=_LIGHT, edgecolor=_DARK, linewidth=0.6, hatch="////")
        references = [
            (row, float(group.reference_share) * _FULL)
            for row, group in enumerate(tiers)
            if group.reference_share is not None
        ]
        for row, share in references:
            axes.plot([share, share], [row - 0.42, row + 0.42], color=_DARK, linewidth=1.8)
        furthest = max([*shares, *(share for _, share in references)])
        for row, group in enumerate(tiers):
            beyond = max([shares[row], *(share for at, share in references if at == row)])
            axes.text(beyond + furthest * 0.02, row, f"{shares[row]:.1f}%（{group.customers}）", va="center")
        axes.set_xlim(0, furthest * 1.32)
        _name_rows(axes, [group.name for group in tiers])
        axes.set_xlabel("占已评级客户（%）")
        described = "；".join(
            f"{group.name} {share:.1f}%（{group.customers} 个）"
            + ("" if group.reference_share is None else f"，参考 {float(group.reference_share) * _FULL:.0f}%")
            for group, share in zip(tiers, shares, strict=True)
        )
        return _chart(drawing, "各等级占比与参考占比（竖线为参考）", f"条形图：{described}")


def _distribution(scores: Sequence[Decimal], edges: Sequence[Decimal], name: str) -> Chart | None:
    """Draw how many customers have which score, with the tiers' edges as dashed lines."""
    if not scores:
        return None
    low, high = min(scores), max(scores)
    below = max((edge for edge in edges if edge <= low), default=Decimal(0))
    above = min((edge for edge in edges if edge > high), default=Decimal(_FULL))
    width = (above - below) / _BINS
    counts = [0] * _BINS
    for score in scores:
        counts[min(int((score - below) / width), _BINS - 1)] += 1
    with _drawing() as (drawing, axes):
        starts = [float(below + width * number) for number in range(_BINS)]
        axes.bar(
            starts,
            counts,
            width=float(width),
            align="edge",
            color=_LIGHT,
            edgecolor=_DARK,
            linewidth=0.6,
            clip_on=False,
        )
        inside = [edge for edge in edges if below < edge < above]
        for edge in inside:
            axes.axvline(float(edge), ymax=0.9, color=_DARK, linewidth=0.9, linestyle="--")
            axes.text(float(edge), max(counts) * 1.12, f"{edge.normalize():f}", ha="center", va="center")
        axes.set_xlim(float(below), float(above))
        axes.set_ylim(0, max(counts) * 1.2)
        axes.set_ylabel("客户数")
        axes.set_xlabel("总分")
        _few_marks(axes)
        marked = f"，虚线为等级分界 {'、'.join(f'{edge.normalize():f}' for edge in inside)} 分" if inside else ""
        alt = f"直方图：{name} {len(scores)} 个客户的总分，最低 {low}，最高 {high}{marked}"
        return _chart(drawing, f"{name}的得分分布" + ("（虚线为等级分界）" if inside else ""), alt)


def _movement(figures: Figures) -> Chart | None:
    """Draw last period's tiers against this one's: a circle for those who moved, its area by their number."""
    names = [group.name for group in figures.tiers]
    moved = {pair: number for pair, number in figures.flows.items() if pair[0] in names and pair[1] in names and number}
    if not any(before != after for before, after in moved):
        return None
    with _drawing() as (drawing, axes):
        largest = max(moved.values())
        for (before, after), number in sorted(moved.items()):
            stayed = before == after
            at = names.index(after), names.index(before)
            size = 30 + 330 * (number / largest) ** 0.5
            axes.scatter(*at, s=size, facecolor="white" if stayed else _LIGHT, edgecolor=_DARK, linewidth=0.7)
            axes.text(*at, f"{number}", ha="center", va="center")
        axes.set_xticks(list(range(len(names))), names)
        axes.set_xlim(-0.6, len(names) - 0.4)
        _name_rows(axes, names)
        axes.set_ylim(len(names) - 0.4, -0.6)
        axes.tick_params(length=0)
        axes.set_xlabel("本期等级（纵轴为上期）")
        described = "，".join(
            f"{before}到{after} {number} 个" for (before, after), number in sorted(moved.items()) if before != after
        )
        mark = f"；上期{figures.backwards}" if figures.backwards else ""
        return _chart(drawing, f"等级之间的变动（灰色为变动，白色为不变{mark}）", f"变动图：{described}")


def _spend(tiers: Sequence[GroupFigures]) -> Chart | None:
    sums = [float(group.spend_12m.sum) / 10_000 for group in tiers]
    if not any(group.spend_12m.n for group in tiers) or max(sums) <= 0:
        return None
    with _drawing() as (drawing, axes):
        axes.bar(range(len(tiers)), sums, width=0.55, color=_LIGHT, edgecolor=_DARK, linewidth=0.6, hatch="\\\\\\\\")
        labels = [
            f"{total:,.1f}" + ("" if group.spend_share is None else f"\n{float(group.spend_share) * _FULL:.1f}%")
            for group, total in zip(tiers, sums, strict=True)
        ]
        for column, (total, label) in enumerate(zip(sums, labels, strict=True)):
            axes.text(column, total + max(sums) * 0.03, label, ha="center", va="bottom", linespacing=1.1)
        axes.set_ylim(0, max(sums) * 1.4)
        _name_columns(axes, [group.name for group in tiers])
        axes.set_ylabel("万元")
        described = "，".join(
            f"{group.name} {label.replace(chr(10), ' 万元，占 ') if chr(10) in label else label + ' 万元'}"
            for group, label in zip(tiers, labels, strict=True)
        )
        return _chart(drawing, "各等级近12个月消费（万元）", f"柱形图：{described}")


def _on_time(tiers: Sequence[GroupFigures]) -> Chart | None:
    measured_tiers = [group for group in tiers if group.service.response_on_time.value is not None]
    if not measured_tiers:
        return None
    with _drawing() as (drawing, axes):
        shares = [float(group.service.response_on_time.value or 0) * _FULL for group in measured_tiers]
        axes.bar(
            range(len(measured_tiers)), shares, width=0.55, color=_LIGHT, edgecolor=_DARK, linewidth=0.6, clip_on=False
        )
        labels = []
        for column, (group, share) in enumerate(zip(measured_tiers, shares, strict=True)):
            ratio = group.service.response_on_time
            labels.append(f"{group.name} {share:.1f}%（{ratio.n}/{ratio.total}）")
            axes.text(column, share + 3, f"{share:.1f}%\n{ratio.n}/{ratio.total}", ha="center", linespacing=1.1)
        axes.set_ylim(0, 138)
        axes.set_yticks([0, 25, 50, 75, 100])
        _name_columns(axes, [group.name for group in measured_tiers])
        axes.set_ylabel("%")
        return _chart(drawing, "各等级响应及时率", f"柱形图：{'，'.join(labels)}")


def _trend(figures: Figures, group: GroupFigures, name: str) -> Chart | None:
    """Draw the shares of a group over the periods on record, this one last."""
    past = figures.past[-(_LONGEST_TREND - 1) :]
    lines = []
    for key in _TREND:
        values = [earlier.values.get(name, {}).get(key) for earlier in past] + [group.figures[key].value]
        if sum(value is not None for value in values) > 1:
            lines.append((FIGURES[key], values))
    if not lines:
        return None
    periods = [*(earlier.period for earlier in past), figures.period.label]
    with _drawing(wide=True) as (drawing, axes):
        for (kind, values), (style, marker) in zip(lines, _LINES, strict=False):
            points = [(at, float(value) * _FULL) for at, value in enumerate(values) if value is not None]
            axes.plot(
                [at for at, _ in points],
                [share for _, share in points],
                linestyle=style,
                marker=marker,
                markersize=4,
                markerfacecolor="white",
                color=_DARK,
                linewidth=1,
                label=kind.label,
            )
        axes.set_xticks(range(len(periods)), periods)
        axes.set_xlim(-0.3, len(periods) - 0.7)
        axes.set_ylabel("%")
        axes.legend(
            loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=len(lines), frameon=False, handlelength=3, fontsize=7
        )
        described = "；".join(
            f"{kind.label} "
            + "、".join(
                f"{period} {measured(value, kind)}"
                for period, value in zip(periods, values, strict=True)
                if value is not None
            )
            for kind, values in lines
        )
        mark = f"（{figures.backwards}）" if figures.backwards else ""
        return _chart(drawing, f"{group.name}的趋势{mark}", f"折线图：{described}", wide=True)


# --- drawing ---------------------------------------------------------------------------------------------


@contextmanager
def _drawing(*, wide: bool = False) -> Iterator[tuple[Drawing, Axes]]:
    """Open an empty drawing. Letters are measured with matplotlib's own font, so that every machine agrees."""
    import matplotlib as mpl  # noqa: PLC0415  (half a second: only for those who print)
    from matplotlib.figure import Figure as Drawing  # noqa: PLC0415

    with (
        mpl.rc_context(
            {
                "svg.fonttype": "none",
                "svg.hashsalt": "sheetcrm",
                "font.family": ["DejaVu Sans"],
                "font.size": 7,
                "hatch.linewidth": 0.4,
                "axes.linewidth": 0.6,
                "axes.spines.top": False,
                "axes.spines.right": False,
                "xtick.major.width": 0.6,
                "ytick.major.width": 0.6,
                "path.simplify": False,
                "axes.unicode_minus": False,
                "text.parse_math": False,
            }
        ),
        warnings.catch_warnings(),
    ):
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        drawing = Drawing(figsize=(_WIDE if wide else _HALF, _HEIGHT))
        axes = drawing.add_axes((0.07, 0.2, 0.91, 0.66) if wide else (0.17, 0.2, 0.8, 0.75))
        yield drawing, axes


def _name_rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), [_short(name) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)


def _name_columns(axes: Axes, names: Sequence[str]) -> None:
    axes.set_xticks(range(len(names)), [_short(name) for name in names])
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.tick_params(axis="x", length=0)


def _short(name: str, longest: int = 6) -> str:
    return name if len(name) <= longest else name[: longest - 1] + "…"


def _few_marks(axes: Axes) -> None:
    """Keep the marks of a count on whole numbers."""
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))


def _chart(drawing: Drawing, caption: str, alt: str, *, wide: bool = False) -> Chart:
    """Write a drawing as SVG, without a date, in the page's fonts."""
    written = io.BytesIO()
    drawing.savefig(written, format="svg", metadata={"Date": None, "Creator": None}, transparent=True)
    svg = written.getvalue().decode()
    svg = re.sub(r"font-family: [^;\"]+", lambda _: f"font-family: {_FONTS}", svg)
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg[svg.index("<svg") :], flags=re.DOTALL)
    data = base64.b64encode(svg.encode()).decode()
    return Chart(source=f"data:image/svg+xml;base64,{data}", alt=alt, caption=caption, wide=wide)
