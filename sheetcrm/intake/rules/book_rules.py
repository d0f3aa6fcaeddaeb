"""Rules that only several rows together can break (practice §1.7). Pure."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, TypeVar

from sheetcrm import privacy, schema
from sheetcrm.intake.rules.findings import MANY, Subject, events, keyed
from sheetcrm.model import CellRef, Problem, Profile, Record, ScoringRow, ServiceRequest
from sheetcrm.model.prospects import is_prospect
from sheetcrm.problems import MOST_LISTED, address, listed, problem, shown
from sheetcrm.text.folding import fold

_PERSON = re.compile("[\u4e00-\u9fff]{1,3}[^\\W\\d_A-Za-z公司厂店行院社团校部所站]")
"""Two to four characters that end as no firm does."""
_SPACES = re.compile(r"[\s-]")
_LEGAL_FORM = re.compile(r"(有限责任公司|股份有限公司|有限公司|集团|股份|公司|\(.*?\)|[\s·.,\-_])")


def keys_once(subject: Subject) -> Iterable[Problem]:
    """A customer has one row in one kind of sheet, over all files; else none of its rows there counts.

    Where names are the keys, whose a masked or a person's name is in the other kind of sheet nobody knows either.
    """
    twins: dict[str, list[Profile | ScoringRow]] = {}
    for every in (subject.records.profiles, subject.records.scorings):
        records = [record for record in every if not record.origin.beside]
        if len({record.customer_id for record in records}) == len(records):
            continue
        groups: Mapping[str, list[Profile | ScoringRow]] = _grouped((record.customer_id, record) for record in records)
        for key, same in groups.items():
            if len(same) > 1:
                by_name = all(record.customer_id == record.name for record in same)
                refs = sorted(record.ref("name" if by_name else "customer_id") for record in same)
                title = schema.sheet(same[0].origin.kind).title
                for ref in refs:
                    kind = "name-twice" if by_name else "key-twice"
                    yield problem(kind, ref, found=shown(key), title=title, places=_others(ref, refs))
                if by_name and any(_is_anybodys(record) for record in same):
                    twins[key] = same
    yield from _whose(subject, twins)


def _whose(subject: Subject, twins: Mapping[str, list[Profile | ScoringRow]]) -> Iterable[Problem]:
    """Report the rows of the other kind of sheet that may be of either of two customers of one name."""
    records: Sequence[Profile | ScoringRow] = (*subject.records.profiles, *subject.records.scorings)
    for record in records if twins else ():
        same = twins.get(record.customer_id)
        if same is None or record.origin.beside or record.origin.kind == same[0].origin.kind:
            continue
        ref, title = record.ref("name"), schema.sheet(same[0].origin.kind).title
        places = _others(ref, [ref, *sorted(other.ref("name") for other in same)])
        yield problem("name-twice", ref, found=shown(record.name), title=title, places=places)


def _is_anybodys(record: Profile | ScoringRow) -> bool:
    """Return whether several customers may well have a name: a masked one, or a person's."""
    is_person = isinstance(record, Profile) and record.customer_type == "个人"
    return "*" in record.name or is_person or _PERSON.fullmatch(record.name) is not None


def _others(ref: CellRef, refs: Sequence[CellRef]) -> str:
    """List the other places of a key: their number, and no more of them than are shown."""
    near = [other for other in refs[: MOST_LISTED + 1] if other != ref][:MOST_LISTED]
    return listed([_seen_from(ref, other) for other in near], count=len(refs) - 1)


def customers_known(subject: Subject) -> Iterable[Problem]:
    """Orders, contacts and the like are of customers that are filed; one set aside counts as filed."""
    records = subject.records
    filed = {*records.aside, *records.classes, *(entry.customer_id for entry in keyed(records))}
    for entries in events(records):
        strangers = (entry for entry in entries if entry.customer_id not in filed)
        tables = _grouped((id(entry.origin), entry) for entry in strangers)
        for rows in tables.values():
            yield from _strangers(_grouped((entry.customer_id, entry) for entry in rows))


def _strangers(by_key: Mapping[str, list[Any]]) -> Iterable[Problem]:
    """Report the unknown customers of one table, each once; many of them as one."""
    firsts = sorted(
        (min(rows, key=lambda record: record.row) for rows in by_key.values()), key=lambda record: record.row
    )
    many = len(firsts) > MANY
    others = f"，另有 {len(firsts) - 1} 个编号也是这样" if many else ""
    for first in firsts[:1] if many else firsts:
        rows = by_key[first.customer_id]
        alike = chain.from_iterable(by_key.values()) if many else rows
        yield problem(
            "customer-unknown",
            first.ref("customer_id"),
            sorted(record.ref("customer_id") for record in alike),
            found=shown(first.customer_id),
            count=len(rows),
            others=others,
        )


def names_agree(subject: Subject) -> Iterable[Problem]:
    """A customer has one name in the base and the scoring sheet. Masked names are not compared."""
    profiles = _grouped((record.customer_id, record) for record in subject.records.profiles)
    for scoring in subject.records.scorings:
        profile, *more = profiles.get(scoring.customer_id, [None])
        if profile is None or more or not scoring.name or "*" in scoring.name + profile.name:
            continue
        if fold(scoring.name) != fold(profile.name):
            yield problem(
                "name-differs",
                scoring.ref("name"),
                key=scoring.customer_id,
                found=shown(scoring.name),
                other=profile.ref("name"),
                name=shown(profile.name),
            )


def duplicates(subject: Subject) -> Iterable[Problem]:
    """Two numbers may be one customer: the same credit code, else the same name but for its legal form.

    Masked codes and names are never compared, and nothing is merged.
    """
    filed = {record.customer_id for record in subject.records.profiles}
    records: list[Profile | ScoringRow] = [
        *subject.records.profiles,
        *(record for record in subject.records.scorings if record.customer_id not in filed),
    ]
    reported: set[frozenset[str]] = set()
    codes = _grouped(
        (_SPACES.sub("", record.credit_code).upper(), record)
        for record in subject.records.profiles
        if record.credit_code is not None and privacy.check_credit_code(record.credit_code) == "ok"
    )
    names = _grouped((_bare(record.name), record) for record in records if "*" not in record.name)
    for reason, field, groups in (("统一社会信用代码相同", "credit_code", codes), ("名称相近", "name", names)):
        for key, same in groups.items():
            if len(same) == 1 or not key:
                continue
            entries = sorted(same, key=lambda record: (record.customer_id, str(record.ref())))
            for other in entries[1:]:
                pair = frozenset((entries[0].customer_id, other.customer_id))
                if len(pair) > 1 and pair not in reported:
                    reported.add(pair)
                    yield problem(
                        "duplicate-suspected",
                        other.ref(field),
                        other=f"{entries[0].customer_id}（{_seen_from(other.ref(field), entries[0].ref(field))}）",
                        reason=reason,
                    )


def prospects(subject: Subject) -> Iterable[Problem]:
    """Who is taken for a prospect, since nothing stands in the columns for purchases, is said once (practice §4.3)."""
    records = subject.records
    if not records.profiles:
        return
    bought = {entry.customer_id for entry in records.orders} | {entry.customer_id for entry in records.scorings}
    unsold = [entry for entry in records.profiles if entry.customer_id not in bought and is_prospect(entry)]
    if unsold:
        first = min(unsold, key=lambda record: record.ref("intent"))
        places = listed([_seen_from(first.ref("intent"), record.ref("intent")) for record in unsold])
        yield problem("prospects-found", first.ref("intent"), count=len(unsold), places=places)


def standards_once(subject: Subject) -> Iterable[Problem]:
    """A tier's standard is written once, or the same everywhere."""
    fields = ("typical", "goal", "content", "resources", "roles")
    for tier, rows in _grouped((record.tier, record) for record in subject.records.standards).items():
        ordered = sorted(rows, key=lambda record: record.ref("tier"))
        for other in ordered[1:]:
            if any(getattr(other, name) != getattr(ordered[0], name) for name in fields):
                yield problem("standard-twice", ordered[0].ref("tier"), found=shown(tier), other=other.ref("tier"))


def one_scale(subject: Subject) -> Iterable[Problem]:
    """A book's satisfaction is of one scale (practice §1.2): where two are found, both places are named."""
    records: list[ScoringRow | ServiceRequest] = [*subject.records.scorings, *subject.records.services]
    first = {
        name: min((record.ref(name) for record in records if getattr(record, name) is not None), default=None)
        for name in schema.SCALES
    }
    csat, nps = first["satisfaction"], first["nps"]
    if csat is not None and nps is not None:
        yield problem("satisfaction-mixed", nps, other=_seen_from(nps, csat))


def _seen_from(here: CellRef, there: CellRef) -> str:
    """Write an address as short as it can be read from a place on the same sheet."""
    return address(there) if (here.file, here.sheet) == (there.file, there.sheet) else str(there)


KeyT = TypeVar("KeyT")
RecordT = TypeVar("RecordT", bound=Record)


def _grouped(pairs: Iterable[tuple[KeyT, RecordT]]) -> Mapping[KeyT, list[RecordT]]:
    groups: dict[KeyT, list[RecordT]] = defaultdict(list)
    for key, record in pairs:
        groups[key].append(record)
    return groups


def _bare(name: str) -> str:
    """Strip a company's name of the parts people leave out: 有限公司, 股份, (中国), spaces."""
    return _LEGAL_FORM.sub("", fold(name))
