"""`sheetcrm config`: what a call would use, and where each value comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from sheetcrm.cli import console, options, origins, terminal
from sheetcrm.store.files.settings import KEYS, SETTINGS_FILE

_NAMES: Mapping[str, str] = {
    "policy": "策略文件",
    "preset": "内置等级",
    "output": "结果文件夹",
    "templates": "报告模板",
    "mapping": "表头对照",
    "keep": "自己的列",
    "period_kind": "期间种类",
}


@click.command("config")
@click.argument(
    "paths",
    nargs=-1,
    metavar="[文件或文件夹]...",
    type=click.Path(path_type=Path),
    is_eager=True,
    callback=origins.from_paths_or_here,
)
@options.setting_options
@options.json_option
def command(paths: tuple[Path, ...], *, as_json: bool, **values: object) -> int:
    """列出每个设置现在的值，和它从哪里来：命令行、环境变量、设置文件的哪一行，还是默认。

    设置文件 sheetcrm.toml 和工作簿放在一起，或放在上面的文件夹里；不写路径就从当前文件夹找起。
    命令行的选项优先，其次是环境变量（SHEETCRM_POLICY 等），再其次是设置文件。写法见 docs/settings.md。
    """
    del paths
    context = click.get_current_context()
    shown = {key: _shown(values[origins.PARAMETERS[key]]) for key in KEYS}
    places = {key: origins.describe(context, origins.PARAMETERS[key]) for key in KEYS}
    beaten = _beaten(values)
    if beaten:
        winner = "preset" if beaten == "policy" else "policy"
        shown[beaten], places[beaten] = None, f"{places[winner]} 优先"
    file = origins.settings_of(context).file
    if as_json:
        entries = [{"key": key, "value": shown[key], "from": places[key]} for key in KEYS]
        console.print_json({"file": str(file) if file else None, "settings": entries})
        return 0
    terminal.echo(f"设置文件：{file or f'没有（{SETTINGS_FILE}）'}")
    rows = [(_NAMES[key], key, _text(shown[key]), places[key]) for key in KEYS]
    console.print_rows([("设置", "键", "值", "来自"), *rows])
    return 0


def _beaten(values: Mapping[str, object]) -> str:
    """Return which of policy and preset does not count, since the other comes from nearer; "" where there is one."""
    policy_file, preset = values["policy_file"], values["preset"]
    if not policy_file or not preset:
        return ""
    return "preset" if options.winning(Path(str(policy_file)), str(preset))[0] else "policy"


def _shown(value: object) -> object:
    return str(value) if isinstance(value, Path) else value or None


def _text(value: object) -> str:
    if isinstance(value, tuple):
        return "、".join(map(str, value))
    return "—" if value is None else str(value)
