"""`sheetcrm share` but for its pages: who may have what, passwords, encryption, the record (practice §11)."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import stat
from pathlib import Path

import click
import msoffcrypto
import pytest

from sheetcrm.cli.entry import main
from sheetcrm.errors import StoreError
from sheetcrm.report.packs import packs
from sheetcrm.report.pages import documents
from sheetcrm.runs import sharing
from sheetcrm.store.archive import sealing
from sheetcrm.store.files import disk, staging
from sheetcrm.store.history.ledger import Ledger
from tests import office, shared_books
from tests.shared_books import EVERYBODY, OF_THE_BOOK, PASSWORD, SCOPES, UNTIL, hits, only_folder, share
from tests.workbooks import workbook


@pytest.fixture
def books(tmp_path: Path) -> Path:
    return shared_books.write_books(tmp_path)


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    return shared_books.write_password(tmp_path)


@pytest.fixture(autouse=True)
def printed_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the pages out: what is tested is what surrounds them."""
    monkeypatch.setattr(sharing, "check_printing", lambda _templates: None)
    monkeypatch.setattr(documents, "plan", lambda *_args, **_named: ())
    monkeypatch.setattr(packs, "plan", lambda *_args, **_named: packs.Packs())


def shared(books: Path, tmp_path: Path, password_file: Path, *options: str) -> Path:
    asked = options or tuple(SCOPES["业务员"][0])
    assert share(books, tmp_path / "out", *asked, "--password-file", str(password_file)) == 0
    return only_folder(tmp_path / "out")


def test_a_wrong_password_opens_nothing(books: Path, tmp_path: Path, password_file: Path) -> None:
    folder = shared(books, tmp_path, password_file)
    for path in folder.iterdir():
        for wrong in ("x", PASSWORD.lower(), PASSWORD + " "):
            with path.open("rb") as file, pytest.raises(msoffcrypto.exceptions.InvalidKeyError):
                msoffcrypto.OfficeFile(file).load_key(password=wrong, verify_password=True)


def test_only_its_owner_reads_it_and_nothing_else_is_left(books: Path, tmp_path: Path, password_file: Path) -> None:
    before = os.umask(0)
    try:
        folder = shared(books, tmp_path, password_file)
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (folder, folder.parent)} == {0o700}
    assert sorted(path.name for path in folder.parent.iterdir()) == [folder.name]


def test_it_is_on_record_and_the_password_is_nowhere(
    books: Path, tmp_path: Path, password_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared(books, tmp_path, password_file, *SCOPES["业务员"][0], "--json")
    answer = json.loads(capsys.readouterr().out)
    assert main(["history", "--disclosures", "--json", "-o", str(tmp_path / "out")]) == 0
    (record,) = json.loads(capsys.readouterr().out)["disclosures"]
    assert (record["action"], record["recipient"], record["purpose"], record["until"]) == (
        *("分享", "刘总", "复盘", UNTIL),
    )
    assert record["target"] == f"share/{folder.name}"
    assert record["code"] == answer["code"]
    assert all(f"{name} {sha256}" in record["sha256"] for name, sha256 in answer["files"].items())
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path != password_file)
    assert PASSWORD.encode() not in everything
    assert PASSWORD not in json.dumps([answer, record])


def test_the_workbook_reads_back_as_the_same_customers(
    books: Path, tmp_path: Path, password_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = shared(books, tmp_path, password_file)
    (tmp_path / "again.xlsx").write_bytes(shared_books.opened(folder)["客户台账.xlsx"])
    capsys.readouterr()
    assert main(["check", str(tmp_path / "again.xlsx"), "--json", "--period", "2026-10"]) == 0
    assert not [one for one in json.loads(capsys.readouterr().out)["problems"] if one["severity"] == "错误"]


def test_the_rest_stays_out_when_nothing_is_masked_and_there_is_a_history(
    books: Path, tmp_path: Path, password_file: Path
) -> None:
    output = tmp_path / "out"
    assert main(["run", str(books), "-o", str(output), "--period", "2026-09", "--no-pdf"]) == 0
    options, inside = SCOPES["业务员"]
    assert share(books, output, *options, "--unmask", "--password-file", str(password_file)) == 0
    plain = dict(shared_books.opened(only_folder(output)))
    outside = [text for one in EVERYBODY if one not in inside for text in one.searched]
    assert hits(plain, [*outside, *OF_THE_BOOK]) == []
    assert all(one.phone in "".join(shared_books.texts("a.xlsx", plain["客户台账.xlsx"])) for one in inside)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("soffice"), reason="LibreOffice is not here")
@pytest.mark.parametrize(("password", "rows"), [(PASSWORD, 3), ("wrong", 0)])
def test_libreoffice_opens_it_with_the_password_alone(
    password: str, rows: int, books: Path, tmp_path: Path, password_file: Path
) -> None:
    folder = shared(books, tmp_path, password_file)
    assert len(office.first_sheet(folder / "客户台账.xlsx", password, tmp_path)) == rows


def test_who_is_forgotten_may_be_in_what_was_shared(
    books: Path, tmp_path: Path, password_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output, (options, inside) = tmp_path / "out", SCOPES["业务员"]
    assert main(["run", str(books), "-o", str(output), "--period", "2026-10", "--no-pdf"]) == 0
    folder = shared(books, tmp_path, password_file, *options)
    capsys.readouterr()
    assert main(["forget", inside[0].key, "-o", str(output), "--reason", "客户要求", "--yes", "--json"]) == 0
    assert f"{folder / '客户台账.xlsx'}" in capsys.readouterr().out


def test_killed_before_the_swap_nothing_plain_lies_there_and_the_next_share_sweeps(
    books: Path, tmp_path: Path, password_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_args: object) -> None:
        raise Killed

    output, options = tmp_path / "out", SCOPES["业务员"][0]
    with monkeypatch.context() as patched:
        patched.setattr(staging, "_swap", kill)
        patched.setattr(disk, "discard", lambda _path: None)
        with pytest.raises(Killed):
            share(books, output, *options, "--password-file", str(password_file))
    left = [path for path in (output / "share").rglob("*") if path.is_file()]
    assert left
    assert not any(path.read_bytes().startswith((b"PK", b"%PDF")) for path in left)
    assert share(books, output, *options, "--password-file", str(password_file)) == 0
    assert [path.name.startswith(".") for path in (output / "share").iterdir()] == [False]


def test_a_failure_leaves_nothing(
    books: Path, tmp_path: Path, password_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_args: object) -> bytes:
        raise OSError("no")

    monkeypatch.setattr(sealing, "_seal_workbook", fail)
    asked = SCOPES["业务员"][0]
    assert share(books, tmp_path / "out", *asked, "--password-file", str(password_file)) == 2
    assert not (tmp_path / "out").exists()


def test_what_is_not_on_record_is_not_handed_out(
    books: Path, tmp_path: Path, password_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object) -> None:
        raise StoreError("历史写不了", "")

    monkeypatch.setattr(Ledger, "disclose", refuse)
    assert share(books, tmp_path / "out", *SCOPES["业务员"][0], "--password-file", str(password_file)) == 2
    assert list((tmp_path / "out" / "share").iterdir()) == []


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("Ab3$xyZ", "7 个字符"),
        ("aaaaaaaaaaaaaaa1", "反复用几个字符"),
        ("abcdefgh12345678", "挨着的一串"),
        ("password-password1", "反复用几个字符"),
        ("口令口令口令口令口令口令", "打不出的字"),
        ("onlyletterslong", "1 类"),
    ],
)
def test_a_weak_password_is_refused_in_words_without_it(
    password: str, said: str, books: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "weak.txt"
    path.write_text(password, encoding="utf-8")
    assert share(books, tmp_path / "out", *SCOPES["业务员"][0], "--password-file", str(path)) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert password not in printed.err + printed.out


def test_without_a_terminal_and_a_file_nobody_is_asked(
    books: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert share(books, tmp_path / "out", *SCOPES["业务员"][0]) == 2
    assert "--password-file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"to": " "}, "--to"),
        ({"purpose": "　"}, "--purpose"),
        ({"until": "2020-01-01"}, "已经过了"),
        ({"until": "2090-01-01"}, "最多 180 天"),
    ],
)
def test_without_recipient_purpose_or_a_day_it_is_refused(
    named: dict[str, str], said: str, books: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert share(books, tmp_path / "out", *SCOPES["业务员"][0], **named) == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--for", "陈思元", "--scope", "业务员"], "是不是 陈思远？"),
        (["--for", "周敏", "--scope", "经理"], "--department"),
        (["--for", "周敏", "--scope", "经理", "--department", "华南"], "是不是 华南部？"),
    ],
)
def test_a_scope_without_customers_says_what_was_meant(
    options: list[str], said: str, books: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert share(books, tmp_path / "out", *options, "--dry-run") == 2
    assert said in capsys.readouterr().err


PERMISSIONS: list[tuple[object, ...]] = [
    ("人", "角色", "部门", "到期"),
    ("陈思远", "业务员", "华东部", "2090-12-31"),
    ("周敏", "经理", "华南部", "2090-12-31"),
    ("马立新", "业务员", "西北部", "2020-12-31"),
    ("王总", "高管", None, None),
    ("孙晓梅", "店长", "西北部", None),
]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--for", "林婉清", "--scope", "业务员"], "“权限”表里没有林婉清"),
        (["--for", "马立新", "--scope", "业务员"], "已于 2020-12-31 到期"),
        (["--for", "陈思远", "--scope", "经理"], "陈思远的角色是业务员"),
        (["--for", "周敏", "--scope", "高管"], "周敏的角色是经理"),
        (["--for", "周敏", "--scope", "经理", "--department", "华东部"], "没有华东部"),
        (["--for", "孙晓梅", "--scope", "业务员"], "角色“店长”看不懂"),
        (["--for", "陈思远", "--scope", "业务员"], ""),
        (["--for", "周敏", "--scope", "经理"], ""),
        (["--for", "王总", "--scope", "高管"], ""),
        (["--for", "王总", "--scope", "经理", "--department", "西北部"], ""),
    ],
)
def test_the_sheet_of_permissions_is_kept_to(
    options: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "台账.xlsx").write_bytes(shared_books.book(("权限", PERMISSIONS)))
    code = share(tmp_path / "books", tmp_path / "out", *options, "--dry-run")
    printed = capsys.readouterr()
    assert (code, said in printed.err) == (2 if said else 0, True)
    if not said:
        assert re.search(r"申请的校验号 SP[0-9a-f]{12}", printed.out)


@pytest.mark.parametrize(
    "lines",
    [[("谁", "看什么"), ("陈思远", "全部")], [PERMISSIONS[0]], [PERMISSIONS[0], ("陈思远", None, "华东部", None)]],
    ids=["headers nobody knows", "no line", "no role"],
)
def test_permissions_that_cannot_be_read_allow_nothing(
    lines: list[tuple[object, ...]], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "台账.xlsx").write_bytes(shared_books.book(("权限", lines)))
    assert share(tmp_path / "books", tmp_path / "out", "--for", "陈思远", "--scope", "高管", "--dry-run") == 2
    assert "“权限”表里没有陈思远" in capsys.readouterr().err


def test_of_books_that_were_not_all_read_nothing_is_shared(
    books: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (books / "坏的.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    assert share(books, tmp_path / "out", *SCOPES["业务员"][0], "--dry-run") == 2
    assert "没有读出来（坏的.xlsx）" in capsys.readouterr().err


def test_the_password_is_asked_for_twice_and_not_shown(
    books: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, object]] = []

    def answer(_text: str, **options: object) -> str:
        asked.append(options)
        return PASSWORD

    monkeypatch.setattr("sys.stdin", io.StringIO())
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr(click, "prompt", answer)
    assert share(books, tmp_path / "out", *SCOPES["业务员"][0]) == 0
    assert [(one["hide_input"], bool(one["confirmation_prompt"])) for one in asked] == [(True, True)]
    assert shared_books.opened(only_folder(tmp_path / "out"))


def test_for_whom_it_is_stands_on_it_without_settings_and_where_names_are_the_numbers(
    tmp_path: Path, password_file: Path
) -> None:
    rows = [(name, "30天", "12次/年", "80万元", "高", "85%", "王总") for name in ("盖（小）塑胶 厂", "盖（大）塑胶 厂")]
    header = ("客户名称", "最近消费时间", "消费频次", "消费金额", "行业潜力", "忠诚度", "客户经理")
    (tmp_path / "books").mkdir()
    (tmp_path / "books" / "台账.xlsx").write_bytes(workbook({"客户分级评估打分表": [header, *rows]}))
    options = ("--for", "王总", "--scope", "高管", "--password-file", str(password_file))
    assert share(tmp_path / "books", tmp_path / "out", *options) == 0
    plain = shared_books.opened(only_folder(tmp_path / "out"))
    for name, data in plain.items():
        read = "".join(shared_books.texts(name, data))
        assert f"全部客户　仅供刘总，{UNTIL}前用于复盘" in read
        assert "盖（小）塑胶 厂" in read
