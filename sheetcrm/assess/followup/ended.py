"""Promises that the review workbook says were done or dropped (practice §8, §10). Pure."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import structs

from sheetcrm.assess.followup.planning import FIRST_HOLDER
from sheetcrm.assess.review_rows import CellsToFill, RefusedError, day_of, place_of
from sheetcrm.model import Assessment, FollowUp, Problem, Undertaking
from sheetcrm.model.review import DONE, DONE_ON, OUTCOME, OUTCOMES, PUT_OFF, ReviewRow, key_text
from sheetcrm.policy.run import Run
from sheetcrm.privacy import NUMBERS_ALONE, Gate, mask_text
from sheetcrm.problems import problem, shown
from sheetcrm.text.completion import is_dropped
from sheetcrm.text.printable import one_line

_LONGEST_PROSE = 600


class Ends:
    """The promises that were marked as done or dropped, by customer and follow-up record."""

    def __init__(self, by_id: Mapping[str, Assessment], run: Run, gate: Gate = NUMBERS_ALONE) -> None:
        self._by_id, self._run, self._gate = by_id, run, gate
        self.used: list[ReviewRow] = []
        self._marked: dict[str, list[tuple[Undertaking, date | None, str, ReviewRow]]] = defaultdict(list)

    def add(self, row: ReviewRow) -> None:
        """Take a row of 跟进计划.

        Raises:
            RefusedError: If what was filled in cannot be taken over.
        """
        outcome, header = row.filled.get(OUTCOME, ""), DONE_ON
        day = day_of(row, header, self._run) if row.filled.get(header) else None
        if outcome == PUT_OFF:
            return  # promised dates never move (practice §8): kept, and carried on
        if outcome == DONE and day is None:
            raise RefusedError(problem("review-incomplete", row.ref(header), missing=header))
        if day is None and not is_dropped(outcome):
            values = {"label": OUTCOME, "shown": shown(outcome), "choices": "、".join(OUTCOMES)}
            raise RefusedError(problem("review-opinion", row.ref(OUTCOME), **values))
        entry = self._by_id.get(row.keys[0])
        if entry is None:
            raise RefusedError(problem("review-customer-gone", row.ref(OUTCOME), shown=shown(row.keys[0])))
        undertaking = next((one for one in entry.undertakings if _is_named(one, row, self._gate)), None)
        if undertaking is None:
            raise RefusedError(problem("review-not-promised", row.ref(OUTCOME)))
        if day and day < undertaking.record.date:
            values = {"label": header, "shown": day.isoformat(), "why": f"早于作出承诺的{undertaking.record.date}"}
            raise RefusedError(problem("review-date", row.ref(header), **values))
        if undertaking.open and undertaking not in (one for one, *_ in self._marked[entry.customer.customer_id]):
            self.used.append(row)
            self._marked[entry.customer.customer_id].append((undertaking, day, outcome, row))

    def records(self, problems: list[Problem], fills: CellsToFill) -> Mapping[str, Sequence[FollowUp]]:
        """Return the records as they end, by customer, and plan their cells where the sheet has such columns."""
        ended: dict[str, list[FollowUp]] = defaultdict(list)
        shared = Counter(
            (id(record.origin), record.row)
            for entry in (self._by_id.values() if self._marked else ())
            for record in entry.customer.follow_ups
        )
        for customer_id, marked in self._marked.items():
            of_record: dict[tuple[int, int], list[tuple[Undertaking, date | None, str, ReviewRow]]] = defaultdict(list)
            for one in marked:
                of_record[id(one[0].record.origin), one[0].record.row].append(one)
            for place, ones in of_record.items():
                record, row = ones[0][0].record, ones[0][3]
                if len(ones) < self._open(customer_id, place):
                    if row.cells:  # of what only the history tells nobody filled in a cell now
                        at = place_of(record.ref("next_step"))
                        problems.append(problem("review-several-promises", row.ref(DONE_ON), place=at))
                    continue
                day = max((day for _, day, _, _ in ones if day), default=None)
                ended[customer_id].append(_end(record, day, ones[0][2]))
                if shared[place] == 1:
                    _fill_end(record, day, ones[0][2], fills)
        return ended

    def _open(self, customer_id: str, place: tuple[int, int]) -> int:
        entry = self._by_id[key_text(customer_id)]
        return sum(
            one.open and one.promise.due is not None and (id(one.record.origin), one.record.row) == place
            for one in entry.undertakings
        )


def _is_named(undertaking: Undertaking, row: ReviewRow, gate: Gate) -> bool:
    """Return whether a row of 跟进计划 is that promise's: by its day and its words, as they were shown."""
    promise, (_, due, _, content, *_) = undertaking.promise, row.keys
    if promise.due is None or promise.due.isoformat() != due:
        return False
    words = key_text(mask_text(one_line(promise.text), limit=_LONGEST_PROSE))
    shown_as = {words, key_text(gate(words))}
    if content in shown_as or content in map(hash_words, shown_as):
        return True
    return any(gate(content).startswith(f"{gate(form)}{FIRST_HOLDER}") for form in shown_as)


def hash_words(words: str) -> str:
    """Hash a promise's words: the history keeps none."""
    return f"#{hashlib.sha256(words.encode()).hexdigest()[:12]}"


def _end(record: FollowUp, day: date | None, outcome: str) -> FollowUp:
    return structs.replace(record, done_on=day or record.done_on, outcome=record.outcome or outcome or None)


def _fill_end(
    record: FollowUp,
    day: date | None,
    outcome: str,
    fills: CellsToFill,
) -> None:
    """Plan 完成日期 and 完成情况 of a record, each where its sheet has the column and the cell is blank."""
    for name, stands, value in (("done_on", record.done_on, day), ("outcome", record.outcome, outcome)):
        column = record.origin.column(name)
        if value and column and not column.theirs and not stands and name not in record.unreadable:
            fills[record.origin][name][record.row] = value
