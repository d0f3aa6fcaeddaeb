"""The records of all files, and the book they are joined to (practice §1.7)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from msgspec import Struct

from sheetcrm.model.permits import ApprovalEntry, Permission
from sheetcrm.model.records import (
    DimensionRow,
    FollowUp,
    Holiday,
    NeedEntry,
    Order,
    Override,
    Profile,
    RiskEntry,
    ScoringRow,
    ServiceRequest,
    Setting,
    StandardRow,
)
from sheetcrm.model.tables import Table


@dataclass(frozen=True, slots=True, eq=False)
class Records:
    """The records of all files, each kind in the order it was read, before anything is joined.

    `as_read` are the tables with all their cells; `tables`, the origins of the records, are the same
    without: what is made of the cells is kept longer than the cells. `aside` holds the 客户编号 of
    profiles and scoring rows that were set aside already: their customers are known, although nothing
    can be said of them. `other_months` are the tables of months that are not graded, each with its month.
    `classes` are the labels that stand as 客户编号 of follow-up records of a whole class of customers.
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
    dimensions: tuple[DimensionRow, ...] = ()
    permissions: tuple[Permission, ...] = ()
    approvals: tuple[ApprovalEntry, ...] = ()
    other_months: Mapping[Table, str] = field(default_factory=dict)
    classes: frozenset[str] = frozenset()


class Customer(Struct, frozen=True, gc=False, eq=False):
    """Everything the book holds of one customer, joined by 客户编号. The lists are in date order.

    `profile` and `scoring` are None where the book has no such row; one of them is always there. `appointment` is the
    day that people had typed into 下次跟进日期 before the program filled that column (practice §9).
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
    appointment: date | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Book:
    """All the files of a run, read as one (practice §1.7). Customers are sorted by 客户编号.

    `kinds` are the kinds of sheets that were found at all: no 服务记录 anywhere is not the same as
    none for a customer. `other_months` are the tables of months that are not graded, each with its month.
    `class_contacts` are follow-up records of whole classes of customers; their 客户编号 is the class's label.
    `permissions` and `approvals` are the lines of 权限 and 审批, in the order of the files.
    """

    files: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    customers: tuple[Customer, ...] = ()
    standards: tuple[StandardRow, ...] = ()
    settings: tuple[Setting, ...] = ()
    holidays: tuple[Holiday, ...] = ()
    kinds: frozenset[str] = frozenset()
    other_months: Mapping[Table, str] = field(default_factory=dict)
    class_contacts: tuple[FollowUp, ...] = ()
    permissions: tuple[Permission, ...] = ()
    approvals: tuple[ApprovalEntry, ...] = ()
