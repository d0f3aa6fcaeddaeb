"""Proposing what a team's own headers and words stand for: 表头对照 (practice §1.6)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import PurePosixPath

from sheetcrm import privacy, schema
from sheetcrm.errors import WorkbookError
from sheetcrm.excel.books.mapping_book import MAPPING, MappedHeader, MappedWord, mapping_book
from sheetcrm.intake import workbooks
from sheetcrm.intake.find.mapping import MappingRow, read_map
from sheetcrm.intake.find.nearest import Proposal, nearest
from sheetcrm.intake.find.unread import UnknownHeader
from sheetcrm.model import RawValue
from sheetcrm.policy.model import Policy
from sheetcrm.runs.reading import as_xlsx
from sheetcrm.schema import Kind
from sheetcrm.store.files.inputs import InputFile
from sheetcrm.text.folding import fold

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
    """Make the workbook of proposals for every header that is no field.

    The rows of an earlier 表头对照.xlsx among the inputs are kept as they stand, confirmed or not, and whether or not
    their headers still appear. What another workbook or the policy says of a header is not asked again.

    Returns:
        The workbook's bytes, and how many headers wait for a person.
    """
    files, _, refusals = as_xlsx(inputs)
    files = [entry for entry in files if entry.name not in refusals]
    rows = workbooks.rows_of_mapping((entry.name, entry.data) for entry in files)
    mapping, _ = read_map(rows, policy=policy)
    kept = [row for row in rows if PurePosixPath(row.ref.file).name == MAPPING]
    unknown: list[UnknownHeader] = []
    for entry in files:
        try:
            unknown += workbooks.unknown_headers(entry.data, file=entry.name, mapping=mapping)
        except WorkbookError:
            continue  # `check` names it
    asked = {row.place for row in kept if not row.word}
    new = [one for one in unknown if mapping.label_of(one.ref.sheet, one.text) is None and _place(one) not in asked]
    chosen = {(row.place[0], fold(row.ours)) for row in kept}
    proposals = _one_each([(one, nearest(one.text, one.kinds, one.cells)) for one in new], chosen)
    tiers = [tier.name for tier in policy.tiers]
    headers = [*_kept_headers(kept, unknown), *(_row(one, like) for one, like in proposals)]
    words = [*_kept_words(kept), *(word for one, like in proposals for word in _words(one, like, tiers))]
    levels = list(dict.fromkeys(_LEVELS.values()))
    labels = (schema.UNUSED, *schema.mappable_labels())
    data = mapping_book(headers, words, labels=labels, choices=(*tiers, *levels), policy=policy)
    return data, sum(not header.confirmed for header in headers)


def _place(header: UnknownHeader) -> tuple[str, str]:
    return fold(header.ref.sheet), fold(header.text)


def _one_each(
    proposals: Iterable[tuple[UnknownHeader, Proposal | None]], chosen: Collection[tuple[str, str]]
) -> list[tuple[UnknownHeader, Proposal | None]]:
    """Propose a field once on a sheet: for the header that is most like it, where no row was `chosen` for it before."""
    listed = list(proposals)
    best: dict[tuple[str, str, str], tuple[int, int]] = {}
    for at, (header, like) in enumerate(listed):
        if like and (fold(header.ref.sheet), fold(like.field.label)) not in chosen:
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


def _kept_headers(rows: Iterable[MappingRow], unknown: Iterable[UnknownHeader]) -> Iterable[MappedHeader]:
    """Keep rows as they stand; what stands under a header that is not read yet is shown as it is now."""
    now = {_place(one): _row(one, None) for one in reversed(list(unknown))}
    for row in rows:
        if not row.word:
            shown = now.get(row.place)
            samples, cell = (shown.samples, shown.cell) if shown else (row.samples, row.cell)
            yield MappedHeader(row.sheet, row.header, row.ours, samples, cell, row.confirmed)


def _kept_words(rows: Iterable[MappingRow]) -> Iterable[MappedWord]:
    return (MappedWord(row.sheet, row.header, row.word, row.ours, row.confirmed) for row in rows if row.word)
