"""Renders values of the policy as cells of its sheets, and parses cells back. Pure.

Every `CellKind` is rendered and parsed; a rendered value is parsed as the same value.
"""

from __future__ import annotations

import contextlib
import difflib
import enum
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from sheetcrm import schema
from sheetcrm.policy import glossary
from sheetcrm.policy.values import check_bounds
from sheetcrm.problems import shown
from sheetcrm.text.dates import read_date
from sheetcrm.text.folding import fold

Cell: TypeAlias = str | Decimal | bool | date | None
"""A cell as plain data; None is blank."""

Labels: TypeAlias = Mapping[str, str]
"""Names by the words people read."""


class CellKind(enum.Enum):
    """The kind of value in the cells of a column."""

    TEXT = "文字"
    NUMBER = "数值"
    SHARE = "百分比"
    WHOLE = "整数"
    YES_NO = "是或否"
    WORDS = "几个词，用顿号隔开"
    STEPS = "上报对象和逾期天数"
    PACES = "标签和间隔"
    CONDITION = "条件"
    DATE = "日期"
    COLOUR = "颜色"
    MEASURE = "指标"
    MEASURES = "几个指标，用顿号隔开"
    COLUMN = "打分表的列"
    MISSING = "空白时"
    MOVES = "等级变动"
    PURCHASES = "频次数什么"
    PROFILE_DATE = "档案日期"


OTHERWISE = "其余"
"""In a table: the row for everything the rows above do not take."""

CHOICES: Mapping[CellKind, Labels] = {
    CellKind.YES_NO: {"是": "是", "否": "否"},
    CellKind.COLUMN: {
        field.label: field.name for field in (*schema.SCORING.fields, *schema.SCORING.further) if not field.ours
    },
    CellKind.MISSING: {"不评分": "block", "按其余折算": "renormalise", "取中性分": "neutral"},
    CellKind.MOVES: {"每次运行": "every_run", "到期才变": "when_due"},
    CellKind.PURCHASES: {"订单": "order", "有消费的日子": "day"},
    CellKind.PROFILE_DATE: {schema.PROFILE.field(name).label: name for name in ("updated_on", "filed_on")},
}
"""The kinds whose cells hold one of some words."""

_BETWEEN = re.compile(r"[、,，;；\n]")
_PACE = re.compile(r"(\S+?)\s*([1-9]\d{0,3}(?:天|个月))")
_STEP = re.compile(r"([^\d\s]+)\s*(\d{1,5})\s*天?")
_TRUE, _FALSE = frozenset({"是", "√", "y", "yes", "true", "1"}), frozenset({"否", "×", "n", "no", "false", "0"})


def render(kind: CellKind, value: Any, classes: Iterable[str] = ()) -> Cell:  # noqa: ANN401  (any value of a policy)
    """Render a value of a policy as a cell; `classes` are the policy's classifications, for measures."""
    if value is None or value in ("", ()):
        return None
    if kind is CellKind.MEASURES:
        return "、".join(str(render(CellKind.MEASURE, name, classes)) for name in value)
    if isinstance(value, enum.Enum):
        value = value.value
    if kind in _RENDERERS:
        return _RENDERERS[kind](value)
    if kind in CHOICES or kind is CellKind.MEASURE:
        words = CHOICES.get(kind) or measures(classes)
        return next((label for label, name in words.items() if name == value), str(value))
    return value if isinstance(value, Decimal | date) else str(value)


def parse(kind: CellKind, cell: Cell, classes: Iterable[str] = ()) -> Any:  # noqa: ANN401  (any raw value of a policy)
    """Parse a cell as a raw value of a policy; None, or an empty list, where it is blank.

    Raises:
        ValueError: If it is none; the message lists what it could be.
    """
    text = as_text(cell)
    if not text:
        return [] if kind in (CellKind.WORDS, CellKind.MEASURES, CellKind.STEPS, CellKind.PACES) else None
    if kind is CellKind.MEASURES:
        return [choose(measures(classes), word) for word in _words(cell, text)]
    if kind in _PARSERS:
        return _PARSERS[kind](cell, text)
    if kind in CHOICES or kind is CellKind.MEASURE:
        return choose(CHOICES.get(kind) or measures(classes), text)
    return text


def measures(classes: Iterable[str]) -> Labels:
    """Return the names of all measures a rule may ask about, by label. Pure."""
    names = {label: name for name, label in glossary.MEASURES.items()}
    for name in classes:
        by = f"{name}{glossary.RULE_OF}"
        names |= {name: name, glossary.label(by): by}
    return names


def choose(words: Labels, text: str) -> str:
    """Find a name by its words, however they are spaced; a near one is suggested.

    Raises:
        ValueError: If there is none.
    """
    folded = {fold(label): word for label, word in words.items()}
    name = folded.get(fold(text))
    if name is None:
        near = difflib.get_close_matches(text, words, n=1, cutoff=0.5)
        hint = f"，是不是“{near[0]}”" if near else f"，可以写{'、'.join(words)}" if len(words) <= _FEW else ""
        raise ValueError(f"没有“{text}”{hint}")
    return name


def as_text(cell: Cell) -> str:
    """Return a cell as it would be typed."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, Decimal):
        text = f"{cell:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(cell, date):
        return cell.strftime("%Y-%m-%d")
    return cell.strip()


_FEW = 12


def _number(cell: Cell, text: str) -> Decimal:
    if isinstance(cell, Decimal):
        return _bounded(cell, str(cell))
    plain = text.replace(",", "").replace("，", "").replace("％", "%")
    try:
        number = Decimal(plain.removesuffix("%"))
    except InvalidOperation as error:
        raise ValueError(f"{shown(text)}不是数值") from error
    if not number.is_finite():
        raise ValueError(f"{shown(text)}不是数值")
    return _bounded(number / 100 if plain.endswith("%") else number, text)


def _bounded(number: Decimal, text: str) -> Decimal:
    try:
        return check_bounds(number)
    except ValueError as error:
        raise ValueError(f"{shown(text)}{error}") from error


def _share(cell: Cell, text: str) -> Decimal:
    number = _number(cell, text)
    if number > 1:
        raise ValueError(f"“{text}”不是百分比，请写成 {text}% 或小数")
    return number


def _whole(cell: Cell, text: str) -> int:
    number = _number(cell, text)
    if number != number.to_integral_value():
        raise ValueError(f"“{text}”不是整数")
    return int(number)


def _yes_no(_cell: Cell, text: str) -> bool:
    folded = text.lower()
    if folded not in _TRUE | _FALSE:
        raise ValueError(f"“{text}”读不出是或否")
    return folded in _TRUE


def _words(_cell: Cell, text: str) -> list[str]:
    return [word for part in _BETWEEN.split(text) if (word := part.strip())]


def _steps(_cell: Cell, text: str) -> list[dict[str, Any]]:
    steps = []
    for part in _words(None, text):
        match = _STEP.fullmatch(part)
        if not match:
            raise ValueError(f"“{part}”读不出，请写成“主管 3天、总监 7天”")
        steps.append({"to": match[1], "days": int(match[2])})
    return steps


def _paces(_cell: Cell, text: str) -> list[dict[str, str]]:
    paces = []
    for part in _words(None, text):
        match = _PACE.fullmatch(part)
        if not match:
            raise ValueError(f"“{part}”读不出，请写成“意向高 15天、意向低 3个月”")
        paces.append({"of": match[1], "every": match[2]})
    return paces


def _date(cell: Cell, text: str) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    with contextlib.suppress(ValueError):
        return date.fromisoformat(text)
    day = read_date(text)
    if not isinstance(day, date):
        raise ValueError(f"“{text}”读不出日期，请写成 2027-01-01")  # noqa: TRY004  (what was typed, not a type)
    return day


def _colour(_cell: Cell, text: str) -> str:
    return text.upper().lstrip("#").zfill(6)


_RENDERERS: Mapping[CellKind, Callable[[Any], Cell]] = {
    CellKind.YES_NO: lambda value: "是" if value else "否",
    CellKind.WORDS: "、".join,
    CellKind.STEPS: lambda steps: "、".join(f"{step.to} {step.days}天" for step in steps),
    CellKind.PACES: lambda paces: "、".join(f"{pace.of} {pace.every}" for pace in paces),
    CellKind.WHOLE: Decimal,
}
_PARSERS: Mapping[CellKind, Callable[[Cell, str], Any]] = {
    CellKind.NUMBER: _number,
    CellKind.SHARE: _share,
    CellKind.WHOLE: _whole,
    CellKind.YES_NO: _yes_no,
    CellKind.WORDS: _words,
    CellKind.STEPS: _steps,
    CellKind.PACES: _paces,
    CellKind.DATE: _date,
    CellKind.COLOUR: _colour,
}
