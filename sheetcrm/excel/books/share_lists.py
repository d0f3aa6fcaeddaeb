"""Makes 清单.xlsx of a share: what it is, its customers, what is due for them, and the coming month day by day.

It stands for the 看板, the lists and the calendar of a run: Windows opens no encrypted page and no encrypted calendar
file without another program, but Excel and WPS open this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeAlias

from sheetcrm.excel.books.theme import Page, new_book, page_setup, print_margins
from sheetcrm.model import Assessment, DueItem
from sheetcrm.ooxml.addresses import LONGEST_TEXT
from sheetcrm.policy.run import Results
from sheetcrm.text.printable import printable_lines

LISTS = "清单.xlsx"
Value: TypeAlias = str | int | Decimal | date | None
_DAY = timedelta(days=1)
_WEEKDAYS = "一二三四五六日"
_HEAD = {"bold": True, "bg_color": "1F4E78", "font_color": "FFFFFF", "align": "center", "border": 1, "text_wrap": True}
_BODY = {"border": 1, "border_color": "D0D7DE", "valign": "top"}
_WIDE = 24
_ON_A_ROW = 20
"""What is to be done on a day stands in rows of so many: a cell has an end."""
_CUSTOMERS = (
    *(("客户编号", 14), ("客户名称", 26), ("等级", 11), ("上期等级", 11), ("变动", 7), ("总分", 8)),
    *(("近12个月消费", 15), ("客户经理", 10), ("部门", 12), ("健康度", 9), ("风险", 8), ("预警", 26)),
    *(("下次跟进", 13), ("跟进动作", 22), ("联系人", 14), ("联系方式", 18), ("得分说明", 60)),
)
_TASKS = (
    *(("应完成日期", 13), ("逾期天数", 9), ("客户编号", 14), ("客户名称", 26), ("等级", 11), ("动作", 22)),
    *(("责任人", 10), ("内容", 36), ("由来", 36), ("上报至", 10)),
)
_DAYS = (("日期", 13), ("星期", 7), ("件数", 7), ("要做的", 90))


def lists_book(
    results: Results,
    about: Sequence[tuple[str, str]],
    *,
    show: Callable[[str], str],
    contact: Callable[[str], str],
) -> bytes:
    """Write the workbook. Pure.

    Args:
        results: Those of the share's customers alone.
        about: What the share is: label and text.
        show: Renders every text as it may be shown.
        contact: Renders 联系人 and 联系方式, before `show` does.
    """
    with new_book("清单") as (book, data):
        secrecy = next((row.secrecy for row in results.book.settings if row.secrecy), results.run.policy.report.secrecy)
        writer = _Writer(lambda title: Page(book, book.add_worksheet(title), results.run.policy), show, show(secrecy))
        writer.write("说明", (("项目", 14), ("内容", 90)), about)
        writer.write("客户名单", _CUSTOMERS, (_customer(entry, contact) for entry in results.assessments))
        writer.write("跟进清单", _TASKS, _tasks(results))
        writer.write("跟进日历", _DAYS, _days(results))
    return data.getvalue()


class _Writer:
    """Writes lists on sheets of their own, each with a header that stays and a filter."""

    def __init__(self, add: Callable[[str], Page], show: Callable[[str], str], secrecy: str) -> None:
        self._add, self._show, self._secrecy = add, show, secrecy

    def write(self, title: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Value]]) -> None:
        """Write a list; rows are as wide as there are columns."""
        page = self._add(title)
        at, head = page.sheet, page.style(**_HEAD)
        wrapped, plain = page.style(**_BODY, text_wrap=True), page.style(**_BODY)
        days, money = page.style(**_BODY, num_format="yyyy-mm-dd"), page.style(**_BODY, num_format="#,##0.##")
        for column, (label, width) in enumerate(columns):
            at.set_column(column, column, width)
            at.write_string(0, column, label, head)
        last = 0
        for last, values in enumerate(rows, 1):
            for column, value in enumerate(values):
                if isinstance(value, str):
                    text = printable_lines(self._show(value))[:LONGEST_TEXT]
                    at.write_string(last, column, text, wrapped if columns[column][1] >= _WIDE else plain)
                elif isinstance(value, date):
                    at.write_datetime(last, column, value, days)
                elif value is not None:
                    at.write_number(last, column, float(value), money)
                else:
                    at.write_blank(last, column, None, plain)
        at.freeze_panes(1, 0)
        at.autofilter(0, 0, max(last, 1), len(columns) - 1)
        page_setup(at, across=1)
        print_margins(at, title, self._secrecy.replace("&", "&&"), "打印日期 &D")
        at.repeat_rows(0)


def _customer(entry: Assessment, contact: Callable[[str], str]) -> Sequence[Value]:
    first = entry.due[0] if entry.due else None
    profile = entry.customer.profile
    contacts = (profile.contact, profile.phone) if profile else (None, None)
    return (
        *(entry.customer.customer_id, entry.customer.name, entry.grade, entry.previous_grade),
        *(entry.movement.value if entry.movement else None, entry.score.total, entry.measures.spend_12m),
        *(entry.owner, entry.department, entry.health.colour, entry.risk or None),
        "、".join(alert.code for alert in entry.alerts) or None,
        *(first.due if first else None, first.action if first else None),
        *(contact(cell) if cell else None for cell in contacts),
        entry.explanation,
    )


def _due(results: Results) -> list[tuple[DueItem, Assessment]]:
    rows = [
        (item, entry)
        for entry in results.assessments
        for item in entry.due
        if item.overdue_days or item.due <= results.run.horizon
    ]
    return sorted(rows, key=lambda row: (row[0].due, row[1].customer.customer_id, row[0].action))


def _tasks(results: Results) -> Iterator[Sequence[Value]]:
    for item, entry in _due(results):
        yield (
            *(item.due, item.overdue_days or None, entry.customer.customer_id, entry.customer.name, entry.grade),
            *(item.marked, item.owner, item.content, item.basis, item.escalated_to),
        )


def _days(results: Results) -> Iterator[Sequence[Value]]:
    """Yield the days of the coming month, a long one on several rows; what is overdue is on the first working day."""
    run = results.run
    first = run.calendar.next_workday(run.as_of + _DAY)
    by_day: dict[date, list[str]] = defaultdict(list)
    for item, entry in _due(results):
        late = f"【逾期{item.overdue_days}天】" if item.overdue_days else ""
        by_day[max(item.due, first)].append(f"{late}{item.action}：{entry.customer.customer_id} {entry.customer.name}")
    for day in sorted(by_day):
        for start in range(0, len(by_day[day]), _ON_A_ROW):
            lot = by_day[day][start : start + _ON_A_ROW]
            yield day, _WEEKDAYS[day.weekday()], len(lot), "\n".join(lot)
