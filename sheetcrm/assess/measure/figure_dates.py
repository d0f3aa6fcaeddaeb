"""The day a scoring row's typed figures speak of (practice §3, §9).

A run moves 评估日期 into its period, so the day of older figures would be lost and the next run would take
them for fresh. That day therefore stands in 资料日期, and in the history for books that lost the column.
"""

from __future__ import annotations

import re
from datetime import date

from sheetcrm.errors import UsageError
from sheetcrm.model import ScoringRow
from sheetcrm.periods import read_period

_SENTENCE = re.compile(r"(?:资料|数据)日期(\d{4}-\d{2}-\d{2})")


def figures_dated(row: ScoringRow) -> date | None:
    """Return the day a row's typed figures speak of: 资料日期, else 评估日期; None where neither is known.

    资料日期 counts only in a row as the program wrote it (`is_as_written`). Pure.
    """
    if not is_as_written(row):
        return row.assessed_on
    return row.figures_on or _date_in_explanation(row) or row.assessed_on


def is_as_written(row: ScoringRow) -> bool:
    """Return whether the program wrote the row and nobody has dated it anew since.

    评估日期 then lies in the 评估期间 beside it. Pure.
    """
    if row.assessed_on is None or not row.period:
        return False
    try:
        written = read_period(row.period)
    except UsageError:
        return False
    return written.start <= row.assessed_on <= written.end


def _date_in_explanation(row: ScoringRow) -> date | None:
    """Read the day out of 得分说明, where versions before 资料日期 kept it. Goes in version 0.2.0.

    Only in sheets without the column 资料日期. Pure.
    """
    if row.origin.column("figures_on"):
        return None
    match = _SENTENCE.search(row.explanation or "")
    try:
        return date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None
