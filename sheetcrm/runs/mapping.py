"""Proposing what a team's own headers and words stand for: 表头对照 (practice §1.6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from sheetcrm import privacy, schema
from sheetcrm.errors import WorkbookError
from sheetcrm.excel.books.mapping_book import MappedHeader, MappedWord, mapping_book
from sheetcrm.intake import workbooks
from sheetcrm.intake.find.mapping import UNUSED, HeaderMap, field_labels
from sheetcrm.intake.find.nearest import Proposal, nearest
from sheetcrm.intake.find.unread import UnknownHeader
from sheetcrm.model import RawValue
from sheetcrm.policy.model import Policy
from sheetcrm.schema import Kind
from sheetcrm.store.files.inputs import InputFile

_MOST_WORDS = 8
"""Different words in a column that are still listed one by one."""
_LONGEST_WORD = 6
_LEVELS = {
    **dict.fromkeys(("好", "优", "较好", "上升"), "高"),
    **dict.fromkeys(("一般", "良", "持平"), "中"),
    **dict.fromkeys(("差", "较差", "下降"), "低"),
}
"""Words for a level, and what they most likely stand for."""
_PLAIN = re.compile(
    r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?|[¥-]?[\d.,]{1,7}(?:[万亿]?元?|%|天|次/年|次|单|人)?|[A-Za-z高中低]"
)
"""Samples that are no personal data: a day, a figure too short for a phone, a letter."""


def propose(inputs: Sequence[InputFile], policy: Policy) -> tuple[bytes, int]:
    """Make the workbook of proposals for every header that is no field; what was confirmed before is kept.

    Returns:
        The workbook's bytes, and how many headers wait for a person.
    """
    mapping, _ = workbooks.read_mapping((entry.name, entry.data) for entry in inputs)
    unknown: list[UnknownHeader] = []
    for entry in inputs:
        try:
            unknown += workbooks.unknown_headers(entry.data, file=entry.name, mapping=mapping)
        except WorkbookError:
            continue  # `check` names it
    unknown = [one for one in unknown if mapping.label_of(one.ref.sheet, one.text) is None]
    proposals = _one_each([(one, nearest(one.text, one.kinds, one.cells)) for one in unknown])
    tiers = [tier.name for tier in policy.tiers]
    headers = [*_kept_headers(mapping), *(_row(one, like) for one, like in proposals)]
    words = [*_kept_words(mapping), *(word for one, like in proposals for word in _words(one, like, tiers))]
    levels = list(dict.fromkeys(_LEVELS.values()))
    data = mapping_book(headers, words, labels=(UNUSED, *field_labels()), choices=(*tiers, *levels), policy=policy)
    return data, len(unknown)


def _one_each(
    proposals: Iterable[tuple[UnknownHeader, Proposal | None]],
) -> list[tuple[UnknownHeader, Proposal | None]]:
    """Propose a field once on a sheet: for the header that is most like it."""
    listed = list(proposals)
    best: dict[tuple[str, str, str], tuple[int, int]] = {}
    for at, (header, like) in enumerate(listed):
        if like:
            place = (header.ref.file, header.ref.sheet, like.field.label)
            best[place] = max(best.get(place, (0, 0)), (like.likeness, -at))
    winners = {-at for _, at in best.values()}
    return [(header, like if at in winners else None) for at, (header, like) in enumerate(listed)]


def _row(header: UnknownHeader, like: Proposal | None) -> MappedHeader:
    samples = tuple(_masked(cell) for cell in dict.fromkeys(header.cells))[:3]
    label = like.field.label if like else ""
    return MappedHeader(header.ref.sheet, header.text, label, samples, str(header.ref), confirmed=False)


def _masked(cell: RawValue) -> str:
    """Show a sample: figures, days and single words as they are, of any other text the first character."""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    text = str(int(cell)) if isinstance(cell, float) and cell == int(cell) else str(cell).strip()
    if _PLAIN.fullmatch(text) or text in _LEVELS:
        return text
    masked = privacy.mask_text(privacy.mask_contact(text))
    return masked if "*" in masked else f"{text[:1]}{'*' * min(len(text) - 1, 3)}"


def _words(header: UnknownHeader, like: Proposal | None, tiers: Sequence[str]) -> Iterable[MappedWord]:
    """Propose what the words of a tier's or a level's column stand for."""
    if like is None:
        return
    texts = list(dict.fromkeys(cell.strip() for cell in header.cells if isinstance(cell, str) and cell.strip()))
    if len(texts) > _MOST_WORDS or any(len(text) > _LONGEST_WORD for text in texts):
        return
    if like.field.name in {"tier", "grade"}:
        ours: Mapping[str, str] = dict(zip(sorted(texts), tiers, strict=False))
        ours = {word: tier for word, tier in ours.items() if word not in tiers}
    elif like.field.kind is Kind.LEVEL or like.field.choices == schema.PROFILE.field("intent").choices:
        ours = {word: _LEVELS[word] for word in texts if word in _LEVELS}
    else:
        return
    yield from (MappedWord(header.ref.sheet, header.text, word, one, confirmed=False) for word, one in ours.items())


def _kept_headers(mapping: HeaderMap) -> Iterable[MappedHeader]:
    for (sheet, header), label in mapping.labels.items():
        yield MappedHeader(sheet, header, label or UNUSED, (), "", confirmed=True)


def _kept_words(mapping: HeaderMap) -> Iterable[MappedWord]:
    for (sheet, header), words in mapping.words.items():
        for word, ours in words.items():
            yield MappedWord(sheet, header, word, ours, confirmed=True)
