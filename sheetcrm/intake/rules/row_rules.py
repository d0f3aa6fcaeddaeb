"""Rules that one row can break by itself (practice §1.1, §1.2, §1.6, §11). Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal

from sheetcrm import privacy, schema
from sheetcrm.intake.rules.findings import Finding, Subject, everything, keyed, remarks
from sheetcrm.model import Override, Problem, Profile, Record, ScoringRow, ServiceRequest, Standing
from sheetcrm.problems import address, listed, problem, shown
from sheetcrm.schema import Kind, Need
from sheetcrm.text.dates import earliest_day
from sheetcrm.text.folding import same_name
from sheetcrm.text.numerals import plain
from sheetcrm.text.quantities import SCORE_SCALES, format_money, format_rate

_PART = re.compile(r"[、,，/；;+＋和及\s]+")
_CONTACTS = ("contact", "phone")
_MASK = "*"

FACTS = {
    "profile": ("filed_on", "updated_on"),
    "scoring": ("assessed_on", "audited_on"),
    "follow_up": ("date",),
    "order": ("date",),
    "service": ("requested_at", "responded_at", "resolved_at"),
    "risk": ("date",),
    "need": ("raised_on",),
}
"""The dates of past events, which cannot lie ahead; the others are plans, ends and holidays.

Purchases are compared with the as-of date (`intake.later_deals`).
"""

IN_ORDER = {
    "profile": (("first_deal", "last_deal"), ("filed_on", "updated_on"), ("first_deal", "contract_end")),
    "service": (("requested_at", "responded_at"), ("responded_at", "resolved_at"), ("requested_at", "resolved_at")),
    "risk": (("date", "repaired_on"),),
}
"""Dates of one row of which the first may not lie after the second.

审核日期 is not among them: a signature holds while the tier stays, and 评估日期 moves on every month.
"""

_CREDIT_CODE_FAULTS = {
    "bad-length": "应为 18 位",
    "bad-character": "有不会出现的字符",
    "bad-check-digit": "最后一位校验码对不上",
}
_SHORTENED = re.compile(r"\d(?:\.\d+)?[eE]\+\d{1,2}")
_WITHIN_NUMBER = re.compile(r"(?<=\d)[ -](?=\d)")
_WRONG_MOBILE = re.compile(r"(?<![\d*])(?:86)?1[3-9](?:\d{8}|\d{10})(?![\d*])", re.ASCII)
"""A mobile number of 10 or 12 digits."""
_SHARES = {
    "scoring": ("repurchase_rate", "referral_rate", "complaint_rate", "activation_rate", "engagement"),
    "service": ("discount",),
}
_NOT_NEGATIVE = {
    "profile": ("spend_total", "spend_12m"),
    "scoring": ("spend_12m", "average_order"),
    "service": ("cost",),
}


def key_pattern(subject: Subject) -> Iterable[Problem]:
    """客户编号 follows the policy's pattern; a name that stands in its place need not."""
    fits = re.compile(subject.policy.reading.customer_id_pattern).fullmatch
    return remarks(
        "key-pattern",
        (
            (record, "customer_id", {"found": shown(record.customer_id)})
            for record in keyed(subject.records)
            if not fits(record.customer_id) and record.customer_id != record.name
        ),
    )


def filing(subject: Subject) -> Iterable[Problem]:
    """The fields asked for at filing are filled; of the two contact fields one is enough.

    A column that no base sheet has is remarked on once for the book: nobody asked for it (practice §1.1).
    """
    asked = (field.name for field in schema.PROFILE.fields if field.need is Need.FILING)
    needed = [*((name,) for name in asked if name not in _CONTACTS), _CONTACTS]
    profiles = [record for record in subject.records.profiles if not record.origin.beside]
    tables = {id(record.origin): record.origin for record in profiles}
    columns = {key: {column.name for column in table.columns} for key, table in tables.items()}

    def lacking(record: Profile) -> Iterable[str]:
        for names in needed:
            there = [name for name in names if name in columns[id(record.origin)]]
            if there and all(getattr(record, name) is None and name not in record.unreadable for name in names):
                yield there[0]

    yield from remarks("filing-missing", ((record, name, {}) for record in profiles for name in lacking(record)))
    absent = [
        schema.PROFILE.field(names[0]).label
        for names in needed
        if not any(name in held for held in columns.values() for name in names)
    ]
    if profiles and absent:
        first = min(record.origin.ref(record.origin.header_row or record.row) for record in profiles)
        yield problem("filing-columns", first, labels=listed([f"“{label}”" for label in absent], most=len(absent)))


def choices(subject: Subject) -> Iterable[Problem]:
    """Fields with a drop-down hold one of its choices; several choices in a cell are checked one by one."""
    tiers = tuple(tier.name for tier in subject.policy.tiers)
    words = {*tiers, *(standing.value for standing in Standing)}
    for records in everything(subject.records):
        if not records:
            continue
        kind = records[0].origin.kind
        for entry in schema.sheet(kind).fields:
            if entry.kind is Kind.CHOICE and entry.in_record and kind != schema.HOLIDAYS.kind:
                words_offered = frozenset(entry.choices)
                yield from remarks("choice-unknown", _outside(records, entry.name, words_offered, entry.choices))
    grades = ((record, record.grade) for record in subject.records.scorings if record.grade not in words)
    yield from remarks(
        "choice-unknown",
        ((record, "grade", {"found": shown(grade), "choices": listed(tiers)}) for record, grade in grades if grade),
    )


def _outside(
    records: Iterable[Record], name: str, words: frozenset[str], offered: tuple[str, ...]
) -> Iterable[Finding]:
    for record in records:
        value = getattr(record, name)
        if value is not None and value not in words and not words.issuperset(filter(None, _PART.split(value))):
            yield record, name, {"found": shown(value), "choices": listed(offered, most=len(offered))}


def day_kinds(subject: Subject) -> Iterable[Problem]:
    """A day of the team's calendar is either 休 or 班."""
    allowed = schema.HOLIDAYS.field("day_kind").choices
    for holiday in subject.records.holidays:
        if holiday.day_kind not in allowed:
            yield problem("day-kind-unreadable", holiday.ref("day_kind"), found=shown(holiday.day_kind))


def future_dates(subject: Subject) -> Iterable[Problem]:
    """Dates of past events lie not after today."""
    for records in everything(subject.records):
        for name in FACTS.get(records[0].origin.kind, ()) if records else ():
            label = schema.sheet(records[0].origin.kind).field(name).label
            for record in records:
                day = _day(getattr(record, name))
                if day is not None and day > subject.today:
                    yield problem("date-future", record.ref(name), label=label, found=day.isoformat())


def dates_in_order(subject: Subject) -> Iterable[Problem]:
    """Dates of one row follow each other."""
    for records in everything(subject.records):
        for earlier, later in IN_ORDER.get(records[0].origin.kind, ()) if records else ():
            yield from _disorder(records, earlier, later)


def _disorder(records: Iterable[Record], earlier: str, later: str) -> Iterable[Problem]:
    for record in records:
        first, second = getattr(record, earlier), getattr(record, later)
        if isinstance(first, date) and isinstance(second, date) and first > second:
            if earlier == "requested_at" and later == "resolved_at" and getattr(record, "responded_at", None):
                continue  # reported by the two pairs of which the response is one
            fields = schema.sheet(record.origin.kind)
            yield problem(
                "dates-disorder",
                record.ref(later),
                earlier=fields.field(earlier).label,
                later=fields.field(later).label,
                first=_moment(first),
                second=_moment(second),
            )


def credit_codes(subject: Subject) -> Iterable[Problem]:
    """统一社会信用代码 has its form and its check digit; a masked one is not checked."""
    for record in subject.records.profiles:
        if record.credit_code is not None:
            fault = _CREDIT_CODE_FAULTS.get(privacy.check_credit_code(record.credit_code))
            if fault is not None:
                quoted = shown(privacy.mask_text(record.credit_code))
                yield problem("credit-code-invalid", record.ref("credit_code"), found=quoted, reason=fault)


def phones(subject: Subject) -> Iterable[Problem]:
    """A mobile number has 11 digits; one that a spreadsheet shortened has lost some (practice §2)."""
    return remarks(
        "phone-digits",
        (
            (record, "phone", {"found": shown(privacy.mask_contact(record.phone))})
            for record in subject.records.profiles
            if record.phone is not None and _lost_digits(record.phone)
        ),
    )


def _lost_digits(phone: str) -> bool:
    if _SHORTENED.search(phone):
        return True
    return "qq" not in phone.lower() and _WRONG_MOBILE.search(_WITHIN_NUMBER.sub("", phone)) is not None


def second_person(subject: Subject) -> Iterable[Problem]:
    """The reviewer is another person than the one reviewed (practice §11)."""
    pairs: list[tuple[Iterable[Record], str, str]] = [
        (subject.records.profiles, "checker", "reviewer"),
        (subject.records.scorings, "assessor", "auditor"),
    ]
    for records, first, second in pairs:
        for record in records:
            name = getattr(record, second)
            if same_name(name, getattr(record, first)):
                labels = schema.sheet(record.origin.kind)
                yield problem(
                    "same-person",
                    record.ref(second),
                    first=labels.field(first).label,
                    second=labels.field(second).label,
                    how=f"（都写作“{name}”，掩码后分不出，按同一个人算）" if _MASK in name else "",
                )


def finance_check(subject: Subject) -> Iterable[Problem]:
    """Amounts are checked by a third person, where the sheet has a column for it (practice §1.2)."""
    rows = [
        row
        for row in subject.records.scorings
        if row.spend_12m is not None and row.origin.column("finance_checker") is not None
    ]
    yield from remarks(
        "finance-unchecked", ((row, "finance_checker", {}) for row in rows if row.finance_checker is None)
    )
    yield from remarks(
        "finance-same-person",
        ((row, "finance_checker", {}) for row in rows if same_name(row.finance_checker, row.assessor)),
    )


def filing_check(subject: Subject) -> Iterable[Problem]:
    """A file is checked by two people, where the sheet has columns for them (practice §1.1)."""
    for name in ("checker", "reviewer"):
        yield from remarks(
            "filing-unchecked",
            (
                (profile, name, {})
                for profile in subject.records.profiles
                if profile.origin.column(name) and getattr(profile, name) is None
            ),
        )


def file_updates(subject: Subject) -> Iterable[Problem]:
    """A file is brought up to date after a contact (practice §1.1)."""
    latest: dict[str, date] = {}
    for contact in subject.records.follow_ups:
        if contact.date <= subject.as_of:
            latest[contact.customer_id] = max(contact.date, latest.get(contact.customer_id, contact.date))
    yield from remarks(
        "file-not-updated",
        (
            (profile, "updated_on", {"found": profile.updated_on, "contact": last})
            for profile in subject.records.profiles
            if profile.updated_on and (last := latest.get(profile.customer_id)) and profile.updated_on < last
        ),
    )


def overrides(subject: Subject) -> Iterable[Problem]:
    """A person's decision counts with a tier of the policy, a reason, two people and an end that has not passed."""
    names = tuple(tier.name for tier in subject.policy.tiers)
    for override in subject.records.overrides:
        if override.grade not in names:
            yield problem("tier-unknown", override.ref("grade"), found=shown(override.grade), choices=listed(names))
        for name, reason in _override_faults(override):
            yield problem("override-invalid", override.ref(name), reason=reason)
        if override.expires_on is not None and override.expires_on < subject.as_of:
            yield problem("override-expired", override.ref("expires_on"), found=override.expires_on.isoformat())


def _override_faults(override: Override) -> Iterable[tuple[str, str]]:
    fields = schema.OVERRIDES
    for name in ("reason", "proposer", "auditor", "expires_on"):
        if getattr(override, name) is None:
            yield name, f"没有可用的“{fields.field(name).label}”"
    if same_name(override.auditor, override.proposer):
        yield "auditor", "审核人就是提出人"


def standard_tiers(subject: Subject) -> Iterable[Problem]:
    """A standard is written for a tier of the policy."""
    names = tuple(tier.name for tier in subject.policy.tiers)
    for standard in subject.records.standards:
        if standard.tier not in names:
            yield problem("tier-unknown", standard.ref("tier"), found=shown(standard.tier), choices=listed(names))


def shares(subject: Subject) -> Iterable[Problem]:
    """A share of something is not more than all of it."""
    yield from _out_of_range(subject, "rate-over-one", _SHARES, lambda value: value > 1, format_rate)


def negatives(subject: Subject) -> Iterable[Problem]:
    """A customer's spend is not negative; refunds are lines of 交易明细."""
    yield from _out_of_range(subject, "value-negative", _NOT_NEGATIVE, lambda value: value < 0, format_money)


def satisfaction(subject: Subject) -> Iterable[Problem]:
    """A score lies on its scale: a CSAT of 0 to 100, an NPS of -100 to 100, 0 to 5 of 五分制 (practice §1.2)."""
    records: list[ScoringRow | ServiceRequest] = [*subject.records.scorings, *subject.records.services]
    for name, (scale, low, high) in schema.SCALES.items():
        for record in records:
            value = getattr(record, name)
            if value is not None and not low <= value <= high:
                column = record.origin.column(name)
                short = column.unit if column and column.unit in SCORE_SCALES else None
                worth = SCORE_SCALES[short] if short else Decimal(1)
                yield problem(
                    "satisfaction-range",
                    record.ref(name),
                    label=schema.sheet(record.origin.kind).field(name).label,
                    found=f"{plain(value / worth):f}",
                    scale=short or scale,
                    low=low,
                    high=f"{plain(high / worth):f}",
                )


def _out_of_range(
    subject: Subject,
    kind: str,
    names: dict[str, tuple[str, ...]],
    is_wrong: Callable[[Decimal], bool],
    render: Callable[[Decimal], str],
) -> Iterable[Problem]:
    for records in everything(subject.records):
        for name in names.get(records[0].origin.kind, ()) if records else ():
            label = schema.sheet(records[0].origin.kind).field(name).label
            for record in records:
                value = getattr(record, name)
                if value is not None and is_wrong(value):
                    yield problem(kind, record.ref(name), label=label, found=render(value))


def consent(subject: Subject) -> Iterable[Problem]:
    """Report once a sheet how many customers did not agree to the use of their data."""
    groups: dict[tuple[str, str], list[Profile]] = defaultdict(list)
    for record in subject.records.profiles:
        if record.consent is not True:
            groups[record.origin.file, record.origin.sheet].append(record)
    for records in groups.values():
        rows = sorted(records, key=lambda record: record.row)
        ref = rows[0].ref("consent")
        places = listed([address(record.ref("consent")) for record in rows]) if ref.column else "表里没有这一列"
        yield problem("consent-missing", ref, count=len(rows), places=places)


def home_addresses(subject: Subject) -> Iterable[Problem]:
    """The address of a person is kept only with consent (practice §11)."""
    yield from remarks(
        "home-address-found",
        (
            (record, "address", {})
            for record in subject.records.profiles
            if record.customer_type == "个人" and record.address is not None and record.consent is not True
        ),
    )


def _day(value: object) -> date | None:
    """Return the earliest day a value may be."""
    if isinstance(value, datetime):
        return value.date()
    return earliest_day(value) if isinstance(value, date) else None


def _moment(value: date) -> str:
    return value.isoformat(" ", "minutes") if isinstance(value, datetime) else value.isoformat()
