"""What several lists of the review workbook share: columns, colours, and a customer's first cells."""

from __future__ import annotations

from sheetcrm.excel.books.review_table import ListColumn, Value
from sheetcrm.model import Assessment, Movement
from sheetcrm.text.printable import one_line

STATES = ("未处理", "处理中", "已完成")
"""How far something is; chosen from the list of a cell."""
RED, AMBER, GREEN, GREY = "F4B6B6", "FCE4A8", "C9E7C4", "E4E4E4"
MOVES = {Movement.UP.value: GREEN, Movement.DOWN.value: RED, Movement.NEW.value: "CFE3F5"}
ID = ListColumn(title="客户编号", width=11, most=20)
NAME = ListColumn(title="客户名称", width=18, most=30)
OWNER = ListColumn(title="客户经理", width=9, most=14)


def remark(title: str = "备注") -> ListColumn:
    """Return a column for a remark, to fill in."""
    return ListColumn(title=title, width=12, fill_in=True)


def customer_cells(assessment: Assessment) -> tuple[Value, Value]:
    """Return a customer's number and name, for the columns ID and NAME."""
    return one_line(assessment.customer.customer_id), one_line(assessment.customer.name)
