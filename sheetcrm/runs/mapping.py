"""Proposing what a team's own headers and words stand for: 表头对照 (practice §1.6)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path, PurePosixPath

from sheetcrm import privacy, schema
from sheetcrm.errors import UsageError, WorkbookError
from sheetcrm.excel.books.mapping_book import MAPPING, MappedHeader, MappedWord, mapping_book
from sheetcrm.intake import workbooks
from sheetcrm.intake.find.mapping import MappingRow, read_map, spellings
from sheetcrm.intake.find.nearest import Proposal, by_cells
from sheetcrm.intake.find.unread import UnknownHeader
from sheetcrm.model import RawValue
from sheetcrm.policy.model import Policy
from sheetcrm.runs.reading import as_xlsx
from sheetcrm.schema import Kind
from sheetcrm.store.files import disk, open_files
from sheetcrm.store.files.inputs import InputFile
from sheetcrm.text.dates import read_date
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


@dataclass(frozen=True, slots=True)
class Proposals:
    """What headers and words may stand for: those a person has confirmed, and those that wait."""

    headers: tuple[MappedHeader, ...]
    words: tuple[MappedWord, ...]


def propose(inputs: Sequence[InputFile], policy: Policy) -> tuple[bytes, int]:
    """Make the workbook of proposals for every header that is no field.

    Returns:
        The workbook's bytes, and how many headers wait for a person.

    Raises:
        UsageError: If the earlier 表头对照.xlsx cannot be read.
    """
    proposals = list_proposals(inputs, policy)
    return _book(proposals, policy), sum(not header.confirmed for header in proposals.headers)


def assign(
    inputs: Sequence[InputFile],
    policy: Policy,
    labels: Mapping[tuple[str, str], str],
    words: Mapping[tuple[str, str, str], str],
) -> bytes:
    """Make the workbook of proposals with what a person has just decided confirmed in it.

    Args:
        inputs: The workbooks.
        policy: The policy.
        labels: The field of each header that was decided, by its sheet and text; `schema.UNUSED` is one that is none.
        words: What each word that was decided stands for, by its sheet, header and text.

    Raises:
        UsageError: As `propose`.
    """
    proposals = list_proposals(inputs, policy)
    headers = tuple(
        replace(one, label=label, confirmed=True) if (label := labels.get((one.sheet, one.header))) else one
        for one in proposals.headers
    )
    confirmed = tuple(
        replace(one, ours=ours, confirmed=True) if (ours := words.get((one.sheet, one.header, one.word))) else one
        for one in proposals.words
    )
    return _book(Proposals(headers, confirmed), policy)


def write(target: Path, data: bytes) -> None:
    """Put a 表头对照.xlsx in place, whole beside it first: what a person filled in is never half lost.

    Raises:
        StoreError: If it cannot be written: somebody has it open, or the folder takes no file.
    """
    with disk.translate_errors(target):
        disk.make_directory(target.parent)
        staged = target.with_name(f".{MAPPING}.new")
        staged.unlink(missing_ok=True)
        disk.write_new(staged, data)
        try:
            open_files.refuse_if_open(target)
            disk.move(staged, target)
        except BaseException:
            disk.discard(staged)
            raise


def choices(policy: Policy) -> tuple[Sequence[str], Sequence[str]]:
    """Return what headers may stand for, and what words may."""
    levels = dict.fromkeys(_LEVELS.values())
    return (schema.UNUSED, *schema.mappable_labels()), (*(tier.name for tier in policy.tiers), *levels)


def _book(proposals: Proposals, policy: Policy) -> bytes:
    labels, words = choices(policy)
    return mapping_book(proposals.headers, proposals.words, labels=labels, choices=words, policy=policy)


def list_proposals(inputs: Sequence[InputFile], policy: Policy) -> Proposals:
    """Propose a field for every header that is none, and what its words stand for.

    The rows of an earlier 表头对照.xlsx among the inputs are kept as they stand, confirmed or not, and whether or not
    their headers still appear. What another workbook or the policy says of a header is not asked again.

    Raises:
        UsageError: If the earlier 表头对照.xlsx cannot be read.
    """
    files, _, refusals = as_xlsx(inputs)
    for name, refused in refusals.items():
        _refuse_mapping(name, refused.what)
    files = [entry for entry in files if entry.name not in refusals]
    rows = workbooks.rows_of_mapping((entry.name, entry.data) for entry in files)
    mapping, _ = read_map(rows, policy=policy)
    kept = [row for row in rows if PurePosixPath(row.ref.file).name == MAPPING]
    unknown: list[UnknownHeader] = []
    for entry in files:
        try:
            unknown += workbooks.unknown_headers(entry.data, file=entry.name, mapping=mapping)
        except WorkbookError as error:
            _refuse_mapping(entry.name, error.what)
            continue  # `check` names it
    asked = {row.place for row in kept if not row.word}
    new = [one for one in unknown if mapping.label_of(one.ref, one.text) is None and asked.isdisjoint(_places(one))]
    chosen = {(row.place[0], fold(row.ours)) for row in kept}
    names = _sheet_names(new)
    proposals = _one_each(new, chosen)
    tiers = [tier.name for tier in policy.tiers]
    headers = [*_kept_headers(kept, unknown), *_once(_row(one, like, names) for one, like in proposals)]
    words = [*_kept_words(kept), *(word for one, like in proposals for word in _words(one, like, tiers, names))]
    return Proposals(tuple(headers), tuple(words))


def _refuse_mapping(name: str, what: str) -> None:
    """Stop where what would be written over cannot be read: what a person filled in would be lost."""
    if PurePosixPath(name).name == MAPPING:
        raise UsageError(f"“{name}”读不出来：{what}", "请用 Excel 修复，或移走它再运行")


def _places(header: UnknownHeader) -> tuple[tuple[str, str], ...]:
    return tuple((sheet, fold(header.text)) for sheet in spellings(header.ref))


def _sheet_names(headers: Sequence[UnknownHeader]) -> Mapping[tuple[str, str], str]:
    """Name each sheet: with its file where another file's sheet of the same name has other headers."""
    texts: dict[str, dict[str, set[str]]] = {}
    for header in headers:
        texts.setdefault(fold(header.ref.sheet), {}).setdefault(header.ref.file, set()).add(fold(header.text))
    several = {sheet for sheet, files in texts.items() if len(set(map(frozenset, files.values()))) > 1}
    return {
        (header.ref.file, header.ref.sheet): f"{header.ref.file}!{header.ref.sheet}"
        if fold(header.ref.sheet) in several
        else header.ref.sheet
        for header in headers
    }


def _once(rows: Iterable[MappedHeader]) -> list[MappedHeader]:
    """List each header of a sheet once; files of one month after another have the same."""
    once: dict[tuple[str, str], MappedHeader] = {}
    for row in rows:
        once.setdefault((fold(row.sheet), fold(row.header)), row)
    return list(once.values())


def _one_each(
    headers: Sequence[UnknownHeader], chosen: AbstractSet[tuple[str, str]]
) -> list[tuple[UnknownHeader, Proposal | None]]:
    """Propose a field once on a sheet: for the header that is most like it, where no row was `chosen` for it before.

    What is left then goes by its cells; of several columns of dates the latest is asked first.
    """
    likes = [(like, at) for at, header in enumerate(headers) for like in header.candidates()]
    likes.sort(key=lambda pair: (-pair[0].likeness, pair[1]))
    taken: dict[tuple[str, str], set[str]] = {}
    proposals: dict[int, Proposal] = {}

    def propose(at: int, like: Proposal | None) -> None:
        ref = headers[at].ref
        names = taken.setdefault((ref.file, ref.sheet), set())
        if like is None or at in proposals or like.field.name in names:
            return
        if chosen.isdisjoint((sheet, fold(like.field.label)) for sheet in spellings(ref)):
            proposals[at] = like
            names.add(like.field.name)

    for like, at in likes:
        propose(at, like)
    for at in sorted(range(len(headers)), key=lambda at: _newest(headers[at]), reverse=True):
        header = headers[at]
        names = {*header.taken, *taken.get((header.ref.file, header.ref.sheet), ())}
        propose(at, by_cells(header.text, header.kinds[0], header.cells, taken=names))
    return [(header, proposals.get(at)) for at, header in enumerate(headers)]


def _newest(header: UnknownHeader) -> tuple[date, int]:
    """Return the latest day in a column, and its place from the right; long ago where it holds none."""
    days = [day for cell in header.cells for day in [read_date(cell)] if isinstance(day, date)]
    return max(days, default=date.min), -header.ref.column


def _row(header: UnknownHeader, like: Proposal | None, names: Mapping[tuple[str, str], str]) -> MappedHeader:
    samples = tuple(_masked(cell) for cell in dict.fromkeys(header.cells))[:3]
    label = like.field.label if like else ""
    sheet = names.get((header.ref.file, header.ref.sheet), header.ref.sheet)
    return MappedHeader(sheet, header.text, label, samples, str(header.ref), confirmed=False)


def _masked(cell: RawValue) -> str:
    """Show a sample: figures, days and single words as they are, of any other text the first character."""
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    text = str(int(cell)) if isinstance(cell, float) and cell == int(cell) else str(cell).strip()
    if _PLAIN.fullmatch(text) or text in _LEVELS:
        return text
    masked = privacy.mask_text(privacy.mask_contact(text))
    return masked if "*" in masked else f"{text[:1]}{'*' * min(len(text) - 1, 3)}"


def _words(
    header: UnknownHeader, like: Proposal | None, tiers: Sequence[str], names: Mapping[tuple[str, str], str]
) -> Iterable[MappedWord]:
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
    sheet = names[header.ref.file, header.ref.sheet]
    yield from (MappedWord(sheet, header.text, word, one, confirmed=False) for word, one in ours.items())


def _kept_headers(rows: Iterable[MappingRow], unknown: Iterable[UnknownHeader]) -> Iterable[MappedHeader]:
    """Keep rows as they stand; what stands under a header that is not read yet is shown as it is now."""
    now = {place: _row(one, None, {}) for one in reversed(list(unknown)) for place in _places(one)}
    for row in rows:
        if not row.word:
            shown = now.get(row.place)
            samples, cell = (shown.samples, shown.cell) if shown else (row.samples, row.cell)
            yield MappedHeader(row.sheet, row.header, row.ours, samples, cell, row.confirmed, row.further)


def _kept_words(rows: Iterable[MappingRow]) -> Iterable[MappedWord]:
    return (
        MappedWord(row.sheet, row.header, row.word, row.ours, row.confirmed, row.further) for row in rows if row.word
    )
