"""What was read: tables, and the records made of their rows (domain §1).

What a book holds by the hundred thousand is a frozen `Struct`: made ten times as fast as a frozen
dataclass of as many fields.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TypeAlias

from msgspec import Struct

from sheetcrm.model.cells import CellRef, RawValue

Day: TypeAlias = date
"""A date, for the records that have a field of that name."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table (or one row of a card): where it stands and what its header said.

    `index` is the sheet's column. `row` is None, but in a card, where each field has a row of its own.
    `name` is the schema's field, None for a column the schema does not know. `unit` and `weight` come
    from the header's brackets.
    """

    index: int
    name: str | None
    label: str
    unit: str | None = None
    weight: Decimal | None = None
    row: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """The rows below one header row of one sheet, as read, before anything is made of them.

    `kind` is the schema's kind of sheet. `rows` are sheet rows; `values` holds one sequence a row, in
    the order of `columns`. `header_row` is the last row of the header; 0 in a card. `marks` tells of
    cells whose value the reader cannot give: (row, column) -> an error such as `#N/A`, or `FORMULA`
    for a formula never computed. `percents` are the (row, column) of cells formatted as percentages.
    `card` is the card a follow-up table without 客户编号 stands under: its customer is the card's.
    """

    file: str
    sheet: str
    kind: str
    header_row: int
    columns: tuple[Column, ...]
    rows: tuple[int, ...]
    values: tuple[Sequence[RawValue], ...]
    date1904: bool = False
    marks: Mapping[tuple[int, int], str] = field(default_factory=dict)
    percents: frozenset[tuple[int, int]] = frozenset()
    card: Table | None = None

    def column(self, name: str) -> Column | None:
        """Find the column that holds a field, None if there is none."""
        return next((column for column in self.columns if column.name == name), None)

    def ref(self, row: int, name: str = "") -> CellRef:
        """Make the address of a field of a row; of the row where the field has no column."""
        found = self.column(name) if name else None
        if found is None:
            return CellRef(self.file, self.sheet, row)
        return CellRef(self.file, self.sheet, found.row or row, found.index)


FORMULA = "公式未计算"
"""The mark of a formula that no program has computed yet (`Table.marks`)."""


@dataclass(frozen=True, slots=True)
class Level:
    """A level as written: its label, the rate beside it, and whether it says that the industry shrinks."""

    label: str | None
    rate: Decimal | None = None
    shrinking: bool = False


@dataclass(frozen=True, slots=True)
class Range:
    """A range with both ends in it; None is an open end."""

    low: Decimal | None
    high: Decimal | None


class Record(Struct, frozen=True, gc=False, eq=False, kw_only=True):
    """A row that was read. `unreadable` names the fields whose cell holds something nobody can read."""

    origin: Table
    row: int
    unreadable: tuple[str, ...] = ()

    def ref(self, name: str = "") -> CellRef:
        """Make the address of one of this record's cells."""
        return self.origin.ref(self.row, name)


class Profile(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """A customer's row of 客户信息基础表, or a card (domain §1.1, §1.4)."""

    customer_id: str
    name: str
    customer_type: str | None = None
    industry: str | None = None
    contact: str | None = None
    phone: str | None = None
    credit_code: str | None = None
    address: str | None = None
    first_deal: date | None = None
    spend_total: Decimal | None = None
    spend_12m: Decimal | None = None
    frequency_12m: Decimal | None = None
    last_deal: date | int | None = None
    size: Range | str | None = None
    need: str | None = None
    need_type: str | None = None
    intent: str | None = None
    informant: str | None = None
    owner: str | None = None
    department: str | None = None
    contract_end: date | None = None
    deep_bound: bool | None = None
    benchmark: bool | None = None
    ecosystem: bool | None = None
    filed_on: date | None = None
    updated_on: date | None = None
    checker: str | None = None
    reviewer: str | None = None
    remark: str | None = None
    preference: str | None = None
    pain_points: str | None = None
    decision_chain: str | None = None
    budget_cycle: str | None = None
    reputation: str | None = None
    lost_reason: str | None = None
    referrer: str | None = None
    consent: bool | None = None
    tier: str | None = None
    tags: str | None = None
    next_due: date | None = None


class ScoringRow(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """A customer's row of 客户分级评估打分表 (domain §1.2). Rates are shares; recency is days or a date."""

    customer_id: str
    name: str
    recency: date | int | None = None
    frequency_12m: Decimal | None = None
    spend_12m: Decimal | None = None
    growth_level: Level | None = None
    repurchase_rate: Decimal | None = None
    total: Decimal | None = None
    grade: str | None = None
    assessor: str | None = None
    assessed_on: date | None = None
    auditor: str | None = None
    audited_on: date | None = None
    finance_checker: str | None = None
    average_order: Decimal | None = None
    order_growth: Decimal | None = None
    new_needs: Decimal | None = None
    referral_rate: Decimal | None = None
    referrals: Decimal | None = None
    complaints_12m: Decimal | None = None
    complaint_rate: Decimal | None = None
    praises: Decimal | None = None
    satisfaction: Decimal | None = None
    nps: Decimal | None = None
    usage_time: Decimal | None = None
    activation_rate: Decimal | None = None
    engagement: Decimal | None = None
    industry_growth: Decimal | None = None
    profit_share: Decimal | None = None
    period: str | None = None
    figures_on: date | None = None
    previous_grade: str | None = None
    movement: str | None = None
    proposed_grade: str | None = None
    explanation: str | None = None
    coverage: Decimal | None = None
    tags: str | None = None
    health: str | None = None
    risk: str | None = None
    alerts: str | None = None
    next_due: date | None = None
    overdue_days: Decimal | None = None
    next_action: str | None = None
    next_owner: str | None = None
    next_grading: date | None = None


class FollowUp(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One contact with a customer (domain §1.3)."""

    customer_id: str
    date: Day
    person: str | None = None
    channel: str | None = None
    summary: str | None = None
    feedback: str | None = None
    next_step: str | None = None
    due: Day | None = None
    overdue: str | None = None


class Order(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One line of 交易明细; a refund has a negative amount."""

    customer_id: str
    date: Day
    amount: Decimal
    order_no: str | None = None
    product: str | None = None


class ServiceRequest(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One line of 服务记录."""

    customer_id: str
    requested_at: datetime
    responded_at: datetime | None = None
    resolved_at: datetime | None = None
    resolved: bool | None = None
    first_time: bool | None = None
    satisfaction: Decimal | None = None
    nps: Decimal | None = None
    staff: str | None = None
    category: str | None = None
    benefit: str | None = None
    cost: Decimal | None = None
    discount: Decimal | None = None


class Override(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One line of 人工调整: a person's decision about a tier."""

    customer_id: str
    grade: str
    reason: str | None = None
    proposer: str | None = None
    auditor: str | None = None
    expires_on: date | None = None


class RiskEntry(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One line of 风险登记."""

    customer_id: str
    date: Day
    signal: str
    repair: str | None = None
    repaired_on: Day | None = None


class NeedEntry(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One line of 需求记录."""

    customer_id: str
    raised_on: date
    need_type: str | None = None
    content: str | None = None
    status: str | None = None


class StandardRow(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One line of 客户分级服务标准表: a tier's standard in the team's own words."""

    tier: str
    typical: str | None = None
    goal: str | None = None
    content: str | None = None
    resources: str | None = None
    roles: str | None = None


class Setting(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """What the covers print (设置)."""

    unit: str | None = None
    department: str | None = None
    compiler: str | None = None
    secrecy: str | None = None


class Holiday(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """A day of the team's own calendar (节假日); `day_kind` is 休 or 班."""

    date: Day
    day_kind: str


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """The records of all files, each kind in the order it was read, before anything is joined.

    `as_read` are the tables with all their cells; `tables`, the origins of the records, are the same
    without: what is made of the cells is kept longer than the cells. `aside` holds the 客户编号 of
    profiles and scoring rows that were set aside already: their customers are known, although nothing
    can be said of them.
    """

    as_read: tuple[Table, ...] = ()
    tables: tuple[Table, ...] = ()
    aside: frozenset[str] = frozenset()
    profiles: tuple[Profile, ...] = ()
    scorings: tuple[ScoringRow, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    orders: tuple[Order, ...] = ()
    services: tuple[ServiceRequest, ...] = ()
    overrides: tuple[Override, ...] = ()
    risks: tuple[RiskEntry, ...] = ()
    needs: tuple[NeedEntry, ...] = ()
    standards: tuple[StandardRow, ...] = ()
    settings: tuple[Setting, ...] = ()
    holidays: tuple[Holiday, ...] = ()


class Customer(Struct, frozen=True, gc=False, eq=False):
    """Everything the book holds of one customer, joined by 客户编号. The lists are in date order.

    `profile` and `scoring` are None where the book has no such row; one of them is always there.
    """

    customer_id: str
    name: str
    profile: Profile | None = None
    scoring: ScoringRow | None = None
    orders: tuple[Order, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    services: tuple[ServiceRequest, ...] = ()
    overrides: tuple[Override, ...] = ()
    risks: tuple[RiskEntry, ...] = ()
    needs: tuple[NeedEntry, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """All the files of a run, read as one (domain §1.7). Customers are sorted by 客户编号.

    `kinds` are the kinds of sheets that were found at all: no 服务记录 anywhere is not the same as
    none for a customer.
    """

    files: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    customers: tuple[Customer, ...] = ()
    standards: tuple[StandardRow, ...] = ()
    settings: tuple[Setting, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    kinds: frozenset[str] = frozenset()
