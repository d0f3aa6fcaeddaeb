"""Cells of a policy sheet: what a person reads and types there, and the value it stands for. Pure.

Every `Kind` has a way to be shown and a way to be taken back; what is shown is taken back as the same value.
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
from sheetcrm.text.dates import read_date
from sheetcrm.text.folding import fold

Cell: TypeAlias = str | Decimal | bool | date | None
"""A cell as plain data; None is blank."""

Labels: TypeAlias = Mapping[str, str]
"""Names by the words people read."""


class Kind(enum.Enum):
    """What the cells of a column hold."""

    TEXT = "文字"
    NUMBER = "数值"
    SHARE = "百分比"
    WHOLE = "整数"
    YES_NO = "是或否"
    WORDS = "几个词，用顿号隔开"
    STEPS = "上报对象和逾期天数"
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

CHOICES: Mapping[Kind, Labels] = {
    Kind.YES_NO: {"是": "是", "否": "否"},
    Kind.COLUMN: {
        field.label: field.name for field in (*schema.SCORING.fields, *schema.SCORING.further) if not field.ours
    },
    Kind.MISSING: {"不评分": "block", "按其余折算": "renormalise", "取中性分": "neutral"},
    Kind.MOVES: {"每次运行": "every_run", "到期才变": "when_due"},
    Kind.PURCHASES: {"订单": "order", "有消费的日子": "day"},
    Kind.PROFILE_DATE: {schema.PROFILE.field(name).label: name for name in ("updated_on", "filed_on")},
}
"""The kinds whose cells hold one of some words."""

_BETWEEN = re.compile(r"[、,，;；\n]")
_STEP = re.compile(r"([^\d\s]+)\s*(\d+)\s*天?")
_TRUE, _FALSE = frozenset({"是", "√", "y", "yes", "true", "1"}), frozenset({"否", "×", "n", "no", "false", "0"})


def show(kind: Kind, value: Any, classes: Iterable[str] = ()) -> Cell:  # noqa: ANN401  (any value of a policy)
    """Write a policy's value as a cell; `classes` are the policy's classifications, for measures."""
    if value is None or value in ("", ()):
        return None
    if kind is Kind.MEASURES:
        return "、".join(str(show(Kind.MEASURE, name, classes)) for name in value)
    if kind in _SHOWN:
        return _SHOWN[kind](value)
    if kind in CHOICES or kind is Kind.MEASURE:
        words = CHOICES.get(kind) or measures(classes)
        return next((label for label, name in words.items() if name == value), str(value))
    return value if isinstance(value, Decimal | date) else str(value)


def take(kind: Kind, cell: Cell, classes: Iterable[str] = ()) -> Any:  # noqa: ANN401  (any raw value of a policy)
    """Read a cell as a policy's raw value; None, or an empty list, where it is blank.

    Raises:
        ValueError: If it is none; the words say what it could be.
    """
    text = as_text(cell)
    if not text:
        return [] if kind in (Kind.WORDS, Kind.MEASURES, Kind.STEPS) else None
    if kind is Kind.MEASURES:
        return [choose(measures(classes), word) for word in _words(cell, text)]
    if kind in _TAKEN:
        return _TAKEN[kind](cell, text)
    if kind in CHOICES or kind is Kind.MEASURE:
        return choose(CHOICES.get(kind) or measures(classes), text)
    return text


def measures(classes: Iterable[str]) -> Labels:
    """Give every measure a rule may ask about, by its label. Pure."""
    found = {label: name for name, label in glossary.MEASURES.items()}
    for name in classes:
        by = f"{name}{glossary.RULE_OF}"
        found |= {name: name, glossary.label(by): by}
    return found


def choose(words: Labels, text: str) -> str:
    """Find a name by its words, however they are spaced; a near one is suggested.

    Raises:
        ValueError: If there is none.
    """
    folded = {fold(label): name for label, name in words.items()}
    found = folded.get(fold(text))
    if found is None:
        near = difflib.get_close_matches(text, words, n=1, cutoff=0.5)
        hint = f"，是不是“{near[0]}”" if near else f"，可以写{'、'.join(words)}" if len(words) <= _FEW else ""
        raise ValueError(f"没有“{text}”{hint}")
    return found


def as_text(cell: Cell) -> str:
    """Give a cell as it would be typed."""
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
        return cell
    plain = text.replace(",", "").replace("，", "").replace("％", "%")
    try:
        number = Decimal(plain.removesuffix("%"))
    except InvalidOperation as error:
        raise ValueError(f"“{text}”不是数值") from error
    if not number.is_finite():
        raise ValueError(f"“{text}”不是数值")
    return number / 100 if plain.endswith("%") else number


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
    found = []
    for part in _words(None, text):
        step = _STEP.fullmatch(part)
        if not step:
            raise ValueError(f"“{part}”读不出，请写成“主管 3天、总监 7天”")
        found.append({"to": step[1], "days": int(step[2])})
    return found


def _date(cell: Cell, text: str) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    with contextlib.suppress(ValueError):
        return date.fromisoformat(text)
    found = read_date(text)
    if not isinstance(found, date):
        raise ValueError(f"“{text}”读不出日期，请写成 2027-01-01")  # noqa: TRY004  (what was typed, not a type)
    return found


def _colour(_cell: Cell, text: str) -> str:
    return text.upper().lstrip("#").zfill(6)


_SHOWN: Mapping[Kind, Callable[[Any], Cell]] = {
    Kind.YES_NO: lambda value: "是" if value else "否",
    Kind.WORDS: "、".join,
    Kind.STEPS: lambda steps: "、".join(f"{step.to} {step.days}天" for step in steps),
    Kind.WHOLE: Decimal,
}
_TAKEN: Mapping[Kind, Callable[[Cell, str], Any]] = {
    Kind.NUMBER: _number,
    Kind.SHARE: _share,
    Kind.WHOLE: _whole,
    Kind.YES_NO: _yes_no,
    Kind.WORDS: _words,
    Kind.STEPS: _steps,
    Kind.DATE: _date,
    Kind.COLOUR: _colour,
}
