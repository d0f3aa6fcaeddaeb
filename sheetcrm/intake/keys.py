"""Compares 客户编号 as people do: ６ and 006, c001 and C001 are one customer where nothing speaks against it. Pure."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from msgspec import structs

from sheetcrm import schema
from sheetcrm.model import Problem, Record, Records
from sheetcrm.problems import listed, problem, shown

_SHOWN = 3


def fold_key(key: str) -> str:
    """Return what a key is compared by: half-width, without case, a number without the zeros before it."""
    text = (key if key.isascii() else unicodedata.normalize("NFKC", key)).strip().casefold()
    return (text.lstrip("0") or "0") if text.isdecimal() else text


def join_spellings(records: Records) -> tuple[Records, tuple[Problem, ...]]:
    """Give every record of a customer the same 客户编号, however it is written there (practice §1.7).

    The spelling of the base sheet is kept, else that of the scoring sheet. Where two keys of one sheet fold
    together, each stands for a customer of its own, and the whole book is compared exactly.

    Returns:
        The records, and one remark for the book where keys were written in several ways.
    """
    spellings = _spellings(records)
    if spellings is None:
        return records, ()
    others: dict[str, str] = {}
    first: dict[str, Record] = {}
    changed: dict[str, Any] = {}
    for attribute in (entry.attribute for entry in schema.SHEETS):
        rows = getattr(records, attribute)
        if not rows or not hasattr(rows[0], "customer_id"):
            continue
        for key in {record.customer_id for record in rows} - set(spellings.values()):
            if (other := spellings.get(fold_key(key), key)) != key:
                others[key] = other
        if others:
            changed[attribute] = tuple(_renamed(record, others, first) for record in rows)
    if not first:
        return records, ()
    aside = frozenset(spellings.get(fold_key(key), key) for key in records.aside)
    pairs = [f"{shown(key)}就是{shown(others[key])}" for key in sorted(first)]
    ref = min(record.ref("customer_id") for record in first.values())
    return replace(records, aside=aside, **changed), (
        problem("keys-spelled", ref, count=len(pairs), pairs=listed(pairs, most=_SHOWN)),
    )


def _spellings(records: Records) -> Mapping[str, str] | None:
    """Map folded keys to the spelling that counts; None where the book must be compared exactly."""
    spellings: dict[str, str] = {}
    for rows in (records.profiles, records.scorings):
        sheets: dict[int, set[str]] = defaultdict(set)
        for record in rows:
            if not record.origin.beside:
                sheets[id(record.origin)].add(record.customer_id)
        for keys in sheets.values():
            folded = {fold_key(key): key for key in sorted(keys)}
            if len(folded) < len(keys):
                return None
            for name, key in folded.items():
                spellings.setdefault(name, key)
    return spellings


def _renamed(record: Any, others: Mapping[str, str], first: dict[str, Record]) -> Any:  # noqa: ANN401 - of any kind
    other = others.get(record.customer_id)
    if other is None:
        return record
    first.setdefault(record.customer_id, record)
    return structs.replace(record, customer_id=other)
