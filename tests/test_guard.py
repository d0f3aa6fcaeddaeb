"""What may not be opened is refused by name, before anything parses it, quickly and in little memory."""

from __future__ import annotations

import struct
import time
import tracemalloc
import zipfile
import zlib

import pytest

from sheetcrm.errors import UnreadableWorkbookError
from sheetcrm.ooxml import guard
from sheetcrm.ooxml.extent import Extent, measure
from sheetcrm.ooxml.package import open_package
from tests import hostile

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)
SHEET = "xl/worksheets/sheet1.xml"


def refusal(data: bytes, *, file: str = "客户.xlsx", limits: guard.PackageLimits = guard.DEFAULT_LIMITS) -> str:
    """Return the kind of the refusal; fail if there is none or it does not speak."""
    with pytest.raises(UnreadableWorkbookError) as caught:
        guard.inspect(data, file=file, limits=limits)
    assert caught.value.what
    assert caught.value.fix.startswith("请")
    return caught.value.kind


def sheet_of(content: bytes) -> bytes:
    return hostile.package(hostile.parts() | {SHEET: content})


def test_a_sound_workbook_passes_and_its_size_is_told() -> None:
    made = hostile.parts(hostile.rows(["客户编号"], ["C001"]))
    inspection = guard.inspect(hostile.package(made), file="客户.xlsx")
    assert inspection == guard.Inspection(content=sum(map(len, made.values())), signed=False)


@pytest.mark.parametrize(
    ("data", "file", "kind"),
    [
        (b"", "客户.xlsx", "workbook-empty"),
        ("客户编号,客户名称\nC001,甲公司\n".encode("gbk"), "客户.xlsx", "workbook-not-excel"),
        (b"\xef\xbb\xbfid,name\n", "a.xlsx", "workbook-not-excel"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "导出.xlsx", "workbook-not-excel"),
        (b'<?xml version="1.0"?><Workbook/>', "a.xlsx", "workbook-not-excel"),
        (b"%PDF-1.7\n", "a.xlsx", "workbook-not-excel"),
        (b"\x89PNG\r\n\x1a\n" + bytes(64), "a.xlsx", "workbook-not-excel"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "a.xlsx", "workbook-encrypted"),
        (OLE + "Workbook".encode("utf-16-le"), "a.xls", "workbook-xls"),
        (OLE + "Workbook".encode("utf-16-le"), "旧表.et", "workbook-et"),
        (OLE + "WordDocument".encode("utf-16-le"), "a.xlsx", "workbook-not-excel"),
        (hostile.package({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "a.ods", "workbook-ods"),
        (hostile.package({"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": b""}), "a.xlsb", "workbook-xlsb"),
        (hostile.package({"word/document.xml": b"<w/>"}), "a.xlsx", "workbook-not-excel"),
        (hostile.package({"photos/1.jpg": b"\xff\xd8\xff"}), "a.xlsx", "workbook-not-excel"),
        (b"MZ junk first" + hostile.workbook(), "a.xlsx", "workbook-damaged"),
        (b"PK\x05\x06" + bytes(18), "a.xlsx", "workbook-damaged"),
    ],
)
def test_a_file_of_another_kind_is_named_for_what_it_is(data: bytes, file: str, kind: str) -> None:
    assert refusal(data, file=file) == kind


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_truncated_workbook_is_refused(tenth: int) -> None:
    data = hostile.workbook(hostile.rows(*[["客户编号", "甲"]] * 50))
    assert refusal(data[: len(data) * tenth // 10]) == "workbook-damaged"


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED])
def test_content_that_does_not_fit_its_checksum_is_refused(method: int) -> None:
    data = bytearray(hostile.package(hostile.parts(hostile.rows(["甲"])), method=method))
    data[200] ^= 0x55
    assert refusal(bytes(data)) == "workbook-damaged"


@pytest.mark.parametrize(
    ("twin", "kind"),
    [
        (SHEET, "part-duplicated"),
        ("XL/Worksheets/Sheet1.xml", "part-duplicated"),
        ("xl\\worksheets\\sheet1.xml", "part-duplicated"),
        ("../evil.xml", "part-name-unsafe"),
        ("xl/../../evil.xml", "part-name-unsafe"),
        ("/xl/evil.xml", "part-name-unsafe"),
        ("C:/evil.xml", "part-name-unsafe"),
        ("xl\\..\\evil.xml", "part-name-unsafe"),
    ],
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_readers_would_take_differently_are_refused(twin: str, kind: str) -> None:
    assert refusal(hostile.package([*hostile.parts().items(), (twin, b"<x/>")])) == kind


def test_parts_that_share_bytes_are_refused() -> None:
    assert refusal(hostile.overlapping(hostile.parts() | {"xl/zzz.xml": b"<x/>"})) in {
        "parts-overlap",
        "workbook-damaged",
    }


def test_two_directory_records_for_one_member_are_refused() -> None:
    made = hostile.parts() | {"xl/aaaa.xml": b"<x/>", "xl/bbbb.xml": b"<x/>"}
    data = bytearray(hostile.package(made))
    first, second = data.rindex(b"xl/aaaa.xml") - 46, data.rindex(b"xl/bbbb.xml") - 46
    data[second + 42 : second + 46] = data[first + 42 : first + 46]
    assert refusal(bytes(data)) == "workbook-damaged"  # the local header says another name


def test_too_many_parts_are_refused() -> None:
    many = {f"xl/media/{number}.bin": b"" for number in range(1000)}
    assert refusal(hostile.package(hostile.parts() | many)) == "parts-too-many"


@pytest.mark.slow
def test_an_honest_bomb_is_refused_without_inflating_it() -> None:
    data = sheet_of(bytes(600 << 20))
    assert len(data) < 1 << 20
    tracemalloc.start()
    started = time.process_time()
    assert refusal(data) == "workbook-too-large"
    assert time.process_time() - started < 1
    assert tracemalloc.get_traced_memory()[1] < 100 << 20
    tracemalloc.stop()


def test_a_lying_bomb_is_refused_at_the_first_byte_too_many() -> None:
    made = hostile.parts() | {SHEET: bytes(64 << 20)}
    data = hostile.lying_about_size(made, SHEET, 1000)
    tracemalloc.start()
    assert refusal(data) == "workbook-damaged"
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()


def test_a_part_shorter_than_it_says_is_refused() -> None:
    made = hostile.parts()
    assert refusal(hostile.lying_about_size(made, SHEET, len(made[SHEET]) + 1)) == "workbook-damaged"


@pytest.mark.parametrize("name", [SHEET, "xl/_rels/workbook.xml.rels", "docProps/app.xml", "xl/drawings/d.vml"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "declaration",
    ['<!DOCTYPE x SYSTEM "file:///etc/passwd">', '<!DOCTYPE x [<!ENTITY a "aaaa">]>', "<!DOCTYPE\nx>"],
)
def test_a_document_type_is_refused_in_any_part_and_encoding(name: str, encoding: str, declaration: str) -> None:
    evil = f'<?xml version="1.0"?>{declaration}<x>&a;</x>'.encode(encoding)
    assert refusal(hostile.package(hostile.parts() | {name: evil})) == "xml-doctype"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "before", [" " * 200, "\n" * 70_000, "<!-- a -->" * 50, "<?a <!-- ?>", "<?a?>\t<!--<?-->", "<!--\u213c\u2d2d-->"]
)
@pytest.mark.parametrize("declaration", ['<!DOCTYPE a [<!ENTITY x "y">]>', "<!doctype a>"])
def test_a_document_type_is_refused_after_blanks_comments_and_instructions(
    encoding: str, before: str, declaration: str
) -> None:
    made = f"{before}{declaration}<worksheet><sheetData/></worksheet>".encode(encoding)
    assert refusal(sheet_of(made)) == "xml-doctype"


def test_signs_that_look_like_a_comment_in_bytes_hide_no_document_type() -> None:
    evil = "<a>\u213c\u2d2d</a><!DOCTYPE x>".encode("utf-16")  # `<!--`, read byte by byte
    assert refusal(sheet_of(evil)) == "xml-doctype"


def test_a_part_that_calls_itself_a_picture_is_looked_at() -> None:
    evil = hostile.parts() | {"xl/worksheets/a.svg": b"<!DOCTYPE a><worksheet/><!--<svg-->"}
    assert refusal(hostile.package(evil)) == "xml-doctype"


@pytest.mark.parametrize("before", [0, 65_530, 1_048_570, 1_048_580, 3_000_000])
def test_a_document_type_is_found_wherever_pieces_part(before: int) -> None:
    evil = b"<?xml version='1.0'?>" + b" " * (before % 1_000_000) + b"<!---->"
    evil += b"<a/>" * (before // 4) + b"<!DOCTYPE x><x/>"
    assert refusal(sheet_of(evil)) == "xml-doctype"


def test_a_comment_may_speak_of_a_document_type() -> None:
    guard.inspect(sheet_of(b"<!-- no <!DOCTYPE> here --><worksheet><![CDATA[<!ENTITY]]></worksheet>"), file="a.xlsx")


def test_a_picture_may_have_a_document_type() -> None:
    svg = b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" ""><svg/>'
    guard.inspect(hostile.package(hostile.parts() | {"xl/media/image1.svg": svg}), file="a.xlsx")


@pytest.mark.parametrize(
    "token",
    [
        b"<a " + b"x" * 2_000_000 + b"/>",
        b'<a x="' + b" " * 2_000_000 + b'"/>',
        b"<!--" + b"<x>" * 700_000 + b"-->",
        b"<![CDATA[" + b"<x>" * 700_000 + b"]]>",
        b"<a>" + b"x" * 2_000_000 + b"</a>",
    ],
)
def test_an_endless_token_is_refused(token: bytes) -> None:
    assert refusal(sheet_of(b"<worksheet>" + token + b"</worksheet>")) == "xml-token-too-long"


def test_power_query_may_keep_a_long_text() -> None:
    mashup = b"<DataMashup>" + b"A" * 2_000_000 + b"</DataMashup>"
    guard.inspect(hostile.package(hostile.parts() | {"customXml/item1.xml": mashup}), file="a.xlsx")


@pytest.mark.parametrize("encoding", ["UTF-7", "cp037", "ucs-4", "shift_jis"])
def test_an_encoding_that_hides_markup_is_refused(encoding: str) -> None:
    assert refusal(sheet_of(f'<?xml version="1.0" encoding="{encoding}"?><x/>'.encode())) == "xml-encoding"


@pytest.mark.parametrize("where", ["xl/worksheets/sheet1.xml", "xl/_rels/workbook.xml.rels"])
@pytest.mark.parametrize("filling", ['encoding="{}"', 'version="{}" encoding="x-odd"'])
def test_an_encoding_is_read_however_long_its_declaration_is(where: str, filling: str) -> None:
    declared = f"<?xml {filling.format('x' * 300)}?><x/>"
    assert refusal(hostile.package(hostile.parts() | {where: declared.encode()})) == "xml-encoding"


def test_an_enciphered_member_is_named() -> None:
    data = bytearray(hostile.workbook())
    for signature, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        place = data.index(signature) + at
        data[place : place + 2] = struct.pack("<H", 1)
    assert refusal(bytes(data)) == "workbook-encrypted"


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_that_excel_does_not_use_is_refused(method: int) -> None:
    assert refusal(hostile.package(hostile.parts(), method=method)) == "workbook-damaged"


def test_a_name_made_to_confuse_a_message_is_shown_plainly() -> None:
    with pytest.raises(UnreadableWorkbookError) as caught:
        guard.inspect(hostile.package(hostile.parts() | {"xl/\u202exml.\x1b[31m" + "长" * 99: b""}), file="a.xlsx")
    assert "\x1b" not in str(caught.value)
    assert "\u202e" not in str(caught.value)
    assert len(str(caught.value)) < 200


def test_a_signature_is_noticed_and_not_refused() -> None:
    signed = hostile.parts() | {"_xmlsignatures/origin.sigs": b"", "_xmlsignatures/sig1.xml": b"<Signature/>"}
    assert guard.inspect(hostile.package(signed), file="a.xlsx").signed


def test_odd_but_sound_archives_pass() -> None:
    made = hostile.parts(hostile.rows(["甲"]))
    for data in (
        hostile.streamed(made),
        hostile.with_zip64_fields(made),
        hostile.package(made, method=zipfile.ZIP_STORED),
        hostile.package({"xl/": b"", **made}),
    ):
        guard.inspect(data, file="a.xlsx")


def test_no_mutation_of_a_workbook_gets_anything_but_a_typed_refusal() -> None:
    data = hostile.workbook(hostile.rows(["客户编号", "甲"], ["C001", 5]))
    for seed in range(1500):
        mutant = bytearray(data)
        place = zlib.crc32(struct.pack("<I", seed))
        mutant[place % len(data)] ^= 1 + place // len(data) % 255
        try:
            guard.inspect(bytes(mutant), file="a.xlsx")
            open_package(bytes(mutant))
        except UnreadableWorkbookError:
            pass


# --- how far content reaches -----------------------------------------------------------------------------


def extent(sheet: str, **options: str) -> Extent:
    package = open_package(hostile.workbook(sheet, **options))
    return measure(package, package.sheets[0])


def test_the_extent_is_of_content_not_of_claims_or_styles() -> None:
    sheet = (
        '<dimension ref="A1:XFD1048576"/><sheetData><row r="2"><c r="B2" s="1"/><c r="C2"><v>1</v></c></row>'
        '<row r="9"><c r="D9" t="inlineStr"><is><t>甲</t></is></c><c r="XFD9" s="1"></c></row></sheetData>'
        '<mergeCells count="1"><mergeCell ref="A1:B3"/></mergeCells>'
    )
    assert extent(sheet) == Extent(2, 3, 9, 4, cells=2, merges=1, merged_cells=6, certain=True, gap=7)
    assert extent(sheet).area == 16


def test_a_sparse_giant_is_seen_as_one() -> None:
    first, last = '<c r="A1"><v>1</v></c>', '<c r="XFD1048576"><v>1</v></c>'
    sheet = f'<sheetData><row r="1">{first}</row><row r="1048576">{last}</row></sheetData>'
    assert extent(sheet).area == 1048576 * 16384


@pytest.mark.parametrize(
    "cell",
    [
        "<c r='XFD1048576'><v>1</v></c>",
        '<c r = "XFD1048576"><v>1</v></c>',
        '<c r="&#88;FD1048576"><v>1</v></c>',
        '<c r="xfd1048576"><v>1</v></c>',
        "<c><v>1</v></c>",
        '<c x="/>" r="XFD1048576"><v>1</v></c>',
        '<c r="XFD1048576" x="/>"><v>1</v></c>',
        '<c x=\' r="A1"\' r="XFD1048576"><v>1</v></c>',
        '<c r="XFD1048576"> text <v>1</v></c>',
        '<c r="XFD1048576"><!-- --><v>1</v></c>',
        '<y:c xmlns:y="http://schemas.openxmlformats.org/spreadsheetml/2006/main" r="XFD1048576"><v>1</v></y:c>',
    ],
)
def test_no_way_of_writing_hides_how_far_a_cell_is(cell: str) -> None:
    found = extent(f'<sheetData><row r="1"><c r="A1"><v>1</v></c>{cell}</row></sheetData>')
    assert (found.bottom, found.right) == (1048576, 16384)


@pytest.mark.slow
def test_an_extent_is_found_wherever_pieces_part() -> None:
    found = extent(hostile.rows(*((f"编号{number}", number) for number in range(1, 60_001))))
    assert found == Extent(1, 1, 60_000, 2, cells=120_000, merges=0, merged_cells=0, certain=True, gap=1)
