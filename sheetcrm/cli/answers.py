"""What the commands print with --json, typed: docs/schema/ is generated from here, and tests hold the output to it.

Every answer names its format and the format's version. A key that is added leaves the version as it is; a key that
goes, or comes to hold something else, makes it one more. The text is UTF-8 on any console.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct, field


class Answer(Struct, kw_only=True, forbid_unknown_fields=True):
    """What all answers hold: `format` is `sheetcrm run` and the like."""

    format: str
    version: int


class ProblemLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """A problem of the data and its cell; rows and columns count from 1, null where it is of more than one."""

    where: str
    file: str
    sheet: str | None
    row: int | None
    column: int | None
    severity: str
    kind: str
    what: str
    fix: str


class CustomerLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a run decided of a customer; days are ISO 8601."""

    customer_id: str
    score: float | None
    tier: str
    previous_tier: str | None
    movement: str | None
    coverage: float
    next_follow_up: str | None


class CellLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """A cell that would be written; old and new are text, empty where the cell is blank."""

    file: str
    sheet: str
    row: int
    column: int
    label: str
    old: str | None
    new: str | None


class CountLines(Struct, kw_only=True, forbid_unknown_fields=True):
    """How many problems there are by severity and by kind, and customers by tier."""

    severities: dict[str, int]
    kinds: dict[str, int]
    grades: dict[str, int]


class RunAnswer(Answer, kw_only=True):
    """Of `sheetcrm run`; `edits` is filled with --dry-run, else `edits.jsonl` holds them.

    `read_back` counts what was taken over from review workbooks.
    """

    run_id: str
    period: str
    as_of: str
    dry_run: bool
    in_place: bool
    folder: str | None
    files: list[str]
    failed: dict[str, str]
    unconfirmed: dict[str, str]
    replaced: list[str]
    backups: list[str]
    counts: CountLines
    problems: list[ProblemLine]
    customers: list[CustomerLine]
    edits: list[CellLine]
    unrecorded: dict[str, str]
    read_back: dict[str, int]


class CheckAnswer(Answer, kw_only=True):
    """Of `sheetcrm check`."""

    problems: list[ProblemLine]


class SkippedLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """A pack that was not made for a customer, and why."""

    kind: str
    customer_id: str
    why: str


class PacksAnswer(Answer, kw_only=True):
    """Of `sheetcrm packs`; `others` counts what else could be made."""

    run_id: str
    period: str
    as_of: str
    folder: str
    files: list[str]
    failed: dict[str, str]
    unconfirmed: str | None
    others: dict[str, int]
    skipped: list[SkippedLine]


class FigureAnswer(Struct, kw_only=True, forbid_unknown_fields=True):
    """A figure as it is shown, and the cell it comes from."""

    label: str
    value: str
    source: str


class PointsLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """An indicator's weight in percent, and its points, null without data."""

    indicator: str
    weight: float
    points: float | None


class ClassLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """A classification's outcome, and the rule that decided."""

    outcome: str
    rule: str


class SignatureLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether a tier waits for a signature, and since when it stands."""

    awaiting: bool
    tier_since: str
    needed_on: str
    why: str | None


class AlertLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """An alert and the day it is to be dealt with."""

    code: str
    level: str
    due: str


class DueLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is to be done with a customer, by whom and when."""

    date: str
    action: str
    owner: str
    overdue_days: int
    promised: bool
    basis: str | None
    reason: str
    content: str
    closed_by: str


class PromiseLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """A promise in a follow-up record, and what became of it."""

    recorded: str
    text: str
    due: str | None
    pending: bool
    open: bool
    done_on: str | None
    kept: bool | None


class LifetimeLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """A customer's lifetime value, and what it is computed from."""

    value: float | None
    yearly_spend: float | None
    spend_basis: str
    years: float | None
    retention: float | None
    retention_basis: str
    missing: list[str]


class ExplainAnswer(Answer, kw_only=True):
    """Of `sheetcrm explain`."""

    customer_id: str
    score: float | None
    tier: str
    previous_tier: str | None
    movement: str | None
    coverage: float
    next_follow_up: str | None
    card: str
    figures: list[FigureAnswer]
    contributions: list[PointsLine]
    reasons: list[str]
    classes: dict[str, ClassLine]
    class_notes: list[str]
    tags: str
    signature: SignatureLine | None
    health: str
    risk: str | None
    alerts: list[AlertLine]
    next_grading: str | None
    due: list[DueLine]
    promises: list[PromiseLine]
    change: str | None
    lifetime: LifetimeLine


class PolicyLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """A policy's name and version."""

    name: str
    version: str


class MoveLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """A customer whose tier would change."""

    customer_id: str
    before: str = field(name="from")
    after: str = field(name="to")
    score_before: float | None
    score_after: float | None


class ShareLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """How many customers a tier has under both policies, and the shares for reference."""

    grade: str
    before: int
    after: int
    reference_before: float | None
    reference_after: float | None


class WhatifAnswer(Answer, kw_only=True):
    """Of `sheetcrm whatif`."""

    before: PolicyLine
    after: PolicyLine
    customers: int
    moved: list[MoveLine]
    shares: list[ShareLine]


class HistoryAnswer(Answer, kw_only=True):
    """Of `sheetcrm history`: the runs as the history records them."""

    runs: list[dict[str, Any]]


class TimelineAnswer(Answer, kw_only=True):
    """Of `sheetcrm history 客户编号`: the customer in each period, as the history records it."""

    customer_id: str
    periods: list[dict[str, Any]]


class FaultLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """A record that is not as it was written."""

    record: int
    what: str


class VerifyAnswer(Answer, kw_only=True):
    """Of `sheetcrm history --verify`; `unrecorded` are results whose run is not in the history, by period."""

    sound: bool
    head: str | None
    faults: list[FaultLine]
    unrecorded: dict[str, str]
    redacted: int
    printed_missing: list[str]


class ShareAnswer(Answer, kw_only=True):
    """Of `sheetcrm share`; `files` are the names and their SHA-256, empty with --dry-run. No password is in it.

    `code` is the hash of exactly what is shared with whom: what a second person agrees to.
    """

    run_id: str
    period: str
    as_of: str
    dry_run: bool
    scope: str
    person: str
    departments: list[str]
    recipient: str
    purpose: str
    until: str
    unmasked: bool
    customers: int
    code: str
    folder: str | None
    files: dict[str, str]
    missing_glyphs: list[str]


class DisclosuresAnswer(Answer, kw_only=True):
    """Of `sheetcrm history --disclosures`: who did what with personal data, as the history records it."""

    disclosures: list[dict[str, Any]]


class ForgetAnswer(Answer, kw_only=True):
    """Of `sheetcrm forget`: how many records the customer was taken out of; which files hold it still, or may."""

    records: int
    holding: list[str]
    maybe: list[str]


class SettingLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """A setting's value, and where it comes from."""

    key: str
    value: str | list[str] | None
    origin: str = field(name="from")


class ConfigAnswer(Answer, kw_only=True):
    """Of `sheetcrm config`; `file` is the settings file in use."""

    file: str | None
    settings: list[SettingLine]


class BackupLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """A backup, and the time of its content."""

    file: str
    number: int
    changed_at: str
    bytes: int
    path: str


class BackupsAnswer(Answer, kw_only=True):
    """Of `sheetcrm restore`: what there is."""

    backups: list[BackupLine]


class RestoredAnswer(Answer, kw_only=True):
    """Of `sheetcrm restore --latest` and `--number`; `kept` is the backup of what was replaced."""

    file: str
    number: int
    changed_at: str
    bytes: int
    path: str
    kept: str | None


class MadeAnswer(Answer, kw_only=True):
    """Of `sheetcrm backup`: the backup, how much is in it, and the older ones that were discarded for it."""

    file: str
    files: int
    bytes: int
    sha256: str
    discarded: list[str]


class CheckedAnswer(Answer, kw_only=True):
    """Of `sheetcrm backup --verify` and `restore --from`: what was compared; `into` is where it was restored."""

    file: str
    files: int
    into: str | None
    made: str
    by: str
    host: str
    program: str


class NewKeyAnswer(Answer, kw_only=True):
    """Of `sheetcrm backup --new-key`: where the key is, and the public one."""

    file: str
    recipient: str


class FindingLine(Struct, kw_only=True, forbid_unknown_fields=True):
    """What a check of the machine found; `fix` is the way out where it is not well."""

    name: str
    well: bool
    what: str
    fix: str | None


class DoctorAnswer(Answer, kw_only=True):
    """Of `sheetcrm doctor`."""

    well: bool
    checks: list[FindingLine]


class BatchAnswer(Answer, kw_only=True):
    """Of `sheetcrm batch`: each book's counts as in 汇总.xlsx; which files over all were not written, and why."""

    output: str
    periods: list[str]
    books: list[dict[str, Any]]
    unwritten: dict[str, str]


ANSWERS: Mapping[str, type[Answer]] = {
    "run": RunAnswer,
    "check": CheckAnswer,
    "packs": PacksAnswer,
    "explain": ExplainAnswer,
    "whatif": WhatifAnswer,
    "history": HistoryAnswer,
    "history-customer": TimelineAnswer,
    "history-verify": VerifyAnswer,
    "history-disclosures": DisclosuresAnswer,
    "share": ShareAnswer,
    "forget": ForgetAnswer,
    "backup": MadeAnswer,
    "backup-verify": CheckedAnswer,
    "backup-key": NewKeyAnswer,
    "restored-backup": CheckedAnswer,
    "config": ConfigAnswer,
    "restore": BackupsAnswer,
    "restored": RestoredAnswer,
    "doctor": DoctorAnswer,
    "batch": BatchAnswer,
}
"""By the format, without `sheetcrm` before it."""
