"""Makes `index.html`, the 看板: one offline file that people look at instead of reading (practice §10).

Nothing of it asks for anything elsewhere: the Content-Security-Policy allows its own style and script by their hashes,
and nothing else. What cells hold goes into it as text alone.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

from sheetcrm.model import Figure, Goal
from sheetcrm.model.conclusions import Verdict
from sheetcrm.policy.run import Results
from sheetcrm.privacy import Raw
from sheetcrm.report.board import listing
from sheetcrm.report.board.board_views import BoardPage, Coverage, FileLink
from sheetcrm.report.board.names_hidden import HiddenNames
from sheetcrm.report.pages import filling
from sheetcrm.report.pages.cover_and_method import cover
from sheetcrm.report.pages.filters import clean
from sheetcrm.report.pages.list_rows import verdict
from sheetcrm.report.pages.list_views import VerdictRow

BOARD = "index.html"
STYLE, SCRIPT, TEMPLATE = "board.css", "board.js", "board.html"
_TILES = 6
_PREFERRED = (
    "customers",
    "response_on_time",
    "satisfaction",
    "followed_up",
    "retention_high",
    "spend_12m",
    "resolved_on_time",
    "repurchase_growth",
    "potential_won",
    "retention",
    "order_value",
    "repurchase",
)
"""The figures on top, in this order: the first six that have a value."""


def board(results: Results, files: Collection[str], *, templates: Sequence[Path] = ()) -> bytes:
    """Make the page.

    Args:
        results: What was decided.
        files: The other files of the period's directory, by their paths in it: the page links to them.
        templates: Folders looked into before the templates that ship.

    Returns:
        UTF-8 HTML with line feeds alone, so that the hashes hold in every browser; the same bytes each time.

    Raises:
        EngineError: If a template cannot be filled.
    """
    hidden = HiddenNames(results.book.customers or [entry.customer for entry in results.assessments])
    page = _page(results, files, hidden)
    with filling.opened(templates, hidden.gate) as pages:
        style, script = pages.fill(STYLE, page), pages.fill(SCRIPT, page)
        page = replace(page, style_hash=Raw(hash_of(style)), script_hash=Raw(hash_of(script)))
        return with_line_feeds(pages.fill(TEMPLATE, page)).encode()


def _page(results: Results, files: Collection[str], hidden: HiddenNames) -> BoardPage:
    conclusions, lists = results.lists.conclusions, listing.list_all(results, hidden)
    links = tuple(_links(files, hidden))
    return BoardPage(
        cover=cover(results.book.settings, results.run.policy, results.run_id),
        figures=results.figures,
        tiles=_tiles(results.figures.total.figures, _least(conclusions.verdicts)),
        verdicts=tuple(_verdict(entry, hidden) for entry in conclusions.verdicts),
        worst=tuple(_verdict(entry, hidden) for entry in conclusions.worst),
        files=links,
        coverage=Coverage(
            customers=len(results.assessments),
            listed=lists.customers,
            most=listing.MOST_CUSTOMERS,
            notable=lists.notable,
            due_items=lists.due_items,
            due_listed=lists.due_listed,
            moves=lists.moves,
            moves_listed=lists.moves_listed,
            problems=lists.problems,
            problems_listed=min(lists.problems, listing.MOST_PROBLEMS),
            explained=lists.explained,
            unlisted_files=len(files) - len(links),
        ),
        data=lists.data,
    )


def _verdict(entry: Verdict, hidden: HiddenNames) -> VerdictRow:
    row = verdict(entry)
    if entry.customer is None:
        return row
    return replace(row, customer_id=hidden.in_text(entry.customer.customer_id), name=hidden.of_customer(entry.customer))


def _least(verdicts: Sequence[Verdict]) -> Mapping[str, Decimal]:
    """Return what is promised, by figure, where all tiers are promised the same."""
    least: dict[str, set[Decimal]] = {}
    for entry in verdicts:
        least.setdefault(entry.figure.kind.key, set()).add(entry.least)
    return {key: edges.pop() for key, edges in least.items() if len(edges) == 1}


def _tiles(figures: Mapping[str, Figure], least: Mapping[str, Decimal]) -> tuple[Figure, ...]:
    """Choose the six figures on top; one that tiers are promised has the promise as its goal."""
    there = [figures[key] for key in _PREFERRED if key in figures]
    there.sort(key=lambda figure: figure.value is None)
    return tuple(_with_goal(figure, least.get(figure.kind.key)) for figure in there[:_TILES])


def _with_goal(figure: Figure, edge: Decimal | None) -> Figure:
    if figure.goal or edge is None:
        return figure
    return replace(figure, goal=Goal(">=", edge), met=None if figure.value is None else figure.value >= edge)


def _links(files: Collection[str], hidden: HiddenNames) -> Iterator[FileLink]:
    """Link to files, the reports first; one whose name tells a person's is left out."""
    folders = ("reports", "packs", "workbooks")
    for name in sorted(files, key=lambda name: (_place(name, folders), name)):
        if hidden.in_text(name) == clean(name):
            yield FileLink(address=Raw(quote(name, errors="surrogateescape")), name=clean(name))


def _place(name: str, folders: Sequence[str]) -> int:
    folder = name.partition("/")[0]
    return folders.index(folder) if folder in folders else len(folders)


def hash_of(content: str) -> str:
    """Return what a Content-Security-Policy calls an included style or script. Pure."""
    digest = hashlib.sha256(with_line_feeds(content).encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def with_line_feeds(text: str) -> str:
    """Return a text whose lines end in every browser as they were hashed. Pure."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
