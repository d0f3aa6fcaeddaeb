"""`sheetcrm check`: read the workbooks, and list what is wrong where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from sheetcrm.cli import console, options, policy_choice, problem_list, terminal
from sheetcrm.cli.entry import NOTHING_WRITTEN
from sheetcrm.excel import edits
from sheetcrm.model import Problem, Severity
from sheetcrm.policy.run import Run
from sheetcrm.runs import prepare
from sheetcrm.runs.refusals import NoCustomerError
from sheetcrm.runs.run_file import problem_values
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger


@click.command("check")
@options.inputs_argument
@options.history_option
@options.run_options
@options.json_option
@options.quiet_option
def command(paths: tuple[Path, ...], output: Path, run: Run, *, as_json: bool, quiet: bool) -> int:
    """检查工作簿：run 会发现的，这里都会发现，只是什么也不写。

    表认不认得出、每个单元格读不读得懂、编号和日期对不对、填的数和交易明细合不合，都按评估日来判断。
    每个问题占一行：在哪里、是什么、怎么改；同一种问题超过 5 个时合成一行。有错误时退出码为 1，一位客户也没读到为 2。
    """
    refused: NoCustomerError | None = None
    plan: prepare.Plan | None = None
    with console.progress(quiet=quiet or as_json) as progress:
        inputs = gather(paths, output=output)
        with ledger.read(output) as history:
            remark = policy_choice.remark(history, run, output)
            try:
                plan = prepare.prepare(inputs, run, history=history, checking=True, progress=progress)
            except NoCustomerError as error:
                refused = error
    if remark:
        terminal.echo(remark, err=True)
    problems = plan.problems if plan else refused.problems if refused else ()
    if as_json:
        console.print_json([problem_values(entry) for entry in problems])
    else:
        problem_list.print_problems(entry for entry in problems if not quiet or entry.severity is Severity.ERROR)
    if refused:
        terminal.echo_error(refused)
        return NOTHING_WRITTEN
    if plan:
        console.print_missing_columns(edits.missing_columns(plan.reading.book, run))
    if plan and not (as_json or quiet):
        terminal.echo(
            f"读了 {plan.reading.readable} 个工作簿、{len(plan.reading.book.customers)} 位客户，按 {run.as_of} 判断。"
        )
        problem_list.print_sheets(plan.reading.book, problems)
        problem_list.print_counts(problems)
        problem_list.print_next(_next_step(problems, alone=not plan.reading.book.customers))
    return 1 if plan and plan.has_errors else 0


def _next_step(problems: Sequence[Problem], *, alone: bool) -> str:
    """Return what to do about what was found: the worst error first. `alone` came without customers."""
    error = problem_list.first_error(problems)
    if error is not None:
        return f"先改 {error.ref}（{error.fix}），保存后再检查一次"
    if any(entry.severity is Severity.WARNING for entry in problems):
        return "核对上面的警告；都没有错，就用同样的路径运行 sheetcrm run"
    if alone:
        return "和客户的工作簿一起运行 sheetcrm run"
    return "用同样的路径运行 sheetcrm run"
