"""Where the values of options come from: the command line, the environment, a settings file, or nowhere.

click keeps the order: what a settings file says is laid below the options as defaults of the call.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from sheetcrm.cli import terminal
from sheetcrm.store.files import settings
from sheetcrm.store.files.settings import Settings

PARAMETERS: Mapping[str, str] = {
    "policy": "policy_file",
    "preset": "preset",
    "output": "output",
    "templates": "templates_folder",
    "mapping": "mapping_file",
    "keep": "kept_columns",
    "period_kind": "period_kind",
}
"""The parameter of the commands for each key of a settings file; one of another name takes nothing from there."""

_META = "sheetcrm.settings"
QUIETLY = "sheetcrm.quietly"
"""Set in the meta of a context where a settings file is used without a word: whoever does so says it at once of all."""


def variable(key: str) -> str:
    """Return the environment variable of a key."""
    return f"SHEETCRM_{key.upper()}"


def from_paths(context: click.Context, _parameter: click.Parameter, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Take the settings file of the paths; called before other options are read."""
    _look_up(context, paths)
    return paths


def from_here(context: click.Context, _parameter: click.Parameter, value: Any) -> Any:  # noqa: ANN401  (any argument)
    """Take the settings file of the current folder, for commands that read no workbooks."""
    _look_up(context, (Path(),))
    return value


def from_paths_or_here(
    context: click.Context, _parameter: click.Parameter, paths: tuple[Path, ...]
) -> tuple[Path, ...]:
    """Take the settings file of the paths, or of the current folder where there are none."""
    _look_up(context, paths or (Path(),))
    return paths


def settings_of(context: click.Context) -> Settings:
    """Return the settings file that a call uses."""
    settings: Settings = context.meta.get(_META) or Settings()
    return settings


def source_of(name: str) -> ParameterSource:
    """Return what gave a parameter of this call its value."""
    return click.get_current_context().get_parameter_source(name) or ParameterSource.DEFAULT


_ORDER = (
    ParameterSource.COMMANDLINE,
    ParameterSource.ENVIRONMENT,
    ParameterSource.DEFAULT_MAP,
    ParameterSource.DEFAULT,
)


def is_from_environment(name: str) -> bool:
    """Return whether an environment variable gave a parameter of this call its value."""
    return source_of(name) is ParameterSource.ENVIRONMENT


def goes_before(one: ParameterSource, other: ParameterSource) -> bool:
    """Return whether what comes from one source wins over what comes from another. Pure."""
    return _ORDER.index(one) < _ORDER.index(other)


def describe(context: click.Context, name: str) -> str:
    """Say where a parameter's value comes from."""
    key = next(key for key, parameter in PARAMETERS.items() if parameter == name)
    source = context.get_parameter_source(name)
    if source is ParameterSource.COMMANDLINE:
        option = next(one for one in context.command.params if one.name == name)
        return f"命令行 {max(option.opts, key=len)}"
    if source is ParameterSource.ENVIRONMENT:
        return f"环境变量 {variable(key)}"
    return settings_of(context).place(key) if source is ParameterSource.DEFAULT_MAP else "默认"


def describe_fault(error: click.BadParameter) -> str:
    """Say what is wrong with a value from elsewhere than the command line, and where it stands; else nothing."""
    name = (error.param.name if error.param else None) or ""
    if error.ctx is None or name not in PARAMETERS.values():
        return ""
    source = error.ctx.get_parameter_source(name)
    if source not in (ParameterSource.ENVIRONMENT, ParameterSource.DEFAULT_MAP):
        return ""
    key = next(key for key, parameter in PARAMETERS.items() if parameter == name)
    where = describe(error.ctx, name) + (f" {key}" if source is ParameterSource.DEFAULT_MAP else "")
    return f"{where}：{error.message.rstrip('。')}。请改正它，或在命令行上另外写明"


def _look_up(context: click.Context, paths: Iterable[Path]) -> None:
    """Lay the values of a settings file below the options of a call, and say on stderr that it is used."""
    if context.resilient_parsing:
        return
    used = settings.read_nearest(paths)
    context.meta[_META] = used
    if used.file is None:
        return
    accepted = {parameter.name for parameter in context.command.params}
    taken = [key for key in used.values if PARAMETERS[key] in accepted]
    context.default_map = {PARAMETERS[key]: used.values[key] for key in taken}
    if QUIETLY not in context.meta:
        terminal.echo(f"设置文件：{used.file}（{'、'.join(taken) or '没有用到其中的设置'}）", err=True)
