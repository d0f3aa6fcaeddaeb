"""Whole runs killed anywhere: all is whole, nothing is left, no process outlives them, and the next run mends it."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.kill import Fixture, kill_runs
from sheetcrm.cli import main
from tests.test_files import fork, struck

pytestmark = [
    pytest.mark.slow(seconds=80),
    pytest.mark.skipif(sys.platform == "win32", reason="forks and kills"),
]

KILLS = int(os.environ.get("SHEETCRM_KILLS", "20"))
"""Kills at random instants, with pages; `make kill` takes 500 in each mode."""


@pytest.fixture(scope="module", params=[False, True], ids=["copies", "in place"])
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Fixture:
    return Fixture(tmp_path_factory.mktemp("book"), in_place=request.param)


def test_killed_before_whichever_operation_all_is_whole_and_the_next_run_mends_it(
    book: Fixture, tmp_path: Path
) -> None:
    outcomes = []
    for nth in range(1, 2000):
        here = book.fresh(tmp_path / "killed")

        def work() -> None:
            with silenced(), book.printing(), struck(nth, lambda: os.kill(os.getpid(), signal.SIGKILL)):  # noqa: B023
                main(book.command(here))  # noqa: B023

        killed = os.waitpid(fork(work), 0)[1] == signal.SIGKILL
        outcomes.append(book.look(here))
        if not killed:
            break
    assert outcomes == sorted(outcomes, reverse=True)  # old, old … new, new
    assert nth > 60


def test_killed_at_any_instant_with_pages_nothing_outlives_the_run(book: Fixture, tmp_path: Path) -> None:
    outcomes = kill_runs(book, tmp_path, kills=KILLS, seed=20261031)
    assert outcomes["killed"] == KILLS
    assert outcomes["old"] + outcomes["new"] == KILLS + outcomes["ended before"]


@contextlib.contextmanager
def silenced() -> Iterator[None]:
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        yield
