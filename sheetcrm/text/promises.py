"""Finds due dates in the prose of 下一步计划 (practice §1.3, §8). Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import lru_cache
from itertools import pairwise

from sheetcrm.model import Promise
from sheetcrm.text.folding import simplify
from sheetcrm.text.phrases import Phrase, ReferenceDay, find_phrases

_HALF_WIDTH = str.maketrans({chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {"\u3000": " "})
_CLAUSE_ENDS = re.compile(r"[;。!?\n\r①-⑳]|,(?!\d{3})|(?:^|(?<=[\s;。,]))\d{1,2}(?:、|\.(?!\d)|\))")
_EDGES = " \t,、:-·"


def read_promises(text: str, *, recorded: date, is_workday: Callable[[date], bool]) -> tuple[Promise, ...]:
    """Find the promises in a plan that name a day, in the order they are written.

    Args:
        text: The cell's text; it may hold several clauses.
        recorded: The day of the record.
        is_workday: The working calendar, for 工作日 and 节后.

    Returns:
        One promise for each due date; one without `due` for each clause that sounds like a dated promise
        and is not (尽快, 每周, 2月30日). Nothing for text without a word of time.
    """
    reference = ReferenceDay(recorded, is_workday)
    promises: list[Promise] = []
    for clause, phrases in _timed_clauses(text):
        dues = [(phrase.due(reference), phrase.words) for phrase in phrases]
        dated = [(due, words) for due, words in dues if due]
        promises += [Promise(clause, due, words) for due, words in dated or dues[:1]]
    return tuple(dict.fromkeys(promises))


@lru_cache(1 << 15)
def _timed_clauses(text: str) -> tuple[tuple[str, tuple[Phrase, ...]], ...]:
    """Find the clauses with phrases of time, each in its own spelling."""
    folded = simplify(text.translate(_HALF_WIDTH))
    if len(folded) != len(text):
        text = folded
    clauses = [(start, end, find_phrases(folded[start:end])) for start, end in _clauses(folded)]
    timed = []
    for (start, end, phrases), (_, next_end, next_phrases) in pairwise([*clauses, (0, 0, ())]):
        only_time = bool(phrases) and phrases[0].words == folded[start:end]
        joined = only_time and next_end > 0 and not next_phrases  # "5月12日前,提供报价" is one promise
        if phrases:
            timed.append((text[start : next_end if joined else end], phrases))
    return tuple(timed)


def _clauses(text: str) -> list[tuple[int, int]]:
    """Return the start and end of each clause, without its numbering and surrounding white space."""
    cuts = [0, *(cut for mark in _CLAUSE_ENDS.finditer(text) for cut in mark.span()), len(text)]
    clauses = []
    for start, end in list(pairwise(cuts))[::2]:
        inner = text[start:end].strip(_EDGES)
        if inner:
            begins = text.index(inner, start)
            clauses.append((begins, begins + len(inner)))
    return clauses
