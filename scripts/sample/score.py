"""The standard scorecard (practice §4.1), worked out here once more so that the sample can aim at tiers.

Pure. Written apart from the product on purpose: fixtures are never made by the code under test.
"""

from __future__ import annotations

from datetime import date

from scripts.sample.model import Figures, Order, age_in_months

_RECENCY = ((7, 100), (30, 90), (60, 80), (90, 70), (120, 60), (180, 40), (365, 20))
_FREQUENCY = ((24, 100), (12, 75), (6, 60), (4, 45), (2, 30), (1, 15))
_SPEND = ((500_000, 100), (200_000, 85), (50_000, 60), (1, 30))
_GROWTH = ((15, 100), (8, 75), (0, 50))
_TIERS = ((90, "VIP客户"), (70, "重点客户"), (50, "普通客户"))


def figures(orders: tuple[Order, ...], growth: int, *, on: date) -> Figures:
    """Measure orders up to a day over the twelve months that end there."""
    known = [order for order in orders if order.day <= on]
    year = [order for order in known if order.day > age_in_months(on, 12)]
    months = {(order.day.year, order.day.month) for order in year}
    return Figures(
        recency_days=(on - max(order.day for order in known)).days if known else None,
        frequency=len(year),
        spend=sum(order.amount for order in year),
        growth=growth,
        repurchase=round(100 * min(len(months), 12) / 12),
    )


def score(measured: Figures) -> float | None:
    """Score 0-100 to one decimal, rounded half up; None where nothing was ever bought."""
    if measured.recency_days is None:
        return None
    recency = next((points for limit, points in _RECENCY if measured.recency_days <= limit), 0)
    total = (
        20 * recency
        + 15 * _points(measured.frequency, _FREQUENCY)
        + 35 * _points(measured.spend, _SPEND)
        + 15 * (_points(measured.growth, _GROWTH) or 20)
        + 15 * measured.repurchase
    )
    return (total + 5) // 10 / 10


def tier(points: float | None) -> str | None:
    """Name the tier of a score; None stays None."""
    if points is None:
        return None
    return next((name for edge, name in _TIERS if points >= edge), "观察客户")


def _points(value: int, bands: tuple[tuple[int, int], ...]) -> int:
    return next((points for edge, points in bands if value >= edge), 0)
