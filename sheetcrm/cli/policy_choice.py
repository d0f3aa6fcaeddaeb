"""Asking for the policy that the last run used, where nobody names one now: it is never replaced in silence."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from sheetcrm.cli import terminal
from sheetcrm.errors import UsageError
from sheetcrm.policy import loading
from sheetcrm.policy.run import Run
from sheetcrm.runs.refusals import find_former_policy
from sheetcrm.store.history.ledger import Ledger
from sheetcrm.store.history.recorded import RecordedRun
from sheetcrm.text.printable import printable

_SHOWN_OF_A_HASH = 12


def confirm(history: Ledger, run: Run, output: Path, *, asking: bool = True) -> None:
    """Let a person decide about the standard policy where the last run used another one and none is named.

    Without `asking` nobody is there to decide.

    Raises:
        UsageError: If there is nobody to ask, or the answer is no. Nothing was written.
    """
    former = find_former_policy(history, run)
    if former is None:
        return
    what, fix = _describe(former, output), _ways_out(former)
    if asking and on_terminal():
        terminal.echo(f"{what}。", err=True)
        if click.confirm(printable(f"用内置的标准策略继续吗？（不继续：{fix}）"), default=False, err=True):
            return
    raise UsageError(f"{what}。什么也没有写", fix)


def remark(history: Ledger, run: Run, output: Path) -> str:
    """Return what `confirm` asks as a remark, for the commands that only look; "" where there is nothing to ask."""
    former = find_former_policy(history, run)
    return f"注意：{_describe(former, output)}。{_ways_out(former)}" if former else ""


def on_terminal() -> bool:
    """Return whether there is a person to ask."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def _describe(former: RecordedRun, output: Path) -> str:
    preset = _preset(former)
    policy = f"内置的“{preset}”" if preset else _of_file(former)
    return (
        f"“{output}”里上次的运行（期间 {former.period}，校验号 {former.run_id}）用的策略是{policy}，"
        "这次没有写明策略，会换成内置的标准策略"
    )


def _of_file(former: RecordedRun) -> str:
    version = f" {former.policy_version}" if former.policy_version else ""
    file = f"文件 {former.policy_file}，" if former.policy_file else ""
    return f"“{former.policy}”{version}（{file}校验值 {former.policy_sha256[:_SHOWN_OF_A_HASH]}）"


def _ways_out(former: RecordedRun) -> str:
    preset = _preset(former)
    again = f"--preset {preset}" if preset else f"--policy {former.policy_file or '文件'}"
    return f"还用原来的，请加 {again}；改用标准策略，请加 --preset {loading.STANDARD}；也可以写在 sheetcrm.toml 里"


def _preset(former: RecordedRun) -> str:
    """Return the preset a run used; of older records the one that is the same today."""
    if former.preset or former.policy_file:
        return former.preset
    same = (name for name in loading.PRESETS if loading.preset(name).sha256 == former.policy_sha256)
    return next(same, "")
