"""Takes out of a text whatever names somebody it is not about: numbers and names of other customers. Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from sheetcrm.text.printable import one_line

ANOTHER = "（其他客户）"
"""What stands in the place of another customer's number or name."""
_HEAD = 2
"""Characters by which the texts that may begin at a place are found; nothing shorter is looked for."""
_FEWEST_DIGITS = 6
"""A number of fewer digits and nothing else cannot be told from an amount or a year."""


class Others:
    """Replaces numbers and names of others wherever they stand, the longest first, but for the names of one's own.

    What begins or ends in a Latin letter or a digit is found as a word of its own: C1 is not in C10. A name in a
    longer name of one's own (华为 of 华为技术) stays, and so does what others are called as well.
    """

    def __init__(
        self, names: Iterable[str], *, own: Iterable[str] = (), phrases: Mapping[str, str] | None = None
    ) -> None:
        """Gather what is to go and what is to stay.

        Args:
            names: Numbers and names of others.
            own: Numbers and names that stay.
            phrases: Further texts to be replaced, with what stands in their place.
        """
        kept = {_fold(one_line(text)): "" for text in own if text}
        gone = {_fold(one_line(text)): ANOTHER for text in names if not _is_figure(text)}
        gone |= {_fold(text): shown for text, shown in (phrases or {}).items()}
        self._shown = {text: shown for text, shown in (gone | kept).items() if len(text) >= _HEAD}
        lengths: dict[str, set[int]] = defaultdict(set)
        for text in self._shown if gone.keys() - kept.keys() else ():
            lengths[text[:_HEAD]].add(len(text))
        self._lengths = {head: sorted(found, reverse=True) for head, found in lengths.items()}
        letters = "".join(sorted({head[0] for head in self._lengths}))
        self._first = re.compile(f"[{re.escape(letters)}]", re.IGNORECASE) if letters else re.compile("(?!)")

    def __call__(self, text: str) -> str:
        """Return a text without the others."""
        folded = _fold(text)
        parts: list[str] = []
        at = 0
        for match in self._first.finditer(text):
            start = match.start()
            length = self._length_at(folded, start) if start >= at else 0
            if length:
                shown = self._shown[folded[start : start + length]]
                parts += (text[at:start], shown or text[start : start + length])
                at = start + length
        return "".join((*parts, text[at:]))

    def _length_at(self, text: str, start: int) -> int:
        """Return the length of the longest text looked for that begins at a place; 0 where none does."""
        for length in self._lengths.get(text[start : start + _HEAD], ()):
            if text[start : start + length] in self._shown and _is_whole(text, start, start + length):
                return length
        return 0


def _fold(text: str) -> str:
    """Fold the case of a text letter by letter, so that every place stays where it is."""
    folded = text.lower()
    if len(folded) == len(text):
        return folded
    return "".join(small if len(small := letter.lower()) == 1 else letter for letter in text)


def _is_figure(name: str) -> bool:
    return name.isdecimal() and len(name) < _FEWEST_DIGITS


def _is_whole(text: str, start: int, end: int) -> bool:
    """Return whether no Latin letter or digit runs on over either end of a part of a text."""
    before = start > 0 and _runs_on(text[start - 1], text[start])
    return not before and not (end < len(text) and _runs_on(text[end - 1], text[end]))


def _runs_on(one: str, other: str) -> bool:
    return all(letter.isascii() and letter.isalnum() for letter in (one, other))
