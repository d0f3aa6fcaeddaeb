"""Makes text printable: the one filter of everything that is quoted or composed from people's files. Pure.

Cells, sheet names and file names may hold what a terminal obeys (escape sequences, bells), what turns the
direction of reading (bidi overrides), what nobody sees (zero-width characters) and what XML cannot hold
(control characters, halves of surrogate pairs). None of it reaches a terminal, a page or a new workbook.
"""

from __future__ import annotations

import json
import re
import unicodedata

import msgspec

_RARE = re.compile("[^ -~\u00d7\u2010-\u2027\u2190-\u22ff\u3000-\u312f\u3190-\ud7a3\uf900-\ufaff\uff01-\uff5e]")
"""Characters that have to be looked at; the others, of which nearly every text consists, are printable."""

_DROPPED = frozenset({"Cc", "Cf", "Cs"})
_UNSEEN = re.compile("[\u034f\u115f\u1160\u2065\u3164\uffa0]")
"""Letters and marks by their category, of which nothing is seen."""

_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_FAST = msgspec.json.Encoder()
_LAST_OF_A_PLANE = 0xFFFE
_UNREADABLE_BYTE = range(0xDC80, 0xDD00)
"""How Python holds the bytes of a file name that are no UTF-8 (PEP 383)."""


def printable(text: str) -> str:
    """Return a text without what is not printed; a line break or another white space becomes a space.

    A byte of a file name that is no character becomes U+FFFD. Pure.
    """
    return text if text.isprintable() and not _UNSEEN.search(text) else _RARE.sub(_shown, text)


def one_line(text: str | None) -> str:
    """Return a printable text on one line, without spaces around it and with single ones inside. Pure."""
    return " ".join(printable(text).split()) if text else ""


def printable_lines(text: str) -> str:
    """Return a text of several lines, each of them printable. Pure."""
    return "\n".join(map(printable, text.split("\n"))) if "\n" in text else printable(text)


def printable_name(name: str) -> str:
    """Return a file's or sheet's name with `_` for each character that is not printed.

    Nothing is dropped, so that no name turns into another's, or into `..`. Pure.
    """
    return _RARE.sub(lambda match: match[0] if printable(match[0]) == match[0] else "_", name)


def dump_json(value: object, *, indent: int | None = None, compact: bool = False) -> str:
    r"""Return plain values as JSON, Chinese as it is; what is not printable stands as `\uXXXX`. Pure."""
    text = _compact(value) if compact else json.dumps(value, ensure_ascii=False, indent=indent)
    return "\n".join(_RARE.sub(_escaped, line) for line in text.split("\n"))


def _compact(value: object) -> str:
    """Write without spaces: by msgspec, thrice as fast; it takes no halves of surrogate pairs."""
    try:
        return _FAST.encode(value).decode()
    except UnicodeEncodeError:
        return _COMPACT.encode(value)


def _shown(match: re.Match[str]) -> str:
    character = match[0]
    if character.isspace():
        return " "
    if ord(character) in _UNREADABLE_BYTE:
        return "\N{REPLACEMENT CHARACTER}"
    return "" if _is_dropped(character) else character


def _is_dropped(character: str) -> bool:
    """Return whether a character is never printed; the last two of each plane are no characters."""
    return (
        unicodedata.category(character) in _DROPPED
        or _UNSEEN.match(character) is not None
        or ord(character) & _LAST_OF_A_PLANE == _LAST_OF_A_PLANE
        or "\ufdd0" <= character <= "\ufdef"
    )


def _escaped(match: re.Match[str]) -> str:
    character = match[0]
    if printable(character) == character:
        return character
    units = character.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))
