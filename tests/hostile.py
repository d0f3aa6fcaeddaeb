"""Packages made by hand, byte by byte where need be: wrong, damaged and hostile ones, and odd but sound ones."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def parts(
    sheet: str = "",
    *,
    strings: str | None = None,
    styles: str | None = None,
    workbook_inside: str = "",
    namespace: str = MAIN,
    prefix: str = "",
) -> dict[str, bytes]:
    """Return the parts of a small workbook with one sheet, 表; `sheet` is all inside its root."""
    p = f"{prefix}:" if prefix else ""
    declared = f'xmlns:{prefix}="{namespace}"' if prefix else f'xmlns="{namespace}"'
    office = RELATIONSHIPS if namespace == MAIN else "http://purl.oclc.org/ooxml/officeDocument/relationships"
    made = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        + "".join(
            f'<Override PartName="/xl/{name}.xml" ContentType="{_TYPE}.{name}+xml"/>'
            for name, content in (("sharedStrings", strings), ("styles", styles))
            if content is not None
        )
        + "</Types>",
        "_rels/.rels": _relationships([("rId1", f"{office}/officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<{p}workbook {declared} xmlns:r="{office}">'
        f'<{p}workbookPr/><{p}sheets><{p}sheet name="表" sheetId="1" r:id="rId1"/></{p}sheets>{workbook_inside}'
        f"</{p}workbook>",
        "xl/worksheets/sheet1.xml": f"<{p}worksheet {declared}>{sheet or f'<{p}sheetData/>'}</{p}worksheet>",
    }
    related = [("rId1", f"{office}/worksheet", "worksheets/sheet1.xml")]
    if strings is not None:
        made["xl/sharedStrings.xml"] = strings
        related.append(("rId2", f"{office}/sharedStrings", "sharedStrings.xml"))
    if styles is not None:
        made["xl/styles.xml"] = styles
        related.append(("rId3", f"{office}/styles", "styles.xml"))
    made["xl/_rels/workbook.xml.rels"] = _relationships(related)
    return {name: content.encode() for name, content in made.items()}


def package(
    contents: Mapping[str, bytes] | Iterable[tuple[str, bytes]], *, method: int = zipfile.ZIP_DEFLATED
) -> bytes:
    """Zip parts in their order; names may come twice."""
    entries = contents.items() if isinstance(contents, Mapping) else contents
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in entries:
            info = zipfile.ZipInfo(name, (2026, 10, 31, 8, 30, 0))
            info.compress_type = method
            info.external_attr = 0o644 << 16
            with archive.open(info, "w") as member:
                member.write(content)
    return buffer.getvalue()


def workbook(sheet: str = "", **options: str) -> bytes:
    """Zip the parts of a small workbook; see `parts`."""
    return package(parts(sheet, **options))


def rows(*lines: Iterable[object], first: int = 1) -> str:
    """Write rows of inline strings and numbers as a sheet's data element."""
    written = []
    for number, line in enumerate(lines, first):
        cells = []
        for column, value in enumerate(line):
            address = f"{chr(65 + column)}{number}"
            if isinstance(value, str):
                cells.append(f'<c r="{address}" t="inlineStr"><is><t>{value}</t></is></c>')
            elif value is not None:
                cells.append(f'<c r="{address}"><v>{value}</v></c>')
        written.append(f'<row r="{number}">{"".join(cells)}</row>')
    return f"<sheetData>{''.join(written)}</sheetData>"


def streamed(contents: Mapping[str, bytes]) -> bytes:
    """Zip parts the way a writer does that cannot seek: sizes come after the content, in descriptors."""

    class Pipe(io.RawIOBase):
        """A file that only goes forward."""

        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, piece: bytes) -> int:  # type: ignore[override]
            self.data += piece
            return len(piece)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
    return bytes(pipe.data)


def with_zip64_fields(contents: Mapping[str, bytes]) -> bytes:
    """Zip parts with zip64 fields in local headers, directory and end, though none is needed."""
    body, directory = bytearray(), bytearray()
    for name, content in contents.items():
        raw, packed, crc = name.encode(), _deflated(content), zlib.crc32(content)
        offset = len(body)
        local_extra = struct.pack("<HHQQ", 1, 16, len(content), len(packed))
        body += struct.pack("<4s5H3I2H", b"PK\3\4", 45, 0, 8, 0, 0x21, crc, _FULL, _FULL, len(raw), len(local_extra))
        body += raw + local_extra + packed
        extra = struct.pack("<HHQQQ", 1, 24, len(content), len(packed), offset)
        directory += struct.pack(
            "<4s6H3I5H2I", b"PK\1\2", 45, 45, 0, 8, 0, 0x21, crc, _FULL, _FULL, len(raw), len(extra), 0, 0, 0, 0, _FULL
        )
        directory += raw + extra
    count, start = len(contents), len(body)
    end = len(body) + len(directory)
    record = struct.pack("<4sQ2H2I4Q", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(directory), start)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, end, 1)
    last = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, _FULL, _FULL, 0)
    return bytes(body + directory + record + locator + last)


def lying_about_size(contents: Mapping[str, bytes], name: str, size: int) -> bytes:
    """Zip parts, one of which declares another size than it has, in both places."""
    data = bytearray(package(contents))
    true_size = struct.pack("<I", len(contents[name]))
    local = data.index(name.encode()) - 30
    record = data.rindex(name.encode()) - 46
    for at in (local + 22, record + 24):
        if data[at : at + 4] != true_size:
            raise AssertionError("the declared size is elsewhere")
        data[at : at + 4] = struct.pack("<I", size)
    return bytes(data)


def overlapping(contents: Mapping[str, bytes]) -> bytes:
    """Zip parts whose last directory record points into the first member: one content, two names."""
    first, last = list(contents)[0], list(contents)[-1]  # noqa: RUF015 - both ends
    data = bytearray(package({**contents, last: contents[first]}))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        target = archive.getinfo(last).header_offset - 1
    record = data.rindex(last.encode()) - 46
    data[record + 42 : record + 46] = struct.pack("<I", target)
    return bytes(data)


def replaced(data: bytes, **contents: bytes) -> bytes:
    """Zip a workbook's parts again with some replaced: `workbook` is the part that ends in `/workbook.xml`."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        old = {info.filename: archive.read(info) for info in archive.infolist()}
    return package({name: contents.get(name.rpartition("/")[2].removesuffix(".xml"), old[name]) for name in old})


def members(data: bytes) -> dict[str, bytes]:
    """Return the content of every member, by name as stored."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {info.orig_filename: archive.read(info) for info in archive.infolist()}


def compressed(data: bytes) -> dict[str, tuple[bytes, tuple[int, ...], int]]:
    """Return every member as it lies in the archive: its compressed bytes, its time, its attributes."""
    found: dict[str, tuple[bytes, tuple[int, ...], int]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for info in archive.infolist():
            name_size, extra_size = struct.unpack_from("<2H", data, info.header_offset + 26)
            start = info.header_offset + 30 + name_size + extra_size
            raw = data[start : start + info.compress_size]
            found[info.orig_filename] = (raw, info.date_time, info.external_attr)
    return found


_FULL = 0xFFFFFFFF


def _deflated(content: bytes) -> bytes:
    deflater = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflater.compress(content) + deflater.flush()


def _relationships(entries: Iterable[tuple[str, str, str]]) -> str:
    inside = "".join(f'<Relationship Id="{i}" Type="{t}" Target="{target}"/>' for i, t, target in entries)
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inside}</Relationships>'
