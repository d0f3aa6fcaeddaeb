"""Fills templates, in whatever process this is; `filling` says in which.

A template is given one value under the name `page` (see `views` and `pack_views`), and nothing else of
the program. A team's own folder goes before the templates that ship, file by file. Only files hashed
into the run's id can be loaded.
"""

from __future__ import annotations

import functools
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from jinja2 import FunctionLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup, escape

from sheetcrm.errors import EngineError
from sheetcrm.privacy import NUMBERS_ALONE, Gate
from sheetcrm.report.pages.filters import FILTERS
from sheetcrm.report.pages.template_files import files_of, shipped_templates

MOST_CHARACTERS = 16 << 20
"""The length of a page: a volume of a thousand rows is a small part of it."""
COMPARE = "请对照随程序提供的模板修改"

_Found = tuple[str, str | None, Callable[[], bool] | None]


class _TooLongError(Exception):
    """A page has grown too long."""


class Templates:
    """Templates found in several folders: the first that has one of a name wins, the shipped ones come last."""

    def __init__(self, folders: Sequence[Path] = (), gate: Gate = NUMBERS_ALONE) -> None:
        """Look into `folders` before the templates that ship; every text that goes into a page passes the gate."""
        self._paths: dict[str, Path] = {}
        for folder in (*folders, shipped_templates()):
            self._paths = {**files_of(folder), **self._paths}
        self._environment = ImmutableSandboxedEnvironment(
            loader=FunctionLoader(self._load),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=functools.partial(_pass, gate),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {**FILTERS, **_escaping(gate)}

    def fill(self, template: str, page: object = None) -> str:
        """Make the HTML of a page.

        Raises:
            EngineError: If the template cannot be filled, or the page grows beyond MOST_CHARACTERS; the message
                has its file and line.
        """
        parts: list[str] = []
        length = 0
        try:
            for part in self._environment.get_template(template).generate(page=page):
                parts.append(part)
                length += len(part)
                if length > MOST_CHARACTERS:
                    raise _TooLongError  # noqa: TRY301  (here, where the line of the template is on record)
            return "".join(parts)
        except Exception as error:  # any error of a template is reported with its place
            raise self._fault(template, error) from error

    def compile(self, template: str) -> None:
        """Make sure that a template can be read and is well-formed.

        Raises:
            EngineError: If it is not; the message has its file and line.
        """
        try:
            self._environment.get_template(template)
        except Exception as error:
            raise self._fault(template, error) from error

    def place(self, template: str) -> str:
        """Name the file of a template, for a message."""
        return _place((self._paths.get(template, Path(template)), 0))

    def _load(self, name: str) -> _Found | None:
        path = self._paths.get(name)
        return None if path is None else (path.read_text(encoding="utf-8-sig"), str(path), None)

    def _fault(self, template: str, error: Exception) -> EngineError:
        places = [(self._paths.get(template, Path(template)), 0)]
        if isinstance(error, TemplateSyntaxError):
            places = [(self._paths.get(error.name or template, Path(template)), error.lineno)]
        else:
            paths = {str(path): path for path in self._paths.values()}
            frames = traceback.extract_tb(error.__traceback__)
            places += [(paths[one.filename], one.lineno or 0) for one in frames if one.filename in paths]
        shipped = shipped_templates()
        own = [place for place in places if place[0].parent != shipped]
        where, inner = _place(own[-1] if own else places[-1]), _place(places[-1])
        inner = "" if inner == where else f"（在 {inner} 里）"
        return EngineError(f"模板 {where}用不了{inner}：{_why(error)}", COMPARE)


def _pass(gate: Gate, value: object) -> object:
    """Let a text through the gate as it goes into a page; markup of the program's own (charts) is left alone."""
    return gate(value) if type(value) is str else value


def _escaping(gate: Gate) -> dict[str, Callable[..., object]]:
    """Return the filters that make markup of a text, behind the gate: a team's templates may use them too."""

    def escaped(value: object) -> Markup:
        return escape(_pass(gate, value))

    def safe(value: object) -> Markup:
        return Markup(_pass(gate, value))  # noqa: S704  (what the filter is for)

    return {"e": escaped, "escape": escaped, "forceescape": escaped, "safe": safe}


def _place(place: tuple[Path, int]) -> str:
    path, line = place
    return f"{path} 第 {line} 行" if line else f"{path} "


def _why(error: Exception) -> str:
    """Explain an error in Chinese; the engine's own message stands in brackets."""
    message = str(error).splitlines()[0] if str(error) else ""
    match error:
        case TemplateSyntaxError():
            return f"写法有误（{message}）"
        case TemplateNotFound():
            return f"它引用的“{error.name}”不存在"
        case SecurityError():
            return f"沙箱不允许（{message}）"
        case UndefinedError():
            return f"没有这个名称（{message}）"
        case _:
            return _REASONS.get(type(error), f"算不出来（{type(error).__name__}）")


_REASONS: Mapping[type[Exception], str] = {
    RecursionError: "它引用自己，没有尽头",
    MemoryError: "要占用的内存太多，已停止",
    _TooLongError: f"一页超过 {MOST_CHARACTERS // 10_000} 万字，已停止；可能有没有尽头的循环",
}
