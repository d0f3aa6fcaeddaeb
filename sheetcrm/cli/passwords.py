"""Passwords for files that go out: asked for twice, unseen, or read from a file; never typed on the command line."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from sheetcrm.cli import terminal, values
from sheetcrm.errors import UsageError
from sheetcrm.policy.model import SharingRules
from sheetcrm.store.archive import sealing
from sheetcrm.store.files import disk

password_option = click.option(
    "--password-file",
    type=values.ExistingFile(),
    metavar="文件",
    help="从文件的第一行读口令；不写就在屏幕上问两遍（不显示）。口令从不写在命令行上。",
)


def obtain(path: Path | None, rules: SharingRules, *, names: Sequence[str]) -> str:
    """Return a password strong enough for the policy, and say on stderr how strong it is.

    Raises:
        UsageError: If it is too weak, or there is no terminal to ask on.
    """
    password = _first_line(path) if path else _ask()
    terminal.echo(sealing.check_password(password, rules, names=names), err=True)
    return password


def _ask() -> str:
    if not sys.stdin.isatty():
        raise UsageError("这里不能问口令", "请用 --password-file 给出写有口令的文件")
    return str(click.prompt("口令", hide_input=True, confirmation_prompt="再输一遍", err=True))


def _first_line(path: Path) -> str:
    try:
        lines = disk.read_regular(path).decode("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise UsageError(f"“{path}”不是 UTF-8 文本", "请用记事本存成 UTF-8，口令写在第一行") from error
    except OSError as error:
        raise UsageError(f"“{path}”读不了：{disk.reason(error)[0]}", "请核对路径和权限") from error
    if not lines or not lines[0]:
        raise UsageError(f"“{path}”的第一行是空的", "请把口令写在第一行")
    if os.name != "nt" and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        terminal.echo(f"“{path}”别人也能读：请改成只有自己能读（chmod 600），用后删去", err=True)
    return lines[0]
