"""`sheetcrm restore`: the copies kept before a workbook was changed, and the way back to one."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby
from pathlib import Path

import click

from sheetcrm.cli import console, options, terminal
from sheetcrm.errors import UsageError
from sheetcrm.store.files import backups, staging
from sheetcrm.store.files.backups import Backup
from sheetcrm.store.files.staging import UnconfirmedError

UNCONFIRMED = 3


@click.command("restore")
@options.paths_argument
@click.option("--number", type=click.IntRange(min=1, max=1_000_000), metavar="编号", help="恢复这个编号的备份。")
@click.option("--latest", is_flag=True, help="恢复最新的一份备份。")
@options.json_option
def command(paths: tuple[Path, ...], number: int | None, *, latest: bool, as_json: bool) -> int:
    """列出工作簿（或文件夹里全部工作簿）改动前的备份；加 --number 或 --latest 恢复其中一份。

    恢复之前会把现在的内容也备份，所以可以再恢复回来。一次只恢复一个工作簿。
    """
    if number is not None and latest:
        raise UsageError("--number 和 --latest 只能用一个", "请去掉其中一个")
    kept_backups = _backups_of(paths)
    if number is None and not latest:
        _show(kept_backups, as_json=as_json)
        return 0
    chosen = _chosen(kept_backups, number)
    with ExitStack() as claims:
        for folder in _folders(chosen):
            claims.enter_context(staging.claim(folder))
        try:
            kept, unconfirmed = staging.restore(chosen), ""
        except UnconfirmedError as error:
            kept, unconfirmed = next(iter(error.backups), None), str(error)
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


def _backups_of(paths: Sequence[Path]) -> tuple[Backup, ...]:
    by_path = {
        backup.path.resolve(): backup
        for path in paths
        for place in (path, *_linked(path))
        for root in _roots(place)
        for backup in backups.list_backups(root)
        if backup.original == place or place in backup.original.parents
    }
    if not by_path:
        raise UsageError(
            f"{'、'.join(f'“{path}”' for path in paths)}没有备份", "请核对路径；只有改写过的工作簿才有备份"
        )
    return tuple(sorted(by_path.values(), key=lambda backup: (backup.original, backup.number)))


def _linked(path: Path) -> Iterator[Path]:
    """Follow a link, and the links in a folder, to the workbooks themselves: their backups lie beside those."""
    links = (entry for entry in sorted(path.rglob("*")) if entry.is_symlink()) if path.is_dir() else (path,)
    for link in links:
        real = Path(os.path.realpath(link))
        if real != link and not real.is_dir():
            yield real


def _roots(path: Path) -> Iterator[Path]:
    """Find the folders whose backups may be those of a path: its own, and above it an output folder."""
    folder = path if path.is_dir() else path.parent
    yield folder
    for above in folder.parents:
        if (above / backups.FOLDER / folder.relative_to(above)).is_dir():
            yield above


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


def _folders(chosen: Backup) -> list[Path]:
    """Find the folders to hold: the workbook's, and the one the backups belong to (an output folder, held by runs)."""
    kept = next(path for path in chosen.path.resolve().parents if path.name == backups.FOLDER)
    return sorted({kept.parent, chosen.original.resolve().parent})


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
