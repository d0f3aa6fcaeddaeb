"""One encrypted file a month: it counts once it was read back, opens with either key, and is refused when touched."""

from __future__ import annotations

import dataclasses
import hashlib
import stat
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyrage
import pytest

from sheetcrm.errors import StoreError, UsageError
from sheetcrm.runs import backup
from sheetcrm.store.archive import age
from sheetcrm.store.archive.age import Keys, Locks
from sheetcrm.store.archive.bundle import Bundle, pack, unpack
from sheetcrm.store.files import disk
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger
from sheetcrm.store.history.recorded import Stamp
from tests.test_history_cli import month

Run = Callable[..., tuple[int, str, str]]
FILES = {
    "books/客户.xlsx": b"PK\x03\x04" + bytes(range(256)),
    "output/2026-10/run.json": b"{}",
    "settings/空.toml": b"",
}
PASSPHRASE = "北山 oxide 41 lantern"  # noqa: S105  (of the tests alone)


@pytest.fixture
def house(tmp_path: Path) -> backup.Sources:
    """Workbooks, an output folder with a history, a policy and templates; and what no backup holds."""
    output = tmp_path / "out"
    for name, text in {
        "in/客户.xlsx": "book", "out/2026-10/run.json": "{}", "out/2026-10/reports/报告.pdf": "pdf",
        "out/.sheetcrm-backup/客户.0001.xlsx": "old", "out/2026-10/.sheetcrm-backup/客户.0001.xlsx": "old",
        "out/.sheetcrm.lock": "", "own/sheetcrm.toml": "", "own/策略.xlsx": "policy", "templates/tier.html": "<p>",
    }.items():  # fmt: skip
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    with ledger.opened(output):
        pass
    books = gather([tmp_path / "in"], output=output)
    return backup.Sources(
        books, output, tmp_path / "own" / "sheetcrm.toml", tmp_path / "own" / "策略.xlsx", tmp_path / "templates"
    )


@pytest.fixture
def stamps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that moves a month between backups."""
    months = iter(range(1, 13))
    monkeypatch.setattr(ledger, "stamp", lambda: Stamp(f"2026-{next(months):02}-15T08:00:00+00:00", "w", "h"))


def key() -> tuple[Keys, str]:
    identity, recipient = age.new_identity()
    return Keys((identity,)), recipient


def test_a_bundle_comes_back_as_it_was_and_the_same_files_are_the_same_bytes() -> None:
    bundle = Bundle(FILES, {"made": "2026-11-28"})
    assert unpack(pack(bundle)) == bundle
    assert pack(bundle) == pack(Bundle(dict(reversed(FILES.items())), bundle.facts))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"x" * 2000, pack(Bundle(FILES, {}))[:1500],
        pack(Bundle({"../x": b""}, {})), pack(Bundle({"/x": b""}, {})),
        pack(Bundle(FILES, {})).replace(b"PK\x03\x04", b"PK\x03\x05"), pack(Bundle(FILES, {"format": "2"})),
    ],
    ids=["empty", "noise", "cut", "above", "absolute", "changed", "newer"],
)  # fmt: skip
def test_what_is_no_bundle_or_not_the_one_it_was_is_refused(data: bytes) -> None:
    with pytest.raises(StoreError):
        unpack(data)


def test_either_of_two_recipients_opens_a_backup_and_a_third_does_not() -> None:
    (first, one), (second, two), (third, _) = key(), key(), key()
    sealed, passing = age.encrypt(pack(Bundle(FILES, {})), Locks((one, two)))
    for keys in (first, second, passing):
        assert unpack(age.decrypt(sealed, keys, shown_as="b")).files == FILES
    with pytest.raises(StoreError):
        age.decrypt(sealed, third, shown_as="b")
    (identity,) = first.identities
    assert pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(identity)])[:1]  # any program of the format opens it


def test_one_bit_flipped_anywhere_is_refused() -> None:
    keys, recipient = key()
    sealed, _ = age.encrypt(pack(Bundle(FILES, {})), Locks((recipient,)))
    places = {*range(0, 500, 7), *range(500, len(sealed), 149), len(sealed) - 1}
    for at in sorted(places):
        touched = bytearray(sealed)
        touched[at] ^= 1 << at % 8
        with pytest.raises(StoreError):
            age.decrypt(bytes(touched), keys, shown_as="b")
    for cut in (sealed[:-1], sealed[:-16], sealed + b"\0"):
        with pytest.raises(StoreError):
            age.decrypt(cut, keys, shown_as="b")


def test_a_backup_restored_elsewhere_is_the_same_bytes(house: backup.Sources, tmp_path: Path) -> None:
    keys, recipient = key()
    made = backup.make(house, tmp_path / "disk", Locks((recipient, key()[1])), person="林晓岚")
    bundle = backup.restore(made.path, keys, tmp_path / "machine" / "restored")
    restored = tmp_path / "machine" / "restored"
    expected = {
        "books/客户.xlsx": "in/客户.xlsx",
        "output/2026-10/run.json": "out/2026-10/run.json",
        "output/2026-10/reports/报告.pdf": "out/2026-10/reports/报告.pdf",
        "settings/sheetcrm.toml": "own/sheetcrm.toml",
        "settings/策略.xlsx": "own/策略.xlsx",
        "templates/tier.html": "templates/tier.html",
    }
    found = {path.relative_to(restored).as_posix() for path in restored.rglob("*") if path.is_file()}
    assert found == {*expected, "output/sheetcrm.db"} == {*bundle.files}
    assert all((restored / name).read_bytes() == (tmp_path / source).read_bytes() for name, source in expected.items())
    with ledger.read(restored / "output") as history:
        assert history.verify() == ()
    if sys.platform != "win32":
        assert [stat.S_IMODE(path.stat().st_mode) for path in (made.path, restored)] == [0o600, 0o700]
    with ledger.read(house.output) as history:
        (entry,) = history.disclosures()
        assert history.verify() == ()
    assert (entry.action, entry.person, entry.target) == ("备份", "林晓岚", str(made.path))
    assert entry.sha256 == hashlib.sha256(made.path.read_bytes()).hexdigest()


def test_nothing_is_restored_over_what_is_there_or_with_another_key(house: backup.Sources, tmp_path: Path) -> None:
    keys, recipient = key()
    made = backup.make(house, tmp_path / "disk", Locks((recipient,)))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").touch()
    with pytest.raises(UsageError):
        backup.restore(made.path, keys, tmp_path / "full")
    with pytest.raises(StoreError):
        backup.restore(made.path, key()[0], tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["mine.txt"]


@pytest.mark.usefixtures("stamps")
def test_older_backups_are_discarded_once_the_new_one_was_compared(
    house: backup.Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target, locks = tmp_path / "disk", Locks((key()[1],))
    (target / "sheetcrm-notes.age").parent.mkdir()
    (target / "sheetcrm-notes.age").touch()
    made = [backup.make(house, target, locks, keep=2) for _ in range(3)]
    assert made[2].discarded == (made[0].path,)
    kept = sorted(path.name for path in target.iterdir())
    assert kept == [made[1].path.name, made[2].path.name, "sheetcrm-notes.age"]
    write = disk.write_new

    def failing(path: Path, content: bytes, *, private: bool = False) -> None:
        write(path, content[:-9] if path.parent == target else content, private=private)

    monkeypatch.setattr(disk, "write_new", failing)
    with pytest.raises(StoreError):
        backup.make(house, target, locks, keep=2)
    assert sorted(path.name for path in target.iterdir()) == kept


@pytest.mark.usefixtures("stamps")
def test_a_run_tells_the_age_of_the_last_backup_after_a_month(house: backup.Sources, tmp_path: Path) -> None:
    backup.make(house, tmp_path / "disk", Locks((key()[1],)))  # on 2026-01-15
    with ledger.read(house.output) as history:
        assert backup.overdue(history, date(2026, 2, 15)) == ()
        assert "32 天前（2026-01-15）" in "".join(backup.overdue(history, date(2026, 2, 16)))
    with ledger.read(tmp_path / "none") as history:
        assert backup.overdue(history, date(2026, 2, 16)) == ()


def test_a_book_that_cannot_be_read_is_no_backup(house: backup.Sources, tmp_path: Path) -> None:
    (tmp_path / "in" / "名单.csv").write_text("a", encoding="utf-8")
    books = gather([tmp_path / "in"], output=house.output)
    with pytest.raises(UsageError, match="名单"):
        backup.make(dataclasses.replace(house, books=books), tmp_path / "disk", Locks((key()[1],)))
    assert not (tmp_path / "disk").exists()


@pytest.mark.parametrize("weak", ["", "12345678901", "1111111111111111", "abababababababab"])
def test_a_weak_passphrase_is_refused(weak: str) -> None:
    with pytest.raises(UsageError):
        age.check_passphrase(weak)
    age.check_passphrase(PASSPHRASE)


@pytest.mark.slow(seconds=8)
def test_the_commands_make_check_and_restore_a_backup(run: Run, house: backup.Sources, tmp_path: Path) -> None:
    secret, folder = tmp_path / "口令.txt", tmp_path / "in"
    secret.write_text(f"{PASSPHRASE}\n", encoding="utf-8")
    words = ("backup", folder, "-o", house.output, "--passphrase-file", secret)
    code, out, err = run(*words)
    assert (code, "逐个比对" in out, "另外保管" in err) == (0, True, True)
    (made,) = (house.output / "backup").glob("*.age")
    assert run("restore", "--from", made, "--into", tmp_path / "new", "--passphrase-file", secret)[0] == 0
    assert (tmp_path / "new" / "books" / "客户.xlsx").read_text(encoding="utf-8") == "book"
    assert not list((tmp_path / "new").rglob("*.age"))
    secret.write_text("别的口令 别的口令 12345\n", encoding="utf-8")
    code, _, err = run("backup", "--verify", made, "--passphrase-file", secret)
    assert (code, "打不开" in err) == (2, True)
    with ledger.read(house.output) as history:
        assert PASSPHRASE not in str(history.disclosures())


def test_keys_are_made_once_and_shown_in_part(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "密钥.txt"
    code, out, err = run("backup", "--new-key", path)
    text = path.read_text(encoding="utf-8")
    (identity,) = age.read_identities(text)
    assert (code, identity in out + err, "age1" in out) == (0, False, True)
    assert run("backup", "--new-key", path)[0] == 2
    assert path.read_text(encoding="utf-8") == text
    if sys.platform != "win32":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "words",
    [
        ("backup", "in"),
        ("backup", "in", "--recipient", "age1xyz"),
        ("backup",),
        ("restore",),
        ("restore", "--from", "in/客户.xlsx"),
        ("restore", "--into", "x"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_written(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "客户.xlsx").touch()
    monkeypatch.chdir(tmp_path)
    code, _, err = run(*words)
    assert (code, "Traceback" in err) == (2, False)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["in", "客户.xlsx"]


@pytest.mark.slow
def test_a_run_says_so_on_stderr(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    words = (
        "run",
        month(tmp_path / "in" / "客户.xlsx", "2026-10-31", C1="VIP客户"),
        "-o",
        tmp_path / "out",
        "--no-pdf",
    )
    assert "没有备份过" not in run(*words, "--period", "2026-10")[2]
    monkeypatch.setattr(backup, "DUE_AFTER", -1)
    assert "没有备份过。请运行 sheetcrm backup" in run(*words, "--period", "2026-10")[2]
