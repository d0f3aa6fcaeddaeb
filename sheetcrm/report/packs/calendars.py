"""Writes one person's tasks as a calendar file to import (RFC 5545)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, islice

from icalendar import Alarm, Calendar, Event

from sheetcrm.policy.run import Run
from sheetcrm.privacy import NUMBERS_ALONE, Gate
from sheetcrm.report.packs.pack_views import TaskRow

_DAY = timedelta(days=1)
_REMINDED = timedelta(hours=9)


def calendar(name: str, tasks: Sequence[TaskRow], *, run: Run, gate: Gate = NUMBERS_ALONE) -> bytes:
    """Write a calendar with a whole-day event for each task, and a reminder at nine that morning.

    What is overdue stands on the working days after the as-of date: a promise on the first of them; of the
    others, which are to be done 尽快, as many a day as the policy says in one event, the most overdue first. An
    event keeps its UID from month to month as long as it is the same task, so that importing again updates it;
    the time stamp is the as-of date's. No contact of a customer is in it. Pure.
    """
    book = Calendar()
    book.add("prodid", "-//sheetcrm//follow-up//ZH")
    book.add("version", "2.0")
    book.add("calscale", "GREGORIAN")
    book.add("method", "PUBLISH")
    book.add("x-wr-calname", name)
    stamp = datetime.combine(run.as_of, time(), UTC)
    first = next(_workdays(run))
    tasks = sorted(
        (_hidden(task, gate) for task in tasks), key=lambda one: (one.due, one.customer_id, one.action, one.content)
    )
    backlog = [task for task in tasks if task.overdue_days and not task.promise]
    for day, lot in zip(_workdays(run), _lots(backlog, run.policy.followup.backlog_a_day), strict=False):
        book.add_component(_lot(name, day, lot, stamp=stamp))
    for task in tasks:
        if not task.overdue_days or task.promise:
            book.add_component(_single(task, first if task.due <= run.as_of else task.due, stamp=stamp))
    return bytes(book.to_ical())


def _hidden(task: TaskRow, gate: Gate) -> TaskRow:
    """Return a task with what is personal in its texts hidden."""
    return replace(
        task,
        customer_id=gate(task.customer_id),
        name=gate(task.name),
        action=gate(task.action),
        content=gate(task.content),
        basis=gate(task.basis),
        escalated_to=gate(task.escalated_to),
    )


def _workdays(run: Run) -> Iterator[date]:
    """Yield the working days after the as-of date."""
    days = (run.as_of + _DAY * ahead for ahead in count(1))
    return filter(run.calendar.is_workday, days)


def _lots(tasks: Sequence[TaskRow], size: int) -> Iterator[Sequence[TaskRow]]:
    rest = iter(tasks)
    return iter(lambda: tuple(islice(rest, size)), ())


def _single(task: TaskRow, day: date, *, stamp: datetime) -> Event:
    lines = [
        f"等级：{task.grade}" if task.grade else "",
        f"应完成日期：{task.due}" + ("（预计）" if task.estimated else ""),
        f"{'承诺' if task.promise else '内容'}：{task.content}" if task.content else "",
        f"由来：{task.basis}" if task.basis else "",
        f"上报至：{task.escalated_to}" if task.escalated_to else "",
    ]
    return _event(_identity(task), day, _title(task), filter(None, lines), stamp=stamp)


def _lot(name: str, day: date, tasks: Sequence[TaskRow], *, stamp: datetime) -> Event:
    """Make one event of some overdue tasks that wait for anybody's first free hour."""
    lines = (
        _title(task)
        + (f"（{task.grade}，应完成日期{task.due}" if task.grade else f"（应完成日期{task.due}")
        + (f"，已报{task.escalated_to}）" if task.escalated_to else "）")
        for task in tasks
    )
    return _event(_hash(name, day.isoformat()), day, f"尽快：补做逾期跟进 {len(tasks)} 项", lines, stamp=stamp)


def _title(task: TaskRow) -> str:
    late = f"【逾期{task.overdue_days}天】" if task.overdue_days else ""
    return f"{late}{task.action}：{task.customer_id} {task.name}"


def _event(identity: str, day: date, summary: str, lines: Iterable[str], *, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", f"{identity}@sheetcrm")
    event.add("dtstamp", stamp)
    event.add("dtstart", day)
    event.add("dtend", day + _DAY)
    event.add("summary", summary)
    event.add("description", "\n".join(lines))
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", _REMINDED)
    event.add_component(alarm)
    return event


def _identity(task: TaskRow) -> str:
    """Name a task by its customer, its action and the day it was due."""
    return _hash(task.customer_id, task.action, task.due.isoformat(), task.content if task.promise else "")


def _hash(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()[:32]
