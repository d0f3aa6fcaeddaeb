"""The fill of a header beside people's own headers: theirs, a little lighter or darker (practice §9). Pure."""

from __future__ import annotations

import re

from sheetcrm.ooxml.xmltree import Element

_PLAIN = "F2F2F2"
"""The fill beside a header without one."""
_TO_WHITE, _TO_BLACK = 0.15, 0.08
"""How much lighter, of 1; what is nearly white already becomes darker."""
_LIGHT = 0.75
_RGB = re.compile(r"[0-9A-Fa-f]{8}")
_LIGHT_THEME = ("0", "2")
"""The colours of a theme that are near white in nearly every workbook."""


def next_to(fill: Element | None) -> str:
    """Return the fill, as XML without prefixes, beside a header's; "" where that is a pattern or a mixed one."""
    pattern = fill.find("patternFill") if fill else None
    if fill is not None and pattern is None:
        return ""  # a gradient
    kind = pattern.attributes.get("patternType", "none") if pattern else "none"
    if kind == "none":
        return _solid(f'rgb="FF{_PLAIN}"')
    colour = pattern.find("fgColor") if pattern and kind == "solid" else None
    attributes = colour.attributes if colour else {}
    tint = _number(attributes.get("tint", "0"))
    if tint is None:
        return ""
    theme, rgb = attributes.get("theme", ""), attributes.get("rgb", "")
    if theme:
        step = -_TO_BLACK if theme in _LIGHT_THEME or tint > 1 - 2 * _TO_WHITE else _TO_WHITE
        return _solid(f'theme="{theme}" tint="{tint + step:.6g}"') if theme.isdigit() else ""
    return "" if tint or not _RGB.fullmatch(rgb) else _solid(f'rgb="{rgb[:2].upper()}{_stepped(rgb[2:])}"')


def _stepped(rgb: str) -> str:
    parts = [int(rgb[at : at + 2], 16) for at in (0, 2, 4)]
    is_light = sum(parts) > _LIGHT * 3 * 255
    stepped = [part * (1 - _TO_BLACK) if is_light else part + (255 - part) * _TO_WHITE for part in parts]
    return "".join(f"{round(part):02X}" for part in stepped)


def _solid(colour: str) -> str:
    return f'<fill><patternFill patternType="solid"><fgColor {colour}/><bgColor indexed="64"/></patternFill></fill>'


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if -1 <= number <= 1 else None
