"""`sheetcrm open`: the page in the browser."""

from __future__ import annotations

import importlib.util
import os
import sys
import webbrowser
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from sheetcrm.cli import crash, options, origins, terminal
from sheetcrm.errors import UsageError
from sheetcrm.policy.run import Run

if TYPE_CHECKING:
    from sheetcrm.web.tasks import Fields, Task

_NEEDED = ("flask", "waitress")
_OUTPUT = "output"


@click.command("open")
@click.argument("path", metavar="[文件夹]", required=False, type=click.Path(path_type=Path))
@click.option("--no-browser", is_flag=True, help="不打开浏览器，只说网址。")
def command(path: Path | None, *, no_browser: bool) -> int:
    """在浏览器里做：选文件夹、检查、预览、生成、打开结果。不用再输命令，关上网页就结束。

    网页只在这台电脑上（127.0.0.1），不联网，别的电脑和别的网页都打不开；没有看过预览，什么也不写。
    30 分钟没有操作也会结束。例如：sheetcrm open input
    """
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        install = f"{sys.executable} -m pip install {' '.join(missing)}"
        raise UsageError(f"没有安装网页要用的 {'、'.join(missing)}", f"请运行 {install}，再试一次")
    from sheetcrm.web import remembered, server, tasks  # noqa: PLC0415  (start-up time, and the extra may not be there)

    fields = remembered.recall()
    if path is not None:
        absolute = os.path.abspath(path)  # noqa: PTH100  (links stay: people see the path they wrote)
        fields = replace(fields, folder=absolute) if fields.folder == absolute else tasks.Fields(folder=absolute)
    site = server.make_site(fields, understand, describe=crash.say)
    with server.served(site):
        address = site.gate.entrance
        terminal.echo(f"网页：{address}")
        terminal.echo("这个网址只能打开一次，只在这台电脑上有效。关上网页，或在这里按 Ctrl-C，就结束。")
        if not no_browser and not webbrowser.open(address):
            terminal.echo("没能打开浏览器，请把上面的网址复制到浏览器里", err=True)
        server.work_until_over(site)
    terminal.echo("网页已关闭，程序结束。")
    return 0


@click.command("open", context_settings={"help_option_names": []})
@options.inputs_argument
@options.output_option
@options.run_options
@options.templates_option
@click.option("--number", is_flag=True)
def _task(paths: tuple[Path, ...], output: Path, run: Run, templates: tuple[Path, ...], *, number: bool) -> Task:
    """Take the same options as `run` does, from the page's fields, the environment and the settings file."""
    from sheetcrm.web.tasks import Task  # noqa: PLC0415  (start-up time)

    folder = paths[0] if paths[0].is_dir() else paths[0].parent
    if origins.source_of("output") is ParameterSource.DEFAULT:
        output = folder / _OUTPUT  # beside the workbooks: a page has no current folder that people would think of
    settings = origins.settings_of(click.get_current_context()).file
    return Task(paths, output, run, templates, number, settings)


def understand(fields: Fields) -> Task:
    """Make a task of what stands in the page's fields, by the options of the command line.

    Raises:
        SheetcrmError: If they make no sense; the message says what to do.
    """
    if not fields.folder:
        raise UsageError("没有选文件夹", "请填工作簿所在的文件夹，或从文件管理器里复制它的路径")
    try:
        task: Task = _task.main(args=_words(fields), prog_name="sheetcrm open", standalone_mode=False)
    except click.BadParameter as error:
        raise UsageError(origins.describe_fault(error) or error.message.rstrip("。")) from error
    except click.ClickException as error:
        raise UsageError(error.format_message().rstrip("。")) from error
    return task


def _words(fields: Fields) -> Sequence[str]:
    """Write the fields as the words of a command line."""
    folder = Path(fields.folder).expanduser()
    if not folder.is_absolute():
        raise UsageError(f"“{fields.folder}”不是完整的路径", "请从文件管理器里复制它的路径，例如 D:\\客户\\十月")
    words = [str(folder)]
    named = {"--output": fields.output, "--period": fields.period, "--period-kind": fields.period_kind}
    if fields.output:
        named["--output"] = str(folder.parent / fields.output if folder.is_file() else folder / fields.output)
    named |= {"--policy": fields.policy} if fields.policy else {"--preset": fields.preset}
    for name, value in named.items():
        words += [f"{name}={value}"] if value else []
    words += [f"--keep={fields.keep}"] if fields.keep else []
    return [*words, "--number"] if fields.numbering else words
