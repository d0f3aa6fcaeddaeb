"""The reports of many customers against one WeasyPrint call over the same HTML, and how time and memory grow.

`python -m benchmarks.reports` makes up a book, prints its reports as a run does (processes side by side,
long rosters in volumes), then all the same HTML as one document in one process. Every measurement runs in
a process of its own; memory is the most any single process held at once.
"""

from __future__ import annotations

import json
import os
import random
import re
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sheetcrm.assess import grading
from sheetcrm.assess.figures import summarise
from sheetcrm.model import Book, Column, Customer, FollowUp, Order, Period, Profile, ScoringRow, ServiceRequest, Table
from sheetcrm.policy.loading import standard
from sheetcrm.report import documents, pdf
from sheetcrm.report.pool import Job, render_all
from sheetcrm.workdays import Calendar

SMALL, LARGE = 1_000, 10_000
PERIOD, AS_OF = Period("2026-10", date(2026, 10, 1), date(2026, 10, 31)), date(2026, 10, 31)
AIM_RATIO, AIM_MEGABYTES = 0.55, 600
_DAYS = timedelta(days=1)
_FIELDS = ("requested_at", "responded_at", "resolved_at", "resolved", "first_time", "satisfaction", "category")
_TABLE = Table(
    "客户.xlsx", "表", "scoring", 1, tuple(Column(n, name, name) for n, name in enumerate(_FIELDS, 1)), (), ()
)


def made_up_jobs(customers: int) -> tuple[Job, ...]:
    """Lay out the reports of a made-up book; seeded, so that every measurement prints the same."""
    rng = random.Random(20261031)
    book = Book(
        customers=tuple(_customer(number, rng) for number in range(1, customers + 1)),
        kinds=frozenset({"profile", "scoring", "order", "follow_up", "service"}),
    )
    policy = standard()
    assessments, problems = grading.assess(book, policy=policy, period=PERIOD, as_of=AS_OF, calendar=Calendar())
    figures = summarise(assessments, book=book, policy=policy, period=PERIOD, as_of=AS_OF, problems=problems)
    return documents.plan(assessments, figures, book=book, policy=policy, run_id="0" * 12, problems=problems)


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


def ours(jobs: Sequence[Job]) -> None:
    """Print as a run does."""
    failed = [str(entry.error) for entry in render_all(jobs) if entry.error]
    assert not failed, failed


def one_call(jobs: Sequence[Job]) -> None:
    """Print the same pages as one document, in this process, by one call of the engine."""
    bodies = [re.search(r"<body>(.*)</body>", job.html, re.DOTALL) for job in jobs]
    head, _, _ = jobs[0].html.partition("<body>")
    whole = "".join(_apart(found[1], number) for number, found in enumerate(bodies) if found)
    import weasyprint  # noqa: PLC0415  (as one who calls the engine would)

    weasyprint.HTML(string=f"{head}<body>{whole}</body></html>").write_pdf(pdf_variant="pdf/ua-1")


def _apart(body: str, number: int) -> str:
    """Keep the anchors of the documents apart."""
    return re.sub(r'((?:id|href)="#?)', rf"\1d{number}-", body)


def one_by_one(jobs: Sequence[Job]) -> None:
    """Print the documents one after the other in this process."""
    for job in jobs:
        pdf.render(job.html)


_WAYS: Mapping[str, Callable[[Sequence[Job]], None]] = {"ours": ours, "one_call": one_call, "one_by_one": one_by_one}


def measured(way: str, customers: int) -> Mapping[str, float]:
    """Measure one way in a process of its own: seconds, and the most megabytes any process held."""
    command = [sys.executable, "-m", "benchmarks.reports", way, str(customers)]
    done = subprocess.run(command, check=True, capture_output=True, encoding="utf-8")  # noqa: S603  (ourselves)
    found: Mapping[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _measure(way: str, customers: int) -> None:
    jobs = made_up_jobs(customers)
    start = time.perf_counter()
    _WAYS[way](jobs)
    seconds = time.perf_counter() - start
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(json.dumps({"seconds": seconds, "megabytes": peak / 1024, "documents": len(jobs)}))


def main() -> None:
    """Measure and print the ratios."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    print(f"{cores} cores")
    small, call, single = (measured(way, SMALL) for way in ("ours", "one_call", "one_by_one"))
    large = measured("ours", LARGE)
    for label, found in (
        (f"{SMALL:,} customers, ours", small),
        (f"{SMALL:,} customers, one WeasyPrint call", call),
        (f"{SMALL:,} customers, one document after the other", single),
        (f"{LARGE:,} customers, ours", large),
    ):
        print(f"{label:50} {found['seconds']:7.1f} s  {found['megabytes']:6.0f} MB in the largest process")
    ratio = small["seconds"] / call["seconds"]
    print(f"ours / one call: {ratio:.2f} (aim: at most {AIM_RATIO})")
    growth = large["seconds"] / small["seconds"] / (LARGE / SMALL)
    print(f"seconds a customer, {LARGE:,} against {SMALL:,}: {growth:.2f} (1 is linear)")
    print(f"memory: {max(large['megabytes'], small['megabytes']):.0f} MB (aim: at most {AIM_MEGABYTES})")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _measure(sys.argv[1], int(sys.argv[2]))
    else:
        main()
