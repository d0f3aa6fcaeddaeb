"""The promises of the store: whole old or whole new, whatever happens; nothing of people's lost."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sheetcrm.errors import StoreError
from sheetcrm.store.files import backups, disk, locks, open_files, staging

posix = pytest.mark.skipif(sys.platform == "win32", reason="forks, kills or sets POSIX permissions")

NAME = "workbooks/客户.xlsx"
OLD = {NAME: b"old workbook " * 5000, "reports/1-VIP客户.pdf": b"old pdf", "run.json": b"{}"}
NEW = {NAME: b"new workbook " * 6000, "reports/2-重点客户.pdf": b"new pdf", "run.json": b"{ }", "edits.jsonl": b""}


def test_a_directory_is_replaced_whole_and_stale_files_go(tmp_path: Path) -> None:
    target = tmp_path / "output" / "2026-10"
    put(target, OLD)
    assert put(target, NEW, recorded=hashes(OLD)) == ()
    assert content(target) == NEW
    assert names(tmp_path / "output") == {"2026-10"}


def test_files_can_be_copied_from_elsewhere(tmp_path: Path) -> None:
    source = tmp_path / "made.pdf"
    source.write_bytes(b"pages " * 500_000)
    put(tmp_path / "output" / "2026-10", {"reports/made.pdf": source})
    assert (tmp_path / "output/2026-10/reports/made.pdf").read_bytes() == source.read_bytes()


def test_what_people_changed_or_added_in_the_old_directory_is_kept_first(tmp_path: Path) -> None:
    target = tmp_path / "2026-10"
    put(target, OLD)
    (target / NAME).write_bytes(b"edited by hand")
    (target / "批注.docx").write_bytes(b"added by hand")
    (target / ".DS_Store").write_bytes(b"nobody's")
    made = put(target, NEW, recorded=hashes(OLD))
    assert {(backup.original, backup.path.read_bytes()) for backup in made} == {
        (target / NAME, b"edited by hand"),
        (target / "批注.docx", b"added by hand"),
    }
    assert made == backups.list_backups(tmp_path)
    assert content(target) == NEW


def test_a_run_killed_between_the_two_renames_is_put_right_at_the_next_start(tmp_path: Path) -> None:
    target = tmp_path / "2026-10"
    put(target, OLD)
    target.rename(tmp_path / ".2026-10.sheetcrm-old")
    (tmp_path / ".2026-10.sheetcrm-new").mkdir()
    with staging.claim(tmp_path) as restored:
        assert restored == (target,)
    assert content(target) == OLD
    assert names(tmp_path) == {"2026-10"}


def test_a_directory_is_replaced_after_a_crash_that_nobody_swept(tmp_path: Path) -> None:
    target = tmp_path / "2026-10"
    put(target, OLD)
    target.rename(tmp_path / ".2026-10.sheetcrm-old")
    (tmp_path / ".2026-10.sheetcrm-new").mkdir()
    (tmp_path / ".2026-10.sheetcrm-new" / "stale.pdf").write_bytes(b"stale")
    put(target, NEW, recorded=hashes(OLD))
    assert content(tmp_path) == {f"2026-10/{name}": data for name, data in NEW.items()}


def test_a_second_rename_that_fails_puts_the_old_directory_back_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "2026-10"
    put(target, OLD)
    move = os.replace

    def fail(source: Path, goal: Path) -> None:
        if source.name.endswith("-new"):
            raise OSError(errno.EIO, "Input/output error")
        move(source, goal)

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(StoreError, match="没有写入：磁盘读写出错"):
        put(target, NEW, recorded=hashes(OLD))
    assert content(tmp_path) == {f"2026-10/{name}": data for name, data in OLD.items()}


def test_a_disk_that_takes_a_few_bytes_at_a_time_gets_them_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book, write = workbook(tmp_path), os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda handle, data: write(handle, data[:7]))
        replace(book, b"new workbook " * 100)
    assert book.read_bytes() == b"new workbook " * 100


def test_a_directory_half_removed_is_never_put_back(tmp_path: Path) -> None:
    (tmp_path / ".2026-10.sheetcrm-gone").mkdir()
    with staging.claim(tmp_path) as restored:
        assert restored == ()
    assert names(tmp_path) == set()


def test_sweeping_leaves_people_s_own_files_alone(tmp_path: Path) -> None:
    own = {"客户.xlsx", ".隐藏.xlsx", "a.sheetcrm-new", ".sheetcrm-neu"}
    for name in own:
        (tmp_path / name).write_bytes(b"mine")
    with staging.claim(tmp_path):
        pass
    assert names(tmp_path) == own


@pytest.mark.parametrize("name", ["../a.xlsx", "/a.xlsx", "b/../../a.xlsx", "C:\\a.xlsx", "..\\a.xlsx", "\\a.xlsx", ""])
def test_no_name_leads_out_of_the_directory(tmp_path: Path, name: str) -> None:
    target = tmp_path / "output" / "2026-10"
    put(target, OLD)
    with pytest.raises(StoreError, match="输出文件夹之外"):
        put(target, {name: b"x"}, recorded=hashes(OLD))
    assert content(tmp_path) == {f"output/2026-10/{name}": data for name, data in OLD.items()}


def test_a_file_in_the_place_of_the_directory_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "2026-10").write_bytes(b"mine")
    with pytest.raises(StoreError, match="不是文件夹"):
        put(tmp_path / "2026-10", NEW)
    assert content(tmp_path) == {"2026-10": b"mine"}


def test_a_workbook_is_replaced_after_a_backup(tmp_path: Path) -> None:
    book = workbook(tmp_path)
    before = time.time() - 3600
    os.utime(book, (before, before))
    backup = replace(book, b"new")
    assert backup is not None
    assert (book.read_bytes(), backup.path.read_bytes()) == (b"new", b"old")
    assert backup.path == tmp_path / ".sheetcrm-backup" / "客户.0001.xlsx"
    assert backup.changed_at.timestamp() == pytest.approx(before)
    assert book.stat().st_mtime > before + 1800
    assert names(tmp_path) == {"客户.xlsx", ".sheetcrm-backup"}


def test_the_same_content_writes_nothing(tmp_path: Path) -> None:
    book = workbook(tmp_path)
    before = book.stat()
    assert replace(book, b"old") is None
    assert book.stat() == before
    assert names(tmp_path) == {"客户.xlsx"}


@posix
def test_permissions_stay_and_a_backup_is_its_owners_alone(tmp_path: Path) -> None:
    book = workbook(tmp_path)
    book.chmod(0o640)
    backup = replace(book, b"new")
    assert backup is not None
    assert [path.stat().st_mode & 0o777 for path in (book, backup.path)] == [0o640, 0o600]


@posix
def test_a_link_is_followed_and_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    book, link = workbook(tmp_path / "shared"), tmp_path / "客户.xlsx"
    link.symlink_to(book)
    replace(link, b"new")
    assert link.is_symlink()
    assert book.read_bytes() == b"new"


def test_a_read_only_workbook_is_refused(tmp_path: Path) -> None:
    book = workbook(tmp_path)
    book.chmod(0o444)
    with pytest.raises(StoreError, match="只读") as refused:
        replace(book, b"new")
    assert refused.value.kind == "file-read-only"
    assert content(tmp_path) == {"客户.xlsx": b"old"}


def test_a_workbook_edited_since_it_was_read_is_refused(tmp_path: Path) -> None:
    book = workbook(tmp_path)
    read = book.read_bytes()
    book.write_bytes(b"edited")
    with pytest.raises(StoreError, match="读取之后它被改动过") as refused:
        staging.replace_file(book, b"new", expected_sha256=sha256(read))
    assert refused.value.kind == "file-changed"
    assert content(tmp_path) == {"客户.xlsx": b"edited"}


def test_a_workbook_edited_while_the_new_one_is_written_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = workbook(tmp_path)
    write = disk.write_new

    def edit_meanwhile(path: Path, data: bytes | Path, **options: Any) -> None:  # noqa: ANN401
        write(path, data, **options)
        if path.parent == tmp_path:
            book.write_bytes(b"edited")

    monkeypatch.setattr(disk, "write_new", edit_meanwhile)
    with pytest.raises(StoreError, match="读取之后它被改动过"):
        replace(book, b"new")
    assert book.read_bytes() == b"edited"
    assert names(tmp_path) == {"客户.xlsx", ".sheetcrm-backup"}


def test_backups_are_kept_by_count_and_numbers_never_used_again(tmp_path: Path) -> None:
    book = workbook(tmp_path)
    for version in range(5):
        replace(book, b"%d" % version, keep=3)
    kept = backups.list_backups(tmp_path)
    assert [(backup.number, backup.path.read_bytes()) for backup in kept] == [(3, b"1"), (4, b"2"), (5, b"3")]
    assert {backup.original for backup in kept} == {book}


def test_retries_do_not_push_older_backups_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = workbook(tmp_path)
    replace(book, b"new", keep=2)
    with monkeypatch.context() as patched:
        patched.setattr("sheetcrm.store.files.staging._put", refuse)
        for _ in range(5):
            with pytest.raises(StoreError):
                replace(book, b"newer", keep=2)
    assert [backup.path.read_bytes() for backup in backups.list_backups(tmp_path)] == [b"old", b"new"]


def test_a_backup_is_brought_back_and_that_can_be_undone(tmp_path: Path) -> None:
    book = workbook(tmp_path)
    replace(book, b"new")
    first = backups.list_backups(tmp_path)[0]
    undo = staging.restore(first)
    assert book.read_bytes() == b"old"
    assert undo is not None
    staging.restore(undo)
    assert book.read_bytes() == b"new"
    book.unlink()
    assert staging.restore(first) is None
    assert book.read_bytes() == b"old"


def test_backups_of_twins_and_dotted_names_are_told_apart(tmp_path: Path) -> None:
    for name in ("客户.xlsx", "客户.xlsm", "客户.0001.xlsx", "客户"):
        replace(workbook(tmp_path, name, name.encode()), b"new")
    found = {backup.original.name: backup.path.read_bytes().decode() for backup in backups.list_backups(tmp_path)}
    assert found == {name: name for name in ("客户.xlsx", "客户.xlsm", "客户.0001.xlsx", "客户")}


@pytest.mark.parametrize("owner", ["王小明", "Wang Xiaoming", "欧阳𠮷", "李*"])
def test_a_workbook_open_in_excel_is_refused_with_its_owner(tmp_path: Path, owner: str) -> None:
    book = workbook(tmp_path)
    (tmp_path / "~$客户.xlsx").write_bytes(owner_file(owner))
    with pytest.raises(StoreError, match="正打开着它") as refused:
        replace(book, b"new")
    assert refused.value.kind == "file-busy"
    assert owner in refused.value.what
    assert "客户.xlsx" in refused.value.what
    assert book.read_bytes() == b"old"
    assert names(tmp_path) == {"客户.xlsx", "~$客户.xlsx"}


def test_a_workbook_open_in_libre_office_is_refused_with_its_owner(tmp_path: Path) -> None:
    book = workbook(tmp_path)
    (tmp_path / ".~lock.客户.xlsx#").write_text(
        "王小明,wang,pc-3,01.11.2026 09:30,file:///home/wang;", encoding="utf-8"
    )
    with pytest.raises(StoreError, match="王小明正打开着它"):
        replace(book, b"new")
    assert book.read_bytes() == b"old"


def test_a_workbook_open_in_wps_is_refused_with_its_owner(tmp_path: Path) -> None:
    book = workbook(tmp_path)
    (tmp_path / ".~客户.xlsx").write_bytes(owner_file("王小明"))
    with pytest.raises(StoreError, match=r"客户\.xlsx”没有写入：王小明正打开着它"):
        replace(book, b"new")
    assert book.read_bytes() == b"old"


@pytest.mark.parametrize("owner", ["~$客户.xlsx", ".~客户.xlsx", ".~lock.客户.xlsx#"])
def test_an_open_workbook_in_the_old_directory_is_named_and_the_directory_stands(tmp_path: Path, owner: str) -> None:
    target = tmp_path / "2026-10"
    put(target, OLD)
    (target / "workbooks" / owner).write_bytes(owner_file("王小明"))
    with pytest.raises(StoreError, match=r"workbooks.客户\.xlsx”没有写入：王小明正打开着它"):
        put(target, NEW, recorded=hashes(OLD))
    (target / "workbooks" / owner).unlink()
    assert content(tmp_path) == {f"2026-10/{name}": data for name, data in OLD.items()}


@pytest.mark.parametrize("data", [b"", b"\0", b"\x05", b"\xff" * 165, b"\0" * 165, bytes(range(165)), b",,,"])
def test_an_owner_file_that_says_nothing_still_refuses(tmp_path: Path, data: bytes) -> None:
    book = workbook(tmp_path)
    (tmp_path / "~$客户.xlsx").write_bytes(data)
    with pytest.raises(StoreError, match="正打开着它"):
        replace(book, b"new")


def test_the_owner_is_read_from_the_code_page_where_the_wide_name_is_missing() -> None:
    name = "王小明".encode("gbk")
    assert open_files.user_in(bytes([len(name)]) + name.ljust(54, b"\0")) == "王小明"
    assert open_files.user_in(b"") == open_files.UNKNOWN_USER


@pytest.mark.parametrize(("times", "done"), [(1, True), (6, True), (7, False)])
@pytest.mark.parametrize("whole", [True, False], ids=["directory", "workbook"])
def test_a_file_held_for_a_moment_is_waited_for_and_not_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int, *, done: bool, whole: bool
) -> None:
    target, book = tmp_path / "2026-10", workbook(tmp_path)
    put(target, OLD)
    waits: list[float] = []
    left = [times]
    move = os.replace

    def held(source: Path, goal: Path) -> None:
        if goal == (tmp_path / ".2026-10.sheetcrm-old" if whole else book) and left[0]:
            left[0] -= 1
            raise PermissionError(errno.EACCES, "The process cannot access the file")
        move(source, goal)

    monkeypatch.setattr(os, "replace", held)
    monkeypatch.setattr("sheetcrm.store.files.disk._wait", waits.append)
    act: Callable[[], Any] = (
        (lambda: put(target, NEW, recorded=hashes(OLD))) if whole else (lambda: replace(book, b"new"))
    )
    if done:
        act()
    else:
        with pytest.raises(StoreError, match="正被其他程序打开") as refused:
            act()
        assert refused.value.kind == "file-busy"
        assert ("2026-10" if whole else "客户.xlsx") in refused.value.what
    assert sum(waits) < 5
    assert (content(target), book.read_bytes()) == (
        (NEW if done else OLD, b"old") if whole else (OLD, b"new" if done else b"old")
    )


ERRORS = [errno.ENOSPC, errno.EIO, errno.EACCES]
EDITED = OLD | {NAME: b"edited by hand"}


@pytest.mark.slow
@pytest.mark.parametrize("code", ERRORS, ids=errno.errorcode.__getitem__)
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from-then-on"])
@pytest.mark.parametrize("whole", [True, False], ids=["directory", "workbook"])
def test_whichever_operation_fails_there_is_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, *, lasting: bool, whole: bool
) -> None:
    def fail() -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("sheetcrm.store.files.disk._wait", lambda _: None)
    prepare, act, look = (
        (prepare_directory, act_on_directory, look_at_directory)
        if whole
        else (prepare_workbook, act_on_workbook, look_at_workbook)
    )
    for nth in range(1, 1000):
        here = tmp_path / f"{nth}"
        prepare(here)
        said = ""
        with struck(nth, fail, lasting=lasting) as seen:
            try:
                act(here)
            except StoreError as error:
                said = error.what
        with staging.claim(here):
            pass
        assert look(here) == ("old" if "没有写入" in said else "new"), said
        if seen[0] < nth:
            break
    assert not said
    assert nth > (50 if whole else 20)


@pytest.mark.slow
@posix
@pytest.mark.parametrize("whole", [True, False], ids=["directory", "workbook"])
def test_killed_before_whichever_operation_there_is_the_old_or_the_new(tmp_path: Path, *, whole: bool) -> None:
    prepare, act, look = (
        (prepare_directory, act_on_directory, look_at_directory)
        if whole
        else (prepare_workbook, act_on_workbook, look_at_workbook)
    )
    found = []
    restored = 0

    def work() -> None:
        with struck(nth, lambda: os.kill(os.getpid(), signal.SIGKILL)):
            act(here)

    for nth in range(1, 1000):
        here = tmp_path / f"{nth}"
        prepare(here)
        killed = os.waitpid(fork(work), 0)[1] == signal.SIGKILL
        assert content(here / ".2026-10.sheetcrm-old") in ({}, EDITED)  # whole, while it may be put back
        with staging.claim(here) as back:
            restored += len(back)
        found.append(look(here))
        if not killed:
            break
    assert found == sorted(found, reverse=True)  # old, old … new, new
    assert len(found) > (50 if whole else 20)
    assert restored == whole  # once, between the two renames


@pytest.mark.slow
@posix
def test_killed_at_any_instant_every_directory_is_whole_and_nothing_is_left_after_the_next_start(
    tmp_path: Path,
) -> None:
    target = tmp_path / "2026-10"
    put(target, OLD)

    def work() -> None:
        for version in (NEW, OLD) * 1000:
            with staging.claim(tmp_path):
                put(target, version, keep=2)

    def look(*, swept: bool) -> None:
        assert content(target) in (OLD, NEW, *([] if swept else [{}]))
        for backup in backups.list_backups(tmp_path):
            name = backup.original.relative_to(target).as_posix()
            assert backup.path.read_bytes() in (OLD.get(name), NEW.get(name))

    assert kill_often(tmp_path, work, look, kills=300, own={"2026-10", ".sheetcrm-backup"}) > 30


@pytest.mark.slow
@posix
def test_killed_at_any_instant_every_workbook_is_whole_and_nothing_is_left_after_the_next_start(
    tmp_path: Path,
) -> None:
    old, new = OLD[NAME], NEW[NAME]
    books = [workbook(tmp_path, name, old) for name in ("客户.xlsx", "华东.xlsx")]

    def work() -> None:
        for turn in range(2000):
            with staging.claim(tmp_path):
                book = books[turn % 2]
                replace(book, new if book.read_bytes() == old else old, keep=2)

    def look(*, swept: bool) -> None:
        del swept
        for path in (*books, *(backup.path for backup in backups.list_backups(tmp_path))):
            assert path.read_bytes() in (old, new)

    own = {"客户.xlsx", "华东.xlsx", ".sheetcrm-backup"}
    assert kill_often(tmp_path, work, look, kills=300, own=own) > 30


HOLD = """
import sys
from pathlib import Path
from sheetcrm.store.files import staging
with staging.claim(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_run_on_the_same_folder_is_told_and_a_killed_one_holds_nothing(tmp_path: Path) -> None:
    with holding(tmp_path) as first:
        with (
            pytest.raises(StoreError, match=f"另一个 sheetcrm.*进程 {first.pid}.*正在使用") as refused,
            staging.claim(tmp_path),
        ):
            pass
        assert refused.value.kind == "folder-locked"
        first.kill()
        first.wait()
        assert names(tmp_path) == {locks.LOCK_NAME}
        with staging.claim(tmp_path):
            pass
    assert names(tmp_path) == set()


def test_the_lock_is_free_again_when_the_first_run_is_done(tmp_path: Path) -> None:
    with holding(tmp_path) as first:
        first.communicate()
        with staging.claim(tmp_path):
            pass
    assert names(tmp_path) == set()


@posix
def test_a_worker_that_outlives_its_killed_run_does_not_hold_the_folder(tmp_path: Path) -> None:
    told, tell = os.pipe()

    def work() -> None:
        os.write(tell, os.getpid().to_bytes(8, "little"))  # told by the worker: it runs, and has let go of the lock
        time.sleep(60)

    def run() -> None:
        with staging.claim(tmp_path):
            fork(work)
            time.sleep(60)

    killed = fork(run)
    worker = int.from_bytes(os.read(told, 8), "little")
    os.kill(killed, signal.SIGKILL)
    os.waitpid(killed, 0)
    try:
        with staging.claim(tmp_path):
            pass
    finally:
        os.kill(worker, signal.SIGKILL)
        os.close(told)
        os.close(tell)


@posix
def test_a_lock_file_removed_by_the_run_before_is_not_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl  # noqa: PLC0415  (there is none on Windows)

    turns, lock = iter(range(9)), fcntl.flock

    def lock_late(handle: int, operation: int) -> None:
        if next(turns) == 0:  # the instant between opening and locking
            (tmp_path / locks.LOCK_NAME).unlink()
        lock(handle, operation)

    with monkeypatch.context() as patched:
        patched.setattr("fcntl.flock", lock_late)
        with staging.claim(tmp_path):
            assert (tmp_path / locks.LOCK_NAME).exists()
    assert next(turns) >= 2


def test_the_lock_file_names_the_process_and_the_host(tmp_path: Path) -> None:
    with holding(tmp_path) as first:
        text = (tmp_path / locks.LOCK_NAME).read_bytes()[1:] if os.name != "nt" else None
        assert text is None or text.decode().split() == [str(first.pid), socket.gethostname()]
        first.communicate()
    assert names(tmp_path) == set()


@posix
@pytest.mark.parametrize("there", [True, False], ids=["to a file", "to nothing"])
def test_a_link_in_the_place_of_the_lock_file_is_refused_and_not_followed(tmp_path: Path, *, there: bool) -> None:
    folder, aim = tmp_path / "output", tmp_path / "important.txt"
    folder.mkdir()
    if there:
        aim.write_bytes(b"mine")
    (folder / locks.LOCK_NAME).symlink_to(aim)
    with pytest.raises(StoreError, match="是一个链接"), staging.claim(folder):
        pass
    assert content(tmp_path) == ({"important.txt": b"mine", "output/.sheetcrm.lock": b"mine"} if there else {})
    assert (folder / locks.LOCK_NAME).is_symlink()


@posix
def test_a_file_with_another_name_in_the_place_of_the_lock_file_is_not_written_over(tmp_path: Path) -> None:
    folder, aim = tmp_path / "output", tmp_path / "important.txt"
    folder.mkdir()
    aim.write_bytes(b"mine")
    (folder / locks.LOCK_NAME).hardlink_to(aim)
    with pytest.raises(StoreError, match="是一个链接"), staging.claim(folder):
        pass
    assert aim.read_bytes() == b"mine"


@posix
def test_a_pipe_in_the_place_of_the_lock_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / locks.LOCK_NAME)
    with pytest.raises(StoreError, match="不是普通文件"), staging.claim(tmp_path):
        pass


@posix
def test_a_forked_child_neither_removes_nor_frees_the_lock(tmp_path: Path) -> None:
    with contextlib.ExitStack() as stack:
        stack.enter_context(staging.claim(tmp_path))
        os.waitpid(fork(stack.close), 0)
        with pytest.raises(StoreError, match=f"进程 {os.getpid()}"), staging.claim(tmp_path):
            pass
    assert names(tmp_path) == set()


@posix
@pytest.mark.parametrize(
    ("holder", "free"), [("", True), ("\n{dead} {host}", True), ("\n{alive} {host}", False), ("\n1 elsewhere", False)]
)
def test_where_the_drive_knows_no_locks_the_process_in_the_file_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, holder: str, *, free: bool
) -> None:
    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    dead = fork(lambda: None)
    os.waitpid(dead, 0)
    words = holder.format(dead=dead, alive=os.getpid(), host=socket.gethostname())
    (tmp_path / locks.LOCK_NAME).write_text(words)
    if free:
        with staging.claim(tmp_path):
            pass
    else:
        with pytest.raises(StoreError, match="正在使用"), staging.claim(tmp_path):
            pass


def put(
    target: Path, contents: Mapping[str, bytes | Path], recorded: Mapping[str, str] | None = None, keep: int = 10
) -> tuple[backups.Backup, ...]:
    return staging.replace_directory(target, contents, recorded=recorded or {}, keep=keep)


def replace(book: Path, data: bytes, keep: int = 10) -> backups.Backup | None:
    return staging.replace_file(book, data, expected_sha256=sha256(book.read_bytes()), keep=keep)


def refuse(*_: object, **__: object) -> None:
    raise StoreError("没有写入", "请重试")


def workbook(folder: Path, name: str = "客户.xlsx", data: bytes = b"old") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def owner_file(name: str) -> bytes:
    """Lay out an owner file the way Excel does on a Chinese Windows."""
    narrow, wide = name.encode("gbk", errors="replace"), name.encode("utf-16-le")
    return (
        bytes([len(narrow)])
        + narrow.ljust(54)
        + (len(wide) // 2).to_bytes(2, "little")
        + wide
        + b" \0" * ((108 - len(wide)) // 2)
    )


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def hashes(contents: Mapping[str, bytes]) -> dict[str, str]:
    return {name: sha256(data) for name, data in contents.items()}


def content(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def names(folder: Path) -> set[str]:
    """Name what stands in a folder; of the backups, only what is no backup."""
    kept = folder / ".sheetcrm-backup"
    strays = {path.name for path in kept.rglob("*") if path.is_file() and path.name.startswith(".")}
    return {path.name for path in folder.iterdir()} | strays


OPERATIONS = ("open", "write", "fsync", "replace", "unlink", "rmdir", "mkdir", "chmod", "utime")


@contextlib.contextmanager
def struck(nth: int, strike: Callable[[], None], *, lasting: bool = False) -> Iterator[list[int]]:
    """Strike at the nth file operation, and where lasting at all after it; yields the count of operations seen."""
    seen = [0]

    def failable(name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: object, **options: object) -> object:
            seen[0] += 1
            if seen[0] == nth or (lasting and seen[0] > nth):
                if name == "write":  # a disk fills up in the middle
                    handle, data = arguments
                    assert isinstance(data, bytes | memoryview)
                    original(handle, data[: len(data) // 2])
                strike()
            return None if name == "fsync" else original(*arguments, **options)

        return call

    with pytest.MonkeyPatch.context() as patched:
        for name in OPERATIONS:
            patched.setattr(os, name, failable(name, getattr(os, name)))
        yield seen


def prepare_directory(folder: Path) -> None:
    for name, data in EDITED.items():
        (folder / "2026-10" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "2026-10" / name).write_bytes(data)


def act_on_directory(folder: Path) -> None:
    with staging.claim(folder):
        put(folder / "2026-10", NEW, recorded=hashes(OLD))


def look_at_directory(folder: Path) -> str:
    found = content(folder / "2026-10")
    kept = [backup.path.read_bytes() for backup in backups.list_backups(folder)]
    assert kept in ([b"edited by hand"], [] if found == EDITED else None)
    assert names(folder) - {".sheetcrm-backup"} == {"2026-10"}
    assert found in (EDITED, NEW)
    return "new" if found == NEW else "old"


def prepare_workbook(folder: Path) -> None:
    folder.mkdir()
    workbook(folder)


def act_on_workbook(folder: Path) -> None:
    with staging.claim(folder):
        replace(folder / "客户.xlsx", b"new")


def look_at_workbook(folder: Path) -> str:
    found = (folder / "客户.xlsx").read_bytes()
    kept = [backup.path.read_bytes() for backup in backups.list_backups(folder)]
    assert kept in ([b"old"], [] if found == b"old" else None)
    assert names(folder) - {".sheetcrm-backup"} == {"客户.xlsx"}
    assert found in (b"old", b"new")
    return found.decode()


def fork(work: Callable[[], None]) -> int:
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    return child


def kill_often(folder: Path, work: Callable[[], None], look: Callable[..., None], *, kills: int, own: set[str]) -> int:
    """Kill a worker at random instants, looking before and after the next start; returns how many left something."""
    instants = random.Random(20261031)  # noqa: S311 - no secret, only when to strike
    left = 0
    for _ in range(kills):
        worker = fork(work)
        time.sleep(instants.uniform(0.001, 0.025))
        os.kill(worker, signal.SIGKILL)
        assert os.waitpid(worker, 0)[1] == signal.SIGKILL
        look(swept=False)
        left += bool(names(folder) - own - {locks.LOCK_NAME})
        with staging.claim(folder):
            pass
        look(swept=True)
        assert names(folder) <= own
    return left


@contextlib.contextmanager
def holding(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Start another process that holds the folder until its stdin ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()
