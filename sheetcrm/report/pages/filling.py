"""Fills pages: with the templates that ship in this process, with a team's own in a child that is watched.

A template may loop without end, or ask for a text of a gigabyte in one expression: what bounds it is the
clock and the memory of a process of its own, not the sandbox of the language.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sheetcrm.errors import EngineError, UsageError
from sheetcrm.privacy import NUMBERS_ALONE, Gate
from sheetcrm.processes.children import Budget, Child, ChildError, OutOfMemoryError, OutOfTimeError
from sheetcrm.report.pages.template_files import (
    MOST_BYTES,
    SCREEN_STYLES,
    STYLES,
    files_of,
    links_out_of,
    shipped_templates,
)
from sheetcrm.report.pages.templates import COMPARE, Templates

BUDGET = Budget(memory=640 << 20, seconds=20.0)
"""What one page may cost: a volume of a thousand rows takes a tenth of a second."""
_LISTED = 5


class Pages(Protocol):
    """What fills pages."""

    def fill(self, template: str, page: object = None) -> str:
        """Make the HTML of a page, or raise an EngineError."""


@contextlib.contextmanager
def opened(folders: Sequence[Path], gate: Gate = NUMBERS_ALONE) -> Iterator[Pages]:
    """Fill pages with the templates of these folders, before those that ship; all texts pass the gate."""
    if not folders:
        yield Templates(gate=gate)
        return
    with _watched(folders, gate) as pages:
        yield pages


def check(folders: Sequence[Path]) -> None:
    """Make sure that a team's own folders can be used, as far as that shows before there is a page to fill.

    Raises:
        UsageError: If a folder is not there, a file of it lies elsewhere or stands for none of the templates.
        EngineError: If a template is not well-formed; the message has its file and line.
    """
    for folder in folders:
        files = _usable_files(folder)
        with _watched([folder]) as pages:
            for name in sorted(files):
                pages.compile(name)


def styles(folders: Sequence[Path]) -> Mapping[str, str]:
    """Return a team's own style sheets for print, as they go into a page, by path.

    One that asks for `page` is left out.
    """
    sheets = {}
    for folder in folders:
        names = [
            (name, path)
            for name, path in sorted(files_of(folder).items())
            if path.suffix == STYLES and name not in SCREEN_STYLES
        ]
        if names:
            with _watched([folder]) as pages:
                for name, path in names:
                    with contextlib.suppress(EngineError):
                        sheets[str(path)] = pages.fill(name)
    return sheets


@dataclass(frozen=True, slots=True)
class _Fault:
    """An EngineError on its way between two processes."""

    what: str
    fix: str


class _WatchedTemplates:
    """Templates in a process of their own; it is started again after one that had to be ended."""

    def __init__(self, folders: Sequence[Path], gate: Gate) -> None:
        self._folders, self._gate = tuple(folders), gate
        self._places = Templates(folders)
        self._child: Child | None = None

    def fill(self, template: str, page: object = None) -> str:
        """Make the HTML of a page.

        Raises:
            EngineError: If the template cannot be filled, or not within the budget.
        """
        return str(self._ask(template, page, compiling=False))

    def compile(self, template: str) -> None:
        """Make sure that a template can be read and is well-formed.

        Raises:
            EngineError: If it is not.
        """
        self._ask(template, None, compiling=True)

    def end(self) -> None:
        """End the process."""
        if self._child:
            self._child.end()
        self._child = None

    def _ask(self, template: str, page: object, *, compiling: bool) -> object:
        if self._child is None:
            self._child = Child(functools.partial(_fill, self._folders, self._gate), memory=BUDGET.memory)
        try:
            answer = self._child.ask(template, page, compiling, budget=BUDGET)
        except ChildError as error:
            self.end()
            raise EngineError(f"模板 {self._places.place(template)}用不了：{_why(error)}", COMPARE) from None
        if isinstance(answer, _Fault):
            raise EngineError(answer.what, answer.fix)
        return answer


@contextlib.contextmanager
def _watched(folders: Sequence[Path], gate: Gate = NUMBERS_ALONE) -> Iterator[_WatchedTemplates]:
    pages = _WatchedTemplates(folders, gate)
    try:
        yield pages
    finally:
        pages.end()


def _why(error: ChildError) -> str:
    if isinstance(error, OutOfTimeError):
        return f"{BUDGET.seconds:g} 秒还没有填完，已停止；可能有没有尽头的循环"
    if isinstance(error, OutOfMemoryError):
        return f"要占用超过 {BUDGET.memory >> 20} MB 内存，已停止；可能有没有尽头的循环"
    return "填写时意外中止；可能有没有尽头的循环，或一次要了太多文字"


def _fill(folders: tuple[Path, ...], gate: Gate, template: str, page: object, compiling: bool) -> object:  # noqa: FBT001
    """Be the child."""
    try:
        if not compiling:
            return _templates(folders, gate).fill(template, page)
        _templates(folders, gate).compile(template)
    except EngineError as error:
        return _Fault(error.what, error.fix)
    return None


@functools.cache
def _templates(folders: tuple[Path, ...], gate: Gate) -> Templates:
    return Templates(folders, gate)


def _usable_files(folder: Path) -> Mapping[str, Path]:
    """List the files of a folder, each of which has its use."""
    if not folder.is_dir():
        raise UsageError(f"没有模板文件夹“{folder}”", "请核对 --templates 后面的路径")
    if links := links_out_of(folder):
        listed = "、".join(sorted(links)[:_LISTED])
        raise UsageError(f"“{folder}”里的 {listed} 是指到文件夹以外的链接，不读", "请把文件本身复制进来")
    files, shipped = files_of(folder), files_of(shipped_templates())
    if not files.keys() & shipped.keys():
        names = "、".join(sorted(shipped))
        raise UsageError(f"“{folder}”里没有一个文件和随程序提供的模板同名", f"可以换的有：{names}")
    texts = {name: _read(path) for name, path in files.items()}
    idle = [name for name in files.keys() - shipped.keys() if not any(name in text for text in texts.values())]
    if idle:
        listed = "、".join(sorted(idle)[:_LISTED])
        raise UsageError(f"“{folder}”里的 {listed} 不换任何模板，也没有模板引用它", "请改对文件名，或移到别处")
    return files


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"模板 {path} 超过 {MOST_BYTES >> 20} MB", "请缩小其中的图片，或拿掉不用的内容")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"模板 {path} 不是 UTF-8 文本", "请用记事本打开，另存为 UTF-8 编码") from error
    except OSError as error:
        raise UsageError(f"读不了模板 {path}（{error.strerror}）", "请确认文件没有被别的程序独占") from error
