"""Comparing a book under two policies: who would move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sheetcrm.assess.book import assess
from sheetcrm.assess.words import whatif
from sheetcrm.assess.words.whatif import GradeShare, Move
from sheetcrm.policy.run import Run
from sheetcrm.runs.history import recall
from sheetcrm.runs.reading import Progress, ReadBook, read, silent
from sheetcrm.store.files.inputs import InputFile
from sheetcrm.store.history.ledger import Ledger


@dataclass(frozen=True, slots=True)
class Comparison:
    """Who moves between two policies, the shares of every 等级, and the book as it was read under the first."""

    reading: ReadBook
    moves: Sequence[Move]
    shares: Sequence[GradeShare]


def compare(
    inputs: Sequence[InputFile], before: Run, after: Run, *, history: Ledger, progress: Progress = silent
) -> Comparison:
    """Assess a book under the policies of two runs. Nothing is written.

    Raises:
        UsageError: If not one of the workbooks can be read.
    """
    runs = (before, after)
    readings = [read(inputs, policy=run.policy, today=run.today, as_of=run.as_of, progress=progress) for run in runs]
    recalled = [recall(history, run, reading) for run, reading in zip(runs, readings, strict=True)]
    progress("评分定级")
    assessed = [assess(one.book, one.run, history=one.past, held=one.held)[0] for one in recalled]
    shares = whatif.shares(*assessed, policy=before.policy, other=after.policy)
    return Comparison(readings[0], whatif.moves(*assessed), shares)
