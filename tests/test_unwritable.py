"""What the write-back or the guard refuses, `check` says beforehand, in the words of `run`; the others are done."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sheetcrm.problems import REFUSALS
from tests import hostile
from tests.test_pipeline import HEADER, ROWS, save

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, str, str]]
SHEET = "xl/worksheets/sheet1.xml"
SHEET_RELATIONS = "xl/worksheets/_rels/sheet1.xml.rels"
DAY = ("--as-of", "2024-03-01")
OWN = [[f"D{row[0]}", f"丁{row[1]}", *row[2:]] for row in ROWS]
PARTS = hostile.parts(hostile.rows(HEADER, *OWN))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000)


def sheet(old: str, new: str) -> bytes:
    """Return the workbook with one place of its sheet changed."""
    content = PARTS[SHEET].decode()
    assert old in content
    return hostile.package(PARTS | {SHEET: content.replace(old, new, 1).encode()})


def related(kind: str, target: str, content: bytes) -> bytes:
    """Return the workbook with one more part that its sheet refers to."""
    relation = f'<Relationship Id="rId1" Type="{hostile.RELATIONSHIPS}/{kind}" Target="../{target}"/>'
    relations = f'<Relationships xmlns="{hostile.PACKAGE}/relationships">{relation}</Relationships>'
    return hostile.package(PARTS | {SHEET_RELATIONS: relations.encode(), f"xl/{target}": content})


def in_encoding(part: str, encoding: str) -> bytes:
    content = PARTS[part].decode()
    return hostile.package(PARTS | {part: f'<?xml version="1.0" encoding="{encoding}"?>{content}'.encode(encoding)})


UNREAD: dict[str, tuple[str, bytes]] = {
    "address": ("address-unreadable", sheet('<row r="3">', '<row r="3x">')),
    "doctype": ("xml-doctype", sheet("<worksheet", "<!DOCTYPE a><worksheet")),
    "duplicated": ("part-duplicated", hostile.package([*PARTS.items(), ("XL/workbook.xml", b"<a/>")])),
    "empty": ("workbook-empty", b""),
    "encrypted": ("workbook-encrypted", OLE + "EncryptedPackage".encode("utf-16-le")),
    "cut": ("workbook-damaged", hostile.package(PARTS)[:-40]),
    "nested cells": ("workbook-damaged", sheet('<c r="C2" t="inlineStr">', '<c r="C2" t="inlineStr"><c r="X2"/>')),
    "no UTF-8": ("workbook-damaged", hostile.package(PARTS | {SHEET: PARTS[SHEET].replace("公司".encode(), b"\xff")})),
    "overlap": ("workbook-damaged", hostile.overlapping(PARTS)),
    "pdf": ("workbook-not-excel", b"%PDF-1.7"),
    "many parts": ("parts-too-many", hostile.package(PARTS | {f"xl/media/{n}.png": b"" for n in range(1001)})),
    "unsafe name": ("part-name-unsafe", hostile.package(PARTS | {"../x.xml": b"<a/>"})),
    "listed twice": (
        "sheet-listed-twice",
        hostile.replaced(
            hostile.package(PARTS),
            workbook=PARTS["xl/workbook.xml"].replace(
                b"</sheets>", '<sheet name="表" sheetId="2" r:id="rId1"/></sheets>'.encode()
            ),
        ),
    ),
    "token": ("xml-token-too-long", sheet("<worksheet", f"<!--{'x' * (1 << 20)}--><worksheet")),
    "too large": ("workbook-too-large", hostile.lying_about_size(PARTS, SHEET, 600 << 20)),
    "odd encoding": ("xml-encoding", hostile.package(PARTS | {SHEET: b'<?xml version="1.0" encoding="x-odd"?><a/>'})),
    "workbook in GBK": ("xml-encoding", in_encoding("xl/workbook.xml", "gbk")),
    "sheet in UTF-16": ("workbook-damaged", in_encoding(SHEET, "utf-16")),
    "old format": ("workbook-damaged", OLE + "Workbook".encode("utf-16-le")),
    "et": ("workbook-damaged", OLE + "Workbook".encode("utf-16-le")),
}
UNWRITTEN: dict[str, tuple[str, bytes]] = {
    "rows do not rise": ("rows-out-of-order", sheet('<row r="3">', '<row r="9">')),
    "row twice": ("rows-out-of-order", sheet('<row r="4">', '<row r="3">')),
    "cell twice": ("cells-out-of-order", sheet('<c r="J2"', '<c r="I2"')),
    "signed": ("workbook-signed", hostile.package(PARTS | {"_xmlsignatures/origin.sigs": b""})),
    "sheet in Latin 1": (
        "xml-encoding",
        hostile.package(
            PARTS
            | {
                SHEET: b'<?xml version="1.0" encoding="iso-8859-1"?>'
                + PARTS[SHEET].decode().encode("ascii", "xmlcharrefreplace")
            }
        ),
    ),
    "styles in GBK": (
        "xml-encoding",
        hostile.workbook(
            hostile.rows(HEADER, *OWN),
            styles=f'<?xml version="1.0" encoding="gbk"?><styleSheet xmlns="{hostile.MAIN}"/>',
        ),
    ),
    "strings in GBK": (
        "xml-encoding",
        hostile.workbook(
            hostile.rows(HEADER, *OWN), strings=f'<?xml version="1.0" encoding="gbk"?><sst xmlns="{hostile.MAIN}"/>'
        ),
    ),
    "two prefixes": (
        "sheet-xml-odd",
        hostile.package(
            PARTS
            | {
                SHEET: PARTS[SHEET]
                .replace(b"<worksheet ", f'<worksheet xmlns:y="{hostile.MAIN}" '.encode())
                .replace(b'<row r="4">', b'<y:row r="4">')
                .replace(b"</row></sheetData>", b"</y:row></sheetData>")
            }
        ),
    ),
    "no column left": (
        "sheet-full",
        sheet("</sheetData>", '</sheetData><mergeCells count="1"><mergeCell ref="N2:XFD2"/></mergeCells>'),
    ),
    "damaged after the rows": ("xml-damaged", sheet("</worksheet>", "<pageMargins></worksheet>")),
    "nested deep": ("xml-too-large", sheet("</worksheet>", f"{'<a>' * 3000}{'</a>' * 3000}</worksheet>")),
    "table damaged": ("xml-damaged", related("table", "tables/table1.xml", b"<table")),
    "pivot damaged": ("xml-damaged", related("pivotTable", "pivotTables/p.xml", b"<p")),
    "relations damaged": ("xml-damaged", hostile.package(PARTS | {SHEET_RELATIONS: b"<Relationships"})),
}
ELSEWHERE = {
    *("workbook-needs-memory", "workbook-needs-time", "workbook-stops-reader", "sheet-too-sparse", "headers-too-many"),
    "customers-too-many",
    *("workbook-xls", "workbook-xlsb", "workbook-ods", "workbook-et", "workbook-not-copied"),
    *("sheet-missing", "sheet-not-worksheet", "part-missing", "parts-overlap"),
}
"""Kinds with tests of their own: what costs much to make, formats that are read, and what no plan asks for."""


@pytest.mark.parametrize(("name", "kind", "data"), [(name, *case) for name, case in (UNREAD | UNWRITTEN).items()])
@pytest.mark.parametrize("mode", [(), ("--in-place",)], ids=["copies", "in place"])
def test_check_says_what_a_run_refuses_and_the_other_workbook_is_done(
    run: Run, tmp_path: Path, name: str, kind: str, data: bytes, mode: tuple[str, ...]
) -> None:
    ending = {"old format": ".xls", "et": ".et"}.get(name, ".xlsx")
    save(tmp_path / "in" / "好.xlsx", {"打分表": [HEADER, *ROWS]})
    bad = tmp_path / "in" / f"坏{ending}"
    bad.write_bytes(data)
    code, out, _ = run("check", tmp_path / "in", "-o", tmp_path / "out", *DAY, "--json")
    assert code == 1
    problems = json.loads(out)["problems"]
    assert not (tmp_path / "out").exists()
    assert [entry["kind"] for entry in problems if entry["severity"] == "错误"] == [kind]
    code, out, err = run("run", tmp_path / "in", "-o", tmp_path / "out", *DAY, "--no-pdf", "--json", *mode)
    assert code == 1, err
    assert json.loads(out)["problems"] == problems
    assert bad.read_bytes() == data
    written = {path.name for path in (tmp_path / "out" / "2024-03" / "workbooks").glob("*")}
    assert written == (set() if mode else {"好.xlsx"})
    recorded = json.loads((tmp_path / "out" / "2024-03" / "run.json").read_bytes())
    assert len(recorded["customers"]) == (6 if name in UNWRITTEN else 3)


def test_every_kind_of_refusal_is_tried() -> None:
    assert {kind for kind, _ in (UNREAD | UNWRITTEN).values()} | ELSEWHERE == set(REFUSALS)


def test_what_is_odd_and_sound_is_written(run: Run, tmp_path: Path) -> None:
    """Strict namespaces, prefixes, and a workbook that is shared."""
    rows = hostile.rows(HEADER, *OWN)
    shared = {"xl/revisions/revisionHeaders.xml": f'<headers xmlns="{hostile.MAIN}"/>'.encode()}
    odd = {
        "严.xlsx": hostile.workbook(rows, namespace=hostile.STRICT),
        "缀.xlsx": hostile.workbook(rows.replace("<", "<x:").replace("<x:/", "</x:"), prefix="x"),
        "享.xlsx": hostile.package(PARTS | shared),
    }
    for name, data in odd.items():
        (tmp_path / name).write_bytes(data)
        out = tmp_path / name[0]
        assert run("run", tmp_path / name, "-o", out, *DAY, "--no-pdf")[0] == 0
        with zipfile.ZipFile(out / "2024-03" / "workbooks" / name) as archive:
            assert "VIP客户" in archive.read(SHEET).decode()
