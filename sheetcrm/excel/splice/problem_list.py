"""Writes the sheet 检查结果: a worksheet part of texts, with links, a filter and its own print setup.

It is written whole, in inline strings, so that nothing of the workbook's own strings changes. ECMA-376 Part 1,
18.3.1.99 (worksheet), .47 (hyperlink).
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil

from sheetcrm.excel.splice.cell_text import string_item
from sheetcrm.excel.splice.conditional_formats import PATTERNS
from sheetcrm.excel.splice.styles import XML_DECLARATION, StyleSheet
from sheetcrm.model import ProblemList, column_letters
from sheetcrm.ooxml.addresses import Area
from sheetcrm.ooxml.xmltree import escape

HEADER_ROW = 3
"""Above it stand the title and the legend."""
_TITLE_ROW, _LEGEND_ROW = 1, 2
_FILLED = 0.88
"""The part of its width that a broken line holds."""
_LINE_HEIGHT = 15
_MOST_LINKS = 65_000
"""Excel takes 65,530 links on a sheet."""
_LINE = '<{0} style="thin"><color rgb="FFBFBFBF"/></{0}>'
_BOX = "<border>" + "".join(_LINE.format(side) for side in ("left", "right", "top", "bottom")) + "</border>"
_TEXT = '<alignment vertical="top" wrapText="1"/>'


def filtered_area(listing: ProblemList) -> Area:
    """Return the area of the list's filter: its header and its rows. Pure."""
    return Area(HEADER_ROW, 1, HEADER_ROW + max(1, len(listing.rows)), len(listing.header))


def write_list(listing: ProblemList, styles: StyleSheet, *, namespace: str, views: bool) -> bytes:
    """Write the worksheet part.

    Args:
        listing: What it holds.
        styles: The workbook's formats, appended to.
        namespace: The namespace of the workbook's own elements.
        views: Whether the workbook has a window that the sheet's view may refer to.
    """
    area = filtered_area(listing)
    widths = (
        f'<col min="{number}" max="{number}" width="{width:g}" customWidth="1"/>'
        for number, width in enumerate(listing.widths, 1)
    )
    head = (
        f'{XML_DECLARATION}<worksheet xmlns="{namespace}"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>'
        f'<dimension ref="{Area(1, 1, area.bottom, max(area.right, len(PATTERNS) + 1))}"/>{_view() if views else ""}'
        f'<sheetFormatPr defaultRowHeight="{_LINE_HEIGHT}"/><cols>{"".join(widths)}</cols><sheetData>'
    )
    data = [head.encode()]
    data += _rows(listing, styles)
    data.append(f'</sheetData><autoFilter ref="{area}"/>'.encode())
    data += _colours(listing, styles, area)
    data += _links(listing)
    data.append(
        b'<pageMargins left="0.4" right="0.4" top="0.5" bottom="0.6" header="0.3" footer="0.3"/>'
        b'<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/>'
        b"<headerFooter><oddFooter>&amp;C&amp;P / &amp;N</oddFooter></headerFooter></worksheet>"
    )
    return b"".join(data)


def _view() -> str:
    first = f"A{HEADER_ROW + 1}"
    return (
        f'<sheetViews><sheetView showGridLines="0" workbookViewId="0"><pane ySplit="{HEADER_ROW}" topLeftCell="{first}"'
        ' activePane="bottomLeft" state="frozen"/>'
        f'<selection pane="bottomLeft" activeCell="{first}" sqref="{first}"/></sheetView></sheetViews>'
    )


def _rows(listing: ProblemList, styles: StyleSheet) -> list[bytes]:
    title = styles.add(font='<b/><sz val="13"/>')
    legend = styles.add(border=_BOX, alignment='<alignment horizontal="center"/>')
    header = styles.add(
        font='<b/><sz val="11"/>',
        fill='<fill><patternFill patternType="solid"><fgColor rgb="FFD9E1F2"/></patternFill></fill>',
        border=_BOX,
        alignment='<alignment horizontal="center" vertical="center" wrapText="1"/>',
    )
    plain = styles.add(border=_BOX, alignment=_TEXT)
    link = styles.add(font='<u/><sz val="11"/><color rgb="FF0563C1"/>', border=_BOX, alignment=_TEXT)
    looks = [link if column == listing.linked else plain for column in range(len(listing.header))]
    unlinked = [plain] * len(looks)
    levels = [level.value for level in PATTERNS]
    rows = [
        _row(_TITLE_ROW, [listing.title], [title]),
        _row(_LEGEND_ROW, [*levels, listing.legend], [*[legend] * len(levels), 0]),
        _row(HEADER_ROW, listing.header, [header] * len(looks)),
    ]
    for number, entry in enumerate(listing.rows, HEADER_ROW + 1):
        formats = looks if entry.address and number <= _MOST_LINKS else unlinked
        rows.append(_row(number, entry.texts, formats, lines=_lines(entry.texts, listing.widths)))
    return rows


def _row(number: int, texts: Sequence[str], formats: Sequence[int], *, lines: int = 1) -> bytes:
    cells = (
        b'<c r="%s%d" s="%d" t="inlineStr"><is>%s</is></c>'
        % (column_letters(column).encode(), number, style, string_item(text))
        if text
        else b'<c r="%s%d" s="%d"/>' % (column_letters(column).encode(), number, style)
        for column, (text, style) in enumerate(zip(texts, formats, strict=True), 1)
    )
    height = b' ht="%d"' % (_LINE_HEIGHT * lines) if lines > 1 else b""
    return b'<row r="%d"%s>%s</row>' % (number, height, b"".join(cells))


def _lines(texts: Sequence[str], widths: Sequence[float]) -> int:
    """Return how many lines the texts of a row need, by what fits into its columns: a Chinese sign takes two.

    A line breaks before a word that does not fit, so that it holds less than its width.
    """
    return max(
        ceil((len(text) + sum(sign > "\x7f" for sign in text)) / (_FILLED * width))
        for text, width in zip(texts, widths, strict=True)
    )


def _colours(listing: ProblemList, styles: StyleSheet, area: Area) -> list[bytes]:
    """Fill the names of the severities as the cells at fault are filled."""
    column = listing.graded + 1
    legend = Area(_LEGEND_ROW, 1, _LEGEND_ROW, len(PATTERNS))
    rules = (
        f'<cfRule type="cellIs" dxfId="{styles.pattern(*pattern)}" priority="{priority}" operator="equal">'
        f"<formula>{escape(chr(34) + level.value + chr(34)).decode()}</formula></cfRule>"
        for priority, (level, pattern) in enumerate(PATTERNS.items(), 1)
    )
    areas = f"{legend} {Area(HEADER_ROW + 1, column, area.bottom, column)}"
    return [f'<conditionalFormatting sqref="{areas}">{"".join(rules)}</conditionalFormatting>'.encode()]


def _links(listing: ProblemList) -> list[bytes]:
    letters = column_letters(listing.linked + 1)
    links = [
        b'<hyperlink ref="%s%d" location="%s"/>'
        % (letters.encode(), number, escape("'" + entry.sheet.replace("'", "''") + "'!" + entry.address))
        for number, entry in enumerate(listing.rows[:_MOST_LINKS], HEADER_ROW + 1)
        if entry.address and number <= _MOST_LINKS
    ]
    return [b"<hyperlinks>", *links, b"</hyperlinks>"] if links else []
