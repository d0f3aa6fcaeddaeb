"""Decides what phrases of time are worth beside the words around them (practice §1.3). Pure.

A day may have passed, be done, be moved or wait for an event; a count may begin at another day. The words that
say so stand in `promise_words`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from enum import Enum
from functools import partial

from sheetcrm.text import due_days, promise_words
from sheetcrm.text.due_days import ONE_DAY, ReferenceDay
from sheetcrm.text.phrases import DATED, LOOKED_AT, Phrase, Worth, beside, counts_from_end

_GAP = re.compile(r"[\s,的]*")
_DONE = re.compile(rf"(?:前|内)?\s?(?:{promise_words.DONE})")
_DONE_BEFORE = re.compile(rf"{promise_words.DONE_BEFORE}([^,]*)$")
_UNDONE = re.compile(promise_words.UNDONE)
_DROPPED = re.compile(promise_words.DROPPED)
_APPOINTED = re.compile(promise_words.APPOINTED)
_MOVED = re.compile(promise_words.MOVED)
_ARROWS = re.compile(r"[=-]?[-—>→➡]")
_FORMERLY = re.compile(rf"(?:{promise_words.FORMERLY})(?:(?!{promise_words.MOVED})[^,]){{0,10}}$")
_DELAYED = re.compile(promise_words.DELAYED)
_ROUGHLY_BEFORE = re.compile(rf"(?:{promise_words.ROUGHLY})[^,]{{0,3}}$")
_ROUGHLY_AFTER = re.compile(rf"\s?(?:左右|前后|上下|附近|不(?!要忘)|再定|[^,]{{0,6}}(?:{promise_words.ROUGHLY}))")
_ABOUT = re.compile(r"(?<![预邀相])约$")
_RANGE = re.compile(r"\s?(?:-|~|—|至|到)\s?")
_OR = re.compile(r"\s?(?:或者?|/)\s?")
_FROM_THEN = re.compile(r"(?:开始|起)(?:算)?[,\s]*")
_AGAIN = re.compile(r"[^,]{0,4}(?:一|两|二|三|\d+)次")
_AFTER_EVENT = re.compile(
    r"(?<![今最然随此稍背售前先延推错])(?:之后|以后|后|(?<!即日)(?<!今天)(?<!今日)(?<!现在)起|[收接]到[^,]{1,10})[,的\s]*$"
)
_EVENT = re.compile(rf"(?:{promise_words.pattern_of(promise_words.EVENTS)})[的\s]*$")
_FINISHED = re.compile(r"\s?(?:前|内)?(?:完成|搞定|办完|落实|结束|处理|$)")
_MORE = re.compile(r"[^,)\s]")
_IF = re.compile(rf"{promise_words.IF}[^,]*$")
_CONDITION = re.compile(rf"{promise_words.CONDITIONS}([^,]{{0,20}},?)$")
_AHEAD = re.compile("[下明后内次大]")


class State(Enum):
    """What a phrase is worth in its sentence."""

    DATED = "names a day"
    PENDING = "waits for an event still to come"
    UNREAD = "names a day that cannot be read"
    VAGUE = "names no day"


def judge(sentence: str, phrases: Sequence[Phrase]) -> list[tuple[Phrase, State]]:
    """Return the phrases of a sentence that promise something, or leave in doubt whether they do.

    A phrase that counts from another takes its place.
    """
    judged: list[tuple[Phrase, State]] = []
    previous: Phrase | None = None
    for phrase in _with_prefixes(phrases):
        begin, end = (previous.end if previous else 0), phrase.start
        gap = sentence[max(begin, end - LOOKED_AT) : end]
        if phrase.rule in due_days.MONTH_DAYS and not phrase.before and _MORE.match(sentence, phrase.end):
            phrase = replace(phrase, rule=partial(due_days.not_far, phrase.rule))  # noqa: PLW2901 - as it is meant
        entry = _joined(sentence, gap, phrase, judged)
        if entry is None:
            state = _state(sentence, gap, phrase)
            entry = (phrase, state) if state else None
        if entry:
            judged.append(entry)
        previous = phrase
    return _without_moved(sentence, _without_idle_events(judged))


def _joined(sentence: str, gap: str, phrase: Phrase, judged: list[tuple[Phrase, State]]) -> tuple[Phrase, State] | None:
    """Return a phrase that counts from the one before it, which it replaces in the list; None if it does not."""
    if not judged:
        return None
    before, state = judged[-1]
    joined = _follow_up(before, state, gap, phrase)
    if joined is None:
        return None
    judged.pop()
    end = phrase.end + sentence.startswith(")", phrase.end) * gap.endswith("(")
    return replace(joined[0], words=sentence[before.start : end], start=before.start, end=end), joined[1]


def _follow_up(before: Phrase, state: State, gap: str, phrase: Phrase) -> tuple[Phrase, State] | None:
    """Return what two phrases with a gap between them are worth together; None where each stands for itself."""
    adjacent = bool(_GAP.fullmatch(gap))
    if state is State.PENDING:
        waits = adjacent and phrase.worth in (Worth.COUNT, Worth.VAGUE, Worth.UNCLEAR)
        return (before, State.PENDING) if waits else None
    if state is not State.DATED:
        return None
    if _counts_on(before, gap, phrase, adjacent=adjacent):
        joined = Phrase("", before.start, phrase.end, Worth.COUNT, partial(_count_on, before, phrase))
        return joined, State.DATED
    if _repeats(before, gap, phrase):
        return replace(before, rule=partial(_agreed, before, phrase)), State.DATED
    if phrase.worth in DATED and before.worth is Worth.DAY and (_RANGE.fullmatch(gap) or _OR.fullmatch(gap)):
        return (phrase if _RANGE.fullmatch(gap) else before), State.DATED
    unread = not gap and (before.before or counts_from_end(before)) and phrase.worth in (Worth.COUNT, Worth.UNCLEAR)
    return (phrase, State.UNREAD) if unread else None  # 国庆前3天, 国庆后第一周


def _counts_on(before: Phrase, gap: str, phrase: Phrase, *, adjacent: bool) -> bool:
    """Return whether a phrase counts from the day before it: 节后3天内, 今天起3天内, 9月20日的拜访推迟一周."""
    if phrase.worth is Worth.COUNT and (_DELAYED.search(gap) or _FROM_THEN.fullmatch(gap)):
        return True
    return adjacent and counts_from_end(before) and phrase.worth in (Worth.COUNT, Worth.DAY, Worth.VAGUE)


def _repeats(before: Phrase, gap: str, phrase: Phrase) -> bool:
    """Return whether a phrase only repeats the day before it: 下周三(9月23日), or 9月20日,周日."""
    if before.worth not in DATED or phrase.worth not in DATED:
        return False
    if gap.strip() == "(":
        return True
    bare_weekday = phrase.rule is due_days.weekday and not phrase.parts[0]
    return before.worth is Worth.DAY and bare_weekday and bool(_GAP.fullmatch(gap)) and not before.after


def _count_on(before: Phrase, phrase: Phrase, reference: ReferenceDay) -> date | None:
    """Count from the last day of the phrase before; words that name no day (节后尽快) stand for the day after it."""
    first_day = before.due(reference)
    if first_day is None:
        return None
    starts_after = before.worth is Worth.DAY and counts_from_end(before)
    start = ReferenceDay(first_day - ONE_DAY if starts_after else first_day, reference.is_workday)
    return phrase.due(start) or (first_day if phrase.worth is Worth.VAGUE else None)


def _agreed(before: Phrase, phrase: Phrase, reference: ReferenceDay, *_parts: str | None) -> date | None:
    """Return the day that stands in brackets behind another; None unless it is the same, or lies in that period."""
    first, second = before.due(reference), phrase.due(reference)
    if first == second or (before.rule in due_days.PERIODS and first and second and second <= first):
        return second
    return None


def _state(sentence: str, gap: str, phrase: Phrase) -> State | None:
    """Return what a phrase by itself is worth; None where it promises nothing."""
    before, after = beside(sentence, phrase.start, phrase.end)
    if phrase.worth not in DATED:
        return _state_without_day(gap, phrase)
    if phrase.worth is Worth.COUNT and _CONDITION.search(gap):
        return _state_of_count(gap, after)
    if _is_open(before, after, phrase):
        return State.UNREAD
    if _is_over(before, after, phrase):
        return None
    return _state_of_count(gap, after) if phrase.worth is Worth.COUNT else State.DATED


def _state_without_day(gap: str, phrase: Phrase) -> State:
    if phrase.worth is Worth.EVENT or (phrase.worth is Worth.VAGUE and _AFTER_EVENT.search(gap)):
        return State.PENDING
    return State.VAGUE if phrase.worth is Worth.VAGUE else State.UNREAD


def _is_over(before: str, after: str, phrase: Phrase) -> bool:
    """Return whether a day has passed, is done, came to nothing or was moved."""
    if _FORMERLY.search(before) or _UNDONE.search(after):
        return True
    if _DONE.match(after) and not _APPOINTED.match(after):
        return True
    done = _done_before(before, phrase)
    return done is not None and len(done) <= 1


def _is_open(before: str, after: str, phrase: Phrase) -> bool:
    """Return whether the words around a day leave it in doubt."""
    if _FORMERLY.search(before):
        return False
    if _ROUGHLY_BEFORE.search(before) or _ROUGHLY_AFTER.match(after):
        return True
    if _IF.search(before) or _DROPPED.search(after):
        return True
    if phrase.worth is Worth.COUNT:
        recurs = phrase.words[-1] not in "内后" and _AGAIN.match(after)
        return bool(recurs or _ABOUT.search(before))
    done = _done_before(before, phrase)
    return done is not None and len(done) > 1


def _done_before(before: str, phrase: Phrase) -> str | None:
    """Return what stands between a word of completion and a day; None without one, or where the day is to come."""
    done = _DONE_BEFORE.search(before)
    if not done or phrase.worth is Worth.COUNT or _APPOINTED.search(before) or _AHEAD.search(phrase.words):
        return None
    return done[1]


def _state_of_count(gap: str, after: str) -> State:
    if _AFTER_EVENT.search(gap):
        return State.PENDING
    if _EVENT.search(gap) and not _FINISHED.match(after):
        return State.PENDING
    condition = _CONDITION.search(gap)
    if not condition:
        return State.DATED
    if condition[1].strip(" ,"):
        return State.PENDING
    return State.DATED if gap.endswith(("等", "待")) else State.UNREAD


def _without_idle_events(judged: Sequence[tuple[Phrase, State]]) -> list[tuple[Phrase, State]]:
    """Leave out an event without a count (验收后) where the sentence names a day too."""
    dated = any(state is State.DATED for _, state in judged)
    return [
        entry
        for entry in judged
        if not (dated and entry[0].worth is Worth.EVENT and entry[0].words.endswith(("后", "后的")))
    ]


def _without_moved(sentence: str, judged: list[tuple[Phrase, State]]) -> list[tuple[Phrase, State]]:
    """Leave out the days in front of a word that moves them; a day moved to none is in doubt."""
    for mark in _MOVED.finditer(sentence):
        old = [phrase for phrase, _ in judged if phrase.end <= mark.start()]
        if not old:
            continue
        between = sentence[old[-1].end : mark.start()]
        if _ARROWS.match(mark[0]) and promise_words.is_ours("", between.strip() or "-"):
            continue  # 10月8日报价→10月15日签约 are two steps
        if any(phrase.start >= mark.end() for phrase, _ in judged):
            judged = [entry for entry in judged if entry[0].end > mark.start()]
        else:
            judged = [(phrase, State.UNREAD if phrase in old else state) for phrase, state in judged]
    return judged


def _with_prefixes(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Give a weekday the prefix of the one before it: 下周三报价,周四拜访."""
    prefix: str | None = None
    read = []
    for phrase in phrases:
        if phrase.rule is due_days.weekday:
            if phrase.parts[0]:
                prefix = phrase.parts[0]
            elif prefix:
                phrase = replace(phrase, parts=(prefix, *phrase.parts[1:]))  # noqa: PLW2901 - the phrase as it is meant
        read.append(phrase)
    return read
