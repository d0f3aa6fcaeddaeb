"""Whole runs in which something fails: the run says so, all is whole, and the next one mends it."""

from __future__ import annotations

import contextlib
import errno
import functools
import os
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.kill import Fixture
from tests.test_files import struck

pytestmark = [
    pytest.mark.slow(seconds=8),
    pytest.mark.skipif(sys.platform == "win32", reason="forks and kills"),
]

ERRORS = (errno.ENOSPC, errno.EIO, errno.EACCES)
EVERY = int(os.environ.get("SHEETCRM_EVERY", "12"))
"""Every how many operations of a run one fails; `make kill` takes every one."""
STATEMENTS = max(1, EVERY * 2 // 3)
"""Every how many statements of the history one fails."""
HISTORY_ERRORS = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CORRUPT,
)


@pytest.fixture(scope="module", params=[False, True], ids=["copies", "in place"])
def book(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Fixture:
    return Fixture(tmp_path_factory.mktemp("book"), in_place=request.param)


@pytest.fixture
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sheetcrm.store.files.disk._wait", lambda _: None)


@pytest.mark.usefixtures("no_waiting")
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from-then-on"])
def test_whichever_operation_fails_the_run_says_so_and_the_next_one_mends_it(
    book: Fixture, tmp_path: Path, *, lasting: bool
) -> None:
    codes = set()
    for nth in range(1, 2000, EVERY):
        here, code = book.fresh(tmp_path / "failed"), ERRORS[nth % len(ERRORS)]

        def fail() -> None:
            raise OSError(code, os.strerror(code))  # noqa: B023

        with struck(nth, fail, lasting=lasting) as seen:
            ended, err = book.run(here)
        assert ended in {0, 1, 2, 3}, err  # 1: a workbook could not be read, the other was done
        assert ended in {0, 1} or "。" in err
        assert "Traceback" not in err
        codes.add(ended)
        outcome = book.look(here, partial=ended == 1)
        assert outcome == "new" or ended != 0
        if seen[0] < nth:
            break
    assert ended == 0
    assert nth > 60
    assert codes & {2, 3}


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from-then-on"])
def test_whichever_statement_of_the_history_fails_the_run_says_so_and_the_next_one_mends_it(
    book: Fixture, tmp_path: Path, *, lasting: bool
) -> None:
    codes = set()
    for turn, nth in enumerate(range(1, 1000, STATEMENTS)):
        here, code = book.fresh(tmp_path / "failed"), HISTORY_ERRORS[turn % len(HISTORY_ERRORS)]
        with struck_history(nth, code, lasting=lasting) as seen:
            ended, err = book.run(here)
        assert ended in {0, 2, 3}, err
        assert ended == 0 or "sheetcrm.db" in err
        assert "Traceback" not in err
        codes.add(ended)
        assert book.look(here) == ("old" if ended == 2 else "new")
        if seen[0] < nth:
            break
    assert ended == 0
    assert nth > 30
    assert codes == {0, 2, 3}


@contextlib.contextmanager
def struck_history(nth: int, code: int, *, lasting: bool) -> Iterator[list[int]]:
    """Let the nth statement of the history fail, and where lasting all after it; yields the count of statements."""
    seen = [0]

    def strike() -> None:
        seen[0] += 1
        if seen[0] == nth or (lasting and seen[0] > nth):
            error = sqlite3.OperationalError("as the test wants it")
            error.sqlite_errorcode = code
            raise error

    class Striking(sqlite3.Connection):
        """A connection whose statements are counted."""

        def execute(self, *words: Any) -> sqlite3.Cursor:  # noqa: ANN401  (whatever it takes)
            strike()
            return super().execute(*words)

        def executemany(self, *words: Any) -> sqlite3.Cursor:  # noqa: ANN401
            strike()
            return super().executemany(*words)

        def executescript(self, script: str) -> sqlite3.Cursor:
            strike()
            return super().executescript(script)

    connect = functools.partial(sqlite3.connect, factory=Striking)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sqlite3, "connect", connect)
        yield seen
