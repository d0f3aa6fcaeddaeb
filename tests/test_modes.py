"""Who may read what: history, backups, logs and notes their owner alone, results whoever the folder lets."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sheetcrm.processes import crash_log
from sheetcrm.store.archive import age
from sheetcrm.store.files import staging
from tests.test_history_cli import month

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="modes")]

Run = Callable[..., tuple[int, str, str]]
PERIOD = ("--period", "2026-10", "--no-pdf")
RECIPIENT = age.new_identity()[1]
OWN = ("sheetcrm.db", ".sheetcrm-backup", "sheetcrm-edits", ".log", ".age")


@pytest.fixture(params=[0o022, 0o000], ids=["022", "000"])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    value: int = request.param
    before = os.umask(value)
    yield value
    os.umask(before)


def open_to_others(folder: Path) -> list[str]:
    """What of the program's own, in or below a folder, others may read or look into."""
    return [
        path.relative_to(folder).as_posix()
        for path in sorted(folder.rglob("*"))
        if any(part in path.as_posix() for part in OWN) and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]


def test_what_is_the_programs_own_is_private_after_every_command(
    run: Run, tmp_path: Path, umask: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crash_log, "log_folder", lambda: tmp_path / "logs")
    book, output = month(tmp_path / "in" / "客户.xlsx", "2026-10-31", C1="VIP客户"), tmp_path / "out"
    book.chmod(0o664)
    commands = (
        ("check", book, "-o", output, "--marked", tmp_path / "marked"),
        ("run", book, "-o", output, *PERIOD),
        ("run", book, "-o", output, *PERIOD, "--in-place"),
        ("packs", book, "-o", output, "--only", "跟进日历", "--period", "2026-10"),
        ("explain", "C1", book, "-o", output),
        ("history", "-o", output),
        ("history", "-o", output, "--verify"),
        ("map", book, "-o", output),
        ("restore", tmp_path / "in"),
        ("restore", tmp_path / "in" / "客户.xlsx", "--latest"),
        ("whatif", book, "-o", output, "--preset", "价值", "--log", tmp_path / "steps.log"),
        ("backup", "--new-key", tmp_path / "keys.age"),
        ("backup", book, "-o", output, "--recipient", RECIPIENT),
        ("batch", tmp_path, "-o", tmp_path / "all", *PERIOD, "--jobs", "1"),
        ("config", book),
        ("doctor", book, "-o", output),
        ("init", tmp_path / "templates"),
        ("policy", "export", tmp_path / "策略.xlsx"),
        ("history", "-o", output, "--disclosures", "--csv", tmp_path / "disclosures.log"),
        ("forget", "C1", "-o", output, "--reason", "客户要求", "--yes"),
    )
    for words in commands:
        assert run(*words)[0] in {0, 1, 3}, words
        assert open_to_others(tmp_path) == [], words
    assert (tmp_path / "in" / ".sheetcrm-backup").is_dir()
    assert (output / "sheetcrm.db").exists()
    assert [*(output / "backup").glob("*.age")]
    assert (tmp_path / "all").is_dir()
    assert stat.S_IMODE(book.stat().st_mode) == 0o664
    results = output / "2026-10"
    assert stat.S_IMODE(results.stat().st_mode) == 0o777 & ~umask
    assert {stat.S_IMODE(path.stat().st_mode) for path in results.rglob("*") if path.is_file()} == {0o666 & ~umask}
    monkeypatch.setattr("sheetcrm.cli.check.gather", lambda *_, **__: 1 // 0)
    assert run("check", book, "-o", output)[0] == 70
    assert open_to_others(tmp_path) == []
    assert list((tmp_path / "logs").iterdir())


def test_results_are_private_where_that_is_asked_for(run: Run, tmp_path: Path, umask: int) -> None:
    book, output = month(tmp_path / "in" / "客户.xlsx", "2026-10-31", C1="VIP客户"), tmp_path / "out"
    assert run("run", book, "-o", output, *PERIOD, "--private")[0] == 0
    assert [path for path in output.rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    assert run("batch", tmp_path, "-o", tmp_path / "all", *PERIOD, "--private", "--jobs", "1")[0] in {0, 3}
    assert (tmp_path / "all" / "2026-10" / "汇总.xlsx").is_file()
    assert [path for path in (tmp_path / "all").rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077] == []
    assert os.umask(umask) == umask


def test_a_note_of_what_is_about_to_be_written_is_private(tmp_path: Path, umask: int) -> None:
    staging.write_note(tmp_path / ".2026-10.sheetcrm-edits", b"{}", private=True)
    staging.write_note(tmp_path / "copy.xlsx", b"{}")
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in (".2026-10.sheetcrm-edits", "copy.xlsx")]
    assert modes == [0o600, 0o666 & ~umask]
