"""Checks the numbers that the state gives out: identity cards (GB 11643) and 统一社会信用代码 (GB 32100). Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

CreditCodeCheck = Literal["ok", "masked", "bad-length", "bad-character", "bad-check-digit"]

ID_SHAPE = r"\d{6}[ -]?\d{8}[ -]?\d{3}[\dXxＸｘ]|\d{15}"
"""An identity number as it is found: of 18 characters, or the old form of 15 digits."""
_ID_CARD = re.compile(rf"(?<![0-9A-Za-z])(?:{ID_SHAPE})(?![0-9A-Za-z])")
_PROVINCE = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")
_BORN = range(1900, 2100)
_OLD_LENGTH, _LENGTH = 15, 18
_MONTHS, _DAYS = range(1, 13), range(1, 32)


def find_id_card(text: str) -> str | None:
    """Find the first valid identity-card number, of 18 digits or 15, as it is written in the text."""
    if len(text) < _OLD_LENGTH:
        return None
    return next((match[0] for match in _ID_CARD.finditer(text) if is_id_card(match[0])), None)


def check_credit_code(code: str) -> CreditCodeCheck:
    """Check a 统一社会信用代码 by its form and check digit; one with a `*` in it is masked and not checked.

    The first two characters may be letters (GB 32100: N for rural collectives, Y for others).
    """
    from stdnum.cn import uscc  # noqa: PLC0415 - loaded with the first code

    code = uscc.compact(unicodedata.normalize("NFKC", code))
    if "*" in code:
        return "masked"
    if len(code) != _LENGTH:
        return "bad-length"
    if not re.fullmatch(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}", code):
        return "bad-character"
    return "ok" if uscc.calc_check_digit(code[:17]) == code[17] else "bad-check-digit"


def is_id_card(written: str) -> bool:
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


def may_be_id_card(digits: str) -> bool:
    """Return whether 18 or 15 digits may be an identity number with one wrong digit: two of province, month, day fit.

    Of the form of 18 the century has to fit too, or its check digit.
    """
    if len(digits) == _LENGTH:
        born, centuries = digits[6:14], digits[6:8] in {"19", "20"}
        return _fitting(digits, born[4:6], born[6:]) + centuries >= 3 or is_id_card(digits)  # noqa: PLR2004
    return _fitting(digits, digits[8:10], digits[10:12]) >= 2  # noqa: PLR2004


def _fitting(digits: str, month: str, day: str) -> int:
    return (
        (_PROVINCE.match(digits) is not None)
        + (month.isdecimal() and int(month) in _MONTHS)
        + (day.isdecimal() and int(day) in _DAYS)
    )
