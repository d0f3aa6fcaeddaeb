"""Writes mail drafts of the letters: a text, the letter attached, and an address only if asked for."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from email import policy as rules
from email.message import EmailMessage

_ADDRESS = re.compile(r"[\w.%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+", re.ASCII)


def draft(*, subject: str, paragraphs: Sequence[str], letter: bytes, name: str, contact: str = "") -> bytes:
    """Write a mail nobody has sent yet (`X-Unsent`), which mail programs open for editing.

    The same letter gives the same bytes: no date, no message id, a boundary made of the content.

    Args:
        subject: Its subject.
        paragraphs: Its text.
        letter: The PDF attached.
        name: The name of the attachment.
        contact: A contact cell; a mail address in it becomes the addressee. Blank: nobody.
    """
    mail = EmailMessage(policy=rules.SMTP)
    mail["X-Unsent"] = "1"
    mail["Subject"] = subject
    address = _ADDRESS.search(contact)
    if address:
        mail["To"] = address[0]
    mail.set_content("\n\n".join(paragraphs) + "\n", charset="utf-8", cte="base64")
    mail.add_attachment(letter, maintype="application", subtype="pdf", filename=name)
    mail.set_boundary("sheetcrm-" + hashlib.sha256(letter + subject.encode()).hexdigest()[:32])
    return mail.as_bytes()
