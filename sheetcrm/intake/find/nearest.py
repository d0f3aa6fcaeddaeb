"""Find the field a header people made up is most like: a proposal, never a reading (practice §1.6). Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from sheetcrm import schema
from sheetcrm.intake.find.cue_words import TITLES, hinted, opposed, titled
from sheetcrm.intake.find.looks import fit, is_empty, looks_of
from sheetcrm.model import RawValue
from sheetcrm.schema import Field, Kind
from sheetcrm.text.folding import fold, split_header, squeeze

_LEAST = 50
"""The likeness a proposal needs, of 100."""
_OTHER_KIND = 5
"""What a field of the other kind of sheet is less likely."""
_BY_CELLS = 45
"""The likeness of a field that only the cells speak for."""
_SPAN = re.compile("年|月|季|次|回|year|month|12m")
"""Without one of these small numbers may be anything."""
_LISTED = {
    "company": "name",
    "phone": "phone",
    "code": "customer_id",
    "times": "frequency_12m",
    "number": "frequency_12m",
    "money": "spend_12m",
}
_PLAIN_CELLS: Mapping[str, Mapping[str, str]] = {
    "profile": {**_LISTED, "date": "last_deal", "days": "last_deal", "person": "contact owner"},
    "scoring": {**_LISTED, "date": "recency", "days": "recency", "rate": "repurchase_rate", "level": "growth_level"},
    "order": {"company": "name", "code": "order_no", "date": "date", "money": "amount", "text": "product"},
    "follow_up": {"company": "name", "date": "date", "person": "person", "sentence": "summary feedback next_step"},
    "service": {"company": "name", "date": "requested_at", "person": "staff"},
}
"""By the kind of sheet: cells that say by themselves what they most likely are, and the fields, the likeliest first."""

_NO_FIELD = frozenset(map(fold, ("序号", "行号", "上级主管", "主营产品")))
"""Headers that are no field, however like one they look."""
_A_YEAR = re.compile(r"\d+(?:\.\d+)?[次单笔回]/(?:年|季度?|月|周)")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A field that a header may stand for, the kind of sheet it is of, and how like the two are, of 100."""

    kind: str
    field: Field
    likeness: int


def nearest(
    text: str, kinds: Sequence[str], cells: Iterable[RawValue] = (), *, taken: Collection[str] = ()
) -> Proposal | None:
    """Find the field of some kinds of sheets that a header is most like; None where it is like none.

    Args:
        text: The header.
        kinds: The kinds of sheets, the likeliest first.
        cells: The column's cells; what they are counts beside the words.
        taken: The fields, by name, that the sheet has already.
    """
    return max(candidates(text, kinds, cells, taken=taken), key=lambda like: like.likeness, default=None)


def candidates(
    text: str, kinds: Sequence[str], cells: Iterable[RawValue] = (), *, taken: Collection[str] = ()
) -> list[Proposal]:
    """List the fields that a header is like, as `nearest`."""
    header = split_header(text)
    if not header.label or header.label in _NO_FIELD:
        return []
    sample = tuple(cells)
    looks = looks_of(sample, header.notes)
    if looks == "code" and schema.ORDERS.kind in kinds[:1] and len(set(sample)) == len(sample) > 1:
        taken = {*taken, "customer_id"}  # numbers of which none returns are those of orders
    proposals: list[Proposal] = []
    for kind in kinds:
        guess = _guess(kind, header.label, looks, taken)
        if guess is not None:
            proposals.append(Proposal(kind, guess, 100))
        else:
            less = 0 if kind == kinds[0] else _OTHER_KIND
            proposals += _alike(header.label, kind, looks, sample, taken, less=less)
    return proposals


def by_cells(text: str, kind: str, cells: Sequence[RawValue], *, taken: Collection[str]) -> Proposal | None:
    """Propose a field that cells are plainly of, where no word of their header speaks for one.

    Args:
        text: The header: the unit in its brackets counts, and a word for a span of time.
        kind: The kind of sheet.
        cells: The column's cells.
        taken: The fields, by name, that other columns are or are taken to be.
    """
    header = split_header(text)
    looks = looks_of(cells, header.notes) or ""
    if header.label in _NO_FIELD or (looks == "number" and not _SPAN.search(header.label)):
        return None
    fields = _PLAIN_CELLS.get(kind, {}).get(looks, "").split()
    name = next((name for name in fields if name not in taken), None)
    return Proposal(kind, schema.sheet(kind).field(name), _BY_CELLS) if name else None


def stated(text: str, kind: str, cells: Iterable[RawValue]) -> Field | None:
    """Return the field of a guess that every one of its cells says by itself: 购买次数 of `12次/年` is no lifetime's.

    Only a frequency is ever said so; a doubt is left to a person (practice §1.6).
    """
    guess = _guesses(kind).get(split_header(text).label)
    filled = [cell for cell in cells if not is_empty(cell)]
    if guess is None or guess.kind is not Kind.FREQUENCY or not filled:
        return None
    return guess if all(isinstance(cell, str) and _A_YEAR.fullmatch(squeeze(cell)) for cell in filled) else None


def kinds_like(texts: Sequence[str], title: str = "") -> list[str]:
    """Order the kinds of sheets by how many headers are, or may be, fields of theirs; those with none are left out.

    A header that only hints at fields counts half; the sheet's name counts as a header.
    """
    labels = [label for text in texts if (label := split_header(text).label)]
    counts: dict[str, float] = {}
    for entry in schema.SHEETS:
        names = schema.labels(entry.kind)
        count = float(sum(label in names or label in _guesses(entry.kind) for label in labels))
        if entry.kind in TITLES:
            others = [label for label in labels if label not in names and label not in _guesses(entry.kind)]
            hints = {_hinted_field(label, entry.kind) for label in others} - {None}
            count += len(hints) / 2 + titled(title, entry.kind)
        counts[entry.kind] = count
    return [kind for kind, count in sorted(counts.items(), key=lambda pair: -pair[1]) if count]


def _hinted_field(label: str, kind: str) -> str | None:
    """Return the field of a kind of sheet that a header hints at most."""
    fields = schema.sheet(kind).fields
    best = max(fields, key=lambda field: hinted(label, field.name))
    return best.name if hinted(label, best.name) else None


def _guess(kind: str, label: str, looks: str | None, taken: Collection[str]) -> Field | None:
    """Return the field a header is listed as a guess of; numbers under 客户 are no names."""
    guess = _guesses(kind).get(label)
    if guess is not None and guess.name == "name" and looks in {"code", "number"} and "customer_id" not in taken:
        guess = schema.sheet(kind).field("customer_id")
    return guess if guess is not None and guess.name not in taken else None


def _alike(
    label: str, kind: str, looks: str | None, cells: Sequence[RawValue], taken: Collection[str], *, less: int
) -> Iterable[Proposal]:
    from rapidfuzz import fuzz  # noqa: PLC0415 - only a header nobody knows pays for it

    alike: dict[str, float] = {}
    fields: dict[str, Field] = {}
    for name, field in _names(kind).items():
        if field.name not in taken:
            fields[field.name] = field
            if len(name) == 1:
                continue  # R is in every English header
            likeness = (2 * fuzz.ratio(label, name) + fuzz.partial_ratio(label, name)) / 3
            alike[field.name] = max(alike.get(field.name, 0), likeness)
    for name, field in fields.items():
        likeness = max(alike.get(name, 0), hinted(label, name)) - opposed(label, name) + fit(field, looks, cells)
        if likeness >= _LEAST:
            yield Proposal(kind, field, round(likeness) - less)


@cache
def _names(kind: str) -> Mapping[str, Field]:
    """Map the labels, aliases and guesses of a kind of sheet to its fields."""
    return {**schema.labels(kind), **_guesses(kind)}


@cache
def _guesses(kind: str) -> Mapping[str, Field]:
    sheet = schema.sheet(kind)
    return {fold(guess): entry for entry in (*sheet.fields, *sheet.further) for guess in entry.guesses}
