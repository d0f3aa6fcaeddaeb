"""What a run needs of the machine and the folder it is started in, looked at one by one; nothing of it is changed."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sheetcrm import __version__
from sheetcrm.errors import SheetcrmError
from sheetcrm.report.pages.template_files import files_of, shipped_templates
from sheetcrm.report.press import libraries, pdf
from sheetcrm.runs import backup
from sheetcrm.store.files import backups, disk, open_files
from sheetcrm.store.files.settings import read_nearest
from sheetcrm.store.history import ledger
from sheetcrm.store.history.ledger import LEDGER_FILE
from sheetcrm.workdays import Calendar

_SAMPLE = "客户分级服务报告，评估日：２０２６年；臺灣繁體龍頭企業「」《》①②％￥→↑↓—…"
"""Characters of every kind that the reports print: simplified and traditional, full width, signs."""
_NAMED = 5
_LEAST_FREE = 500 << 20
_MEGABYTE = 1 << 20


@dataclass(frozen=True, slots=True)
class Place:
    """Where a run would be started: its paths, its output folder, and the day."""

    paths: tuple[Path, ...]
    output: Path
    today: date


@dataclass(frozen=True, slots=True)
class CheckedPart:
    """What a check found; `fix` is the way out where it is not well."""

    name: str
    well: bool
    what: str
    fix: str = ""


def examine(place: Place) -> Iterator[CheckedPart]:
    """Yield the findings of all checks, in the order of the table; a check that has nothing to say is left out."""
    for name, check in CHECKS.items():
        try:
            answer = check(place)
        except SheetcrmError as error:
            answer = (False, error.what, error.fix)
        except OSError as error:
            what, fix = disk.reason(error)
            answer = (False, what, fix)
        if answer is not None:
            yield CheckedPart(name, *answer)


_Answer = tuple[bool, str, str] | None


def _check_version(_place: Place) -> _Answer:
    where = Path(__file__).resolve().parents[2]
    return True, f"sheetcrm {__version__}，装在 {where}", ""


def _check_python(_place: Place) -> _Answer:
    version = f"Python {platform.python_version()}（{platform.system()} {platform.machine()}），{sys.executable}"
    bits = sys.maxsize > 1 << 32
    return bits, version if bits else f"{version}：32 位，内存不够用", "" if bits else "请安装 64 位的 Python"


def _check_packages(_place: Place) -> _Answer:
    """Look whether everything the program is declared to need is installed; from a checkout nothing is declared."""
    try:
        declared = importlib.metadata.requires("sheetcrm") or []
    except importlib.metadata.PackageNotFoundError:
        return None
    names = [_NAME.split(line, maxsplit=1)[0] for line in declared if "extra ==" not in line]
    missing = []
    for name in names:
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        return False, f"缺少 {'、'.join(missing)}", f"请执行 {sys.executable} -m pip install {' '.join(missing)}"
    return True, f"{len(names)} 个程序库都装好了", ""


_NAME = re.compile(r"[^A-Za-z0-9._-]")


def _check_libraries(_place: Place) -> _Answer:
    missing = libraries.missing()
    if missing:
        return False, f"缺少排版库 {'、'.join(missing)}，做不了 PDF", pdf.advise_on_libraries()
    folder = libraries.find_folder()
    return True, f"{'、'.join(libraries.LIBRARIES)} 都能载入" + (f"（{folder}）" if folder else ""), ""


def _check_fonts(_place: Place) -> _Answer:
    if libraries.missing():
        return None  # said above
    pdf.check_engine()
    letters = pdf.missing_glyphs(_SAMPLE)
    if letters:
        return False, f"这些字没有字体能印出：{' '.join(letters)}", pdf.advise_on_fonts()
    return True, "中文字体够用（简体、繁体、符号）", ""


def _check_output(place: Place) -> _Answer:
    folder = _nearest(place.output)
    with tempfile.TemporaryFile(dir=folder):
        pass
    new = "" if folder == place.output else "（还没有，会新建）"
    return True, f"结果文件夹“{place.output}”可以写{new}", ""


def _check_disk(place: Place) -> _Answer:
    free = shutil.disk_usage(_nearest(place.output)).free
    what = f"结果文件夹所在的磁盘还有 {free // _MEGABYTE:,} MB"
    return free >= _LEAST_FREE, what, "" if free >= _LEAST_FREE else f"请腾出 {_LEAST_FREE // _MEGABYTE} MB 以上的空间"


def _check_open(place: Place) -> _Answer:
    names = sorted({str(one) for folder in _folders(place) for one in open_files.list_open(folder)})
    if not names:
        return True, "没有工作簿正被打开", ""
    listed = "、".join(names[:_NAMED]) + ("……" if len(names) > _NAMED else "")
    return (
        False,
        f"正被别的程序打开：{listed}",
        "请先存盘并关闭；其实没有人打开时，请删去 ~$ 开头的同名文件",
    )


def _check_history(place: Place) -> _Answer:
    if not (place.output / LEDGER_FILE).exists():
        lost = ledger.unrecorded(place.output, ()) if place.output.is_dir() else {}
        return (False, f"有 {'、'.join(lost)} 的结果，却没有历史", f"请放回 {LEDGER_FILE} 的备份") if lost else None
    with ledger.read(place.output) as history:
        faults = history.verify()
        if faults:
            return False, f"历史有 {len(faults)} 处被改动过", f"请放回完好的 {LEDGER_FILE} 备份"
        runs = history.runs()
    lost = ledger.unrecorded(place.output, runs)
    if lost:
        return False, f"{'、'.join(lost)} 的结果不在历史里", "请放回完好的备份，或重新运行这一期"
    return True, f"历史完好：{len(runs)} 次运行", ""


def _check_holidays(place: Place) -> _Answer:
    year = place.today.year
    this, following = (Calendar().is_estimated(date(one, 1, 1)) for one in (year, year + 1))
    if this:
        fix = "请执行 pip install --upgrade chinesecalendar，或在“节假日”表里写明放假和调休"
        return False, f"{year} 年的放假安排还没有，只能估计（标“预计”）", fix
    later = f"；{year + 1} 年的还没有，会标“预计”" if following else f"，{year + 1} 年的也有"
    return True, f"{year} 年的放假和调休都有{later}", ""


def _check_backups(place: Place) -> _Answer:
    copies = [copy for folder in _folders(place) for copy in backups.list_backups(folder)]
    if not copies:
        return None
    latest = max(copy.path.stat().st_ctime for copy in copies)  # the time of last change is that of the content
    days = (place.today - datetime.fromtimestamp(latest, UTC).astimezone().date()).days
    return True, f"有 {len(copies)} 份备份，最新的是 {max(days, 0)} 天前的", ""


def _check_whole_backup(place: Place) -> _Answer:
    if not (place.output / LEDGER_FILE).exists():
        return None
    with ledger.read(place.output) as history:
        age = backup.age_of_last(history, place.today)
    return (not age.overdue, age.what, age.fix if age.overdue else "") if age else None


def _check_templates(_place: Place) -> _Answer:
    folder = shipped_templates()
    return True, f"报告模板 {len(files_of(folder))} 个，在 {folder}", ""


def _check_settings(place: Place) -> _Answer:
    file = read_nearest(place.paths or (Path(),)).file
    return True, f"用的是 {file}" if file else "没有 sheetcrm.toml，都按默认", ""


def _folders(place: Place) -> set[Path]:
    """Return the folders that are asked about and are there: those of the paths, and the output folder."""
    folders = {path if path.is_dir() else path.parent for path in place.paths} | {place.output}
    return {folder for folder in folders if folder.is_dir()}


def _nearest(folder: Path) -> Path:
    """Return the folder, or the first above it that is there."""
    absolute = Path(os.path.abspath(folder))  # noqa: PTH100  (links stay: people see the path they wrote)
    return next((one for one in (absolute, *absolute.parents) if one.is_dir()), absolute)


CHECKS: Mapping[str, Callable[[Place], _Answer]] = {
    "程序": _check_version,
    "Python": _check_python,
    "程序库": _check_packages,
    "排版库": _check_libraries,
    "字体": _check_fonts,
    "报告模板": _check_templates,
    "设置文件": _check_settings,
    "结果文件夹": _check_output,
    "磁盘": _check_disk,
    "打开的文件": _check_open,
    "历史": _check_history,
    "备份": _check_backups,
    "整份备份": _check_whole_backup,
    "节假日": _check_holidays,
}
"""The checks by what they look at, in the order in which they are told."""
