"""What a message for the command line is called on the page: people here type no commands. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MORE = "第 ① 步的“更多”"
_COLUMNS = "上面“不认得的列”"
ON_THE_PAGE: Sequence[tuple[str, str]] = (
    (r"运行 sheetcrm run --number 由程序按规则编号", rf"在{_MORE}里勾选给没有编号的客户编号"),
    (r"--number 不会加列", r"编号时不会加列"),
    (r"请写 --policy，或写在 sheetcrm\.toml 里", rf"请填在{_MORE}里的策略文件"),
    (r"请用 --period", r"请回第 ① 步改期间"),
    (r"改用 --as-of", r"回第 ① 步改期间"),
    (r"请加 --keep ([^（]+)（或写进 sheetcrm\.toml 的 keep）", rf"请在{_MORE}里的自己的列填 \1"),
    (r"请加 --keep (\S+)", rf"请在{_MORE}里的自己的列填 \1"),
    (r"请运行 sheetcrm map 并在表头对照里确认", rf"请在{_COLUMNS}里选好"),
    (r"可运行 sheetcrm map 选一个字段", rf"可在{_COLUMNS}里选一个字段"),
    (r"各放一个文件夹，用 sheetcrm batch 一起做", r"各放一个文件夹，分几次做"),
)
"""What messages say for a terminal, as a pattern, and what it says on the page."""


def on_the_page(text: str) -> str:
    """Return a message, or its way out, in the words of the page."""
    for pattern, words in ON_THE_PAGE:
        text = re.sub(pattern, words, text)
    return text
