"""What the cells of a column look like, and which kinds of fields hold such cells (practice §1.6). Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from sheetcrm.model import RawValue
from sheetcrm.schema import Field, Kind
from sheetcrm.text import dates
from sheetcrm.text.folding import fold, squeeze, unit_of

_CELLS = 20
"""The cells that are looked at."""
_FITS_NOT = -35
"""What cells that a kind of field never holds do to its likeness."""
_CHOICES = 20
"""What cells that are nearly all choices of a field do to its likeness."""
_MOST = 0.8
_LARGE = 1000
"""Bare numbers from here on are taken for money."""
_SENTENCE = 6
"""Characters of a text that is more than a name."""

_PHONE = re.compile(r"(?:\+?86)?1[\d*]{10}|0\d{2,3}-?[\d*]{7,8}|[^@\s]+@[^@\s]+")
_DAY = re.compile(r"\d{4}[-/.年]\d{1,2}.*|\d{8}")
_RATE = re.compile(r"-?\d+(?:\.\d+)?%|[一二三四五六七八九十]成.*")
_TIMES = re.compile(r"\d+(?:\.\d+)?[次单笔回](?:/(?:年|季度?|月|周))?|每[年季月周].*")
_DAYS = re.compile(r"\d+(?:\.\d+)?(?:天|个?月|周|年)(?:前)?")
_MONEY = re.compile(r"[¥￥]-?[\d,]+(?:\.\d+)?|-?[\d,]+(?:\.\d+)?(?:万|亿|千|元|万元|亿元|块)+")
_NUMBER = re.compile(r"-?[\d,]+(?:\.\d+)?")
_CODE = re.compile(r"(?=[^\d]*\d)(?=[^A-Za-z]*[A-Za-z])[A-Za-z\d_/-]{2,24}")
_COMPANY = re.compile(
    r".{2,}(?:公司|集团|厂|店|行|院|中心|商场|超市|学校|大学|酒店|药房|合作社|经营部|事务所)(?:\(.*\))?"
    r"|.+(?i:ltd|inc|llc|corp|gmbh|co|limited|company)\.?"
)
_PERSON = re.compile(r"[\u4e00-\u9fff](?:\*{1,2}|某{1,2}|总|经理|主任|先生|女士|工)(?:\(.*\))?")
_LEVELS = frozenset(["高", "中", "低", "好", "一般", "差", "较高", "较低", "中等", "较好", "较差", "优", "良"])
_LEVEL = re.compile(r"[高中低][(\[（].*")
_ANSWERS = frozenset(["是", "否", "有", "无", "√", "×", "Y", "N"])

_UNITS = (("元", "money"), ("次", "times"), ("天", "days"), ("%", "rate"))
"""What bare numbers are under a header with a unit."""

_HOLDS: Mapping[Kind, Mapping[str, int]] = {
    Kind.DATE: {"date": 15},
    Kind.DATETIME: {"date": 15},
    Kind.MONTH_DAY: {"date": 15},
    Kind.RECENCY: {"date": 15, "days": 15, "number": 0},
    Kind.MONEY: {"money": 15, "number": 0},
    Kind.FREQUENCY: {"times": 20, "number": 10},
    Kind.COUNT: {"number": 15, "times": 15},
    Kind.NUMBER: {"number": 10, "rate": 0, "days": 0},
    Kind.RATE: {"rate": 15, "number": 0},
    Kind.LEVEL: {"level": 15, "rate": 5},
    Kind.YES_NO: {"answer": 15},
    Kind.RANGE: {"text": 10, "number": 15, "money": 5, "code": 0},
    Kind.KEY: {"code": 15, "number": 10, "text": 0, "money": 0},
    Kind.CREDIT_CODE: {"code": 10, "number": 0, "text": 0, "money": 0},
    Kind.CHOICE: {"text": 5, "level": 10, "code": 5},
    Kind.TEXT: {"text": 10, "sentence": 10, "level": 5, "answer": 5, "code": 5, "person": 5, "company": 5},
    Kind.PERSONAL: {"text": 10, "person": 15, "sentence": 0},
}
"""What cells of each kind of field look like, and how much that is worth."""

_NAME = {"company": 15, "text": 10, "sentence": 10, "person": 5, "code": -10}
_SOMEBODY = {"person": 15, "text": 10}
_PHONES = {"phone": 15, "text": 10, "code": 10, "number": 0, "money": 0}
_HOLDS_ITSELF: Mapping[str, Mapping[str, int]] = {
    "name": _NAME,
    "referrer": _NAME,
    "owner": _SOMEBODY,
    "person": _SOMEBODY,
    "staff": _SOMEBODY,
    "phone": _PHONES,
    "industry": {"text": 10, "sentence": 0, "level": -10, "person": -20, "company": -10},
}
"""Fields whose cells are more than their kind says."""


def looks_of(cells: Iterable[RawValue], notes: tuple[str, ...] = ()) -> str | None:
    """Return what most of a column's cells look like, bare numbers by the unit in its header; None without cells."""
    filled = [cell for cell in cells if not is_empty(cell)][:_CELLS]
    counts = Counter(map(_look, filled))
    looks = counts.most_common(1)[0][0] if counts else None
    if looks in {"number", "money"}:
        unit = unit_of(notes) or ""
        looks = next((look for sign, look in _UNITS if sign in unit), looks)
    return looks


def fit(field: Field, looks: str | None, cells: Iterable[RawValue]) -> int:
    """Return what a column's cells do to the likeness of its header and a field."""
    if looks is None:
        return 0
    if field.choices:
        filled = [squeeze(str(cell)) for cell in cells if not is_empty(cell)][:_CELLS]
        choices = {fold(choice) for choice in (*field.choices, *(field.older or ()))}
        if filled and sum(fold(text) in choices for text in filled) >= _MOST * len(filled):
            return _CHOICES
    return _HOLDS_ITSELF.get(field.name, _HOLDS[field.kind]).get(looks, _FITS_NOT)


def is_empty(cell: RawValue) -> bool:
    """Return whether a cell holds nothing."""
    return cell is None or cell == ""


def _look(cell: RawValue) -> str:
    if isinstance(cell, bool):
        return "answer"
    if isinstance(cell, int | float):
        return "rate" if 0 < cell < 1 else "money" if abs(cell) >= _LARGE else "number"
    text = squeeze(str(cell))
    looks = {
        "date": isinstance(cell, date) or (_DAY.fullmatch(text) and isinstance(dates.read_date(text), date)),
        "phone": _PHONE.fullmatch(text),
        "level": text in _LEVELS or _LEVEL.fullmatch(text),
        "answer": text in _ANSWERS,
        "rate": _RATE.fullmatch(text),
        "times": _TIMES.fullmatch(text),
        "days": _DAYS.fullmatch(text),
        "money": _MONEY.fullmatch(text),
        "number": _NUMBER.fullmatch(text),
        "code": _CODE.fullmatch(text),
        "company": _COMPANY.fullmatch(text),
        "person": _PERSON.fullmatch(text),
        "sentence": len(text) >= _SENTENCE and not text.isascii(),
    }
    return next((name for name, is_so in looks.items() if is_so), "text")
