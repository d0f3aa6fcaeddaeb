"""Loads policies from text and plain values: the one that ships, its presets, and a team's own.

A policy that does not hold together is one `PolicyError` that names every key, in Chinese.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from typing import Any

from pydantic import ValidationError

from sheetcrm.errors import PolicyError
from sheetcrm.policy import coherence
from sheetcrm.policy.coherence import Location
from sheetcrm.policy.model import Policy
from sheetcrm.text.printable import printable, printable_lines

STANDARD = "标准"
"""The preset whose tiers the score decides."""
PRESETS: Mapping[str, str] = {STANDARD: "", "战略层级": "strategic", "价值": "value", "档案分类": "filing"}
"""The sets of tiers that ship (practice §4.4), by what decides them, and their files."""

_BY_NAME = {("cadence",): "activity", ("alerts", "rules"): "code", ("tier_rules", "rules"): "code"}
"""Lists an overlay changes entry by entry, and the key that tells entries apart; others it replaces."""

Locate = Callable[[Location], str]


def standard() -> Policy:
    """Return the policy that ships (`standard.toml`)."""
    return preset(STANDARD)


def preset(name: str) -> Policy:
    """Return the policy that ships, with one of the sets of tiers of `PRESETS`."""
    raw = _parse(standard_text(), source="standard.toml")
    if PRESETS[name]:
        file = f"{PRESETS[name]}.toml"
        raw = _overlay(raw, _parse(_shipped(f"presets/{file}"), source=file), ())
    return check(raw, source=name)


def standard_text() -> str:
    """Return the text of the policy that ships."""
    return _shipped("standard.toml")


def load(text: str, *, source: str) -> Policy:
    """Read a policy from TOML text; `source` names it in messages.

    Raises:
        PolicyError: If it is no TOML, or does not hold together; every key at fault is named.
    """
    return check(_parse(text, source=source), source=source)


def check(raw: Mapping[str, Any], *, source: str, locate: Locate | None = None) -> Policy:
    """Make a policy of plain values.

    Args:
        raw: The values, by key.
        source: The name of their source, for messages.
        locate: Renders the place of a key in the user's coordinates; without it the key itself is shown.

    Raises:
        PolicyError: If the values do not hold together; every key at fault is named.
    """
    describe = locate or key_path
    try:
        policy = Policy.model_validate(_printable(_completed(raw)))
    except ValidationError as error:
        raise refusal(((describe(entry["loc"]), say_fault(entry)) for entry in _own(error)), source=source) from error
    faults = list(coherence.faults(policy))
    if faults:
        raise refusal(((describe(place), what) for place, what in faults), source=source)
    return policy


def _completed(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """Add the shipped policy's roles and promises to a policy that names none: older files have none."""
    shipped, own = _shipped_policy(), raw.get("roles", {})
    completed = {"promises": shipped["promises"], **raw}
    return {**completed, "roles": {**shipped["roles"], **own}} if isinstance(own, Mapping) else completed


@cache
def _shipped_policy() -> Mapping[str, Any]:
    return _parse(standard_text(), source="standard.toml")


def _printable(value: Any) -> Any:  # noqa: ANN401  (any plain value)
    """Make every text of plain values printable, since a policy's words become names of sheets and columns."""
    if isinstance(value, str):
        return printable_lines(value)
    if isinstance(value, Mapping):
        return {_printable(key): _printable(inner) for key, inner in value.items()}
    return [_printable(inner) for inner in value] if isinstance(value, list) else value


def refusal(faults: Iterable[tuple[str, str]], *, source: str) -> PolicyError:
    """Build a refusal: every fault on a line of its own, with its place. Pure."""
    lines = list(dict.fromkeys(printable(f"{place}：{what}") for place, what in faults))
    return PolicyError(f"策略“{source}”有 {len(lines)} 处不对：\n  " + "\n  ".join(lines), "\n请改正后重试")


def key_path(location: Location) -> str:
    """Render a key as in a TOML file, lists counted from 1: `tiers[2].floor`. Pure."""
    written = ""
    for part in location:
        if part == "[key]":
            continue
        written += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if written else part
    return written or "整体"


def _shipped(name: str) -> str:
    return resources.files("sheetcrm.policy").joinpath(name).read_text(encoding="utf-8")


def _parse(text: str, *, source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=_figure)
    except ValueError as error:  # TOMLDecodeError is one, and so is a number of thousands of digits
        raise PolicyError(f"策略文件 {source} 不是合法的 TOML：{error}", "请对照 standard.toml 修改该行") from error


def _figure(text: str) -> Decimal:
    """Read a number of a TOML file; one that no Decimal holds is no number, which the policy then refuses."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return Decimal("NaN")


def _overlay(base: Mapping[str, Any], change: Mapping[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """Lay some changed keys over others: tables key by key, lists of `_BY_NAME` entry by entry, the rest whole."""
    merged = dict(base)
    for key, value in change.items():
        below = (*path, key)
        if below in _BY_NAME:
            merged[key] = _entries(base[key], value, _BY_NAME[below])
        elif isinstance(value, Mapping):
            merged[key] = _overlay(base.get(key, {}), value, below)
        else:
            merged[key] = value
    return merged


def _entries(base: Iterable[Mapping[str, Any]], change: Iterable[Mapping[str, Any]], key: str) -> list[dict[str, Any]]:
    """Lay changed entries over others; one that applies to nobody any more (`applies = []`) is left out."""
    merged = {entry[key]: dict(entry) for entry in base}
    for entry in change:
        merged[entry[key]] = merged.get(entry[key], {}) | dict(entry)
    return [entry for entry in merged.values() if entry.get("applies") != []]


_WORDS = {
    "missing": "缺少这一项",
    "extra_forbidden": "没有这个键，可能写错了",
    "greater_than": "要大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than_equal": "不能大于 {le}",
    "decimal_parsing": "要写数值",
    "decimal_type": "要写数值",
    "finite_number": "要写数值",
    "int_parsing": "要写整数",
    "int_parsing_size": "超出了策略里数字的范围",
    "int_from_float": "要写整数",
    "int_type": "要写整数",
    "bool_parsing": "要写是或否（true 或 false）",
    "bool_type": "要写是或否（true 或 false）",
    "string_type": "要写文字（加引号）",
    "string_too_short": "不能空着",
    "string_pattern_mismatch": "写法不对",
    "too_short": "至少要有一项",
    "enum": "只能是 {expected}",
    "literal_error": "只能是 {expected}",
    "tuple_type": "要写成列表",
    "model_type": "要写成一组键和值",
    "dict_type": "要写成一组键和值",
    "date_from_datetime_parsing": "要写日期，例如 2027-01-01",
    "date_parsing": "要写日期，例如 2027-01-01",
}


def _own(error: ValidationError) -> list[Any]:
    """Leave out lists that are too short only because their entries are at fault."""
    errors = error.errors()
    return [
        entry
        for entry in errors
        if entry["type"] != "too_short"
        or not any(one["loc"][: len(entry["loc"])] == entry["loc"] and one is not entry for one in errors)
    ]


def say_fault(entry: Any) -> str:  # noqa: ANN401  (pydantic's ErrorDetails, whose ctx is free-form)
    """Say in Chinese what pydantic found wrong with a value. Pure."""
    context = entry.get("ctx", {})
    if entry["type"] == "value_error":
        return str(context["error"])
    template = _WORDS.get(entry["type"], "")
    message = template.format(**context).replace(" or ", "、") if template else str(entry["msg"])
    value = entry.get("input")
    return (
        f"“{value}”{message}" if entry["type"] not in ("missing", "extra_forbidden") and _is_plain(value) else message
    )


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | Decimal) and str(value) != ""
