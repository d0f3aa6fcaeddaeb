"""Files made to do harm, and benign ones that look it: refused or read, quickly, in little memory, in words.

Every file goes through `check` and `run` in a process of its own, forked from one that has the program
loaded. What is held to the limits is that process with its watched child: their processor seconds, and
the larger of their peaks of memory (the other holds some 40 MB meanwhile).
"""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from sheetcrm.model import column_letters
from tests.hostile import MAIN, PACKAGE, RELATIONSHIPS, lying_about_size, overlapping, package, parts, rows, workbook
from tests.workbooks import REFERENCE_ROWS, SCORING_HEADER

pytestmark = [
    pytest.mark.slow(seconds=0.2),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="peaks are measured in forked processes"),
    pytest.mark.filterwarnings("ignore:Duplicate name"),
]
ROOT = Path(__file__).parent.parent
MOST_SECONDS, MOST_MEGABYTES = 5, 512 - 64
SHEET, WORKBOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"
GOOD = rows(SCORING_HEADER, *REFERENCE_ROWS)
ORDERS = ("客户编号", "日期", "金额")

DRIVER = """
import json, os, sys, time
from pathlib import Path
from sheetcrm.cli import main
from sheetcrm.runs import prepare  # loaded before the forks, or each would pay for it
folder, lane, results = Path(sys.argv[1]), int(sys.argv[2]), {}
for path in sorted(folder.glob("*.xlsx"))[lane::2]:
    for command in (["check"], ["run", "-o", str(folder / (path.stem + ".out")), "--no-pdf", "--as-of", "2024-03-01"]):
        said = folder / f"said{lane}.txt"
        pid = os.fork()
        if not pid:
            out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(out, 1), os.dup2(out, 2)
            code = 99
            try:
                code = main([*command, str(path)])
                sys.stdout.flush(), sys.stderr.flush()
            finally:
                os._exit(code)
        _, status, usage = os.wait4(pid, 0)
        results[path.stem + " " + command[0]] = (
            os.waitstatus_to_exitcode(status), said.read_text(encoding="utf-8", errors="replace"),
            usage.ru_utime + usage.ru_stime, usage.ru_maxrss / (1 << (20 if sys.platform == "darwin" else 10)),
        )
print(json.dumps(results))
"""
"""Forks a process a file and command, waits, and prints code, words, seconds and megabytes of each."""


def with_sheet(content: str | bytes) -> bytes:
    return package(parts() | {SHEET: content if isinstance(content, bytes) else content.encode()})


def good_with(*more: tuple[str, bytes]) -> bytes:
    return package([*parts(GOOD).items(), *more])


def sheet_with(inside: str, *, before: str = "") -> bytes:
    return workbook(before + GOOD + inside)


def changed(old: str, new: str) -> bytes:
    """A good workbook whose sheet says something else in one place."""
    assert old in GOOD
    return workbook(GOOD.replace(old, new))


def with_far_cell(address: str, row: int) -> bytes:
    cell = f'<c r="{address}"><v>1</v></c>'
    if row == 1:
        head, end, tail = GOOD.partition("</row>")
        return workbook(head + cell + end + tail)
    return changed("</sheetData>", f'<row r="{row}">{cell}</row></sheetData>')


def one_text_in_many_cells() -> bytes:
    cells = "".join(f'<row r="{row}"><c r="A{row}" t="s"><v>0</v></c></row>' for row in range(1, 3001))
    return workbook(
        f"<sheetData>{cells}</sheetData>", strings=f'<sst xmlns="{MAIN}"><si><t>{"长" * 300_000}</t></si></sst>'
    )


def one_sheet_under_many_names() -> bytes:
    listed = "".join(f'<sheet name="s{n}" sheetId="{n + 1}" r:id="rId1"/>' for n in range(3000))
    made = parts(rows(ORDERS, *[["C1", "2024-01-01", 5]] * 2000))
    made[WORKBOOK] = f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONSHIPS}"><sheets>{listed}</sheets></workbook>'.encode()
    return package(made)


def scattered() -> bytes:
    cells = "".join(
        f'<row r="{n}000"><c r="{"AZ"[n % 2]}{"AZ"[n % 2]}{n}000"><v>1</v></c></row>' for n in range(1, 999)
    )
    return workbook(f"<sheetData>{cells}</sheetData>")


def merges_over_merges() -> bytes:
    merges = '<mergeCell ref="A2:A20000"/>' * 5000
    return workbook(rows(ORDERS, *[["C1", "2024-01-01", 5]] * 20_000) + f"<mergeCells>{merges}</mergeCells>")


def many_relationships(part: str) -> bytes:
    kind = f"{RELATIONSHIPS}/hyperlink"
    many = "".join(
        f'<Relationship Id="l{n}" Type="{kind}" Target="mailto:{n}" TargetMode="External"/>' for n in range(100_000)
    )
    made = parts(GOOD)
    empty = f'<Relationships xmlns="{PACKAGE}/relationships"></Relationships>'.encode()
    made[part] = made.get(part, empty).replace(b"</Relationships>", many.encode() + b"</Relationships>")
    return package(made)


def all_headers() -> bytes:
    """2.4 million cells, each the label of a column."""
    letters = [column_letters(column) for column in range(1, 1001)]
    lines = []
    for row in range(1, 2401):
        cells = (f'<c r="{at}{row}" t="s"><v>{number % 3}</v></c>' for number, at in enumerate(letters))
        lines.append(f'<row r="{row}">{"".join(cells)}</row>')
    strings = "".join(f"<si><t>{label}</t></si>" for label in ORDERS)
    return workbook(f"<sheetData>{''.join(lines)}</sheetData>", strings=f'<sst xmlns="{MAIN}">{strings}</sst>')


def errors_below_many_headers() -> bytes:
    lines = []
    for row in range(1, 4000, 2):
        lines += [row_of(row, ORDERS), row_of(row + 1, ["#N/A"] * 98, 't="e"')]
    return workbook(f"<sheetData>{''.join(lines)}</sheetData>")


def row_of(row: int, values: Sequence[str], kind: str = 't="str"') -> str:
    cells = (f'<c r="{column_letters(at)}{row}" {kind}><v>{value}</v></c>' for at, value in enumerate(values, 1))
    return f'<row r="{row}">{"".join(cells)}</row>'


RULE = (
    '<conditionalFormatting sqref="A1"><cfRule type="expression" priority="1"><formula>1</formula></cfRule>'
    "</conditionalFormatting>"
)
HARD: Mapping[str, Callable[[], bytes]] = {
    "relationships of a sheet": lambda: many_relationships("xl/worksheets/_rels/sheet1.xml.rels"),
    "a million colour rules": lambda: sheet_with(RULE * 1_000_000),
    "links without end": lambda: sheet_with(f"<hyperlinks>{'<hyperlink/>' * 450_000}</hyperlinks>"),
    "formats without end": lambda: workbook(
        GOOD, styles=f'<styleSheet xmlns="{MAIN}"><cellXfs>{"<xf><alignment/></xf>" * 240_000}</cellXfs></styleSheet>'
    ),
    "errors below many headers": errors_below_many_headers,
    "4,000 rows of one customer": lambda: workbook(rows(SCORING_HEADER, *[REFERENCE_ROWS[0]] * 4000)),
}
"""Files that ask for much: read or refused, or read and not written back."""


def bomb_in_a_picture() -> bytes:
    inner = package({"bomb": bytes(30 << 20)})
    return good_with(("xl/media/image1.zip", package({"inner.zip": inner})))


def quoted_overlap() -> bytes:
    """Two members of which the second's bytes are the first's too: its local header is the first's content."""
    made = package(parts(GOOD) | {"xl/a.bin": b"x" * 10}, method=zipfile.ZIP_STORED)
    data = bytearray(made)
    record = data.rindex(b"xl/a.bin") - 46
    size = struct.pack("<I", 4000)
    data[record + 20 : record + 28] = size + size
    return bytes(data)


def lying_offset() -> bytes:
    data = bytearray(workbook(GOOD))
    end = data.rindex(b"PK\5\6")
    data[end + 16 : end + 20] = struct.pack("<I", 17)
    return bytes(data)


ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
Maker = Callable[[], bytes]

REFUSED: Mapping[str, tuple[Maker, str]] = {
    "bomb": (lambda: with_sheet(bytes(513 << 20)), "workbook-too-large"),
    "bomb that lies": (
        lambda: lying_about_size(parts() | {SHEET: bytes(64 << 20)}, SHEET, 1000),
        "workbook-damaged",
    ),
    "size too small": (lambda: lying_about_size(parts(GOOD), SHEET, 100), "workbook-damaged"),
    "size too large": (lambda: lying_about_size(parts(GOOD), SHEET, 1 << 20), "workbook-damaged"),
    "size of gigabytes": (lambda: lying_about_size(parts(GOOD), SHEET, 0xFFFFFFF0), "workbook-too-large"),
    "overlap": (lambda: overlapping(parts(GOOD) | {"xl/zzz.xml": b"<x/>"}), "workbook-damaged"),
    "overlap quoted": (quoted_overlap, "workbook-damaged"),
    "directory elsewhere": (lying_offset, "workbook-damaged"),
    "doctype": (lambda: with_sheet(ENTITY + "<worksheet>&b;</worksheet>"), "xml-doctype"),
    "doctype in the workbook": (
        lambda: package(parts(GOOD) | {WORKBOOK: ENTITY.encode() + parts()[WORKBOOK]}),
        "xml-doctype",
    ),
    "entity from outside": (lambda: with_sheet(EXTERNAL + "<worksheet>&a;</worksheet>"), "xml-doctype"),
    "doctype in UTF-16": (lambda: with_sheet((ENTITY + "<worksheet/>").encode("utf-16")), "xml-doctype"),
    "parent folder": (lambda: good_with(("xl/../../evil.xml", b"<x/>")), "part-name-unsafe"),
    "parent folder, backslash": (lambda: good_with(("..\\evil.xml", b"<x/>")), "part-name-unsafe"),
    "absolute": (lambda: good_with(("/etc/evil.xml", b"<x/>")), "part-name-unsafe"),
    "drive": (lambda: good_with(("C:/evil.xml", b"<x/>")), "part-name-unsafe"),
    "duplicate": (lambda: good_with((SHEET, b"<worksheet/>")), "part-duplicated"),
    "case twin": (lambda: good_with(("XL/Worksheets/SHEET1.XML", b"<worksheet/>")), "part-duplicated"),
    "long tag": (lambda: with_sheet("<a " + "x" * 3_000_000 + "/>"), "xml-token-too-long"),
    "long value": (lambda: with_sheet('<a x="' + "y" * 3_000_000 + '"/>'), "xml-token-too-long"),
    "long comment": (lambda: with_sheet("<!--" + "<" * 3_000_000 + "-->"), "xml-token-too-long"),
    "dimension of nothing": (lambda: sheet_with("", before='<dimension ref="nonsense"/>'), "address-unreadable"),
    "a cell beyond any sheet": (
        lambda: changed("</sheetData>", '<row r="9"><c r="J2147483648"><v>1</v></c></row></sheetData>'),
        "address-unreadable",
    ),
    "doctype after blanks": (lambda: with_sheet(" " * 200 + ENTITY + "<worksheet/>"), "xml-doctype"),
    "relationships of the workbook": (lambda: many_relationships("xl/_rels/workbook.xml.rels"), "xml-too-large"),
    "all headers": (all_headers, "headers-too-many"),
    "names without end": (
        lambda: workbook(GOOD, workbook_inside=f"<definedNames>{'<definedName/>' * 450_000}</definedNames>"),
        "xml-too-large",
    ),
    "too many parts": (lambda: good_with(*((f"xl/m{n}.bin", b"") for n in range(1000))), "parts-too-many"),
    "deep": (lambda: package(parts(GOOD) | {WORKBOOK: b"<a>" * 200_000}), "xml-too-large"),
    "one text in many cells": (one_text_in_many_cells, "workbook-needs-"),
    "one sheet under many names": (one_sheet_under_many_names, "sheet-listed-twice"),
    "merges over merges": (merges_over_merges, "workbook-needs-"),
    "scattered": (scattered, "sheet-too-sparse"),
} | {
    f"truncated at {tenth}0 %": (lambda tenth=tenth: workbook(GOOD)[: len(workbook(GOOD)) * tenth // 10], "workbook-")
    for tenth in range(10)
}
READ: Mapping[str, Maker] = {
    "sparse giant": lambda: with_far_cell("XFD1048576", 1048576),
    "sparse giant, last column": lambda: with_far_cell("XFD1", 1),
    "sparse giant, last row": lambda: with_far_cell("B1048576", 1048576),
    "huge merge": lambda: sheet_with('<mergeCells count="1"><mergeCell ref="M1:XFD1048576"/></mergeCells>'),
    "huge merge over the table": lambda: sheet_with('<mergeCells><mergeCell ref="A6:XFD1048576"/></mergeCells>'),
    "dimension of one cell": lambda: sheet_with("", before='<dimension ref="A1"/>'),
    "dimension of everything": lambda: sheet_with("", before='<dimension ref="A1:XFD1048576"/>'),
    "counts that lie": lambda: workbook(
        GOOD + '<mergeCells count="4294967295"><mergeCell ref="M1:N1"/></mergeCells>',
        strings=f'<sst xmlns="{MAIN}" count="4294967295" uniqueCount="4294967295"><si><t>甲</t></si></sst>',
        styles=f'<styleSheet xmlns="{MAIN}"><cellXfs count="4294967295"><xf numFmtId="0"/></cellXfs></styleSheet>',
    ),
    "spans that lie": lambda: changed('<row r="2">', '<row r="2" spans="1:16384" ht="1e308">'),
    "a bomb nobody opens": bomb_in_a_picture,
    "styled to the end": lambda: changed(
        "</sheetData>", "".join(f'<row r="{n}"><c r="XFD{n}" s="0"/></row>' for n in range(1000, 4000)) + "</sheetData>"
    ),
}


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, tuple[int, str, float, float]]:
    folder = tmp_path_factory.mktemp("hostile")
    for name, data in _made():
        (folder / f"{name}.xlsx").write_bytes(data)
    lanes = [
        subprocess.Popen(
            [sys.executable, "-c", DRIVER, str(folder), str(lane)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        for lane in (0, 1)
    ]
    found: dict[str, tuple[int, str, float, float]] = {}
    for lane in lanes:
        out, errors = lane.communicate(timeout=240)
        assert lane.returncode == 0, errors
        found |= json.loads(out)
    return found


def _made() -> Iterator[tuple[str, bytes]]:
    yield from ((name, make()) for name, (make, _) in REFUSED.items())
    yield from ((name, make()) for name, make in {**READ, **HARD}.items())


Done = Mapping[str, tuple[int, str, float, float]]


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("name", [*REFUSED, *READ, *HARD])
def test_none_costs_much_or_shows_a_traceback(done: Done, name: str, command: str) -> None:
    code, said, seconds, megabytes = done[f"{name} {command}"]
    assert code in {0, 1, 2}, said
    assert "Traceback" not in said
    assert seconds < MOST_SECONDS
    assert megabytes < MOST_MEGABYTES


@pytest.mark.parametrize("command", ["check", "run"])
@pytest.mark.parametrize("name", REFUSED)
def test_harm_is_refused_by_its_name(done: Done, name: str, command: str) -> None:
    code, said, _, _ = done[f"{name} {command}"]
    assert code == 2
    assert f"[{REFUSED[name][1]}" in said
    assert "。请" in said


@pytest.mark.parametrize("name", READ)
def test_what_only_looks_like_harm_is_read(done: Done, name: str) -> None:
    code, said, _, _ = done[f"{name} check"]
    assert code in {0, 1}, said
    assert "读了 1 个工作簿、3 家客户" in said
    code, said, _, _ = done[f"{name} run"]
    assert code in {0, 1}, said
    assert "VIP客户" in said
