"""Makes 表头对照.xlsx: the headers and words of a team's own, beside what they may stand for (practice §1.6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sheetcrm.excel.books.theme import BOX, EXAMPLE, REQUIRED, Page, new_book
from sheetcrm.policy.model import Policy

MAPPING = "表头对照.xlsx"
_HEADERS = ("表", "你的表头", "本模板的字段", "确认", "示例1", "示例2", "示例3", "所在单元格")
_WORDS = ("表", "你的表头", "你的写法", "本模板的写法", "确认")
_WIDTHS = (18, 22, 22, 8, 18, 18, 18, 34)
_FIELDS = "字段清单"
_SAMPLES = 3
_ADVICE = "核对无误后填 是；没有填 是 的行不起作用。填好后把本文件和台账放在一起再运行。"


@dataclass(frozen=True, slots=True)
class MappedHeader:
    """One header: its sheet, its proposal (blank where there is none), samples already masked, and its cell."""

    sheet: str
    header: str
    label: str
    samples: tuple[str, ...]
    cell: str
    confirmed: bool
    further: tuple[tuple[str, str], ...] = ()
    """What stands in columns that people added."""


@dataclass(frozen=True, slots=True)
class MappedWord:
    """One word of a column: what it may stand for, and whether a person said so."""

    sheet: str
    header: str
    word: str
    ours: str
    confirmed: bool
    further: tuple[tuple[str, str], ...] = ()


def mapping_book(
    headers: Sequence[MappedHeader],
    words: Sequence[MappedWord],
    *,
    labels: Sequence[str],
    choices: Sequence[str],
    policy: Policy,
) -> bytes:
    """Make the workbook. `labels` are offered for headers, `choices` for words; nothing counts until 确认 says 是."""
    with new_book("表头对照") as (book, data):
        pages = [Page(book, book.add_worksheet(name), policy) for name in ("表头对照", "取值对照", _FIELDS)]
        rows = [
            (one.sheet, one.header, one.label, "是" if one.confirmed else "", *_three(one.samples), one.cell)
            for one in headers
        ]
        _table(pages[0], _HEADERS, rows, [one.further for one in headers])
        lines = [(one.sheet, one.header, one.word, one.ours, "是" if one.confirmed else "") for one in words]
        _table(pages[1], _WORDS, lines, [one.further for one in words])
        for column, offered in enumerate((labels, choices)):
            for row, text in enumerate(offered):
                pages[2].sheet.write_string(row, column, text)
        pages[2].sheet.hide()
        _offer(pages[0], 2, f"='{_FIELDS}'!$A$1:$A${max(len(labels), 1)}", len(rows))
        _offer(pages[0], 3, ["是", "否"], len(rows))
        _offer(pages[1], 3, f"='{_FIELDS}'!$B$1:$B${max(len(choices), 1)}", len(words))
        _offer(pages[1], 4, ["是", "否"], len(words))
    return data.getvalue()


def _three(samples: Sequence[str]) -> tuple[str, ...]:
    return (*samples[:_SAMPLES], *[""] * (_SAMPLES - len(samples[:_SAMPLES])))


def _table(
    page: Page, columns: Sequence[str], lines: Sequence[Sequence[str]], further: Sequence[tuple[tuple[str, str], ...]]
) -> None:
    added = list(dict.fromkeys(name for texts in further for name, _ in texts))
    header = [*columns, *added]
    rows = [[*line, *(dict(texts).get(name, "") for name in added)] for line, texts in zip(lines, further, strict=True)]
    head = page.style(bold=True, bg_color=f"#{REQUIRED}", font_color="#FFFFFF", **BOX)
    plain, asked = page.style(**BOX), page.style(bg_color=f"#{EXAMPLE}", **BOX)
    for column, title in enumerate(header):
        page.sheet.set_column(column, column, _WIDTHS[min(column, len(_WIDTHS) - 1)])
        page.sheet.write_string(0, column, title, head)
    for number, row in enumerate(rows, 1):
        for column, text in enumerate(row):
            is_asked = header[column] in {"本模板的字段", "本模板的写法", "确认"}
            style = asked if is_asked else plain
            if text:
                page.sheet.write_string(number, column, text, style)
            else:
                page.sheet.write_blank(number, column, None, style)
    page.sheet.freeze_panes(1, 2)
    page.sheet.write_comment(
        0, header.index("确认"), "核对无误后填 是；没有填 是 的行不起作用。填好后把本文件和台账放在一起再运行。"
    )


def _offer(page: Page, column: int, source: str | list[str], rows: int) -> None:
    if rows:
        page.sheet.data_validation(1, column, rows, column, {"validate": "list", "source": source})
