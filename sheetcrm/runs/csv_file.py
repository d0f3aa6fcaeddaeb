"""The customers of a run for other programs: comma separated, UTF-8 with a byte order mark for Excel. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from sheetcrm.model import Assessment
from sheetcrm.privacy import Gate, gate_of
from sheetcrm.text.printable import one_line

COLUMNS: Sequence[str] = (
    *("客户编号", "客户名称", "客户经理", "部门", "等级", "上期等级", "变动", "得分"),
    *("待审核", "健康度", "风险", "下次跟进日期", "下次动作"),
)
_FORMULA = ("=", "+", "-", "@", "\t")
"""What a cell begins with that Excel would compute."""


def customers_csv(assessments: Sequence[Assessment]) -> bytes:
    """Write a line a customer. Contacts are left out; text that looks like a formula stays text.

    What people typed passes the gate.
    """
    gate = gate_of(entry.customer for entry in assessments)
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow(COLUMNS)
    for entry in assessments:
        lines.writerow([_cell(value, gate) for value in _values(entry)])
    return text.getvalue().encode("utf-8-sig")


def _values(entry: Assessment) -> tuple[object, ...]:
    due = entry.due[0] if entry.due else None
    return (
        *(entry.customer.customer_id, entry.customer.name, entry.owner, entry.department),
        *(entry.grade, entry.previous_grade, entry.movement.value if entry.movement else None, entry.score.total),
        *("是" if entry.awaiting_audit else "否", entry.health.colour, entry.risk),
        *(due.due.isoformat() if due else None, due.action if due else None),
    )


def _cell(value: object, gate: Gate) -> str:
    if not isinstance(value, str):
        return "" if value is None else str(value)
    text = gate(one_line(value))
    return f"'{text}" if text.startswith(_FORMULA) else text
