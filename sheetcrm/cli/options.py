"""The options several commands share, and what they mean."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import click

from sheetcrm import periods
from sheetcrm.model import Period
from sheetcrm.policy import loading as policies
from sheetcrm.policy.model import Policy

_Command = TypeVar("_Command", bound=Callable[..., Any])

paths_argument = click.argument(
    "paths", nargs=-1, required=True, metavar="文件或文件夹...", type=click.Path(path_type=Path)
)
output_option = click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("output"),
    show_default=True,
    metavar="文件夹",
    help="结果放在哪里。",
)
json_option = click.option("--json", "as_json", is_flag=True, help="结果以 JSON 输出，供程序读取。")
quiet_option = click.option("-q", "--quiet", is_flag=True, help="只说出错的事。")


def period_options(command: _Command) -> _Command:
    """Add --period and --as-of."""
    command = click.option(
        "--as-of", "as_of", type=click.DateTime(["%Y-%m-%d"]), metavar="日期", help="评估日，默认为期间的最后一天。"
    )(command)
    return click.option("--period", metavar="期间", help="2026-10（月）、2026Q3（季）或 2026（年），默认为上个整月。")(
        command
    )


def policy_option(command: _Command) -> _Command:
    """Add --policy."""
    return click.option(
        "--policy",
        "policy_file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="文件",
        help="自己的策略文件（.toml），默认用内置的标准策略。",
    )(command)


def load_policy(path: Path | None) -> Policy:
    """Load the policy a command was given, or the standard one."""
    if path is None:
        return policies.standard()
    return policies.load(path.read_text(encoding="utf-8-sig"), source=path.name)


def resolve_period(period: str | None, as_of: Any) -> tuple[Period, date, date]:  # noqa: ANN401  (click's datetime)
    """Decide period, date and today; the clock is read here and nowhere else."""
    today = date.today()  # noqa: DTZ011  (a day as people count it, not an instant)
    chosen, day = periods.resolve(period, as_of.date() if as_of else None, today=today)
    return chosen, day, today
