"""`sheetcrm init`: blank workbooks in the template format, or the sample month."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from sheetcrm.cli import options, origins, problem_list, terminal
from sheetcrm.errors import UsageError
from sheetcrm.policy.model import Policy
from sheetcrm.store.files import disk
from sheetcrm.store.files.sample import SAMPLE_PERIOD, sample_books


@click.command("init")
@click.argument(
    "folder",
    metavar="文件夹",
    type=click.Path(file_okay=False, path_type=Path),
    is_eager=True,
    callback=origins.from_here,
)
@click.option("--sample", is_flag=True, help=f"写的是示例月份（{SAMPLE_PERIOD}，虚构的公司），可以马上运行。")
@options.policy_option
def command(folder: Path, policy: Policy, *, sample: bool) -> int:
    """在文件夹里生成空白模板：全部数据表，以及一份档案卡。已有的同名文件不会被覆盖。

    空白模板里还没有客户，填好再运行。想先看看做出来是什么样，用 --sample。
    """
    books = _sample() if sample else _templates(policy)
    existing = [name for name in books if (folder / name).exists()]
    if existing:
        raise UsageError(f"“{folder}”里已经有 {'、'.join(existing)}", "请换一个文件夹，或先把它们移走")
    with disk.translate_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in books.items():
            disk.write_new(folder / name, data)
            terminal.echo(str(folder / name))
    if sample:
        problem_list.print_next(f"运行 sheetcrm run {folder} -o 结果 --period {SAMPLE_PERIOD}")
    else:
        problem_list.print_next(f"用 Excel 打开，填好客户，再运行 sheetcrm run {folder} -o 结果")
    return 0


def _templates(policy: Policy) -> Mapping[str, bytes]:
    from sheetcrm.excel.books import templates  # noqa: PLC0415  (start-up time)

    return templates.template_books(policy)


def _sample() -> Mapping[str, bytes]:
    return {book.name: book.read_bytes() for book in sample_books()}
