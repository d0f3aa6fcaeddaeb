"""`sheetcrm check`: read the workbooks, and list what is wrong where."""

from __future__ import annotations

from pathlib import Path

import click

from sheetcrm.cli import console, options, terminal
from sheetcrm.model import Severity
from sheetcrm.policy.model import Policy
from sheetcrm.runs import reading
from sheetcrm.runs.run_file import problem_values
from sheetcrm.store.files.inputs import gather


@click.command("check")
@options.paths_argument
@options.policy_option
@options.json_option
@options.quiet_option
def command(paths: tuple[Path, ...], policy: Policy, *, as_json: bool, quiet: bool) -> int:
    """检查工作簿：表认不认得出、每个单元格读不读得懂、编号和日期对不对。

    每个问题占一行：在哪里、是什么、怎么改。有错误时退出码为 1。
    """
    with console.progress(quiet=quiet) as progress:
        inputs = gather(paths, output=None)
        read = reading.read(inputs, policy=policy, today=options.today(), progress=progress)
    if as_json:
        console.print_json([problem_values(entry) for entry in read.problems])
    else:
        console.print_problems(entry for entry in read.problems if not quiet or entry.severity is Severity.ERROR)
        if not quiet:
            terminal.echo(f"读了 {len(inputs) - len(read.refused)} 个工作簿、{len(read.book.customers)} 位客户。")
            console.print_sheets(read.book.tables, read.problems)
            console.print_counts(read.problems)
    return 1 if any(entry.severity is Severity.ERROR for entry in read.problems) else 0
