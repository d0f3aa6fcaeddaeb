"""Find the field a header people made up is most like: a proposal, never a reading (practice §1.6). Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache

from sheetcrm import schema
from sheetcrm.model import RawValue
from sheetcrm.schema import Field, Kind
from sheetcrm.text import dates
from sheetcrm.text.folding import fold, split_header, squeeze

_LEAST = 50
"""The likeness a proposal needs, of 100."""
_FITS, _FITS_NOT = 15, -35
"""What cells of the kind of a field, or of another, do to its likeness."""
_CELLS = 20
"""The cells that are looked at."""

_NO_FIELD = frozenset(map(fold, ("序号", "行号", "上级主管", "主营产品")))
"""Headers that are no field, however like one they look."""

_PHONE = re.compile(r"(?:\+?86)?1[\d*]{10}|0\d{2,3}-?\d{7,8}|[^@\s]+@[^@\s]+")
_DAY = re.compile(r"\d{4}[-/.年]\d{1,2}.*|\d{8}")
_RATE = re.compile(r"-?\d+(?:\.\d+)?%|[一二三四五六七八九十]成.*")
_NUMBER = re.compile(r"[¥￥]?-?[\d,]+(?:\.\d+)?(?:万|亿|千|元|万元|亿元|次|单|笔|天|/年|次/年|次/月)*")
_A_YEAR = re.compile(r"\d+(?:\.\d+)?[次单笔回]/(?:年|季度?|月|周)")
_LEVELS = frozenset(["高", "中", "低", "好", "一般", "差", "较高", "较低", "中等", "较好", "较差", "优", "良"])
_ANSWERS = frozenset(["是", "否", "有", "无", "√", "×", "Y", "N"])
_HOLDS: Mapping[Kind, frozenset[str]] = {
    Kind.DATE: frozenset({"date"}),
    Kind.DATETIME: frozenset({"date"}),
    Kind.RECENCY: frozenset({"date", "number"}),
    Kind.MONEY: frozenset({"number"}),
    Kind.FREQUENCY: frozenset({"number"}),
    Kind.COUNT: frozenset({"number"}),
    Kind.NUMBER: frozenset({"number"}),
    Kind.RATE: frozenset({"rate", "number"}),
    Kind.LEVEL: frozenset({"level", "rate"}),
    Kind.YES_NO: frozenset({"answer"}),
    Kind.RANGE: frozenset({"text", "number"}),
    Kind.KEY: frozenset({"text", "number"}),
    Kind.CREDIT_CODE: frozenset({"text", "number"}),
    Kind.CHOICE: frozenset({"text", "level"}),
    Kind.TEXT: frozenset({"text", "level", "answer"}),
    Kind.PERSONAL: frozenset({"text"}),
}
"""What cells of each kind of field look like."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A field that a header may stand for, the kind of sheet it is of, and how like the two are, of 100."""

    kind: str
    field: Field
    likeness: int


def nearest(text: str, kinds: Sequence[str], cells: Iterable[RawValue] = ()) -> Proposal | None:
    """Find the field of some kinds of sheets that a header is most like; None where it is like none.

    Args:
        text: The header.
        kinds: The kinds of sheets, the likeliest first.
        cells: The column's cells; what they are counts beside the words.
    """
    label = split_header(text).label
    if label in _NO_FIELD:
        return None
    looks = _looks(cells)
    best: Proposal | None = None
    for kind in kinds:
        guess = _guesses(kind).get(label)
        found_here = Proposal(kind, guess, 100) if guess is not None else _likest(label, kind, looks)
        if found_here is not None and (best is None or found_here.likeness > best.likeness):
            best = found_here
    return best


def stated(text: str, kind: str, cells: Iterable[RawValue]) -> Field | None:
    """Return the field of a guess that every one of its cells says by itself: 购买次数 of `12次/年` is no lifetime's.

    Only a frequency is ever said so; a doubt is left to a person (practice §1.6).
    """
    guess = _guesses(kind).get(split_header(text).label)
    filled = [cell for cell in cells if cell is not None and cell != ""]
    if guess is None or guess.kind is not Kind.FREQUENCY or not filled:
        return None
    return guess if all(isinstance(cell, str) and _A_YEAR.fullmatch(squeeze(cell)) for cell in filled) else None


def kinds_like(texts: Sequence[str]) -> list[str]:
    """Order the kinds of sheets by how many headers are, or may be, fields of theirs; those with none are left out."""
    labels = [split_header(text).label for text in texts]
    counts = {
        entry.kind: sum(label in schema.labels(entry.kind) or label in _guesses(entry.kind) for label in labels)
        for entry in schema.SHEETS
    }
    return [kind for kind, count in sorted(counts.items(), key=lambda pair: -pair[1]) if count]


def _likest(label: str, kind: str, looks: str | None) -> Proposal | None:
    from rapidfuzz import fuzz  # noqa: PLC0415 - only a header nobody knows pays for it

    best: Proposal | None = None
    for name, field in _names(kind).items():
        likeness = (2 * fuzz.ratio(label, name) + fuzz.partial_ratio(label, name)) / 3
        if looks is not None:
            likeness += _FITS if _fits(field, looks) else _FITS_NOT
        if likeness >= _LEAST and (best is None or likeness > best.likeness):
            best = Proposal(kind, field, min(round(likeness), 99))
    return best


def _fits(field: Field, looks: str) -> bool:
    if looks == "phone":
        return field.name == "phone"
    if field.name == "phone":
        return looks in {"text", "number"}
    return looks in _HOLDS[field.kind]


def _looks(cells: Iterable[RawValue]) -> str | None:
    """Return what most of a column's cells look like; None where there are none."""
    filled = [cell for cell in cells if cell is not None and cell != ""][:_CELLS]
    counts = Counter(map(_look, filled))
    return counts.most_common(1)[0][0] if counts else None


def _look(cell: RawValue) -> str:
    if isinstance(cell, bool):
        return "answer"
    if isinstance(cell, int | float):
        return "rate" if 0 < cell < 1 else "number"
    text = squeeze(str(cell))
    looks = {
        "date": isinstance(cell, date) or (_DAY.fullmatch(text) and isinstance(dates.read_date(text), date)),
        "phone": _PHONE.fullmatch(text),
        "level": text in _LEVELS or re.match(r"[高中低][(\[]", text),
        "answer": text in _ANSWERS,
        "rate": _RATE.fullmatch(text),
        "number": _NUMBER.fullmatch(text),
    }
    return next((name for name, is_so in looks.items() if is_so), "text")


@cache
def _names(kind: str) -> Mapping[str, Field]:
    """Map the labels, aliases and guesses of a kind of sheet to its fields."""
    return {**schema.labels(kind), **_guesses(kind)}


@cache
def _guesses(kind: str) -> Mapping[str, Field]:
    sheet = schema.sheet(kind)
    return {fold(guess): entry for entry in (*sheet.fields, *sheet.further) for guess in entry.guesses}
