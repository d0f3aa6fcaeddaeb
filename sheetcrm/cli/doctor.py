"""`sheetcrm doctor`: whether this machine and these folders have what a run needs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
from click.core import ParameterSource

from sheetcrm.cli import console, options, origins, terminal
from sheetcrm.errors import UsageError
from sheetcrm.runs.machine import CheckedPart, Place, examine
from sheetcrm.store.files import settings

MISSING = 2


@click.command("doctor")
@click.argument("paths", nargs=-1, metavar="[文件或文件夹]...", type=click.Path(path_type=Path))
@options.output_option
@options.json_option
def command(paths: tuple[Path, ...], output: Path, *, as_json: bool) -> int:
    """检查这台电脑能不能做完一个月的工作：程序、排版库、字体、模板、设置、结果文件夹、磁盘、历史、节假日。

    每项一行，✓ 没问题，✗ 缺什么、怎么补。给出工作簿的文件夹，还看有没有正被打开的。什么也不改。
    退出码：0 都好；2 有要补的。
    """
    findings = tuple(examine(Place(paths, _output(paths, output), options.today())))
    lacking = [finding for finding in findings if not finding.well]
    if as_json:
        console.print_json({"well": not lacking, "checks": [_values(finding) for finding in findings]})
    else:
        _print(findings)
        terminal.echo(f"有 {len(lacking)} 项要补。" if lacking else "都好，可以运行：sheetcrm run 文件夹 -o 结果")
    return MISSING if lacking else 0


def _output(paths: Sequence[Path], output: Path) -> Path:
    """Return the output folder, the settings file's where no option names one; what is wrong in that is a finding."""
    if origins.source_of("output") is not ParameterSource.DEFAULT:
        return output
    try:
        stated = settings.read_nearest(paths or (Path(),)).values.get("output")
    except UsageError:
        return output
    return Path(stated) if stated else output


def _print(findings: Sequence[CheckedPart]) -> None:
    for finding in findings:
        terminal.echo(f"{'✓ 正常' if finding.well else '✗ 要补'} {finding.name}：{finding.what}")
        if finding.fix:
            terminal.echo(f"        {finding.fix}")


def _values(finding: CheckedPart) -> dict[str, object]:
    return {"name": finding.name, "well": finding.well, "what": finding.what, "fix": finding.fix or None}
