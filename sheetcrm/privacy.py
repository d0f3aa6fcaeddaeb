"""Masks personal data in texts that the program composes, and checks identity numbers (practice §11). Pure.

Masking is idempotent, and the number of a phone or an identity card is never shown whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Literal

from sheetcrm.text.printable import printable_lines

CreditCodeCheck = Literal["ok", "masked", "bad-length", "bad-character", "bad-check-digit"]

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_EMAIL = r"[\w.%+*-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
_NUMBER = r"(?:\+?86[ -]?(?=1\d))?\d(?:[ -]?\d)*[Xx]?"
_ID_SHAPE = r"\d{6}[ -]?\d{8}[ -]?\d{3}[\dXxＸｘ]|\d{15}"
_PHONE_SHAPE = r"(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}|0\d{2,3}[ -]?\d{7,8}"
_ID_CARD = re.compile(rf"(?<![0-9A-Za-z])(?:{_ID_SHAPE})(?![0-9A-Za-z])")
_CONTACT_PART = re.compile(
    rf"(?P<email>{_EMAIL})|(?P<number>{_NUMBER})|(?P<han>[{_HAN}·]+)|(?P<word>[^\W\d_{_HAN}][\w'-]*)"
)
_TEXT_PART = re.compile(
    rf"(?P<email>{_EMAIL})|(?<![\dA-Za-z.])(?:(?P<id>{_ID_SHAPE})|(?P<phone>{_PHONE_SHAPE}))(?![\dA-Za-z])"
)
_PROVINCE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_BORN = range(1900, 2100)
_OLD_LENGTH = 15

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
_KEPT_HEAD, _KEPT_TAIL = 3, 4
_SHORT, _LOCAL, _MOBILE, _IDENTITY = 5, 7, 11, 15


def mask_contact(contact: str) -> str:
    """Mask a cell that mixes persons, posts, phones and addresses: `张三(总经理)` is `张*(总经理)`.

    What is not printed is dropped first: it would hide a number from the mask. Posts and departments stay.
    Any other word is taken for a name: rather too much than too little.
    """
    return _CONTACT_PART.sub(_mask_contact_part, printable_lines(contact))


def mask_text(text: str, limit: int = 40) -> str:
    """Mask phones, mail addresses and identity numbers in a text to be quoted, and cut it to a length.

    Dates, amounts and customer numbers stay readable. Names are not recognised here: mask those of a
    personal column with `mask_contact` first.
    """
    text = " ".join(_TEXT_PART.sub(_mask_text_part, printable_lines(text)).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def find_id_card(text: str) -> str | None:
    """Find the first valid identity-card number, of 18 digits or 15, as it is written in the text."""
    if len(text) < _OLD_LENGTH:
        return None
    return next((match[0] for match in _ID_CARD.finditer(text) if _is_id_card(match[0])), None)


def check_credit_code(code: str) -> CreditCodeCheck:
    """Check a 统一社会信用代码 by its form and check digit; one with a `*` in it is masked and not checked.

    The first two characters may be letters (GB 32100: N for rural collectives, Y for others).
    """
    from stdnum.cn import uscc  # noqa: PLC0415 - loaded with the first code

    code = uscc.compact(unicodedata.normalize("NFKC", code))
    if "*" in code:
        return "masked"
    if len(code) != 18:  # noqa: PLR2004 - the standard's length
        return "bad-length"
    if not re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}", code):
        return "bad-character"
    return "ok" if uscc.calc_check_digit(code[:17]) == code[17] else "bad-check-digit"


def _mask_contact_part(match: re.Match[str]) -> str:
    part = match[0]
    if match["email"]:
        return _mask_address(part)
    if match["number"]:
        return _mask_number(part)
    if match["word"]:
        return part if len(part) == 1 or part.lower() in _COMMON_WORDS else f"{part[0]}*"
    label = _LABELS.match(part)
    prefix = label[0] if label else ""
    role = _ROLE.search(part, max(len(prefix), len(part) - _LONGEST_ROLE))
    person = part[len(prefix) : role.start() if role else None]
    return prefix + (f"{person[0]}*" if len(person) > 1 else person) + (role[0] if role else "")


def _mask_text_part(match: re.Match[str]) -> str:
    if match["email"]:
        return _mask_address(match[0])
    if match["phone"]:
        return _mask_number(match[0])
    return _mask_number(match[0]) if _is_id_card(match[0]) else match[0]


def _mask_address(email: str) -> str:
    local, _, domain = email.rpartition("@")
    return f"{local[0]}***@{re.sub(_NUMBER, lambda match: _mask_number(match[0]), domain)}"


def _mask_number(number: str) -> str:
    """Mask the digits of one number in place; spaces and hyphens stay where they are."""
    country = re.match(r"\+?86[ -]?(?=1\d{2}[ -]?\d{4}[ -]?\d{4})", number)
    head = country.end() if country else 0
    places = [place for place in range(head, len(number)) if number[place] not in " -"]
    together = len(places) == len(number) - head
    if len(places) < (_SHORT if together else _LOCAL):
        return number
    area = number.find("-", head) if number[head] == "0" else -1
    kept = _kept_places(places, area)
    return "".join(char if place < head or char in " -" or place in kept else "*" for place, char in enumerate(number))


def _kept_places(places: Sequence[int], area: int) -> set[int]:
    """Choose which digits of a number stay readable, by how many it has.

    Args:
        places: The positions of its digits.
        area: The position of the hyphen after an area code; -1 if there is none.
    """
    count = len(places)
    if count >= _IDENTITY:
        return set()
    if count >= _MOBILE:
        return {*places[: area if area in {3, 4} else _KEPT_HEAD], *places[-_KEPT_TAIL:]}
    return set(places[-_KEPT_TAIL if count >= _LOCAL else -2 :])


def _is_id_card(written: str) -> bool:
    """Return whether the digits are valid; the old form has no check digit, so its district must exist."""
    from stdnum.cn import ric  # noqa: PLC0415 - loaded with the first number that looks like one
    from stdnum.exceptions import ValidationError  # noqa: PLC0415

    number = re.sub("[ -]", "", unicodedata.normalize("NFKC", written)).upper()
    old = len(number) == _OLD_LENGTH
    if not _PROVINCE.match(number):
        return False
    if old:
        number = f"{number[:6]}19{number[6:]}"
        number += ric.calc_check_digit(f"{number}0")
    try:
        born = ric.get_birth_date(number)
        if old:
            ric.get_birth_place(number)
    except (ValidationError, KeyError):  # a KeyError for districts without a county
        return False
    return born.year in _BORN and ric.calc_check_digit(number) == number[-1]
