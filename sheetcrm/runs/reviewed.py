"""The review workbooks of a run: those among its inputs, and the one in the period's folder (practice §10)."""

from __future__ import annotations

import hashlib
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.assess.book import assess
from sheetcrm.assess.reviewed import NOTHING_REVIEWED, Reviewed, judge, show_returned, take_over
from sheetcrm.errors import WorkbookError
from sheetcrm.intake import review_books
from sheetcrm.model import Assessment, Book, CellRef, Problem
from sheetcrm.model.review import AUDIT, DUE_LIST, OPINION, RETURNED, REVIEW_FILE, ReviewEntries, ReviewRow
from sheetcrm.policy.run import Run
from sheetcrm.problems import problem
from sheetcrm.runs.history import Recalled
from sheetcrm.store.files import disk
from sheetcrm.store.files.inputs import InputFile
from sheetcrm.store.history.ledger import Ledger
from sheetcrm.text.printable import dump_json


@dataclass(frozen=True, slots=True)
class FilledReview:
    """What was filled in: `rows` into review workbooks of the run's period, `others` into those of other periods."""

    rows: tuple[ReviewRow, ...] = ()
    others: tuple[ReviewRow, ...] = ()
    problems: tuple[Problem, ...] = ()

    def __bool__(self) -> bool:
        """Return whether anything was filled in."""
        return bool(self.rows or self.others)

    def sha256(self, reviewed: Reviewed) -> str:
        """Hash what was filled in, wherever it stands, and what the history adds; blank where there is nothing."""
        if not self and not reviewed.recalled:
            return ""
        parts: list[object] = [
            [row.title, list(row.keys), sorted(row.filled.items())] for row in (*self.rows, *self.others)
        ]
        return hashlib.sha256(dump_json(parts).encode()).hexdigest()


NOTHING_FILLED = FilledReview()


def gather(inputs: Sequence[InputFile], run: Run, output: Path | None) -> FilledReview:
    """Read the review workbooks among the inputs, then the one in the period's folder.

    Where two hold different things of one row, the one that was named counts.
    """
    problems: list[Problem] = []
    found = [*inputs, *_in_folder(run, output, inputs, problems)]
    reviews: list[ReviewEntries] = []
    for entry in found:
        try:
            read = review_books.read_review(entry.data, file=entry.name)
        except WorkbookError as error:
            problems.append(problem("review-unreadable", CellRef(entry.name), reason=error.what))
            continue
        if read is None:
            problems.append(problem("review-unreadable", CellRef(entry.name), reason="这不是评审包"))
        else:
            reviews.append(read[0])
            problems += read[1]
    rows, conflicts = review_books.merge(review for review in reviews if review.period == run.period.label)
    present = {(row.title, row.keys) for row in rows}
    others, _ = review_books.merge(review for review in reviews if review.period != run.period.label)
    kept = tuple(
        row
        for row in others
        if row.title in (AUDIT, DUE_LIST)
        and (row.title, row.keys) not in present
        and row.filled.get(OPINION) != RETURNED  # that was for the tier of its own period
    )
    return FilledReview(rows, kept, (*problems, *conflicts))


def _in_folder(
    run: Run, output: Path | None, inputs: Sequence[InputFile], problems: list[Problem]
) -> Sequence[InputFile]:
    """Read the review workbook of the period's folder; nothing where there is none, or it is among the inputs."""
    if output is None:
        return ()
    path = output / run.period.label / "packs" / REVIEW_FILE
    if any(entry.path.resolve() == path.resolve() for entry in inputs):
        return ()
    name = f"{run.period.label}/packs/{REVIEW_FILE}"
    try:
        data = disk.read_regular(path)
    except FileNotFoundError:
        return ()
    except OSError as error:
        problems.append(problem("review-unreadable", CellRef(name), reason=disk.reason(error)[0]))
        return ()
    return (InputFile(name, path, data, hashlib.sha256(data).hexdigest()),)


def _recorded(ledger: Ledger, run: Run) -> Sequence[Mapping[str, str]]:
    """Return what the last run of each earlier period keeps of its review."""
    last = {one.period: one.review or () for one in ledger.runs() if one.end < run.period.start}
    return [entry for review in last.values() for entry in review]


def assess_reviewed(
    book: Book, run: Run, recalled: Recalled, filled: FilledReview, *, noted: Container[str] = ()
) -> tuple[Book, tuple[Assessment, ...], tuple[Problem, ...], Reviewed]:
    """Assess a book, take over what was filled in of it, and assess it again where that changes it."""
    assessments, remarks = assess(book, run, history=recalled.past, held=recalled.held, noted=noted)
    rows = (*filled.rows, *filled.others)
    reviewed = judge(assessments, rows, run, recorded=_recorded(recalled.ledger, run) if recalled.ledger else ())
    if reviewed is NOTHING_REVIEWED:
        return book, assessments, remarks, reviewed
    signed = take_over(book, reviewed)
    if signed is not book:
        assessments, remarks = assess(signed, run, history=recalled.past, held=recalled.held, noted=noted)
    return signed, show_returned(assessments, reviewed), (*remarks, *reviewed.problems), reviewed
