"""docs/trust.md, for a team's data officer: its files and commands are the program's, and it is two pages long."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import click
import pytest

from sheetcrm.cli.entry import COMMANDS
from sheetcrm.processes import crash_log
from sheetcrm.report.board.board import BOARD
from sheetcrm.runs import backup, packs, sharing
from sheetcrm.runs.edits_file import EDITS_FILE
from sheetcrm.store.archive import age, sealing
from sheetcrm.store.files import backups
from sheetcrm.store.files.inputs import RUN_FILE
from sheetcrm.store.history.ledger import LEDGER_FILE
from sheetcrm.store.history.recorded import EXPLAINED, LETTERS, PERSON, RESTORED, SHOWN

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
CODE = re.findall(r"`([^`]+)`", TEXT)
FILES = {
    "workbooks/", "reports/", f"{packs.FOLDER}/", BOARD, RUN_FILE, EDITS_FILE, LEDGER_FILE, f"{backups.FOLDER}/",
    f"{backup.FOLDER}/*.age", f"{sealing.FOLDER}/", "sheetcrm-*.log",
}  # fmt: skip


def test_the_files_it_lists_are_those_the_program_leaves() -> None:
    rows = re.findall(r"^\| ([^|]+) \|", TEXT.partition("|---|")[2].partition("## ")[0], re.MULTILINE)
    assert {code for row in rows for code in re.findall(r"`([^`]+)`", row)} == FILES
    assert "sheetcrm-" in (ROOT / "sheetcrm" / "processes" / "crash_log.py").read_text(encoding="utf-8")
    assert crash_log.log_folder().name in {"sheetcrm", "logs"}


@pytest.mark.parametrize("line", [code for code in CODE if code.startswith("sheetcrm ")])
def test_every_command_in_it_exists_with_its_options(line: str) -> None:
    name, *words = line.removeprefix("sheetcrm ").split()
    assert name in COMMANDS
    command = importlib.import_module(f"sheetcrm.cli.{name}").command
    assert isinstance(command, click.Command)
    options = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("-")} <= options


def test_its_options_figures_and_words_are_the_programs() -> None:
    options = {code.split()[0] for code in CODE if code.startswith("--")}
    commands = [importlib.import_module(f"sheetcrm.cli.{name}").command for name in COMMANDS]
    offered = {option for command in commands for parameter in command.params for option in parameter.opts}
    assert options <= offered
    assert f"留 {backup.KEEP} 份" in TEXT
    assert f"留 {backups.KEEP} 份" in TEXT
    assert f"至少 {age.SHORTEST} 个字符" in TEXT
    assert PERSON in CODE
    (recorded,) = re.findall(r"登记的有：([^。]+)。", TEXT)
    assert recorded.split("、") == [
        "运行",
        SHOWN,
        LETTERS,
        EXPLAINED,
        sharing.SHARED,
        backup.BACKED_UP,
        RESTORED,
        "删除",
    ]


def test_it_is_two_pages_long() -> None:
    """About 1,400 characters a page of A4 in 10.5 pt."""
    letters = re.sub(r"[\s|`#*-]|\(.*?\)", "", TEXT)
    assert len(letters) < 2800
