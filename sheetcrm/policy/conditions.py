"""Unary tests: the conditions of bands and decision tables, as an Excel person writes them in a cell.

The notation is DMN's (OMG Decision Model and Notation, §9 S-FEEL unary tests) with Chinese words for
words: `>=500000`, `<50万`, `[6..24)`, `15%`, `高,中` (any of), `是`, `空`, `非空`, `不是 流失`,
`包含 考虑竞品|竞品报价`, and `-` for "whatever it is". An unknown measure satisfies only `空` and `-`.
"""

from __future__ import annotations

import operator
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, TypeAlias

from pydantic import AfterValidator

from sheetcrm.errors import PolicyError
from sheetcrm.policy.values import check_bounds

MeasureValue: TypeAlias = Decimal | int | str | bool | None
"""The value of a measure a condition is tested on."""

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
NUMERIC = frozenset({Decimal, int})
"""A bool is no number here, although Python says so."""
_UNITS = {"": Decimal(1), "%": Decimal("0.01"), "万": Decimal(10_000), "亿": Decimal(100_000_000)}
_NUMBER = re.compile(r"(-?\d[\d,]*(?:\.\d+)?)\s*(%|万|亿)?元?")
_INTERVAL = re.compile(r"([\[(])\s*(.+?)\s*\.\.\s*(.+?)\s*([\])])")


@dataclass(frozen=True, slots=True)
class Bound:
    """A one-sided numeric test: its operator (`>=`, `>`, `<=`, `<`) and its edge."""

    operator: str
    edge: Decimal

    @property
    def text(self) -> str:
        """The test as it would be written."""
        return f"{self.operator}{self.edge}"

    @property
    def interval(self) -> Interval:
        """The numbers it takes."""
        closed = self.operator.endswith("=")
        if self.operator[0] == ">":
            return Interval(self.edge, None, low_closed=closed)
        return Interval(None, self.edge, high_closed=closed)


@dataclass(frozen=True, slots=True)
class Interval:
    """A run of numbers; None is an open end, and `closed` tells whether an end itself is in it."""

    low: Decimal | None
    high: Decimal | None
    low_closed: bool = False
    high_closed: bool = False

    @property
    def sort_key(self) -> tuple[Decimal, bool]:
        """Order intervals from below."""
        return (Decimal("-Infinity") if self.low is None else self.low, not self.low_closed)

    def within(self, other: Interval) -> bool:
        """Return whether every number of this one lies in the other. Pure."""
        low = other.low is None or (
            self.low is not None
            and (self.low > other.low or (self.low == other.low and (other.low_closed or not self.low_closed)))
        )
        high = other.high is None or (
            self.high is not None
            and (self.high < other.high or (self.high == other.high and (other.high_closed or not self.high_closed)))
        )
        return low and high

    def ends_before(self, other: Interval) -> bool:
        """Return whether the other interval goes on above this one's end. Pure."""
        if self.high is None or other.high is None:
            return self.high is not None
        return self.high < other.high or (self.high == other.high and other.high_closed and not self.high_closed)

    def leaves_gap_before(self, above: Interval) -> bool:
        """Return whether a number lies between this interval and the next one up. Pure."""
        if self.high is None or above.low is None:
            return False
        return self.high < above.low or (self.high == above.low and not (self.high_closed or above.low_closed))


@dataclass(frozen=True, slots=True)
class Condition:
    """A compiled unary test, with the parts of its form.

    `bound` is set where it is one-sided and numeric, as in a band; `interval` wherever it takes a run
    of numbers; `words` where it takes any of these values, `refused` where it takes any but these,
    `contains` where it looks for any of these in a text.
    """

    text: str
    test: Callable[[MeasureValue], bool]
    bound: Bound | None = None
    interval: Interval | None = None
    words: frozenset[MeasureValue] | None = None
    refused: frozenset[MeasureValue] | None = None
    contains: tuple[str, ...] = ()

    @property
    def asks_presence(self) -> bool:
        """Whether it only asks if the measure is known: `空`, `非空`."""
        return self.text.strip() in ("空", "非空")

    @property
    def takes_anything(self) -> bool:
        """Whether it is `-` or blank: no condition at all."""
        return self.text.strip() in ("", "-")

    def __call__(self, value: MeasureValue) -> bool:
        """Return whether a measure satisfies the condition."""
        return self.test(value)


@cache
def compile_condition(text: str) -> Condition:
    """Compile a unary test.

    Raises:
        PolicyError: If the text is no unary test.
    """
    words = text.strip().replace("，", ",")
    written = unicodedata.normalize("NFKC", words).replace("≥", ">=").replace("≤", "<=")
    if written in ("", "-"):
        return Condition(text, _anything)
    if bound := _read_bound(written):
        return Condition(text, _bounded(bound), bound, bound.interval)
    if ends := _INTERVAL.fullmatch(written):
        opening, low, high, closing = ends.groups()
        lower = Bound(">=" if opening == "[" else ">", _number(low, text))
        upper = Bound("<=" if closing == "]" else "<", _number(high, text))
        if lower.edge > upper.edge:
            raise PolicyError(f"条件“{text}”的下限大于上限")
        if lower.edge == upper.edge and not (opening == "[" and closing == "]"):
            raise PolicyError(f"条件“{text}”没有任何数满足")
        interval = Interval(lower.edge, upper.edge, low_closed=opening == "[", high_closed=closing == "]")
        return Condition(text, _both(_bounded(lower), _bounded(upper)), interval=interval)
    return _worded(text, words)


def checked(text: str) -> str:
    """Return a condition's text if it compiles; raise ValueError otherwise, for pydantic."""
    try:
        compile_condition(text)
    except PolicyError as error:
        raise ValueError(error.what) from error
    return text


ConditionText = Annotated[str, AfterValidator(checked)]
"""A unary test as a field of a policy."""


def _read_bound(written: str) -> Bound | None:
    for sign in _OPERATORS:
        if written.startswith(sign):
            return Bound(sign, _number(written[len(sign) :].strip(), written))
    return None


def _number(written: str, whole: str) -> Decimal:
    match = _NUMBER.fullmatch(written)
    if not match:
        raise PolicyError(f"条件“{whole}”里的“{written}”读不出数值")
    try:
        return check_bounds(Decimal(match[1].replace(",", "")) * _UNITS[match[2] or ""])
    except ValueError as error:
        raise PolicyError(f"条件“{whole}”里的“{written}”{error}") from error


def _bounded(bound: Bound) -> Callable[[MeasureValue], bool]:
    compare, edge = _OPERATORS[bound.operator], bound.edge

    def test(value: MeasureValue) -> bool:
        return value.__class__ in NUMERIC and compare(value, edge)

    return test


def _both(
    first: Callable[[MeasureValue], bool], second: Callable[[MeasureValue], bool]
) -> Callable[[MeasureValue], bool]:
    return lambda value: first(value) and second(value)


def _anything(_value: MeasureValue) -> bool:
    return True


def _any_of(allowed: frozenset[MeasureValue]) -> Callable[[MeasureValue], bool]:
    yes, no = "是" in allowed, "否" in allowed

    def test(value: MeasureValue) -> bool:
        if value is True:
            return yes
        if value is False:
            return no
        return value in allowed

    return test


def _worded(text: str, written: str) -> Condition:
    if written == "空":
        return Condition(text, lambda value: value is None)
    if written == "非空":
        return Condition(text, lambda value: value is not None)
    if written.startswith("包含"):
        words = tuple(word.strip() for word in written[2:].split("|") if word.strip())
        if not words:
            raise PolicyError(f"条件“{written}”没有写要包含的词")
        return Condition(
            text, lambda value: isinstance(value, str) and any(word in value for word in words), contains=words
        )
    if written.startswith("不是"):
        refused = _alternatives(written[2:], text)
        return Condition(text, lambda value: value is not None and not _among(value, refused), refused=refused)
    allowed = _alternatives(written, text)
    return Condition(text, _any_of(allowed), words=allowed)


def _alternatives(written: str, whole: str) -> frozenset[MeasureValue]:
    parts = [part for piece in written.split(",") if (part := piece.strip())]
    if not parts:
        raise PolicyError(f"条件“{whole}”没有写值")
    return frozenset(_number(part, whole) if _NUMBER.fullmatch(part) else part for part in parts)


def _among(value: MeasureValue, allowed: frozenset[MeasureValue]) -> bool:
    if isinstance(value, bool):
        return ("是" if value else "否") in allowed
    return value in allowed
