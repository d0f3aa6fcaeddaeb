"""Puts a run's id where a PDF was set with a place for it.

A document is set with `PLACE` in place of the id, so that its HTML is the same while what it says is the same. Every
character an id may have is among those of `PLACE`, and so in the subset of each font it is set in: the glyphs of the
one are exchanged for those of the other, and so is an id that stands there already. PDF 32000-1, 9.4.3 (TJ), 9.10.3.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pikepdf
from pikepdf import Dictionary, Name, Object, Page, Pdf

PLACE = "0123456789abcdef"
"""What is set where the id is to stand, without kerning or ligatures."""

_FONT_OR_TEXT = re.compile(rb"/([^\s/\[\]<>()]+) [\d.]+ Tf|\[([^\]]*)\] ?TJ")
_SHOWN = re.compile(rb"<([0-9a-fA-F]*)>|(-?[\d.]+)")
_PAIR = re.compile(rb"<([0-9a-fA-F]{4})> ?<([0-9a-fA-F]{4})>")
_GLYPH = 4
"""Hexadecimal digits of a glyph."""


class NoPlaceError(Exception):
    """A page has no place for the id, or one set in several fonts: the document is to be printed with the id itself."""


def stamp(data: bytes, run_id: str, *, instead: str = PLACE) -> bytes:
    """Put a run's id into a PDF that this program printed, in all places, instead of what stands there.

    The bytes depend on the document and the id alone, not on what stood there before: a document of the last run
    that is stamped anew is the one that would be printed now.

    Raises:
        NoPlaceError: If there is a page without a place, for each states the id, or one set in several fonts.
    """
    with Pdf.open(io.BytesIO(data)) as pdf:
        fonts: dict[tuple[int, int], _Glyphs] = {}
        if not all(_stamp_page(page, run_id, instead, fonts) for page in pdf.pages):
            raise NoPlaceError
        if "/ID" in pdf.trailer:
            del pdf.trailer.ID
        written = io.BytesIO()
        pdf.save(written, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return written.getvalue()


@dataclass(frozen=True, slots=True)
class _Glyphs:
    """A font's glyphs, in hexadecimal digits, of the characters an id may have; one may have several.

    `written` has the first of each: variants (half as wide, old style) come after the plain one.
    """

    read: Mapping[bytes, str] = field(default_factory=dict)
    written: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, font: Object) -> _Glyphs:
        """Read them from the font's table for copying text."""
        if Name.ToUnicode not in font:
            return cls()
        pairs = sorted(_PAIR.findall(font.ToUnicode.read_bytes().lower()), reverse=True)
        read = {glyph: character for glyph, code in pairs if (character := chr(int(code, 16))) in PLACE}
        return cls(read, {character: glyph for glyph, character in read.items()})

    def text_of(self, line: bytes) -> str:
        """Read a line of glyphs, all others as one sign."""
        return "".join(self.read.get(line[at : at + _GLYPH], "\0") for at in range(0, len(line), _GLYPH))


def _stamp_page(page: Page, run_id: str, instead: str, fonts: dict[tuple[int, int], _Glyphs]) -> bool:
    """Exchange the ids of a page; return whether there was one, and all were exchanged."""
    named = page.resources.get(Name.Font, Dictionary())
    glyphs, count, texts = _Glyphs(), 0, [""]

    def exchanged(found: re.Match[bytes]) -> bytes:
        nonlocal glyphs, count
        if found[1] is not None:
            font = named[f"/{found[1].decode()}"]
            glyphs = fonts[font.objgen] if font.objgen in fonts else fonts.setdefault(font.objgen, _Glyphs.of(font))
            return found[0]
        parts = [part.groups() for part in _SHOWN.finditer(found[2])]
        text = glyphs.text_of(b"".join(string or b"" for string, _ in parts).lower())
        texts.append(text)
        if instead not in text or len(glyphs.written) < len(PLACE):
            return found[0]
        count += 1
        start = text.index(instead) * _GLYPH
        own = b"".join(glyphs.written[character] for character in run_id)
        return _exchanged(parts, start, start + len(instead) * _GLYPH, own)

    page.contents_coalesce()
    contents = page.obj.Contents
    contents.write(_FONT_OR_TEXT.sub(exchanged, contents.read_bytes()))
    return count > 0 and count == "".join(texts).count(instead)


def _exchanged(parts: Iterable[tuple[bytes | Any, ...]], start: int, end: int, own: bytes) -> bytes:
    """Exchange the glyphs from `start` to `end` in an array of strings of glyphs and distances between them."""
    before: list[bytes] = []
    after: list[bytes] = []
    place = 0
    for string, distance in parts:
        if string is None:
            if place <= start or place >= end:
                (before if place <= start else after).append(distance)
            continue
        before.append(b"<%s>" % string[: max(start - place, 0)])
        after.append(b"<%s>" % string[max(end - place, 0) :])
        place += len(string)
    return b"[%s] TJ" % b"".join(part for part in (*before, b"<%s>" % own, *after) if part != b"<>")
