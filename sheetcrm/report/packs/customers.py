"""Turns a customer into the plain values the packs show, contacts masked (practice §11)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sheetcrm import schema
from sheetcrm.model import TYPED_ONLY, Assessment, Customer, DueItem, Lifetime, Profile, Range, ServiceRequest
from sheetcrm.model.lists import GradingReminder, RoutineDue
from sheetcrm.policy.run import Run
from sheetcrm.privacy import PERSON, Raw, is_person, mask_contact
from sheetcrm.report.packs.pack_views import (
    ContactRow,
    CustomerView,
    MonthRow,
    NeedRow,
    PromiseRow,
    RequestRow,
    TaskRow,
)
from sheetcrm.report.packs.preferences import PRODUCTS, preferences
from sheetcrm.report.pages.filters import clean
from sheetcrm.report.pages.rows import alert_row, prose
from sheetcrm.schema import Kind
from sheetcrm.text.dates import NO_END
from sheetcrm.text.quantities import format_money, format_rate

REGRADING = "分类复核"
"""What a 分类复核提醒 asks for, in the lists and the calendar."""
_YEAR = 12
_LONGEST_BAR = 100
_TENTH = Decimal("0.1")
_HOUR = 3600
_FACT_ROWS = 4
_SHOWN = 2
_SHOWN_CONTACTS = 4
_COMPANY = "企业"
_NAMES = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]{2,4}")
_LEFT_OUT = frozenset({"customer_id", "name", "contact", "phone", "address", "credit_code", "tier", "tags", "next_due"})
"""Fields a card shows in a place of their own, or does not show."""
_NEED = schema.PROFILE.field("need").label
_PREFERENCE = schema.PROFILE.field("preference").label
_COMPUTED = frozenset({"owner", "spend_total", "spend_12m", "frequency_12m", "last_deal", "contract_end"})
"""Fields whose figure stands above on the card: a blank cell of the sheet is not shown beside it."""


HIDDEN = "（敏感信息，没有印出）"
"""What stands where a column that the policy classes as sensitive has a value (practice §11)."""


class Masker:
    """Cleans and masks the texts of one customer: contacts unless asked for, prose always."""

    def __init__(self, assessment: Assessment, *, unmasked: bool) -> None:
        """Collect the names in the contact cells, so that they are masked in prose too."""
        self._assessment = assessment
        self._unmasked = unmasked
        profile = assessment.customer.profile
        self._persons: dict[str, str] = {}
        for cell in (profile.contact, profile.informant) if profile else ():
            for name in _NAMES.findall(cell or ""):
                masked = mask_contact(name)
                if "*" in masked:
                    self._persons[name] = masked

    def prose(self, text: str | None) -> str:
        """Clean whole sentences and mask the personal data in them."""
        cleaned = clean(text)
        for name, masked in self._persons.items():
            cleaned = cleaned.replace(name, masked)
        return prose(cleaned)

    def contact(self) -> str:
        """Return 联系人."""
        return self._personal(self._profile.contact) if self._profile else ""

    def phone(self) -> str:
        """Return 联系方式."""
        return self._personal(self._profile.phone) if self._profile else ""

    def name(self) -> str:
        """Return the customer's name: a person's is masked as contacts are."""
        customer = self._assessment.customer
        return self._personal(customer.name) if is_person(customer) else clean(customer.name)

    @property
    def _profile(self) -> Profile | None:
        return self._assessment.customer.profile

    def _personal(self, text: str | None) -> str:
        return Raw(clean(text)) if self._unmasked else mask_contact(clean(text))


def view(assessment: Assessment, run: Run, *, unmasked: bool, worth: Lifetime | None) -> CustomerView:
    """Build the view of a customer; `worth` is its 客户终身价值, where it was asked for. Pure."""
    masker, customer = Masker(assessment, unmasked=unmasked), assessment.customer
    measures, profile, preferred = assessment.measures, customer.profile, _preferred(customer, masker, run)
    fields = _shown_fields(assessment, masker, () if unmasked else run.policy.privacy.sensitive)
    requests = (one for one in reversed(customer.services) if one.requested_at.date() <= run.as_of)
    return CustomerView(
        customer_id=clean(customer.customer_id),
        name=masker.name(),
        person=bool(profile and profile.customer_type == PERSON),
        grade=assessment.grade,
        tier=assessment.tier or "",
        previous=clean(assessment.previous_grade),
        awaiting_audit=assessment.awaiting_audit,
        owner=clean(assessment.owner),
        department=clean(assessment.department),
        contact=masker.contact(),
        phone=masker.phone(),
        need=dict(fields).get(_NEED, ""),
        need_type=clean(profile.need_type if profile else None),
        intent=clean(profile.intent if profile else None),
        tags=clean(assessment.tags),
        file_label=clean(assessment.file_label),
        health=assessment.health.colour,
        health_note=clean(assessment.health.note),
        risk=assessment.risk,
        consent=bool(profile and profile.consent),
        score=assessment.score.total,
        spend_12m=measures.spend_12m,
        spend_before=_spend_before(assessment),
        spend_total=measures.spend_total,
        average_order=measures.average_order,
        frequency_12m=measures.frequency_12m,
        order_growth=measures.order_growth,
        repurchase_rate=measures.repurchase_rate,
        satisfaction=measures.satisfaction_mean if measures.satisfaction_mean is not None else measures.satisfaction,
        tenure_months=measures.tenure_months,
        recency_days=measures.recency_days,
        contract_end=_contract_end(profile),
        contract_days_left=measures.contract_days_left,
        next_due=assessment.due[0].due if assessment.due else None,
        lifetime=worth,
        fields=tuple((label, shown) for label, shown in fields if shown),
        blank=_blank(fields, preferred),
        preferences=preferred,
        indicators=tuple(
            (field.label, f"{_render(getattr(measures, name), field.kind, masker)}{field.unit or ''}")
            for name in TYPED_ONLY
            if getattr(measures, name) is not None and (field := schema.SCORING.field(name))
        ),
        reasons=masker.prose(assessment.explanation),
        months=_months(measures.spend_months, run.as_of),
        alerts=tuple(alert_row(assessment, alert, note=masker.prose(alert.note)) for alert in assessment.alerts),
        tasks=tuple(task(assessment, item, masker) for item in assessment.due),
        promises=_promises(assessment, masker),
        contacts=_contacts(customer, masker, run.as_of),
        requests=tuple(request(one, assessment, run) for one in requests),
        needs=_needs(customer, masker, run.as_of),
        risks=_risks(customer, masker, run.as_of),
    )


def _promises(assessment: Assessment, masker: Masker) -> tuple[PromiseRow, ...]:
    return tuple(
        PromiseRow(
            recorded=promised.record.date,
            text=masker.prose(promised.promise.text),
            due=promised.promise.due,
            pending=promised.promise.pending,
            open=promised.open,
            kept=promised.kept,
        )
        for promised in assessment.undertakings
    )


def _contacts(customer: Customer, masker: Masker, as_of: date) -> tuple[ContactRow, ...]:
    """List the contacts up to the as-of date, the latest first."""
    return tuple(
        ContactRow(
            date=record.date,
            person=clean(record.person),
            channel=clean(record.channel),
            summary=masker.prose(record.summary),
            feedback=masker.prose(record.feedback),
            next_step=masker.prose(record.next_step),
        )
        for record in reversed(customer.follow_ups)
        if record.date <= as_of
    )


def _needs(customer: Customer, masker: Masker, as_of: date) -> tuple[NeedRow, ...]:
    """List the needs raised up to the as-of date, the latest first."""
    return tuple(
        NeedRow(
            raised_on=record.raised_on,
            need_type=clean(record.need_type),
            content=masker.prose(record.content),
            status=clean(record.status),
        )
        for record in reversed(customer.needs)
        if record.raised_on <= as_of
    )


def _risks(customer: Customer, masker: Masker, as_of: date) -> tuple[tuple[date, str, str], ...]:
    """List the risks up to the as-of date, the latest first."""
    return tuple(
        (record.date, masker.prose(record.signal), masker.prose(record.repair))
        for record in reversed(customer.risks)
        if record.date <= as_of
    )


def weight(assessment: Assessment) -> int:
    """Count the rows a customer takes in a handover, of which the template shows the latest of each list. Pure."""
    customer = assessment.customer
    return (
        _FACT_ROWS
        + len(assessment.alerts)
        + len(assessment.undertakings)
        + len(customer.risks)
        + min(len(customer.needs), _SHOWN)
        + min(len(customer.services), _SHOWN)
        + min(len(customer.follow_ups), _SHOWN_CONTACTS)
    )


def task(assessment: Assessment, item: DueItem, masker: Masker) -> TaskRow:
    """Build the row of a due item. Pure."""
    return TaskRow(
        due=item.due,
        overdue_days=item.overdue_days,
        customer_id=clean(assessment.customer.customer_id),
        name=masker.name(),
        grade=assessment.grade,
        action=clean(item.action),
        content=masker.prose(item.content),
        promise=item.promised,
        owner=clean(item.owner),
        escalated_to=clean(item.escalated_to),
        basis=masker.prose(item.basis),
        estimated=item.estimated,
        contact=masker.contact(),
        phone=masker.phone(),
    )


def reminder(row: GradingReminder, masker: Masker) -> TaskRow:
    """Build the row of a 分类复核提醒. Pure."""
    assessment = row.assessment
    return TaskRow(
        due=row.due,
        overdue_days=0,
        customer_id=clean(assessment.customer.customer_id),
        name=masker.name(),
        grade=assessment.grade,
        action=REGRADING,
        content="核对资料和评分，到期前报审等级",
        promise=False,
        owner=clean(assessment.owner),
        escalated_to="",
        basis="到重评日期",
        estimated=False,
        contact=masker.contact(),
        phone=masker.phone(),
        regrading=True,
    )


def routine(row: RoutineDue) -> TaskRow:
    """Build the row of something the calendar asks for. Pure."""
    return TaskRow(
        due=row.due,
        overdue_days=0,
        customer_id="—",
        name=f"{row.customers} 家客户",
        grade="",
        action=clean(row.name),
        content=prose(row.content),
        promise=False,
        owner=clean(row.owner),
        escalated_to="",
        basis="例行事项",
        estimated=False,
        contact="",
        phone="",
        routine=True,
    )


def request(record: ServiceRequest, assessment: Assessment, run: Run) -> RequestRow:
    """Compare a service request with the limit of the tier that served the customer when it was made. Pure."""
    day = record.requested_at.date()
    tier = run.policy.tier(assessment.tier_on(day) or "")
    due = run.limits.response_due(tier.standard if tier else None, record.requested_at)
    end = record.responded_at or record.resolved_at
    took = _hours(record.requested_at, end) if end else None
    late = None if due is None else (end or _end_of(run.as_of)) > due
    masker = Masker(assessment, unmasked=False)
    return RequestRow(
        customer_id=clean(record.customer_id),
        name=clean(assessment.customer.name),
        grade=assessment.grade_on(day),
        requested_at=record.requested_at,
        responded_at=record.responded_at,
        resolved_at=record.resolved_at,
        resolved=record.resolved if record.resolved is not None else (True if record.resolved_at else None),
        satisfaction=record.satisfaction,
        category=masker.prose(record.category),
        benefit=masker.prose(record.benefit),
        staff=clean(record.staff),
        hours=None if took is None else took.quantize(_TENTH, ROUND_HALF_UP),
        limit=run.limits.response_hours(tier.standard if tier else None, record.requested_at),
        late=late,
    )


def late_answers(requests: Iterable[RequestRow], *, as_of: date, days: int) -> tuple[RequestRow, ...]:
    """Find the late answers of the last days. Pure."""
    since = as_of - timedelta(days=days)
    return tuple(one for one in requests if one.late and one.requested_at.date() > since)


def _shown_fields(assessment: Assessment, masker: Masker, hidden: Collection[str]) -> tuple[tuple[str, str], ...]:
    """List the fields of 客户信息基础表; of the columns that are hidden only that there is something."""
    return tuple((label, HIDDEN if text and label in hidden else text) for label, text in _fields(assessment, masker))


def _fields(assessment: Assessment, masker: Masker) -> Iterable[tuple[str, str]]:
    """List the fields of 客户信息基础表 with their values; a home address is never shown (practice §11)."""
    profile = assessment.customer.profile
    if profile is None:
        return
    company = profile.customer_type == _COMPANY
    if company:
        yield "统一社会信用代码", clean(profile.credit_code)
        yield "企业地址", masker.prose(profile.address)
    for field in schema.PROFILE.fields:
        if field.name in _LEFT_OUT or field.ours:
            continue
        value = getattr(profile, field.name)
        if field.kind is Kind.PERSONAL:
            shown = mask_contact(clean(value)) if isinstance(value, str) else ""
        else:
            shown = _render(value, field.kind, masker)
        if field.name == "informant":
            shown = mask_contact(clean(profile.informant))
        if shown or field.name not in _COMPUTED:
            yield field.label, shown


def _preferred(customer: Customer, masker: Masker, run: Run) -> tuple[tuple[str, str], ...]:
    return tuple((label, masker.prose(text)) for label, text in preferences(customer.orders, run))


def _blank(fields: Iterable[tuple[str, str]], preferred: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Name the fields without a value, but 产品偏好 where the orders tell it."""
    answered = _PREFERENCE if any(label == PRODUCTS for label, _ in preferred) else ""
    return tuple(label for label, shown in fields if not shown and label != answered)


def _render(value: object, kind: Kind, masker: Masker) -> str:
    """Write a field's value the way people do; blank for None."""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format_money(value) if kind is Kind.MONEY else format_rate(value) if kind is Kind.RATE else _bare(value)
    if isinstance(value, Range):
        return _range(value)
    return "" if value is None else masker.prose(str(value))


def _range(value: Range) -> str:
    if value.low is None or value.high is None:
        return f"≤{_bare(value.high)}" if value.low is None else f"≥{_bare(value.low)}"
    return f"{_bare(value.low)}-{_bare(value.high)}"


def _bare(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"


def _contract_end(profile: Profile | None) -> date | str | None:
    """Return the day a contract ends, or a word where it has no end."""
    if profile is None or profile.contract_end is None:
        return None
    return "长期" if profile.contract_end == NO_END else profile.contract_end


def _spend_before(assessment: Assessment) -> Decimal | None:
    """Return the spend of the 12 months before the last 12, where the growth of orders implies it."""
    now, growth = assessment.measures.spend_12m, assessment.measures.order_growth
    if now is None or growth is None or growth <= -1:
        return None
    return now / (1 + growth)


def _months(spends: Sequence[Decimal], as_of: date) -> tuple[MonthRow, ...]:
    """List the last twelve ended months with the same months a year before, the oldest first."""
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
