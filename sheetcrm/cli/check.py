"""`sheetcrm check`: read the workbooks, and list what is wrong where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from sheetcrm.cli import console, options, policy_choice, problem_list, terminal
from sheetcrm.cli.entry import NOTHING_WRITTEN
from sheetcrm.excel import edits
from sheetcrm.model import Severity
from sheetcrm.policy.run import Run
from sheetcrm.runs import marked as marked_copies
from sheetcrm.runs import prepare, summaries
from sheetcrm.runs.refusals import NoCustomerError
from sheetcrm.runs.run_file import problem_values
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger

_PARTLY_WRITTEN = 3
_BACKUPS_NAMED = 5


@click.command("check")
@options.inputs_argument
@options.history_option
@options.run_options
@click.option(
    "--marked",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="文件夹",
    help="另写检查副本：出错的单元格有底纹，最后的“检查结果”列出全部问题。",
)
@options.private_option
@options.json_option
@options.quiet_option
def command(paths: tuple[Path, ...], output: Path, run: Run, folder: Path | None, *, as_json: bool, quiet: bool) -> int:
    """检查工作簿：run 会发现的，这里都会发现，只是不写结果。

    表认不认得出、每个单元格读不读得懂、编号和日期对不对、填的数和交易明细合不合，都按评估日来判断。
    每个问题占一行：在哪里、是什么、怎么改；同一种问题超过 5 个时合成一行。有错误时退出码为 1，一家客户也没读到为 2。
    用 --marked 时，有问题的工作簿各得一份检查副本，原来的内容一点不变。可以在副本里改；改好再检查一次，底纹会重做。
    """
    refused: NoCustomerError | None = None
    plan: prepare.Plan | None = None
    marking: marked_copies.Marking | None = None
    with console.progress(quiet=quiet or as_json) as progress:
        inputs = gather(paths, output=output)
        with ledger.read(output) as history:
            remark = policy_choice.remark(history, run, output)
            try:
                plan = prepare.prepare(inputs, run, history=history, checking=True, progress=progress)
                terminal.hide_names_of(plan.reading.book.customers)
            except NoCustomerError as error:
                refused = error
        if folder:
            progress("写检查副本")
            marking = _plan_copies(folder, paths, run, plan or refused)
    if remark:
        terminal.echo(remark, err=True)
    problems = plan.problems if plan else refused.problems if refused else ()
    written = marked_copies.write(marking) if marking else None
    if as_json:
        console.print_json({"problems": [problem_values(entry) for entry in problems]})
    else:
        problem_list.print_problems(entry for entry in problems if not quiet or entry.severity is Severity.ERROR)
    talks = not (as_json or quiet)
    if plan and talks:
        _print_read(plan)
    if folder and marking and written:
        _print_copies(folder, marking, written, talks=talks)
    if refused:
        terminal.echo_error(refused)
        return NOTHING_WRITTEN
    if plan:
        _print_end(plan, talks=talks)
    if written and written.failed:
        return _PARTLY_WRITTEN
    return 1 if plan and plan.has_errors else 0


def _plan_copies(
    folder: Path, paths: Sequence[Path], run: Run, checked: prepare.Plan | NoCustomerError | None
) -> marked_copies.Marking | None:
    """Decide the marked copies, whether or not a customer was read."""
    if checked is None:
        return None
    assessments = checked.assessments if isinstance(checked, prepare.Plan) else ()
    return marked_copies.plan(
        folder, paths, checked.reading, checked.problems, as_of=run.as_of, assessments=assessments
    )


def _print_read(plan: prepare.Plan) -> None:
    terminal.echo(
        f"读了 {plan.reading.readable} 个工作簿、{len(plan.reading.book.customers)} 家客户，按 {plan.run.as_of} 判断。"
    )
    problem_list.print_sheets(plan.reading.book, plan.problems)
    problem_list.print_counts(plan.problems)


def _print_end(plan: prepare.Plan, *, talks: bool) -> None:
    console.print_missing_columns(edits.missing_columns(plan.reading.book, plan.run))
    if talks:
        problem_list.print_next(_next_step(plan))


def _print_copies(
    folder: Path,
    marking: marked_copies.Marking,
    written: marked_copies.WrittenCopies,
    *,
    talks: bool,
) -> None:
    """Print where the marked copies are, and on stderr which workbooks got none and why."""
    for name, why in {**marking.without, **written.failed}.items():
        terminal.echo(f"没有给 {name} 写检查副本：{why}", err=True)
    for path in written.backups[:_BACKUPS_NAMED]:
        terminal.echo(f"以前的检查副本已先备份到 {path}", err=True)
    if len(written.backups) > _BACKUPS_NAMED:
        terminal.echo(f"……共备份 {len(written.backups)} 个文件，sheetcrm restore {folder} 列出全部", err=True)
    if not talks:
        return
    if not written.written:
        terminal.echo("没有要写的检查副本。")
        return
    cells = sum(copy.cells for copy in written.written)
    terminal.echo(
        f"检查副本在 {folder}：{len(written.written)} 个工作簿，标了 {cells} 个单元格（没有问题的工作簿不写）。"
    )
    for copy in written.written:
        terminal.echo(f"  {copy.target}：{copy.cells} 个单元格，“检查结果”里 {copy.rows} 行")


def _next_step(plan: prepare.Plan) -> str:
    """Return what to do about what was found: the worst error first."""
    error = summaries.first_error(plan.problems)
    if error is not None:
        return f"先改 {error.ref}（{error.fix}），保存后再检查一次"
    if confirm := summaries.columns_to_confirm(plan):
        return f"{confirm}，再检查一次"
    if any(entry.severity is Severity.WARNING for entry in plan.problems):
        return "核对上面的警告；都没有错，就用同样的路径运行 sheetcrm run"
    if not plan.reading.book.customers:
        return "和客户的工作簿一起运行 sheetcrm run"
    return "用同样的路径运行 sheetcrm run"
