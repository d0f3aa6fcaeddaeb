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


_BLANKS = frozenset(("", "-", "--", "—", "——", "–", "―", "/", "//", "\\", "暂无", "n/a", "未知", "不详"))


def is_blank(text: str, *, none_is_blank: bool = False) -> bool:
    """Return whether squeezed text is what people write for "nothing known". `0` never is.

    Args:
        text: The cell's text, squeezed.
        none_is_blank: Whether `无` is blank too. It is not where something is counted: there it may be 0.
    """
    return len(text) <= 3 and (text.lower() in _BLANKS or (none_is_blank and text == "无"))  # noqa: PLR2004
