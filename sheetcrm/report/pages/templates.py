"""Checks templates and fills them.

A template is given one value under the name `page` (see `views` and `pack_views`), and nothing else of
the program. A team's own folder goes before the templates that ship, file by file. Only files hashed
into the run's id can be loaded.
"""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from jinja2 import FunctionLoader, StrictUndefined, TemplateNotFound, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from sheetcrm.errors import EngineError, UsageError
from sheetcrm.report.pages.filters import FILTERS
from sheetcrm.report.pages.template_files import STYLES, files_of, shipped_templates
from sheetcrm.text.printable import printable_lines

_COMPARE = "请对照随程序提供的模板修改"
_LISTED = 5

_Found = tuple[str, str | None, Callable[[], bool] | None]


class Templates:
    """Templates found in several folders: the first that has one of a name wins, the shipped ones come last."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        """Look into `folders` before the templates that ship."""
        self._paths: dict[str, Path] = {}
        for folder in (*folders, shipped_templates()):
            self._paths = {**files_of(folder), **self._paths}
        self._environment = ImmutableSandboxedEnvironment(
            loader=FunctionLoader(self._load),
            autoescape=True,
            undefined=StrictUndefined,
            finalize=_printable,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= FILTERS

    def fill(self, template: str, page: object = None) -> str:
        """Make the HTML of a page.

        Raises:
            EngineError: If the template cannot be filled; the message has its file and line.
        """
        try:
            return self._environment.get_template(template).render(page=page)
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
        return EngineError(f"模板 {where}用不了{inner}：{_why(error)}", _COMPARE)


def _printable(value: object) -> object:
    """Make a text printable as it goes into a page; markup of the program's own (charts) is left alone."""
    return printable_lines(value) if type(value) is str else value


def check(folders: Sequence[Path]) -> None:
    """Make sure that a team's own folders can be used, as far as that shows before there is a page to fill.

    Raises:
        UsageError: If a folder is not there, or a file of it stands for none of the templates.
        EngineError: If a template is not well-formed; the message has its file and line.
    """
    shipped = files_of(shipped_templates())
    for folder in folders:
        if not folder.is_dir():
            raise UsageError(f"没有模板文件夹“{folder}”", "请核对 --templates 后面的路径")
        files = files_of(folder)
        if not files.keys() & shipped.keys():
            names = "、".join(sorted(shipped))
            raise UsageError(f"“{folder}”里没有一个文件和随程序提供的模板同名", f"可以换的有：{names}")
        texts = {name: _read(path) for name, path in files.items()}
        idle = [name for name in files.keys() - shipped.keys() if not any(name in text for text in texts.values())]
        if idle:
            listed = "、".join(sorted(idle)[:_LISTED])
            raise UsageError(f"“{folder}”里的 {listed} 不换任何模板，也没有模板引用它", "请改对文件名，或移到别处")
        templates = Templates([folder])
        for name in sorted(files):
            templates.compile(name)


def styles(folders: Sequence[Path]) -> Mapping[str, str]:
    """Return a team's own style sheets, as they go into a page, by path; one that asks for `page` is left out."""
    sheets = {}
    for folder in folders:
        for name, path in sorted(files_of(folder).items()):
            if path.suffix == STYLES:
                with contextlib.suppress(EngineError):
                    sheets[str(path)] = Templates([folder]).fill(name)
    return sheets


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UsageError(f"模板 {path} 不是 UTF-8 文本", "请用记事本打开，另存为 UTF-8 编码") from error
    except OSError as error:
        raise UsageError(f"读不了模板 {path}（{error.strerror}）", "请确认文件没有被别的程序独占") from error


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
        case RecursionError():
            return "它引用自己，没有尽头"
        case _:
            return f"算不出来（{type(error).__name__}）"
