"""`sheetcrm map`: propose what the headers people made up stand for."""

from __future__ import annotations

from pathlib import Path

import click

from sheetcrm.cli import options, terminal
from sheetcrm.errors import UsageError
from sheetcrm.policy.model import Policy
from sheetcrm.store.files.inputs import gather


@click.command("map")
@options.inputs_argument
@click.option(
    "-o",
    "--output",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="文件夹",
    help="写到哪里，默认和第一个工作簿放在一起，下次运行就会用上。",
)
@options.policy_option
def command(paths: tuple[Path, ...], folder: Path | None, policy: Policy) -> int:
    """列出不认得的表头，写成 表头对照.xlsx：每个表头一行，附三个例子和最像的字段。

    核对后在“确认”一列填 是；没有确认的行不起作用。和台账放在一起再运行，就按它读。已确认的行会保留。
    """
    from sheetcrm.excel.books.mapping_book import MAPPING  # noqa: PLC0415  (start-up time)
    from sheetcrm.runs import mapping  # noqa: PLC0415  (as above)

    inputs = gather(paths, output=None)
    folder = folder or (paths[0] if paths[0].is_dir() else paths[0].parent)
    target = folder / MAPPING
    if target.exists() and target.resolve() not in {entry.path.resolve() for entry in inputs}:
        raise UsageError(f"“{target}”已经有了", "请把它和工作簿一起给出（已确认的会保留），或用 -o 换一个文件夹")
    data, count = mapping.propose(inputs, policy)
    mapping.write(target, data)
    terminal.echo(str(target))
    terminal.echo(f"有 {count} 个表头等待确认。核对后在“确认”一列填 是，再运行 sheetcrm run。")
    return 0
