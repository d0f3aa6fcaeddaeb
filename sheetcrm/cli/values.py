"""What the options take: choices, days and files; a value that is none of them is answered with what is like it."""

from __future__ import annotations

import contextlib
from datetime import date
from pathlib import Path
from typing import Any

import click

from sheetcrm.store.files.nearby import did_you_mean_file
from sheetcrm.text.likeness import did_you_mean

_SERIAL_DIGITS = range(1, 8)
"""Fewer digits than a day has: nobody types a number of days, as Excel counts them."""


class OneOf(click.Choice[str]):
    """One of a few words."""

    def get_invalid_choice_message(self, value: Any, ctx: click.Context | None) -> str:  # noqa: ANN401  (click's)
        """Return what is wrong, and the words that are like it."""
        return super().get_invalid_choice_message(value, ctx) + did_you_mean(str(value), self.choices)


class ExistingFile(click.Path):
    """A file that is there."""

    def __init__(self) -> None:
        """Take no folder."""
        super().__init__(exists=True, dir_okay=False, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Return the path; where it leads nowhere, the files that are called much the same are named."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter as error:
            self.fail(f"{error.message}{did_you_mean_file(Path(value))}", param, ctx)


class Day(click.ParamType[date]):
    """A day, as it may stand in a cell: 2026-10-31, 2026/10/31, 2026年10月31日, 20261031."""

    name = "day"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:  # noqa: ANN401
        """Return the day."""
        from sheetcrm.text.dates import read_date  # noqa: PLC0415  (start-up time)

        if isinstance(value, date):
            return value
        text = str(value).strip()
        with contextlib.suppress(ValueError):
            return date.fromisoformat(text)  # whatever its year: the period says what is wrong with that
        day = None if text.isdigit() and len(text) in _SERIAL_DIGITS else read_date(text)
        if not isinstance(day, date):
            self.fail(f"“{value}”看不懂，请写成 2026-10-31 这样的日期。", param, ctx)
        return day
