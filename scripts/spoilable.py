"""Small workbooks to spoil, one of each format that is read, made without an office program."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence

import xlsxwriter

from sheetcrm.excel.books.policy_book import policy_book
from sheetcrm.policy.loading import standard

Row = Sequence[str | float]
SHEETS: Mapping[str, Sequence[Row]] = {
    "客户分级评估打分表": (
        ("客户编号", "客户名称", "最近消费时间(R)", "消费频次(F)", "消费金额(M)", "行业潜力", "忠诚度(复购率)", "等级"),
        ("C2024001", "A公司", "30天", "12次/年", "80万元", "高", "85%", "VIP客户"),
        ("C2024002", "B公司", "60天", 6, 300000, "中", 0.6, "重点客户"),
        ("C2024003", "C公司", "120天", 2, 80000.5, "低", "30%", ""),
    ),
    "交易明细": (("客户编号", "日期", "金额"), ("C2024001", 45300, 800), ("C2024002", "2024-02-01", 1200)),
    "客户跟进记录表": (
        ("客户编号", "跟进日期", "跟进人", "跟进方式", "沟通内容摘要", "下一步计划"),
        ("C2024001", 45301, "张*", "电话", "报价", "3日内回访"),
    ),
}
_OFFICE = "urn:oasis:names:tc:opendocument:xmlns"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_DOCUMENT = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_SECTOR, _FREE, _END = 512, 0xFFFFFFFF, 0xFFFFFFFE


def made() -> Mapping[str, bytes]:
    """Make every workbook, by its name."""
    return {
        "made.xlsx": book(),
        "made-policy.xlsx": policy_book(standard()),
        "made.ods": ods(),
        "made.xls": xls(),
        "made.xlsb": xlsb(),
    }


def book() -> bytes:
    """Make an .xlsx with a table, a merge, formulas, a format, a rule of colours, a filter and a defined name."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as workbook:
        day = workbook.add_format({"num_format": "yyyy-mm-dd"})
        percent = workbook.add_format({"num_format": "0%"})
        for name, rows in SHEETS.items():
            sheet = workbook.add_worksheet(name)
            for number, row in enumerate(rows):
                sheet.write_row(number, 0, row)
            sheet.set_column(1, 1, 12, day)
            sheet.conditional_format("E2:E9", {"type": "cell", "criteria": ">", "value": 5, "format": percent})
        first, second, third = workbook.worksheets()
        first.write_formula("J2", "=SUM(E2:E4)", None, 3)
        first.merge_range("L2:M3", "合并")
        second.add_table("A1:C3", {"columns": [{"header": label} for label in SHEETS["交易明细"][0]]})
        third.autofilter("A1:F2")
        workbook.define_name("范围", "=交易明细!$A$1:$C$3")
    return target.getvalue()


def ods() -> bytes:
    """Make an OpenDocument workbook."""
    tables = "".join(
        f'<table:table table:name="{name}">'
        + "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
        + "</table:table>"
        for name, rows in SHEETS.items()
    )
    names = "".join(f' xmlns:{name}="{_OFFICE}:{name}:1.0"' for name in ("office", "table", "text"))
    body = f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
    return _zipped(
        {
            "mimetype": b"application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": f"<office:document-content{names}>{body}</office:document-content>".encode(),
            "META-INF/manifest.xml": f'<m:manifest xmlns:m="{_OFFICE}:manifest:1.0"/>'.encode(),
        }
    )


def _ods_cell(value: str | float) -> str:
    is_text = isinstance(value, str)
    kind = 'office:value-type="string"' if is_text else f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {kind}><text:p>{value}</text:p></table:table-cell>"


def xls() -> bytes:
    """Make a workbook of Excel 97: BIFF8 records in the one stream of a compound file ([MS-XLS], [MS-CFB])."""
    sheets = [_biff_sheet(rows) for rows in SHEETS.values()]
    names = [_biff_text(name, "<BB") for name in SHEETS]
    head = _biff(0x809, struct.pack("<4HII", 0x600, 5, 0, 0, 0, 0))
    offset = len(head) + sum(4 + 6 + len(name) for name in names) + 4
    for name, sheet in zip(names, sheets, strict=True):
        head += _biff(0x85, struct.pack("<IH", offset, 0) + name)
        offset += len(sheet)
    return _compound_file(head + _biff(0x0A) + b"".join(sheets))


def _biff(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _biff_text(text: str, form: str) -> bytes:
    return struct.pack(form, len(text), 1) + text.encode("utf-16-le")


def _biff_sheet(rows: Sequence[Row]) -> bytes:
    records = [_biff(0x809, struct.pack("<4HII", 0x600, 0x10, 0, 0, 0, 0))]
    records.append(_biff(0x200, struct.pack("<IIHHH", 0, len(rows), 0, len(rows[0]), 0)))
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            place = struct.pack("<3H", number, column, 0)
            if isinstance(value, str):
                records.append(_biff(0x204, place + _biff_text(value, "<HB")))
            else:
                records.append(_biff(0x203, place + struct.pack("<d", value)))
    return b"".join([*records, _biff(0x0A)])


def _compound_file(stream: bytes) -> bytes:
    """Write a compound file: a sector of allocations, one of the directory, then the stream's sectors."""
    stream = stream.ljust(-(-max(len(stream), 4096) // _SECTOR) * _SECTOR, b"\0")
    count = len(stream) // _SECTOR
    chain = [0xFFFFFFFD, _END, *range(3, 2 + count), _END]
    allocations = struct.pack("<128I", *chain, *[_FREE] * (128 - len(chain)))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<9I", 0, 1, 1, 0, 4096, _END, 0, _END, 0) + struct.pack("<109I", 0, *[_FREE] * 108)
    entries = (
        _entry("Root Entry", 5, _END, 0, child=1) + _entry("Workbook", 2, 2, len(stream)) + _entry("", 0, 0, 0) * 2
    )
    return header + allocations + entries + stream


def _entry(name: str, kind: int, start: int, size: int, *, child: int = _FREE) -> bytes:
    written = name.encode("utf-16-le") + b"\0\0" if name else b""
    links = struct.pack("<BB3I", kind, 1, _FREE, _FREE, child)
    return (
        written.ljust(64, b"\0") + struct.pack("<H", len(written)) + links + bytes(36) + struct.pack("<IQ", start, size)
    )


def xlsb() -> bytes:
    """Make a binary workbook ([MS-XLSB])."""
    sheets = {f"xl/worksheets/sheet{number}.bin": _xlsb_sheet(rows) for number, rows in enumerate(SHEETS.values(), 1)}
    listed = b"".join(
        _record(156, struct.pack("<II", 0, number) + _wide(f"rId{number}") + _wide(name))
        for number, name in enumerate(SHEETS, 1)
    )
    workbook = _record(131) + _record(143) + listed + _record(144) + _record(132)
    related = "".join(
        f'<Relationship Id="rId{number}" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet{number}.bin"/>'
        for number in range(1, len(SHEETS) + 1)
    )
    head = f'<Relationships xmlns="{_PACKAGE}/relationships">'
    root = f'<Relationship Id="rId1" Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.bin"/>'
    return _zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>'.encode(),
            "_rels/.rels": f"{head}{root}</Relationships>".encode(),
            "xl/workbook.bin": workbook,
            "xl/_rels/workbook.bin.rels": f"{head}{related}</Relationships>".encode(),
            **sheets,
        }
    )


def _record(kind: int, content: bytes = b"") -> bytes:
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])  # noqa: PLR2004
    size = len(content)
    length = bytearray()
    while size >= 0x80:  # noqa: PLR2004
        length.append(size & 0x7F | 0x80)
        size >>= 7
    return head + bytes([*length, size]) + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _xlsb_sheet(rows: Sequence[Row]) -> bytes:
    records = [_record(129), _record(148, struct.pack("<4I", 0, len(rows) - 1, 0, len(rows[0]) - 1)), _record(145)]
    for number, row in enumerate(rows):
        records.append(_record(0, struct.pack("<IIHBB", number, 0, 300, 0, 0) + bytes(5)))
        for column, value in enumerate(row):
            place = struct.pack("<II", column, 0)
            is_text = isinstance(value, str)
            content = _wide(value) if isinstance(value, str) else struct.pack("<d", value)
            records.append(_record(6 if is_text else 5, place + content))
    return b"".join([*records, _record(146), _record(130)])


def _zipped(parts: Mapping[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return target.getvalue()
