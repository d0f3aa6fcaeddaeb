"""Reads past what people add behind a value: a full stop, and a remark in brackets that changes nothing. Pure.

Only remarks of a short list are passed over (`80万(含税)`, `12次/年(含补单)`): a remark may as well take the
value back (`80万(预计)`) or give its unit (`80(万元)`), and such a cell does not read.
"""

from __future__ import annotations

import re

_ENDS = "。；;"
_CLOSING = ")]】〕"
_REMARK = re.compile(r"(?P<value>[^(\[【〔]+)[(\[【〔](?P<remark>[^()\[\]【】〔〕]+)[)\]】〕]")

HARMLESS = (
    "含", "不含", "未含", "未税", "税前", "税后", "实收", "净额", "已到账", "已收款", "已开票", "已核对", "核对无误",
    "财务核对", "财务确认", "人工核对", "补录", "截图见附件",
)  # fmt: skip
"""What a remark may begin with."""

DOUBTFUL = (
    "预", "估", "约", "待", "暂", "意向", "计划", "目标", "去年", "上年", "上期", "累计", "或", "?", "不确定", "左右",
    "元", "圆", "万", "亿", "千", "百", "%", "‰", "成",
    "年", "季", "月", "周", "天", "日", "美", "港", "欧", "usd", "$",
)  # fmt: skip
"""What it may not hold anywhere: doubt, another time, a unit."""

_WITH_RATE = re.compile(r"(?:不?含|未)税(?:\d{1,2}%)?")


def without_remark(text: str) -> str:
    """Return a squeezed text without a full stop at its end and a harmless remark in brackets behind it."""
    text = text.rstrip(_ENDS)
    if not text or text[-1] not in _CLOSING:
        return text
    match = _REMARK.fullmatch(text)
    return match["value"] if match and is_harmless(match["remark"].lower()) else text


def is_harmless(remark: str) -> bool:
    """Return whether a remark leaves the value before it as it is."""
    if _WITH_RATE.fullmatch(remark):
        return True
    if not remark.startswith(HARMLESS) or re.search(r"\d", remark):
        return False
    return not any(word in remark for word in DOUBTFUL)
