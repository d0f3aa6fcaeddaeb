"""`sheetcrm history`: the runs on record, one customer over time, and whether the record is sound."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from sheetcrm.assess.words.changes import say_change
from sheetcrm.cli import console, options, origins, terminal
from sheetcrm.cli.disclosures import show as show_disclosures
from sheetcrm.errors import UsageError
from sheetcrm.model import CellRef
from sheetcrm.runs import customer_choice, summaries
from sheetcrm.runs.edits_file import EDITS_FILE, ZIPPED_FILE, recorded_edits
from sheetcrm.store.history import ledger
from sheetcrm.store.history.ledger import LEDGER_FILE, Ledger
from sheetcrm.store.history.reader import PeriodRecord
from sheetcrm.store.history.recorded import RecordedRun, customer_values, run_values
from sheetcrm.text.printable import dump_json

UNSOUND = 1
_NOBODY = "请核对编号。历史里不记客户名称，要按名称查，请用 sheetcrm explain 名称 文件夹"


@click.command("history")
@click.argument("customer_id", metavar="[客户编号]", required=False, is_eager=True, callback=origins.from_here)
@options.output_option
@click.option("--verify", is_flag=True, help="核对历史有没有被改动、删减或调换过。")
@click.option("--edits", "period", metavar="期间", help="列出这一期各次运行改过的每个单元格：原来是什么，写成了什么。")
@click.option(
    "--printed",
    multiple=True,
    metavar="校验号",
    help="和 --verify 一起：纸上印的校验号、从前核对时抄下的校验值在不在历史里；可写多次。",
)
@click.option("--disclosures", is_flag=True, help="列出谁在何时运行、显示联系方式、出函件、说明、备份、恢复、删除。")
@click.option("--person", metavar="姓名", help="和 --disclosures 一起：只列这个人的（姓名或系统用户）。")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="日期", help="和 --disclosures 一起：这天起的。")
@click.option(
    "--csv", "target", type=click.Path(dir_okay=False, path_type=Path), metavar="文件",
    help="和 --disclosures 一起：写成 Excel 能打开的清单，给审计人员。",
)  # fmt: skip
@options.json_option
def command(
    customer_id: str | None,
    output: Path,
    period: str | None,
    printed: tuple[str, ...],
    person: str | None,
    since: datetime | None,
    target: Path | None,
    *,
    verify: bool,
    disclosures: bool,
    as_json: bool,
) -> int:
    """查看输出文件夹里的历史（sheetcrm.db）：列出各次运行；给出客户编号时，列出它各期的等级，和上一期比变了什么、为什么。

    编号可以只写一段，大小写和全角半角不论。--edits 2026-10 读这一期的改动记录（edits.jsonl，大的是 edits.jsonl.gz）。
    --verify 逐条核对；发现问题时退出码为 1。整个文件被重做过，只有和纸上的校验号（--printed）对照才看得出。
    """
    if (person or since or target) and not disclosures:
        raise UsageError("--person、--since、--csv 要和 --disclosures 一起用", "请加上 --disclosures")
    if printed and not verify:
        raise UsageError("--printed 要和 --verify 一起用", "请加上 --verify")
    if period is not None:
        _show_edits(output, period, as_json=as_json)
        return 0
    if not (output / LEDGER_FILE).exists():
        lost = summaries.describe_unrecorded(output, ledger.unrecorded(output, ()))
        if not lost:
            what = f"“{output}”里还没有历史（{LEDGER_FILE}）"
            raise UsageError(what, "请先运行 sheetcrm run，或用 -o 指出结果文件夹")
        if not verify:
            raise UsageError("".join(lost))
    with ledger.read(output) as history:
        if verify:
            return _verify(history, output, printed, as_json=as_json)
        if disclosures:
            show_disclosures(history, person=person, since=since, target=target, as_json=as_json)
            return 0
        if customer_id:
            _show_customer(history, customer_id, as_json=as_json)
        else:
            _show_runs(history.runs(), as_json=as_json)
    return 0


def _show_edits(output: Path, period: str, *, as_json: bool) -> None:
    """Print each cell on the record of a period, as it is read: there may be hundreds of thousands."""
    folder = output / period
    if Path(period).name != period or not any((folder / name).exists() for name in (EDITS_FILE, ZIPPED_FILE)):
        raise UsageError(
            f"“{output}”里没有 {period} 的改动记录（{EDITS_FILE}）", "请核对期间（如 2026-10），或用 -o 指出结果文件夹"
        )
    for edit in recorded_edits(folder):
        if as_json:
            terminal.echo_utf8(dump_json(terminal.gate().mapping(edit._asdict())))
        else:
            ref = CellRef(edit.file, edit.sheet, edit.row, edit.column)
            terminal.echo(f"{edit.run} {ref} {edit.label}：{edit.old or '空'} → {edit.new or '空'}")


def _verify(history: Ledger, output: Path, printed: Sequence[str], *, as_json: bool) -> int:
    faults = history.verify()
    runs = () if faults else history.runs()
    unrecorded = {} if faults else ledger.unrecorded(output, runs)
    head = None if faults else history.head
    redacted = 0 if faults else history.redacted()
    ids = {run.run_id for run in runs}
    missing = [] if faults else [one for one in printed if one not in ids and not history.holds(one)]
    if as_json:
        values = {
            "sound": not (faults or unrecorded or missing),
            "head": head,
            "faults": [{"record": fault.number, "what": fault.what} for fault in faults],
            "unrecorded": dict(unrecorded),
            "redacted": redacted,
            "printed_missing": missing,
        }
        console.print_json(values, answer="history-verify")
    else:
        for fault in faults:
            terminal.echo(f"第 {fault.number} 条记录：{fault.what}" if fault.number else fault.what)
        for line in summaries.describe_unrecorded(output, unrecorded):
            terminal.echo(line)
        for one in missing:
            terminal.echo(f"印出的校验号 {one} 不在历史里：历史被整个换过，或不是这个输出文件夹的")
        if faults:
            terminal.echo(f"历史有 {len(faults)} 处问题。请放回完好的 {LEDGER_FILE} 备份", err=True)
        elif not (unrecorded or missing):
            terminal.echo(f"历史完好：{len(runs)} 次运行，最后一条的校验值 {head}")
            if redacted:
                terminal.echo(f"其中 {redacted} 条按要求抹去过客户，见 sheetcrm history --disclosures")
            terminal.echo("请抄下这个校验值：它和报告页脚里的校验号，以后都可以用 --printed 对照。")
    return UNSOUND if faults or unrecorded or missing else 0


def _show_runs(runs: tuple[RecordedRun, ...], *, as_json: bool) -> None:
    if as_json:
        console.print_json({"runs": [run_values(run) for run in runs]})
        return
    head = ("时间", "期间", "评估日", "校验号", "客户", "工作簿", "方式", "评审包", "策略", "谁")
    rows = [
        (
            run.stamp.at,
            run.period,
            run.as_of.isoformat(),
            run.run_id,
            f"{run.customers} 家",
            f"{len(run.inputs)} 个",
            "改写原表" if run.in_place else "副本",
            _read_back(run),
            run.policy,
            f"{run.stamp.user}@{run.stamp.host}",
        )
        for run in runs
    ]
    console.print_rows([head, *rows], indent="")


def _read_back(run: RecordedRun) -> str:
    """Write what the run read back from the review workbook; a dash where nothing was filled in."""
    counts = run.read_back or {}
    words = {"approved": "签字", "returned": "退回", "closed": "完成", "verified": "抽查"}
    return "、".join(f"{word}{counts[key]}" for key, word in words.items() if counts.get(key)) or "—"


def _show_customer(history: Ledger, customer_id: str, *, as_json: bool) -> None:
    moments = history.timeline(customer_id)
    if not moments:
        customer_id = customer_choice.choose_customer(customer_id, dict.fromkeys(history.customers(), ""), fix=_NOBODY)
        moments = history.timeline(customer_id)
    changes = _changes(moments)
    if as_json:
        periods = [
            {"period": moment.run.period, "as_of": moment.run.as_of.isoformat(), "run_id": moment.run.run_id}
            | customer_values(moment.record)
            | {"change": change or None}
            for moment, change in zip(moments, changes, strict=True)
        ]
        console.print_json({"customer_id": customer_id, "periods": periods}, answer="history-customer")
        return
    head = ("期间", "得分", "等级", "变动", "健康度", "风险", "分类", "变了什么")
    rows = [_row(moment, change) for moment, change in zip(moments, changes, strict=True)]
    console.print_rows([head, *rows], indent="")


def _changes(moments: Sequence[PeriodRecord]) -> list[str]:
    """Describe for each moment what changed since the one before it, of the same kind of period and the same tiers."""
    last: dict[tuple[str, tuple[str, ...]], PeriodRecord] = {}
    changes = []
    for moment in moments:
        key = (moment.run.kind, moment.run.tiers)
        before = last.get(key)
        changes.append(say_change(before.past, moment.past) if before else "")
        last[key] = moment
    return changes


def _row(moment: PeriodRecord, change: str) -> tuple[str, ...]:
    entry = moment.record
    classes = [f"{name}：{outcome}" for name, outcome in entry.classes.items()]
    if entry.need_type:
        classes.append(f"需求类型：{entry.need_type}")
    return (
        moment.run.period,
        "—" if entry.score is None else str(entry.score),
        entry.grade + ("（人工调整）" if entry.overridden else ""),
        entry.movement or "—",
        entry.health or "—",
        entry.risk or "—",
        "，".join(classes),
        change or "—",
    )
