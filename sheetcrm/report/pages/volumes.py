"""Cuts long lists into volumes, files of their own, so that the memory a file takes is bounded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

_Row = TypeVar("_Row")


def cut(rows: Sequence[_Row], weights: Sequence[int], size: int) -> list[Sequence[_Row]]:
    """Cut into parts of at most a weight each; a row that weighs more is a part of its own, no rows are one."""
    parts: list[Sequence[_Row]] = []
    start = heavy = 0
    for number, weight in enumerate(weights):
        if heavy + weight > size and number > start:
            parts.append(rows[start:number])
            start, heavy = number, 0
        heavy += weight
    return [*parts, rows[start:]]


def within(rows: Sequence[_Row], start: int, end: int, *, after: int) -> tuple[_Row, ...]:
    """Take the rows that lie between two places of a longer list, in which they begin at `after`."""
    return tuple(rows[max(start - after, 0) : max(end - after, 0)])
