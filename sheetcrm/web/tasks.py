"""What a person asks for on the first page, and what the options make of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.policy.run import Run


@dataclass(frozen=True, slots=True)
class Fields:
    """What stands in the fields of the first page; a blank one is what the settings file says, or the default."""

    folder: str = ""
    period: str = ""
    output: str = ""
    preset: str = ""
    policy: str = ""
    keep: str = ""
    period_kind: str = ""
    numbering: bool = False

    def values(self) -> Mapping[str, str]:
        """Return what is filled in and worth remembering, by field."""
        remembered = ("folder", "output", "preset", "policy", "keep", "period_kind")
        return {name: value for name in remembered if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Task:
    """What a run is started with. `settings` is the settings file that had a say in it."""

    paths: tuple[Path, ...]
    output: Path
    run: Run
    templates: tuple[Path, ...] = ()
    numbering: bool = False
    settings: Path | None = None

    @property
    def folder(self) -> Path:
        """The folder the workbooks lie in."""
        first = self.paths[0]
        return first if first.is_dir() else first.parent


Understand = Callable[[Fields], Task]
"""Makes a task of the fields, by the same options and checks as the command line; a SheetcrmError where it cannot."""
