"""Turns the period's lists into printed rows: cleaned, masked, cut to what fits (practice §10, §11). Pure."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from sheetcrm.model import Assessment, Ratio
from sheetcrm.model.conclusions import Fulfilment, Verdict
from sheetcrm.model.lists import (
    PROMISES,
    UNNAMED,
    Breach,
    Correction,
    FunnelRow,
    GradingReminder,
    Outlook,
    PromiseKeeping,
)
from sheetcrm.policy.run import Results
from sheetcrm.privacy import mask_contact
from sheetcrm.report.pages.filters import clean
from sheetcrm.report.pages.list_views import (
    BreachRow,
    CorrectionRow,
    KeepingRow,
    ListsView,
    OutlookRow,
    ReminderRow,
    SourceRow,
    VerdictRow,
)
from sheetcrm.report.pages.rows import prose

_FAULTS = {
    "响应及时率": ("例", "超时"),
    "解决及时率": ("例", "超时"),
    "满意度": ("例", "低于{least}分"),
    "跟进完成率": ("项", "逾期"),
}
"""What a case that breaks a promise is counted in, and called."""


def lists_view(results: Results, most: int | None) -> ListsView:
    """Show the lists of a period, each with at most so many rows; None for all."""
    lists, channels = results.lists, frozenset(results.run.policy.report.source_channels)
    promises = tuple(word for word in PROMISES if any(one.breaches.get(word) for one in lists.keeping))
    names = customer_names(results) if lists.by_referrer else {}
    return ListsView(
        totals={
            "reminders": len(lists.reminders),
            "routines": len(lists.routines),
            "fallers": len(lists.fallers),
            "risers": len(lists.risers),
            "breaches": len(lists.breaches),
            "keeping": len(lists.keeping),
            "informants": len(lists.by_informant),
            "referrers": len(lists.by_referrer),
            "themes": len(lists.by_theme),
            "corrections": len(lists.corrections),
        },
        verdicts=tuple(map(verdict, lists.conclusions.verdicts)),
        worst=tuple(map(verdict, lists.conclusions.worst)),
        reminders=tuple(map(_reminder, lists.reminders[:most])),
        routines=tuple(replace(row, owner=clean(row.owner)) for row in lists.routines[:most]),
        fallers=tuple(map(_outlook, lists.fallers[:most])),
        risers=tuple(map(_outlook, lists.risers[:most])),
        foreseen=lists.foreseen,
        promises=promises,
        breaches=tuple(map(_breach, lists.breaches[:most])),
        keeping=tuple(_keeping(one, promises) for one in lists.keeping[:most]),
        kept=Ratio(sum(one.kept.n for one in lists.keeping), sum(one.kept.total for one in lists.keeping)),
        informants=tuple(_source(row, informant_name(row.name, channels)) for row in lists.by_informant[:most]),
        referrers=tuple(_source(row, referrer_name(row.name, names)) for row in lists.by_referrer[:most]),
        segments=lists.segments,
        themes=tuple((clean(theme), mean) for theme, mean in lists.by_theme[:most]),
        corrections=tuple(map(_correction, lists.corrections[:most])),
    )


def verdict(entry: Verdict) -> VerdictRow:
    """Put how a promise was kept into words."""
    unit, fault = _FAULTS[entry.figure.kind.label]
    late = f"{entry.late}{unit}{fault.format(least=format(entry.least.normalize(), 'f'))}"
    return VerdictRow(
        tier=entry.tier,
        figure=entry.figure,
        least=entry.least,
        to_customer=entry.to_customer,
        broken=entry.broken,
        few=entry.few,
        verdict=late if entry.kept is Fulfilment.ONE_LATE else entry.kept.value,
        late=late,
        owners=tuple((clean(owner), cases) for owner, cases in entry.owners),
        unit=unit,
        customer_id=clean(entry.customer.customer_id) if entry.customer else "",
        name=clean(entry.customer.name) if entry.customer else "",
        mend_by=entry.mend_by,
    )


def customer_names(results: Results) -> Mapping[str, str]:
    """Return the customers' names by 客户编号."""
    return {entry.customer.customer_id: entry.customer.name for entry in results.assessments}


def informant_name(name: str, channels: Container[str]) -> str:
    """Return a 信息来源人 masked, as everywhere in print, unless it is one of the channels of the policy."""
    return name if name == UNNAMED or name in channels else mask_contact(clean(name))


def referrer_name(name: str, names: Mapping[str, str]) -> str:
    """Return a 推荐人: with its name where it is a customer's number."""
    return clean(f"{name} {names[name]}") if name in names else prose(name)


def _source(row: FunnelRow, shown: str) -> SourceRow:
    return SourceRow(name=shown, waiting=row.waiting, developing=row.developing, new=row.new, total=row.total)


def _customer(assessment: Assessment) -> dict[str, str]:
    return {"customer_id": clean(assessment.customer.customer_id), "name": clean(assessment.customer.name)}


def _reminder(row: GradingReminder) -> ReminderRow:
    entry = row.assessment
    return ReminderRow(due=row.due, grade=entry.grade, owner=clean(entry.owner), **_customer(entry))


def _outlook(row: Outlook) -> OutlookRow:
    entry = row.assessment
    return OutlookRow(
        owner=clean(entry.owner),
        grade=entry.grade,
        score=entry.score.total,
        tier=row.tier,
        score_then=row.score,
        amount=row.amount,
        **_customer(entry),
    )


def _breach(row: Breach) -> BreachRow:
    return BreachRow(
        promise=row.promise,
        day=row.day,
        grade=clean(row.grade),
        detail=prose(row.detail),
        owner=clean(row.owner),
        person="" if row.person == row.owner else clean(row.person),
        **_customer(row.assessment),
    )


def _correction(row: Correction) -> CorrectionRow:
    return CorrectionRow(
        due=row.due,
        days=row.days,
        what=prose("，".join(filter(None, (row.category, row.cause))) or "服务请求"),
        department=clean(row.department),
        owner=clean(row.owner),
        **_customer(row.assessment),
    )


def _keeping(one: PromiseKeeping, promises: Sequence[str]) -> KeepingRow:
    return KeepingRow(
        owner=clean(one.owner), kept=one.kept, breaches=tuple(one.breaches.get(word, 0) for word in promises)
    )
