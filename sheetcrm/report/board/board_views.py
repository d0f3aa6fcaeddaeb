"""The value that the template of the 看板 receives: frozen, without behaviour, without a contact in it."""

from __future__ import annotations

from dataclasses import dataclass

from sheetcrm.model import Figure, Figures
from sheetcrm.model.branches import Branch
from sheetcrm.report.pages.list_views import VerdictRow
from sheetcrm.report.pages.views import Cover


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLink:
    """A file of the run: its address relative to the page, percent-encoded, and its name."""

    address: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How much of the period is on the page: what is listed of what there is.

    `explained` is whether every listed customer has its 得分说明; `unlisted_files` counts the workbooks whose names
    would tell a person's.
    """

    customers: int
    listed: int
    most: int
    notable: int
    due_items: int
    due_listed: int
    moves: int
    moves_listed: int
    problems: int
    problems_listed: int
    explained: bool
    unlisted_files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardPage:
    """The page of `board.html`, which includes `board.css` and `board.js`.

    `worst` are the broken promises that 本期结论 says, `verdicts` all of them, `tiles` the six figures on top, with the
    goal each has. `style_hash` and `script_hash` are those of the two included files, for the page's
    Content-Security-Policy. `data` is what the script lists: JSON that is escaped for a script element (`|safe`).
    """

    cover: Cover
    figures: Figures
    tiles: tuple[Figure, ...]
    verdicts: tuple[VerdictRow, ...]
    worst: tuple[VerdictRow, ...]
    files: tuple[FileLink, ...]
    coverage: Coverage
    data: str
    style_hash: str = ""
    script_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchRow:
    """A book on the page of all: its counts, one number for each of the page's tiers (None: it has no such tier).

    `address` leads to its own 看板, blank where it has none. `wrong` is whether nothing of it is in place, or not all.
    """

    name: str
    address: str
    done: str
    wrong: bool
    reasons: tuple[str, ...]
    branch: Branch | None
    tiers: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchesPage:
    """The page of `branches.html`, which includes `board.css`: all books of a batch.

    `totals` are the customers by tier, in the order of `tiers`. `books` names the books that gave the figures, by how
    they fared. `workbook` is the address of 汇总.xlsx.
    """

    period: str
    rows: tuple[BranchRow, ...]
    tiers: tuple[str, ...]
    totals: tuple[int, ...]
    total: Branch
    books: tuple[tuple[str, int], ...]
    workbook: str
    style_hash: str = ""
