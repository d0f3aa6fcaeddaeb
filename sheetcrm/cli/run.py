"""`sheetcrm run`: the month's whole job."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import click

from sheetcrm.cli import console, options, policy_choice, problem_list, terminal
from sheetcrm.cli.entry import NOTHING_WRITTEN
from sheetcrm.errors import StoreError
from sheetcrm.excel import edits
from sheetcrm.excel.books.review import REVIEW
from sheetcrm.model import Severity, quote_sheet
from sheetcrm.policy.run import Run
from sheetcrm.report.board.board import BOARD
from sheetcrm.runs import apply, approving, backup, csv_file, prepare, summaries
from sheetcrm.runs.reading import Progress
from sheetcrm.runs.refusals import NoCustomerError
from sheetcrm.runs.run_file import counts, customer_values, problem_values
from sheetcrm.store.files import backups, disk
from sheetcrm.store.files.inputs import InputFile, gather
from sheetcrm.store.history import ledger
from sheetcrm.store.history.ledger import Ledger

PARTLY_WRITTEN = 3


@click.command("run")
@options.inputs_argument
@options.output_option
@options.run_options
@options.templates_option
@click.option(
    "--in-place",
    is_flag=True,
    help="直接改写原来的工作簿（先备份，可用 sheetcrm restore 恢复）；结果文件夹里就不再放副本。",
)
@click.option(
    "--number",
    is_flag=True,
    help="给没有编号的客户编号（如 KH-202610001），只写进“客户编号”一列的空格；没有这一列的表不加。",
)
@click.option("--full", is_flag=True, help="印出全部名单；不写就只印最要紧的，其余见评审包和跟进清单。")
@click.option("--no-pdf", is_flag=True, help="不印 PDF（这时不需要 Pango 和字体）。")
@click.option("--dry-run", is_flag=True, help="只说会做什么，不写任何文件。")
@click.option("--strict", is_flag=True, help="资料里有一处错误就什么也不写。")
@click.option(
    "--replace", is_flag=True, help="本期的结果来自别的工作簿、这次又读不到其中一半客户时，仍然换掉（先备份）。"
)
@click.option(
    "--csv",
    "csv_path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="文件",
    help="客户名单另写成 CSV（UTF-8，Excel 可直接打开），没有联系方式；已有的会换掉。",
)
@options.private_option
@options.json_option
@options.quiet_option
def command(
    paths: tuple[Path, ...],
    output: Path,
    run: Run,
    templates: tuple[Path, ...],
    csv_path: Path | None,
    *,
    in_place: bool,
    number: bool,
    full: bool,
    no_pdf: bool,
    dry_run: bool,
    strict: bool,
    replace: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """把一个月的工作簿做完：检查、评分定级、回写到副本、印出各等级 PDF 和执行报告。

    原来的工作簿不会改动（除非用 --in-place），结果放在“输出文件夹/期间”里；其中 index.html 是看板，双击打开，不联网。
    输出文件夹里的 sheetcrm.db 是历史：每次运行都记在里面，上期等级和升降由它得出。
    退出码：0 完成；1 完成，但资料里有错误；2 什么也没写；3 有的文件没写成；70 程序自身出错。
    """
    started = time.monotonic()
    with console.progress(quiet=quiet or as_json) as progress:
        inputs = gather(paths, output=output)
        with ledger.read(output) as history:
            policy_choice.confirm(history, run, output)
            unrecorded = ledger.unrecorded(output, history.runs())
            lost = (*summaries.describe_unrecorded(output, unrecorded), *backup.overdue(history, options.today()))
            plan = _prepare(inputs, run, history, templates, numbering=number, progress=progress)
            lost += approving.describe_rewriting(plan, history) if in_place and dry_run else ()
        refuse = strict and plan.has_errors
        outcome = None
        if not (quiet or as_json):
            problem_list.print_first(plan.problems)
        apply.refuse_displacing(plan, replace=replace)
        if not refuse and not dry_run:
            outcome = apply.apply(
                plan, output, pdf=not no_pdf, full=full, in_place=in_place, replace=replace, progress=progress
            )
    unwritten = csv_path is not None and outcome is not None and not _write_csv(csv_path, plan)
    for line in lost:
        terminal.echo(line, err=True)
    console.print_missing_columns(edits.missing_columns(plan.reading.book, run))
    if as_json:
        values = _values(plan, outcome, dry_run=dry_run, in_place=in_place)
        console.print_json(values | {"unrecorded": dict(unrecorded)})
    else:
        _print_plan(plan, quiet=quiet, written=outcome is not None)
        if outcome:
            _print_outcome(plan, outcome, seconds=time.monotonic() - started, in_place=in_place, quiet=quiet)
        elif dry_run and not refuse:
            _print_intended(plan, output, in_place=in_place)
    if refuse:
        terminal.echo("资料里有错误，按 --strict 什么也没有写。改好上面列出的单元格后再运行。", err=True)
        return NOTHING_WRITTEN
    if unwritten or (outcome and (outcome.failed or outcome.unconfirmed)):
        return PARTLY_WRITTEN
    return 1 if plan.has_errors else 0


def _write_csv(path: Path, plan: prepare.Plan) -> bool:
    """Write the list of customers, whole or not at all; return whether it is there, and say why if it is not."""
    staged = path.with_name(f".{path.name}.new")
    try:
        with disk.translate_errors(path):
            staged.unlink(missing_ok=True)
            disk.write_new(staged, csv_file.customers_csv(plan.assessments))
            disk.move(staged, path)
    except StoreError as error:
        terminal.echo_error(error)
        return False
    return True


def _prepare(
    inputs: Sequence[InputFile],
    run: Run,
    history: Ledger,
    templates: Sequence[Path],
    *,
    numbering: bool,
    progress: Progress,
) -> prepare.Plan:
    """Decide the run; where nobody is in the book, what is wrong with it is printed before that is."""
    try:
        plan = prepare.prepare(
            inputs, run, history=history, templates=templates, numbering=numbering, progress=progress
        )
    except NoCustomerError as error:
        problem_list.print_problems(entry for entry in error.problems if entry.severity is Severity.ERROR)
        raise
    terminal.hide_names_of(plan.reading.book.customers)
    return plan


def _print_plan(plan: prepare.Plan, *, quiet: bool, written: bool) -> None:
    problem_list.print_problems(entry for entry in plan.problems if entry.severity is Severity.ERROR)
    if quiet:
        return
    run = plan.run
    terminal.echo(f"期间 {run.period.label}，评估日 {run.as_of}，策略“{run.policy.name}”，校验号 {plan.run_id}")
    terminal.echo(f"读取：{plan.reading.readable} 个工作簿，{len(plan.reading.book.customers)} 家客户")
    problem_list.print_sheets(plan.reading.book, plan.problems)
    problem_list.print_unused(plan.problems)
    problem_list.print_counts(plan.problems)
    if not all(entry.severity is Severity.ERROR for entry in plan.problems):
        listed = f"packs/{REVIEW} 的“数据问题”" if written else "sheetcrm check 同样的路径"
        terminal.echo(f"  （全部问题及改法：{listed}）")
    grades = counts((), plan.assessments)["grades"]
    order = [tier.name for tier in run.policy.tiers]
    terminal.echo("客户等级：")
    names = [name for name in order if name in grades] + [name for name in grades if name not in order]
    console.print_rows([(name, f"{grades[name]} 家") for name in names])
    if read_back := summaries.describe_read_back(plan):
        terminal.echo(read_back)
    if departed := plan.history.departed:
        listed = "、".join(one.customer_id for one in departed[:SHOWN]) + ("……" if len(departed) > SHOWN else "")
        terminal.echo(f"转出 {len(departed)} 家：{departed[0].past.period} 在册，这次的工作簿里没有（{listed}）")


def _print_intended(plan: prepare.Plan, output: Path, *, in_place: bool) -> None:
    """Print what a run would write (--dry-run)."""
    folder = output / plan.run.period.label
    where = f"会改写原来的工作簿，报告写到 {folder}" if in_place else f"会写到 {folder}"
    terminal.echo(f"{where}（这次没有写）：")
    for entry in plan.workbooks:
        written, left = len(entry.receipt.written), len(entry.receipt.left)
        name = entry.source.path if in_place and not entry.source.copy_of else f"workbooks/{entry.source.name}"
        terminal.echo(f"  {name}：{written} 个单元格" + (f"，{left} 个不动" if left else "") + _where_apart(entry))
        for cell in entry.receipt.written[:SHOWN]:
            terminal.echo(f"    {cell.sheet} 第{cell.row}行 {cell.label}：{cell.old or '空'} → {cell.new or '空'}")
        if written > SHOWN:
            terminal.echo(f"    ……共 {written} 处")


SHOWN = 5
"""Cells shown of each workbook by --dry-run; `--json` and edits.jsonl hold them all."""


def _print_outcome(plan: prepare.Plan, outcome: apply.Outcome, *, seconds: float, in_place: bool, quiet: bool) -> None:
    _print_trouble(outcome)
    if quiet:
        return
    if in_place:
        _print_replaced(plan, outcome)
    if outcome.files:
        terminal.echo(f"写入 {outcome.folder}：")
    for entry in plan.workbooks:
        if not in_place or entry.source.copy_of:
            terminal.echo(f"  workbooks/{entry.source.name}：{_counted(entry)}")
    for name in outcome.files:
        if name == BOARD or name.startswith(("reports/", "packs/")):
            terminal.echo(f"  {name}" + ("：看板，双击打开" if name == BOARD else ""))
    terminal.echo(f"用时 {seconds:.1f} 秒")
    problem_list.print_next(_next_step(plan, outcome))


def _print_trouble(outcome: apply.Outcome) -> None:
    """Print on stderr what went wrong, and which of people's files were backed up."""
    for path in outcome.put_back:
        terminal.echo(f"上次运行中断时移开的“{path}”已放回原处", err=True)
    for name, why in outcome.failed.items():
        terminal.echo(f"没有写成 {name}：{why}", err=True)
    for why in outcome.unconfirmed.values():
        terminal.echo(why, err=True)
    if outcome.missing_glyphs:
        letters = " ".join(outcome.missing_glyphs)
        terminal.echo(f"这些字没有字体能印出：{letters}。请安装含这些字的字体后重新运行", err=True)
    edited = _results_kept(outcome)
    for path in edited[:_BACKUPS_NAMED]:
        terminal.echo(f"结果文件夹里的文件已先备份到 {path}", err=True)
    if len(edited) > _BACKUPS_NAMED:
        terminal.echo(f"……共备份 {len(edited)} 个文件，sheetcrm restore {outcome.folder.parent} 列出全部", err=True)


_BACKUPS_NAMED = 5


def _results_kept(outcome: apply.Outcome) -> Sequence[Path]:
    """Return the backups of what lay in the period's folder, not of people's own workbooks."""
    folder = outcome.folder
    return [path for path in outcome.backups if path.is_relative_to(folder.parent / backups.FOLDER / folder.name)]


def _next_step(plan: prepare.Plan, outcome: apply.Outcome) -> str:
    """Return what to do with the results, or first with the data."""
    error = summaries.first_error(plan.problems)
    if error is not None:
        return f"先改 {error.ref}（{error.fix}），再运行一次，结果会换成新的"
    if confirm := summaries.columns_to_confirm(plan):
        return f"{confirm}，再运行一次"
    return f"打开 {outcome.folder / 'packs' / REVIEW}，核对警告，审核新定和变动的等级"


def _counted(entry: prepare.PlannedWorkbook) -> str:
    written, left = len(entry.receipt.written), len(entry.receipt.left)
    return f"改了 {written} 个单元格" + (f"，{left} 个不动" if left else "") + _where_apart(entry)


def _where_apart(entry: prepare.PlannedWorkbook) -> str:
    """Name the columns of results that do not stand beside their table; nothing where all do."""
    apart = [remark for remark in entry.receipt.remarks if remark.kind == "columns-apart"]
    named = "、".join(f"{quote_sheet(remark.sheet)} 的 {remark.values['columns']} 列" for remark in apart)
    return f"；结果在 {named}（表格旁边放不下）" if apart else ""


def _print_replaced(plan: prepare.Plan, outcome: apply.Outcome) -> None:
    terminal.echo("改写原来的工作簿：")
    for entry in plan.workbooks:
        if entry.source.name in outcome.replaced:
            terminal.echo(f"  {entry.source.path}：{_counted(entry)}")
        elif not entry.source.copy_of and entry.source.name not in outcome.failed:
            terminal.echo(f"  {entry.source.path}：没有要改的")
    own = sorted(set(outcome.backups) - set(_results_kept(outcome)))
    if own:
        terminal.echo("改动前的内容已备份，可用 sheetcrm restore 恢复：")
    for path in own:
        terminal.echo(f"  {path}")


def _values(plan: prepare.Plan, outcome: apply.Outcome | None, *, dry_run: bool, in_place: bool) -> dict[str, object]:
    return {
        "run_id": plan.run_id,
        "period": plan.run.period.label,
        "as_of": plan.run.as_of.isoformat(),
        "dry_run": dry_run,
        "in_place": in_place,
        "folder": str(outcome.folder) if outcome else None,
        "files": list(outcome.files) if outcome else [],
        "failed": dict(outcome.failed) if outcome else {},
        "unconfirmed": dict(outcome.unconfirmed) if outcome else {},
        "replaced": list(outcome.replaced) if outcome else [],
        "backups": [str(path) for path in outcome.backups] if outcome else [],
        "counts": counts(plan.problems, plan.assessments),
        "read_back": dict(plan.reviewed.counts),
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
