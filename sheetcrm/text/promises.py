"""Finds due dates in the prose of 下一步计划 (practice §1.3, §8). Pure."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import pairwise

from sheetcrm.model import Promise
from sheetcrm.text.due_days import ReferenceDay
from sheetcrm.text.folding import simplify
from sheetcrm.text.phrases import Phrase, find_phrases
from sheetcrm.text.promise_context import State, judge

_HALF_WIDTH = str.maketrans({chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " "})
_SENTENCE_ENDS = re.compile(
    r"[;。!?\n\r①-⑳]"
    r"|(?:^|(?<=[\s;。,]))(?:[1-9]|[1-4]\d)(?:、(?!\d{1,2}[日号](?!内))|\.(?!\d)|\))"
)
_CLAUSE_ENDS = re.compile(r",(?!\d{3})")
_EDGES = " \t,、:-·"


@dataclass(frozen=True, slots=True)
class _Clause:
    """A clause in its own spelling, with its phrases of time and what each is worth."""

    text: str
    phrases: tuple[tuple[Phrase, State], ...]


def read_promises(text: str, *, recorded: date, is_workday: Callable[[date], bool]) -> tuple[Promise, ...]:
    """Find the promises in a plan that name a day, in the order they are written.

    Args:
        text: The cell's text; it may hold several clauses.
        recorded: The day of the record.
        is_workday: The working calendar, for 工作日 and 节后.

    Returns:
        One promise for each due date, none of them before the record; one without `due` for each clause with
        words of time that name no day (尽快, 每周, 2月30日), `pending` where they wait for an event (到货后3天内).
        Nothing for text without a word of time, nor for days that have passed, are done or were moved.
    """
    reference = ReferenceDay(recorded, is_workday)
    promises: list[Promise] = []
    for clause in _timed_clauses(text):
        promises += _promises(clause, reference)
    return tuple(dict.fromkeys(promises)) if len(promises) > 1 else tuple(promises)


def _promises(clause: _Clause, reference: ReferenceDay) -> list[Promise]:
    dated: dict[date, Promise] = {}
    pending: list[Promise] = []
    unread: list[Promise] = []
    vague: list[Promise] = []
    for phrase, state in clause.phrases:
        due = phrase.due(reference) if state is State.DATED else None
        if due:
            dated.setdefault(due, Promise(clause.text, due, phrase.words))
        elif state is State.PENDING:
            pending.append(Promise(clause.text, None, phrase.words, pending=True))
        else:
            (vague if state is State.VAGUE else unread).append(Promise(clause.text, None, phrase.words))
    undated = pending[:1] or unread[:1] or ([] if dated else vague[:1])
    return [*dated.values(), *undated]


@lru_cache(1 << 15)
def _timed_clauses(text: str) -> tuple[_Clause, ...]:
    """Find the clauses with phrases of time that are worth something."""
    folded = simplify(text.translate(_HALF_WIDTH))
    if len(folded) != len(text):
        text = folded
    timed: list[_Clause] = []
    for start, end in _pieces(folded, 0, len(folded), _SENTENCE_ENDS):
        sentence = folded[start:end]
        phrases = find_phrases(sentence)
        if phrases:
            timed += _clauses(text[start:end], sentence, phrases)
    return tuple(timed)


def _clauses(text: str, sentence: str, phrases: tuple[Phrase, ...]) -> list[_Clause]:
    """Divide a sentence into its clauses, each with its phrases; a day alone belongs to the clause behind it."""
    judged = judge(sentence, phrases)
    begins, judged_begins = [phrase.start for phrase in phrases], [phrase.start for phrase, _ in judged]
    clauses: list[_Clause] = []
    pieces = _pieces(sentence, 0, len(sentence), _CLAUSE_ENDS)
    for (start, end), (_, next_end) in pairwise([*pieces, (0, 0)]):
        own = tuple(judged[bisect_left(judged_begins, start) : bisect_left(judged_begins, end)])
        if not own:
            continue
        only_time = own[0][0].start <= start and own[0][0].end >= end
        next_timed = bisect_right(begins, end) < bisect_left(begins, next_end)
        joined = only_time and next_end > 0 and not next_timed  # "5月12日前,提供报价" is one promise
        last = max(end, own[-1][0].end)
        clauses.append(_Clause(text[start : next_end if joined else last], own))
    return clauses


def _pieces(text: str, start: int, stop: int, ends: re.Pattern[str]) -> list[tuple[int, int]]:
    """Return the start and end of each piece of a text, without its numbering and surrounding white space."""
    cuts = [start, *(cut for mark in ends.finditer(text, start, stop) for cut in mark.span()), stop]
    pieces = []
    for begin, end in list(pairwise(cuts))[::2]:
        inner = text[begin:end].strip(_EDGES)
        if inner:
            begins = text.index(inner, begin)
            pieces.append((begins, begins + len(inner)))
    return pieces
