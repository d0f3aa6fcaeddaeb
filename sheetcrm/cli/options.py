"""The options that several commands share."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from sheetcrm import periods
from sheetcrm.cli import log, origins, values
from sheetcrm.errors import UsageError
from sheetcrm.model import Period
from sheetcrm.policy import loading as policies
from sheetcrm.policy.model import Policy
from sheetcrm.policy.run import PolicySource, Run
from sheetcrm.store.files import disk
from sheetcrm.store.history.recorded import PERSON

_Command = TypeVar("_Command", bound=Callable[..., Any])

paths_argument = click.argument(
    "paths",
    nargs=-1,
    required=True,
    metavar="文件或文件夹...",
    type=click.Path(path_type=Path),
    is_eager=True,  # the settings file lies beside them, and has a say in the other options
    callback=origins.from_paths,
)
optional_paths_argument = click.argument(
    "paths",
    nargs=-1,
    metavar="[文件或文件夹...]",
    type=click.Path(path_type=Path),
    is_eager=True,
    callback=origins.from_paths_or_here,
)
_output = functools.partial(
    click.option,
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("output"),
    show_default=True,
    envvar=origins.variable("output"),
    metavar="文件夹",
)
output_option = _output(help="结果放在哪里。")
history_option = _output(help="上期从哪个输出文件夹的历史读出。")
record_option = _output(help="登记到哪个输出文件夹的历史；没有历史就不登记。")
json_option = click.option("--json", "as_json", is_flag=True, help="结果以 JSON 输出，供程序读取。")


def _keep_private(context: click.Context, _parameter: click.Parameter, value: bool) -> bool:  # noqa: FBT001  (click's)
    """Let everything that the command writes be read by its user alone."""
    if value:
        before = os.umask(0o077)
        context.call_on_close(lambda: os.umask(before))
    return value


private_option = click.option(
    "--private",
    is_flag=True,
    expose_value=False,
    callback=_keep_private,
    help="写出的文件只有自己能读（不写就按文件夹平常的权限）；历史和备份总是只有自己能读。",
)
quiet_option = click.option("-q", "--quiet", is_flag=True, help="只说出错的事。")


mapping_file_option = click.option(
    "--mapping",
    "mapping_file",
    type=values.ExistingFile(),
    envvar=origins.variable("mapping"),
    metavar="文件",
    help="放在别处的 表头对照.xlsx（和工作簿放在一起的不用写）。",
)


def inputs_argument(command: _Command) -> _Command:
    """Add the paths, --mapping, -v and --log; the command is given the `paths`, the mapping's own the last of them."""

    @functools.wraps(command)
    def with_mapping(*args: Any, paths: tuple[Path, ...], mapping_file: Path | None, **kwargs: Any) -> Any:  # noqa: ANN401
        return command(*args, paths=(*paths, mapping_file) if mapping_file else paths, **kwargs)

    return cast("_Command", paths_argument(mapping_file_option(log.log_options(with_mapping))))


def templates_option(command: _Command) -> _Command:
    """Add --templates; the command is given the `templates`, folders that have been looked through."""

    @functools.wraps(command)
    def with_templates(*args: Any, templates_folder: Path | None, **kwargs: Any) -> Any:  # noqa: ANN401  (any command)
        folders = (templates_folder,) if templates_folder else ()
        if folders:
            from sheetcrm.report.pages import filling  # noqa: PLC0415  (start-up time: few have their own)

            filling.check(folders)
        return command(*args, templates=folders, **kwargs)

    return cast("_Command", templates_folder_option(with_templates))


templates_folder_option = click.option(
    "--templates",
    "templates_folder",
    type=click.Path(path_type=Path),
    envvar=origins.variable("templates"),
    metavar="文件夹",
    help="自己的报告模板：里面的文件替换随程序提供的同名模板（见 docs/templates.md）。",
)
period_kind_option = click.option(
    "--period-kind",
    type=values.OneOf(periods.KINDS),
    default=periods.MONTH,
    envvar=origins.variable("period_kind"),
    help="不写 --period 时用上一个整的什么：月、季还是年。默认为月。",
)


def _split_headers(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    """Split each value at its commas; a header is named once, however often it stands there."""
    names = (name.strip() for value in values for name in _COMMAS.split(value))
    return tuple(dict.fromkeys(name for name in names if name))


_COMMAS = re.compile("[,，、;；]")

kept_columns_option = click.option(
    "--keep",
    "kept_columns",
    multiple=True,
    callback=_split_headers,
    envvar=origins.variable("keep"),
    metavar="列名,…",
    help="自己的列：不改写，也不另加同名的列；几列用逗号或顿号隔开。",
)


def period_options(command: _Command) -> _Command:
    """Add --period, --period-kind and --as-of."""
    command = click.option(
        "--as-of", "as_of", type=values.Day(), metavar="日期", help="评估日，如 2026-10-31，默认为期间的最后一天。"
    )(period_kind_option(command))
    return click.option(
        "--period",
        metavar="期间",
        help="2026-10、2026年10月、10月（最近的一个），2026Q3（季）或 2026（年），默认为上个整月（或 --period-kind）。",
    )(command)


def policy_option(command: _Command) -> _Command:
    """Add --policy and --preset; the command is given the `policy` they mean."""

    @functools.wraps(command)
    def with_policy(*args: Any, policy_file: Path | None, preset: str | None, **kwargs: Any) -> Any:  # noqa: ANN401
        return command(*args, policy=choose_policy(policy_file, preset)[0], **kwargs)

    return policy_options(cast("_Command", with_policy))


def policy_options(command: _Command) -> _Command:
    """Add --policy and --preset as they are; `choose_policy` takes both."""
    return policy_file_option(preset_option(command))


preset_option = click.option(
    "--preset",
    type=values.OneOf(policies.PRESETS),
    envvar=origins.variable("preset"),
    help="换一套内置的等级：由得分，或由一种分类决定。",
)
policy_file_option = click.option(
    "--policy",
    "policy_file",
    type=values.ExistingFile(),
    envvar=origins.variable("policy"),
    metavar="文件",
    help="自己的策略文件（.xlsx 或 .toml），默认用内置的标准策略。",
)


def setting_options(command: _Command) -> _Command:
    """Add every option that a settings file may speak for, as it is."""
    command = templates_folder_option(mapping_file_option(kept_columns_option(period_kind_option(command))))
    return policy_options(output_option(command))


def choose_policy(path: Path | None, preset: str | None) -> tuple[Policy, PolicySource]:
    """Return the policy of --policy or --preset, or the standard one, and which it is.

    Raises:
        UsageError: If both are given, in the same place.
        PolicyError: If the file does not hold together; every place at fault is named.
    """
    path, preset = winning(path, preset)
    if path:
        return load_policy(path), PolicySource(file=path.name)
    name = preset or policies.STANDARD
    return policies.preset(name), PolicySource(preset=name, stated=preset is not None)


def winning(path: Path | None, preset: str | None) -> tuple[Path | None, str | None]:
    """Return the policy's file or the preset, whichever comes from nearer, where the call has both.

    Raises:
        UsageError: If both come from the same place.
    """
    if not (path and preset):
        return path, preset
    of_path, of_preset = origins.source_of("policy_file"), origins.source_of("preset")
    if of_path is not of_preset:
        return (path, None) if origins.goes_before(of_path, of_preset) else (None, preset)
    names = ("--policy", "--preset")
    if origins.is_from_environment("policy_file"):
        names = (origins.variable("policy"), origins.variable("preset"))
    raise UsageError(f"{' 和 '.join(names)} 只能写一个", "要在一套内置等级上修改，请先 policy export --preset 导出")


def load_policy(path: Path) -> Policy:
    """Load a policy from a workbook or a TOML file.

    Raises:
        PolicyError: If it does not hold together; every place at fault is named.
    """
    try:
        data = disk.read_regular(path)
    except OSError as error:
        raise UsageError(f"读不了“{path}”：{disk.reason(error)[0]}", "请确认文件没有被别的程序独占") from error
    from sheetcrm.runs.policies import parse_policy  # noqa: PLC0415  (start-up time: few have one)

    return parse_policy(data, path.name)


def run_options(command: _Command) -> _Command:
    """Add --period, --as-of, --policy, --preset, --keep and --as; the command is given the `run` they mean."""

    @functools.wraps(command)
    def with_run(
        *args: Any,  # noqa: ANN401  (any command)
        policy_file: Path | None,
        preset: str | None,
        period: str | None,
        period_kind: str,
        as_of: date | None,
        kept_columns: tuple[str, ...],
        run_by: str,
        **kwargs: Any,  # noqa: ANN401  (as above)
    ) -> Any:  # noqa: ANN401  (as above)
        policy, source = choose_policy(policy_file, preset)
        run = start_run(policy, period, as_of, kind=period_kind)
        run = replace(run, source=source, kept_columns=kept_columns, person=run_by.strip())
        return command(*args, run=run, **kwargs)

    return period_options(policy_options(kept_columns_option(run_by_option(cast("_Command", with_run)))))


run_by_option = click.option(
    "--as",
    "run_by",
    default="",
    envvar=PERSON,
    metavar="姓名",
    help="是谁在做，记进历史；要第二人审批的事，申请人是他。",
)


def start_run(policy: Policy, period: str | None, as_of: date | None, *, kind: str) -> Run:
    """Return a run of today, in the period and as of the day that --period, --period-kind and --as-of mean.

    Raises:
        UsageError: If the two do not fit, or lie after today.
    """
    chosen, day, day_of_run = choose_day(period, as_of, kind=kind)
    return Run.of(policy, chosen, day, today=day_of_run)


def choose_day(period: str | None, as_of: date | None, *, kind: str) -> tuple[Period, date, date]:
    """Return the period and the as-of day that the options mean, and today.

    Raises:
        UsageError: If the two do not fit, or lie after today.
    """
    day_of_run = today()
    chosen, day = periods.resolve(period, as_of, today=day_of_run, kind=kind)
    return chosen, day, day_of_run


def today() -> date:
    """Return the day it is; the clock is read here and nowhere else."""
    return date.today()  # noqa: DTZ011  (a day as people count it, not an instant)
