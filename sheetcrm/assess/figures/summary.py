"""The report's figures (domain §3, §10): assessments and a day to counts, sums and ratios. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from sheetcrm.assess.figures import past_figures, sampling, values
from sheetcrm.assess.figures.outcomes import tally_outcome
from sheetcrm.assess.figures.past_figures import Compared
from sheetcrm.assess.figures.relations import UNSTATED, Span, tally_relation, tally_staying
from sheetcrm.assess.figures.services import Request, service_figures, tally_request
from sheetcrm.assess.figures.tally import Tally
from sheetcrm.model import (
    Assessment,
    Book,
    Figures,
    GroupFigures,
    Movement,
    Past,
    PastFigures,
    Period,
    Problem,
    Ratio,
    Record,
    ServiceRequest,
    Standing,
)
from sheetcrm.model.figures import DEPARTMENTS, OWNERS, TIERS, group_name
from sheetcrm.policy.limits import Limits
from sheetcrm.policy.model import Policy, Tier
from sheetcrm.text.dates import add_months
from sheetcrm.workdays import Calendar

_DAY = timedelta(days=1)

TOTAL = "合计"
"""The name of the group that holds everybody."""


def summarise(
    assessments: Sequence[Assessment],
    *,
    book: Book,
    policy: Policy,
    period: Period,
    as_of: date,
    problems: Sequence[Problem] = (),
    history: Mapping[str, Past] | None = None,
    past: Sequence[PastFigures] = (),
    calendar: Calendar | None = None,
) -> Figures:
    """Count what the reports state.

    A customer counts in the tier its 等级 shows. Service requests are those made in the period, up to
    the as-of date; what was answered or resolved later is still open. They count in the tier the customer
    carried when they were made, against its limits, by the clock or in working hours as the policy says
    (domain §3, §5).

    Args:
        assessments: The customers.
        book: What was read.
        policy: Every figure of the practice.
        period: The period the figures speak of.
        as_of: The date inside it.
        problems: What is wrong with the data.
        history: What the last earlier period on record says of a customer, by 客户编号 (留存率, 续约率).
        past: The figures of earlier periods of the same kind, oldest first.
        calendar: The working days, for limits in working hours.

    Returns:
        The figures. Order of customers changes nothing. Pure.
    """
    days = calendar or Calendar()
    beside = past_figures.compared(past, period, whole=as_of >= period.end)
    around = _around(assessments, book, policy, period, as_of, problems, history or {}, days)
    cells: dict[tuple[str, str | None, str | None], Tally] = defaultdict(Tally)
    for entry in assessments:
        around.tally(cells[entry.grade, entry.owner, entry.department], entry)
        opening = around.span.opening.get(entry.customer.customer_id)
        if opening:
            home = opening.grade if policy.tier(opening.grade) else entry.grade
            tally_staying(cells[home, entry.owner, entry.department], entry, opening, around.span)
        for service in entry.customer.services:
            day = service.requested_at.date()
            if around.span.holds(day):
                cell = cells[entry.grade_on(day), entry.owner, entry.department]
                around.tally_service(cell, service, entry.tier_on(day))
    count = _Counting(
        policy=policy,
        kinds=book.kinds,
        graded=sum(cell.n("graded") for cell in cells.values()),
        spend=sum((cell.sum("spend_12m") for cell in cells.values()), Decimal(0)),
        cells=cells,
        beside=beside,
    )
    tiers = tuple(
        count.group(tier.name, [key for key in cells if key[0] == tier.name], scope=TIERS, tier=tier)
        for tier in policy.tiers
    )
    total, owners = count.group(TOTAL, list(cells)), count.split(1, OWNERS)
    return Figures(
        period=period,
        as_of=as_of,
        horizon=around.horizon,
        tiers=tiers,
        incomplete=count.standing(Standing.INCOMPLETE),
        unsold=count.standing(Standing.UNSOLD),
        total=total,
        owners=owners,
        departments=count.split(2, DEPARTMENTS),
        flows=Counter((entry.previous_grade, entry.grade) for entry in assessments if entry.previous_grade),
        has_service="service" in book.kinds,
        has_follow_up="follow_up" in book.kinds,
        problems=Counter((entry.severity.value, entry.kind) for entry in problems),
        past=past_figures.shown(past),
        year_ago=beside.year_ago,
        anomalies=values.anomalies(
            (*tiers, total),
            owners,
            serving={tier.name: {key[1] for key in cells if key[0] == tier.name and key[1]} for tier in policy.tiers},
            most=policy.report.anomalies,
        ),
        sample=sampling.sample(
            (service for entry in assessments for service in entry.customer.services),
            period=Period(period.label, period.start, min(period.end, as_of)),
            share=policy.report.sample_share,
        ),
    )


def horizon_of(as_of: date) -> date:
    """Give the last day of the month that follows a day: 10-31 looks to 11-30, 10-15 to 11-15. Pure."""
    return add_months(as_of + _DAY, 1) - _DAY


# --- customers to tallies --------------------------------------------------------------------------------

_Place = tuple[str, str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Around:
    """What every customer is counted against: the policy, the days, and the problems by their row."""

    policy: Policy
    span: Span
    limits: Limits
    cut: datetime
    horizon: date
    faults: Mapping[_Place, Sequence[Problem]]

    def tally(self, tally: Tally, entry: Assessment) -> None:
        """Count one customer."""
        tally.count("customers")
        tally.count("graded", int(self.policy.tier(entry.grade) is not None))
        tally.value("spend_12m", entry.measures.spend_12m)
        tally.value("score", entry.score.total)
        if entry.movement:
            tally.count(("movement", entry.movement.value))
        tally.count("awaiting_audit", int(entry.awaiting_audit))
        tally.count("overridden", int(entry.override is not None))
        tally.count("outdated", int(entry.outdated))
        for alert in entry.alerts:
            tally.count(("alert", alert.level, alert.code))
        tally.count(("health", entry.health.colour))
        if entry.risk:
            tally.count(("risk", entry.risk))
        for found in entry.classes:
            tally.count(("class", found.name, found.outcome))
        self._tally_follow_up(tally, entry)
        tally_relation(tally, entry, self.span)
        tally_outcome(tally, entry, self.span, verified_within=self.policy.measures.repair_months)
        if self.faults:
            self._tally_faults(tally, entry)

    def tally_service(self, tally: Tally, entry: ServiceRequest, served_as: str | None) -> None:
        """Count one request of the period, against the standard of the tier that served then."""
        tier = self.policy.tier(served_as) if served_as else None
        request = Request(entry, tier.standard if tier else None, self.limits, self.cut)
        tally_request(tally, request, complaint_words=self.policy.reading.complaint_words)

    def _tally_follow_up(self, tally: Tally, entry: Assessment) -> None:
        """Count contacts, what is due, and what of it was done in the period."""
        contacts = sum(1 for contact in entry.customer.follow_ups if self.span.holds(contact.date))
        tally.count("contacts", contacts)
        if "follow_up" in self.span.kinds:
            tally.answer("reached", contacts > 0)
        overdue = sum(1 for item in entry.due if item.overdue_days)
        done = sum(
            1
            for item in entry.due
            if not (item.promised or item.overdue_days) and item.last_contact and self.span.holds(item.last_contact)
        )
        done += sum(
            1 for said in entry.undertakings if not said.open and said.promise.due and self.span.holds(said.promise.due)
        )
        tally.count("overdue", overdue)
        tally.count("overdue_customers", int(overdue > 0))
        tally.count("due", sum(1 for item in entry.due if not item.overdue_days and item.due <= self.horizon))
        tally.count("done", done)
        if "follow_up" in self.span.kinds and done + overdue:
            tally.add("followed_up", Decimal(0), done, done + overdue)

    def _tally_faults(self, tally: Tally, entry: Assessment) -> None:
        customer = entry.customer
        rows: tuple[Record | None, ...] = (
            customer.profile,
            customer.scoring,
            *customer.orders,
            *customer.follow_ups,
            *customer.services,
            *customer.overrides,
            *customer.risks,
            *customer.needs,
        )
        for place in {_place(row) for row in rows if row is not None}:
            for fault in self.faults.get(place, ()):
                tally.count(("problem", fault.severity.value, fault.kind))


def _around(
    assessments: Sequence[Assessment],
    book: Book,
    policy: Policy,
    period: Period,
    as_of: date,
    problems: Iterable[Problem],
    history: Mapping[str, Past],
    calendar: Calendar,
) -> _Around:
    last = min(period.end, as_of)
    cards = {(table.file, table.sheet) for table in book.tables if table.header_row == 0}
    faults: dict[_Place, list[Problem]] = defaultdict(list)
    for entry in problems:
        ref = entry.ref
        faults[ref.file, ref.sheet or "", 0 if (ref.file, ref.sheet) in cards else ref.row or 0].append(entry)
    earliest = min((order.date for entry in assessments for order in entry.customer.orders), default=as_of)
    return _Around(
        policy=policy,
        span=Span(
            first=period.start,
            last=last,
            as_of=as_of,
            kinds=book.kinds,
            opening=history,
            reaches_back=earliest <= add_months(as_of, -24),
            roles=policy.roles,
        ),
        limits=Limits(policy.service, calendar.is_workday),
        cut=datetime.combine(last, time.max),
        horizon=horizon_of(as_of),
        faults=faults,
    )


def _place(row: Record) -> _Place:
    """Name the row a record stands in; a card is one place."""
    table = row.origin.card or row.origin
    return table.file, table.sheet, 0 if table.header_row == 0 else row.row


# --- tallies to groups -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counting:
    """The tallies by (grade, owner, department), and what every group is held against."""

    policy: Policy
    kinds: frozenset[str]
    graded: int
    spend: Decimal
    cells: Mapping[tuple[str, str | None, str | None], Tally]
    beside: Compared

    def standing(self, standing: Standing) -> GroupFigures:
        """Add up those who carry no tier."""
        return self.group(standing.value, [key for key in self.cells if key[0] == standing.value])

    def split(self, place: int, scope: str) -> tuple[GroupFigures, ...]:
        """Add up by owner (place 1) or department (place 2), the largest group first."""
        names = {key[place] for key in self.cells}
        groups = [
            self.group(name or UNSTATED, [key for key in self.cells if key[place] == name], scope=scope)
            for name in names
        ]
        return tuple(sorted(groups, key=lambda group: (-group.customers, group.name)))

    def group(
        self,
        name: str,
        keys: Sequence[tuple[str, str | None, str | None]],
        *,
        scope: str = "",
        tier: Tier | None = None,
    ) -> GroupFigures:
        """Add up one group of customers."""
        tally = Tally.of(self.cells[key] for key in keys)
        customers = tally.n("customers")
        spend = tally.mean("spend_12m")
        promised = tier is None or tier.standard.resolution_hours is not None
        recorded = group_name(scope, name) if scope else name
        return GroupFigures(
            name=name,
            customers=customers,
            share=Ratio(tally.n("graded"), self.graded),
            reference_share=tier.share if tier else None,
            spend_12m=spend,
            spend_share=spend.sum / self.spend if spend.n and self.spend > 0 else None,
            score=tally.mean("score"),
            movements={Movement(key[0]): n for key, n in tally.counts("movement").items()},
            awaiting_audit=tally.n("awaiting_audit"),
            overridden=tally.n("overridden"),
            outdated=tally.n("outdated"),
            owners=len({key[1] for key in keys if key[1] and self.cells[key].n("customers")}),
            owned=sum(self.cells[key].n("customers") for key in keys if key[1]),
            contacts=tally.n("contacts"),
            reached=tally.ratio("reached"),
            done=tally.n("done"),
            due=tally.n("due"),
            overdue=tally.n("overdue"),
            overdue_customers=tally.n("overdue_customers"),
            service=service_figures(tally, promised=promised),
            figures=values.figures(
                tally,
                customers=customers,
                graded=self.graded,
                kinds=self.kinds,
                promised=promised,
                targets=self.policy.targets,
                previous=self.beside.last.get(recorded, {}),
                year_ago=self.beside.yearly.get(recorded, {}),
            ),
            alerts={(key[0], key[1]): n for key, n in tally.counts("alert").items()},
            health={key[0]: n for key, n in tally.counts("health").items()},
            risks={key[0]: n for key, n in tally.counts("risk").items()},
            classes={(key[0], key[1]): n for key, n in tally.counts("class").items()},
            themes={key[0]: n for key, n in tally.counts("theme").items()},
            complaint_themes={key[0]: n for key, n in tally.counts("complaint").items()},
            lost_reasons={key[0]: n for key, n in tally.counts("lost").items()},
            problems={(key[0], key[1]): n for key, n in tally.counts("problem").items()},
        )
