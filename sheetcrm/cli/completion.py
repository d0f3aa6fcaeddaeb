"""`sheetcrm completion`: what a shell needs to complete commands, options and their values with the Tab key."""

from __future__ import annotations

import os

import click
from click.shell_completion import CompletionItem, ShellComplete, add_completion_class, get_completion_class

from sheetcrm.cli import terminal, values

PROGRAM = "sheetcrm"
VARIABLE = "_SHEETCRM_COMPLETE"
"""The environment variable by which a shell asks for completions; click reads it before anything else."""

SHELLS = ("powershell", "bash", "zsh", "fish")

_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = $commandAst.CommandElements | ForEach-Object {
        if ($_ -is [System.Management.Automation.Language.StringConstantExpressionAst]) { $_.Value }
        else { $_.Extent.Text }
    }
    $env:COMP_WORDS = $words -join "`n"
    $env:COMP_CWORD = $wordToComplete
    $env:%(complete_var)s = "powershell_complete"
    try {
        %(prog_name)s | ForEach-Object {
            $type, $value, $help = $_ -split "`t", 3
            if ($type -eq "plain") {
                [System.Management.Automation.CompletionResult]::new($value, $value, "ParameterValue", $help)
            }
        }
    }
    finally {
        Remove-Item Env:COMP_WORDS, Env:COMP_CWORD, Env:%(complete_var)s -ErrorAction SilentlyContinue
    }
}
"""
"""Files and folders are left to the shell: where a completer answers nothing, it completes paths by itself."""


class PowerShellComplete(ShellComplete):
    """Completion for PowerShell, which click does not bring; the words come one a line."""

    name = "powershell"
    source_template = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that is being typed, and that one."""
        args = os.environ["COMP_WORDS"].split("\n")[1:]
        incomplete = os.environ["COMP_CWORD"]
        if incomplete and args and args[-1] == incomplete:
            args.pop()
        return args, incomplete

    def format_completion(self, item: CompletionItem) -> str:
        """Return a line: the type, the value, and a help that is never blank."""
        return f"{item.type}\t{item.value}\t{(item.help or item.value).replace(chr(10), ' ')}"


def register() -> None:
    """Make the shells that click does not know of answer too."""
    add_completion_class(PowerShellComplete)


@click.command("completion")
@click.argument("shell", type=values.OneOf(SHELLS))
def command(shell: str) -> int:
    """写出让命令行按 Tab 键补全命令、选项和等级名称的脚本。

    \b
    PowerShell：sheetcrm completion powershell >> $PROFILE，再打开一个窗口。
    bash：echo 'eval "$(sheetcrm completion bash)"' >> ~/.bashrc
    zsh：echo 'eval "$(sheetcrm completion zsh)"' >> ~/.zshrc
    fish：sheetcrm completion fish > ~/.config/fish/completions/sheetcrm.fish
    """  # noqa: D301  (click's mark of lines that are not to be wrapped)
    register()
    completer = get_completion_class(shell)
    if completer is not None:
        root = click.get_current_context().find_root().command
        script = ShellComplete.source(completer(root, {}, PROGRAM, VARIABLE))
        terminal.echo_lines(script.rstrip("\n"))
    return 0
