"""One bad file never stops the others, and an output that fails never stops the work."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_STORED

import pytest

from sheetcrm.store.files import disk
from sheetcrm.store.files.inputs import gather
from tests.hostile import package
from tests.terminals import environment
from tests.test_foreign import MIMETYPE
from tests.test_pipeline import HEADER, ROWS, save

pytestmark = pytest.mark.slow

Run = Callable[..., tuple[int, str, str]]
posix_only = pytest.mark.skipif(sys.platform == "win32", reason="there are no such files")
DAY = ("--as-of", "2024-03-01")
SECONDS = 30


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save(tmp_path / "in" / "好.xlsx", {"打分表": [HEADER, *ROWS]})
    return tmp_path / "in"


def sheetcrm(*words: str | Path) -> subprocess.CompletedProcess[bytes]:
    """Run the command in a process of its own, which is ended when it hangs."""
    command = [sys.executable, "-m", "sheetcrm", *words]
    return subprocess.run(command, capture_output=True, env=environment(), timeout=SECONDS, check=False)


def make_folder(path: Path) -> None:
    path.mkdir()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_dangling(path: Path) -> None:
    path.symlink_to("没有.xlsx")


def make_circle(path: Path) -> None:
    path.symlink_to(path.name)


def make_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def make_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's path is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def make_damaged(path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 cut short")


@posix_only
@pytest.mark.parametrize(
    ("make", "why"),
    [
        (make_folder, "这是文件夹"),
        (make_pipe, "管道"),
        (make_socket, "套接字"),
        (make_device, "设备"),
        (make_dangling, "不在了"),
        (make_circle, "链接指来指去"),
        (make_damaged, "不完整"),
    ],
)
def test_what_cannot_be_read_is_named_and_the_rest_is_done(
    folder: Path, make: Callable[[Path], None], why: str
) -> None:
    make(folder / "坏.xlsx")
    out = folder.parent / "out"
    commands: Sequence[Sequence[str | Path]] = (
        ("check", folder),
        ("run", folder, "-o", out, *DAY, "--no-pdf"),
        ("explain", "C2024001", folder, "-o", out, *DAY),
    )
    for words in commands:
        done = sheetcrm(*words)
        printed = (done.stdout + done.stderr).decode()
        assert done.returncode == 1, printed
        assert "错误 坏.xlsx: " in printed
        assert why in printed
        assert "Traceback" not in printed
    assert (out / "2024-03" / "workbooks" / "好.xlsx").exists()
    record = json.loads((out / "2024-03" / "run.json").read_bytes())
    assert [(entry["file"], entry["read"]) for entry in record["inputs"]] == [("坏.xlsx", False), ("好.xlsx", True)]
    if make is not make_folder:
        assert sheetcrm("check", folder / "坏.xlsx", folder / "好.xlsx").returncode == 1


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (PermissionError(13, "Permission denied"), "没有权限，或正被其他程序打开"),
        (FileNotFoundError(2, "No such file"), "不在了"),
        (OSError(5, "Input/output error"), "磁盘读写出错"),
        (OSError(74, "Bad message"), "系统提示"),
    ],
)
def test_a_file_that_is_locked_or_gone_by_the_time_it_is_read_is_named(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, why: str
) -> None:
    save(folder / "坏.xlsx", {"打分表": [HEADER, ["C7", *ROWS[0][1:]]]})
    opened = os.open

    def failing(path: Any, *rest: Any, **named: Any) -> int:  # noqa: ANN401
        if os.fspath(path).endswith("坏.xlsx"):
            raise error
        return opened(path, *rest, **named)

    monkeypatch.setattr(os, "open", failing)
    out = folder.parent / "out"
    code, printed, told = run("run", folder, "-o", out, *DAY, "--no-pdf")
    assert code == 1, told
    assert "错误 坏.xlsx: 这个文件读不了" in printed
    assert why in printed
    assert "读取：1 个工作簿，3 家客户" in printed
    for words in (["whatif", folder, "--set", "评分卡.行业潜力.权重=5"], ["packs", folder, "--only", "跟进日历"]):
        code, _, told = run(*words, "-o", out, *DAY)
        assert code == 1
        assert "错误 坏.xlsx: 这个文件读不了" in told
    code, _, told = run("check", folder / "坏.xlsx")
    assert code == 2
    assert why in told


def test_a_folder_that_cannot_be_listed_is_named(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "锁着").mkdir()
    listing = os.scandir

    def failing(path: Any) -> Any:  # noqa: ANN401
        if os.fspath(path).endswith("锁着"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return listing(path)

    monkeypatch.setattr(os, "scandir", failing)
    code, printed, _ = run("check", folder)
    assert code == 1
    assert "错误 锁着: 这个文件夹读不了" in printed
    assert "读了 1 个工作簿、3 家客户" in printed


def test_a_csv_in_a_folder_is_named_with_the_way_out(run: Run, folder: Path) -> None:
    (folder / "导出.csv").write_text("客户编号,客户名称\n", encoding="utf-8")
    code, printed, _ = run("check", folder)
    assert code == 0
    assert "警告 导出.csv: 这是 .csv，没有读。" in printed
    assert "另存为 .xlsx" in printed
    (folder / "好.xlsx").unlink()
    code, _, told = run("check", folder)
    assert code == 2
    assert "另存为 .xlsx" in told


@posix_only
def test_a_workbook_that_several_paths_lead_to_is_read_once(folder: Path) -> None:
    book = folder / "好.xlsx"
    (folder / "一.xlsx").symlink_to(book)
    (folder / "二.xlsx").symlink_to("一.xlsx")
    (folder.parent / "又").symlink_to(folder)
    for paths in ([folder], [folder, book], [book, folder / "一.xlsx"], [folder, folder.parent / "又"], [book, book]):
        assert [entry.name for entry in gather(paths, output=None)] == ["好.xlsx"]


@posix_only
def test_a_pipe_as_policy_or_owner_file_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder.parent / "策略.toml")
    done = sheetcrm("check", folder, "--policy", folder.parent / "策略.toml")
    assert done.returncode == 2
    assert "管道" in done.stderr.decode()
    os.mkfifo(folder / "~$好.xlsx")
    done = sheetcrm("run", folder, "-o", folder.parent / "out", *DAY, "--no-pdf", "--in-place")
    assert done.returncode == 3, done.stderr.decode()
    assert "正打开着它" in done.stderr.decode()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504 + "Workbook".encode("utf-16-le").ljust(512, b"\0")


@pytest.mark.parametrize(
    ("name", "data", "format_name"),
    [
        ("旧.xls", OLE, "旧的 .xls 格式"),
        ("旧.et", OLE, "WPS 的 .et 格式"),
        ("旧.xlsb", package({"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": b""}), "二进制的 .xlsb 格式"),
        (
            "旧.ods",
            package({"mimetype": MIMETYPE.encode(), "content.xml": b"<a>"}, method=ZIP_STORED),
            "OpenDocument 的 .ods 格式",
        ),
    ],
)
def test_a_damaged_old_format_says_why(run: Run, folder: Path, name: str, data: bytes, format_name: str) -> None:
    (folder / name).write_bytes(data)
    code, printed, _ = run("check", folder)
    assert code == 1
    assert f"错误 {name}: 这是{format_name}，文件已损坏：" in printed
    assert "[workbook-damaged]" in printed
    assert "读了 1 个工作簿、3 家客户" in printed


# --- an output that fails


def shell(line: str) -> tuple[int, str]:
    """Run a line of bash: the exit code of `sheetcrm` in it, and what stands on stderr."""
    command = f"{sys.executable} -m sheetcrm"
    done = subprocess.run(
        ["bash", "-c", line.replace("sheetcrm", command, 1)],
        capture_output=True,
        env=environment(),
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stderr.decode()


@posix_only
@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    "end",
    [
        "| head -1; exit ${PIPESTATUS[0]}",
        "| true; exit ${PIPESTATUS[0]}",
        ">&-",
        ">&- 2>&-",
        ">/dev/full",
        "2>/dev/full",
    ],
)
def test_work_is_done_and_its_code_kept_when_nobody_reads(folder: Path, end: str) -> None:
    save(folder / "错.xlsx", {"打分表": [HEADER, ["C7", "庚公司", "看情况", *ROWS[0][3:]]]})
    if end.endswith("/dev/full") and not Path("/dev/full").exists():
        pytest.skip("there is no full device")
    out = folder.parent / "out"
    code, told = shell(f"sheetcrm run {folder} -o {out} {' '.join(DAY)} --no-pdf {end}")
    assert code == 1, told
    assert (out / "2024-03" / "run.json").exists()
    assert "Traceback" not in told
    assert "Exception ignored" not in told
    assert ("磁盘空间不足" in told) == end.startswith(">/dev/full")
    for words, expected in ((f"check {folder} --json", 1), ("--help", 0), ("check", 2), (f"check {folder}", 1)):
        code, told = shell(f"sheetcrm {words} {end}")
        assert code == expected, told
        assert "Traceback" not in told
        assert "Exception ignored" not in told


@pytest.mark.parametrize("encoding", ["gbk", "ascii", "cp1252", "utf-8"])
def test_no_code_page_makes_any_output_fail(folder: Path, encoding: str) -> None:
    save(folder / "𠮷✓\u2009.xlsx", {"打分表": [HEADER, ["C7", "𠮷✅公司", "没有✓", *ROWS[0][3:]]]})
    for words in (
        ("check", folder),
        ("run", folder, "-o", folder.parent / "out", *DAY, "--no-pdf"),
        ("--help",),
        ("x",),
    ):
        done = subprocess.run(
            [sys.executable, "-m", "sheetcrm", *words],
            capture_output=True,
            env=environment(PYTHONIOENCODING=encoding),
            check=False,
        )
        assert done.returncode in {0, 1, 2}
        assert b"Traceback" not in done.stderr + done.stdout


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    data = bytes(range(256)) * 5000
    (tmp_path / "x.xlsx").write_bytes(data)
    assert disk.read_regular(tmp_path / "x.xlsx") == data
