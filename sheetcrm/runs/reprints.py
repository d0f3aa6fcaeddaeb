"""What need not be set again: reports that say the same as last time are taken from the last result (practice §10).

Reports are set with a place for the run's id, so that the HTML of one is the same while what it says is. run.json has a
hash of that HTML, and of what it was set with, beside the hash of each PDF; a PDF that is not as it was put there is
set anew. The id of this run is stamped into what was set and into what was taken alike: the bytes are the same.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sheetcrm import __version__
from sheetcrm.report.pages.template_files import shipped_templates
from sheetcrm.report.press import pdf
from sheetcrm.report.press.stamping import NoPlaceError, stamp
from sheetcrm.store.files.inputs import RUN_FILE

REPORTS = "reports"
"""Where a period's directory has them."""
_SPECIMEN = "客户分级服务报告，2026年：臺灣繁體「龍頭」《》①％￥→ VIP 0.5 %"


@dataclass(frozen=True, slots=True)
class LastPrints:
    """The reports that lie in a folder, by name: the hash of what was set, and that of the PDF's bytes."""

    folder: Path
    run_id: str = ""
    hashes: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def take(self, name: str, key: str, run_id: str) -> bytes | None:
        """Return a report with this run's id; None where it says something else, or is not as it was put there."""
        last, sha256 = self.hashes.get(name, ("", ""))
        if last != key:
            return None
        try:
            data = (self.folder / name).read_bytes()
            return stamp(data, run_id, instead=self.run_id) if hashlib.sha256(data).hexdigest() == sha256 else None
        except (OSError, NoPlaceError):
            return None


def read_last(folder: Path) -> LastPrints:
    """Read what the run.json of a period's directory says of its reports; nothing where there is none."""
    reports = folder / REPORTS
    try:
        record = json.loads((folder / RUN_FILE).read_bytes())
        own = [entry for entry in record["outputs"] if "set_from" in entry]
        hashes = {Path(entry["file"]).name: (str(entry["set_from"]), str(entry["sha256"])) for entry in own}
        return LastPrints(reports, str(record["run_id"]), hashes)
    except (OSError, ValueError, KeyError, TypeError):
        return LastPrints(reports)


def key_of(html: str) -> str:
    """Hash a page of HTML and what it is set with.

    Raises:
        EngineError: If Pango is missing.
    """
    return hashlib.sha256(f"{__version__}\n{specimen_hash()}\n{html}".encode()).hexdigest()


@cache
def specimen_hash() -> str:
    """Hash a page printed here in the reports' type: other fonts, or another engine, give other bytes.

    Raises:
        EngineError: If Pango is missing.
    """
    style = (shipped_templates() / "print.css").read_text("utf-8")
    letters = f"<h1>{_SPECIMEN}</h1><p>{_SPECIMEN}<b>{_SPECIMEN}</b>"
    printed = pdf.render(f"<html lang=zh-CN><title>-</title><style>{style}</style>{letters}")
    return hashlib.sha256(printed.pdf).hexdigest()
