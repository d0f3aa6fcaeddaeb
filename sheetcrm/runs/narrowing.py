"""A whole book's results narrowed to some customers: what a share is made of (practice §11).

The whole book was graded: shares, ranks and the practice's comparisons need it. What goes on from here comes out of a
new workbook of these customers' records alone, read back as a book of its own, and of what was decided about each of
them. Numbers and names of the others are taken out of every text, figures are counted anew, and what compares a
customer with the whole book is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

from msgspec import Struct, structs

from sheetcrm import schema
from sheetcrm.assess.figures.sampling import draw_sample
from sheetcrm.assess.figures.summary import summarise
from sheetcrm.assess.lists.gather import gather
from sheetcrm.errors import UsageError
from sheetcrm.excel.books.filled import filled_book
from sheetcrm.model import Assessment, Book, Customer, Record, Setting, Table
from sheetcrm.model.lists import Lists, Outlook
from sheetcrm.policy.glossary import OF_ALL
from sheetcrm.policy.model import Policy
from sheetcrm.policy.run import Results, Run
from sheetcrm.policy.tables import Rule
from sheetcrm.privacy import names_in
from sheetcrm.runs.prepare import Plan
from sheetcrm.runs.reading import ReadBook, read
from sheetcrm.store.files.inputs import InputFile
from sheetcrm.text.folding import fold
from sheetcrm.text.others import Others
from sheetcrm.text.printable import one_line

BOOK = "客户台账.xlsx"
"""The workbook's name in a share, and the file that its problems speak of."""
OF_THE_WHOLE = "按整本台账判断"
"""What stands in the place of a sentence that compares a customer with the whole book."""
_EVENTS: Mapping[str, str] = {
    schema.FOLLOW_UPS.kind: "follow_ups",
    schema.ORDERS.kind: "orders",
    schema.SERVICE.kind: "services",
    schema.OVERRIDES.kind: "overrides",
    schema.RISKS.kind: "risks",
    schema.NEEDS.kind: "needs",
}
"""Where a customer keeps the records of each kind."""
_LEGAL_FORM = re.compile(r"(?:有限责任公司|股份有限公司|有限公司|集团|股份|公司|[(（].*?[)）]|\s)")
_SHORTEST = 3
"""Characters of what is left of a company's name: fewer are words of every text."""
_REACHED_BY = re.compile(r"[\w.%+-]+@[\w.-]+|\+?\d[\d -]{5,}\d")
_NO_SETTING = Setting(
    origin=Table(BOOK, schema.SETTINGS.title, schema.SETTINGS.kind, header_row=1, columns=(), rows=(), values=()), row=2
)
"""The line of 设置 of a book that has none: what is printed on every page stands in it."""
_ValueT = TypeVar("_ValueT")


@dataclass(frozen=True, slots=True)
class Narrowed:
    """The results of some customers, their book as a new workbook of plain cells, and how much was left out.

    `left_out` counts the alerts that compare a customer with the whole book.
    """

    results: Results
    records: Mapping[str, Sequence[Record]]
    left_out: int = 0


def narrow(plan: Plan, chosen: Sequence[Assessment], *, mark: str = "", hidden: Collection[str] = ()) -> Narrowed:
    """Narrow a plan's results to some of its customers. Nothing of the others is in what is returned.

    Args:
        plan: The whole book's.
        chosen: The customers, of the plan.
        mark: What is printed beside 密级 on every page: for whom it is, and until when.
        hidden: The columns of the base sheet, by their labels, that are left blank.

    Raises:
        UsageError: If a customer cannot be read back from the new workbook.
    """
    run = plan.run
    others = _others(plan, chosen)
    records = _records(chosen, plan.reading.book, others, _printed_secrecy(plan.reading.book, run, mark))
    blank = {field.name: None for field in schema.ON_CARDS_ALONE if field.label in hidden}
    records = {**records, schema.PROFILE.kind: [structs.replace(one, **blank) for one in records[schema.PROFILE.kind]]}
    reading = _read_back(filled_book(records, run.policy), run)
    assessments, left_out = _assessments(chosen, reading.book, run.policy, others)
    book = replace(reading.book, kinds=reading.book.kinds | plan.reading.book.kinds)
    keys = {entry.customer.customer_id for entry in assessments}
    past = {key: one for key, one in plan.history.past.items() if key in keys}
    figures = summarise(assessments, run, book, problems=reading.problems, history=past)
    lists = replace(
        gather(assessments, run, book, figures, history=past),
        **_outlook(plan.lists, {one.customer.customer_id: one for one in assessments}),
    )
    return Narrowed(
        Results(
            run=run,
            run_id=plan.run_id,
            book=book,
            assessments=assessments,
            figures=figures,
            sample=draw_sample((service for customer in book.customers for service in customer.services), run),
            problems=reading.problems,
            lists=lists,
        ),
        records,
        left_out,
    )


def _others(plan: Plan, chosen: Sequence[Assessment]) -> Others:
    """Gather what must not be in any text: the others' numbers and names, and sentences about the whole book."""
    inside = {entry.customer.customer_id for entry in chosen}
    named = {name for entry in chosen for name in _names(entry.customer)}
    staff = {name for entry in chosen for name in (entry.owner, entry.department) if name}
    outside: set[str] = set(plan.reading.aside) - inside
    outside |= _spelled(plan.reading.names)
    outside |= {one.customer_id for one in plan.history.departed}
    for entry in plan.assessments:
        if entry.customer.customer_id not in inside:
            outside |= _names(entry.customer) | _contacts(entry.customer)
    for entry in chosen:
        named |= _contacts(entry.customer)
    policy = plan.run.policy
    rules: list[Rule] = [rule for table in policy.classes for rule in table.rules]
    rules += [*policy.alerts.rules, *policy.tier_rules.rules]
    notes = {rule.note: OF_THE_WHOLE for rule in rules if rule.note and not OF_ALL.isdisjoint(rule.when)}
    return Others(outside - named, own=named | staff, phrases=notes)


def _names(customer: Customer) -> set[str]:
    rows = (customer.profile, customer.scoring)
    return _spelled({customer.name, *(row.name for row in rows if row)}) | {customer.customer_id}


def _spelled(names: Iterable[str]) -> set[str]:
    """Add to names of companies what people write of them: 星河重工 of 星河重工有限公司."""
    shorter = {_LEGAL_FORM.sub("", name) for name in names}
    return {name for name in names if name} | {name for name in shorter if len(name) >= _SHORTEST}


def _contacts(customer: Customer) -> set[str]:
    """Find the names, numbers and addresses in a customer's cells of contacts."""
    profile = customer.profile
    cells = [cell for cell in (profile.contact, profile.phone, profile.address) if cell] if profile else []
    return {part for cell in cells for part in (*names_in(one_line(cell)), *_REACHED_BY.findall(cell))}


def _printed_secrecy(book: Book, run: Run, mark: str) -> str:
    stated = next((row.secrecy for row in book.settings if row.secrecy), None) or run.policy.report.secrecy
    return f"{stated}　{mark}" if mark else stated


def _records(chosen: Sequence[Assessment], book: Book, others: Others, secrecy: str) -> Mapping[str, Sequence[Record]]:
    """Gather the records of the workbook: the customers' own, and what is the team's and about no customer."""
    customers = [entry.customer for entry in chosen]
    records: dict[str, Sequence[Any]] = {
        schema.PROFILE.kind: [_keyed(one.profile, one) for one in customers if one.profile],
        schema.SCORING.kind: [_keyed(one.scoring, one) for one in customers if one.scoring],
        **{
            kind: [_keyed(record, one) for one in customers for record in getattr(one, attribute)]
            for kind, attribute in _EVENTS.items()
        },
        schema.STANDARDS.kind: book.standards,
        schema.HOLIDAYS.kind: book.holidays,
    }
    cleaned = {kind: [_cleaned(record, others) for record in rows] for kind, rows in records.items()}
    row = _cleaned(next((one for one in book.settings if one.unit), _NO_SETTING), others)
    cleaned[schema.SETTINGS.kind] = [structs.replace(row, department=None, yearly_sales=None, secrecy=secrecy)]
    return cleaned


def _keyed(record: _ValueT, customer: Customer) -> _ValueT:
    """Return a record under its customer's number: where several shared a row, the row named them all."""
    return structs.replace(record, customer_id=customer.customer_id)  # type: ignore[type-var]


def _cleaned(record: Record, others: Others) -> Record:
    changed = {
        name: cleaned
        for name in record.__struct_fields__
        if isinstance(value := getattr(record, name), str) and (cleaned := others(value)) != value
    }
    return structs.replace(record, **changed) if changed else record


def _read_back(data: bytes, run: Run) -> ReadBook:
    """Read the new workbook as a book: its tables and the addresses of its problems are its own."""
    return read([InputFile(BOOK, Path(BOOK), data, "")], policy=run.policy, today=run.today, as_of=run.as_of)


def _assessments(
    chosen: Sequence[Assessment], book: Book, policy: Policy, others: Others
) -> tuple[tuple[Assessment, ...], int]:
    """Say of the customers of a narrowed book what was decided about them; also how many alerts were left out."""
    customers = {fold(one.customer_id): one for one in book.customers}
    compared = {rule.code for rule in policy.alerts.rules if not OF_ALL.isdisjoint(rule.when)}
    narrowed: list[Assessment] = []
    for entry in chosen:
        customer = _same(entry.customer, customers.get(fold(entry.customer.customer_id)))
        moved = _Moved(entry.customer, customer, others)
        values = {
            name: moved(getattr(entry, name))
            for name in entry.__struct_fields__
            if name not in {"customer", "measures"}
        }
        values["alerts"] = tuple(alert for alert in values["alerts"] if alert.code not in compared)
        measures = structs.replace(entry.measures, industry_gap=None, revenue_share=None)
        narrowed.append(Assessment(customer=customer, measures=measures, **values))
    before, after = (sum(len(one.alerts) for one in entries) for entries in (chosen, narrowed))
    return tuple(narrowed), before - after


def _same(before: Customer, now: Customer | None) -> Customer:
    """Return a customer as read back.

    Raises:
        UsageError: If it was not, or not with all its records.
    """
    lengths = [None if one is None else [len(getattr(one, name)) for name in _EVENTS.values()] for one in (before, now)]
    if now is None or lengths[0] != lengths[1]:
        raise UsageError(
            f"客户“{before.customer_id}”写进新的工作簿后读不全，没有分享",
            "请核对它的编号和各行；没有编号的，先用 sheetcrm run --number 编号",
        )
    return structs.replace(now, appointment=before.appointment)


class _Moved:
    """Rebuilds values of an assessment: records become those of the new workbook, texts lose the others."""

    def __init__(self, before: Customer, now: Customer, text: Callable[[str], str]) -> None:
        self._text = text
        self._records: dict[tuple[int, int], Record] = {}
        for attribute in _EVENTS.values():
            pairs = zip(getattr(before, attribute), getattr(now, attribute), strict=True)
            self._records |= {(id(old.origin), old.row): new for old, new in pairs}
        for old, new in ((before.profile, now.profile), (before.scoring, now.scoring)):
            if old is not None and new is not None:
                self._records[id(old.origin), old.row] = new

    def __call__(self, value: Any) -> Any:  # noqa: ANN401  (any value of an assessment)
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, tuple):
            return tuple(map(self, value))
        if isinstance(value, Mapping):
            return {self(key): self(entry) for key, entry in value.items()}
        return self._fields(value)

    def _fields(self, value: Any) -> Any:  # noqa: ANN401  (as above)
        if isinstance(value, Record):
            return self._records[id(value.origin), value.row]
        if isinstance(value, Struct):
            return structs.replace(value, **{name: self(getattr(value, name)) for name in value.__struct_fields__})
        if is_dataclass(value) and not isinstance(value, type):
            return replace(value, **{one.name: self(getattr(value, one.name)) for one in fields(value) if one.init})
        return value


def _outlook(lists: Lists, entries: Mapping[str, Assessment]) -> Mapping[str, Any]:
    """Return who falls and who is one order from rising, as the whole book tells it."""

    def of_these(rows: Sequence[Outlook]) -> tuple[Outlook, ...]:
        keys = ((row, row.assessment.customer.customer_id) for row in rows)
        return tuple(replace(row, assessment=entries[key]) for row, key in keys if key in entries)

    return {"fallers": of_these(lists.fallers), "risers": of_these(lists.risers)}
