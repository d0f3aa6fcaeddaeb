"""`sheetcrm restore`: the copies kept before a workbook was changed, and the way back to one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import click

from sheetcrm.cli import console, options, terminal
from sheetcrm.cli.backup import checked_values, identity_option, passphrase_option, read_keys
from sheetcrm.errors import UsageError
from sheetcrm.runs import restoring
from sheetcrm.store.archive.age import Keys
from sheetcrm.store.files.backups import Backup

UNCONFIRMED = 3


@click.command("restore")
@options.optional_paths_argument
@click.option("--number", type=click.IntRange(min=1, max=1_000_000), metavar="编号", help="恢复这个编号的备份。")
@click.option("--latest", is_flag=True, help="恢复最新的一份备份。")
@click.option(
    "--from", "archive", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="备份",
    help="恢复 sheetcrm backup 做的整份备份，放进 --into 的文件夹。",
)  # fmt: skip
@click.option(
    "--into", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹", help="空的或还没有的文件夹。"
)
@options.record_option
@passphrase_option
@identity_option
@options.json_option
def command(
    paths: tuple[Path, ...],
    number: int | None,
    archive: Path | None,
    into: Path | None,
    output: Path,
    passphrase_file: Path | None,
    identity_file: Path | None,
    *,
    latest: bool,
    as_json: bool,
) -> int:
    """列出工作簿（或文件夹里全部工作簿）改动前的备份；加 --number 或 --latest 恢复其中一份。

    恢复之前会把现在的内容也备份，所以可以再恢复回来。一次只恢复一个工作簿。
    用 --from 恢复 sheetcrm backup 做的整份备份：逐个文件核对后，全部放进 --into 的文件夹，原处的文件不动。
    """
    if archive or into:
        keys = read_keys(identity_file, passphrase_file) if archive else None
        return _restore_all(archive, into, keys, output, as_json=as_json)
    if not paths:
        raise UsageError("没有说要恢复哪个工作簿", "请写工作簿或它所在的文件夹；恢复整份备份用 --from 和 --into")
    if number is not None and latest:
        raise UsageError("--number 和 --latest 只能用一个", "请去掉其中一个")
    kept_backups = restoring.backups_of(paths)
    if number is None and not latest:
        _show(kept_backups, as_json=as_json)
        return 0
    chosen = _chosen(kept_backups, number)
    kept, unconfirmed = restoring.restore(chosen)
    _record(output, f"第 {chosen.number} 份备份", chosen.path, chosen.original)
    if unconfirmed:
        terminal.echo(unconfirmed, err=True)
    code = UNCONFIRMED if unconfirmed else 0
    if as_json:
        console.print_json(_values(chosen) | {"kept": str(kept.path) if kept else None}, answer="restored")
        return code
    terminal.echo(f"已恢复“{chosen.original}”（第 {chosen.number} 份备份）")
    if kept:
        terminal.echo(f"恢复前的内容是第 {kept.number} 份备份：{kept.path}")
    return code


def _record(output: Path, what: str, source: Path, target: Path) -> None:
    unrecorded = restoring.put_on_record(output, what, source, target)
    if unrecorded:
        terminal.echo(unrecorded, err=True)


def _restore_all(archive: Path | None, into: Path | None, keys: Keys | None, output: Path, *, as_json: bool) -> int:
    """Restore a whole backup into a folder of its own."""
    from sheetcrm.runs import backup  # noqa: PLC0415  (start-up time)

    if archive is None or into is None or keys is None:
        raise UsageError("恢复整份备份要写 --from 和 --into", "例如 sheetcrm restore --from 备份.age --into 恢复")
    bundle = backup.restore(archive, keys, into)
    _record(output, f"整份备份，{len(bundle.files)} 个文件", archive, into)
    if as_json:
        console.print_json(checked_values(archive, bundle, into=into), answer="restored-backup")
        return 0
    sealed_at = bundle.facts.get("made", "？")
    terminal.echo(f"已恢复到 {into}：{len(bundle.files)} 个文件，逐个核对过（备份做于 {sealed_at}）")
    return 0


def _chosen(kept_backups: Sequence[Backup], number: int | None) -> Backup:
    originals = sorted({backup.original for backup in kept_backups})
    if len(originals) > 1:
        names = "、".join(str(path) for path in originals)
        raise UsageError(f"这里有 {len(originals)} 个工作簿的备份：{names}", "请指明要恢复哪一个工作簿")
    chosen = (
        kept_backups[-1] if number is None else next((entry for entry in kept_backups if entry.number == number), None)
    )
    if chosen is None:
        raise UsageError(f"“{originals[0]}”没有第 {number} 份备份", "编号见 sheetcrm restore 列出的清单")
    return chosen


def _show(kept_backups: Sequence[Backup], *, as_json: bool) -> None:
    if as_json:
        console.print_json({"backups": [_values(backup) for backup in kept_backups]})
        return
    for original, kept in groupby(kept_backups, key=lambda backup: backup.original):
        terminal.echo(f"{original}：")
        rows = [
            (
                f"第 {backup.number} 份",
                f"{backup.changed_at.astimezone():%Y-%m-%d %H:%M}",
                f"{backup.size} 字节",
                str(backup.path),
            )
            for backup in kept
        ]
        console.print_rows([("编号", "内容改于", "大小", "位置"), *rows])


def _values(backup: Backup) -> dict[str, object]:
    return {
        "file": str(backup.original),
        "number": backup.number,
        "changed_at": backup.changed_at.isoformat(timespec="seconds"),
        "bytes": backup.size,
        "path": str(backup.path),
    }
