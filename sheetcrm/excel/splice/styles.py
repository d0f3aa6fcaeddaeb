"""Cell formats: reads whether a format shows days, and derives formats from one that is there.

`cellXfs` and `dxfs` are appended to; no format in use is touched. ECMA-376 Part 1, 18.8.
"""

from __future__ import annotations

import re

from sheetcrm.excel.splice import shading
from sheetcrm.model import CellStyle
from sheetcrm.ooxml import xmltree
from sheetcrm.ooxml.xmltree import Element, escape

_ORDER = (
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
)
XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_BUILT_IN = {"General": 0, CellStyle.INTEGER.value: 1, CellStyle.PERCENT.value: 9, CellStyle.TEXT.value: 49}
_BUILT_IN_DAYS = frozenset({14, 15, 16, 17, 22, *range(27, 32), 36, *range(50, 59)})
_FIRST_CUSTOM = 164
_DEFAULTS = {
    "fonts": ('<font><sz val="11"/><name val="Calibri"/></font>',),
    "fills": ('<fill><patternFill patternType="none"/></fill>', '<fill><patternFill patternType="gray125"/></fill>'),
    "borders": ("<border/>",),
}
"""What a collection that is not there must begin with: a cell without a format shows its first members."""
_NOT_DATE = re.compile(r"""\[(?!\$)[^\]]*\]|\[\$[^\]]*\]|"[^"]*"|\\.|_.|\*.""")


def blank_styles(namespace: str) -> bytes:
    """Return a styles part of nothing but the defaults, for a workbook that has none. Pure."""
    xf = '<xf numFmtId="0" fontId="0" fillId="0" borderId="0"'
    collections = {
        **{name: "".join(members) for name, members in _DEFAULTS.items()},
        "cellStyleXfs": f"{xf}/>",
        "cellXfs": f'{xf} xfId="0"/>',
        "cellStyles": '<cellStyle name="Normal" xfId="0" builtinId="0"/>',
    }
    inside = "".join(f"<{name}>{members}</{name}>" for name, members in collections.items())
    return f'{XML_DECLARATION}<styleSheet xmlns="{namespace}">{inside}</styleSheet>'.encode()


class StyleSheet:
    """The formats of one workbook, and those appended to them."""

    def __init__(self, data: bytes, *, part: str) -> None:
        """Parse the part; raises as `xmltree.parse` does."""
        self.part = part
        self._data = data
        self._root = xmltree.parse(data, part=part)
        self._prefix = xmltree.prefix_of(data, self._root)
        self._formats = _formats(self._root.find("cellXfs"))
        self._codes = {
            xmltree.whole_number(element.attributes.get("numFmtId", "")) or 0: element.attributes.get("formatCode", "")
            for element in _children(self._root.find("numFmts"), "numFmt")
        }
        self._dxf_count = sum(1 for _ in _children(self._root.find("dxfs"), "dxf"))
        self._new_formats: list[bytes] = []
        self._new_codes: dict[int, str] = {}
        self._new_dxfs: list[bytes] = []
        self._new_members: dict[str, list[bytes]] = {}
        self._derived: dict[tuple[int, CellStyle, bool, bool], int] = {}
        self._day_formats: dict[int, bool] = {}
        self._headers: dict[int, int] = {}
        self._bordered: dict[int, bool] = {}

    @property
    def usable(self) -> bool:
        """Whether there is any format to derive from."""
        return bool(self._formats)

    @property
    def is_empty(self) -> bool:
        """Whether the part is a single tag: nothing can be appended to it."""
        return self._root.self_closed

    def shows_day(self, number: int) -> bool:
        """Return whether a cell of this format shows a serial as a day."""
        if number not in self._day_formats:
            self._day_formats[number] = self._shows_day(number)
        return self._day_formats[number]

    def is_general(self, number: int) -> bool:
        """Return whether the format has no number format of its own."""
        return self._number_format(number) == 0

    def derive(self, base: int, style: CellStyle, *, like: bool = False, on_top: bool = False) -> int:
        """Return a format like the base in font, fill, border and protection, with the style's number format.

        Args:
            base: A format's number; one that does not exist counts as the first.
            style: What the cell is to show.
            like: Keep the base's alignment too. Otherwise nothing wraps, so that rows keep their height; text
                stands left, numbers and days stand right.
            on_top: Whether it stands on top: long text, which so shows its beginning.
        """
        base = base if 0 <= base < len(self._formats) else 0
        key = (base, style, like, on_top)
        if key not in self._derived:
            self._derived[key] = self._append(base, style, like=like, on_top=on_top)
        return self._derived[key]

    def header_like(self, base: int) -> int:
        """Return a format like that of a header, in a slightly different fill: the base where nobody can say which."""
        if base not in self._headers:
            fill = shading.next_to(self._fill_of(base))
            self._headers[base] = self._with_fill(base, fill) if fill else base
        return self._headers[base]

    def is_bordered(self, number: int) -> bool:
        """Return whether a format draws a line at any side of its cell."""
        if number not in self._bordered:
            members = _children(self._root.find("borders"), "border")
            border = members[at] if 0 <= (at := self._member_of(number, "borderId")) < len(members) else None
            sides = border.children if border else ()
            self._bordered[number] = any(side.attributes.get("style", "none") != "none" for side in sides)
        return self._bordered[number]

    def fill(self, rgb: str) -> int:
        """Append a differential format that fills with a colour, RRGGBB, and return its number."""
        p = self._prefix.decode()
        dxf = (
            f'<{p}dxf><{p}fill><{p}patternFill><{p}bgColor rgb="FF{rgb.lstrip("#").upper()}"/>'
            f"</{p}patternFill></{p}fill></{p}dxf>"
        ).encode()
        if dxf not in self._new_dxfs:
            self._new_dxfs.append(dxf)
        return self._dxf_count + self._new_dxfs.index(dxf)

    def pattern(self, pattern: str, colour: str, ground: str) -> int:
        """Return a differential format that fills with a pattern in a colour on a ground, RRGGBB each.

        One that is there already, of an earlier edit, is taken again.
        """
        dxf = self._named(
            f'<dxf><fill><patternFill patternType="{pattern}"><fgColor rgb="FF{colour}"/><bgColor rgb="FF{ground}"/>'
            "</patternFill></fill></dxf>"
        )
        written = [self._raw_of(element) for element in _children(self._root.find("dxfs"), "dxf")]
        return self._number_of(dxf, written, self._new_dxfs)

    def add(self, *, font: str = "", fill: str = "", border: str = "", alignment: str = "") -> int:
        """Return the number of a format of these pieces of XML, without prefixes; a blank piece is the default.

        One that is there already is taken again.

        Args:
            font: What is inside a font, up to its name: that is the name of the workbook's first.
            fill: A whole fill.
            border: A whole border.
            alignment: A whole alignment.
        """
        fonts = self._member("fonts", f"<font>{font}{self._font_name()}</font>" if font else "")
        fills, borders = self._member("fills", fill), self._member("borders", border)
        style = self._style_of(self._formats[0]) if self._formats else None
        xf = self._named(
            f'<xf numFmtId="0" fontId="{fonts}" fillId="{fills}" borderId="{borders}"'
            + (f' xfId="{escape(style).decode()}"' if style is not None else "")
            + ' applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1">'
            + f"{alignment}</xf>"
        )
        if not self._formats and not self._new_formats:
            self._new_formats.append(self._named("<xf/>"))
        return self._number_of(xf, [self._raw_of(element) for element in self._formats], self._new_formats)

    def changed(self) -> bytes | None:
        """Return the part with the appended formats and its counts updated; None if nothing changed."""
        codes = [
            b'<%snumFmt numFmtId="%d" formatCode="%s"/>' % (self._prefix, number, escape(code))
            for number, code in self._new_codes.items()
        ]
        edits = [
            *self._grown("numFmts", codes),
            *(edit for name in _DEFAULTS for edit in self._grown(name, self._new_members.get(name, []))),
            *self._grown("cellXfs", self._new_formats),
            *self._grown("dxfs", self._new_dxfs),
        ]
        return xmltree.splice(self._data, edits) if edits else None

    def _member_of(self, number: int, name: str) -> int:
        """Return which member of a collection a format names, the first where it names none."""
        if not 0 <= number < len(self._formats):
            return 0
        return xmltree.whole_number(self._formats[number].attributes.get(name, "")) or 0

    def _fill_of(self, number: int) -> Element | None:
        members = _children(self._root.find("fills"), "fill")
        at = self._member_of(number, "fillId")
        return members[at] if 0 <= at < len(members) else None

    def _with_fill(self, base: int, fill: str) -> int:
        """Append a copy of a format in another fill, and return its number."""
        base = base if 0 <= base < len(self._formats) else 0
        element = self._formats[base]
        attributes = {name: value for name, value in element.attributes.items() if " " not in name}
        if self._style_of(element) is None:
            attributes.pop("xfId", None)
        attributes |= {"fillId": str(self._member("fills", fill)), "applyFill": "1"}
        written = b"".join(b' %s="%s"' % (name.encode(), escape(value)) for name, value in attributes.items())
        inside = self._raw(element, "alignment") + self._raw(element, "protection")
        self._new_formats.append(b"<%sxf%s>%s</%sxf>" % (self._prefix, written, inside, self._prefix))
        return len(self._formats) + len(self._new_formats) - 1

    def _member(self, collection: str, xml: str) -> int:
        if not xml:
            return 0
        element = self._root.find(collection)
        written = [self._raw_of(child) for child in element.children] if element else []
        new = self._new_members.setdefault(collection, [])
        if not written and not new:
            new += map(self._named, _DEFAULTS[collection])
        return self._number_of(self._named(xml), written, new)

    def _font_name(self) -> str:
        fonts = _children(self._root.find("fonts"), "font")
        name = fonts[0].find("name") if fonts else None
        return f'<name val="{escape(name.attributes.get("val", "") if name else "Calibri").decode()}"/>'

    @staticmethod
    def _number_of(xml: bytes, written: list[bytes], new: list[bytes]) -> int:
        """Return the place of a member among those that are there and the new ones, to which it is added."""
        if xml in written:
            return written.index(xml)
        if xml not in new:
            new.append(xml)
        return len(written) + new.index(xml)

    def _named(self, xml: str) -> bytes:
        """Give the elements of plain XML the part's prefix."""
        return re.sub(rb"<(/?)", rb"<\1" + self._prefix, xml.encode())

    def _raw_of(self, element: Element) -> bytes:
        return self._data[element.start : element.end]

    def _number_format(self, number: int) -> int:
        if not 0 <= number < len(self._formats):
            return 0
        return xmltree.whole_number(self._formats[number].attributes.get("numFmtId", "")) or 0

    def _shows_day(self, number: int) -> bool:
        number_format = self._number_format(number)
        code = self._codes.get(number_format)
        if code is None:
            return number_format in _BUILT_IN_DAYS
        letters = _NOT_DATE.sub("", code).split(";")[0].lower()
        return "y" in letters or "d" in letters or letters.strip("/-. ") in {"m", "mm", "mmm", "mmmm"}

    def _append(self, base: int, style: CellStyle, *, like: bool, on_top: bool) -> int:
        element = self._formats[base]
        attributes = {
            name: value
            for name, value in element.attributes.items()
            if " " not in name and name not in {"quotePrefix", "pivotButton", "applyNumberFormat", "numFmtId"}
        }
        if self._style_of(element) is None:
            attributes.pop("xfId", None)
        children = [self._alignment(element, style, like=like, on_top=on_top), self._raw(element, "protection")]
        attributes = {"numFmtId": str(self._code_number(style.value)), **attributes, "applyNumberFormat": "1"}
        written = b"".join(b' %s="%s"' % (name.encode(), escape(value)) for name, value in attributes.items())
        inside = b"".join(children)
        name = self._prefix + b"xf"
        self._new_formats.append(
            b"<%s%s>%s</%s>" % (name, written, inside, name) if inside else b"<%s%s/>" % (name, written)
        )
        return len(self._formats) + len(self._new_formats) - 1

    def _style_of(self, element: Element) -> str | None:
        """Return a format's `xfId`; None where it points to no named style, as a copy of it must not."""
        number = element.attributes.get("xfId")
        styles = _children(self._root.find("cellStyleXfs"), "xf")
        return number if number and (xmltree.whole_number(number) or 0) < len(styles) else None

    def _alignment(self, element: Element, style: CellStyle, *, like: bool, on_top: bool) -> bytes:
        if like:
            return self._raw(element, "alignment")
        alignment = element.find("alignment")
        vertical = "top" if on_top else alignment.attributes.get("vertical") if alignment else None
        written = b' vertical="%s"' % escape(vertical) if vertical else b""
        side = b'left" indent="1' if style is CellStyle.TEXT else b"right"  # a figure on its left ends at its border
        return b'<%salignment horizontal="%s"%s/>' % (self._prefix, side, written)

    def _raw(self, element: Element, name: str) -> bytes:
        child = element.find(name)
        return self._data[child.start : child.end] if child else b""

    def _code_number(self, code: str) -> int:
        if code in _BUILT_IN:
            return _BUILT_IN[code]
        codes = {**self._codes, **self._new_codes}
        for number, existing in codes.items():
            if existing == code:
                return number
        number = max([_FIRST_CUSTOM - 1, *codes]) + 1
        self._new_codes[number] = code
        return number

    def _grown(self, name: str, new: list[bytes]) -> list[tuple[int, int, bytes]]:
        """Plan a collection's growth: its count, and the new members last; it is created where missing."""
        if not new:
            return []
        inside = b"".join(new)
        collection = self._root.find(name)
        if collection is None:
            full = self._prefix + name.encode()
            at = xmltree.place_for(self._root, name, _ORDER)
            return [(at, at, b'<%s count="%d">%s</%s>' % (full, len(new), inside, full))]
        return xmltree.grow(self._data, collection, inside, len(new))


def _formats(collection: Element | None) -> list[Element]:
    """Return the formats as they are numbered; of alternatives, the one every program understands."""
    formats: list[Element] = []
    for child in collection.children if collection else ():
        if child.name == "xf":
            formats.append(child)
        elif child.name == "AlternateContent" and child.children:
            formats.extend(element for element in child.children[-1].children if element.name == "xf")
    return formats


def _children(collection: Element | None, name: str) -> list[Element]:
    return list(collection.find_all(name)) if collection else []
