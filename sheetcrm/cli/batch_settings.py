"""The settings of each book of a batch: its own sheetcrm.toml, below what the command line and the environment say."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import click

from sheetcrm.cli import options, origins
from sheetcrm.errors import UsageError
from sheetcrm.model import Period
from sheetcrm.policy import loading
from sheetcrm.policy.run import PolicySource
from sheetcrm.runs.policies import StatedPolicy
from sheetcrm.store.files import disk

_PASSED_ON = {
    "period": "--period",
    "period_kind": "--period-kind",
    "as_of": "--as-of",
    "policy_file": "--policy",
    "preset": "--preset",
    "kept_columns": "--keep",
    "templates_folder": "--templates",
    "mapping_file": "--mapping",
}
"""The options of a batch that every book is done with where they stand on the command line."""


@dataclass(frozen=True, slots=True)
class BookSettings:
    """What one book is done with, and the settings file that has a say in it, by these of its keys."""

    policy: StatedPolicy
    period: Period
    as_of: date
    today: date
    kept_columns: tuple[str, ...]
    templates: tuple[Path, ...]
    mapping: Path | None
    file: Path | None
    keys: tuple[str, ...] = ()


@click.command("run", add_help_option=False)
@options.paths_argument
@options.mapping_file_option
@options.templates_folder_option
@options.period_options
@options.policy_options
@options.kept_columns_option
@click.pass_context
def _read(
    context: click.Context,
    paths: tuple[Path, ...],
    period: str | None,
    period_kind: str,
    as_of: Any,  # noqa: ANN401  (click's datetime)
    policy_file: Path | None,
    preset: str | None,
    kept_columns: tuple[str, ...],
    templates_folder: Path | None,
    mapping_file: Path | None,
) -> BookSettings:
    """Take the options of a run and say what they come to."""
    del paths
    policy = _state_policy(*options.winning(policy_file, preset))
    chosen, day, today = options.choose_day(period, as_of, kind=period_kind)
    templates = (templates_folder,) if templates_folder else ()
    _check_templates(templates)
    used = origins.settings_of(context)
    keys = tuple(key for key in used.values if origins.PARAMETERS[key] in context.params)
    return BookSettings(policy, chosen, day, today, kept_columns, templates, mapping_file, used.file, keys)


def read_settings(folder: Path, words: Sequence[str], above: click.Context) -> BookSettings:
    """Read what a book is done with.

    Args:
        folder: Its folder.
        words: The options that stand on the command line, as `passed_on` gives them.
        above: The context of the batch.

    Raises:
        UsageError: If an option or a setting cannot be used; it names the file and the line.
    """
    parent = click.Context(above.command, info_name=above.info_name)
    parent.meta[origins.QUIETLY] = True
    try:
        with _read.make_context("run", [*words, "--", str(folder)], parent=parent) as context:
            settings = _read.invoke(context)
    except click.ClickException as error:
        fault = origins.describe_fault(error) if isinstance(error, click.BadParameter) else ""
        raise UsageError(fault or error.format_message()) from error
    assert isinstance(settings, BookSettings)  # noqa: S101  (what `_read` returns)
    return settings


def passed_on(context: click.Context) -> tuple[str, ...]:
    """Return the options of a batch that stand on its command line, for each of its books."""
    return tuple(_words(context))


def _words(context: click.Context) -> Iterator[str]:
    for name, option in _PASSED_ON.items():
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            value = context.params[name]
            for one in value if isinstance(value, tuple) else (value,):
                yield from (option, f"{one:%Y-%m-%d}" if isinstance(one, date) else str(one))


@functools.cache
def _check_templates(folders: tuple[Path, ...]) -> None:
    """Look through a folder of templates once, however many books use it."""
    if folders:
        from sheetcrm.report.pages import filling  # noqa: PLC0415  (start-up time: few have their own)

        filling.check(folders)


def _state_policy(path: Path | None, preset: str | None) -> StatedPolicy:
    if path is None:
        return StatedPolicy(PolicySource(preset=preset or loading.STANDARD, stated=preset is not None))
    try:
        return StatedPolicy(PolicySource(file=path.name), disk.read_regular(path))
    except OSError as error:
        raise UsageError(f"读不了“{path}”：{disk.reason(error)[0]}", "请确认文件没有被别的程序独占") from error
