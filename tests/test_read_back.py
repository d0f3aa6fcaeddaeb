"""The review workbook is worked in: what whoever signs fills in is read back by the next run, and nothing is lost."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from sheetcrm.intake.open import in_process
from sheetcrm.runs.edits_file import recorded_edits
from sheetcrm.store.history import ledger
from tests.test_history_cli import FIGURES
from tests.test_pipeline import HEADER, save

Run = Callable[..., tuple[int, str, str]]
SIGNED = date(2026, 10, 31)
KEYS = [f"C{number:03}" for number in range(1, 31)]
PLANS = KEYS[:8]
SCORING_HEADER = [*HEADER, "审核人", "审核日期"]
FOLLOW_UP_HEADER = ["客户编号", "日期", "跟进人", "跟进方式", "跟进内容摘要", "下一步计划"]
SERVICE_HEADER = ["客户编号", "请求时间", "首次响应时间", "解决时间", "是否解决", "问题类别"]


def customers(path: Path, *, closed: bool = True, signed: bool = True, tier: str = "VIP客户") -> Path:
    """Write a book of 30 customers, 8 promises and 20 requests.

    `closed` and `signed` tell whether the sheets have columns for the end of a promise and for signatures.
    """
    blank = [None, None] if signed else []
    rows = [[key, f"{key}公司", *FIGURES[tier], None, None, "张*", "2026-10-31", *blank] for key in KEYS]
    plans = [[key, "2026-10-12", "赵敏", "电话", "沟通", "3日内寄出样品"] for key in PLANS]
    ends = ["完成日期", "完成情况"] if closed else []
    served = [
        [key, f"2026-10-{day:02} 09:00", f"2026-10-{day:02} 09:30", f"2026-10-{day:02} 15:00", "是", "故障"]
        for day, key in enumerate(KEYS[:20], start=5)
    ]
    return save(
        path,
        {
            "打分表": [SCORING_HEADER[: len(rows[0])], *rows],
            "跟进记录": [[*FOLLOW_UP_HEADER, *ends], *plans],
            "服务记录": [SERVICE_HEADER, *served],
        },
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    customers(tmp_path / "in" / "客户.xlsx")
    return tmp_path


def graded(run: Run, folder: Path, *words: str | Path, period: str = "2026-10") -> dict[str, Any]:
    code, out, err = run("run", folder / "in", *words, "-o", folder / "out", "--period", period, "--no-pdf", "--json")
    assert code == 0, (out, err)
    values = json.loads(out)
    assert isinstance(values, dict)
    return values


def review_path(folder: Path, period: str = "2026-10") -> Path:
    return folder / "out" / period / "packs" / "评审包.xlsx"


def lines(book: Workbook, name: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a list as cells by header."""
    sheet: Any = book[name]
    titles = [cell.value for cell in sheet[3]]
    for row in sheet.iter_rows(min_row=4):
        yield dict(zip(titles, row, strict=True))


def shown(path: Path, name: str) -> list[dict[str, Any]]:
    book = openpyxl.load_workbook(path)
    return [{title: cell.value for title, cell in line.items()} for line in lines(book, name)]


def fill(path: Path, change: Callable[[Workbook], object]) -> None:
    book = openpyxl.load_workbook(path)
    change(book)
    book.save(path)


def sign(line: dict[str, Any], opinion: str = "同意", by: str | None = "高鸿", on: object = SIGNED) -> None:
    line["审核意见"].value, line["审核人"].value, line["审核日期"].value = opinion, by, on


def work_through(book: Workbook) -> None:
    """Approve 20 tiers, send 3 back, mark 5 promises as done, check the sample, and write here and there."""
    rows = list(lines(book, "审核表"))
    for line in rows[:20]:
        sign(line)
    for line in rows[20:23]:
        sign(line, "退回", "高鸿", SIGNED)
        line["备注"].value = "金额请财务先核对"
    promised = [line for line in lines(book, "跟进计划") if str(line["跟进动作"].value).startswith("履行承诺")]
    for line in promised[:5]:
        line["完成情况"].value, line["完成日期"].value = "已完成", date(2026, 10, 14)
    for line in lines(book, "抽查清单"):
        line["响应属实"].value, line["结论"].value, line["核查人"].value = "☑", "通过", "孙立"
    next(lines(book, "VIP客户"))["备注"].value = "续约在谈\n价格未定"
    agenda = next(lines(book, "会议议程"))
    agenda["决议"].value, agenda["完成期限"].value = "11月10日前补签", date(2026, 11, 10)
    overview: Any = book["总览"]
    verdict = next(cell for row in overview.iter_rows() for cell in row if cell.value == "评审结论")
    overview.cell(verdict.row, verdict.column + 1).value = "同意发布"


def signatures(path: Path) -> dict[str, tuple[Any, Any]]:
    sheet: Any = openpyxl.load_workbook(path)["打分表"]
    titles = [cell.value for cell in sheet[1]]
    by, on = titles.index("审核人"), titles.index("审核日期")
    return {row[0]: (row[by], row[on]) for row in sheet.iter_rows(min_row=2, values_only=True) if row[by] or row[on]}


def filled(path: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All that stands in the yellow columns, by list."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    book = openpyxl.load_workbook(path)
    for name in book.sheetnames:
        if name in ("总览", "评分明细"):
            continue
        for line in lines(book, name):
            texts = [
                (title, cell.value)
                for title, cell in line.items()
                if cell.fill.fgColor.rgb == "FFFFFBE6" and cell.value not in (None, "□")
            ]
            if texts:
                number = line["客户编号"].value if "客户编号" in line else line["议题"].value
                found.setdefault(name, []).append((number, *texts))
    return {name: sorted(rows, key=str) for name, rows in found.items()}


def through_excel(path: Path) -> None:
    """Leave the file as openpyxl saved it."""


def through_libreoffice(path: Path) -> None:
    """Open and save the file in LibreOffice."""
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not here")
    folder = path.parent.parent.parent / "office"
    words = [office, "--headless", f"-env:UserInstallation={(folder / 'profile').as_uri()}", "--convert-to", "xlsx"]
    subprocess.run([*words, "--outdir", folder, path], capture_output=True, check=True, timeout=180)
    shutil.copy(folder / path.name, path)


@pytest.mark.parametrize("saved", [through_excel, through_libreoffice])
def test_what_was_filled_in_is_taken_over_by_the_next_run_and_stands_in_its_new_workbook(
    run: Run, folder: Path, saved: Callable[[Path], None]
) -> None:
    first = graded(run, folder)
    path = review_path(folder)
    fill(path, work_through)
    before = filled(path)
    saved(path)
    second = graded(run, folder)
    assert second["run_id"] != first["run_id"]

    written = folder / "out" / "2026-10" / "workbooks" / "客户.xlsx"
    assert {key: (by, on.date()) for key, (by, on) in signatures(written).items()} == dict.fromkeys(
        KEYS[:20], ("高鸿", SIGNED)
    )
    scored: Any = openpyxl.load_workbook(written)["打分表"]
    titles = [cell.value for cell in scored[1]]
    why = {row[0]: row[titles.index("得分说明")] for row in scored.iter_rows(min_row=2, values_only=True)}
    assert not [key for key in KEYS[:20] if "待审核" in why[key]]
    assert all("待审核（高鸿于2026-10-31退回：金额请财务先核对）" in why[key] for key in KEYS[20:23])
    assert all(why[key].endswith("待审核") for key in KEYS[23:])

    follow_ups: Any = openpyxl.load_workbook(written)["跟进记录"]
    ends = [(row[0], row[6], row[7]) for row in follow_ups.iter_rows(min_row=2, values_only=True)]
    assert [(key, day and day.date(), how) for key, day, how in ends] == [
        *((key, date(2026, 10, 14), "已完成") for key in PLANS[:5]),
        *((key, None, None) for key in PLANS[5:]),
    ]
    open_promises = [
        line for line in shown(path, "跟进计划") if line["跟进动作"] == "履行承诺" and not line["完成情况"]
    ]
    assert [line["客户编号"] for line in open_promises] == PLANS[5:]

    assert filled(path) == before
    assert "未对上的填写" not in openpyxl.load_workbook(path).sheetnames
    texts = {cell.value for row in openpyxl.load_workbook(path)["总览"].iter_rows() for cell in row}
    assert "同意发布" in texts

    with ledger.read(folder / "out") as history:
        review = history.runs()[-1].review or ()
    counts = {(entry["list"], entry.get("opinion") or entry.get("verdict") or entry["outcome"]) for entry in review}
    assert counts == {("审核表", "同意"), ("审核表", "退回"), ("抽查清单", "通过"), ("跟进计划", "已完成")}
    assert sum(entry["list"] == "审核表" for entry in review) == 23


def test_the_same_run_again_gives_the_same_bytes(run: Run, folder: Path) -> None:
    graded(run, folder)
    path = review_path(folder)
    fill(path, work_through)
    second, bytes_then = graded(run, folder), path.read_bytes()
    assert graded(run, folder)["run_id"] == second["run_id"]
    assert path.read_bytes() == bytes_then


def test_the_workbook_may_be_named_instead_and_is_never_a_book_of_customers(run: Run, folder: Path) -> None:
    graded(run, folder)
    fill(review_path(folder), work_through)
    shutil.move(review_path(folder), folder / "in" / "签好的评审包.xlsx")
    shutil.rmtree(folder / "out")
    values = graded(run, folder)
    assert [entry["customer_id"] for entry in values["customers"]] == KEYS
    copies = folder / "out" / "2026-10" / "workbooks"
    assert [path.name for path in copies.iterdir()] == ["客户.xlsx"]
    assert len(signatures(copies / "客户.xlsx")) == 20
    code, out, _ = run("check", folder / "in", "--marked", folder / "marked")
    assert code == 0
    assert not list((folder / "marked").rglob("*评审包*"))
    assert "签好的评审包" not in out


def test_a_sheet_without_the_columns_gets_those_of_a_signature_and_the_history_keeps_the_rest(
    run: Run, folder: Path
) -> None:
    book = customers(folder / "in" / "客户.xlsx", closed=False, signed=False)
    graded(run, folder)
    fill(review_path(folder), work_through)
    graded(run, folder)
    copy = folder / "out" / "2026-10" / "workbooks" / "客户.xlsx"
    assert len(signatures(copy)) == 20
    assert "完成日期" not in [cell.value for cell in openpyxl.load_workbook(copy)["跟进记录"][1]]
    assert book.exists()
    graded(run, folder, "--as-of", "2026-11-20", period="2026-11")
    late = [line for line in shown(review_path(folder, "2026-11"), "跟进计划") if line["跟进动作"] == "履行承诺"]
    assert [line["客户编号"] for line in late] == PLANS[5:]


def problems_of(values: dict[str, Any]) -> list[tuple[str, str]]:
    return [(one["kind"], one["what"]) for one in values["problems"] if one["kind"].startswith("review-")]


@pytest.mark.parametrize(
    ("opinion", "by", "on", "kind"),
    [
        ("同意", "张*", SIGNED, "review-own-signature"),
        ("同意", None, SIGNED, "review-incomplete"),
        ("同意", "高鸿", None, "review-incomplete"),
        ("", "高鸿", SIGNED, "review-incomplete"),
        ("好的", "高鸿", SIGNED, "review-opinion"),
        ("同意", "高鸿", "下周", "review-date"),
        ("同意", "高鸿", date(2026, 10, 30), "review-date"),
        ("同意", "高鸿", date(2099, 1, 1), "review-date"),
    ],
)
def test_what_does_not_fit_is_said_with_its_cell_and_signs_nothing(
    run: Run, folder: Path, opinion: str, by: str | None, on: object, kind: str
) -> None:
    graded(run, folder)
    fill(review_path(folder), lambda book: sign(next(lines(book, "审核表")), opinion, by, on))
    values = graded(run, folder)
    (found,) = [one for one in values["problems"] if one["kind"].startswith("review-")]
    assert (found["kind"], found["sheet"], found["row"]) == (kind, "审核表", 4)
    assert found["file"] == "2026-10/packs/评审包.xlsx"
    assert not signatures(folder / "out" / "2026-10" / "workbooks" / "客户.xlsx")
    assert filled(review_path(folder))["审核表"]


def test_a_signature_never_passes_to_another_tier_and_is_kept_aside(run: Run, folder: Path) -> None:
    graded(run, folder)
    fill(review_path(folder), lambda book: sign(next(lines(book, "审核表"))))
    customers(folder / "in" / "客户.xlsx", tier="重点客户")
    for _ in range(2):
        ((kind, what),) = problems_of(graded(run, folder))
        assert (kind, what) == ("review-tier-changed", "签的是VIP客户，这次是重点客户，签字没有回写")
        assert not signatures(folder / "out" / "2026-10" / "workbooks" / "客户.xlsx")
        kept = {(line["原表"], line["行"], line["列"]): line["填写的内容"] for line in aside(folder)}
        assert kept["审核表", "C001｜VIP客户", "审核意见"] == "同意"
        assert kept["审核表", "C001｜VIP客户", "审核日期"] == "2026-10-31"
    customers(folder / "in" / "客户.xlsx")
    assert not problems_of(graded(run, folder))
    assert list(signatures(folder / "out" / "2026-10" / "workbooks" / "客户.xlsx")) == ["C001"]


def aside(folder: Path) -> list[dict[str, Any]]:
    return shown(review_path(folder), "未对上的填写")


def approve(book: Workbook) -> None:
    for line, _ in zip(lines(book, "审核表"), range(3), strict=False):
        sign(line)


def test_a_newer_signature_takes_the_place_of_one_that_counts_for_nothing(run: Run, folder: Path) -> None:
    def signed_before(book: Workbook) -> None:
        sheet: Any = book["打分表"]
        sheet.cell(2, 12).value, sheet.cell(2, 13).value = "李*", "2024-03-02"  # of an earlier tier
        sheet.cell(3, 12).value, sheet.cell(3, 13).value = "张*", "2026-10-31"  # 评估人's own, no older
        sheet.cell(4, 12).value, sheet.cell(4, 13).value = "高鸿", "2024-03-02"

    fill(folder / "in" / "客户.xlsx", signed_before)
    graded(run, folder)
    assert "清空" not in str(shown(review_path(folder), "审核表"))
    fill(review_path(folder), approve)
    code, out, _ = run("run", folder / "in", "-o", folder / "out", "--period", "2026-10", "--no-pdf")
    assert code == 0
    assert "回写签字 2 家（替换已失效的旧签字：C001 李* 2024-03-02、C003 高鸿 2024-03-02）" in out
    ((kind, what),) = problems_of(graded(run, folder))
    assert (kind, "张* 2026-10-31" in what) == ("review-cell-taken", True)
    found = signatures(folder / "out" / "2026-10" / "workbooks" / "客户.xlsx")
    assert {key: (by, str(on)[:10]) for key, (by, on) in found.items()} == {
        "C001": ("高鸿", "2026-10-31"),
        "C002": ("张*", "2026-10-31"),
        "C003": ("高鸿", "2026-10-31"),
    }
    edits = recorded_edits(folder / "out" / "2026-10", labels={"审核人"})
    kept = [(one.row, one.old, one.new) for one in edits]
    assert kept == [(2, "李*", "高鸿")]


def test_a_signature_that_counts_is_not_replaced(run: Run, folder: Path) -> None:
    graded(run, folder, "--in-place")
    other = folder / "再签.xlsx"
    shutil.copy(review_path(folder), other)
    fill(review_path(folder), approve)
    graded(run, folder, "--in-place")
    fill(other, lambda book: sign(next(lines(book, "审核表")), by="王五"))
    assert "review-cell-taken" in [kind for kind, _ in problems_of(graded(run, folder, other))]
    assert signatures(folder / "out" / "2026-10" / "workbooks" / "客户.xlsx")["C001"][0] == "高鸿"


def test_another_name_without_a_day_stays(run: Run, folder: Path) -> None:
    def signed_before(book: Workbook) -> None:
        sheet: Any = book["打分表"]
        sheet.cell(3, 12).value = "高鸿"
        sheet.cell(4, 12).value = "王五"

    fill(folder / "in" / "客户.xlsx", signed_before)
    graded(run, folder)
    fill(review_path(folder), approve)
    ((kind, _),) = problems_of(graded(run, folder))
    assert kind == "review-cell-taken"
    found = signatures(folder / "out" / "2026-10" / "workbooks" / "客户.xlsx")
    assert found["C001"][0] == "高鸿"
    assert found["C003"] == ("王五", None)
    assert found["C002"][0] == "高鸿"
    assert found["C002"][1].date() == SIGNED


def test_a_signature_of_last_month_counts_while_the_tier_is_what_it_was(run: Run, folder: Path) -> None:
    graded(run, folder)
    path = folder / "十月评审包.xlsx"
    fill(review_path(folder), work_through)
    shutil.copy(review_path(folder), path)
    values = graded(run, folder, path, "--as-of", "2026-11-20", period="2026-11")
    assert not problems_of(values)
    written = folder / "out" / "2026-11" / "workbooks" / "客户.xlsx"
    assert sorted(signatures(written)) == KEYS[:20]
    carried = filled(review_path(folder, "2026-11"))
    assert not carried.get("审核表")
    assert not carried.get("抽查清单")


def test_in_place_the_signatures_go_into_peoples_own_workbook_once(run: Run, folder: Path) -> None:
    graded(run, folder, "--in-place")
    fill(review_path(folder), work_through)
    graded(run, folder, "--in-place")
    own = folder / "in" / "客户.xlsx"
    assert len(signatures(own)) == 20
    then = own.read_bytes()
    assert not problems_of(graded(run, folder, "--in-place"))
    assert own.read_bytes() == then
    assert len(filled(review_path(folder))["审核表"]) == 23


def test_two_workbooks_that_differ_are_told_and_the_named_one_counts(run: Run, folder: Path) -> None:
    graded(run, folder)
    other = folder / "副本.xlsx"
    shutil.copy(review_path(folder), other)
    fill(review_path(folder), lambda book: sign(next(lines(book, "审核表")), by="甲"))
    fill(other, lambda book: sign(next(lines(book, "审核表")), by="乙"))
    values = graded(run, folder, other)
    assert [kind for kind, _ in problems_of(values)] == ["review-conflict"]
    assert signatures(folder / "out" / "2026-10" / "workbooks" / "客户.xlsx")["C001"][0] == "乙"


def test_a_review_workbook_that_cannot_be_read_is_told_and_backed_up(run: Run, folder: Path) -> None:
    graded(run, folder)
    review_path(folder).write_bytes(b"PK damaged")
    assert [kind for kind, _ in problems_of(graded(run, folder))] == ["review-unreadable"]
    kept = list((folder / "out" / ".sheetcrm-backup").rglob("评审包*"))
    assert [path.read_bytes() for path in kept] == [b"PK damaged"]


def test_the_run_says_what_it_took_over(run: Run, folder: Path) -> None:
    graded(run, folder)
    fill(review_path(folder), work_through)
    _, out, _ = run("run", folder / "in", "-o", folder / "out", "--period", "2026-10", "--no-pdf")
    assert "评审包：回写签字 20 家，退回 3 家，承诺完成 5 项，抽查 2 件" in out
    counted = {"approved": 20, "returned": 3, "closed": 5, "verified": 2}
    assert graded(run, folder)["read_back"] == counted
    head, first, *later = run("history", "-o", folder / "out")[1].splitlines()
    assert ("评审包" in head, " —  " in first) == (True, True)
    assert ["签字20、退回3、完成5、抽查2" in line for line in later] == [True, True]
    assert json.loads(run("history", "-o", folder / "out", "--json")[1])["runs"][-1]["read_back"] == counted


def test_one_too_large_to_be_read_here_is_read_in_a_process_of_its_own(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graded(run, folder)
    fill(review_path(folder), work_through)

    def refuse(_package: object) -> None:
        raise in_process.TooMuchHereError

    monkeypatch.setattr(in_process, "check_package", refuse)
    shutil.copy(review_path(folder), folder / "in" / "评审包.xlsx")
    assert not problems_of(graded(run, folder))
    assert len(signatures(folder / "out" / "2026-10" / "workbooks" / "客户.xlsx")) == 20


def test_explain_knows_what_was_signed_and_what_was_sent_back(run: Run, folder: Path) -> None:
    graded(run, folder)
    fill(review_path(folder), work_through)
    where = (folder / "in", "-o", folder / "out", "--period", "2026-10")
    _, signed, err = run("explain", "C001", *where)
    _, returned, _ = run("explain", "C021", *where)
    assert "C001" in signed, err
    assert "待审核" not in signed
    assert "高鸿于2026-10-31退回：金额请财务先核对" in returned


def test_a_list_whose_header_is_gone_is_told(run: Run, folder: Path) -> None:
    graded(run, folder)

    def spoil(book: Workbook) -> None:
        sign(next(lines(book, "审核表")))
        sheet: Any = book["审核表"]
        sheet.tables.clear()
        sheet.delete_rows(3)

    fill(review_path(folder), spoil)
    assert [kind for kind, _ in problems_of(graded(run, folder))] == ["review-list-unread"]
    backups = list((folder / "out" / ".sheetcrm-backup").rglob("评审包*"))
    assert backups
