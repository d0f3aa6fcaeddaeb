"""The `sheetcrm` group: finds a command by its name, and turns errors into messages and exit codes."""

from __future__ import annotations

import contextlib
import gettext
import importlib
import os
from collections.abc import Mapping, Sequence
from importlib import resources

os.environ["LANGUAGE"] = "zh_CN"  # click's own words (usage, errors) go through gettext, ours are Chinese always
gettext.bindtextdomain("sheetcrm", str(resources.files("sheetcrm.cli").joinpath("locale")))
gettext.textdomain("sheetcrm")

import click  # noqa: E402  (its words are looked up in the catalogue bound above)

from sheetcrm import __version__  # noqa: E402
from sheetcrm.cli import crash, examples, terminal  # noqa: E402
from sheetcrm.errors import SheetcrmError, UsageError  # noqa: E402
from sheetcrm.processes import interrupts  # noqa: E402

COMMANDS: Mapping[str, str] = {
    "open": "在浏览器里做：选文件夹、检查、预览、生成。",
    "run": "做完整个月的工作：检查、评分、回写、印报告。",
    "batch": "一个文件夹下面的每一本都做完，同时做几本，或交给集群。",
    "packs": "单独做清单、函件、档案卡等，放进 packs 文件夹。",
    "share": "把一个人看得到的客户做成加密的文件，给另一个人。",
    "check": "只检查，不写结果；也能写出标好问题的副本。",
    "map": "列出不认得的表头，写成表头对照工作簿。",
    "explain": "说明一家客户为什么是这个等级。",
    "whatif": "试算：换一个策略，哪些客户的等级会变。",
    "policy": "导出、检查策略：评分卡、等级、规则、节奏。",
    "init": "生成空白模板工作簿，或示例月份。",
    "history": "查看历史：各次运行，或一家客户各期的等级。",
    "config": "列出各项设置的值，和它从哪里来。",
    "restore": "列出改动前的备份，或恢复其中一份。",
    "forget": "从历史里删除一位客户，列出还有它的文件。",
    "backup": "把工作簿、策略和历史备份成一个加密文件，当场核对。",
    "doctor": "看这台电脑和文件夹缺什么、怎么补。",
    "completion": "写出按 Tab 键补全命令的脚本。",
}
"""Each is a module here with a function `command`; its line in --help stands here, so that it need not be imported."""

ALIASES: Mapping[str, str] = {"report": "packs"}
"""Older names of commands, which still work."""

NOTHING_WRITTEN = 2
_COMPLETING = "_SHEETCRM_COMPLETE"


class _Commands(click.Group):
    """A group that imports a command's module only when that command is wanted."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        name = ALIASES.get(cmd_name, cmd_name)
        if name not in COMMANDS:
            return None
        command = importlib.import_module(f"sheetcrm.cli.{name}").command
        return _complete_help(command, name) if isinstance(command, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command; one that is not there is answered with those that are like it, or do what was typed."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-") and not ctx.resilient_parsing:
            ctx.fail(f"没有命令“{name}”。{_probably(name)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("命令"):
            formatter.write_dl(list(COMMANDS.items()))


def _probably(name: str) -> str:
    """Say which command was probably wanted: of workbooks `run`, of a Chinese word the one whose line has it first."""
    if os.path.lexists(name):
        return f"这是文件或文件夹，要做完它请写 sheetcrm run {name}"
    if not name.isascii():
        places = {command: line.index(name) for command, line in COMMANDS.items() if name in line}
        return f"是不是 {'、'.join(sorted(places, key=lambda command: places[command]))}？" if places else ""
    from sheetcrm.text.likeness import did_you_mean  # noqa: PLC0415  (start-up time)

    return did_you_mean(name, [*COMMANDS, *ALIASES])


def _complete_help(command: click.Command, path: str) -> click.Command:
    """Put the two words of a usage line that click does not translate, and the examples."""
    command.options_metavar = "[选项]"
    command.epilog = examples.epilog(path)
    if isinstance(command, click.Group):
        command.subcommand_metavar = "命令 [参数]..."
        for name, inner in command.commands.items():
            _complete_help(inner, f"{path} {name}")
    return command


@click.group(
    cls=_Commands,
    epilog=examples.epilog(""),
    options_metavar="[选项]",
    subcommand_metavar="命令 [参数]...",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(__version__, prog_name="sheetcrm", message="%(prog)s %(version)s")
def cli() -> None:
    """客户分级服务：读工作簿、评分定级、回写原表、印出报告。

    退出码 70：程序自身出错，已停止；屏幕上会说出错的位置记在哪个文件里。
    """


@terminal.outlets()
def main(args: Sequence[str] | None = None) -> int:
    """Run the command line, and return its exit code. No traceback reaches a user, whatever happens."""
    with interrupts.caught():
        try:
            return _run(args)
        except (click.exceptions.Abort, KeyboardInterrupt):
            return _interrupted()
        except Exception as error:  # noqa: BLE001  (what nobody foresaw, memory used up and recursion among it)
            if isinstance(error, OSError) and interrupts.happened():
                return _interrupted()  # the terminal is gone, and with it whatever was to be printed
            return crash.report(error)


def _run(args: Sequence[str] | None) -> int:
    """Run a command, with what stops it printed in words."""
    if _COMPLETING in os.environ:
        from sheetcrm.cli import completion  # noqa: PLC0415  (start-up time)

        completion.register()
    try:
        code = cli.main(args=list(args) if args is not None else None, prog_name="sheetcrm", standalone_mode=False)
    except click.BadParameter as error:
        from sheetcrm.cli import origins  # noqa: PLC0415  (start-up time)

        fault = origins.describe_fault(error)
        terminal.echo_error(UsageError(fault) if fault else error)
        return NOTHING_WRITTEN
    except (click.ClickException, SheetcrmError) as error:
        terminal.echo_error(error)
        return NOTHING_WRITTEN
    return code if isinstance(code, int) else 0


def _interrupted() -> int:
    """Say that the run was interrupted, if there is still a terminal to say it on."""
    with contextlib.suppress(OSError):
        terminal.echo("已中断。每个文件都是完整的旧内容或新内容，再运行一次即可", err=True)
    return NOTHING_WRITTEN
