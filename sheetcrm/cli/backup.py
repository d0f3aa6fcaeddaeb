"""`sheetcrm backup`: books, policy and history in one encrypted file, read back and compared."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from sheetcrm.cli import console, options, origins, terminal
from sheetcrm.errors import UsageError
from sheetcrm.store.archive import age
from sheetcrm.store.archive.age import Keys, Locks
from sheetcrm.store.archive.bundle import Bundle
from sheetcrm.store.files import disk
from sheetcrm.store.history.recorded import PERSON

passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="文件",
    help="从文件的第一行读口令；不写就在屏幕上问（不显示）。口令从不写在命令行上。",
)
identity_option = click.option(
    "--identity",
    "identity_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="文件",
    help="打开备份的密钥文件（--new-key 生成的，AGE-SECRET-KEY 开头）。",
)


@click.command("backup")
@options.optional_paths_argument
@options.output_option
@click.option(
    "--to", "target", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹",
    help="备份放在哪里，最好是另一块磁盘；不写就放在输出文件夹的 backup 里。",
)  # fmt: skip
@click.option("--recipient", "recipients", multiple=True, metavar="公钥", help="给谁打开（age1 开头），最好两位。")
@passphrase_option
@identity_option
@click.option(
    "--keep", type=click.IntRange(min=1, max=1000), default=12, show_default=True, metavar="份数", help="留几份。"
)
@click.option("--verify", "checked", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="备份",
              help="核对一份备份：打开，逐个文件比对。")  # fmt: skip
@click.option("--new-key", type=click.Path(dir_okay=False, path_type=Path), metavar="文件",
              help="生成一对密钥：密钥写进这个文件（请另外保管），公钥显示出来。")  # fmt: skip
@options.policy_file_option
@options.templates_folder_option
@options.json_option
def command(
    paths: tuple[Path, ...],
    output: Path,
    target: Path | None,
    recipients: tuple[str, ...],
    passphrase_file: Path | None,
    identity_file: Path | None,
    keep: int,
    checked: Path | None,
    new_key: Path | None,
    policy_file: Path | None,
    templates_folder: Path | None,
    *,
    as_json: bool,
) -> int:
    """把工作簿、策略、模板和输出文件夹（含历史）备份成一个加密的文件，当场恢复一遍、逐个比对，一样才算数。

    用口令（问两遍，或 --passphrase-file），或用公钥（--recipient，可写多位，任何一位都能打开）。
    口令和密钥丢了就打不开：请用两位收件人，密钥分两处保管。恢复：sheetcrm restore --from 备份 --into 文件夹。
    """
    from sheetcrm.runs import backup  # noqa: PLC0415  (start-up time)
    from sheetcrm.store.files.inputs import gather  # noqa: PLC0415  (as above)

    if new_key:
        return _make_key(new_key, as_json=as_json)
    if checked:
        bundle = backup.verify(checked, read_keys(identity_file, passphrase_file))
        return _show(checked_values(checked, bundle), as_json=as_json, answer="backup-verify")
    if not paths:
        raise UsageError("没有说要备份哪些工作簿", "请写工作簿或它们所在的文件夹，例如 sheetcrm backup input -o output")
    locks = _locks(recipients, passphrase_file)
    sources = backup.Sources(
        gather(paths, output=output),
        output,
        settings=origins.settings_of(click.get_current_context()).file,
        policy=policy_file,
        templates=templates_folder,
    )
    person = os.environ.get(PERSON, "")
    written = backup.make(sources, target or output / backup.FOLDER, locks, keep=keep, person=person)
    values = {"file": str(written.path), "files": written.files, "bytes": written.size, "sha256": written.sha256}
    return _show(values | {"discarded": [str(path) for path in written.discarded]}, as_json=as_json)


def read_keys(identity_file: Path | None, passphrase_file: Path | None) -> Keys:
    """Return what opens a backup: identities of a file, or a passphrase, asked for where no file has it."""
    if identity_file:
        identities = age.read_identities(identity_file.read_text(encoding="utf-8", errors="replace"))
        if not identities:
            raise UsageError(f"“{identity_file}”里没有密钥", "密钥是以 AGE-SECRET-KEY 开头的一行")
        return Keys(identities)
    return Keys(passphrase=_first_line(passphrase_file) if passphrase_file else ask_passphrase(twice=False))


def ask_passphrase(*, twice: bool) -> str:
    """Ask for a passphrase on the terminal, without showing it.

    Raises:
        UsageError: If there is no terminal to ask on.
    """
    if not sys.stdin.isatty():
        raise UsageError("这里不能问口令", "请用 --passphrase-file 给出写有口令的文件，或改用公钥")
    return str(click.prompt("口令", hide_input=True, confirmation_prompt="再输一遍" if twice else False, err=True))


def _locks(recipients: tuple[str, ...], passphrase_file: Path | None) -> Locks:
    if recipients and passphrase_file:
        raise UsageError("--recipient 和 --passphrase-file 只能用一种", "请去掉其中一种")
    if recipients:
        age.check_recipients(recipients)
        if len(set(recipients)) == 1:
            terminal.echo("只有一位收件人：他的密钥丢了，备份就打不开。建议再加一位 --recipient", err=True)
        return Locks(tuple(dict.fromkeys(recipients)))
    passphrase = _first_line(passphrase_file) if passphrase_file else ask_passphrase(twice=True)
    age.check_passphrase(passphrase)
    terminal.echo(f"口令 {len(passphrase)} 个字符。丢了口令就打不开，请另外保管", err=True)
    return Locks(passphrase=passphrase)


def _first_line(path: Path) -> str:
    lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    if not lines or not lines[0]:
        raise UsageError(f"“{path}”的第一行是空的", "请把口令写在第一行")
    return lines[0]


def _make_key(path: Path, *, as_json: bool) -> int:
    if path.exists():
        raise UsageError(f"“{path}”已经有了", "请换一个文件名；密钥不会被覆盖")
    identity, recipient = age.new_identity()
    with disk.translate_errors(path):
        disk.write_new(path, f"# 公钥：{recipient}\n{identity}\n".encode(), private=True)
    if as_json:
        console.print_json({"file": str(path), "recipient": recipient}, answer="backup-key")
    else:
        terminal.echo(f"公钥（写在 --recipient 后面）：{recipient}")
    terminal.echo(f"密钥在 {path}：请移到别处保管（例如U盘），不要和备份放在一起", err=True)
    return 0


def checked_values(path: Path, bundle: Bundle, *, into: Path | None = None) -> dict[str, object]:
    """Return what is known of a backup that was opened and compared, as plain values."""
    facts = {key: bundle.facts.get(key, "") for key in ("made", "by", "host")}
    values: dict[str, object] = {"file": str(path), "files": len(bundle.files), "into": str(into) if into else None}
    return values | facts | {"program": bundle.facts.get("version", "")}


def _show(values: dict[str, object], *, as_json: bool, answer: str = "") -> int:
    if as_json:
        console.print_json(values, answer=answer)
        return 0
    since = f"，做于 {values['made']}" if "made" in values else ""
    terminal.echo(f"{values['file']}：{values['files']} 个文件，已打开并逐个比对，全部一样{since}")
    discarded = values.get("discarded")
    for path in discarded if isinstance(discarded, list) else ():
        terminal.echo(f"  删去了更早的 {path}")
    return 0
