"""`sheetcrm run`: the month's whole job."""

from __future__ import annotations

import time
from pathlib import Path

import click

from sheetcrm import pipeline
from sheetcrm.cli import console, options
from sheetcrm.model import Severity
from sheetcrm.record import counts, customer_values, problem_values
from sheetcrm.store.inputs import gather

PARTLY_WRITTEN = 3
NOTHING_WRITTEN = 2


@click.command("run", short_help="做完整个月的工作：检查、评分、回写、印报告。")
@options.paths_argument
@options.output_option
@options.period_options
@options.policy_option
@click.option("--no-pdf", is_flag=True, help="不印 PDF（这时不需要 Pango 和字体）。")
@click.option("--dry-run", is_flag=True, help="只说会做什么，不写任何文件。")
@click.option("--strict", is_flag=True, help="资料里有一处错误就什么也不写。")
@options.json_option
@options.quiet_option
def command(
    paths: tuple[Path, ...],
    output: Path,
    period: str | None,
    as_of: object,
    policy_file: Path | None,
    *,
    no_pdf: bool,
    dry_run: bool,
    strict: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """把一个月的工作簿做完：检查、评分定级、回写到副本、印出各等级 PDF 和执行报告。

    原来的工作簿不会改动，结果放在“输出文件夹/期间”里。
    退出码：0 完成；1 完成，但资料里有错误；2 什么也没写；3 有的文件没写成。
    """
    started = time.monotonic()
    policy = options.load_policy(policy_file)
    chosen, day, today = options.resolve_period(period, as_of)
    with console.progress(quiet=quiet or as_json) as progress:
        inputs = gather(paths, output=output)
        plan = pipeline.prepare(inputs, policy=policy, period=chosen, as_of=day, today=today, progress=progress)
        refuse = strict and plan.has_errors
        outcome = None
        if not refuse and not dry_run:
            outcome = pipeline.apply(plan, output, pdf=not no_pdf, progress=progress)
    if as_json:
        console.print_json(_values(plan, outcome, dry_run=dry_run))
    else:
        _print_plan(plan, quiet=quiet)
        if outcome:
            _print_outcome(plan, outcome, seconds=time.monotonic() - started, quiet=quiet)
        elif dry_run and not refuse:
            _print_intended(plan, output)
    if refuse:
        click.echo("资料里有错误，按 --strict 什么也没有写。改好上面列出的单元格后再运行。", err=True)
        return NOTHING_WRITTEN
    if outcome and outcome.failed:
        return PARTLY_WRITTEN
    return 1 if plan.has_errors else 0


def _print_plan(plan: pipeline.Plan, *, quiet: bool) -> None:
    console.print_problems(entry for entry in plan.problems if entry.severity is Severity.ERROR)
    if quiet:
        return
    readable = len(plan.inputs) - len(plan.reading.refused)
    click.echo(f"期间 {plan.period.label}，评估日 {plan.as_of}，策略“{plan.policy.name}”，运行编号 {plan.run_id}")
    click.echo(f"读取：{readable} 个工作簿，{len(plan.reading.book.customers)} 位客户")
    console.print_counts(plan.problems)
    if not all(entry.severity is Severity.ERROR for entry in plan.problems):
        click.echo("  （全部问题及改法：sheetcrm check 同样的路径）")
    grades = counts((), plan.assessments)["grades"]
    order = [tier.name for tier in plan.policy.tiers]
    click.echo("客户等级：")
    names = [name for name in order if name in grades] + [name for name in grades if name not in order]
    console.print_rows([(name, f"{grades[name]} 位") for name in names])


def _print_intended(plan: pipeline.Plan, output: Path) -> None:
    """Say what a run would write (--dry-run)."""
    click.echo(f"会写到 {output / plan.period.label}（这次没有写）：")
    for entry in plan.workbooks:
        written, left = len(entry.receipt.written), len(entry.receipt.left)
        click.echo(f"  workbooks/{entry.source.name}：{written} 个单元格" + (f"，{left} 个不动" if left else ""))
        for cell in entry.receipt.written[:SHOWN]:
            click.echo(f"    {cell.sheet} 第{cell.row}行 {cell.label}：{cell.old or '空'} → {cell.new or '空'}")
        if written > SHOWN:
            click.echo(f"    ……共 {written} 处")


SHOWN = 5
"""Cells shown of each workbook by --dry-run; `--json` and edits.jsonl hold them all."""


def _print_outcome(plan: pipeline.Plan, outcome: pipeline.Outcome, *, seconds: float, quiet: bool) -> None:
    for name, why in outcome.failed.items():
        click.echo(f"没有写成 {name}：{why}", err=True)
    if outcome.missing_glyphs:
        letters = " ".join(outcome.missing_glyphs)
        click.echo(f"这些字没有字体能印出：{letters}。请安装含这些字的字体后重新运行", err=True)
    for path in outcome.backups:
        click.echo(f"结果文件夹里改动过的文件已先备份到 {path}", err=True)
    if quiet:
        return
    click.echo(f"写入 {outcome.folder}：")
    for entry in plan.workbooks:
        written, left = len(entry.receipt.written), len(entry.receipt.left)
        click.echo(f"  workbooks/{entry.source.name}：改了 {written} 个单元格" + (f"，{left} 个不动" if left else ""))
    for name in outcome.files:
        if name.startswith("reports/"):
            click.echo(f"  {name}")
    click.echo(f"用时 {seconds:.1f} 秒")


def _values(plan: pipeline.Plan, outcome: pipeline.Outcome | None, *, dry_run: bool) -> dict[str, object]:
    return {
        "run_id": plan.run_id,
        "period": plan.period.label,
        "as_of": plan.as_of.isoformat(),
        "dry_run": dry_run,
        "folder": str(outcome.folder) if outcome else None,
        "files": list(outcome.files) if outcome else [],
        "failed": dict(outcome.failed) if outcome else {},
        "counts": counts(plan.problems, plan.assessments),
        "problems": [problem_values(entry) for entry in plan.problems],
        "customers": [customer_values(entry) for entry in plan.assessments],
        "edits": [
            {
                "file": entry.source.name,
                "sheet": cell.sheet,
                "row": cell.row,
                "column": cell.column,
                "label": cell.label,
                "old": cell.old,
                "new": cell.new,
            }
            for entry in plan.workbooks
            for cell in entry.receipt.written
        ]
        if dry_run
        else [],
    }
