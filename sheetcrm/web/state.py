"""What the page stands at: one value, replaced as a whole by each piece of work that comes to its end."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from sheetcrm.assess.words.whatif import GradeShare, Move
from sheetcrm.model import CellRef, Problem
from sheetcrm.policy.model import Policy
from sheetcrm.privacy import Raw
from sheetcrm.report.board.names_hidden import HiddenNames
from sheetcrm.runs.apply import Outcome
from sheetcrm.runs.mapping import Proposals
from sheetcrm.runs.marked import customer_finder
from sheetcrm.runs.prepare import Plan
from sheetcrm.runs.refusals import NoCustomerError
from sheetcrm.store.files.inputs import InputFile
from sheetcrm.store.history.recorded import RecordedRun
from sheetcrm.web.tasks import Fields, Task


@dataclass(frozen=True, slots=True)
class Finding:
    """A problem, and whose row it is; the owner is blank where nobody is named."""

    problem: Problem
    owner: str


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What was read and decided: a plan, or why there is none. `stamps` tell whether a workbook was saved since.

    `former` is the run that used another policy than this one, which nobody asked for. `lost` says which results are
    not on record.
    """

    task: Task
    inputs: tuple[InputFile, ...]
    stamps: Mapping[Path, tuple[int, int]]
    outcome: Plan | NoCustomerError
    proposals: Proposals
    lost: tuple[str, ...] = ()
    former: RecordedRun | None = None

    @property
    def plan(self) -> Plan | None:
        """The plan; None where no customer was read."""
        return self.outcome if isinstance(self.outcome, Plan) else None

    @property
    def key(self) -> str:
        """What a form must name to be about this and not about an older state: the run's id, or what the files are."""
        return Raw(self.plan.run_id) if self.plan else signature(self.stamps)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The problems with their owners, by address."""
        assessments = self.plan.assessments if self.plan else ()
        whose = customer_finder(self.outcome.reading, self.outcome.problems, assessments)
        return tuple(Finding(entry, whose(entry.ref).owner) for entry in self.outcome.problems)

    @cached_property
    def hidden(self) -> HiddenNames:
        """The names that are not shown whole."""
        customers = self.outcome.reading.book.customers
        if self.plan and not customers:
            customers = tuple(entry.customer for entry in self.plan.assessments)
        return HiddenNames(customers)

    @cached_property
    def paths(self) -> Mapping[str, Path]:
        """Where each workbook lies, by its name here."""
        own = {entry.copy_of or entry.name: entry.path for entry in self.inputs}
        return own | {entry.name: entry.path for entry in self.outcome.reading.inputs}

    def path_of(self, ref: CellRef) -> Path | None:
        """Return the workbook a place lies in; None for one the program made."""
        return self.paths.get(ref.file)


@dataclass(frozen=True, slots=True)
class Trial:
    """The figures of a policy that were tried, and who would move."""

    policy: Policy
    moves: Sequence[Move]
    shares: Sequence[GradeShare]


@dataclass(frozen=True, slots=True)
class Written:
    """What was generated, from which task, and whether it went into people's own workbooks."""

    task: Task
    run_id: str
    outcome: Outcome
    in_place: bool
    next_step: str


@dataclass(frozen=True, slots=True)
class PageState:
    """Where the page stands. `previewed` is the key of the plan whose preview was shown."""

    fields: Fields = field(default_factory=Fields)
    checked: Checked | None = None
    previewed: str = ""
    trial: Trial | None = None
    written: Written | None = None


def stamps_of(paths: Sequence[Path]) -> Mapping[Path, tuple[int, int]]:
    """Return when files were changed and how large they are; one that is not there is left out."""
    stamps = {}
    for path in paths:
        try:
            status = path.stat()
        except OSError:
            continue
        stamps[path] = (status.st_mtime_ns, status.st_size)
    return stamps


def signature(stamps: Mapping[Path, tuple[int, int]]) -> str:
    """Return a short text that changes with any of the stamps. Pure."""
    listed = repr(sorted((str(path), stamp) for path, stamp in stamps.items()))
    return Raw(hashlib.sha256(listed.encode()).hexdigest()[:16])


def saved_since(checked: Checked, look: Callable[[Sequence[Path]], Mapping[Path, tuple[int, int]]] = stamps_of) -> bool:
    """Return whether a workbook is another than the one that was read; one that is just being saved is not there."""
    return any(checked.stamps.get(path) != stamp for path, stamp in look([*checked.stamps]).items())
