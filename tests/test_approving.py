"""A second person's approval: of exactly this, by another, in time, once; nobody is asked unless the policy does."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from sheetcrm.cli.entry import main
from sheetcrm.policy import loading
from sheetcrm.report.pages import documents
from sheetcrm.runs import packs as packs_run
from sheetcrm.runs import sharing
from sheetcrm.runs.printing import PrintedFiles
from sheetcrm.store.history.recorded import PERSON
from tests import shared_books
from tests.shared_books import PASSWORD
from tests.workbooks import workbook

TODAY = date.today()  # noqa: DTZ011  (a day as people count it)
HEADER = ("事项", "申请人", "审批人", "校验号", "日期", "到期", "结论")
LATER, EARLIER = TODAY + timedelta(days=10), TODAY - timedelta(days=1)
CODE = re.compile(r"SP[0-9a-f]{12}(?:-\d+)?")


@pytest.fixture(autouse=True)
def _without_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sharing, "check_printing", lambda _templates: None)
    monkeypatch.setattr(documents, "plan", lambda *_args, **_named: ())
    monkeypatch.delenv(PERSON, raising=False)


class Desk:
    """A folder with the book, the approvals and a policy that asks for some."""

    def __init__(self, folder: Path, *needed: str) -> None:
        self.folder = folder
        self.books = folder / "books"
        self.books.mkdir()
        self.book = self.books / "台账.xlsx"
        self.book.write_bytes(shared_books.book())
        text = loading.standard_text().replace("needed = []", f"needed = {json.dumps(needed)}")
        (folder / "策略.toml").write_text(text, encoding="utf-8")
        (folder / "口令.txt").write_text(PASSWORD)

    def approve(self, code: str, *changed: tuple[int, object], matter: str = "share-sensitive") -> None:
        row: list[object] = [matter, "陈思远", "王总", code, TODAY, LATER, "同意"]
        for at, value in changed:
            row[at] = value
        (self.books / "审批.xlsx").write_bytes(workbook({"审批": [HEADER, row]}))

    def call(self, *words: str) -> int:
        shared = ("--policy", str(self.folder / "策略.toml"), "-o", str(self.folder / "out"), "--period", "2026-10")
        return main([words[0], str(self.books), *words[1:], *shared])

    def share(self, *options: str, purpose: str = "复盘") -> int:
        words = [
            "share",
            "--for",
            "陈思远",
            "--scope",
            "业务员",
            "--to",
            "刘总",
            "--purpose",
            purpose,
            "--as",
            "陈思远",
        ]
        words += ["--until", shared_books.UNTIL, "--unmask", "--password-file", str(self.folder / "口令.txt")]
        return self.call(*words, *options)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, "share-sensitive")


def asked_code(desk: Desk, capsys: pytest.CaptureFixture[str]) -> str:
    """The 校验号 that a dry run says is to be approved."""
    capsys.readouterr()
    assert desk.share("--dry-run") == 0
    printed = capsys.readouterr().out
    assert "要第二人审批" in printed
    return str(CODE.findall(printed)[-1])


def test_what_another_person_agreed_to_is_done_and_on_record(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert desk.share() == 2
    code = asked_code(desk, capsys)
    desk.approve(code)
    assert asked_code(desk, capsys) == code  # the line that approves changes nothing of what is approved
    assert desk.share() == 0
    capsys.readouterr()
    assert main(["history", "--disclosures", "--json", "-o", str(desk.folder / "out")]) == 0
    (record,) = json.loads(capsys.readouterr().out)["disclosures"]
    assert (record["code"], record["approved"], record["person"]) == (code, f"王总 {TODAY}", "陈思远")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ([(2, "陈思远")], "不能自己批自己"),
        ([(2, " 陈 思 远")], "不能自己批自己"),
        ([(2, None)], "没有写审批人"),
        ([(1, "王总")], "不能自己批自己"),
        ([(1, "何俊杰")], "申请人写的是“何俊杰”，运行的是陈思远"),
        ([(5, EARLIER)], "已于"),
        ([(5, None)], "没有写到期"),
        ([(4, None)], "没有写审批日期"),
        ([(4, LATER)], "在今天以后"),
        ([(6, "不同意")], "结论是“不同意”"),
        ([(6, None)], "结论是“空”"),
        ([(0, "in-place")], "事项写的是“in-place”"),
        ([(3, "SP000000000000")], "批的是 SP000000000000，这一次是"),
    ],
)
def test_an_approval_that_does_not_count_is_refused_by_name(
    changed: list[tuple[int, object]], said: str, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    code = asked_code(desk, capsys)
    desk.approve(code, *changed)
    assert desk.share() == 2
    refused = capsys.readouterr().err
    assert said in refused
    assert f"校验号 {code}" in refused
    assert not (desk.folder / "out").exists()


def test_the_approval_of_another_purpose_scope_or_book_is_refused(
    desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    code = asked_code(desk, capsys)
    desk.approve(code)
    assert desk.share(purpose="客户拜访") == 2
    assert f"批的是 {code}，这一次是" in capsys.readouterr().err
    assert desk.share("--to", "别人") == 2
    desk.book.write_bytes(shared_books.book(("客户跟进记录表", [("客户编号", "日期"), ("KA-7700X", "2026-10-30")])))
    assert desk.share() == 2


def test_an_approval_counts_once(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    code = asked_code(desk, capsys)
    desk.approve(code)
    assert desk.share() == 0
    assert desk.share() == 2
    refused = capsys.readouterr().err
    assert f"校验号 {code} 的审批已在" in refused
    assert f"这一次是 {code}-2" in refused
    desk.approve(f"{code}-2")
    assert desk.share("--dry-run") == 0


def test_masked_files_need_nobody(desk: Desk) -> None:
    assert desk.call("share", "--for", "陈思远", "--scope", "业务员", "--to", "刘总", "--purpose", "复盘", "--until",
                     shared_books.UNTIL, "--password-file", str(desk.folder / "口令.txt")) == 0  # fmt: skip


def test_without_the_policy_nobody_is_asked(tmp_path: Path) -> None:
    assert Desk(tmp_path).share() == 0
    assert loading.standard().approval.needed == ()


def test_contacts_in_packs_need_the_approval_of_these_contacts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packs_run, "check_printing", lambda _templates: None)
    monkeypatch.setattr(
        packs_run, "print_documents", lambda jobs, **_named: PrintedFiles({jobs[0].name: b"%PDF"}, {}, ())
    )
    desk = Desk(tmp_path, "unmask")
    wanted = ("packs", "--only", "跟进清单", "--owner", "陈思远", "--unmask", "--purpose", "交接", "--as", "陈思远")
    assert desk.call(*wanted) == 2
    code = CODE.findall(capsys.readouterr().err)[-1]
    desk.approve(code, matter="显示联系方式")
    assert desk.call(*wanted) == 0
    assert desk.call(*wanted) == 2
    assert "用过" in capsys.readouterr().err


def test_rewriting_needs_the_approval_of_these_cells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(tmp_path, "in-place")
    before = hashlib.sha256(desk.book.read_bytes()).hexdigest()
    wanted = ("run", "--in-place", "--no-pdf", "--as", "陈思远")
    assert desk.call(*wanted, "--dry-run") == 0
    code = CODE.findall(capsys.readouterr().err)[-1]
    assert desk.call(*wanted) == 2
    assert code in capsys.readouterr().err
    assert hashlib.sha256(desk.book.read_bytes()).hexdigest() == before
    assert not list((tmp_path / "out").glob("2026-10*"))
    desk.approve(code, matter="in-place")
    assert desk.call(*wanted) == 0
    assert hashlib.sha256(desk.book.read_bytes()).hexdigest() != before
    assert desk.call(*wanted) == 0  # nothing is rewritten the second time
    capsys.readouterr()
    assert main(["history", "--disclosures", "--json", "-o", str(tmp_path / "out")]) == 0
    used = [one for one in json.loads(capsys.readouterr().out)["disclosures"] if one["action"] == "改写原表"]
    assert [(one["code"], one["approved"]) for one in used] == [(code, f"王总 {TODAY}")]
    assert main(["history", "--verify", "-o", str(tmp_path / "out")]) == 0
