"""Encrypts files for one reader, who needs no other program than Excel or WPS and a PDF reader (practice §11).

A workbook gets Excel's own encryption (ECMA-376 agile: AES-256, SHA-512), a PDF AES-256 (revision 6). Each is opened
with the password at once and compared, in memory: no plain byte touches the disk here.
"""

from __future__ import annotations

import hashlib
import io
import secrets
from collections.abc import Sequence

from sheetcrm.errors import StoreError, UsageError
from sheetcrm.policy.model import SharingRules
from sheetcrm.text.folding import fold

FOLDER = "share"
"""Where files for one reader lie in an output folder; only their owner looks into it."""
_LONGEST = 64
"""Characters that every reader takes: Excel 255, PDF readers 127 bytes, older WPS fewer."""
_CLASSES = ("小写字母", "大写字母", "数字", "符号")
_STRONG = 16
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "01234567890")
_WORDS = ("password", "passw0rd", "welcome", "iloveyou", "woaini", "qwerty", "admin", "letmein", "excel")
"""Words that guessers try first; each counts as one character."""
_RUN = 4
"""So many neighbours in the alphabet or on the keyboard count as one character."""


def seal(name: str, data: bytes, password: str) -> bytes:
    """Encrypt a workbook or a PDF, by its name, and make sure that the password opens it again.

    Raises:
        StoreError: If it does not, or is not what it was.
    """
    try:
        sealed = _seal_pdf(data, password) if name.endswith(".pdf") else _seal_workbook(data, password)
        same = unseal(name, sealed, password) == data if name.endswith(".xlsx") else _same_pages(sealed, data, password)
    except Exception as error:  # whatever the two libraries raise: nothing of it may go out
        raise _failed(name) from error
    if not same:
        raise _failed(name)
    return sealed


def unseal(name: str, sealed: bytes, password: str) -> bytes:
    """Decrypt what `seal` encrypted; whatever the library raises says that it could not be."""
    plain = io.BytesIO()
    if name.endswith(".pdf"):
        import pikepdf  # noqa: PLC0415  (start-up time)

        with pikepdf.open(io.BytesIO(sealed), password=password) as pdf:
            pdf.save(plain)
        return plain.getvalue()
    import msoffcrypto  # noqa: PLC0415  (start-up time)

    file = msoffcrypto.OfficeFile(io.BytesIO(sealed))
    file.load_key(password=password, verify_password=True)
    file.decrypt(plain)
    return plain.getvalue()


def _seal_workbook(data: bytes, password: str) -> bytes:
    from msoffcrypto.format.ooxml import OOXMLFile  # noqa: PLC0415  (start-up time)

    sealed = io.BytesIO()
    OOXMLFile(io.BytesIO(data)).encrypt(password, sealed)
    return sealed.getvalue()


def _seal_pdf(data: bytes, password: str) -> bytes:
    """Encrypt a PDF; nobody has the password of its owner, which would lift what it asks of readers."""
    import pikepdf  # noqa: PLC0415  (start-up time)

    sealed = io.BytesIO()
    asked = pikepdf.Permissions(modify_annotation=False, modify_form=False, modify_other=False)
    with pikepdf.open(io.BytesIO(data)) as pdf:
        pdf.save(
            sealed,
            encryption=pikepdf.Encryption(owner=secrets.token_urlsafe(32), user=password, R=6, allow=asked),
            object_stream_mode=pikepdf.ObjectStreamMode.generate,
        )
    return sealed.getvalue()


def _same_pages(sealed: bytes, data: bytes, password: str) -> bool:
    """Return whether an encrypted PDF has the pages of the plain one."""
    import pikepdf  # noqa: PLC0415  (start-up time)

    with pikepdf.open(io.BytesIO(sealed), password=password) as one, pikepdf.open(io.BytesIO(data)) as other:
        return [_content(page) for page in one.pages] == [_content(page) for page in other.pages]


def _content(page: object) -> str:
    parts = page.obj.Contents  # type: ignore[attr-defined]  # pikepdf's pages are made at run time
    streams = [parts] if hasattr(parts, "read_bytes") else list(parts)
    return hashlib.sha256(b"\n".join(stream.read_bytes() for stream in streams)).hexdigest()


def _failed(name: str) -> StoreError:
    return StoreError(f"“{name}”没有加密成，什么也没有写", "请换一个口令再试；还不行请把这句话告诉维护的人")


def check_password(password: str, rules: SharingRules, *, names: Sequence[str] = ()) -> str:
    """Refuse a password that is soon guessed, and say in words how strong another is; the password is in no message.

    Args:
        password: The password.
        rules: What the policy asks of it.
        names: The names of people that may not be in it.

    Raises:
        UsageError: If it is weaker than the policy says, or a reader may not take it.
    """
    odd = next((letter for letter in password if not (" " <= letter <= "~")), None)
    if odd is not None:
        raise UsageError("口令里有口令框里打不出的字", "请只用英文字母、数字和符号")
    if password != password.strip():
        raise UsageError("口令的头或尾是空格", "请去掉头尾的空格")
    if len(password) > _LONGEST:
        raise UsageError(f"口令太长：有的软件只认前 {_LONGEST} 个字符", f"请缩短到 {_LONGEST} 个字符以内")
    kinds = _kinds(password)
    if len(password) < rules.least_password or len(kinds) < rules.least_classes:
        raise UsageError(
            f"口令太弱：{_words(password, kinds)}；至少要 {rules.least_password} 个字符、{rules.least_classes} 类",
            f"请从{'、'.join(_CLASSES)}里至少用 {rules.least_classes} 类，或由密码管理器生成",
        )
    if _worth(password) < rules.least_password * 2 // 3:
        raise UsageError(
            "口令太弱：反复用几个字符，或是键盘上、字母表里挨着的一串", "请用互不相干的词，或由密码管理器生成"
        )
    if any(len(name) > 1 and fold(name) in fold(password) for name in names):
        raise UsageError("口令太弱：里面有人名", "请换成和双方都不相干的口令")
    strength = "强" if len(password) >= _STRONG and len(kinds) > rules.least_classes else "够用"
    return f"口令{strength}：{_words(password, kinds)}"


def _words(password: str, kinds: Sequence[str]) -> str:
    return f"{len(password)} 个字符，{len(kinds)} 类（{'、'.join(kinds) or '无'}）"


def _kinds(password: str) -> Sequence[str]:
    tests = (str.islower, str.isupper, str.isdecimal, lambda letter: not letter.isalnum())
    return [kind for kind, test in zip(_CLASSES, tests, strict=True) if any(map(test, password))]


def _worth(password: str) -> int:
    """Count the characters that are not a repetition of those before, nor run on as an alphabet or a keyboard does."""
    text, worth, run = password.lower(), 0, 1
    for word in _WORDS:
        text = text.replace(word, "~")
    seen: set[str] = set()
    for at, letter in enumerate(text):
        run = run + 1 if at and _runs_on(text[at - 1], letter) else 1
        worth += (run < _RUN) and (letter not in seen or text.count(letter) * _RUN <= len(text))
        seen.add(letter)
    return worth


def _runs_on(before: str, letter: str) -> bool:
    return before == letter or any(pair in row for row in _ROWS for pair in (before + letter, letter + before))
