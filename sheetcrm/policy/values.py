"""The kinds of values a policy is made of."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cached_property
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from sheetcrm.text.bounds import BOUNDS, FEWEST


def check_bounds(number: Decimal) -> Decimal:
    """Return a number that may be a figure of a policy; ValueError if it is too large, or as good as 0. Pure."""
    if not BOUNDS["policy"].hold(number) or 0 < abs(number) < FEWEST:
        raise ValueError("超出了策略里数字的范围")
    return number


def _plain(number: Decimal) -> Decimal:
    """Drop trailing zeros: 0.70 and 0.7 are one figure, however they were written down."""
    check_bounds(number)
    shorter = number.normalize()
    return shorter.quantize(Decimal(1)) if shorter == shorter.to_integral_value() else shorter


def _apart(word: str) -> str:
    if re.search(r"[、,，;；\n]", word):
        raise ValueError(f"“{word}”里不能有顿号、逗号、分号或换行，请分成几项写")
    return word


Number = Annotated[Decimal, AfterValidator(_plain)]
Days = Annotated[int, Field(ge=0, le=BOUNDS["duration"].high)]
"""A length of time, in days or calendar months."""
Share = Annotated[Number, Field(ge=0, le=1)]
Points = Annotated[Number, Field(ge=0, le=100)]
Text = Annotated[str, Field(min_length=1)]
Word = Annotated[Text, AfterValidator(_apart)]
"""One of a list that people write in one cell."""
Words = tuple[Word, ...]


class Frozen(BaseModel):
    """Base of the parts of a policy: unknown keys are refused, values are frozen."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, ignored_types=(cached_property,))
