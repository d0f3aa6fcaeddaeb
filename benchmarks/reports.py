"""The reports of many customers against one WeasyPrint call over the same HTML, and how time and memory grow.

`python -m benchmarks reports` makes up a book, prints its reports as a run does (processes side by side, long
rosters in volumes), as shipped and with `--full`, then all the HTML of the latter as one document in one process; each
three times, in turn. Every measurement runs in a process of its own; memory is the most any single process held at
once, workers too. One that prints fewer pages than its customers fill is an error.
"""

from __future__ import annotations

import io
import json
import os
import random
import re
import resource
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pikepdf

from sheetcrm.assess import book as grading
from sheetcrm.assess.figures.sampling import draw_sample
from sheetcrm.assess.figures.summary import summarise
from sheetcrm.model import Book, Column, Customer, FollowUp, Order, Period, Profile, ScoringRow, ServiceRequest, Table
from sheetcrm.policy.loading import standard
from sheetcrm.policy.run import Results, Run
from sheetcrm.report.pages import documents
from sheetcrm.report.press.pool import Job, render_all

SMALL, LARGE, ROUNDS = 1_000, 10_000, 3
PERIOD, AS_OF = Period("2026-10", date(2026, 10, 1), date(2026, 10, 31)), date(2026, 10, 31)
AIM_RATIO, AIM_SHORT, AIM_MEGABYTES = 0.45, 0.26, 600
"""Of one call; of `--full`; of the largest process. Before reports were short, all lines were printed always: that took
0.88 of the processors' time of `--full` now (334 pages, smaller type), so that 0.3 of it is 0.26 of `--full`."""
_DAYS = timedelta(days=1)
_FIELDS = ("requested_at", "responded_at", "resolved_at", "resolved", "first_time", "satisfaction", "category")
_TABLE = Table(
    "客户.xlsx", "表", "scoring", 1, tuple(Column(n, name, name) for n, name in enumerate(_FIELDS, 1)), (), ()
)


def made_up_jobs(customers: int, *, full: bool) -> tuple[Job, ...]:
    """Lay out the reports of a made-up book; seeded, so that every measurement prints the same."""
    rng = random.Random(20261031)
    book = Book(
        customers=tuple(_customer(number, rng) for number in range(1, customers + 1)),
        kinds=frozenset({"profile", "scoring", "order", "follow_up", "service"}),
    )
    run = Run.of(standard(), PERIOD, AS_OF, today=AS_OF)
    assessments, problems = grading.assess(book, run)
    figures = summarise(assessments, run, book, problems=problems)
    sample = draw_sample((service for customer in book.customers for service in customer.services), run)
    results = Results(
        run=run,
        run_id="0" * 12,
        book=book,
        assessments=assessments,
        figures=figures,
        sample=sample,
        problems=problems,
    )
    return documents.plan(results, full=full)


def _customer(number: int, rng: random.Random) -> Customer:
    code = f"C{number:05}"
    name = f"{rng.choice('东南西北华中新')}{rng.choice('方达联通盛锐科')}{rng.choice('机电材料贸易')}第{number}有限公司"
    spend = Decimal(round(rng.lognormvariate(11.3, 1.1), -2))
    row: dict[str, Any] = {"origin": _TABLE, "row": number + 1, "customer_id": code}
    profile = Profile(
        **row,
        name=name,
        owner=f"客户经理{number % 12}",
        department=f"第{number % 4}部",
        first_deal=AS_OF - rng.randrange(30, 1500) * _DAYS,
        filed_on=AS_OF - rng.randrange(30, 1500) * _DAYS,
        updated_on=AS_OF - rng.randrange(1, 200) * _DAYS,
        need="备件供应",
    )
    scoring = ScoringRow(
        **row,
        name=name,
        recency=rng.randrange(1, 200),
        frequency_12m=Decimal(rng.randrange(1, 30)),
        spend_12m=spend,
        repurchase_rate=Decimal(rng.randrange(20, 100)) / 100,
        industry_growth=Decimal(rng.randrange(-5, 20)) / 100,
        grade=rng.choice(("VIP客户", "重点客户", "普通客户", "观察客户")),
        assessed_on=AS_OF,
    )
    asked = datetime.combine(PERIOD.start, datetime.min.time()) + timedelta(minutes=rng.randrange(40_000))
    return Customer(
        code,
        name,
        profile=profile,
        scoring=scoring,
        orders=tuple(
            Order(**row, date=AS_OF - days * _DAYS, amount=spend / 5)
            for days in sorted(rng.sample(range(700), 5))[::-1]
        ),
        follow_ups=tuple(
            FollowUp(**row, date=AS_OF - days * _DAYS, person="某人", channel=rng.choice(("电话", "拜访", "微信")))
            for days in sorted(rng.sample(range(200), 3))[::-1]
        ),
        services=(
            (
                ServiceRequest(
                    **row,
                    requested_at=asked,
                    responded_at=asked + timedelta(hours=rng.randrange(1, 30)),
                    resolved_at=asked + timedelta(hours=rng.randrange(30, 60)),
                    resolved=True,
                    first_time=rng.random() < 0.6,
                    satisfaction=Decimal(rng.randrange(70, 100)),
                    category=rng.choice(("使用咨询", "故障报修", "投诉")),
                ),
            )
            if number % 5 == 0
            else ()
        ),
    )


def ours(jobs: Sequence[Job]) -> int:
    """Print as a run does, and count the pages."""
    printed = render_all(jobs)
    failed = [str(entry.error) for entry in printed if entry.error]
    assert not failed, failed
    return sum(_pages(entry.data) for entry in printed if entry.data)


def one_call(jobs: Sequence[Job]) -> int:
    """Print the same pages as one document, in this process, by one call of the engine, and count them."""
    import weasyprint  # noqa: PLC0415  (as one who calls the engine would)

    data = weasyprint.HTML(string=in_one(jobs)).write_pdf(pdf_variant="pdf/ua-1")
    return _pages(data)


def in_one(jobs: Sequence[Job]) -> str:
    """Put the documents into one, each in a block that has its body's classes and begins a page.

    Raises:
        ValueError: If a document has no body, or an empty one: else nothing would be measured.
    """
    head, blocks = "", []
    for number, job in enumerate(jobs):
        found = _BODY.search(job.html)
        if found is None or not found["content"].strip():
            raise ValueError(f"no body in {job.name}")
        head = head or job.html[: found.start()]
        blocks.append(f'<div{found["attributes"]} style="break-before: page">{_apart(found["content"], number)}</div>')
    return f"{head}<body>{''.join(blocks)}</body></html>"


_BODY = re.compile(r"<body(?P<attributes>[^>]*)>(?P<content>.*)</body>", re.DOTALL)


def _pages(data: bytes) -> int:
    with pikepdf.open(io.BytesIO(data)) as pdf:
        return len(pdf.pages)


def _apart(body: str, number: int) -> str:
    """Keep the anchors of the documents apart."""
    return re.sub(r'((?:id|href)="#?)', rf"\1d{number}-", body)


_WAYS: Mapping[str, tuple[Callable[[Sequence[Job]], int], bool]] = {
    "short": (ours, False),
    "full": (ours, True),
    "one_call": (one_call, True),
}
"""How to print, and whether every line is."""
_LABELS = {"short": "as shipped", "full": "--full", "one_call": "--full in one WeasyPrint call"}


def main() -> None:
    """Measure and print: the ways in turn, so that a slow spell of the machine meets them all."""
    print(f"\nreports, on {_cores()} cores", flush=True)
    rounds = [{way: _measured(way, SMALL) for way in _WAYS} for _ in range(ROUNDS)]
    short, full, call = (_median([one[way] for one in rounds]) for way in _WAYS)
    _print_ratio("--full / one call", full, call, AIM_RATIO)
    _print_ratio("as shipped / --full", short, full, AIM_SHORT)
    large = _measured("full", LARGE)
    growth = [large.seconds / full.seconds, large.cpu_seconds / full.cpu_seconds]
    print(f"  a customer among {LARGE:,} against one among {SMALL:,}: ", end="")
    print(
        "{:.2f} of the time, {:.2f} of the processors' (1 is linear)".format(*(one * SMALL / LARGE for one in growth))
    )
    most = max(one.megabytes for one in (large, *(one[way] for one in rounds for way in ("short", "full"))))
    print(f"  the largest process held {most:.0f} MB (aim: at most {AIM_MEGABYTES})", flush=True)


def _print_ratio(title: str, ours: _Measurement, base: _Measurement, aim: float) -> None:
    print(f"  {title}: {ours.seconds / base.seconds:.2f} of the time (aim: at most {aim}),", end=" ")
    print(f"{ours.cpu_seconds / base.cpu_seconds:.2f} of the processors' time", flush=True)


@dataclass(frozen=True, slots=True)
class _Measurement:
    """Wall seconds, processor seconds of all processes, the most MB one process held, documents and pages printed."""

    seconds: float
    cpu_seconds: float
    megabytes: float
    documents: int
    pages: int


def _median(found: Sequence[_Measurement]) -> _Measurement:
    """Take the median of the times; the pages are the same each time."""
    first, *others = found
    assert all(one.pages == first.pages for one in others), found
    seconds, cpu = (
        statistics.median(times) for times in zip(*((m.seconds, m.cpu_seconds) for m in found), strict=True)
    )
    return replace(first, seconds=seconds, cpu_seconds=cpu)


def _measured(way: str, customers: int) -> _Measurement:
    """Measure one way in a process of its own, and print what it took."""
    command = [sys.executable, "-m", "benchmarks.reports", way, str(customers)]
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")  # noqa: S603  (ourselves)
    found = _Measurement(**json.loads(done.stdout.splitlines()[-1]))
    label = f"{customers:,} customers, {_LABELS[way]} ({found.documents} documents, {found.pages} pages)"
    print(f"  {label:80}{found.seconds:8.1f} s {found.cpu_seconds:8.1f} s CPU {found.megabytes:6.0f} MB", flush=True)
    return found


def _measure(way: str, customers: int) -> None:
    prints, full = _WAYS[way]
    jobs = made_up_jobs(customers, full=full)
    with _watching() as peak:
        start, used = time.perf_counter(), _cpu_seconds()
        pages = prints(jobs)
        seconds, cpu = time.perf_counter() - start, _cpu_seconds() - used
    if pages < customers / _MOST_A_PAGE:
        raise SystemExit(f"{way}: {pages} pages cannot hold {customers} customers")
    found = _Measurement(round(seconds, 2), round(cpu, 2), round(max(peak), 1), len(jobs), pages)
    print(json.dumps(asdict(found)))


_MOST_A_PAGE = 60
"""More customers' rows no page holds."""


def _cpu_seconds() -> float:
    """Add up what this process and its ended children used."""
    found = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in found)


@contextmanager
def _watching() -> Iterator[list[float]]:
    """Watch the peaks of this process and of each child, in MB; where there is no /proc, ask at the end."""
    peaks = [0.0]
    done = threading.Event()

    def watch() -> None:
        while not done.wait(_OFTEN):
            peaks.extend(_peaks())
            peaks[:] = [max(peaks)]

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peaks
    finally:
        done.set()
        watcher.join()
    if peaks == [0.0]:
        scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
        usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        peaks.extend(one.ru_maxrss / scale for one in usages)


_OFTEN = 0.1
"""Seconds between two looks; each finds a process's peak up to then."""


def _peaks() -> Iterator[float]:
    """Read the peaks of this process and its children: a child's own, not what it had before it was started."""
    children = Path("/proc/self/task").glob("*/children")
    with suppress(OSError):
        numbers = ["self", *(number for listed in children for number in listed.read_text("ascii").split())]
        for number in numbers:
            with suppress(OSError):
                found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{number}/status").read_text("utf-8"))
                if found:
                    yield int(found[1]) / 1024


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


if __name__ == "__main__":
    _measure(sys.argv[1], int(sys.argv[2]))
