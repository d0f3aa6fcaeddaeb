"""A whole book to assessments, in the practice's order of decision (domain §4.4).

Measures → score → quota → 人工调整 → classifications → alerts → follow-up.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from itertools import islice

from sheetcrm.assess.context import context
from sheetcrm.assess.followup import planning
from sheetcrm.assess.future_rows import count_later
from sheetcrm.assess.grade import classifications, scoring
from sheetcrm.assess.grade.candidates import Draft, Means, by_quota, make_draft
from sheetcrm.assess.grade.decision import Decision, decide, movement
from sheetcrm.assess.grade.evaluate import Judge
from sheetcrm.assess.grade.facts import Known
from sheetcrm.assess.measure import measures
from sheetcrm.assess.words import changes
from sheetcrm.assess.words import explanation as explaining
from sheetcrm.model import SENTENCE_END, Assessment, Book, Classification, Past, Period, Problem, Standing
from sheetcrm.policy.model import Policy, Tier
from sheetcrm.problems import problem
from sheetcrm.workdays import Calendar

NO_HISTORY: Mapping[str, Past] = {}
_TOGETHER = 512
"""Customers taken through each step together: a step at a time is a fifth quicker than a customer at a time."""


def assess(
    book: Book,
    *,
    policy: Policy,
    period: Period,
    as_of: date,
    calendar: Calendar,
    history: Mapping[str, Past] = NO_HISTORY,
    noted: Container[str] = (),
) -> tuple[tuple[Assessment, ...], tuple[Problem, ...]]:
    """Assess every customer of a book as of a date.

    Args:
        book: The customers.
        policy: Every figure of the practice.
        period: The period the run speaks of.
        as_of: The date inside it.
        calendar: The working days.
        history: What the last earlier period on record says, by 客户编号.
        noted: The customers whose `class_notes` are wanted.

    Returns:
        The assessments in the book's order (by 客户编号), and the problems only figures show.
        Order of rows, sheets and files changes nothing. Pure.
    """
    around = context(book, policy=policy, as_of=as_of, period=period, calendar=calendar)
    measured = [measures.measure(customer, around) for customer in book.customers]
    spend = sum((entry.measures.spend_12m or Decimal(0) for entry in measured), Decimal(0))
    means = Means(
        around,
        scoring.Scorer(policy.card, policy.scoring),
        Judge(policy, as_of),
        planning.Planner(policy, as_of, calendar),
        spend,
    )
    drafts: Iterator[Draft] = map(partial(make_draft, means=means), book.customers, measured)
    shares: Mapping[str, Tier] = {}
    if policy.scoring.quota:  # only a rank among all needs every draft at once
        every = list(drafts)
        shares, drafts = by_quota(every, policy), iter(every)
    found: list[Assessment] = []
    while together := list(islice(drafts, _TOGETHER)):
        ids = [entry.customer.customer_id for entry in together]
        decisions = [
            decide(entry, shares.get(key, entry.earned), means, history.get(key))
            for key, entry in zip(ids, together, strict=True)
        ]
        texts = [_explanation(decision, policy) for decision in decisions]
        found += [
            _assessment(decision, text, means, noted=key in noted)
            for key, decision, text in zip(ids, decisions, texts, strict=True)
        ]
    problems = [remark for entry in measured for remark in entry.problems]
    if history:
        found = changes.tell(found, history, policy=policy, period=period, noted=noted)
    return tuple(found), (*problems, *count_later(book.customers, as_of), *_unread_promises(found))


def _explanation(decision: Decision, policy: Policy) -> str:
    """Say in whole sentences why a customer stands where it does (domain §4.4)."""
    draft = decision.draft
    measured, override = draft.measured, decision.override
    if draft.unreadable:
        said = [f"{cell}读不出，暂不评分" for cell in draft.unreadable]
    elif draft.standing is Standing.UNSOLD:
        said = ["还没有成交，不评分"]
    elif policy.by_score:
        said = explaining.say_score(draft.score, measured.measures, policy, decision.scored)
    else:
        decided = next(entry for entry in draft.classes if entry.name == policy.scoring.decided_by)
        said = explaining.say_class(decided, draft.score, measured.measures, policy, decision.scored)
    said += [f"等级规则“{rule.code}”：{rule.note}" for rule in decision.rules]
    scored, earned = decision.scored, decision.earned
    if scored and earned and earned is not scored:
        said.append(f"按等级规则由{scored.name}降为{earned.name}")
    if override:
        said.insert(0, explaining.say_override(override, earned.name if earned else draft.standing.value))
    if decision.proposed:
        said.insert(0, f"未到重评日期，等级不变，按本期得分建议{decision.proposed}")
    if measured.figures_dated:
        said.append(explaining.say_dated(measured.figures_dated, used=measured.outdated))
    if decision.awaiting:
        said.append("待审核")
    return SENTENCE_END.join(said)


def _class_notes(known: Known, decided: Sequence[Classification], policy: Policy) -> list[str]:
    notes = [classifications.explain(known, entry, table) for entry, table in zip(decided, policy.classes, strict=True)]
    sign = known.get(classifications.CHURN_NOTE)
    return [*notes, f"流失迹象：{sign}"] if sign else notes


def _assessment(decision: Decision, explanation: str, means: Means, *, noted: bool) -> Assessment:
    """Put together all that is known of a customer, and what is due for it."""
    around, planner = means.around, means.planner
    draft, policy = decision.draft, around.policy
    customer, known, tier = draft.customer, draft.facts, decision.tier
    profile, raised = customer.profile, decision.alerts
    promises = planner.undertakings(customer)
    printed = classifications.labels(
        known, policy.roles, tuple(dict.fromkeys(alert.tag for alert in raised if alert.tag))
    )
    grade = decision.grade
    if decision.proposed and decision.due:
        next_grading = decision.due
    elif any(alert.regrade for alert in raised):
        next_grading = around.as_of
    else:
        next_grading = planner.grading_due(decision.served.graded_on, decision.labels)
    return Assessment(
        customer=customer,
        measures=draft.measured.measures,
        score=draft.score,
        standing=decision.standing,
        tier=tier.name if tier else None,
        grade=grade,
        previous_grade=decision.previous,
        movement=movement(decision.previous, grade, decision.standing, policy),
        explanation=explanation,
        outdated=draft.measured.outdated,
        figures_on=draft.measured.figures_dated,
        awaiting_audit=decision.awaiting,
        override=decision.override,
        proposed_grade=decision.proposed,
        classes=decision.classes,
        class_notes=tuple(_class_notes(known, decision.classes, policy)) if noted else (),
        tags=printed.people,
        file_label=printed.file,
        alerts=raised,
        health=decision.health,
        risk=str(known["risk"] or ""),
        next_grading=next_grading,
        undertakings=promises,
        due=planner.plan(customer, decision.labels, promises, tier=tier),
        owner=profile.owner if profile else None,
        department=profile.department if profile else None,
        serving=decision.served,
    )


def _unread_promises(found: Sequence[Assessment]) -> list[Problem]:
    return [
        problem("promise-unreadable", entry.record.ref("next_step"), found=f"“{entry.promise.text}”")
        for assessment in found
        for entry in assessment.undertakings
        if entry.open and entry.promise.due is None
    ]
