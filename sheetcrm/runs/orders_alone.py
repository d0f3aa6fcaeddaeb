"""Orders alone make a book: those who ordered get a scoring workbook of their own (practice §1.7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sheetcrm import schema
from sheetcrm.intake import workbooks
from sheetcrm.intake.keys import fold_key
from sheetcrm.model import CellRef, Problem, RawValue, Records, Table
from sheetcrm.policy.model import Policy
from sheetcrm.problems import problem
from sheetcrm.store.files.inputs import InputFile
from sheetcrm.text.answers import read_key
from sheetcrm.text.folding import fold

_SCORING_BOOK = f"{schema.SCORING.title}.xlsx"


@dataclass(frozen=True, slots=True)
class ListedCustomers:
    """The workbook made of those who ordered, its tables as read, and the remark that says so."""

    file: InputFile
    tables: tuple[Table, ...]
    notice: Problem


def list_customers(records: Records, files: Sequence[InputFile], policy: Policy) -> ListedCustomers | None:
    """Make a scoring workbook of those who ordered, where no sheet of the book lists a customer.

    Its customers are called as a 客户名称 beside their orders says, else by their numbers.
    """
    if records.profiles or records.scorings or records.aside or not records.orders:
        return None
    if any(table.kind in (schema.PROFILE.kind, schema.SCORING.kind) for table in records.tables):
        return None  # the list is there, and nobody in it can be read
    from sheetcrm.excel.books import templates  # noqa: PLC0415  (brings XlsxWriter: only where a workbook is made)

    spellings: dict[str, Counter[str]] = {}
    for order in records.orders:
        if order.amount > 0:
            spellings.setdefault(fold_key(order.customer_id), Counter())[order.customer_id] += 1
    if not spellings:
        return None
    keys = sorted(min(spelled, key=lambda key: (-spelled[key], key)) for spelled in spellings.values())
    names = _names(records.as_read)
    data = templates.scoring_book(policy, [(key, names.get(fold_key(key), key)) for key in keys])
    source = next(file for file in files if file.name == min(order.origin.file for order in records.orders))
    taken = {file.name for file in files}
    name = _SCORING_BOOK if _SCORING_BOOK not in taken else f"{source.name}-{_SCORING_BOOK}"
    file = InputFile(name, source.path.with_name(name), data, source.sha256, copy_of=source.name)
    tables, _problems = workbooks.read_workbook(data, file=name)
    first = min(order.ref() for order in records.orders)
    notice = problem("orders-alone", CellRef(first.file, first.sheet), count=len(keys), name=name)
    return ListedCustomers(file, tables, notice)


def _names(tables: Iterable[Table]) -> Mapping[str, str]:
    """Return the names that stand beside the orders, by folded 客户编号; one with several names has none."""
    labels = schema.labels(schema.SCORING.kind)
    names: dict[str, set[str]] = {}
    for table in tables:
        places = {column.name or getattr(labels.get(fold(column.label)), "name", ""): at
                  for at, column in enumerate(table.columns)}  # fmt: skip
        if table.kind == schema.ORDERS.kind and {"customer_id", "name"} <= places.keys():
            for values in table.values:
                _add_name(names, values[places["customer_id"]], values[places["name"]])
    return {key: next(iter(found)) for key, found in names.items() if len(found) == 1}


def _add_name(names: dict[str, set[str]], raw_key: RawValue, name: RawValue) -> None:
    key = read_key(raw_key)
    if isinstance(key, str) and isinstance(name, str) and name.strip():
        names.setdefault(fold_key(key), set()).add(name.strip())
