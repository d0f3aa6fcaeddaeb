"""Results of reading a cell that is not simply a value: doubts and blanks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Doubt(Generic[T_co]):
    """A problem with a cell, as a value and never an exception.

    `kind` is the problem's kind in kebab-case. `value` is None where the cell cannot be read; else the
    cell was read as that value, and a person should check it.
    """

    kind: str
    value: T_co | None = None


BLANKS = frozenset(
    ("", "-", "--", "—", "——", "–", "―", "/", "//", "\\", "无", "没有", "暂无", "n/a", "未知", "不详")
)  # fmt: skip
"""What people write for "nothing known". 无 of a count may be 0: it is not guessed."""
_LONGEST = max(map(len, BLANKS))


def is_blank(text: str) -> bool:
    """Return whether squeezed text is what people write for "nothing known". `0` never is."""
    return len(text) <= _LONGEST and text.lower() in BLANKS
