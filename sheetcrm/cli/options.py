"""The options that several commands share."""

from __future__ import annotations

import functools
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from sheetcrm import periods
from sheetcrm.errors import UsageError
from sheetcrm.model import CellRef
from sheetcrm.policy import loading as policies
from sheetcrm.policy.model import Policy
from sheetcrm.policy.run import Run
from sheetcrm.store.files.inputs import WORKBOOKS

_Command = TypeVar("_Command", bound=Callable[..., Any])

paths_argument = click.argument(
    "paths", nargs=-1, required=True, metavar="文件或文件夹...", type=click.Path(path_type=Path)
)
_output = functools.partial(
    click.option,
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("output"),
    show_default=True,
    metavar="文件夹",
)
output_option = _output(help="结果放在哪里。")
history_option = _output(help="上期从哪个输出文件夹的历史读出。")
json_option = click.option("--json", "as_json", is_flag=True, help="结果以 JSON 输出，供程序读取。")
quiet_option = click.option("-q", "--quiet", is_flag=True, help="只说出错的事。")


def templates_option(command: _Command) -> _Command:
    """Add --templates; the command is given the `templates`, folders that have been looked through."""

    @functools.wraps(command)
    def with_templates(*args: Any, templates_folder: Path | None, **kwargs: Any) -> Any:  # noqa: ANN401  (any command)
        folders = (templates_folder,) if templates_folder else ()
        if folders:
            from sheetcrm.report.pages import filling  # noqa: PLC0415  (start-up time: few have their own)

            filling.check(folders)
        return command(*args, templates=folders, **kwargs)

    return cast(
        "_Command",
        click.option(
            "--templates",
            "templates_folder",
            type=click.Path(path_type=Path),
            metavar="文件夹",
            help="自己的报告模板：里面的文件替换随程序提供的同名模板（见 docs/templates.md）。",
        )(with_templates),
    )


def period_options(command: _Command) -> _Command:
    """Add --period and --as-of."""
    command = click.option(
        "--as-of", "as_of", type=click.DateTime(["%Y-%m-%d"]), metavar="日期", help="评估日，默认为期间的最后一天。"
    )(command)
    return click.option("--period", metavar="期间", help="2026-10（月）、2026Q3（季）或 2026（年），默认为上个整月。")(
        command
    )


def policy_option(command: _Command) -> _Command:
    """Add --policy and --preset; the command is given the `policy` they mean."""

    @functools.wraps(command)
    def with_policy(*args: Any, policy_file: Path | None, preset: str | None, **kwargs: Any) -> Any:  # noqa: ANN401
        return command(*args, policy=choose_policy(policy_file, preset), **kwargs)

    chosen = click.option(
        "--preset", type=click.Choice(list(policies.PRESETS)), help="换一套内置的等级：由得分，或由一种分类决定。"
    )(with_policy)
    return cast("_Command", policy_file_option(chosen))


policy_file_option = click.option(
    "--policy",
    "policy_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="文件",
    help="自己的策略文件（.xlsx 或 .toml），默认用内置的标准策略。",
)


def choose_policy(path: Path | None, preset: str | None) -> Policy:
    """Return the policy of --policy or --preset, or the standard one.

    Raises:
        UsageError: If both are given.
        PolicyError: If the file does not hold together; every place at fault is named.
    """
    if path and preset:
        raise UsageError("--policy 和 --preset 只能写一个", "要在一套内置等级上修改，请先 policy export --preset 导出")
    return load_policy(path) if path else policies.preset(preset or policies.STANDARD)


def load_policy(path: Path) -> Policy:
    """Load a policy from a workbook or a TOML file.

    Raises:
        PolicyError: If it does not hold together; every place at fault is named.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"读不了“{path}”（{error.strerror}）", "请确认文件没有被别的程序独占") from error
    if path.suffix.lower() not in WORKBOOKS:
        try:
            return policies.load(data.decode("utf-8-sig"), source=path.name)
        except UnicodeDecodeError as error:
            raise UsageError(f"“{path.name}”不是 UTF-8 文本", "请给出 .xlsx 或 .toml 的策略文件") from error
    from sheetcrm.intake.policy_sheets import plain_sheets  # noqa: PLC0415  (start-up time: few have one)
    from sheetcrm.policy import sheetreading  # noqa: PLC0415  (as above)

    return sheetreading.read(
        plain_sheets(data, file=path.name),
        source=path.name,
        describe=lambda sheet, row, column: str(CellRef(path.name, sheet, row, column)),
    )


def run_options(command: _Command) -> _Command:
    """Add --period, --as-of, --policy and --preset; the command is given the `run` they mean."""

    @functools.wraps(command)
    def with_run(*args: Any, policy: Policy, period: str | None, as_of: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        return command(*args, run=start_run(policy, period, as_of), **kwargs)

    return period_options(policy_option(cast("_Command", with_run)))


def start_run(policy: Policy, period: str | None, as_of: Any) -> Run:  # noqa: ANN401  (click's datetime)
    """Return a run of today, in the period and as of the day that --period and --as-of mean.

    Raises:
        UsageError: If the two do not fit, or lie after today.
    """
    day_of_run = today()
    chosen, day = periods.resolve(period, as_of.date() if as_of else None, today=day_of_run)
    return Run.of(policy, chosen, day, today=day_of_run)


def today() -> date:
    """Return the day it is; the clock is read here and nowhere else."""
    return date.today()  # noqa: DTZ011  (a day as people count it, not an instant)
