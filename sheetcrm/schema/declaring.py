"""From record classes to sheets: the columns they declare, checked for all that the stages need of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from itertools import chain
from operator import attrgetter
from typing import Any, ClassVar, get_args, get_origin, get_type_hints

from msgspec.structs import fields as struct_fields

from sheetcrm.model import Assessment, FollowUp, Level, Range, Record, Records, Undertaking
from sheetcrm.model.fields import Field, FillFunction, Kind, Need
from sheetcrm.text.folding import fold

OWN_NOTE = "由 sheetcrm 填写，请勿手改；要改等级请用“人工调整”表"

_READ_AS: Mapping[Kind, Any] = {
    Kind.KEY: str,
    Kind.TEXT: str,
    Kind.CHOICE: str,
    Kind.PERSONAL: str,
    Kind.CREDIT_CODE: str,
    Kind.DATE: date,
    Kind.MONTH_DAY: str,
    Kind.DATETIME: datetime,
    Kind.MONEY: Decimal,
    Kind.FREQUENCY: Decimal,
    Kind.RECENCY: date | int,
    Kind.RATE: Decimal,
    Kind.LEVEL: Level,
    Kind.RANGE: Range | str,
    Kind.COUNT: Decimal,
    Kind.NUMBER: Decimal,
    Kind.YES_NO: bool,
}
"""What the reader of each kind makes of a cell."""

_FILLED_BY: Mapping[type[Record], type] = {FollowUp: Undertaking}
"""What fills a row of our columns, where it is no assessment."""


class DeclarationError(TypeError):
    """A record class lacks something that reading, templates or write-back need of a column."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One kind of sheet: its title, and the fields a header row of it may hold.

    A header row is taken for this kind when it holds every label of `signature` (any one of each
    inner tuple) and no other kind matches more fields.
    """

    kind: str
    title: str
    record: type[Record]
    attribute: str
    """Where `Records` keeps the records of this kind."""
    fields: tuple[Field, ...]
    further: tuple[Field, ...]
    """Fields read where a sheet has them; blank templates do not offer them."""
    fills: Mapping[str, FillFunction]
    """What fills the program's own columns: by field, in the order they are written."""
    signature: tuple[tuple[str, ...], ...]
    aliases: tuple[str, ...] = ()
    fewest: int = 0
    """Fields a header must hold beside those of its signature, for a signature that says little."""
    otherwise: tuple[tuple[str, ...], ...] = ()
    """Another signature, which counts where no other kind matches as many fields."""
    keyed: bool = False
    """One row a customer: the same key twice sets all those rows aside (practice §1.7)."""
    note: str = ""

    def field(self, name: str) -> Field:
        """Find a field by its name; KeyError if there is none."""
        for entry in chain(self.fields, self.further):
            if entry.name == name:
                return entry
        raise KeyError(name)


def declare(  # noqa: PLR0913 - what is said of a sheet
    record: type[Record],
    kind: str,
    title: str,
    *,
    signature: tuple[tuple[str, ...], ...],
    aliases: tuple[str, ...] = (),
    fewest: int = 0,
    otherwise: tuple[tuple[str, ...], ...] = (),
    keyed: bool = False,
    note: str = "",
) -> Sheet:
    """Make the sheet whose columns a record class declares, in the order of its attributes. Pure.

    Raises:
        DeclarationError: If a column lacks something, naming the class, the attribute and what it lacks.
    """
    fields = tuple(_fields(record))
    _check_labels(record, fields)
    names = {entry.name for entry in fields}
    missing = [name for name in chain(*signature, *otherwise) if name not in names]
    if missing:
        raise DeclarationError(f"{record.__name__} has no field {missing[0]!r}, which its sheet's declaration names")
    fills = {entry.name: _fill(record, entry) for entry in fields if entry.ours}
    return Sheet(
        kind,
        title,
        record,
        _attribute(record),
        fields=tuple(entry for entry in fields if entry.in_templates),
        further=tuple(entry for entry in fields if not entry.in_templates),
        fills=fills,
        signature=signature,
        aliases=aliases,
        fewest=fewest,
        otherwise=otherwise,
        keyed=keyed,
        note=note,
    )


def _fields(record: type[Record]) -> Iterable[Field]:
    """Read the declarations off a class; each must fit its attribute."""
    needed = {info.name for info in struct_fields(record) if info.required}
    for name, hint in get_type_hints(record, include_extras=True).items():
        if name in Record.__struct_fields__:
            continue
        in_record = get_origin(hint) is not ClassVar
        annotated = hint if in_record else get_args(hint)[0]
        declared = [entry for entry in getattr(annotated, "__metadata__", ()) if isinstance(entry, Field)]
        fault = _fault(declared, get_args(annotated), in_record=in_record, needed=name in needed)
        if fault:
            raise DeclarationError(f"{record.__name__}.{name} {fault}")
        (entry,) = declared
        note = OWN_NOTE if entry.ours and not entry.note else entry.note
        yield replace(entry, name=name, in_record=in_record, note=note)


def _fault(declared: Sequence[Field], annotation: Sequence[Any], *, in_record: bool, needed: bool) -> str:
    """Find what keeps an attribute from being a column; blank where nothing does."""
    if len(declared) != 1:
        return "needs one Field in its annotation, which says its label and kind"
    (entry,) = declared
    read_as = _READ_AS.get(entry.kind, object)
    expected = read_as if needed else read_as | None
    lacks = {
        "has no label": not entry.label,
        "has no kind": entry.kind not in _READ_AS,
        "is a ClassVar, which no table is read into, and has no fills either": not in_record and not entry.ours,
        "needs a default of None: tables without the column are read too": needed and entry.need is not Need.REQUIRED,
        f"is declared as {annotation[0]}, but {entry.kind} is read as {expected}": annotation[0] != expected,
    }
    return next((fault for fault, is_so in lacks.items() if is_so), "")


def _check_labels(record: type[Record], fields: Sequence[Field]) -> None:
    names = Counter(chain.from_iterable(header_names(entry) for entry in fields))
    for entry in fields:
        twice = next((name for name in header_names(entry) if names[name] > 1), None)
        if twice is not None:
            raise DeclarationError(f"{record.__name__}.{entry.name} has the label {twice!r}, as another field has")


def header_names(entry: Field) -> tuple[str, ...]:
    """List the folded label and aliases of a field, those with brackets also without them. Pure."""
    names = (entry.label, *entry.aliases)
    return tuple(dict.fromkeys(fold(written) for name in names for written in (name, name.split("(")[0])))


def _fill(record: type[Record], entry: Field) -> FillFunction:
    """Make the function of a fill; a path must lead to a value of what fills the row."""
    if not isinstance(entry.fills, str):
        if not callable(entry.fills):
            raise DeclarationError(f"{record.__name__}.{entry.name} is filled by {entry.fills!r}: no path, no function")
        return entry.fills
    owner: Any = _FILLED_BY.get(record, Assessment)
    for part in entry.fills.split("."):
        if part not in _attributes(owner):
            name = getattr(owner, "__name__", owner)
            raise DeclarationError(
                f"{record.__name__}.{entry.name} is filled by {entry.fills!r}: no {part!r} in {name}"
            )
        owner = _attributes(owner)[part]
    get = attrgetter(entry.fills)
    return lambda filled_by, _run: get(filled_by)


@cache
def _attributes(owner: Any) -> Mapping[str, Any]:  # noqa: ANN401  (a class, or a union of some)
    return get_type_hints(owner) if isinstance(owner, type) else {}


def _attribute(record: type[Record]) -> str:
    names = [name for name, hint in _attributes(Records).items() if record in get_args(hint)]
    if len(names) != 1:
        raise DeclarationError(f"Records needs one attribute of tuple[{record.__name__}, ...], and has {names}")
    return names[0]
