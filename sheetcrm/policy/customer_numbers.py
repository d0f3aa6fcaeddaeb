"""The numbers a team gives its customers: `KH-202610001`, in the form its policy says (practice §1.7). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from string import Formatter

_LAST = "serial"
_EXAMPLE = date(2026, 10, 31)


@dataclass(frozen=True, slots=True)
class NumberSeries:
    """The numbers of one month: what stands before the serial number, and how many digits that has at least."""

    prefix: str
    digits: str

    @classmethod
    def of(cls, form: str, day: date) -> NumberSeries:
        """Return the series of a day's month.

        Args:
            form: Text with {year}, {month} and, at the end, {serial}: `KH-{year}{month}{serial:03}`.
            day: A day of the month.

        Raises:
            ValueError: If the form does not end in the serial number, or names something else.
        """
        parts = list(Formatter().parse(form))
        if not parts or parts[-1][1] != _LAST or [name for _, name, _, _ in parts].count(_LAST) != 1:
            raise ValueError("要以 {serial}（序号）结尾，例如 KH-{year}{month}{serial:03}")
        digits = parts[-1][2] or ""
        if not re.fullmatch(r"(0[1-9])?", digits):
            raise ValueError("序号的位数写成 {serial:03} 这样")
        texts = {"year": f"{day.year:04}", "month": f"{day.month:02}"}
        written = (text + (texts[name] if name and name != _LAST else "") for text, name, _, _ in _known(parts, texts))
        return cls("".join(written), digits)

    def write(self, serial: int) -> str:
        """Write a number of the series."""
        return f"{self.prefix}{serial:{self.digits}}"


def check_form(form: str) -> str:
    """Return a form that numbers can be written in.

    Raises:
        ValueError: As `NumberSeries.of` raises it, or where the numbers hold spaces.
    """
    example = NumberSeries.of(form, _EXAMPLE).write(1)
    if example.split() != [example]:
        raise ValueError("编号里不能有空格")
    return form


def _known(
    parts: list[tuple[str, str | None, str | None, str | None]], texts: dict[str, str]
) -> list[tuple[str, str | None, str | None, str | None]]:
    for _, name, spec, conversion in parts:
        if name not in (None, _LAST, *texts) or conversion or (spec and name != _LAST):
            raise ValueError("大括号里只能写 year（年）、month（月）和 serial（序号）")
    return parts
