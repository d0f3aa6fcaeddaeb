"""Putting on record, after it was done, who looked at a customer or brought content back (practice §11)."""

from __future__ import annotations

import os
from pathlib import Path

from sheetcrm.errors import StoreError
from sheetcrm.store.files import staging
from sheetcrm.store.history import ledger
from sheetcrm.store.history.ledger import LEDGER_FILE
from sheetcrm.store.history.recorded import PERSON, Disclosure


def disclose(output: Path, *, action: str, what: str, purpose: str, source: str, target: str, person: str = "") -> str:
    """Put on record what was done and by whom, where an output folder has a history to put it into.

    `person` is the name of who did it, where it was given otherwise than by the environment.

    Returns:
        Why it could not be put on record; blank where it was, or where there is no history.
    """
    if not (output / LEDGER_FILE).exists():
        return ""
    entry = Disclosure(
        action=action,
        what=what,
        purpose=purpose,
        source=source,
        target=target,
        person=person or os.environ.get(PERSON, ""),
        stamp=ledger.stamp(),
    )
    try:
        with staging.claim(output), ledger.opened(output) as history:
            history.disclose(entry)
    except StoreError as error:
        return f"{action}没有记入历史：{error}"
    return ""
