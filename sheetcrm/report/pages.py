"""The pages: what a template is given, and templates to HTML.

A template sees the values below under the name `page`, and nothing else of the program: frozen values
without behaviour, none of them holding a contact, so that a company's own template can neither reach
people's data nor run code. Text of cells comes in cleaned (`clean`) and goes out escaped.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import TypeAlias

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from sheetcrm.errors import EngineError
from sheetcrm.model import Figures, GroupFigures
from sheetcrm.text.quantities import say_days, say_frequency, say_money, say_rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What the cover and the margins say. Blank texts are left to be filled in by hand.

    `volume` of `volumes` counts the separate files a long report is cut into.
    """

    unit: str
    department: str
    compiler: str
    secrecy: str
    run_id: str
    volume: int = 1
    volumes: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRow:
    """A customer of a tier. Money in 元; `number` counts from 1 through all volumes."""

    number: int
    customer_id: str
    name: str
    owner: str
    score: Decimal | None
    spend_12m: Decimal | None
    recency_days: int | None
    movement: str
    next_due: date | None
    overdue_days: int
    awaiting_audit: bool
    overridden: bool
    outdated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRow:
    """A customer whose grade is not the last period's; `direction` is 升 or 降, blank where neither."""

    customer_id: str
    name: str
    owner: str
    previous: str
    grade: str
    direction: str
    score: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """Something to be done for a customer. `estimated`: that year's working calendar is not out yet.

    `promise` is what somebody promised, blank for an activity of the policy.
    """

    due: date
    customer_id: str
    name: str
    grade: str
    action: str
    promise: str
    owner: str
    overdue_days: int
    escalated_to: str
    estimated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerRow:
    """What one person has to do: follow-ups overdue (the longest in days) and due by the horizon."""

    owner: str
    overdue: int
    longest: int
    due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UngradedRow:
    """A customer without a tier, the reason, and what is to be done next."""

    customer_id: str
    name: str
    owner: str
    previous: str
    reason: str
    next_due: date | None
    next_action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A line of a points curve: the operator (`>=`, `>`, `<=`, `<`), the edge, and the points it gives."""

    operator: str
    edge: Decimal
    points: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorView:
    """An indicator of the scorecard. `missing` is block, renormalise or neutral.

    Either `bands` with `otherwise`, or `scale` (points = measure x scale). `words` are (word, points).
    """

    label: str
    measure: str
    weight: Decimal
    missing: str
    bands: tuple[Band, ...]
    otherwise: Decimal | None
    scale: Decimal | None
    words: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityView:
    """Something done for the customers of a tier again and again; `every` is `45天` or `3个月`."""

    name: str
    every: str
    content: str
    owner: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TierView:
    """A tier: scores from `floor` up to below `ceiling` (None: no end), and what it is promised.

    A floor that is None: no score decides. A share that is None: no reference. A limit that is None is
    not promised.
    """

    name: str
    floor: Decimal | None
    ceiling: Decimal | None
    share: Decimal | None
    typical: str
    goal: str
    team: str
    first_response_hours: Decimal | None
    resolution_hours: Decimal | None
    resolution_note: str
    round_the_clock: bool
    benefits: tuple[str, ...]
    discount: Decimal
    roles: tuple[str, ...]
    activities: tuple[ActivityView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """How the score is made: the policy's scorecard, its rules for missing data, and the tiers."""

    policy: str
    version: str
    card: str
    weight_total: Decimal
    least_coverage: Decimal
    neutral_points: Decimal
    unsold_served_as: str
    indicators: tuple[IndicatorView, ...]
    tiers: tuple[TierView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TierPage:
    """What `tier.html` is given: one tier, or one volume of it.

    `arrived` came into the tier since the last period, `left` went out of it. `overdue` is sorted by
    the days overdue, the longest first; `due` by date. A later volume holds its own rows only.
    """

    cover: Cover
    figures: Figures
    group: GroupFigures
    tier: TierView
    roster: tuple[RosterRow, ...]
    arrived: tuple[MoveRow, ...]
    left: tuple[MoveRow, ...]
    overdue: tuple[DueRow, ...]
    due: tuple[DueRow, ...]
    method: Method


@dataclass(frozen=True, slots=True, kw_only=True)
class ExecutionPage:
    """What `execution.html` is given: all tiers, or one volume of the lists.

    `overdue` holds the follow-ups of all customers that are overdue, the longest first.
    """

    cover: Cover
    figures: Figures
    moves: tuple[MoveRow, ...]
    owners: tuple[OwnerRow, ...]
    overdue: tuple[DueRow, ...]
    incomplete: tuple[UngradedRow, ...]
    unsold: tuple[UngradedRow, ...]
    method: Method


Page: TypeAlias = TierPage | ExecutionPage


class Templates:
    """Templates found in several folders: the first that has one of a name wins, the shipped ones come last."""

    def __init__(self, folders: Sequence[Path] = ()) -> None:
        """Look into `folders` before the templates that ship."""
        places = [*folders, shipped_templates()]
        self._environment = ImmutableSandboxedEnvironment(
            loader=FileSystemLoader([str(place) for place in places]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "counted": counted,
            "days": say_days,
            "fixed": fixed,
            "fractional": fractional,
            "frequency": say_frequency,
            "money": say_money,
            "percent": percent,
            "plain": plain,
            "rate": say_rate,
            "thousands": thousands,
            "wan": wan,
        }

    def fill(self, template: str, page: Page) -> str:
        """Make the HTML of a page.

        Raises:
            EngineError: If the template cannot be filled; its name and line are said, never a value.
        """
        try:
            return self._environment.get_template(template).render(page=page)
        except TemplateError as error:
            line = getattr(error, "lineno", None)
            where = f"{getattr(error, 'name', None) or template}" + (f" 第 {line} 行" if line else "")
            raise EngineError(f"模板 {where} 用不了：{error.message}", "请对照随程序提供的模板修改") from error


def shipped_templates() -> Path:
    """Find the templates that ship: inside the installed package, or beside it in a checkout.

    Raises:
        EngineError: If they are not there.
    """
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / "print.css").is_file():
            return folder
    raise EngineError("找不到报告模板", "请重新安装 sheetcrm")


def templates_hash(folders: Sequence[Path] = ()) -> str:
    """Hash the templates a run would use, names and contents: a part of the run's id."""
    digest = hashlib.sha256()
    for folder in (*folders, shipped_templates()):
        for path in sorted(path for path in folder.iterdir() if path.suffix in {".html", ".css"}):
            digest.update(path.name.encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n") + b"\0")
    return digest.hexdigest()


def clean(text: str | None) -> str:
    """Make a cell's text fit for print.

    Line breaks and runs of spaces become one space; control characters, and those that turn the
    direction of reading, are dropped. Pure.
    """
    if not text:
        return ""
    kept = (" " if character.isspace() else character for character in text)
    return " ".join("".join(c for c in kept if unicodedata.category(c) not in {"Cc", "Cf", "Cs"}).split())


def thousands(amount: Decimal, places: int = 0) -> str:
    """Write an amount with separators; with fen where `places` is 2. Pure."""
    return f"{_round(amount, places):,f}"


def wan(amount: Decimal) -> str:
    """Write an amount in units of 10,000, to one decimal. Pure."""
    return f"{_round(amount / 10_000, 1):,f}"


def percent(share: Decimal, places: int = 1) -> str:
    """Write a share as a percentage; what is not whole is never rounded up to 100 %. Pure."""
    shown = _round(share * 100, places)
    if shown == 100 and share < 1:  # noqa: PLR2004  (per cent)
        shown -= Decimal(1).scaleb(-places)
    return f"{shown:f}%"


def fixed(value: Decimal, places: int = 1) -> str:
    """Write a number with so many decimals, rounded half-up. Pure."""
    return f"{_round(value, places):f}"


def counted(counts: Mapping[object, int], key: object) -> int:
    """Look a count up: by its key, or by the word a movement is written with; 0 where nothing was counted. Pure."""
    return sum(count for found, count in counts.items() if key in (found, getattr(found, "value", None)))


def fractional(rows: Sequence[RosterRow]) -> bool:
    """Tell whether any amount of a roster has fen, so that the whole column shows them. Pure."""
    return any(row.spend_12m is not None and row.spend_12m % 1 for row in rows)


def plain(value: Decimal) -> str:
    """Write a number without trailing zeros. Pure."""
    return f"{value.normalize():f}"


def _round(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
