"""Encrypts and decrypts in the age format (age-encryption.org/v1): for a passphrase, or for recipients' public keys.

Whatever bit of an encrypted file is changed, it is refused as a whole. A file for recipients is also encrypted for a
key that is made for it alone and forgotten once the file was read back: it can be compared by who holds no key.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sheetcrm.errors import StoreError, UsageError

SHORTEST = 12
"""Characters of a passphrase: fewer are guessed too soon by who holds the file."""
_IDENTITY = "AGE-SECRET-KEY-"


@dataclass(frozen=True, slots=True, repr=False)
class Locks:
    """For whom a file is encrypted: recipients (`age1…`), or who knows a passphrase."""

    recipients: tuple[str, ...] = ()
    passphrase: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Keys:
    """What opens a file: identities (`AGE-SECRET-KEY-…`), or a passphrase."""

    identities: tuple[str, ...] = ()
    passphrase: str = ""


def check_passphrase(passphrase: str) -> None:
    """Refuse a passphrase that is soon guessed.

    Raises:
        UsageError: If it is too short or repeats few characters.
    """
    if len(passphrase) < SHORTEST or len(set(passphrase)) < SHORTEST // 2:
        raise UsageError(
            f"口令太弱：至少 {SHORTEST} 个字符，不要反复用几个字", "请用四五个互不相干的词，或由密码管理器生成"
        )


def check_recipients(recipients: Sequence[str]) -> None:
    """Refuse what is no recipient.

    Raises:
        UsageError: If one of them cannot be read.
    """
    for recipient in recipients:
        _recipient(recipient)


def encrypt(data: bytes, locks: Locks) -> tuple[bytes, Keys]:
    """Encrypt for recipients or a passphrase; return with it what opens it, to read it back at once."""
    import pyrage  # noqa: PLC0415  (start-up time)

    if not locks.recipients:
        return pyrage.passphrase.encrypt(data, locks.passphrase), Keys(passphrase=locks.passphrase)
    passing = pyrage.x25519.Identity.generate()
    recipients = [_recipient(one) for one in locks.recipients]
    return pyrage.encrypt(data, [*recipients, passing.to_public()]), Keys((str(passing),))


def decrypt(data: bytes, keys: Keys, *, shown_as: str) -> bytes:
    """Decrypt a file.

    Raises:
        UsageError: If an identity cannot be read.
        StoreError: If it is no such file, was changed, or is not for these keys.
    """
    import pyrage  # noqa: PLC0415  (as above)

    try:
        if keys.identities:
            return bytes(pyrage.decrypt(data, [_identity(one) for one in keys.identities]))
        return bytes(pyrage.passphrase.decrypt(data, keys.passphrase))
    except pyrage.DecryptError as error:
        fix = "请核对口令或密钥，或换一份完好的备份"
        raise StoreError(f"“{shown_as}”打不开：口令或密钥不对，或者文件被改动过", fix) from error


def new_identity() -> tuple[str, str]:
    """Make a key: its secret identity, and the recipient that others encrypt for."""
    import pyrage  # noqa: PLC0415  (as above)

    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def read_identities(text: str) -> tuple[str, ...]:
    """Read the identities of a file as `age-keygen` writes it: one a line, comments aside."""
    return tuple(line.strip() for line in text.splitlines() if line.strip().startswith(_IDENTITY))


def _recipient(text: str) -> object:
    import pyrage  # noqa: PLC0415  (as above)

    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise UsageError("收件人的公钥读不出", "请整段复制，以 age1 开头；不要把 AGE-SECRET-KEY 写在这里") from error


def _identity(text: str) -> object:
    import pyrage  # noqa: PLC0415  (as above)

    try:
        return pyrage.x25519.Identity.from_str(text)
    except pyrage.IdentityError as error:
        raise UsageError("密钥文件读不出", "请用 sheetcrm backup --new-key 或 age-keygen 生成的文件") from error
