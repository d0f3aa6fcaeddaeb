"""What the pages list: rows of plain values, with names and contacts hidden as the 看板 hides them (practice §11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from sheetcrm.model import CellRef, Movement, Severity
from sheetcrm.policy.model import Policy
from sheetcrm.privacy import Raw
from sheetcrm.problems import title_of
from sheetcrm.report.board.board import BOARD
from sheetcrm.report.board.names_hidden import HiddenNames
from sheetcrm.runs.mapping import Proposals
from sheetcrm.runs.prepare import Plan, PlannedWorkbook
from sheetcrm.runs.refusals import NoCustomerError
from sheetcrm.runs.summaries import by_kind
from sheetcrm.web.page_words import on_the_page
from sheetcrm.web.state import Checked, Finding, Trial, Written
from sheetcrm.web.steps import plain

MOST_OF_A_KIND = 20
"""Findings of one kind that are listed at once; all of them where the kind alone is asked for."""
MOST_LISTED = 1000
MOST_CELLS = 200
_LONGEST = 80
UNNAMED = "未填"


@dataclass(frozen=True, slots=True)
class FindingRow:
    """A finding: its workbook, the address for Excel's name box, what is wrong, the way out, and whose it is."""

    file: str
    address: str
    what: str
    fix: str
    owner: str
    further: int
    opens: str
    """The workbook's name for `/open`; blank where there is none to open."""


@dataclass(frozen=True, slots=True)
class FindingGroup:
    """The findings of one kind; `count` is how many there are, listed or not."""

    kind: str
    title: str
    severity: str
    look: str
    count: int
    rows: Sequence[FindingRow]


_ASSIGNED = "column-unused"
"""Headers that are no field have a list of their own, to be assigned in."""
_LOOKS = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.NOTE: "plain"}


def group_findings(checked: Checked, *, owner: str = "", kind: str = "") -> list[FindingGroup]:
    """Group the findings by kind, the worst first, of one owner or one kind where that is asked for."""
    chosen = [
        one
        for one in checked.findings
        if (not owner or checked.hidden.in_text(one.owner or UNNAMED) == owner)
        and not (one.problem.kind == _ASSIGNED and checked.proposals.headers)
    ]
    whose = {id(one.problem): one for one in chosen}
    most = MOST_LISTED if kind else MOST_OF_A_KIND
    return [
        FindingGroup(
            kind=same[0].kind,
            title=title_of(same[0].kind),
            severity=same[0].severity.value,
            look=_LOOKS[same[0].severity],
            count=len(same),
            rows=[_finding(checked, whose[id(entry)]) for entry in same[:most]],
        )
        for same in by_kind(one.problem for one in chosen)
        if not kind or same[0].kind == kind
    ]


def _finding(checked: Checked, one: Finding) -> FindingRow:
    hidden, entry = checked.hidden, one.problem
    return FindingRow(
        file=hidden.in_text(entry.ref.file),
        address=hidden.in_text(place_in_book(entry.ref)),
        what=hidden.in_text(on_the_page(entry.what)),
        fix=hidden.in_text(on_the_page(entry.fix)),
        owner=hidden.in_text(one.owner),
        further=len(entry.further),
        opens=Raw(entry.ref.file) if checked.path_of(entry.ref) else "",
    )


def place_in_book(ref: CellRef) -> str:
    """Write a place as Excel's name box takes it. Pure."""
    return str(replace(ref, file="")).removeprefix("!")


def owners_of(checked: Checked) -> list[tuple[str, int]]:
    """List the owners with findings, as they are shown and asked for, and how many; nobody's last."""
    counted = Counter(checked.hidden.in_text(one.owner or UNNAMED) for one in checked.findings)
    return sorted(counted.items(), key=lambda entry: (entry[0] == UNNAMED, entry[0]))


@dataclass(frozen=True, slots=True)
class Summary:
    """What was read, and how much is wrong."""

    workbooks: int
    customers: int
    period: str
    as_of: str
    policy: str
    output: str
    settings: str
    errors: int
    warnings: int
    notes: int
    refused: str


def summarise(checked: Checked) -> Summary:
    """Sum a check up."""
    outcome, run = checked.outcome, checked.task.run
    levels = Counter(one.problem.severity for one in checked.findings)
    return Summary(
        workbooks=outcome.reading.readable,
        customers=len(outcome.reading.book.customers),
        period=run.period.label,
        as_of=run.as_of.isoformat(),
        policy=run.policy.name,
        output=str(checked.task.output),
        settings=str(checked.task.settings or ""),
        errors=levels[Severity.ERROR],
        warnings=levels[Severity.WARNING],
        notes=levels[Severity.NOTE],
        refused="" if isinstance(outcome, Plan) else _seen(outcome, checked),
    )


def _seen(error: NoCustomerError, checked: Checked) -> str:
    """Return what was seen of the workbooks, a line a sheet, without the words for a command line around it.

    Columns that are listed below it, to be assigned, are left out.
    """
    lines = error.sheets if checked.proposals.headers else error.what.splitlines()[1:]
    return "\n".join(checked.hidden.in_text(line) for line in lines) or str(error)


@dataclass(frozen=True, slots=True)
class UnreadRow:
    """A header that is no field: its place in the list, where it stands, samples, and the field it is most like."""

    name: str
    sheet: str
    header: str
    samples: str
    label: str
    word: str = ""


def show_proposals(checked: Checked) -> tuple[list[UnreadRow], list[UnreadRow]]:
    """List the headers and the words that wait for a person."""
    proposals: Proposals = checked.proposals
    text = checked.hidden.in_text
    headers = [
        UnreadRow(f"header-{place}", text(one.sheet), text(one.header), "、".join(filter(None, one.samples)), one.label)
        for place, one in enumerate(proposals.headers)
        if not one.confirmed
    ]
    words = [
        UnreadRow(f"word-{place}", text(one.sheet), text(one.header), "", one.ours, text(one.word))
        for place, one in enumerate(proposals.words)
        if not one.confirmed
    ]
    return headers, words


@dataclass(frozen=True, slots=True)
class TierRow:
    """A 等级, how many customers have it, and how many of these had it last period."""

    name: str
    count: int
    share: str
    reference: str
    up: int
    down: int


def count_tiers(plan: Plan) -> list[TierRow]:
    """Count the customers of every 等级, with those who come up or down into it."""
    policy = plan.run.policy
    counted = Counter(entry.grade for entry in plan.assessments)
    moved = Counter((entry.grade, entry.movement) for entry in plan.assessments)
    names = [tier.name for tier in policy.tiers]
    rated = sum(counted[name] for name in names)
    rows = []
    for name in dict.fromkeys((*names, *sorted(counted))):
        tier = policy.tier(name)
        share = f"{counted[name] / rated:.1%}" if tier and rated else ""
        reference = f"{tier.share:.0%}" if tier and tier.share is not None else ""
        up, down = moved[name, Movement.UP], moved[name, Movement.DOWN]
        rows.append(TierRow(name, counted[name], share, reference, up, down))
    return rows


@dataclass(frozen=True, slots=True)
class ShownMove:
    """A customer whose 等级 is another than last period's, and why; or than under another policy."""

    number: str
    name: str
    before: str
    after: str
    why: str
    owner: str = ""
    look: str = "plain"
    key: str = ""
    """The customer's place in the plan, to look it up by: a 客户编号 may be a phone, and addresses are kept."""


_MOVED = {Movement.UP: (0, "good"), Movement.DOWN: (1, "bad")}


def list_moves(checked: Checked, plan: Plan) -> list[ShownMove]:
    """List who moves: up, down, otherwise."""
    hidden = checked.hidden
    ranked = []
    for place, entry in enumerate(plan.assessments):
        if not entry.previous_grade or entry.previous_grade == entry.grade:
            continue
        rank, look = _MOVED.get(entry.movement, (2, "plain")) if entry.movement else (2, "plain")
        row = ShownMove(
            number=hidden.in_text(entry.customer.customer_id),
            name=hidden.of_customer(entry.customer),
            before=entry.previous_grade,
            after=entry.grade,
            why=hidden.in_text(entry.change or next(iter(entry.reasons), "")),
            owner=hidden.in_text(entry.owner),
            look=look,
            key=str(place),
        )
        ranked.append((rank, row))
    return [row for _, row in sorted(ranked, key=lambda one: one[0])]


@dataclass(frozen=True, slots=True)
class BookRow:
    """A workbook as it will be written: how many cells, of these with content now, in which columns, how many not."""

    place: int
    name: str
    written: int
    replaced: int
    left: int
    columns: str


def list_books(checked: Checked, plan: Plan) -> list[BookRow]:
    """List the workbooks that will be written."""
    return [_book(place, entry, checked.hidden) for place, entry in enumerate(plan.workbooks)]


def _book(place: int, entry: PlannedWorkbook, hidden: HiddenNames) -> BookRow:
    columns = Counter(cell.label for cell in entry.receipt.written)
    return BookRow(
        place=place,
        name=hidden.in_text(entry.source.name),
        written=len(entry.receipt.written),
        replaced=sum(bool(cell.old) for cell in entry.receipt.written),
        left=len(entry.receipt.left),
        columns="、".join(f"{label} {count}" for label, count in columns.items()),
    )


@dataclass(frozen=True, slots=True)
class CellRow:
    """A cell that will change."""

    address: str
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class CellPage:
    """Some of the cells of a workbook, or of those `filled` now.

    `earlier` and `later` are where the pages beside it begin, None at an end.
    """

    book: BookRow
    filled: bool
    rows: Sequence[CellRow]
    first: int
    earlier: int | None
    later: int | None


def page_of_cells(checked: Checked, plan: Plan, *, book: int, start: int, filled: bool = False) -> CellPage | None:
    """List cells of a workbook from a place on, or those that are filled now; None where there is no such workbook."""
    if not 0 <= book < len(plan.workbooks):
        return None
    entry, text = plan.workbooks[book], checked.hidden.in_text
    written = [cell for cell in entry.receipt.written if cell.old or not filled]
    rows = [
        CellRow(
            text(place_in_book(CellRef("", cell.sheet, cell.row, cell.column))),
            cell.label,
            cut(text(cell.old)) or ("（新加的列）" if cell.new == cell.label else "（空）"),
            cut(text(cell.new)) or "（空）",
        )
        for cell in written[start : start + MOST_CELLS]
    ]
    later = start + MOST_CELLS
    return CellPage(
        book=_book(book, entry, checked.hidden),
        filled=filled,
        rows=rows,
        first=start + 1,
        earlier=max(start - MOST_CELLS, 0) if start else None,
        later=later if later < len(written) else None,
    )


def cut(text: str) -> str:
    """Cut a text to the length of a list's cell. Pure."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


@dataclass(frozen=True, slots=True)
class Former:
    """The policy the last run used: what it is called, and the preset to name where it was one."""

    period: str
    policy: str
    preset: str


def say_former(checked: Checked) -> Former | None:
    """Describe the policy that would be replaced without a word; None where there is nothing to ask."""
    former = checked.former
    if former is None:
        return None
    name = former.preset or former.policy_file or former.policy
    return Former(former.period, name, former.preset)


@dataclass(frozen=True, slots=True)
class FigureField:
    """A figure to try: the field's name, its label, what it is now, and what was tried."""

    name: str
    label: str
    now: str
    tried: str


@dataclass(frozen=True, slots=True)
class FigureForm:
    """The weights of the scorecard in use and the floors of the tiers."""

    weights: Sequence[FigureField]
    floors: Sequence[FigureField]


def list_figures(policy: Policy, tried: Policy) -> FigureForm:
    """List the figures that may be tried, with those that were. Pure."""
    weights = {one.label: one.weight for one in tried.card.indicators}
    floors: dict[str, Decimal | None] = {tier.name: tier.floor for tier in tried.tiers}
    return FigureForm(
        [
            FigureField(f"weight-{place}", one.label, plain(one.weight), plain(weights.get(one.label, one.weight)))
            for place, one in enumerate(policy.card.indicators)
        ],
        [
            FigureField(f"floor-{place}", tier.name, plain(tier.floor), plain(floors.get(tier.name) or tier.floor))
            for place, tier in enumerate(policy.tiers)
            if tier.floor is not None
        ],
    )


@dataclass(frozen=True, slots=True)
class TrialPage:
    """Who would move under the figures that were tried, and the shares of every 等级."""

    total: int
    moves: Sequence[ShownMove]
    moved: int
    shares: Sequence[tuple[str, int, int]]


def show_trial(checked: Checked, trial: Trial, *, most: int = MOST_CELLS) -> TrialPage:
    """List what other figures would do."""
    names = {entry.customer_id: entry for entry in checked.outcome.reading.book.customers}
    assessments = checked.plan.assessments if checked.plan else ()
    places = {entry.customer.customer_id: str(place) for place, entry in enumerate(assessments)}
    rows = [
        ShownMove(
            number=checked.hidden.in_text(move.customer_id),
            name=checked.hidden.of_customer(names[move.customer_id]) if move.customer_id in names else "",
            before=move.before,
            after=move.after,
            why=f"{_score(move.score_before)} → {_score(move.score_after)} 分",
            key=places.get(move.customer_id, ""),
        )
        for move in trial.moves[:most]
    ]
    shares = [(one.grade, one.before, one.after) for one in trial.shares if one.before or one.after]
    return TrialPage(sum(one.before for one in trial.shares), rows, len(trial.moves), shares)


def _score(total: Decimal | None) -> str:
    return "—" if total is None else str(total)


@dataclass(frozen=True, slots=True)
class ResultFiles:
    """The files of a period: the 看板, those the browser shows, and workbooks to open, by what they are."""

    board: str
    pages: Sequence[str]
    workbooks: Sequence[tuple[str, Sequence[str]]]


_KINDS = {"packs/": "评审包", "workbooks/": "填好的工作簿"}


def sort_files(written: Written) -> ResultFiles:
    """Sort the files of a period by what a person does with them."""
    files: Iterable[str] = written.outcome.files
    return ResultFiles(
        board=BOARD if BOARD in written.outcome.files else "",
        pages=[Raw(name) for name in files if name.endswith(".pdf")],
        workbooks=[(kind, books) for place, kind in _KINDS.items() if (books := _books_in(place, files))],
    )


def _books_in(place: str, files: Iterable[str]) -> list[str]:
    return [Raw(name) for name in files if name.startswith(place) and name.endswith(".xlsx")]
