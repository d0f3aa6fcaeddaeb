"""The report's figures (practice §3, §10): assessments and a day to counts, sums and ratios. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from decimal import Decimal

from sheetcrm.assess.figures import lifetime_value, past_figures, values
from sheetcrm.assess.figures.outcomes import tally_outcome
from sheetcrm.assess.figures.past_figures import Compared
from sheetcrm.assess.figures.relations import UNSTATED, Span, tally_departed, tally_relation, tally_staying
from sheetcrm.assess.figures.services import Request, service_figures, tally_request
from sheetcrm.assess.figures.tally import Tally
from sheetcrm.assess.grade.decision import movement
from sheetcrm.model import (
    Assessment,
    Book,
    Departed,
    Figure,
    Figures,
    GroupFigures,
    Movement,
    Past,
    PastFigures,
    Problem,
    Ratio,
    Record,
    Standing,
)
from sheetcrm.model.figures import BACKWARDS, DEPARTMENTS, FROM_ORDERS, OWNERS, TIERS, group_name
from sheetcrm.policy.model import Target, Tier
from sheetcrm.policy.run import Run

TOTAL = "合计"
"""The name of the group that holds everybody."""


def summarise(
    assessments: Sequence[Assessment],
    run: Run,
    book: Book,
    *,
    problems: Sequence[Problem] = (),
    history: Mapping[str, Past] | None = None,
    past: Sequence[PastFigures] = (),
    departed: Sequence[Departed] = (),
) -> Figures:
    """Count what the reports state.

    A customer counts in the tier its 等级 shows; requests of the period, in the tier it carried when they were
    made, against its limits. What was answered after the as-of date is still open (practice §3, §5).

    Args:
        assessments: The customers.
        run: The run; its working days are those of limits in working hours.
        book: What was read.
        problems: What is wrong with it.
        history: What the last period on record, else orders (`grade_backwards`), says of a customer, by 客户编号.
        past: The figures of earlier periods of the same kind, oldest first.
        departed: Who was there last period and is in none of its workbooks now.

    Returns:
        The figures. Order of customers changes nothing. Pure.
    """
    span = Span(run=run, kinds=book.kinds, opening=history or {}, reaches_back=_reaches_back(assessments, run))
    cells = _tally_cells(assessments, departed, span, _faults_by_place(book, problems))
    groups = _Groups(
        targets=run.policy.targets,
        kinds=book.kinds,
        graded=sum(cell.n("graded") for cell in cells.values()),
        spend=sum((cell.sum("spend_12m") for cell in cells.values()), Decimal(0)),
        cells=cells,
        compared=past_figures.compared(past, run.period, whole=run.as_of >= run.period.end),
    )
    tiers = tuple(map(groups.tier, run.policy.tiers))
    total, owners = groups.group(TOTAL, list(cells)), groups.split(1, OWNERS)
    return Figures(
        period=run.period,
        as_of=run.as_of,
        horizon=run.horizon,
        tiers=tiers,
        incomplete=groups.standing(Standing.INCOMPLETE),
        unsold=groups.standing(Standing.UNSOLD),
        total=total,
        owners=owners,
        departments=groups.split(2, DEPARTMENTS),
        flows=_flows(assessments, departed, span.opening),
        departed=tuple(departed),
        has_service="service" in book.kinds,
        has_follow_up="follow_up" in book.kinds,
        problems=Counter((entry.severity.value, entry.kind) for entry in problems),
        past=past_figures.shown(past),
        year_ago=groups.compared.year_ago,
        anomalies=values.anomalies((*tiers, total), owners, serving=groups.owners_by_tier(tiers), policy=run.policy),
    )


def _flows(
    assessments: Iterable[Assessment], departed: Iterable[Departed], opening: Mapping[str, Past]
) -> Mapping[tuple[str, str], int]:
    moves = ((grade, entry.grade) for entry in assessments if (grade := _grade_before(entry, opening)))
    return Counter(moves) + Counter((one.past.grade, Movement.GONE.value) for one in departed)


def _grade_before(entry: Assessment, opening: Mapping[str, Past]) -> str | None:
    """Return the last period's 等级: the signed one; without it, what orders alone make of it (practice §3)."""
    past = opening.get(entry.customer.customer_id)
    return entry.previous_grade or (past.grade if past else None)


def _reaches_back(assessments: Iterable[Assessment], run: Run) -> bool:
    """Return whether the orders cover the 12 months before the last 12."""
    days = (order.date for entry in assessments for order in entry.customer.orders)
    return min(days, default=run.as_of) <= run.before_start


# --- customers to tallies --------------------------------------------------------------------------------

_Place = tuple[str, str, int]
_Faults = Mapping[_Place, Sequence[Problem]]
_Cell = tuple[str, str | None, str | None]
"""Grade, owner and department: what a customer is counted by."""


def _tally_cells(
    assessments: Sequence[Assessment], departed: Iterable[Departed], span: Span, faults: _Faults
) -> Mapping[_Cell, Tally]:
    """Count every customer and request once, in the finest cell it belongs to."""
    run = span.run
    limits, cut = run.limits, datetime.combine(run.last_day, time.max)
    cells: defaultdict[_Cell, Tally] = defaultdict(Tally)
    others = lifetime_value.kept(assessments, span.opening, run.policy.roles)
    for entry in assessments:
        cells[entry.grade, entry.owner, entry.department].value(
            "lifetime", lifetime_value.lifetime(entry, run, others).value
        )
        _tally_customer(cells[entry.grade, entry.owner, entry.department], entry, span, faults)
        opening = span.opening.get(entry.customer.customer_id)
        if opening:
            home = opening.grade if run.policy.tier(opening.grade) else entry.grade
            tally_staying(cells[home, entry.owner, entry.department], entry, opening, span)
        for service in entry.customer.services:
            day = service.requested_at.date()
            if run.counts(day):
                tier = run.policy.tier(entry.tier_on(day) or "")
                request = Request(service, tier.standard if tier else None, limits, cut)
                cell = cells[entry.grade_on(day), entry.owner, entry.department]
                tally_request(cell, request, complaint_words=run.policy.reading.complaint_words)
    for one in departed:
        tally_departed(cells[one.past.grade, one.owner, one.department], one.past, run)
    return cells


def _tally_customer(tally: Tally, entry: Assessment, span: Span, faults: _Faults) -> None:
    policy = span.run.policy
    tally.count("customers")
    tally.count("graded", int(policy.tier(entry.grade) is not None))
    tally.value("spend_12m", entry.measures.spend_12m)
    tally.value("score", entry.score.total)
    moved = entry.movement
    if entry.previous_grade is None:
        moved = movement(_grade_before(entry, span.opening), entry.grade, entry.standing, policy)
    if moved:
        tally.count(("movement", moved.value))
    tally.count("awaiting_audit", int(entry.awaiting_audit))
    tally.count("overridden", int(entry.override is not None))
    tally.count("outdated", int(entry.outdated))
    for alert in entry.alerts:
        tally.count(("alert", alert.level, alert.code))
    tally.count(("health", entry.health.colour))
    if entry.risk:
        tally.count(("risk", entry.risk))
    for label in entry.classes:
        tally.count(("class", label.name, label.outcome))
    _tally_follow_up(tally, entry, span)
    tally_relation(tally, entry, span)
    tally_outcome(tally, entry, span, verified_within=policy.measures.repair_months)
    if faults:
        _tally_faults(tally, entry, faults)


def _tally_follow_up(tally: Tally, entry: Assessment, span: Span) -> None:
    """Count contacts, what is due, and what of it was done in the period."""
    run, horizon = span.run, span.run.horizon
    contacts = sum(1 for contact in entry.customer.follow_ups if run.counts(contact.date))
    tally.count("contacts", contacts)
    if "follow_up" in span.kinds:
        tally.answer("reached", contacts > 0)
    overdue = sum(1 for item in entry.due if item.overdue_days)
    done = sum(
        1
        for item in entry.due
        if not (item.promised or item.overdue_days) and item.last_contact and run.counts(item.last_contact)
    )
    done += sum(1 for one in entry.undertakings if not one.open and one.promise.due and run.counts(one.promise.due))
    tally.count("overdue", overdue)
    tally.count("overdue_customers", int(overdue > 0))
    tally.count("due", sum(1 for item in entry.due if not item.overdue_days and item.due <= horizon))
    tally.count("done", done)
    tally.count("pending", sum(1 for one in entry.undertakings if one.open and one.promise.pending))
    if "follow_up" in span.kinds and done + overdue:
        tally.add("followed_up", Decimal(0), done, done + overdue)


def _tally_faults(tally: Tally, entry: Assessment, faults: _Faults) -> None:
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
        for fault in faults.get(place, ()):
            tally.count(("problem", fault.severity.value, fault.kind))


def _faults_by_place(book: Book, problems: Iterable[Problem]) -> _Faults:
    """Sort problems by the row they stand in; a card is one place."""
    cards = {(table.file, table.sheet) for table in book.tables if table.header_row == 0}
    faults: dict[_Place, list[Problem]] = defaultdict(list)
    for entry in problems:
        ref = entry.ref
        faults[ref.file, ref.sheet or "", 0 if (ref.file, ref.sheet) in cards else ref.row or 0].append(entry)
    return faults


def _place(row: Record) -> _Place:
    """Name the row a record stands in; a card is one place."""
    table = row.origin.card or row.origin
    return table.file, table.sheet, 0 if table.header_row == 0 else row.row


# --- tallies to groups -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class _Groups:
    """The tallies by cell, and what every group of cells is held against."""

    targets: Sequence[Target]
    kinds: frozenset[str]
    graded: int
    spend: Decimal
    cells: Mapping[_Cell, Tally]
    compared: Compared

    def tier(self, tier: Tier) -> GroupFigures:
        """Add up the customers of a tier."""
        return self.group(tier.name, [key for key in self.cells if key[0] == tier.name], scope=TIERS, tier=tier)

    def owners_by_tier(self, tiers: Iterable[GroupFigures]) -> Mapping[str, frozenset[str]]:
        """Name the owners who have customers in each tier."""
        return {tier.name: frozenset(key[1] for key in self.cells if key[0] == tier.name and key[1]) for tier in tiers}

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
        keys: Sequence[_Cell],
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
            pending=tally.n("pending"),
            overdue_customers=tally.n("overdue_customers"),
            service=service_figures(tally, promised=promised),
            figures=self._figures(tally, recorded, promised=promised),
            alerts={(key[0], key[1]): n for key, n in tally.counts("alert").items()},
            health={key[0]: n for key, n in tally.counts("health").items()},
            risks={key[0]: n for key, n in tally.counts("risk").items()},
            classes={(key[0], key[1]): n for key, n in tally.counts("class").items()},
            themes={key[0]: n for key, n in tally.counts("theme").items()},
            complaint_themes={key[0]: n for key, n in tally.counts("complaint").items()},
            causes={key[0]: n for key, n in tally.counts("cause").items()},
            lost_reasons={key[0]: n for key, n in tally.counts("lost").items()},
            problems={(key[0], key[1]): n for key, n in tally.counts("problem").items()},
        )

    def _figures(self, tally: Tally, recorded: str, *, promised: bool) -> Mapping[str, Figure]:
        """Hold a group's figures against the past; what a past graded backwards gives says so as its source."""
        by_key = values.figures(
            tally,
            graded=self.graded,
            kinds=self.kinds,
            promised=promised,
            targets=self.targets,
            previous=self.compared.last.get(recorded, {}),
            year_ago=self.compared.yearly.get(recorded, {}),
        )
        if not self.compared.backwards:
            return by_key
        return {
            key: replace(figure, kind=replace(figure.kind, source=FROM_ORDERS)) if key in BACKWARDS else figure
            for key, figure in by_key.items()
        }
