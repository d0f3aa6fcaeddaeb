"""The settings file of a team, `sheetcrm.toml`: found beside the workbooks or above them, read, and checked.

It says once what the options of the commands say each time, and no more than they can say.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import stat
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from sheetcrm.errors import UsageError
from sheetcrm.policy import loading
from sheetcrm.store.files import disk
from sheetcrm.text.printable import printable

SETTINGS_FILE = "sheetcrm.toml"
_MISNAMED = f"{SETTINGS_FILE}.txt"
_MOST_BYTES = 1 << 16
_PATHS = frozenset({"policy", "output", "templates", "mapping"})
_AT_LINE = re.compile(r"\(at line (\d+)")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_BACKSLASH = r"反斜杠 \ 在双引号里另有含义，路径请用英文单引号，例如 output = 'D:\结果'，或把 \ 写成 /"

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]


class _Settings(BaseModel):
    """What may stand in the file, by its keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    policy: _Text | None = None
    preset: _Text | None = None
    output: _Text | None = None
    templates: _Text | None = None
    mapping: _Text | None = None
    keep: tuple[_Text, ...] | None = None
    period_kind: _Text | None = None


KEYS: Sequence[str] = tuple(_Settings.model_fields)
"""The keys of the file, in the order in which they are shown."""
_FORM = f'请写成 policy = "策略.xlsx" 这样：一行一个，引号和等号用英文的，可用的设置是 {"、".join(KEYS)}'


@dataclass(frozen=True, slots=True)
class Settings:
    """What a settings file says: its values by key, paths made absolute, and the line each stands in."""

    file: Path | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)

    def place(self, key: str) -> str:
        """Return where a value stands: the file and the line."""
        line = self.lines.get(key)
        return f"{self.file} 第 {line} 行" if line else str(self.file)


class SettingsError(UsageError):
    """A settings file cannot be used; each line of `what` names the line at fault."""

    kind = "settings"
    of_lines = True


def read_nearest(paths: Iterable[Path]) -> Settings:
    """Read the settings file that belongs to some paths: the nearest one beside each or above it.

    Raises:
        SettingsError: If it does not hold together, or the paths have different ones.
    """
    files = list(dict.fromkeys(file for file in map(_nearest, paths) if file))
    if len(files) > 1:
        names = "、".join(f"“{file}”" for file in files)
        raise SettingsError(f"给出的路径各有各的设置文件：{names}", "请分开运行，或在它们上面的文件夹里只放一份")
    return read(files[0]) if files else Settings()


def read(file: Path) -> Settings:
    """Read a settings file; its relative paths are those from its own folder.

    Raises:
        SettingsError: If it cannot be read or does not hold together; every line at fault is named.
    """
    text = _text(file)
    raw = _parsed(text, file)
    lines = {key: line for key in raw if (line := _line_of(text, key))}
    try:
        stated = _Settings.model_validate(raw).model_dump(exclude_none=True)
    except ValidationError as error:
        raise _refusal(file, [(str(entry["loc"][0]), _words(entry)) for entry in error.errors()], lines) from error
    faults = [(key, f"读出了看不见的字符。{_BACKSLASH}") for key in stated if _is_garbled(key, stated[key])]
    if "policy" in stated and "preset" in stated:
        faults.append(("preset", "policy 和 preset 只能写一个，请删去一行"))
    if faults:
        raise _refusal(file, faults, lines)
    return Settings(file, {key: _resolved(file, key, value) for key, value in stated.items()}, lines)


def change(file: Path, values: Mapping[str, str | Sequence[str]]) -> None:
    """Write or change single keys of a settings file, made if it is missing; its other lines stay as they are.

    Args:
        file: The file.
        values: The values by key; a blank one removes the key.

    Raises:
        SettingsError: If the file cannot be read or does not hold together, before or after. It is left as it was.
        StoreError: If it cannot be written.
    """
    before = _text(file) if os.path.lexists(file) else ""
    stated = read(file).lines if before else {}
    lines: list[str | None] = [*before.splitlines()]
    end = "\r\n" if "\r\n" in before else "\n"
    for key, value in values.items():
        _set_line(lines, stated.get(key), key, value)
    text = "".join(f"{line}{end}" for line in lines if line is not None)
    if {key: value for key, value in _parsed(text, file).items() if key in values} != {
        key: value if isinstance(value, str) else list(value) for key, value in values.items() if value
    }:
        raise SettingsError(f"设置文件“{file}”里的 {'、'.join(values)} 写法特别，没有改动", "请用记事本打开它来改")
    staged = file.with_name(f".{SETTINGS_FILE}.new")
    with disk.translate_errors(file):
        disk.make_directory(file.parent)
        staged.unlink(missing_ok=True)
        disk.write_new(staged, text.encode(), like=file if file.exists() else None)
        try:
            read(staged)
            disk.move(staged, file)
        except BaseException:
            disk.discard(staged)
            raise


def _set_line(lines: list[str | None], number: int | None, key: str, value: str | Sequence[str]) -> None:
    """Put a key on its line, or on a new one above the first table; a blank value takes its line away."""
    new = f"{key} = {_quoted(value)}" if value else None
    if number:
        lines[number - 1] = new
    elif new:
        lines.append(new)


def _quoted(value: str | Sequence[str]) -> str:
    """Write a text of a settings file: in the quotes in which a backslash is one."""
    if not isinstance(value, str):
        return f"[{', '.join(map(_quoted, value))}]"
    if "'" not in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _nearest(path: Path) -> Path | None:
    """Find the settings file of a path: in its folder, or the first above it up to the home folder or the root."""
    for folder in _upwards(path if path.is_dir() else path.parent):
        file = folder / SETTINGS_FILE
        if os.path.lexists(file):
            _refuse_planted(file)
            return file
        misnamed = folder / _MISNAMED
        if os.path.lexists(misnamed):
            raise SettingsError(f"“{misnamed}”的名字多了 .txt，不会被读到", f"请改名为 {SETTINGS_FILE}，或移走它")
    return None


def _upwards(folder: Path) -> Iterator[Path]:
    start = Path(os.path.abspath(folder))  # noqa: PTH100  (`..` goes, links stay: people see the path they wrote)
    home = _home()
    for above in (start, *start.parents):
        yield above
        if above == home:
            return


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:  # nobody can say where it is
        return None


def _refuse_planted(file: Path) -> None:
    """Refuse a file that somebody else left in a folder open to everybody, such as /tmp."""
    if sys.platform == "win32":
        return
    mode = file.parent.stat().st_mode
    if mode & stat.S_ISVTX and mode & stat.S_IWOTH and file.lstat().st_uid != os.geteuid():
        what = f"“{file}”放在谁都能写的文件夹里，又是别人的文件，不采用"
        raise SettingsError(what, "请把工作簿和设置文件移到自己的文件夹")


def _text(file: Path) -> str:
    try:
        data = disk.read_regular(file)
    except OSError as error:
        what, fix = disk.reason(error)
        raise SettingsError(f"读不了设置文件“{file}”：{what}", fix) from error
    if len(data) > _MOST_BYTES:
        raise SettingsError(f"设置文件“{file}”有 {len(data)} 字节，太大了", "请只留下设置，或把这个文件移走")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        what = f"设置文件“{file}”第 {line} 行不是 UTF-8 文字，{_encoding(data)}"
        raise SettingsError(what, "请用记事本打开，“另存为”时编码选 UTF-8") from error


def _encoding(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "是 UTF-16（记事本的“Unicode”）"
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return "也不是 GBK"
    return "像是 GBK（记事本的“ANSI”）"


def _parsed(text: str, file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:  # TOMLDecodeError is one, and so is a number of thousands of digits
        match = _AT_LINE.search(str(error))
        written = text.splitlines()
        line = int(match[1]) if match else max(len(written), 1)
        content = written[line - 1].strip() if line <= len(written) else ""
        why, fix = "不是合法的 TOML", _BACKSLASH if "\\" in content else _FORM
        if "overwrite" in str(error):
            why, fix = "同一个设置写了两次", "请删去其中一行"
        what = printable(f"第 {line} 行：{why}，这一行是“{content}”")
        raise SettingsError(f"设置文件“{file}”{what}", fix) from error


def _line_of(text: str, key: str) -> int:
    """Find the line a key stands in, 0 if it is written in an unusual way."""
    match = re.search(rf"^[ \t]*(?:\[+[ \t]*)?[\"']?{re.escape(key)}[\"']?[ \t]*[=.\]]", text, re.MULTILINE)
    return text.count("\n", 0, match.start()) + 1 if match else 0


def _words(entry: Any) -> str:  # noqa: ANN401  (pydantic's ErrorDetails, whose ctx is free-form)
    key = str(entry["loc"][0])
    if entry["type"] != "extra_forbidden":
        return loading.say_fault(entry)
    near = difflib.get_close_matches(key.lower(), KEYS, 1)
    return f"没有这个设置，最接近的是 {near[0]}" if near else f"没有这个设置，可用的是 {'、'.join(KEYS)}"


def _is_garbled(key: str, value: object) -> bool:
    return key in _PATHS and bool(_CONTROL.search(str(value)))


def _resolved(file: Path, key: str, value: Any) -> Any:  # noqa: ANN401  (a text, or a list of them)
    return str(file.parent / value) if key in _PATHS else value


def _refusal(file: Path, faults: Iterable[tuple[str, str]], lines: Mapping[str, int]) -> SettingsError:
    """Build a refusal: every fault on a line of its own, in the order of the file."""
    ordered = sorted(faults, key=lambda fault: lines.get(fault[0], 0))
    listed = [f"  第 {lines[key]} 行 {key}：{what}" if key in lines else f"  {key}：{what}" for key, what in ordered]
    what = f"设置文件“{file}”有 {len(listed)} 处不对：\n" + "\n".join(map(printable, listed))
    return SettingsError(what, "\n请改正后重试")
