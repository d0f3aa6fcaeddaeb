"""Masks the cells of personal columns, which mix names, posts, phones and addresses (practice §11). Pure.

Masking is idempotent, and the number of a phone or an identity card is never shown whole.
"""

from __future__ import annotations

import re

from sheetcrm.privacy.numbers import EMAIL, NUMBER, mask_address, mask_number
from sheetcrm.text.printable import printable_lines

HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_CONTACT_PART = re.compile(
    rf"(?P<email>{EMAIL})|(?P<number>{NUMBER})|(?P<han>[{HAN}·]+)|(?P<word>[^\W\d_{HAN}][\w'-]*)"
)

_LABELS = re.compile("^(?:联系人|负责人|姓名|联系|电话|手机|座机|传真|邮箱|微信|地址|号码|方式|分机|转)+")
_ROLE = re.compile(
    "(?:先生|女士|小姐|老师|老板|董事长|董秘|董事|总裁|总监|总经理|总工|总|经理|主任|主管|部长|处长|科长|院长|校长|店长|厂长|所长"
    "|会计|出纳|助理|秘书|工程师|专员|代表|顾问|负责人|采购|技术|市场|销售|财务|行政|人事|运营|生产|研发|法务|客服|业务|商务|项目"
    "|产品|质量|设备|信息|工程|供应链|法人|副|部门|部|中心|科|处|室|组)++$"
)
_COMMON_WORDS = frozenset(
    ("ceo", "cto", "cfo", "coo", "cio", "hr", "vp", "it", "pm", "gm", "tel", "email", "qq", "mr", "ms", "ext")
)

_LONGEST_ROLE = 16


def mask_contact(contact: str) -> str:
    """Mask a cell that mixes persons, posts, phones and addresses: `张三(总经理)` is `张*(总经理)`.

    What is not printed is dropped first: it would hide a number from the mask. Posts and departments stay.
    Any other word is taken for a name: rather too much than too little.
    """
    return _CONTACT_PART.sub(_mask_contact_part, printable_lines(contact))


def _mask_contact_part(match: re.Match[str]) -> str:
    part = match[0]
    if match["email"]:
        return mask_address(part)
    if match["number"]:
        return mask_number(part)
    if match["word"]:
        return part if len(part) == 1 or part.lower() in _COMMON_WORDS else f"{part[0]}*"
    label = _LABELS.match(part)
    prefix = label[0] if label else ""
    role = _ROLE.search(part, max(len(prefix), len(part) - _LONGEST_ROLE))
    person = part[len(prefix) : role.start() if role else None]
    return prefix + (f"{person[0]}*" if len(person) > 1 else person) + (role[0] if role else "")
