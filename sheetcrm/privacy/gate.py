"""The gate: the one filter of everything composed for print, the console and JSON (practice §11). Pure.

It takes away what is not printed, and hides personal numbers and the names of persons. What may pass as it is has to
be a `Raw`, and those are few: see where it is made.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping

from sheetcrm.privacy.contacts import HAN, mask_contact
from sheetcrm.privacy.numbers import hide_numbers
from sheetcrm.text.printable import one_line, printable_lines

_SHORTEST, _LONGEST = 2, 4
"""Characters of a Chinese name; what is longer in a cell of contacts is a company, unless it has a `·`."""
_WORD = re.compile(r"[^\W\d_]+(?:·[^\W\d_]+)*")
_LATIN = re.compile(r"[A-Z][a-z]+(?: [A-Z][a-z]+)+")
_HEAD = 2
_MOST_SEEN = 1 << 15
"""Texts that are remembered with what is shown of them: lists repeat most of what they hold."""
_LONG = 64
"""Characters above which a text is hardly shown twice."""


RAW_KEYS = frozenset(
    {"run_id", "version", "sha256", "set_from", "history_sha256", "policy_sha256", "head", "period", "as_of"}
    | {
        "file",
        "files",
        "folder",
        "backups",
        "replaced",
        "path",
        "output",
        "kept",
        "into",
        "holding",
        "maybe",
        "discarded",
    }
    | {"unrecorded", "recipient"}
)
"""The keys of JSON whose values pass as they are: what the program counts out, and the names of files, by which they
are found again."""


class Raw(str):
    """A text that passes the gate as it is: an id that the program counted out, a figure, a contact asked for."""

    __slots__ = ()


class Gate:
    """Hides what is personal in a text, the names of a book's persons among it.

    `names` are hidden wherever they stand; `contacts` are cells of contact columns, of which the names are hidden,
    but those that are also the names of `staff`, whom the lists are for.
    """

    def __init__(self, names: Iterable[str] = (), contacts: Iterable[str] = (), *, staff: Iterable[str] = ()) -> None:
        """Gather the names, and what is shown in their place."""
        employed = {one_line(name) for name in staff}
        hidden = {one_line(name) for name in names}
        hidden |= {name for cell in set(contacts) for name in names_in(one_line(cell))} - employed
        shown = {name: mask_contact(name) for name in hidden if len(name) >= _SHORTEST}
        self._shown: Mapping[str, str] = {name: mask for name, mask in shown.items() if mask != name}
        self._lengths = sorted({len(name) for name in self._shown}, reverse=True)
        self._heads = frozenset(name[:_HEAD] for name in self._shown)
        self._first = re.compile(
            f"[{re.escape(''.join(sorted({name[0] for name in self._shown})))}]" if self._shown else "(?!)"
        )
        self._seen: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """Return a text as it may be shown: printable, without personal numbers and persons' names."""
        if type(text) is Raw:
            return text
        if len(text) > _LONG:
            return self.hide(printable_lines(text))
        shown = self._seen.get(text)
        if shown is None:
            shown = self.hide(printable_lines(text))
            if len(self._seen) >= _MOST_SEEN:
                self._seen.clear()
            self._seen[text] = shown
        return shown

    def __getstate__(self) -> dict[str, object]:
        """Leave out, on the way to another process, what was seen."""
        return {**self.__dict__, "_seen": {}}

    def hide(self, text: str) -> str:
        """Hide what is personal in a printable text."""
        text = hide_numbers(text)
        return self._hide_names(text) if self._heads else text

    def values(self, value: object, *, raw: Container[str] = RAW_KEYS) -> object:
        """Return plain values, as JSON has them, with every text in them as it may be shown.

        Args:
            value: The values; keys are the program's own.
            raw: The keys whose values pass as they are.
        """
        if isinstance(value, str):
            return self(value)
        if isinstance(value, Mapping):
            return self.mapping(value, raw=raw)
        if isinstance(value, (list, tuple)):
            return [self.values(entry, raw=raw) for entry in value]
        return value

    def mapping(self, values: Mapping[str, object], *, raw: Container[str] = RAW_KEYS) -> dict[str, object]:
        """Return the plain values of an answer, with every text in them as it may be shown, as `values` does."""
        return {key: value if key in raw else self.values(value, raw=raw) for key, value in values.items()}

    def _hide_names(self, text: str) -> str:
        """Replace every name, the longest first; each place is looked up, so that many names cost nothing."""
        places = (match.start() for match in self._first.finditer(text))
        starts = [start for start in places if text[start : start + _HEAD] in self._heads]
        if not starts:
            return text
        parts: list[str] = []
        at = 0
        for start in starts:
            name = self._name_at(text, start) if start >= at else ""
            if name:
                parts += (text[at:start], self._shown[name])
                at = start + len(name)
        return "".join((*parts, text[at:]))

    def _name_at(self, text: str, start: int) -> str:
        """Return the longest name that begins at a place of a text; blank where none does."""
        slices = (text[start : start + length] for length in self._lengths)
        return next((name for name in slices if name in self._shown), "")


NUMBERS_ALONE = Gate()
"""The gate of those who have read no book: numbers are hidden, names are not known."""


def names_in(cell: str) -> Iterable[str]:
    """Find the names in a cell of contacts by what the mask would hide of it: 张三 of `张三总经理`."""
    yield from _LATIN.findall(cell)
    for word in _WORD.findall(cell):
        head, star, tail = mask_contact(word).partition("*")
        name = word[len(head) - 1 : len(word) - len(tail)] if star else ""
        if re.match(f"[{HAN}]", name) and len(name) >= _SHORTEST and (len(name) <= _LONGEST or "·" in name):
            yield name
