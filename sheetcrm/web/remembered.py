"""What was opened last, in a small file of this user's configuration folder: fields of the first page, no data."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from pathlib import Path

from sheetcrm.store.files import disk
from sheetcrm.web.tasks import Fields

_FILE = "open.json"
_MOST_BYTES = 1 << 16


def folder() -> Path:
    """Return the folder where this system keeps a user's configuration."""
    if sys.platform == "win32":
        base = os.environ.get("APPDATA") or str(Path.home() / "AppData" / "Roaming")
    elif sys.platform == "darwin":
        base = str(Path.home() / "Library" / "Application Support")
    else:
        base = os.environ.get("XDG_CONFIG_HOME") or str(Path.home() / ".config")
    return Path(base) / "sheetcrm"


def recall() -> Fields:
    """Return what was opened last; nothing where there is no such file, or it is none of ours."""
    try:
        data = disk.read_regular(folder() / _FILE)
        values = json.loads(data[:_MOST_BYTES])
        texts = {name: text for name, text in values.items() if isinstance(text, str)}
        return Fields(
            folder=texts.get("folder", ""),
            output=texts.get("output", ""),
            preset=texts.get("preset", ""),
            policy=texts.get("policy", ""),
            keep=texts.get("keep", ""),
            period_kind=texts.get("period_kind", ""),
        )
    except (OSError, ValueError, TypeError, AttributeError, RuntimeError):
        return Fields()


def remember(fields: Fields) -> None:
    """Keep what was opened, for the next time; where it cannot be kept, it is typed again."""
    with contextlib.suppress(OSError, RuntimeError):
        place = folder()
        place.mkdir(parents=True, exist_ok=True)
        staged = place / f".{_FILE}.new"
        staged.unlink(missing_ok=True)
        disk.write_new(staged, json.dumps(dict(fields.values()), ensure_ascii=False).encode(), private=True)
        staged.replace(place / _FILE)
