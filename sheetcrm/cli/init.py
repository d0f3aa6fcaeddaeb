"""`sheetcrm init`: blank workbooks in the template format."""

from __future__ import annotations

from pathlib import Path

import click

from sheetcrm.cli import options, origins, terminal
from sheetcrm.errors import UsageError
from sheetcrm.excel.books import templates
from sheetcrm.policy.model import Policy


@click.command("init")
@click.argument(
    "folder",
    metavar="文件夹",
    type=click.Path(file_okay=False, path_type=Path),
    is_eager=True,
    callback=origins.from_here,
)
@options.policy_option
def command(folder: Path, policy: Policy) -> int:
    """在文件夹里生成空白模板：全部数据表，以及一份档案卡。已有的同名文件不会被覆盖。"""
    books = templates.template_books(policy)
    existing = [name for name in books if (folder / name).exists()]
    if existing:
        raise UsageError(f"“{folder}”里已经有 {'、'.join(existing)}", "请换一个文件夹，或先把它们移走")
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in books.items():
        (folder / name).write_bytes(data)
        terminal.echo(str(folder / name))
    return 0
