"""Turns tallies into figures: value, n/N, goal, the last period's value, and the largest moves (practice §10). Pure."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sheetcrm.assess.figures.tally import Tally
from sheetcrm.model import FIGURES, Anomaly, Figure, Goal, GroupFigures, Ratio
from sheetcrm.policy.model import Policy, Target

UNPROMISED = "未承诺时限"
_OWNERS_NAMED = 2


@dataclass(frozen=True, slots=True)
class _Counted:
    """A value, and what it was counted from."""

    value: Decimal | None
    n: int = 0
    total: int = 0


def figures(
    tally: Tally,
    *,
    graded: int,
    kinds: frozenset[str],
    promised: bool,
    targets: Sequence[Target],
    previous: Mapping[str, Decimal],
    year_ago: Mapping[str, Decimal],
) -> Mapping[str, Figure]:
    """Return every figure of a group by its key, in the order of print.

    Args:
        tally: The tally of its customers.
        graded: How many of all customers have a tier.
        kinds: The kinds of sheets the book holds.
        promised: Whether a limit for the resolution is promised.
        targets: The policy's targets.
        previous: The last period's values, by key.
        year_ago: Those of the same period a year ago.
    """
    goals = {target.figure: target.least for target in targets}
    by_key: dict[str, Figure] = {}
    for key, kind in FIGURES.items():
        counted = _find(key, tally, graded=graded, kinds=kinds)
        least = goals.get(kind.label)
        unpromised = key == "resolved_on_time" and not promised
        value = None if unpromised else counted.value
        by_key[key] = Figure(
            kind=kind,
            value=value,
            n=counted.n,
            total=counted.total,
            goal=None if least is None else Goal(">=", least),
            met=None if least is None or value is None else value >= least,
            previous=previous.get(key),
            year_ago=year_ago.get(key),
            absent=UNPROMISED if unpromised else "无数据",
        )
    return by_key


def _find(key: str, tally: Tally, *, graded: int, kinds: frozenset[str]) -> _Counted:
    if key in _COMPOSED:
        return _COMPOSED[key](tally, tally.n("customers"))
    if key == "share":
        return _of_ratio(Ratio(tally.n("graded"), graded))
    if key in {"requests", "complaints"}:
        return _Counted(Decimal(tally.n(key)) if "service" in kinds else None)
    if FIGURES[key].unit == "share":
        return _of_ratio(tally.ratio(key))
    mean = tally.mean(key)
    return _Counted(mean.value, mean.n, mean.total)


def _of_ratio(ratio: Ratio) -> _Counted:
    return _Counted(ratio.value, ratio.n, ratio.total)


def _contacts(tally: Tally, customers: int) -> _Counted:
    reached = tally.ratio("reached")
    return _Counted(Decimal(tally.n("contacts")) / customers if reached.total else None, reached.n, reached.total)


def _service_cost(tally: Tally, customers: int) -> _Counted:
    mean = tally.mean("service_cost")
    return _Counted(mean.value, mean.n, customers if mean.n else 0)


def _repurchase(tally: Tally, _customers: int) -> _Counted:
    return _of_ratio(tally.ratio(("repeat", "now")))


def _repurchase_growth(tally: Tally, customers: int) -> _Counted:
    now, before = tally.ratio(("repeat", "now")), tally.ratio(("repeat", "before"))
    return _Counted(_growth(now.value, before.value), now.total, customers)


def _order_value(tally: Tally, _customers: int) -> _Counted:
    orders = tally.n(("orders", "now"))
    return _Counted(tally.sum(("orders", "now")) / orders if orders else None, orders, orders)


def _order_value_growth(tally: Tally, _customers: int) -> _Counted:
    now, before = (tally.mean(("orders", scope)) for scope in ("now", "before"))
    return _Counted(_growth(now.value, before.value), now.n, now.n)


def _arpu_growth(tally: Tally, customers: int) -> _Counted:
    """Compare the spend of an average buyer with that of the year before."""
    now, before = (
        tally.sum(("orders", scope)) / buyers if (buyers := tally.ratio(("repeat", scope)).total) else None
        for scope in ("now", "before")
    )
    return _Counted(_growth(now, before), tally.ratio(("repeat", "now")).total, customers)


def _roi(tally: Tally, customers: int) -> _Counted:
    cost = tally.mean("roi_cost")
    value = (tally.sum("roi_spend") - cost.sum) / cost.sum if cost.n else None
    return _Counted(value, cost.n, customers if cost.n else 0)


_COMPOSED: Mapping[str, Callable[[Tally, int], _Counted]] = {
    "customers": lambda _tally, customers: _Counted(Decimal(customers)),
    "contacts": _contacts,
    "service_cost": _service_cost,
    "repurchase": _repurchase,
    "repurchase_growth": _repurchase_growth,
    "order_value": _order_value,
    "order_value_growth": _order_value_growth,
    "arpu_growth": _arpu_growth,
    "roi": _roi,
}


def _growth(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """Return the growth over a base; from a base of 0 there is none (practice §3)."""
    return (now - before) / before if now is not None and before else None


def anomalies(
    groups: Sequence[GroupFigures],
    managers: Sequence[GroupFigures],
    *,
    serving: Mapping[str, Container[str]],
    policy: Policy,
) -> tuple[Anomaly, ...]:
    """List the figures of some groups that moved most since the last period, and the managers who moved with them.

    Each counts by its swing × the tier's weight (all together: their mean weight); of few cases none is listed.
    Beside a group named in `serving` stand only managers who have customers in it; their figures are those of
    all their customers. Shares are compared by their difference, other figures by the part they changed. Pure.
    """
    moved = [
        Anomaly(group.name, figure, _movers(key, figure, [one for one in managers if _serves(one, group, serving)]))
        for group in groups
        for key, figure in group.figures.items()
        if figure.swing and not _few(figure, policy)
    ]
    weights = {tier.name: Decimal(tier.weight) for tier in policy.tiers}
    usual = sum(weights.values(), Decimal(0)) / max(len(weights), 1)
    ranked = sorted(moved, key=lambda one: -(one.figure.swing or 0) * weights.get(one.group, usual))
    return tuple(ranked[: policy.report.anomalies])


def _few(figure: Figure, policy: Policy) -> bool:
    """Return whether a figure is of too few cases; a plain count and money have none."""
    cases = figure.n if figure.kind.unit == "points" else figure.total
    return bool(cases) and cases < policy.report.few_cases


def _serves(manager: GroupFigures, group: GroupFigures, serving: Mapping[str, Container[str]]) -> bool:
    return group.name not in serving or manager.name in serving[group.name]


def _movers(key: str, moved: Figure, managers: Sequence[GroupFigures]) -> tuple[tuple[str, Figure], ...]:
    same = [
        (group.name, figure)
        for group in managers
        if (figure := group.figures[key]).change and (figure.change > 0) == ((moved.change or 0) > 0)
    ]
    return tuple(sorted(same, key=lambda mover: (-(mover[1].swing or 0), mover[0]))[:_OWNERS_NAMED])
