"""Prints HTML as PDF bytes. The engine is loaded only when a page is made, and reads nothing but the page.

WeasyPrint needs Pango and a Chinese font on the machine; `check_engine` says what to install. The same
HTML gives the same bytes: the dates in a PDF are those its HTML states.
"""

from __future__ import annotations

import contextlib
import html as markup
import io
import logging
import os
import platform
import re
import threading
import unicodedata
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

from sheetcrm.errors import EngineError
from sheetcrm.report.press import libraries

_LOGGER = logging.getLogger("weasyprint")
_SAMPLE = "客户分级服务报告"
_LISTED = 3
_PLACE = re.compile(r" at (\d+):\d+")
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp", "Zs"})
_INSTALL_PANGO = {
    "Linux": "请先安装：sudo apt-get install -y libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
    "（Fedora/RHEL：sudo dnf install -y pango harfbuzz）",
    "Darwin": "请先安装：brew install pango；仍找不到时执行 export DYLD_FALLBACK_LIBRARY_PATH=$(brew --prefix)/lib",
    "Windows": "请执行 py -m pip install --no-deps gstreamer-libs，它带着 Pango",
}
_INSTALL_FONTS = {
    "Linux": "请先安装：sudo apt-get install -y fonts-noto-cjk"
    "（Fedora/RHEL：sudo dnf install -y google-noto-sans-cjk-fonts google-noto-serif-cjk-fonts）",
    "Darwin": "请先安装：brew install --cask font-noto-sans-cjk-sc font-noto-serif-cjk-sc",
    "Windows": "请在“设置 → 应用 → 可选功能”里添加“中文(简体)补充字体”，或执行 winget install Google.NotoSansCJK",
}


@dataclass(frozen=True, slots=True)
class Printed:
    """A document's bytes, and the characters that no font here can print (a box stands in their place)."""

    pdf: bytes
    missing: tuple[str, ...] = ()


def render(html: str) -> Printed:
    """Print a page of HTML.

    Only `data:` addresses are read: no file, no network. The PDF is tagged, in the language of the
    page. Every warning of the engine is an error, except missing characters, which are listed.

    Raises:
        EngineError: If Pango is missing, or the engine finds fault with the page.
    """
    pdf = b""
    with _collected_log() as log:
        pdf = _page(html).write_pdf(pdf_variant="pdf/ua-1", finisher=_open_outline)
    if log.faults:
        listed = "；".join(log.faults[:_LISTED])
        raise EngineError(f"排版引擎报告了 {len(log.faults)} 处问题：{listed}", "请检查模板")
    return Printed(pdf, tuple(sorted(log.missing)))


def check_style(css: str, *, file: str) -> None:
    """Make sure that the engine knows everything in a style sheet, and that it asks for nothing outside itself.

    Raises:
        EngineError: If it does not; the message has `file` and the lines.
    """
    with _collected_log() as log:
        _page(f"<html lang=zh-CN><title>-</title><style>{css}</style><p>").render()
    if log.faults:
        lines = dict.fromkeys(place[1] for fault in log.faults if (place := _PLACE.search(fault)))
        where = f" 第 {'、'.join(lines)} 行" if lines else ""
        raise EngineError(f"样式 {file}{where}用不了：{'；'.join(log.faults[:_LISTED])}", "请改正或删去这几行")


def missing_glyphs(text: str) -> tuple[str, ...]:
    """List the characters of a text that no font on this machine has, sorted.

    Raises:
        EngineError: If Pango is missing.
    """
    asked = {character for character in text if unicodedata.category(character) not in _UNSEEN}
    if not asked:
        return ()
    return render(f"<html lang=zh-CN><title>-</title><p>{markup.escape(' '.join(sorted(asked)))}").missing


@cache
def check_engine() -> None:
    """Make sure that pages in Chinese can be printed on this machine.

    Raises:
        EngineError: If Pango or a Chinese font is missing; `fix` is the command for this system.
    """
    if missing_glyphs(_SAMPLE):
        raise EngineError("没有找到中文字体，PDF 里的汉字会印成方框", _for_system(_INSTALL_FONTS))


@cache
def _engine() -> ModuleType:
    try:
        # The engine prints its own advice, in English, before it fails.
        with (
            libraries.within_reach(),
            contextlib.redirect_stdout(io.StringIO()),
            warnings.catch_warnings(record=True) as warned,
        ):
            warnings.simplefilter("always")
            import weasyprint  # noqa: PLC0415  (loads Pango: only for those who print)
    except OSError as error:
        raise EngineError("缺少排版库 Pango，做不了 PDF", _for_system(_INSTALL_PANGO)) from error
    if any("ugly output" in str(entry.message) for entry in warned):
        # Without a single font the engine would bring the process down.
        raise EngineError(*_no_fonts())
    engine: ModuleType = weasyprint
    return engine


def _no_fonts() -> tuple[str, str]:
    """Say that there is no font, or that a configuration of the user's own hides them, and the way out."""
    own = next((name for name in ("FONTCONFIG_FILE", "FONTCONFIG_PATH") if os.environ.get(name)), "")
    if not own:
        return "这台电脑上没有任何字体，做不了 PDF", _for_system(_INSTALL_FONTS)
    what = f"环境变量 {own} 指定的字体配置“{os.environ[own]}”里没有任何字体，做不了 PDF"
    return what, f"请去掉环境变量 {own}，或改正它指的文件"


def _page(html: str) -> Any:  # noqa: ANN401  (the engine has no types)
    """Give the engine a page; whatever is done with it, only `data:` addresses are fetched for it."""
    engine = _engine()
    return engine.HTML(string=html, url_fetcher=engine.urls.URLFetcher(allowed_protocols=("data",)))


def _open_outline(_document: object, pdf: Any) -> None:  # noqa: ANN401  (the engine has no types)
    """Have a reader open the panel of bookmarks."""
    pdf.catalog["PageMode"] = "/UseOutlines"


def advise_on_libraries() -> str:
    """Say how Pango is installed on this system."""
    return _for_system(_INSTALL_PANGO)


def advise_on_fonts() -> str:
    """Say how Chinese fonts are installed on this system."""
    return _for_system(_INSTALL_FONTS)


def _for_system(advice: dict[str, str]) -> str:
    return advice.get(platform.system(), advice["Linux"]) + "；不需要 PDF 时可加 --no-pdf"


class _LogCollector(logging.Handler):
    """Collects the engine's log records of this thread: characters without a glyph, and faults."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.faults: list[str] = []
        self.missing: set[str] = set()
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        if record.thread != self._thread:
            return
        if str(record.msg).startswith(".notdef glyph") and isinstance(record.args, tuple):
            self.missing.add(str(record.args[0]))
        else:
            self.faults.append(record.getMessage())


@contextlib.contextmanager
def _collected_log() -> Iterator[_LogCollector]:
    """Collect what the engine finds fault with; an exception of its own is a fault like the others."""
    collector = _LogCollector()
    _LOGGER.addHandler(collector)
    try:
        yield collector
    except (EngineError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001  (the engine gives up on some pages: that is a fault of the page)
        collector.faults.append(f"{type(error).__name__}：{error}")
    finally:
        _LOGGER.removeHandler(collector)
