"""`sheetcrm whatif`: who would move under another policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import click

from sheetcrm.assess.words.whatif import GradeShare, Move
from sheetcrm.cli import console, options, origins, policy_choice, terminal, values
from sheetcrm.errors import UsageError
from sheetcrm.policy import changing, loading
from sheetcrm.policy.model import Policy
from sheetcrm.runs.comparing import compare
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger


@click.command("whatif")
@options.inputs_argument
@options.history_option
@options.period_options
@click.option(
    "--base",
    "policy_file",
    type=values.ExistingFile(),
    envvar=origins.variable("policy"),
    metavar="文件",
    help="现在用的策略，默认和 sheetcrm run 不写 --policy 时一样。",
)
@click.option(
    "--base-preset",
    "preset",
    type=values.OneOf(loading.PRESETS),
    envvar=origins.variable("preset"),
    help="现在用的内置等级。",
)
@click.option(
    "--policy",
    "other_file",
    type=values.ExistingFile(),
    metavar="文件",
    help="和这份策略文件（.xlsx 或 .toml）比。",
)
@click.option("--preset", "other_preset", type=values.OneOf(loading.PRESETS), help="和一套内置的等级比。")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="路径=值",
    help="改一个数字再比，可以写多次：评分卡.行业潜力.权重=25、等级.VIP客户.起点分=85。",
)
@options.json_option
def command(
    paths: tuple[Path, ...],
    output: Path,
    period: str | None,
    period_kind: str,
    as_of: date | None,
    policy_file: Path | None,
    preset: str | None,
    other_file: Path | None,
    other_preset: str | None,
    settings: tuple[str, ...],
    *,
    as_json: bool,
) -> int:
    """比较两个策略：谁的等级会变、从哪级到哪级、各等级的占比前后各是多少。什么也不写。

    上期等级等从“输出文件夹”里的历史（sheetcrm.db）读出，和 sheetcrm run 一样。
    “前”是现在用的策略（--base、设置文件或标准策略）；“后”是 --policy 或 --preset，再加上 --set 的改动。

    路径就是策略工作簿里的位置：工作表.行的名称.列，例如 评分卡.消费金额.>=500000、基本.按名额定级。
    """
    if not (other_file or other_preset or settings):
        raise UsageError("没有说要和什么比", "请写 --policy 策略.xlsx、--preset 价值 或 --set 评分卡.行业潜力.权重=25")
    if other_file and other_preset:
        raise UsageError("--policy 和 --preset 只能写一个", "请去掉其中一个")
    before, source = options.choose_policy(policy_file, preset)
    after = options.choose_policy(other_file, other_preset)[0] if other_file or other_preset else before
    if settings:
        after = changing.change(after, settings)
    runs = [options.start_run(policy, period, as_of, kind=period_kind) for policy in (before, after)]
    with console.progress(quiet=as_json) as progress:
        inputs = gather(paths, output=output)
        with ledger.read(output) as history:
            remark = policy_choice.remark(history, replace(runs[0], source=source), output)
            compared = compare(inputs, *runs, history=history, progress=progress)
    terminal.hide_names_of(compared.reading.book.customers)
    if remark:
        terminal.echo(remark, err=True)
    console.print_refused(compared.reading.problems, compared.reading.refused)
    moved, shares = compared.moves, compared.shares
    if as_json:
        console.print_json(_values(moved, shares, before, after))
    else:
        _print(moved, shares, before, after)
    return 1 if compared.reading.has_unread else 0


def _print(moved: Sequence[Move], shares: Sequence[GradeShare], before: Policy, after: Policy) -> None:
    total = sum(entry.before for entry in shares)
    rated_before = sum(entry.before for entry in shares if entry.rated)
    rated_after = sum(entry.after for entry in shares if entry.rated)
    terminal.echo(f"“{before.name}”和“{after.name}”相比，{total} 家客户里有 {len(moved)} 家的等级会变。")
    console.print_rows(
        [
            ("等级", "前", "", "参考", "后", "", "参考"),
            *(
                (
                    entry.grade,
                    f"{entry.before} 家",
                    _percent(entry.before, rated_before) if entry.rated else "",
                    _reference(entry.reference_before),
                    f"{entry.after} 家",
                    _percent(entry.after, rated_after) if entry.rated else "",
                    _reference(entry.reference_after),
                )
                for entry in shares
                if entry.before or entry.after or entry.reference_before or entry.reference_after
            ),
        ]
    )
    if moved:
        terminal.echo("等级会变的客户：")
        console.print_rows(
            [
                (
                    entry.customer_id,
                    entry.name,
                    entry.before,
                    "→",
                    entry.after,
                    f"{_score(entry.score_before)} → {_score(entry.score_after)} 分",
                )
                for entry in moved
            ]
        )


def _values(moved: Sequence[Move], shares: Sequence[GradeShare], before: Policy, after: Policy) -> dict[str, object]:
    return {
        "before": {"name": before.name, "version": before.version},
        "after": {"name": after.name, "version": after.version},
        "customers": sum(entry.before for entry in shares),
        "moved": [
            {
                "customer_id": entry.customer_id,
                "from": entry.before,
                "to": entry.after,
                "score_before": _float(entry.score_before),
                "score_after": _float(entry.score_after),
            }
            for entry in moved
        ],
        "shares": [
            {
                "grade": entry.grade,
                "before": entry.before,
                "after": entry.after,
                "reference_before": _float(entry.reference_before),
                "reference_after": _float(entry.reference_after),
            }
            for entry in shares
        ],
    }


def _float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _percent(part: int, total: int) -> str:
    return f"{part / total:.1%}" if total else "无数据"


def _reference(share: Decimal | None) -> str:
    return "—" if share is None else f"{share:.0%}"


def _score(total: Decimal | None) -> str:
    return "—" if total is None else str(total)
