"""A value of its own in every personal field and free text: none is in what the program composes (practice §11)."""

from __future__ import annotations

import html
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sheetcrm.processes import crash_log
from sheetcrm.store.history import ledger
from sheetcrm.store.history.recorded import SHOWN
from tests import canaries
from tests.workbooks import workbook

pytestmark = pytest.mark.slow

KINDS = ("跟进清单", "交接包", "档案卡", "跟进日历", "抽查清单")
Month = tuple[Path, tuple[str, ...]]
Run = Callable[..., tuple[int, str, str]]
PERIOD = ("--period", "2026-10", "--as-of", "2026-10-31")
PEOPLES_OWN = ("workbooks/", "in/", ".sheetcrm-backup/")
"""Where people's own cells stand by right: written-back books, and copies kept before they were replaced."""


@pytest.fixture
def month(tmp_path: Path) -> Month:
    data, secrets = canaries.book()
    path = tmp_path / "in" / "客户.xlsx"
    path.parent.mkdir()
    path.write_bytes(data)
    return path, secrets


def leaks(folder: Path, secrets: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Where which secret stands, the files that may hold it left out."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_file() and not any(part in name for part in PEOPLES_OWN):
            for text in canaries.texts(path):
                yield from ((name, secret) for secret in canaries.found_in(text, secrets))


def test_no_file_and_no_line_of_a_run_holds_a_secret(run: Run, tmp_path: Path, month: Month) -> None:
    book, secrets = month
    output = tmp_path / "out"
    printed = [run("run", book, "-o", output, *PERIOD)]
    assert printed[0][0] in {0, 1}, printed
    commands: tuple[tuple[str | Path, ...], ...] = (
        ("packs", book, *(word for kind in KINDS for word in ("--only", kind))),
        ("explain", "C001", book),
        ("explain", "C001", book, "--json"),
        ("explain", "C002", book),
        ("check", book),
        ("check", book, "--json"),
        ("run", book, "--dry-run", "--no-pdf"),
        ("run", book, "--json", "--no-pdf"),
        ("whatif", book, "--preset", "价值"),
    )
    printed += [run(*words, "-o", output, *PERIOD) for words in commands]
    listed = (), ("C001",), ("--json",), ("--disclosures",), ("--disclosures", "--csv", output / "清单.csv")
    printed += [run("history", *words, "-o", output) for words in listed]
    printed.append(run("map", book, "-o", output / "map"))
    shown = [
        (at, secret) for at, lines in enumerate(printed) for secret in canaries.found_in("".join(lines[1:]), secrets)
    ]
    assert shown == []
    assert sorted(set(leaks(output, secrets))) == []


def test_neither_a_batch_nor_lists_nor_logs_hold_a_secret(
    run: Run, tmp_path: Path, month: Month, monkeypatch: pytest.MonkeyPatch
) -> None:
    """汇总.xlsx and the page over all books, --csv, --log, -v, --edits, and the log of a crash that quotes a cell."""
    (book, secrets), phone = month, canaries.phone(0)
    output, temporary = tmp_path / "out", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setattr(crash_log, "log_folder", lambda: output / "logs")
    day, quick = (*PERIOD, "-o", output), ("--no-pdf", "--log", output.with_name("steps.log"), "-v")
    keys = tmp_path / "keys.txt"
    assert run("backup", "--new-key", keys)[0] == 0
    recipient = keys.read_text(encoding="utf-8").split()[1].removeprefix("公钥：")
    printed = [
        run("batch", book.parent.parent, *day, "--no-pdf", "--jobs", "1"),
        run("batch", book.parent.parent, *day, "--no-pdf", "--jobs", "1", "--json"),
        run("run", book, *day, *quick, "--csv", output / "客户.csv", "--replace"),
        run("history", "--edits", "2026-10", "-o", output),
        run("history", "--edits", "2026-10", "-o", output, "--json"),
        run("backup", book, "-o", output, "--recipient", recipient, "--json"),
        run("doctor", book.parent, "-o", output),
        run("forget", "C001", "-o", output, "--reason", f"{phone}要求", "--yes"),
    ]
    assert [code for code, _, _ in printed if code not in {0, 1, 2}] == []

    def quoting(*_: object, **__: object) -> None:
        raise ValueError(canaries.EVERYTHING)

    monkeypatch.setattr("sheetcrm.runs.prepare.read", quoting)
    printed.append(run("run", book, *day))
    assert printed[-1][0] == 70
    assert (output / "logs").is_dir()
    shown = [
        (at, secret) for at, lines in enumerate(printed) for secret in canaries.found_in("".join(lines[1:]), secrets)
    ]
    assert shown == []
    assert sorted(set(leaks(output, secrets))) == []
    assert canaries.found_in(output.with_name("steps.log").read_text(encoding="utf-8"), secrets) == []
    assert [*temporary.iterdir()] == []


def test_no_page_of_open_holds_a_secret(month: Month, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("flask", reason="the extra `open` is not installed")
    from tests.opening import HERE, visitor  # noqa: PLC0415  (it needs the extra)

    book, secrets = month
    for name in ("XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "config"))
    one = visitor()
    pages = [one.post("/folder", {"folder": str(book.parent), "period": "2026-10", "output": str(tmp_path / "out")})]
    kinds = re.findall(r'href="(/check\?kind=[^"]+)"', pages[0])
    addresses = ("/preview", "/preview/cells?book=0", "/preview/customer?q=C001", "/preview/customer?id=1", "/restore")
    pages += map(one.get, map(html.unescape, (*kinds, *addresses, "/preview/whatif", "/generate", "/state")))
    pages.append(one.post("/preview/whatif", {"weight-0": "30"}))
    pages.append(one.post("/generate", {"where": "copies"}, **{"no-pdf": "on"}))
    pages += [one.get("/done"), one.client.get("/files/index.html", base_url=HERE).text]
    assert "C002" in "".join(pages)
    assert [(at, secret) for at, page in enumerate(pages) for secret in canaries.found_in(page, secrets)] == []


def test_what_is_shown_on_demand_is_what_was_asked_for_and_on_record(run: Run, tmp_path: Path, month: Month) -> None:
    """The contact of one customer in one card: nothing from free text, and the record says who, what and for what."""
    book, secrets = month
    output = tmp_path / "out"
    assert run("run", book, "-o", output, *PERIOD, "--no-pdf")[0] in {0, 1}
    asked = ("--only", "档案卡", "--customer", "C001", "--unmask", "--purpose", "交接客户")
    assert run("packs", book, "-o", output, *PERIOD, *asked)[0] == 0
    shown = set(leaks(output, secrets))
    assert {name for name, _ in shown} == {"2026-10/packs/档案卡/C001.pdf"}
    assert canaries.CONTACT in {secret for _, secret in shown}
    assert not {secret for _, secret in shown} & {*canaries.ALWAYS} - {canaries.CONTACT}
    assert len(shown) == 2  # and the phone of 联系方式
    with ledger.read(output) as history:
        (entry,) = history.disclosures()
    assert (entry.action, "C001" in entry.what, "C002" in entry.what, entry.purpose) == (SHOWN, True, False, "交接客户")


def test_marked_copies_quote_no_secret_in_their_list(run: Run, tmp_path: Path, month: Month) -> None:
    book, secrets = month
    run("check", book, *PERIOD, "-o", tmp_path / "out", "--marked", tmp_path / "marked")
    (copy,) = (tmp_path / "marked").glob("*.xlsx")
    own, copied = (
        sum(text.count(secret) for text in canaries.parts(path.read_bytes()) for secret in secrets)
        for path in (book, copy)
    )
    assert 0 < copied <= own


def test_a_number_that_is_a_phone_is_not_shown_whole(run: Run, tmp_path: Path) -> None:
    made, _ = canaries.sheets()
    phone = "13812340000"
    rows = made["客户分级评估打分表"]
    rows.append([phone if label == "客户编号" else value for label, value in zip(*rows[:2], strict=True)])
    book = tmp_path / "客户.xlsx"
    book.write_bytes(workbook(made))
    printed = run("run", book, "-o", tmp_path / "out", *PERIOD, "--no-pdf")
    assert phone not in "".join(printed[1:])
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file() and path.suffix != ".db"]
    found = [path.name for path in files for text in canaries.texts(path) if phone in text]
    assert found == ["客户.xlsx"]
