"""`sheetcrm forget`: a customer out of the history, and the list of where else it stands."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from sheetcrm.cli import console, options, origins, terminal
from sheetcrm.errors import UsageError
from sheetcrm.store.history.recorded import PERSON


@click.command("forget")
@click.argument("customer_id", metavar="客户编号", is_eager=True, callback=origins.from_here)
@options.output_option
@click.option(
    "--reason", required=True, metavar="理由", help="为什么删除，例如 客户要求；会登记在历史里，请不要写姓名。"
)
@click.option("--yes", is_flag=True, help="不再询问。删除后不能恢复。")
@options.json_option
def command(customer_id: str, output: Path, reason: str, *, yes: bool, as_json: bool) -> int:
    """从历史里删除一位客户：它的等级和数字不再留存，历史仍然首尾相接、可以核对；并列出还有它的文件。

    工作簿里的行请自己删去：先删，再运行这个命令，否则下次运行会重新记入。备份和已打印的不受影响，请按列出的逐个处理。
    """
    from sheetcrm.runs import forget  # noqa: PLC0415  (start-up time)

    if not reason.strip():
        raise UsageError("没有写理由", "请写 --reason，例如 --reason 客户要求")
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("删除后不能恢复，没有删除", "确定的话请加上 --yes")
        click.confirm("删除后不能恢复，确定吗", abort=True, err=True)
    gone = forget.forget(customer_id, output, reason=reason.strip(), person=os.environ.get(PERSON, ""))
    if as_json:
        listed = {"holding": list(map(str, gone.holding)), "maybe": list(map(str, gone.maybe))}
        console.print_json({"records": gone.records, **listed})
        return 0
    terminal.echo(f"已从历史里删除，{gone.records} 条记录抹去了它；删除本身已登记")
    for title, paths in (("还有它的文件", gone.holding), ("可能有它、这里不能逐字查的文件", gone.maybe)):
        if paths:
            terminal.echo(f"{title}：")
        for path in paths:
            terminal.echo(f"  {path}")
    return 0
