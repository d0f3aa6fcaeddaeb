"""`sheetcrm policy`: the rules as a workbook, and whether they hold together."""

from __future__ import annotations

from pathlib import Path

import click

from sheetcrm.cli import options, origins, terminal, values
from sheetcrm.errors import UsageError
from sheetcrm.policy import coherence
from sheetcrm.policy.model import Policy


@click.group("policy")
def command() -> None:
    """策略就是全部规则和数字：评分卡、等级、服务标准、分类、预警、跟进节奏……

    导出成工作簿，用 Excel 改，再用 --policy 交给各个命令。
    """


@command.command("export", short_help="把策略写成工作簿。")
@click.argument(
    "file",
    metavar="策略.xlsx",
    type=click.Path(dir_okay=False, path_type=Path),
    is_eager=True,
    callback=origins.from_here,
)
@options.policy_option
def export(file: Path, policy: Policy) -> int:
    """把整个策略写成一份可以用 Excel 修改的工作簿。已有的文件不会被覆盖。"""
    from sheetcrm.excel.books.policy_book import policy_book  # noqa: PLC0415  (start-up time: only this writes one)

    if file.suffix.lower() != ".xlsx":
        raise UsageError(f"“{file.name}”不是 .xlsx", "请把文件名写成 策略.xlsx 这样")
    data = policy_book(policy)
    try:
        with file.open("xb") as opened:
            opened.write(data)
    except FileExistsError as error:
        raise UsageError(f"“{file}”已经存在", "请换一个文件名，或先把它移走") from error
    except OSError as error:
        raise UsageError(f"写不了“{file}”（{error.strerror}）", "请检查文件夹是否存在、可写") from error
    terminal.echo(str(file))
    return 0


@command.command("check", short_help="检查一份策略。")
@click.argument("file", metavar="策略文件", type=values.ExistingFile())
def check(file: Path) -> int:
    """检查一份策略（.xlsx 或 .toml）是否前后一致。不一致时说出每一处的位置和改法，退出码为 2。"""
    policy = options.load_policy(file)
    for _at, what in coherence.remarks(policy):
        terminal.echo(f"提示：{what}")
    rules = sum(len(table.rules) for table in (*policy.classes, policy.churn, policy.health))
    rules += len(policy.alerts.rules) + len(policy.tier_rules.rules)
    tiers = "、".join(tier.name for tier in policy.tiers)
    terminal.echo(
        f"“{policy.name}”{policy.version} 没有问题：等级 {tiers}，评分卡“{policy.card.name}”，规则 {rules} 条。"
    )
    return 0
