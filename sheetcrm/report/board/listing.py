"""Lists what the page's script searches and sorts: short rows of plain values, as JSON (practice §10, §11).

Words that repeat stand once, in `words`, and are named by their place in it. `templates/board.js` reads the values of a
row in the order they have here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from sheetcrm.model import Alert, Assessment, DueItem, GroupFigures, Movement, Problem, Ratio, Severity
from sheetcrm.model.lists import UNNAMED
from sheetcrm.policy.run import Results
from sheetcrm.privacy import Raw
from sheetcrm.problems import title_of
from sheetcrm.report.board.names_hidden import HiddenNames
from sheetcrm.report.pages.filters import clean
from sheetcrm.report.pages.rows import LEVELS

MOST_CUSTOMERS = 3000
"""Up to so many customers all are listed, above it only those with an alert, a move or an overdue item (§10)."""
MOST_BYTES = 1_900_000
"""What the lists may weigh, of the 2 MB of the page."""
MOST_PROBLEMS = 1000
_MOST_MOVES = 4000
_LONGEST = 80
"""Characters of a cell's text in a list."""
_SEVERITIES = [level.value for level in (Severity.ERROR, Severity.WARNING, Severity.NOTE)]
_FORMS = ((True, True, 12_000), (False, True, 12_000), (False, False, 6000), (False, False, 2000))
"""What is left out until the page is small enough: explanations (of all, of who is not notable), due items."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The lists as JSON, and how much of the period is in them."""

    data: str
    customers: int
    notable: int
    due_items: int
    due_listed: int
    moves: int
    moves_listed: int
    problems: int
    explained: bool


def list_all(results: Results, hidden: HiddenNames) -> Listing:
    """List a period for the page, as much of it as `MOST_BYTES` holds. Pure."""
    is_listed = _listed(results.assessments)
    for every, notable, due_items in _FORMS:
        lists = _Lists(results, hidden, explains=(every, notable), most_due=due_items)
        listing = lists.listing(is_listed)
        if len(listing.data.encode()) <= MOST_BYTES:
            break
    return listing


def is_notable(entry: Assessment) -> bool:
    """Return whether a customer has an alert, another tier than last period, or an overdue item. Pure."""
    return bool(entry.alerts) or _has_moved(entry) or _days_late(entry) > 0


def _listed(assessments: Sequence[Assessment]) -> Sequence[Assessment]:
    """Choose the customers on the page: all, or the notable ones, the gravest first where even these are too many."""
    if len(assessments) <= MOST_CUSTOMERS:
        return assessments
    notable = [entry for entry in assessments if is_notable(entry)]
    if len(notable) > MOST_CUSTOMERS:
        notable.sort(key=lambda entry: (_gravity(entry), -_days_late(entry), entry.customer.customer_id))
    return notable[:MOST_CUSTOMERS]


def _gravity(entry: Assessment) -> int:
    return min((LEVELS.index(alert.level) for alert in entry.alerts), default=len(LEVELS))


def _rank(alert: Alert) -> tuple[int, date, str]:
    return LEVELS.index(alert.level), alert.due, alert.code


def _days_late(entry: Assessment) -> int:
    return max((item.overdue_days for item in entry.due), default=0)


def _has_moved(entry: Assessment) -> bool:
    return bool(entry.previous_grade) and entry.previous_grade != entry.grade


class _Lists:
    """The lists of one form of the page, and the words they share."""

    def __init__(self, results: Results, hidden: HiddenNames, *, explains: tuple[bool, bool], most_due: int) -> None:
        self._results = results
        self._hidden = hidden
        self._explains_all, self._explains_notable = explains
        self._most_due = most_due
        self._words: dict[str, int] = {}

    def listing(self, listed: Sequence[Assessment]) -> Listing:
        """Write the lists."""
        keys = self._keys(listed)
        customers = [self._customer(entry, key) for entry, key in zip(listed, keys, strict=True)]
        due, moves = self._due(listed), self._moves(listed)
        problems = self._problems()
        data = {
            "customers": customers,
            "due": due[: self._most_due],
            "moves": moves[:_MOST_MOVES],
            "owners": self._owners(),
            "problems": problems[:MOST_PROBLEMS],
            "tiers": [tier.name for tier in self._results.run.policy.tiers],
            "unnamed": UNNAMED,
            "words": list(map(self._hidden.gate, self._words)),
        }
        return Listing(
            data=for_script(data),
            customers=len(customers),
            notable=sum(map(is_notable, self._results.assessments)),
            due_items=sum(self._is_due(item) for entry in self._results.assessments for item in entry.due),
            due_listed=min(len(due), self._most_due),
            moves=sum(map(_has_moved, self._results.assessments)) + len(self._results.figures.departed),
            moves_listed=min(len(moves), _MOST_MOVES),
            problems=len(problems),
            explained=self._explains_all,
        )

    def _word(self, text: str | None) -> int:
        return self._words.setdefault(clean(text), len(self._words))

    def _text(self, text: str | None) -> str:
        return _cut(self._hidden.in_text(text))

    def _is_due(self, item: DueItem) -> bool:
        return item.overdue_days > 0 or item.due <= self._results.figures.horizon

    def _keys(self, listed: Sequence[Assessment]) -> list[str]:
        """Name each customer for its link: its number as it is shown, with a count where two are shown alike."""
        uses: dict[str, int] = {}
        keys = []
        for entry in listed:
            shown = self._text(entry.customer.customer_id)
            uses[shown] = uses.get(shown, 0) + 1
            keys.append(shown if uses[shown] == 1 else f"{shown}~{uses[shown]}")
        return keys

    def _customer(self, entry: Assessment, key: str) -> list[object]:
        is_explained = self._explains_all or (self._explains_notable and is_notable(entry))
        marks = (
            ("待审核", entry.awaiting_audit),
            ("触发复评，等级未变", entry.reaffirmed),
            ("人工调整", entry.override is not None),
            ("资料过期", entry.outdated),
        )
        return [
            key,
            _cut(self._hidden.of_customer(entry.customer)),
            self._word(entry.grade),
            self._word(entry.previous_grade),
            self._word(entry.movement.value if entry.movement else ""),
            _number(entry.score.total, 1),
            _number(entry.measures.spend_12m, 0),
            entry.measures.recency_days,
            self._word(self._text(entry.owner)),
            self._word(self._text(entry.department)),
            self._word(entry.health.colour),
            self._word(entry.risk),
            self._word(self._text(entry.tags)),
            self._word("，".join(mark for mark, holds in marks if holds)),
            [self._alert(entry, alert) for alert in sorted(entry.alerts, key=_rank)],
            [self._word(self._hidden.in_text(reason)) for reason in entry.reasons] if is_explained else [],
        ]

    def _alert(self, entry: Assessment, alert: Alert) -> list[object]:
        owner = entry.owner if alert.owner == "客户经理" and entry.owner else alert.owner
        words = (alert.level, alert.code, alert.action, self._text(owner))
        return [*map(self._word, words), alert.due.isoformat()]

    def _due(self, listed: Sequence[Assessment]) -> list[list[object]]:
        """List what is overdue or due by the horizon, the longest overdue first, the best tiers before others.

        What was promised is not told.
        """
        tiers = [tier.name for tier in self._results.run.policy.tiers]
        items: list[tuple[int, date, int, int, DueItem]] = [
            (-item.overdue_days, item.due, _place(entry.grade, tiers), place, item)
            for place, entry in enumerate(listed)
            for item in entry.due
            if self._is_due(item)
        ]
        items.sort(key=lambda row: (*row[:4], row[4].action))
        return [
            [
                place,
                item.due.isoformat(),
                self._word(item.marked),
                self._word(self._text(item.owner)),
                item.overdue_days,
                self._word(item.escalated_to),
                int(item.estimated),
            ]
            for *_, place, item in items
        ]

    def _moves(self, listed: Sequence[Assessment]) -> list[list[object]]:
        """List who moved: up, down, otherwise, each with the best tiers first, and who is gone (their place is -1)."""
        order = [Movement.UP, Movement.DOWN]
        tiers = [tier.name for tier in self._results.run.policy.tiers]

        def rank(row: tuple[Assessment, int]) -> tuple[int, int]:
            entry, _ = row
            best = min(_place(entry.grade, tiers), _place(entry.previous_grade, tiers))
            return order.index(entry.movement) if entry.movement in order else len(order), best

        rows = sorted(((entry, place) for place, entry in enumerate(listed) if _has_moved(entry)), key=rank)
        moved: list[list[object]] = [
            [
                *(place, "", self._word(entry.previous_grade), self._word(entry.grade)),
                self._word(entry.movement.value if entry.movement in order else ""),
                self._word(self._hidden.in_text(entry.change or entry.standing_note)),
                self._word(""),
            ]
            for entry, place in rows
        ]
        gone: list[list[object]] = [
            [
                *(-1, _cut(self._hidden.of_departed(one.customer_id)), self._word(one.past.grade)),
                *(self._word(Movement.GONE.value), self._word(Movement.GONE.value)),
                self._word(f"{one.past.period} 在册，本期的工作簿里没有"),
                self._word(self._text(one.owner)),
            ]
            for one in self._results.figures.departed
        ]
        return [*moved, *gone]

    def _owners(self) -> list[list[object]]:
        kept = {one.owner: one.kept for one in self._results.lists.keeping}
        return [self._owner(group, kept.get(group.name, Ratio())) for group in self._results.figures.owners]

    def _owner(self, group: GroupFigures, kept: Ratio) -> list[object]:
        done = group.figures.get("followed_up")
        return [
            self._word(self._text(group.name)),
            group.customers,
            _number(group.spend_12m.sum, 0) if group.spend_12m.n else None,
            group.movements.get(Movement.UP, 0),
            group.movements.get(Movement.DOWN, 0),
            group.health.get("红", 0),
            group.overdue,
            group.due,
            [done.n, done.total] if done and done.value is not None else None,
            [kept.n, kept.total] if kept.total else None,
        ]

    def _problems(self) -> list[list[object]]:
        problems = sorted(self._results.problems, key=lambda one: _SEVERITIES.index(one.severity.value))
        return [self._problem(problem) for problem in problems]

    def _problem(self, problem: Problem) -> list[object]:
        return [
            self._word(problem.severity.value),
            self._word(title_of(problem.kind)),
            self._word(self._hidden.in_text(problem.ref.file)),
            self._hidden.in_text(str(replace(problem.ref, file="")).removeprefix("!")),
            len(problem.further),
            self._word(self._hidden.in_text(problem.fix)),
        ]


def for_script(value: object) -> Raw:
    """Write plain values as JSON that no browser takes for markup, wherever in a page it stands. Pure."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Raw(text)


def _place(grade: str | None, tiers: Sequence[str]) -> int:
    return tiers.index(grade) if grade in tiers else len(tiers)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _number(value: Decimal | None, places: int) -> float | int | None:
    if value is None:
        return None
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return float(rounded) if places else int(rounded)
