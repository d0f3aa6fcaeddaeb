"""Hides what reaches a person in any text: phones, cards, identity numbers, mail and home addresses. Pure.

Masking is idempotent, and takes time in proportion to the text. Dates, amounts and order numbers stay readable.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from sheetcrm.privacy.identity import check_credit_code, may_be_id_card
from sheetcrm.text.printable import printable_lines

EMAIL = r"[\w.%+*-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
NUMBER = r"(?:\+?86[ -]?(?=1\d))?\d(?:[ -]?\d)*[Xx]?"

_BREAK = r"[ \-.·‐‑–—]?"
"""What people write between the groups of a phone."""
_MOBILE = (
    rf"[(（]?1[3-9]\d[)）]?{_BREAK}\d{{4}}{_BREAK}\d{{4}}"
    r"|1[3-9]\d{2}[ -]\d{4}[ -]\d{3}|1[3-9]\d[ -]\d{3}[ -]\d{5}"
    r"|1[3-9]\d[ -]\d{3}[ -]\d{2}[ -]\d{3}|1[3-9]\d{3}[ -]\d{6}"
)
_LANDLINE = r"[(（]?0\d{2,3}[)）]?[ -]?\d{3,4}[ -]?\d{4}"
_SERVICE = r"[48]00(?:[ -]?\d){7}"
_REGION = r"85[23][ -]?\d{4}[ -]?\d{4}|886[ -]?9\d{2}[ -]?\d{3}[ -]?\d{3}"
_ABROAD = r"\+(?!86[ -]?1[3-9])\d(?:[ -]?\d){8,14}|(?<!\d)00(?:85[23]|886)(?:[ -]?\d){8,10}"
_LONG = r"\d(?:[ -]?\d){13,17}[ -]?[\dXxＸｘ]"
"""What is as long as an identity number or a bank card, in groups or not."""
_PHONE_WORD = r"(?:电话|座机|手机|固话|传真|热线|致电|拨打|[Tt][Ee][Ll]|[Pp]hone|[Mm]obile|[Ff]ax)(?:号码?)?[:： ]{0,2}"
_ACCOUNT_WORD = r"(?:(?:微信号?|[Ww]e[Cc]hat|[Qq][Qq]号?)[:： ]{0,2}|(?<![A-Za-z])[VvWw][Xx][:：])"
_HOME_WORD = r"(?:家住|现住|住在|住址|家庭住址|家庭地址|家里地址)[:：为是 ]{0,2}"

_ROOM = r"\d{1,4}(?:栋|幢|号楼|座|#)\d{1,3}单元\d{1,5}(?:室|房|号)?|\d{1,3}单元\d{1,5}(?:室|房|号)?"
_HASH = r"(?<![0-9A-Za-z])[0-9a-f]{40,}(?![0-9A-Za-z])|(?:(?<=运行编号 )|(?<=校验号 ))[0-9a-f]{12}(?![0-9A-Za-z])"
"""What the program itself counts out, and anybody may read."""
_ALONE = rf"(?<![\dA-Za-z.])(?:\+?86[ -]?|0086[ -]?)?(?:{_MOBILE}|{_LANDLINE}|{_SERVICE}|{_REGION})(?![\dA-Za-z])"
_GLUED = r"(?<![\d.])(?:\+?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"
_PHONES = re.compile(rf"{_ALONE}|{_ABROAD}|{_GLUED}")
_PART = re.compile(
    rf"(?P<hash>{_HASH})|(?P<email>{EMAIL})"
    rf"|(?P<home>{_HOME_WORD})[^\s，。；,;、）)]{{3,40}}|(?P<room>{_ROOM})"
    rf"|(?P<cue>{_PHONE_WORD})(?P<near>\d{{3,4}}[ -]?\d{{4}})(?!\d)"
    rf"|(?P<account>{_ACCOUNT_WORD})(?P<login>[A-Za-z0-9][\w-]{{4,19}})"
    rf"|(?<![\dA-Za-z.])(?P<long>{_LONG})(?![\dA-Za-z])|{_ALONE}|{_ABROAD}|{_GLUED}"
)
_WORTH_LOOKING = re.compile(
    r"\d(?:[ \-－.·‐‑–—()（）]{0,3}\d){6}|[@＠]|单元|[住址]|微信|[Qq][Qq]|[VvWwＶｖＷｗ][XxＸｘ]|[Cc]hat"
)
"""What a text has at least that has something to hide: seven digits that may be one number, or a word before one."""
_CLUE = re.compile("[@＠单住址微QqVvWwＶｖＷｗh]")
_DIGITS = re.compile(r"\d[\d \-－.·‐‑–—()（）]{6}")
"""One or the other is in all that is worth looking at, and either is found in a third of the time."""
_CODE = re.compile(r"[A-Za-z][0-9]{1,10}")
"""A customer's number (C2024001): after a letter no phone begins but a mobile one, of 11 digits."""

_NARROW = {wide: wide - 0xFEE0 for wide in (*range(0xFF10, 0xFF1A), 0xFF20, 0xFF0B, 0xFF0D, 0xFF38, 0xFF58)}
"""Full-width digits, ＠, ＋, －, Ｘ to the ones of ASCII."""
_SEPARATORS = " -.·‐‑–—()（）"
_KEPT_HEAD, _KEPT_TAIL = 3, 4
_SHORT, _LOCAL, _PHONE, _IDENTITY = 5, 7, 11, 15
_ID_LENGTHS, _CARD_LENGTHS, _AMEX = frozenset({15, 18}), range(16, 20), 15
_DATED = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_CARDS = ("3", "4", "5", "6", "9")
"""How the numbers of bank cards begin; other long numbers in groups are lists of numbers."""
_LIKE_A_CREDIT_CODE = "9"


def hide_numbers(text: str) -> str:
    """Hide phones, bank cards, identity numbers (also with a wrong digit), mail and home addresses in a text.

    Names are not recognised here: a `Gate` hides those of a book, `mask_contact` those of a personal column.
    """
    if not (_CLUE.search(text) or _DIGITS.search(text)) or _CODE.fullmatch(text) or not _WORTH_LOOKING.search(text):
        return text
    narrow = text.translate(_NARROW)
    hidden = _PART.sub(_hide_part, narrow)
    return text if hidden == narrow else hidden


def mask_text(text: str, limit: int = 40) -> str:
    """Hide the personal numbers in a text to be quoted on one line, and cut it to a length."""
    text = " ".join(hide_numbers(printable_lines(text)).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def mask_address(email: str) -> str:
    """Mask a mail address but for its first character and its domain, in which numbers are masked."""
    local, _, domain = email.rpartition("@")
    return f"{local[0]}***@{re.sub(NUMBER, lambda match: mask_number(match[0]), domain)}"


def mask_number(number: str) -> str:
    """Mask the digits of one number in place; spaces and hyphens stay where they are."""
    country = re.match(r"(?:\+|00)?86[ -]?(?=[(（]?1\d{2})", number)
    head = country.end() if country and _digits(number[country.end() :]) >= _PHONE else 0
    places = [place for place in range(head, len(number)) if number[place] not in _SEPARATORS + "+"]
    together = len(places) == len(number) - head
    if len(places) < (_SHORT if together else _LOCAL):
        return number
    area = number.find("-", head) if number[head] == "0" else -1
    kept = _kept_places(places, area)
    return "".join(
        char if place < head or char in _SEPARATORS + "+" or place in kept else "*" for place, char in enumerate(number)
    )


def _digits(text: str) -> int:
    return sum(char.isdecimal() for char in text)


def _kept_places(places: Sequence[int], area: int) -> set[int]:
    """Choose which digits of a number stay readable, by how many it has.

    Args:
        places: The positions of its digits.
        area: The position of the hyphen after an area code; -1 if there is none.
    """
    count = len(places)
    if count >= _IDENTITY:
        return set()
    if count >= _PHONE:
        return {*places[: area if area in {3, 4} else _KEPT_HEAD], *places[-_KEPT_TAIL:]}
    return set(places[-_KEPT_TAIL if count >= _LOCAL else -2 :])


def _hide_part(match: re.Match[str]) -> str:
    hide = _HIDING.get(match.lastgroup or "")
    return hide(match) if hide else mask_number(match[0])


def _hide_long(written: str) -> str:
    """Hide a number of 15 to 19 digits if it is personal; else the phones in it, where it is several numbers."""
    groups = re.split("[ -]", written.upper())
    if _is_personal("".join(groups), in_groups=len(groups) > 1):
        return mask_number(written)
    return _PHONES.sub(lambda match: mask_number(match[0]), written)


def _is_personal(digits: str, *, in_groups: bool) -> bool:
    """Return whether 15 to 19 digits are an identity number or a bank card, and no order number or credit code."""
    if len(digits) in _ID_LENGTHS and may_be_id_card(digits):
        return True
    if not digits.isdecimal():
        return False
    if len(digits) == _AMEX:
        return digits[0] == "3" and _passes_luhn(digits)
    if len(digits) not in _CARD_LENGTHS or _DATED.match(digits):
        return False
    if in_groups and not digits.startswith(_CARDS):
        return False
    is_code = len(digits) in _ID_LENGTHS and (digits[0] == _LIKE_A_CREDIT_CODE or check_credit_code(digits) == "ok")
    return not is_code


def _passes_luhn(digits: str) -> bool:
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


_HIDING: Mapping[str, Callable[[re.Match[str]], str]] = {
    "hash": lambda match: match[0],
    "email": lambda match: mask_address(match[0]),
    "home": lambda match: f"{match['home']}***",
    "room": lambda match: re.sub(r"\d+", "*", match[0]),
    "near": lambda match: match["cue"] + mask_number(match["near"]),
    "login": lambda match: f"{match['account']}{match['login'][0]}***",
    "long": lambda match: _hide_long(match[0]),
}
"""How each part of the pattern is hidden, by the name of its last group; phones have none."""
