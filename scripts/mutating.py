"""Ways to spoil a workbook: its raw bytes, its members, and the XML in them; by chance, the same for a seed."""

from __future__ import annotations

import io
import random
import re
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass

_TAG = re.compile(rb"<[^<>]{1,2000}>")
_ELEMENT = re.compile(rb"<((?:\w+:)?\w+)(?=[\s>])[^<>]*>(?:[^<]|<(?!/\1>)){0,400}</\1>")
_ATTRIBUTE = re.compile(rb"""\s([\w:]+)=(?:"([^"<]*)"|'([^'<]*)')""")
_ADDRESS = re.compile(rb"""\s(?:r|ref|sqref|activeCell|topLeftCell)=["']([^"'<]*)["']""")
_NUMBER = re.compile(rb"""(?<=[>"'])(-?[0-9][0-9.eE+-]*)(?=[<"'])""")
_TEXT = re.compile(rb">([^<>]{1,200})<")

_VALUES = (
    *(b"", b" ", b"0", b"-1", b"1", b"2", b"00", b"1.5", b"1e308", b"1e999", b"nan", b"65536", b"1048577"),
    *(b"2147483648", b"4294967295", b"18446744073709551616", b"true", b"s", b"str", b"inlineStr", b"e", b"d", b"n"),
    *(b"A1", b"A0", b"XFD1048576", b"XFE1", b"A1048577", b"A1:XFD1048576", b"B2:A1", b"$A$1", b"A1:A1 B2:C3", b"1:1"),
    *(b"visible", b"veryHidden", b"rId1", b"rId99", b"../../x.xml", b"/xl/workbook.xml", b"xl\\x.xml", b"External"),
    *(
        "甲".encode(),
        b"&lt;a&gt;",
        b"&#x0;",
        b"&#xD;",
        b"_x000D_",
        b"x" * 300,
        b"9" * 5000,
        "²".encode(),
        "１".encode(),
        b"\xff\xfe",
        b"\xed\xa0\x80",
    ),
)
_ADDRESSES = (
    *(b"J2147483648", b"A4294967297", b"A99999999999", b"XFD1048576", b"XFD1048577", b"XFE1", b"AAAAAAAAAA5"),
    *(
        b"A0",
        b"A01",
        b"a5",
        b"$A$5",
        b" A5",
        b"A5 ",
        b"A",
        b"5",
        b"R1C1",
        b"A1:B2",
        b"",
        b"-A1",
        b"A-1",
        b"&#65;1",
        b"xfd1",
    ),
    "Ａ１".encode(),
)
_NUMBERS = (
    *(b"1e308", b"-1e308", b"1e999", b"-1e999", b"NaN", b"INF", b"-INF", b"1e-400", b"-0", b"2.03E+27", b"9" * 400),
    *(b"2958466", b"-1", b"0.1e1", b"0x10", b"1,000", b"1_000", b"99999999999999999999", b"1.7976931348623157e308"),
)
_INSERTS = (
    *(b"<!-- c -->", b"<![CDATA[<c r='A1'/>]]>", b"<?pi x?>", b"<!DOCTYPE a>", b"<c/>", b"<row/>", b"<f>1+1</f>"),
    *(b"<v>1</v>", b"<v/>", b'<c r="A1"><v>1</v></c>', b'<row r="1"/>', b"<is><t>a</t></is>", b"<si><t/></si>", b"\0"),
    *(b'<mergeCell ref="A1:C3"/>', b"<mergeCells/>", b"</", b"<", b">", b"&", b"&x;", b"<x:c xmlns:x='u'/>"),
)


_ZIP_FIELDS = {
    b"PK\3\4": ((4, 2), (6, 2), (8, 2), (14, 4), (18, 4), (22, 4), (26, 2), (28, 2)),
    b"PK\1\2": ((6, 2), (8, 2), (10, 2), (16, 4), (20, 4), (24, 4), (28, 2), (30, 2), (32, 2), (34, 2), (42, 4)),
    b"PK\5\6": ((4, 2), (8, 2), (10, 2), (12, 4), (16, 4), (20, 2)),
}
"""Of each header's signature, the offset and the length of its fields."""


_FIELDS = (
    *(b"\0", b"\xff", b"\x80", b"\0\0", b"\xff\xff", b"\xff\x7f", b"\0\x80", b"\x01\0\0\0", b"\xff\xff\x0f\0"),
    *(b"\xff\xff\xff\x7f", b"\0\0\0\x80", b"\xfe\xff\xff\xff", b"\0\0\x10\0", b"\0\x40\0\0"),
    *(struct.pack("<d", number) for number in (1e308, -1e308, float("inf"), float("nan"), 2.03e27, -1.07e11, 1.4e10)),
)
"""Odd numbers as binary formats write them: bytes, words, double words, and figures."""


@dataclass(frozen=True, slots=True)
class Source:
    """A workbook to spoil: its bytes, and its members if it is a zip."""

    name: str
    data: bytes
    members: tuple[tuple[str, bytes], ...]


def read_source(name: str, data: bytes) -> Source:
    """Take a workbook apart; one that is no zip, or encrypted, has no members."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = tuple((info.orig_filename, archive.read(info)) for info in archive.infolist())
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError):
        members = ()
    return Source(name, data, members)


def spoil(source: Source, chance: random.Random) -> tuple[str, bytes]:
    """Spoil a workbook in one to four places; say how, and give its bytes."""
    level = chance.random()
    times = chance.choice((1, 1, 1, 2, 4))
    if level < _RAW or not source.members:
        data, ways = bytearray(source.data), []
        for _ in range(times):
            way = chance.choice(_RAW_WAYS if source.members else _BINARY_WAYS)
            data = way(data, chance)
            ways.append(way.__name__)
        return "raw " + " ".join(ways), bytes(data)
    members = list(source.members)
    ways = []
    for _ in range(times):
        if level < _MEMBER:
            member_way = chance.choice(_MEMBER_WAYS)
            member_way(members, chance)
            ways.append(member_way.__name__)
        elif binary := [at for at, (name, _) in enumerate(members) if name.endswith(".bin") and _holds_cells(name)]:
            at = chance.choice(binary)
            binary_way = chance.choice(_BINARY_WAYS)
            members[at] = (members[at][0], bytes(binary_way(bytearray(members[at][1]), chance)))
            ways.append(f"{binary_way.__name__}({members[at][0]})")
        else:
            at = _pick_xml(members, chance)
            xml_way = chance.choice(_XML_WAYS)
            members[at] = (members[at][0], xml_way(members[at][1], chance))
            ways.append(f"{xml_way.__name__}({members[at][0]})")
    return " ".join(ways), _zipped(members)


_RAW, _MEMBER = 0.2, 0.35
"""Shares of cases that spoil raw bytes, and that or members; the rest spoils XML."""
_SHEETS_FIRST = 0.7
"""Of XML cases, those that go for a part which is read or written anyway."""


def _holds_cells(name: str) -> bool:
    """Return whether a binary member is a part of an .xlsb that a reader looks into; an .xlsx has other ones."""
    return name == "xl/workbook.bin" or name.startswith("xl/worksheets/sheet")


def _pick_xml(members: list[tuple[str, bytes]], chance: random.Random) -> int:
    places = [at for at, (name, _) in enumerate(members) if name.lower().endswith((".xml", ".rels"))]
    likely = [
        at for at in places if re.search(r"(?i)sheet\d*\.xml|workbook\.xml|strings|styles|table|\.rels", members[at][0])
    ]
    return chance.choice((likely if likely and chance.random() < _SHEETS_FIRST else places) or range(len(members)))


def _zipped(members: list[tuple[str, bytes]]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(info, "w") as member:
                member.write(content)
    return target.getvalue()


# --- raw bytes -----------------------------------------------------------------------------------------------


def _place(size: int, chance: random.Random) -> int:
    """Pick a place; the end of a zip, where its directory is, as often as the rest."""
    tail = min(size, 2000)
    return max(0, size - 1 - chance.randrange(tail)) if tail and chance.random() < 0.5 else chance.randrange(size or 1)  # noqa: PLR2004


def flip(data: bytearray, chance: random.Random) -> bytearray:
    """Change one byte."""
    if data:
        data[_place(len(data), chance)] = chance.choice((0, 1, 0x7F, 0xFF, chance.randrange(256)))
    return data


def cut(data: bytearray, chance: random.Random) -> bytearray:
    """Lose the end."""
    return data[: chance.randrange(len(data) + 1)]


def lose(data: bytearray, chance: random.Random) -> bytearray:
    """Lose a piece."""
    at = _place(len(data), chance)
    del data[at : at + chance.choice((1, 4, 100, 5000))]
    return data


def repeat(data: bytearray, chance: random.Random) -> bytearray:
    """Say a piece twice."""
    at = _place(len(data), chance)
    data[at:at] = data[at : at + chance.choice((1, 8, 64, 3000))]
    return data


def overwrite(data: bytearray, chance: random.Random) -> bytearray:
    """Put a number in a field's place."""
    at = _place(len(data), chance)
    new = chance.choice((b"\xff\xff\xff\xff", b"\0\0\0\0", b"PK\3\4", b"PK\1\2", b"\x01\0", chance.randbytes(4)))
    data[at : at + len(new)] = new
    return data


def set_field(data: bytearray, chance: random.Random) -> bytearray:
    """Put an odd number in the place of a record's kind, length, address or figure."""
    at = chance.randrange(len(data) or 1)
    new = chance.choice(_FIELDS)
    data[at : at + len(new)] = new
    return data


def zip_field(data: bytearray, chance: random.Random) -> bytearray:
    """Put an odd number in one of the fields of a zip's headers."""
    signature = chance.choice(tuple(_ZIP_FIELDS))
    places = [found.start() for found in re.finditer(re.escape(signature), data)]
    if places:
        offset, size = chance.choice(_ZIP_FIELDS[signature])
        new = chance.choice((0, 1, 8, 99, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, chance.getrandbits(32)))
        at = chance.choice(places) + offset
        data[at : at + size] = (new & ((1 << 8 * size) - 1)).to_bytes(size, "little")
    return data


# --- members -------------------------------------------------------------------------------------------------


def drop(members: list[tuple[str, bytes]], chance: random.Random) -> None:
    """Leave a member out."""
    if members:
        members.pop(chance.randrange(len(members)))


def rename(members: list[tuple[str, bytes]], chance: random.Random) -> None:
    """Give a member another name."""
    if members:
        at = chance.randrange(len(members))
        name = members[at][0]
        odd = (name.upper(), name.replace("/", "\\"), "/" + name, "../" + name, name + "x", "xl/a/b.xml", "甲.xml")
        members[at] = (chance.choice(odd), members[at][1])


def exchange(members: list[tuple[str, bytes]], chance: random.Random) -> None:
    """Give a member another's content."""
    if members:
        at, other = chance.randrange(len(members)), chance.randrange(len(members))
        members[at] = (members[at][0], members[other][1])


def empty(members: list[tuple[str, bytes]], chance: random.Random) -> None:
    """Leave nothing of a member's content, or little."""
    if members:
        at = chance.randrange(len(members))
        content = members[at][1]
        less = (b"", b"<a/>", content[: len(content) // 2], content.replace(b"<", b"&lt;"), b"\xef\xbb\xbf" + content)
        members[at] = (members[at][0], chance.choice(less))


def encode(members: list[tuple[str, bytes]], chance: random.Random) -> None:
    """Write a part in another encoding."""
    at = _pick_xml(members, chance) if members else 0
    if members:
        text = members[at][1].decode("utf-8", "replace")
        encoding = chance.choice(("utf-16", "utf-16-le", "utf-8-sig", "gb18030"))
        members[at] = (members[at][0], text.encode(encoding, "replace"))


# --- XML -------------------------------------------------------------------------------------------------------


def _found(pattern: re.Pattern[bytes], part: bytes, chance: random.Random) -> re.Match[bytes] | None:
    """Find one of the matches after a place picked by chance: large parts are not searched throughout."""
    start = chance.randrange(len(part) + 1) if chance.random() < 0.7 else 0  # noqa: PLR2004
    matches = [match for match, _ in zip(pattern.finditer(part, start), range(30), strict=False)]
    return chance.choice(matches) if matches else None


def set_attribute(part: bytes, chance: random.Random) -> bytes:
    """Give an attribute another value."""
    found = _found(_ATTRIBUTE, part, chance)
    if not found:
        return part
    group = 2 if found[2] is not None else 3
    return part[: found.start(group)] + chance.choice(_VALUES) + part[found.end(group) :]


def set_address(part: bytes, chance: random.Random) -> bytes:
    """Give a cell, a row, a merge or the like another address."""
    found = _found(_ADDRESS, part, chance)
    return part[: found.start(1)] + chance.choice(_ADDRESSES) + part[found.end(1) :] if found else part


def set_number(part: bytes, chance: random.Random) -> bytes:
    """Put another number where there is one, in a value or an attribute."""
    found = _found(_NUMBER, part, chance)
    return part[: found.start(1)] + chance.choice(_NUMBERS) + part[found.end(1) :] if found else part


def lose_attribute(part: bytes, chance: random.Random) -> bytes:
    """Take an attribute away."""
    found = _found(_ATTRIBUTE, part, chance)
    return part[: found.start()] + part[found.end() :] if found else part


def set_text(part: bytes, chance: random.Random) -> bytes:
    """Put another text between two tags."""
    found = _found(_TEXT, part, chance)
    return part[: found.start(1)] + chance.choice(_VALUES) + part[found.end(1) :] if found else part


def lose_tag(part: bytes, chance: random.Random) -> bytes:
    """Take a tag away."""
    found = _found(_TAG, part, chance)
    return part[: found.start()] + part[found.end() :] if found else part


def lose_element(part: bytes, chance: random.Random) -> bytes:
    """Take a whole element away."""
    found = _found(_ELEMENT, part, chance)
    return part[: found.start()] + part[found.end() :] if found else part


def repeat_element(part: bytes, chance: random.Random) -> bytes:
    """Say an element again, there or elsewhere."""
    found, there = _found(_ELEMENT, part, chance), _found(_TAG, part, chance)
    if not found or not there:
        return part
    at = chance.choice((found.end(), there.start(), there.end()))
    return part[:at] + found[0] * chance.choice((1, 1, 3)) + part[at:]


def close_element(part: bytes, chance: random.Random) -> bytes:
    """Write an element as one that closes itself."""
    found = _found(_ELEMENT, part, chance)
    if not found:
        return part
    tag = found[0][: found[0].index(b">")].rstrip(b"/")
    return part[: found.start()] + tag + b"/>" + part[found.end() :]


def insert(part: bytes, chance: random.Random) -> bytes:
    """Put something between two tags."""
    found = _found(_TAG, part, chance)
    return part[: found.end()] + chance.choice(_INSERTS) + part[found.end() :] if found else part


def prefix(part: bytes, chance: random.Random) -> bytes:
    """Write every element of the part with a prefix, or some with another namespace."""
    root = re.search(rb"""<(\w+)\s[^<>]*?xmlns=(["'][^"']*["'])""", part)
    if not root or chance.random() < 0.3:  # noqa: PLR2004
        return part.replace(b"/2006/main", chance.choice((b"/2007/main", b"", b"/2006/relationships")), 1)
    named = re.sub(rb"<(/?)(\w+)(?=[\s/>])", rb"<\1x:\2", part)
    return named.replace(b"xmlns=" + root[2], b"xmlns:x=" + root[2], 1)


def quote(part: bytes, _chance: random.Random) -> bytes:
    """Put every value in single quotes."""
    return part.replace(b"'", b"&apos;").replace(b'"', b"'")


_RAW_WAYS: tuple[Callable[[bytearray, random.Random], bytearray], ...] = (
    *(flip, flip, cut, lose, repeat, overwrite),
    *(zip_field, zip_field, zip_field),
)
_BINARY_WAYS = (flip, flip, cut, lose, repeat, overwrite, set_field, set_field, set_field)
_MEMBER_WAYS: tuple[Callable[[list[tuple[str, bytes]], random.Random], None], ...] = (
    drop,
    rename,
    exchange,
    empty,
    encode,
)
_XML_WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    *(set_attribute, set_attribute, set_text, set_text, lose_attribute, lose_tag, lose_element),
    *(set_address, set_address, set_number, set_number),
    *(repeat_element, repeat_element, close_element, insert, insert, prefix, quote),
)
