"""Sums kept by key while customers are counted, and added up over groups of them."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sheetcrm.model import Mean, Ratio

_ZERO = Decimal(0)


@dataclass(slots=True)
class _Sums:
    sum: Decimal = _ZERO
    n: int = 0
    total: int = 0


class Tally:
    """For every key a sum, an n and a total; a key never counted is 0 of 0.

    A key is a figure's, or a tuple that begins with what it counts: `("alert", "高", "流失预警-联系")`.
    """

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        """Begin with nothing counted."""
        self._rows: dict[Hashable, _Sums] = {}

    @classmethod
    def of(cls, parts: Iterable[Tally]) -> Tally:
        """Add up several tallies."""
        whole = cls()
        for part in parts:
            for key, row in part._rows.items():  # noqa: SLF001  (its own class)
                whole.add(key, row.sum, row.n, row.total)
        return whole

    def add(self, key: Hashable, value: Decimal | int = _ZERO, n: int = 0, total: int = 0) -> None:
        """Add to a key's sum, n and total."""
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = _Sums()
        row.sum += value
        row.n += n
        row.total += total

    def count(self, key: Hashable, n: int = 1) -> None:
        """Count n more of a key; counting none leaves no trace."""
        if n:
            self.add(key, _ZERO, n)

    def answer(self, key: Hashable, answer: bool | None) -> None:  # noqa: FBT001  (the thing counted)
        """Count a yes or a no; an unknown answer is not counted."""
        if answer is not None:
            self.add(key, _ZERO, int(answer), 1)

    def value(self, key: Hashable, value: Decimal | int | None) -> None:
        """Count a value, or one more thing without a value."""
        if value is None:
            self.add(key, _ZERO, 0, 1)
        else:
            self.add(key, value, 1, 1)

    def n(self, key: Hashable) -> int:
        """Return how many were counted."""
        return self._row(key).n

    def sum(self, key: Hashable) -> Decimal:
        """Return the sum."""
        return self._row(key).sum

    def ratio(self, key: Hashable) -> Ratio:
        """Return the yeses among the answers."""
        row = self._row(key)
        return Ratio(row.n, row.total)

    def mean(self, key: Hashable) -> Mean:
        """Return the mean of the values."""
        row = self._row(key)
        return Mean(row.sum, row.n, row.total)

    def counts(self, *prefix: str) -> Mapping[tuple[str, ...], int]:
        """Return the counts of the keys with a prefix, without it; the most frequent first."""
        size = len(prefix)
        rows = [
            (key[size:], row.n) for key, row in self._rows.items() if isinstance(key, tuple) and key[:size] == prefix
        ]
        return dict(sorted(rows, key=lambda entry: (-entry[1], entry[0])))

    def _row(self, key: Hashable) -> _Sums:
        return self._rows.get(key) or _Sums()
