"""A customer as the packs show it: figures, history and plans to plain values, contacts masked (domain §11)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sheetcrm import schema
from sheetcrm.model import Assessment, DueItem, Lifetime, Profile, Range, ServiceRequest
from sheetcrm.policy.limits import Limits
from sheetcrm.policy.model import Policy
from sheetcrm.privacy import mask_contact, mask_text
from sheetcrm.report.packs.pack_views import (
    ContactRow,
    CustomerView,
    MonthRow,
    NeedRow,
    PromiseRow,
    RequestRow,
    TaskRow,
)
from sheetcrm.report.pages.filters import clean
from sheetcrm.report.pages.rows import alert_row
from sheetcrm.schema import Kind
from sheetcrm.text.quantities import format_money

_LONGEST_PROSE = 500
_YEAR = 12
_LONGEST_BAR = 100
_TENTH = Decimal("0.1")
_HOUR = 3600
_FACT_ROWS = 8
_SHOWN = 8
_SHOWN_CONTACTS = 30
_COMPANY = "企业"
_NAMES = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]{2,4}")
_LEFT_OUT = frozenset({"customer_id", "name", "contact", "phone", "address", "credit_code", "tier", "tags", "next_due"})
"""Fields a card shows in a place of their own, or does not show."""


class Teller:
    """Tells of one customer in cleaned words: contacts masked unless asked for, and in prose always."""

    def __init__(self, entry: Assessment, *, unmasked: bool) -> None:
        """Learn the names in the contact cells, so that prose does not give them away either."""
        self._entry = entry
        self._unmasked = unmasked
        profile = entry.customer.profile
        self._persons: dict[str, str] = {}
        for cell in (profile.contact, profile.informant) if profile else ():
            for name in _NAMES.findall(cell or ""):
                masked = mask_contact(name)
                if "*" in masked:
                    self._persons[name] = masked

    def prose(self, text: str | None) -> str:
        """Prepare whole sentences."""
        said = clean(text)
        for name, masked in self._persons.items():
            said = said.replace(name, masked)
        return mask_text(said, limit=_LONGEST_PROSE)

    def contact(self) -> str:
        """Give 联系人."""
        return self._personal(self._profile.contact) if self._profile else ""

    def phone(self) -> str:
        """Give 联系方式."""
        return self._personal(self._profile.phone) if self._profile else ""

    @property
    def _profile(self) -> Profile | None:
        return self._entry.customer.profile

    def _personal(self, text: str | None) -> str:
        return clean(text) if self._unmasked else mask_contact(clean(text))


def view(
    entry: Assessment, *, policy: Policy, limits: Limits, as_of: date, unmasked: bool, worth: Lifetime | None
) -> CustomerView:
    """Tell everything of a customer; `worth` is its 客户终身价值, where it was asked for. Pure."""
    teller = Teller(entry, unmasked=unmasked)
    customer, measures, profile = entry.customer, entry.measures, entry.customer.profile
    return CustomerView(
        customer_id=clean(customer.customer_id),
        name=clean(customer.name),
        grade=entry.grade,
        tier=entry.tier or "",
        previous=clean(entry.previous_grade),
        awaiting_audit=entry.awaiting_audit,
        owner=clean(entry.owner),
        department=clean(entry.department),
        contact=teller.contact(),
        phone=teller.phone(),
        need=teller.prose(profile.need if profile else None),
        need_type=clean(profile.need_type if profile else None),
        intent=clean(profile.intent if profile else None),
        tags=clean(entry.tags),
        file_label=clean(entry.file_label),
        health=entry.health.colour,
        health_note=clean(entry.health.note),
        risk=entry.risk,
        consent=bool(profile and profile.consent),
        score=entry.score.total,
        spend_12m=measures.spend_12m,
        spend_before=_spend_before(entry),
        spend_total=measures.spend_total,
        average_order=measures.average_order,
        frequency_12m=measures.frequency_12m,
        order_growth=measures.order_growth,
        repurchase_rate=measures.repurchase_rate,
        satisfaction=measures.satisfaction_mean if measures.satisfaction_mean is not None else measures.satisfaction,
        tenure_months=measures.tenure_months,
        recency_days=measures.recency_days,
        contract_end=profile.contract_end if profile else None,
        contract_days_left=measures.contract_days_left,
        next_due=entry.due[0].due if entry.due else None,
        lifetime=worth,
        fields=tuple(_fields(entry, teller)),
        reasons=teller.prose(entry.explanation),
        months=_months(measures.spend_months, as_of),
        alerts=tuple(alert_row(entry, one, note=teller.prose(one.note)) for one in entry.alerts),
        tasks=tuple(task(entry, item, teller) for item in entry.due),
        promises=tuple(
            PromiseRow(
                recorded=one.record.date, text=teller.prose(one.promise.text), due=one.promise.due, open=one.open
            )
            for one in entry.undertakings
        ),
        contacts=tuple(
            ContactRow(
                date=one.date,
                person=clean(one.person),
                channel=clean(one.channel),
                summary=teller.prose(one.summary),
                feedback=teller.prose(one.feedback),
                next_step=teller.prose(one.next_step),
            )
            for one in reversed(customer.follow_ups)
            if one.date <= as_of
        ),
        requests=tuple(
            request(one, entry, policy=policy, limits=limits, as_of=as_of)
            for one in reversed(customer.services)
            if one.requested_at.date() <= as_of
        ),
        needs=tuple(
            NeedRow(
                raised_on=one.raised_on,
                need_type=clean(one.need_type),
                content=teller.prose(one.content),
                status=clean(one.status),
            )
            for one in reversed(customer.needs)
            if one.raised_on <= as_of
        ),
        risks=tuple(
            (one.date, teller.prose(one.signal), teller.prose(one.repair))
            for one in reversed(customer.risks)
            if one.date <= as_of
        ),
    )


def weight(entry: Assessment) -> int:
    """Count the rows a customer takes in a handover, of which the template shows the latest of each list. Pure."""
    customer = entry.customer
    return (
        _FACT_ROWS
        + len(entry.alerts)
        + len(entry.undertakings)
        + len(customer.risks)
        + min(len(customer.needs), _SHOWN)
        + min(len(customer.services), _SHOWN)
        + min(len(customer.follow_ups), _SHOWN_CONTACTS)
    )


def task(entry: Assessment, item: DueItem, teller: Teller) -> TaskRow:
    """Tell of something to be done. Pure."""
    return TaskRow(
        due=item.due,
        overdue_days=item.overdue_days,
        customer_id=clean(entry.customer.customer_id),
        name=clean(entry.customer.name),
        grade=entry.grade,
        action=clean(item.action),
        content=teller.prose(item.content),
        promise=item.promised,
        owner=clean(item.owner),
        escalated_to=clean(item.escalated_to),
        basis=teller.prose(item.basis),
        estimated=item.estimated,
        contact=teller.contact(),
        phone=teller.phone(),
    )


def request(one: ServiceRequest, entry: Assessment, *, policy: Policy, limits: Limits, as_of: date) -> RequestRow:
    """Hold a service request against the limit of the tier that served the customer when it was made. Pure."""
    day = one.requested_at.date()
    tier = policy.tier(entry.tier_on(day) or "")
    due = limits.response_due(tier.standard if tier else None, one.requested_at)
    end = one.responded_at or one.resolved_at
    took = _hours(one.requested_at, end) if end else None
    late = None if due is None else (end or _end_of(as_of)) > due
    teller = Teller(entry, unmasked=False)
    return RequestRow(
        customer_id=clean(one.customer_id),
        name=clean(entry.customer.name),
        grade=entry.grade_on(day),
        requested_at=one.requested_at,
        responded_at=one.responded_at,
        resolved_at=one.resolved_at,
        resolved=one.resolved if one.resolved is not None else (True if one.resolved_at else None),
        satisfaction=one.satisfaction,
        category=teller.prose(one.category),
        benefit=teller.prose(one.benefit),
        staff=clean(one.staff),
        hours=None if took is None else took.quantize(_TENTH, ROUND_HALF_UP),
        limit=limits.response_hours(tier.standard if tier else None, one.requested_at),
        late=late,
    )


def late_answers(requests: Iterable[RequestRow], *, as_of: date, days: int) -> tuple[RequestRow, ...]:
    """Find the late answers of the last days. Pure."""
    since = as_of - timedelta(days=days)
    return tuple(one for one in requests if one.late and one.requested_at.date() > since)


def _fields(entry: Assessment, teller: Teller) -> Iterable[tuple[str, str]]:
    """List what 客户信息基础表 says, field by field; a home address is never shown (domain §11)."""
    profile = entry.customer.profile
    if profile is None:
        return
    company = profile.customer_type == _COMPANY
    if company:
        yield "统一社会信用代码", clean(profile.credit_code)
        yield "企业地址", teller.prose(profile.address)
    for field in schema.PROFILE.fields:
        if field.name in _LEFT_OUT or field.ours:
            continue
        value = getattr(profile, field.name)
        if field.kind is Kind.PERSONAL:
            shown = mask_contact(clean(value)) if isinstance(value, str) else ""
        else:
            shown = _said(value, field.kind, teller)
        if field.name == "informant":
            shown = mask_contact(clean(profile.informant))
        yield field.label, shown


def _said(value: object, kind: Kind, teller: Teller) -> str:
    """Write a field's value the way people do; blank for None."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format_money(value) if kind is Kind.MONEY else _bare(value)
    if isinstance(value, Range):
        return _range(value)
    return "" if value is None else teller.prose(str(value))


def _range(value: Range) -> str:
    if value.low is None or value.high is None:
        return f"≤{_bare(value.high)}" if value.low is None else f"≥{_bare(value.low)}"
    return f"{_bare(value.low)}-{_bare(value.high)}"


def _bare(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _spend_before(entry: Assessment) -> Decimal | None:
    """Give the spend of the 12 months before the last 12, where the growth of orders says it."""
    now, growth = entry.measures.spend_12m, entry.measures.order_growth
    if now is None or growth is None or growth <= -1:
        return None
    return now / (1 + growth)


def _months(spends: Sequence[Decimal], as_of: date) -> tuple[MonthRow, ...]:
    """Set the last twelve ended months beside the same months a year before, the oldest first."""
    if not spends:
        return ()
    latest, before = spends[:_YEAR], spends[_YEAR : 2 * _YEAR]
    most = max((*latest, *before, Decimal(1)))
    ended = (as_of + timedelta(days=1)).replace(day=1)
    rows = []
    for index, spend in enumerate(latest):
        ended = (ended - timedelta(days=1)).replace(day=1)
        past = before[index] if index < len(before) else None
        rows.append(
            MonthRow(
                label=f"{ended:%Y-%m}",
                spend=spend,
                before=past,
                bar=_bar(spend, most),
                bar_before=_bar(past or Decimal(0), most),
            )
        )
    return tuple(reversed(rows))


def _bar(spend: Decimal, most: Decimal) -> int:
    return max(0, int((spend * _LONGEST_BAR / most).to_integral_value(ROUND_HALF_UP)))


def _hours(start: datetime, end: datetime) -> Decimal:
    return Decimal(int((end - start).total_seconds())) / _HOUR


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time.max)
