"""Writes one person's tasks as a calendar file to import (RFC 5545)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from icalendar import Alarm, Calendar, Event

from sheetcrm.report.packs.pack_views import TaskRow

_DAY = timedelta(days=1)
_REMINDED = timedelta(hours=9)


def calendar(name: str, tasks: Sequence[TaskRow], *, as_of: date) -> bytes:
    """Write a calendar with a whole-day event for each task, and a reminder at nine that morning.

    An overdue task stands on the day after the as-of date, with the days it is overdue. An event keeps its UID
    from month to month as long as it is the same task, so that importing again updates it; the time
    stamp is the as-of date's. No contact of a customer is in it. Pure.
    """
    book = Calendar()
    book.add("prodid", "-//sheetcrm//follow-up//ZH")
    book.add("version", "2.0")
    book.add("calscale", "GREGORIAN")
    book.add("method", "PUBLISH")
    book.add("x-wr-calname", name)
    stamp = datetime.combine(as_of, time(), UTC)
    for task in sorted(tasks, key=lambda one: (one.due, one.customer_id, one.action, one.content)):
        book.add_component(_event(task, stamp=stamp, as_of=as_of))
    return bytes(book.to_ical())


def _event(task: TaskRow, *, stamp: datetime, as_of: date) -> Event:
    day = task.due if task.due > as_of else as_of + _DAY
    late = f"【逾期{task.overdue_days}天】" if task.overdue_days else ""
    summary = f"{late}{task.action}：{task.customer_id} {task.name}"
    lines = [
        f"等级：{task.grade}" if task.grade else "",
        f"应于：{task.due}" + ("（预计）" if task.estimated else ""),
        f"{'承诺' if task.promise else '内容'}：{task.content}" if task.content else "",
        f"由来：{task.basis}" if task.basis else "",
        f"升级至：{task.escalated_to}" if task.escalated_to else "",
    ]
    event = Event()
    event.add("uid", f"{_identity(task)}@sheetcrm")
    event.add("dtstamp", stamp)
    event.add("dtstart", day)
    event.add("dtend", day + _DAY)
    event.add("summary", summary)
    event.add("description", "\n".join(line for line in lines if line))
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", _REMINDED)
    event.add_component(alarm)
    return event


def _identity(task: TaskRow) -> str:
    """Name a task by its customer, its action and the day it was due."""
    parts = (task.customer_id, task.action, task.due.isoformat(), task.content if task.promise else "")
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
