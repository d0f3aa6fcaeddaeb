"""What --json prints is what docs/schema says, on every console; and no console's code page makes a command fail."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
from pathlib import Path

import msgspec
import pytest

from sheetcrm.cli import main
from sheetcrm.cli.answers import ANSWERS
from sheetcrm.cli.console import JSON_VERSION
from sheetcrm.report.press import libraries, pdf
from sheetcrm.store.archive import age
from tests.shared_books import UNTIL
from tests.test_pipeline import HEADER, ROWS, save

DAY = ("--as-of", "2024-03-01")
IDENTITY, RECIPIENT = age.new_identity()
CALLS = {
    "run": ("run", "in", "-o", "out", *DAY, "--no-pdf", "--dry-run"),
    "check": ("check", "in", *DAY),
    "packs": ("packs", "in", "-o", "out", *DAY, "--only", "跟进日历"),
    "share": (
        *("share", "in", "-o", "out", *DAY, "--for", "王总", "--scope", "高管", "--to", "刘总", "--purpose", "复盘"),
        *("--until", UNTIL, "--dry-run"),
    ),
    "explain": ("explain", "C2024001", "in", *DAY),
    "whatif": ("whatif", "in", *DAY, "--preset", "价值"),
    "history": ("history", "-o", "out"),
    "history-customer": ("history", "C2024001", "-o", "out"),
    "history-verify": ("history", "--verify", "-o", "out"),
    "config": ("config", "in", "--keep", "备注"),
    "restore": ("restore", "in"),
    "restored": ("restore", "in", "--latest"),
    "doctor": ("doctor", "in", "-o", "out"),
    "history-disclosures": ("history", "--disclosures", "-o", "out"),
    "backup-key": ("backup", "--new-key", "key.txt"),
    "backup": ("backup", "in", "-o", "out", "--recipient", RECIPIENT, "--to", "kept"),
    "backup-verify": ("backup", "--verify", "kept.age", "--identity", "own.txt"),
    "restored-backup": ("restore", "--from", "kept.age", "--into", "back", "--identity", "own.txt"),
    "forget": ("forget", "C2024002", "-o", "spare", "--reason", "客户要求", "--yes"),
    "batch": ("batch", ".", "-o", "all", *DAY, "--no-pdf", "--jobs", "1"),
}
"""A call of each answer, in an order in which none spoils the next."""
SPENT = ("key.txt", "back", "spare", "kept")
"""What a call leaves that would stop the same call."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a book that was written in place once, and its history."""
    folder = tmp_path_factory.mktemp("desk")
    rows = [list(row) for row in ROWS]
    rows[0][1] = "龘㐂貿易😀公司"
    save(folder / "in" / "客户.xlsx", {"打分表": [HEADER, *rows]})
    code = main(["run", str(folder / "in"), "-o", str(folder / "out"), *DAY, "--no-pdf", "--in-place", "--quiet"])
    assert code == 0
    (folder / "own.txt").write_text(IDENTITY, encoding="utf-8")
    assert main(["backup", str(folder / "in"), "-o", str(folder / "out"), "--recipient", RECIPIENT]) == 0
    next((folder / "out" / "backup").iterdir()).rename(folder / "kept.age")
    return folder


@pytest.fixture(autouse=True)
def _engine_is_there(monkeypatch: pytest.MonkeyPatch, desk: Path) -> None:
    monkeypatch.setattr(libraries, "missing", tuple)
    monkeypatch.setattr(pdf, "check_engine", lambda: None)
    monkeypatch.setattr(pdf, "missing_glyphs", lambda _text: ())
    monkeypatch.chdir(desk)


def clear() -> None:
    for name in SPENT:
        shutil.rmtree(name, ignore_errors=True)
        Path(name).unlink(missing_ok=True)
    shutil.copytree("out", "spare")


class Console:
    """A console of some code page, redirected into files: what a command printed there, as bytes."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
        self._files = folder / "stdout", folder / "stderr"
        self._monkeypatch = monkeypatch
        self._encoding = encoding

    def call(self, *words: str) -> tuple[int, bytes, bytes]:
        clear()
        with contextlib.ExitStack() as opened, self._monkeypatch.context() as patched:
            for path in self._files:
                stream = opened.enter_context(path.open("w", encoding=self._encoding))
                patched.setattr(sys, path.name, stream)
            code = main(words)
        return code, self._files[0].read_bytes(), self._files[1].read_bytes()


@pytest.mark.parametrize("name", ANSWERS)
def test_every_answer_is_what_its_schema_says(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, err = Console(tmp_path, monkeypatch, "gbk").call(*CALLS[name], "--json")
    assert code in {0, 1}, err
    answer = msgspec.json.decode(out, type=ANSWERS[name])
    assert (answer.format, answer.version) == (f"sheetcrm {name}", JSON_VERSION)


@pytest.mark.parametrize("encoding", ["gbk", "gb18030", "big5", "cp1252", "ascii"])
def test_no_code_page_makes_a_command_fail_and_json_is_utf8_on_each(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = Console(tmp_path, monkeypatch, encoding)
    for name, words in CALLS.items():
        code, out, err = console.call(*words)
        assert code in {0, 1}, (name, err)
        assert b"Traceback" not in err
        assert out
        code, out, err = console.call(*words, "--json")
        assert code in {0, 1}, (name, err)
        assert json.loads(out.decode("utf-8"))["format"] == f"sheetcrm {name}"
    for words in (
        ("--help",),
        ("run", "--help"),
        ("completion", "powershell"),
        ("fly",),
        ("explain", "丙", "in", *DAY),
    ):
        code, out, err = console.call(*words)
        assert code in {0, 2}
        assert out or err
        assert b"Traceback" not in err


def test_every_command_with_json_has_a_schema() -> None:
    from sheetcrm.cli.entry import COMMANDS, cli  # noqa: PLC0415  (beside what it is for)

    context = cli.make_context("sheetcrm", [], resilient_parsing=True)
    with_json = {
        name
        for name in COMMANDS
        if (command := cli.get_command(context, name)) and any("--json" in one.opts for one in command.params)
    }
    assert with_json <= ANSWERS.keys()
