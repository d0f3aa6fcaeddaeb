"""The record of who did what with personal data, for `sheetcrm history --disclosures`: on screen, or as a list."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path

from sheetcrm.cli import console, terminal
from sheetcrm.errors import UsageError
from sheetcrm.store.files import disk
from sheetcrm.store.history.ledger import Ledger
from sheetcrm.store.history.recorded import Disclosure, RecordedRun, disclosure_values

_COLUMNS = (
    "记录",
    "时间",
    "做了什么",
    "谁",
    "系统用户",
    "电脑",
    "内容",
    "用途",
    "对象",
    "方式",
    "来自",
    "去向",
    "校验号",
    "校验值",
    "到期",
    "申请的校验号",
    "审批",
)
_SHOWN = (1, 2, 3, 4, 6, 7, 8, 9, 11, 14)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_RUN = "运行"


def show(history: Ledger, *, person: str | None, since: datetime | None, target: Path | None, as_json: bool) -> None:
    """Print the runs and disclosures on record, or write them into a file that Excel opens."""
    entries = sorted((*map(_of_run, history.runs()), *history.disclosures()), key=lambda entry: entry.number)
    chosen = [entry for entry in entries if _is_of(entry, person) and _is_since(entry, since)]
    if target:
        _write(target, chosen)
        terminal.echo(f"{target}：{len(chosen)} 条")
    elif as_json:
        listed = [{"number": entry.number, **disclosure_values(entry)} for entry in chosen]
        console.print_json({"disclosures": listed}, answer="history-disclosures")
    else:
        rows = [_row(entry) for entry in chosen]
        console.print_rows([[row[at] for at in _SHOWN] for row in (_COLUMNS, *rows)], indent="")
        terminal.echo(f"共 {len(chosen)} 条")


def _of_run(run: RecordedRun) -> Disclosure:
    """Show a run as what it did with personal data: books in, results out."""
    return Disclosure(
        action=_RUN,
        what=f"{run.customers} 位客户，{len(run.inputs)} 个工作簿",
        purpose="",
        source="、".join(run.inputs),
        target=run.period,
        manner="改写原表" if run.in_place else "副本",
        run_id=run.run_id,
        number=run.number,
        stamp=run.stamp,
    )


def _is_of(entry: Disclosure, person: str | None) -> bool:
    return person is None or person in {entry.person, entry.stamp.user}


def _is_since(entry: Disclosure, since: datetime | None) -> bool:
    day: date | None = datetime.fromisoformat(entry.stamp.at).date() if entry.stamp.at else None
    return since is None or (day is not None and day >= since.date())


def _row(entry: Disclosure) -> tuple[str, ...]:
    stamp = entry.stamp
    return (
        *(str(entry.number), stamp.at, entry.action, entry.person, stamp.user, stamp.host, entry.what),
        *(entry.purpose, entry.recipient, entry.manner, entry.source, entry.target, entry.run_id, entry.sha256),
        *(entry.until, entry.code, entry.approved),
    )


def _write(target: Path, entries: Sequence[Disclosure]) -> None:
    """Write a list that Excel opens: UTF-8 with a mark, and no cell that it would take for a formula."""
    text = io.StringIO()
    writer = csv.writer(text)
    gate = terminal.gate()
    for row in (_COLUMNS, *map(_row, entries)):
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in map(gate, row)])
    if target.exists():
        raise UsageError(f"“{target}”已经有了，没有写", "请换一个文件名")
    with disk.translate_errors(target):
        disk.write_new(target, text.getvalue().encode("utf-8-sig"), private=True)
