"""`sheetcrm packs`: what it writes and what it leaves alone, and that showing contacts is recorded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sheetcrm.store.history import ledger
from tests.test_pipeline import HEADER, ROWS, save

pytestmark = pytest.mark.slow

PHONE = "13912345678"
PROFILES = [
    [
        "客户编号",
        "客户名称",
        "行业类型",
        "联系人(职位)",
        "联系方式",
        "核心需求",
        "合作意向",
        "信息来源人",
        "客户经理",
        "信息授权",
    ],
    ["C2024001", "A公司", "制造业", "欧阳铁柱(总经理)", PHONE, "扩产", "高", "展会", "林婉清", "是"],
    ["C2024002", "B公司", "制造业", "司马秋水(经理)", PHONE, "降本", "高", "展会", "林婉清", "否"],
    ["C2024003", "C公司", "制造业", "上官云(经理)", PHONE, "观望", "低", "展会", "陈思远", "是"],
]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def report(run: Run, tmp_path: Path) -> Run:
    signed = [[*row, "赵*", "2024-03-01"] for row in ROWS]
    scoring: list[list[Any]] = [[*HEADER, "审核人", "审核日期"], *signed]
    book = save(tmp_path / "in" / "客户.xlsx", {"打分表": scoring, "客户信息基础表": PROFILES})

    def call(*words: str | Path) -> tuple[int, str, str]:
        return run("packs", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", *words)

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "out" / "2024-03"


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_it_writes_the_packs_alone_and_says_who_got_none(report: Run, folder: Path) -> None:
    code, out, err = report("--only", "告知函")
    assert code in {0, 1}
    assert files(folder) == [
        "packs/packs.json",
        "packs/告知函/C2024001.eml",
        "packs/告知函/C2024001.pdf",
    ]
    assert "告知函/C2024001.pdf" in out
    assert "告知函：没有做 2 家（没有信息授权 1 家，等级没有对客称谓或对客权益 1 家）" in err


def test_without_a_kind_the_months_packs_of_the_team_are_made_and_the_others_offered(report: Run, folder: Path) -> None:
    _, out, err = report()
    kinds = {name.split("/")[1].split(".")[0] for name in files(folder)}
    assert kinds == {"packs", "抽查清单", "结果通报", "跟进清单", "跟进日历", "SOP手册", "客户需求洞察会"}
    made = len(files(folder)) - 1
    assert f"要做 {made} 份：抽查清单 1，结果通报 1，跟进清单 " in err
    assert "另外可做：交接包 2，告知函 1，档案卡 3，客户价值增长报告 1。" in out
    assert "例如 --only 交接包" in out
    assert "另外可做" not in report("--only", "抽查清单")[1]
    assert report("-q")[1:] == ("", "")


def test_a_customer_named_gets_what_is_about_it_alone(report: Run, folder: Path) -> None:
    report("--customer", "C2024001")
    assert {name.split("/")[-1] for name in files(folder)} == {"packs.json", "C2024001.pdf", "C2024001.eml"}
    assert {name.split("/")[1] for name in files(folder)} == {"packs.json", "告知函", "档案卡", "客户价值增长报告"}


def test_an_owners_pack_of_some_customers_leaves_the_whole_one(report: Run, folder: Path) -> None:
    words = ("--only", "交接包", "--only", "跟进日历", "--owner", "林婉清")
    report(*words)
    before = {name: (folder / name).read_bytes() for name in files(folder) if name != "packs/packs.json"}
    assert len(before) == 2
    report(*words, "--customer", "C2024001")
    assert {name: (folder / name).read_bytes() for name in before} == before
    assert len(files(folder)) == 5


def test_a_pack_made_anew_takes_the_place_of_its_old_volumes(report: Run, folder: Path) -> None:
    report("--only", "抽查清单")
    made = (folder / "packs" / "抽查清单.pdf").read_bytes()
    for name in ("抽查清单-第1册.pdf", "抽查清单-第2册.pdf", "别的-第1册.pdf"):
        (folder / "packs" / name).write_bytes(b"old")
    report("--only", "抽查清单")
    kept, standing = [[name for name in files(folder) if (name[0] == ".") == hidden] for hidden in (True, False)]
    assert standing == ["packs/packs.json", "packs/别的-第1册.pdf", "packs/抽查清单.pdf"]
    assert len(kept) == 2  # nobody knows who made them
    assert (folder / "packs" / "抽查清单.pdf").read_bytes() == made


def test_packs_are_added_and_those_there_stay(report: Run, folder: Path) -> None:
    report("--only", "告知函", "--customer", "C2024001")
    before = (folder / "packs" / "告知函" / "C2024001.pdf").read_bytes()
    report("--only", "跟进日历", "--owner", "陈思远")
    assert len(files(folder)) == 4
    assert [name for name in files(folder) if name.endswith(".ics")]
    assert (folder / "packs" / "告知函" / "C2024001.pdf").read_bytes() == before
    recorded = json.loads((folder / "packs" / "packs.json").read_bytes())
    assert [entry["file"] for entry in recorded["outputs"]] == [
        name.removeprefix("packs/") for name in files(folder) if name != "packs/packs.json"
    ]


def test_a_runs_other_results_stay_byte_for_byte(report: Run, run: Run, folder: Path, tmp_path: Path) -> None:
    run("run", tmp_path / "in", "-o", tmp_path / "out", "--as-of", "2024-03-01", "--no-pdf")
    before = {name: (folder / name).read_bytes() for name in files(folder)}
    assert "packs/评审包.xlsx" in before
    report("--only", "跟进日历")
    assert {name: (folder / name).read_bytes() for name in before} == before
    listed = json.loads((folder / "packs" / "packs.json").read_bytes())["outputs"]
    assert "评审包.xlsx" not in {entry["file"] for entry in listed}


def test_a_later_run_backs_up_an_edited_draft_but_not_what_the_program_made(
    report: Run, run: Run, folder: Path, tmp_path: Path
) -> None:
    report("--only", "告知函", "--only", "跟进日历")
    (folder / "packs" / "告知函" / "C2024001.eml").write_bytes(b"edited")
    _, _, err = run("run", tmp_path / "in", "-o", tmp_path / "out", "--as-of", "2024-03-01", "--no-pdf")
    assert err.count("已先备份到") == 1
    assert not (folder / "packs" / "告知函").exists()


def test_an_edited_pack_is_backed_up_before_it_is_made_again(report: Run, folder: Path) -> None:
    report("--only", "告知函", "--customer", "C2024001")
    draft = folder / "packs" / "告知函" / "C2024001.eml"
    made = draft.read_bytes()
    draft.write_bytes(b"edited")
    _, _, err = report("--only", "告知函", "--customer", "C2024001")
    assert draft.read_bytes() == made
    assert "已先备份到" in err


def test_twice_gives_the_same_bytes(report: Run, folder: Path) -> None:
    words = ("--only", "告知函", "--only", "跟进日历", "--only", "抽查清单")
    report(*words)
    before = {name: (folder / name).read_bytes() for name in files(folder)}
    report(*words)
    assert {name: (folder / name).read_bytes() for name in files(folder)} == before


def test_showing_contacts_needs_a_purpose(report: Run, folder: Path) -> None:
    code, _, err = report("--only", "档案卡", "--unmask")
    assert code == 2
    assert "--purpose" in err
    assert report("--only", "档案卡", "--purpose", "交接")[0] == 2
    assert report("--only", "档案卡", "--unmask", "--purpose", "  ")[0] == 2
    assert not folder.exists()


def test_showing_contacts_is_recorded_before_anything_is_given_out(report: Run, folder: Path) -> None:
    report("--only", "跟进日历", "--unmask", "--purpose", "提醒")
    with ledger.read(folder.parent) as history:
        assert history.disclosures() == ()
    report("--only", "告知函", "--customer", "C2024001", "--unmask", "--purpose", "发函")
    with ledger.read(folder.parent) as history:
        (entry,) = history.disclosures()
        assert not history.verify()
    assert (entry.purpose, entry.source, entry.target) == ("发函", "客户.xlsx", "2024-03/packs")
    assert "C2024001" in entry.what
    assert "C2024003" not in entry.what
    assert entry.run_id == json.loads((folder / "packs" / "packs.json").read_bytes())["run_id"]
    assert PHONE not in (folder / "packs" / "packs.json").read_text(encoding="utf-8")


def test_what_cannot_be_recorded_is_not_given_out(report: Run, folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    (folder.parent / "sheetcrm.db").write_bytes(b"no history of ours")
    code, _, _ = report("--only", "告知函", "--unmask", "--purpose", "发函")
    assert code == 2
    assert not folder.exists()


def test_no_name_of_a_person_is_in_a_file_name(report: Run, folder: Path) -> None:
    report("--only", "跟进日历", "--only", "跟进清单")
    assert not [name for name in files(folder) for person in ("林婉清", "陈思远", "欧阳铁柱") if person in name]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--only", "没有的"), "没有的"),
        (("--customer", "C999"), "没有客户编号“C999”"),
        (("--owner", "无名氏"), "没有责任人“无名氏”"),
    ],
)
def test_what_is_not_there_is_refused_and_nothing_written(
    report: Run, folder: Path, words: tuple[str, ...], said: str
) -> None:
    code, _, err = report(*words)
    assert code == 2
    assert said in err
    assert not folder.exists()


def test_programs_get_json(report: Run) -> None:
    _, out, _ = report("--only", "告知函", "--json")
    said = json.loads(out)
    assert said["files"][0] == "告知函/C2024001.eml"
    assert said["skipped"] == [
        {"kind": "告知函", "customer_id": "C2024002", "why": "没有信息授权"},
        {"kind": "告知函", "customer_id": "C2024003", "why": "等级没有对客称谓或对客权益"},
    ]


def test_where_nothing_applies_nothing_is_written(report: Run, folder: Path) -> None:
    _, out, err = report("--only", "告知函", "--customer", "C2024002")
    assert "什么也没有写" in out
    assert "没有信息授权" in err
    assert not folder.exists()
