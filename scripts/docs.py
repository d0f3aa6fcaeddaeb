"""Write what the docs repeat of the code: the problems, the commands' help, click's words in Chinese.

`python -m scripts.docs` writes; `--check` says what is out of date and exits 1.
"""

from __future__ import annotations

import ast
import re
import struct
import sys
from pathlib import Path

import click
import msgspec

from scripts.templates_doc import templates_page
from sheetcrm.cli.answers import ANSWERS
from sheetcrm.cli.entry import COMMANDS, cli
from sheetcrm.model import Severity
from sheetcrm.problems import MESSAGES, title_of
from sheetcrm.text.printable import dump_json

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "sheetcrm" / "cli" / "locale" / "zh_CN" / "LC_MESSAGES"


def main() -> int:
    """Write or check the generated files; 1 if a checked one is out of date."""
    made = {
        ROOT / "docs" / "problems.md": problems_page().encode(),
        ROOT / "docs" / "commands.md": commands_page().encode(),
        ROOT / "docs" / "templates.md": templates_page().encode(),
        **{ROOT / "docs" / "schema" / f"{name}.json": schema.encode() for name, schema in schemas().items()},
        LOCALE / "sheetcrm.mo": compile_catalogue((LOCALE / "sheetcrm.po").read_text(encoding="utf-8")),
    }
    stale = [path for path, data in made.items() if not path.exists() or path.read_bytes() != data]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"out of date, run `make docs`: {path.relative_to(ROOT)}")
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(made[path])
        print(f"written: {path.relative_to(ROOT)}")
    return 0


def schemas() -> dict[str, str]:
    """Describe what each command prints with --json, as JSON Schema."""
    return {name: f"{dump_json(msgspec.json.schema(answer), indent=2)}\n" for name, answer in ANSWERS.items()}


def problems_page() -> str:
    """List every kind of problem by severity."""
    lines = [
        "# 问题一览",
        "",
        "sheetcrm 发现的每个问题占一行：`位置: 看到了什么。怎么改 [种类]`。位置可以直接粘贴到 Excel 的名称框里。",
        "",
        "- **错误**：这一行（或这个文件）先放在一边，改好后再运行；其余照常完成。",
        "- **警告**：照常完成，但请核对。",
        "- **提示**：知道就好。",
        "",
        "这一页由 `make docs` 从程序里的消息表生成，请不要手改。",
    ]
    for severity in Severity:
        lines += ["", f"## {severity.value}", "", "| 种类 | 报告里的名称 | 看到了什么 | 怎么改 |", "|---|---|---|---|"]
        lines += [
            f"| `{kind}` | {message.title} | {_cell(message.what)} | {_cell(message.fix)} |"
            for kind, message in sorted(MESSAGES.items())
            if message.severity is severity
        ]
    lines += [
        "",
        "## 整个工作簿用不了",
        "",
        "这样的工作簿整个放在一边，其余的照常完成；全都用不了时，运行停止，什么也不写。",
        "",
        "名称里写着“未回写”的，资料照常读取和评分，只是结果没有写进这个工作簿。",
        "",
        "| 种类 | 报告里的名称 | 看到了什么 | 怎么改 |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| `{kind}` | {title_of(kind)} | {_cell('；'.join(whats))} | {_cell(fix)} |"
        for kind, (whats, fix) in refusals().items()
    ]
    return "\n".join(lines) + "\n"


def refusals() -> dict[str, tuple[list[str], str]]:
    """Collect why a whole workbook is refused, from where it is raised: kind -> what is said, and the way out."""
    found: dict[str, tuple[list[str], str]] = {}
    for path in sorted((ROOT / "sheetcrm").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _RAISED:
                words = [_literal(argument) for argument in call.args]
                if words and re.fullmatch(r"[a-z]+(-[a-z]+)+", words[0]):
                    whats, _ = found.setdefault(words[0], ([], words[2] if len(words) > 2 else ""))  # noqa: PLR2004
                    if len(words) > 1 and words[1] not in whats:
                        whats.append(words[1])
    return dict(sorted(found.items()))


_RAISED = {"UnreadableWorkbookError", "UneditableWorkbookError", "_refuse"}


def _literal(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_literal(part) if isinstance(part, ast.Constant) else "…" for part in node.values)
    return "…"


def commands_page() -> str:
    """Show the help of every command."""
    lines = ["# 命令一览", "", "这一页由 `make docs` 从 `--help` 生成，请不要手改。"]
    context = click.Context(
        cli, info_name="sheetcrm", max_content_width=100, terminal_width=100, **cli.context_settings
    )
    lines += ["", "## sheetcrm", "", "```text", cli.get_help(context), "```"]
    for name in COMMANDS:
        command = cli.get_command(context, name)
        if command is not None:
            lines += _help(command, name, context, "##")
    return "\n".join(lines) + "\n"


def _help(command: click.Command, name: str, above: click.Context, mark: str) -> list[str]:
    """Show the help of a command, and of the commands below it."""
    context = click.Context(command, info_name=name, parent=above, max_content_width=100, terminal_width=100)
    lines = ["", f"{mark} {context.command_path}", "", "```text", command.get_help(context), "```"]
    if isinstance(command, click.Group):
        for below, entry in command.commands.items():
            lines += _help(entry, below, context, f"{mark}#")
    return lines


def compile_catalogue(text: str) -> bytes:
    """Compile a .po text to the bytes of a .mo (GNU gettext, "The Format of GNU MO Files")."""
    entries: dict[str, str] = {}
    for block in re.split(r"\n\s*\n", text):
        fields = {
            match[1]: ast.literal_eval(match[2])
            for match in re.finditer(r'^(msgid|msgid_plural|msgstr|msgstr\[0\]) (".*")$', block, re.MULTILINE)
        }
        if "msgid" in fields:
            key = fields["msgid"] + ("\0" + fields["msgid_plural"] if "msgid_plural" in fields else "")
            entries[key] = fields.get("msgstr") or fields["msgstr[0]"]
    pairs = [(key.encode(), entries[key].encode()) for key in sorted(entries)]
    header, table = 28, 8 * len(pairs)
    offset = header + 2 * table
    tables: list[bytes] = []
    texts = b""
    for column in (0, 1):
        for pair in pairs:
            tables.append(struct.pack("<II", len(pair[column]), offset + len(texts)))
            texts += pair[column] + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, len(pairs), header, header + table, 0, 0) + b"".join(tables) + texts


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    sys.exit(main())
