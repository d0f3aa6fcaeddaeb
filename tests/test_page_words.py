"""Findings on the page of `sheetcrm open` name what the page has, not what is typed in a terminal."""

from __future__ import annotations

import re

import pytest

from sheetcrm.problems import MESSAGES
from sheetcrm.web.page_words import ON_THE_PAGE, on_the_page

PUT_TOGETHER = (
    "如果就是客户名称，请运行 sheetcrm map 并在表头对照里确认，或改写表头；不需要可不理",
    "不需要可不理；需要时可运行 sheetcrm map 选一个字段",
    "如果是交易明细，请运行 sheetcrm map 并在表头对照里确认各列；不是数据表可不理",
    "请按月份、区域或客户经理分成几个工作簿，各放一个文件夹，用 sheetcrm batch 一起做",
    "要留着，请加 --keep 总分,等级（或写进 sheetcrm.toml 的 keep），或先给这列改名；不用留就不必改",
)
"""Ways out that are written elsewhere (sheetcrm/intake/find/unread.py, crowded.py), or with a value in them."""
ALL = sorted({*PUT_TOGETHER, *(text for message in MESSAGES.values() for text in (message.what, message.fix))})


@pytest.mark.parametrize("text", ALL)
def test_nothing_on_the_page_is_a_command(text: str) -> None:
    shown = on_the_page(text)
    assert "--" not in shown
    assert not re.search(r"sheetcrm [a-z]", shown)


def test_a_value_stays_and_every_pattern_still_fits_a_message() -> None:
    assert on_the_page(PUT_TOGETHER[-1]).startswith(
        "要留着，请在第 ① 步的“更多”里的自己的列填 总分,等级，或先给这列改名"
    )
    assert [pattern for pattern, _ in ON_THE_PAGE if not any(re.search(pattern, text) for text in ALL)] == []
