"""The whole job over workbooks that another library wrote and a third one reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from sheetcrm.errors import UsageError
from sheetcrm.runs import apply, prepare, run_file
from sheetcrm.runs.edits_file import recorded_edits
from sheetcrm.runs.prepare import Plan
from sheetcrm.store.files.inputs import gather
from tests.values import run_in

TODAY = date(2026, 11, 21)
HEADER = [
    "客户编号",
    "客户名称",
    "最近消费时间(R,权重20%)",
    "消费频次(F,权重15%)",
    "消费金额(M,权重35%)",
    "行业潜力(权重15%)",
    "忠诚度(复购率15%)",
    "总分",
    "等级",
    "评估人",
    "评估日期",
]
TRADITIONAL = [
    "客戶編號",
    "客戶名稱",
    "最近消費時間（R，權重20%）",
    "消費頻次（F，權重15%）",
    "消費金額（M，權重35%）",
    "行業潛力（權重15%）",
    "忠誠度（復購率15%）",
    "總分",
    "等級",
    "評估人",
    "評估日期",
]
ROWS = [
    ["C2024001", "A公司", "30天", "12次/年", "80万元", "高(行业增速15%)", "85%", 92, "VIP客户", "张*", "2024-03-01"],
    ["C2024002", "B公司", "60天", "6次/年", "30万元", "中(行业增速8%)", "60%", 75, "重点客户", "李*", "2024-03-01"],
    ["C2024003", "C公司", "120天", "2次/年", "8万元", "低(行业萎缩)", "30%", 45, "观察客户", "王*", "2024-03-01"],
]
TRADITIONAL_ROWS = [
    ["C2024001", "A公司", "30天", "12次/年", "80萬元", "高（行業增速15%）", "85%", 92, "VIP客户", "張*", "2024-03-01"],
    ["C2024002", "B公司", "60天", "6次/年", "30萬元", "中（行業增速8%）", "60%", 75, "重点客户", "李*", "2024-03-01"],
    ["C2024003", "C公司", "120天", "2次/年", "8萬元", "低（行業萎縮）", "30%", 45, "观察客户", "王*", "2024-03-01"],
]


def save(path: Path, sheets: dict[str, Sequence[Sequence[Any]]]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)
    return path


def prepared(*paths: Path, as_of: date | None = None, period: str | None = None) -> Plan:
    return prepare.prepare(gather(paths, output=None), run_in(period, as_of, today=TODAY))


def graded(plan: Plan) -> list[tuple[str, str, str]]:
    return [(entry.customer.customer_id, str(entry.score.total), entry.grade) for entry in plan.assessments]


REFERENCE = [
    ("C2024001", "92.0", "VIP客户"),
    ("C2024002", "75.0", "重点客户"),
    ("C2024003", "45.0", "观察客户"),
]


@pytest.mark.parametrize("filled", [True, False], ids=["filled", "blank"])
@pytest.mark.parametrize(
    ("title", "header", "rows"),
    [("客户分级评估打分表", HEADER, ROWS), ("客戶分級評估打分表", TRADITIONAL, TRADITIONAL_ROWS)],
    ids=["simplified", "traditional"],
)
def test_the_reference_rows_come_back_as_the_practice_grades_them(
    tmp_path: Path, title: str, header: list[str], rows: list[list[Any]], *, filled: bool
) -> None:
    typed = [row if filled else [*row[:7], None, None, *row[9:]] for row in rows]
    plan = prepared(save(tmp_path / "打分.xlsx", {title: [header, *typed]}), as_of=date(2024, 3, 1))
    assert graded(plan) == REFERENCE
    assert [entry.kind for entry in plan.problems] == ["share-unused"]
    sheet = load_workbook(BytesIO(plan.workbooks[0].data)).worksheets[0]
    script = title == "客戶分級評估打分表"
    tiers = ["VIP客戶", "重點客戶", "觀察客戶"] if script else ["VIP客户", "重点客户", "观察客户"]
    assert [(sheet.cell(row, 8).value, sheet.cell(row, 9).value) for row in (2, 3, 4)] == [
        (92, tiers[0]),
        (75, tiers[1]),
        (45, tiers[2]),
    ]
    assert [sheet.cell(row, 11).value for row in (2, 3, 4)] == ["2024-03-01"] * 3
    added = [sheet.cell(1, column).value for column in range(12, sheet.max_column + 1)]
    assert added[:3] == (["等級變動", "上期等級", "預警"] if script else ["等级变动", "上期等级", "预警"])
    assert added[-3:] == (["評估期間", "評分覆蓋率", "得分說明"] if script else ["评估期间", "评分覆盖率", "得分说明"])


def test_promises_are_dated_in_the_follow_up_sheet(tmp_path: Path) -> None:
    follow_ups = [
        ["客户编号", "日期", "跟进人", "跟进方式", "跟进内容摘要", "客户反馈/结果", "下一步计划"],
        ["C2024001", "2024-05-05", "张*", "电话", "沟通报价", "需要正式报价", "3日内提供报价单"],
        ["C2024001", "2024-05-08", "张*", "邮件", "发送报价", "内部讨论", "跟进内部讨论结果(5月12日前)"],
    ]
    path = save(tmp_path / "客户.xlsx", {"客户分级评估打分表": [HEADER, ROWS[0]], "客户跟进记录表": follow_ups})
    plan = prepared(path, as_of=date(2024, 5, 31))
    sheet = load_workbook(BytesIO(plan.workbooks[0].data))["客户跟进记录表"]
    assert [sheet.cell(1, column).value for column in (8, 9)] == ["到期日", "是否逾期"]
    assert [sheet.cell(row, 8).value.date() for row in (2, 3)] == [date(2024, 5, 8), date(2024, 5, 12)]  # type: ignore[union-attr]
    assert [sheet.cell(row, 9).value for row in (2, 3)] == ["已跟进", "是"]


def test_running_over_its_own_result_changes_no_byte(tmp_path: Path) -> None:
    stale = [*ROWS[1][:10], "2024-01-31"]
    unsold = ["C2024009", "D公司", None, None, 0, "中", None, None, None, "王*", None]
    unreadable: list[Any] = ["C2024004", "E公司", "八十天左右", "1", "5", "高", "1%", None, None, None, None]
    rows: list[list[Any]] = [HEADER, ROWS[0], stale, unreadable, unsold]
    base: list[list[Any]] = [["客户编号", "客户名称", "行业类型", "客户经理"], ["C2024001", "A公司", "制造业", "陈*"]]
    first = prepared(save(tmp_path / "一.xlsx", {"打分表": rows, "客户信息基础表": base}), as_of=date(2024, 3, 31))
    second_path = tmp_path / "again" / "一.xlsx"
    second_path.parent.mkdir()
    second_path.write_bytes(first.workbooks[0].data)
    second = prepared(second_path, as_of=date(2024, 3, 31))
    assert first.workbooks[0].receipt.written
    assert second.workbooks[0].data == first.workbooks[0].data
    assert second.workbooks[0].receipt.written == ()
    assert graded(second) == graded(first)
    assert [grade for _, _, grade in graded(first)] == ["VIP客户", "重点客户", "待补充资料", "未成交"]


def test_order_of_rows_sheets_and_files_changes_nothing(tmp_path: Path) -> None:
    names = ["客户编号", "客户名称", "行业类型"]
    base = [names, *([f"C202400{n}", f"{'ABC'[n - 1]}公司", "制造业"] for n in (1, 2, 3))]
    one = save(tmp_path / "a" / "书.xlsx", {"打分表": [HEADER, *ROWS], "基础": base})
    two = [
        save(tmp_path / "b" / "乙.xlsx", {"x": [base[0], *base[:0:-1]]}),
        save(tmp_path / "b" / "甲.xlsx", {"y": [HEADER[::-1], *(row[::-1] for row in ROWS[::-1])]}),
    ]
    assert graded(prepared(one, as_of=date(2024, 3, 1))) == graded(prepared(*two, as_of=date(2024, 3, 1))) == REFERENCE


def test_an_unreadable_figure_is_named_in_the_row_and_the_rest_goes_on(tmp_path: Path) -> None:
    rows = [list(row) for row in ROWS]
    rows[1][4] = "八十万左右"
    plan = prepared(save(tmp_path / "客户.xlsx", {"打分表": [HEADER, *rows]}), as_of=date(2024, 3, 1))
    assert [grade for _, _, grade in graded(plan)] == ["VIP客户", "待补充资料", "观察客户"]
    (unreadable,) = (entry for entry in plan.problems if entry.kind == "money-unreadable")
    assert str(unreadable) == (
        "客户.xlsx!打分表!E3: “八十万左右”无法识别为金额。请填数字，例如 800000 或 80万元 [money-unreadable]"
    )
    sheet = load_workbook(BytesIO(plan.workbooks[0].data)).worksheets[0]
    explanation = next(sheet.cell(3, c).value for c in range(1, 30) if sheet.cell(1, c).value == "得分说明")
    assert "客户.xlsx!打分表!E3" in str(explanation)
    assert sheet.cell(3, 8).value is None


def test_a_file_nobody_can_read_stands_aside_and_the_others_are_finished(tmp_path: Path) -> None:
    save(tmp_path / "in" / "好.xlsx", {"打分表": [HEADER, *ROWS]})
    (tmp_path / "in" / "坏.xlsx").write_text("客户编号,客户名称\n", encoding="utf-8")
    plan = prepared(tmp_path / "in", as_of=date(2024, 3, 1))
    assert plan.reading.refused == ("坏.xlsx",)
    assert graded(plan) == REFERENCE
    outcome = apply.apply(plan, tmp_path / "out", pdf=False)
    assert [name for name in outcome.files if name.startswith("workbooks/")] == ["workbooks/好.xlsx"]


def test_nothing_readable_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "坏.xlsx").write_bytes(b"")
    with pytest.raises(UsageError):
        prepared(tmp_path / "坏.xlsx")


def test_the_record_of_a_run_tells_what_was_done_and_holds_no_name(tmp_path: Path) -> None:
    path = save(tmp_path / "书.xlsx", {"打分表": [HEADER, *ROWS]})
    plan = prepared(path, as_of=date(2024, 3, 1))
    folder = apply.apply(plan, tmp_path / "out", pdf=False).folder
    text = (folder / "run.json").read_text(encoding="utf-8")
    said = json.loads(text)
    assert (said["run_id"], said["period"], said["as_of"]) == (plan.run_id, "2024-03", "2024-03-01")
    assert [entry["score"] for entry in said["customers"]] == [92.0, 75.0, 45.0]
    assert not any(name in text for name in ("A公司", "B公司", "张*"))
    lines = [edit._asdict() for edit in recorded_edits(folder)]
    assert len(lines) == len(plan.workbooks[0].receipt.written)
    line = next(line for line in lines if line["label"] == "评估期间" and line["row"] == 2)
    expected = {"file": "书.xlsx", "sheet": "打分表", "old": "", "new": "2024-03"}
    assert expected.items() <= line.items()


def test_the_record_of_a_large_book_is_small_and_counts_what_it_leaves_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run_file, "MOST_LISTED", 0)
    path = save(tmp_path / "书.xlsx", {"打分表": [HEADER, *ROWS]})
    folder = apply.apply(prepared(path, as_of=date(2024, 3, 1)), tmp_path / "out", pdf=False).folder
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert record["customers"] == []
    assert record["problems"] == []
    assert record["left_out"] == {"customers": 3, "problems": sum(record["counts"]["severities"].values())}


def test_the_same_run_has_the_same_id_and_the_same_bytes(tmp_path: Path) -> None:
    path = save(tmp_path / "书.xlsx", {"打分表": [HEADER, *ROWS]})
    folders = [
        apply.apply(prepared(path, as_of=date(2024, 3, 1)), tmp_path / name, pdf=False).folder for name in ("一", "二")
    ]
    contents = [
        {entry.name: entry.read_bytes() for entry in sorted(folder.rglob("*")) if entry.is_file()} for folder in folders
    ]
    assert contents[0] == contents[1]
    other = prepared(path, as_of=date(2024, 3, 2))
    assert other.run_id != json.loads(contents[0]["run.json"])["run_id"]


def test_a_result_edited_since_is_kept_before_it_is_replaced(tmp_path: Path) -> None:
    path = save(tmp_path / "书.xlsx", {"打分表": [HEADER, *ROWS]})
    plan = prepared(path, as_of=date(2024, 3, 1))
    folder = apply.apply(plan, tmp_path / "out", pdf=False).folder
    (folder / "workbooks" / "书.xlsx").write_bytes(b"edited by hand")
    (folder / "reports").mkdir()
    outcome = apply.apply(plan, tmp_path / "out", pdf=False)
    assert [backup.read_bytes() for backup in outcome.backups] == [b"edited by hand"]
    assert apply.apply(plan, tmp_path / "out", pdf=False).backups == ()


def test_own_results_are_left_out_when_a_folder_is_walked(tmp_path: Path) -> None:
    save(tmp_path / "书.xlsx", {"打分表": [HEADER, *ROWS]})
    save(tmp_path / "~$书.xlsx", {"打分表": [HEADER]})
    apply.apply(prepared(tmp_path, as_of=date(2024, 3, 1)), tmp_path / "output", pdf=False)
    assert [entry.name for entry in gather([tmp_path], output=tmp_path / "output")] == ["书.xlsx"]
    assert [entry.name for entry in gather([tmp_path], output=None)] == ["书.xlsx"]
    inside = tmp_path / "output" / "2024-03" / "workbooks"
    assert [entry.name for entry in gather([inside], output=tmp_path / "output")] == ["书.xlsx"]


def test_files_of_one_name_keep_their_folders_names(tmp_path: Path) -> None:
    for folder in ("甲", "乙"):
        save(tmp_path / folder / "书.xlsx", {"打分表": [HEADER, *ROWS]})
    found = gather([tmp_path / "甲", tmp_path / "乙"], output=None)
    assert [entry.name for entry in found] == ["乙/书.xlsx", "甲/书.xlsx"]


def test_a_card_gets_the_rows_it_has_and_no_columns(tmp_path: Path) -> None:
    card: list[list[Any]] = [
        ["字段名称", "填写说明", "值"],
        ["客户编号", None, "C2024001"],
        ["客户名称", None, "A公司"],
        ["行业类型", None, "制造业"],
        ["近12个月消费金额", None, "80万元"],
        ["平均合作频次", None, "12次/年"],
        ["最近交易时间", None, "2024-02-20"],
        ["客户等级", None, None],
        [None, None, None],
        ["日期", "跟进人", "跟进方式", "跟进内容摘要", "客户反馈/结果", "下一步计划"],
        ["2024-02-25", "张*", "电话", "沟通报价", "需要正式报价", "3日内提供报价单"],
    ]
    plan = prepared(save(tmp_path / "卡.xlsx", {"A公司": card}), as_of=date(2024, 2, 29))
    sheet = load_workbook(BytesIO(plan.workbooks[0].data)).worksheets[0]
    assert sheet["C8"].value == "VIP客户" == plan.assessments[0].grade
    assert (sheet.max_row, sheet.max_column) == (11, 6)
    assert plan.assessments[0].due[0].due == date(2024, 2, 28)
