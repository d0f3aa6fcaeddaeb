"""A whole book to assessments, in the practice's order of decision (practice §4.4).

Measures → score → quota → 人工调整 → classifications → alerts → follow-up.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from itertools import islice

from sheetcrm.assess.context import book_context
from sheetcrm.assess.followup import planning
from sheetcrm.assess.future_rows import count_later
from sheetcrm.assess.grade import classifications, scoring, shares
from sheetcrm.assess.grade.candidates import Candidate, Rulebook, by_quota, make_candidate
from sheetcrm.assess.grade.decision import Decision, decide, movement
from sheetcrm.assess.grade.evaluate import Judge
from sheetcrm.assess.grade.facts import Facts
from sheetcrm.assess.measure import measures
from sheetcrm.assess.words import changes
from sheetcrm.assess.words import explanation as explaining
from sheetcrm.model import SENTENCE_END, Assessment, Book, Classification, HeldTier, Past, Problem, Standing
from sheetcrm.policy.model import Policy, Tier
from sheetcrm.policy.run import Run
from sheetcrm.problems import problem

NO_HISTORY: Mapping[str, Past] = {}
NONE_HELD: Mapping[str, HeldTier] = {}
_TOGETHER = 512
"""Customers taken through each step together: a step at a time is a fifth quicker than a customer at a time."""


def assess(
    book: Book,
    run: Run,
    *,
    history: Mapping[str, Past] = NO_HISTORY,
    held: Mapping[str, HeldTier] = NONE_HELD,
    noted: Container[str] = (),
) -> tuple[tuple[Assessment, ...], tuple[Problem, ...]]:
    """Assess every customer of a book as of the run's date.

    Args:
        book: The customers.
        run: The run, with the book's own days (`Run.with_book`).
        history: What the last earlier period on record says, by 客户编号.
        held: The grades of the last run of this period on record, by 客户编号.
        noted: The customers whose `class_notes` are wanted.

    Returns:
        The assessments in the book's order (by 客户编号), and the problems only figures show.
        Order of rows, sheets and files changes nothing. Pure.
    """
    context, policy = book_context(book, run), run.policy
    measured = [measures.measure(customer, context) for customer in book.customers]
    spend = sum((entry.measures.spend_12m or Decimal(0) for entry in measured), Decimal(0))
    rulebook = Rulebook(
        context,
        scoring.Scorer(policy.card, policy.scoring),
        Judge(run),
        planning.Planner.of_book(book, run, managers=context.managers),
        shares.share_base(book, policy, spend),
        compares=bool(history),
    )
    candidates: Iterator[Candidate] = map(partial(make_candidate, rulebook=rulebook), book.customers, measured)
    ranked: Mapping[str, Tier] = {}
    if policy.scoring.quota:  # only a rank among all needs every candidate at once
        every = list(candidates)
        ranked, candidates = by_quota(every, policy), iter(every)
    assessments: list[Assessment] = []
    while together := list(islice(candidates, _TOGETHER)):
        ids = [entry.customer.customer_id for entry in together]
        decisions = [
            decide(entry, ranked.get(key, entry.earned), rulebook, history.get(key), held.get(key))
            for key, entry in zip(ids, together, strict=True)
        ]
        texts = [_explanation(decision, policy) for decision in decisions]
        assessments += [
            _assessment(decision, text, rulebook, noted=key in noted)
            for key, decision, text in zip(ids, decisions, texts, strict=True)
        ]
    problems = [remark for entry in measured for remark in entry.problems]
    problems += shares.unused_shares(book, policy, (entry.measures for entry in measured), spend)
    assessments = changes.describe(assessments, run, history, noted=noted)
    problems += [*count_later(book.customers, run.as_of, book.class_contacts), *_unread_promises(assessments)]
    return tuple(assessments), tuple(problems)


def _explanation(decision: Decision, policy: Policy) -> str:
    """Explain in whole sentences why a customer has its grade (practice §4.4)."""
    candidate = decision.candidate
    measured, override = candidate.measured, decision.override
    if candidate.unreadable:
        sentences = [f"{cell}无法识别，暂不评分" for cell in candidate.unreadable]
    elif candidate.standing is Standing.UNSOLD:
        sentences = ["尚未成交，不参与评级"]
    elif policy.by_score:
        sentences = explaining.say_score(candidate.score, measured.measures, policy, decision.scored)
    else:
        decided = next(entry for entry in candidate.classes if entry.name == policy.scoring.decided_by)
        sentences = explaining.say_class(decided, candidate.score, measured.measures, policy, decision.scored)
    sentences += [f"等级规则“{rule.code}”：{rule.note}" for rule in decision.rules]
    scored, earned = decision.scored, decision.earned
    if scored and earned and earned is not scored:
        sentences.append(f"按等级规则由{scored.name}降为{earned.name}")
    if override:
        sentences.insert(0, explaining.say_override(override, earned.name if earned else candidate.standing.value))
    if decision.proposed:
        sentences.insert(0, f"未到重评日期，等级不变，按本期得分建议{decision.proposed}")
    if measured.figures_dated:
        sentences.append(explaining.say_dated(measured.figures_dated, used=measured.outdated))
    if decision.reaffirmed:
        sentences.append("触发复评，等级未变")
    if decision.signature and decision.signature.awaiting:
        sentences.append("待审核")
    return SENTENCE_END.join(sentences)


def _class_notes(facts: Facts, decided: Sequence[Classification], policy: Policy) -> list[str]:
    notes = [classifications.explain(facts, entry, table) for entry, table in zip(decided, policy.classes, strict=True)]
    sign = facts.get(classifications.CHURN_NOTE)
    return [*notes, f"流失迹象：{sign}"] if sign else notes


def _assessment(decision: Decision, explanation: str, rulebook: Rulebook, *, noted: bool) -> Assessment:
    """Put a customer's assessment together, with what is due for it."""
    run, planner = rulebook.context.run, rulebook.planner
    candidate, policy = decision.candidate, run.policy
    customer, facts, tier = candidate.customer, candidate.facts, decision.tier
    profile, raised = customer.profile, decision.alerts
    promises = planner.undertakings(customer)
    tags = tuple(dict.fromkeys(alert.tag for alert in raised if alert.tag))
    printed = classifications.labels(facts, policy.roles, tags)
    grade = decision.grade
    if decision.proposed and decision.due:
        next_grading = decision.due
    elif any(alert.regrade for alert in raised):
        next_grading = run.as_of
    elif decision.standing is Standing.INCOMPLETE and decision.due:
        next_grading = decision.due
    else:
        next_grading = planner.grading_due(decision.served.graded_on, decision.labels)
    return Assessment(
        customer=customer,
        measures=candidate.measured.measures,
        score=candidate.score,
        standing=decision.standing,
        tier=tier.name if tier else None,
        grade=grade,
        previous_grade=decision.previous,
        movement=movement(decision.previous, grade, decision.standing, policy),
        explanation=explanation,
        outdated=candidate.measured.outdated,
        figures_on=candidate.measured.figures_dated,
        awaiting_audit=decision.signature is not None and decision.signature.awaiting,
        signature=decision.signature,
        reaffirmed=decision.reaffirmed,
        override=decision.override,
        proposed_grade=decision.proposed,
        classes=decision.classes,
        class_notes=tuple(_class_notes(facts, decision.classes, policy)) if noted else (),
        tags=printed.people,
        file_label=printed.file,
        alerts=raised,
        health=decision.health,
        risk=str(facts["risk"] or ""),
        next_grading=next_grading,
        undertakings=promises,
        due=planner.plan(
            customer, decision.labels, promises, tier=tier, colour=decision.health.colour, since=decision.since
        ),
        owner=planner.manager(customer),
        department=profile.department if profile else None,
        since=decision.since or None,
        serving=decision.served,
    )


def _unread_promises(assessments: Sequence[Assessment]) -> list[Problem]:
    return [
        problem(
            "promise-pending" if entry.promise.pending else "promise-unreadable",
            entry.record.ref("next_step"),
            found=f"“{entry.promise.text}”",
        )
        for assessment in assessments
        for entry in assessment.undertakings
        if entry.open and entry.promise.due is None
    ]
