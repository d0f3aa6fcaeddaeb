"""The day stale typed figures speak of stays with them, whatever becomes of the sentence that tells of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from sheetcrm.assess.measure.figure_dates import figures_dated
from sheetcrm.cli import main
from sheetcrm.runs import apply, prepare
from sheetcrm.runs.prepare import Plan
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger
from tests.making import scoring_row
from tests.test_pipeline import HEADER, save
from tests.values import replace, run_in

TODAY = date(2026, 12, 20)
JUNE = date(2026, 6, 30)
STALE = ["C001", "甲公司", "50天", "12次/年", "60万元", "高(行业增速15%)", "85%", None, None, "张*", "2026-06-30"]
FRESH = ["C002", "乙公司", "50天", "12次/年", "60万元", "高(行业增速15%)", "85%", None, None, "张*", "2026-10-20"]


def planned(path: Path, period: str, output: Path | None, *, keep: bool = True) -> Plan:
    """Decide a run over one workbook, with the history of an output folder or without any, and do it."""
    inputs, run = gather([path], output=None), run_in(period, today=TODAY)
    if output is None:
        return prepare.prepare(inputs, run)
    with ledger.read(output) as history:
        plan = prepare.prepare(inputs, run, history=history)
    if keep:
        apply.apply(plan, output, pdf=False)
    return plan


def graded(plan: Plan) -> list[tuple[str, str]]:
    return [(str(entry.score.total), entry.grade) for entry in plan.assessments]


def result(plan: Plan, folder: Path, change: Callable[[Worksheet], object] | None = None) -> Path:
    """Save a run's workbook as the team does for the next month, changed by hand."""
    folder.mkdir(parents=True)
    path = folder / "客户.xlsx"
    path.write_bytes(plan.workbooks[0].data)
    if change:
        book = load_workbook(path)
        change(book.worksheets[0])
        book.save(path)
    return path


def column(sheet: Worksheet, label: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == label)


def retype(label: str, value: object) -> Callable[[Worksheet], object]:
    def change(sheet: Worksheet) -> None:
        sheet.cell(2, column(sheet, label)).value = value  # type: ignore[assignment]

    return change


def delete(*labels: str) -> Callable[[Worksheet], object]:
    def change(sheet: Worksheet) -> None:
        for label in labels:
            sheet.delete_cols(column(sheet, label))

    return change


def october(tmp_path: Path, output: Path | None) -> Plan:
    return planned(save(tmp_path / "10" / "客户.xlsx", {"打分表": [HEADER, STALE]}), "2026-10", output)


CHANGES = {
    "untouched": None,
    "sentence retyped": retype("得分说明", "核对过"),
    "sentence emptied": retype("得分说明", None),
    "sentence deleted": delete("得分说明"),
    "date deleted": delete("资料日期"),
    "date emptied, sentence kept": retype("资料日期", None),
    "both deleted": delete("得分说明", "资料日期"),
}
LOST_WITHOUT_HISTORY = {"date emptied, sentence kept", "both deleted"}


@pytest.mark.parametrize("period", ["2026-10", "2026-11"])
@pytest.mark.parametrize("recorded", [True, False], ids=["history", "no history"])
@pytest.mark.parametrize("change", CHANGES)
def test_stale_figures_stay_stale(tmp_path: Path, change: str, period: str, *, recorded: bool) -> None:
    output = tmp_path / "out" if recorded else None
    first = october(tmp_path, output)
    assert graded(first) == [("82.0", "重点客户")]
    assert first.assessments[0].figures_on == JUNE
    second = planned(result(first, tmp_path / "11", CHANGES[change]), period, output)
    if recorded or change not in LOST_WITHOUT_HISTORY:
        assert second.assessments[0].grade == "重点客户"
        assert second.assessments[0].figures_on == JUNE
    else:  # nothing tells of the day any more: 评估日期 counts
        assert second.assessments[0].figures_on in {None, date(2026, 10, 31)}


def test_the_column_stands_only_where_a_row_has_such_a_day(tmp_path: Path) -> None:
    fresh = planned(save(tmp_path / "客户.xlsx", {"打分表": [HEADER, FRESH]}), "2026-10", None)
    labels = [cell.value for cell in load_workbook(BytesIO(fresh.workbooks[0].data)).worksheets[0][1]]
    assert "评估期间" in labels
    assert "资料日期" not in labels
    mixed = planned(save(tmp_path / "b" / "客户.xlsx", {"打分表": [HEADER, STALE, FRESH]}), "2026-10", None)
    sheet = load_workbook(BytesIO(mixed.workbooks[0].data)).worksheets[0]
    at = column(sheet, "资料日期")
    assert at == column(sheet, "评估期间") + 1
    assert [sheet.cell(row, at).value for row in (2, 3)] == [sheet.cell(2, at).value, None]
    assert sheet.cell(2, at).value.date() == JUNE  # type: ignore[union-attr]


@pytest.mark.parametrize("recorded", [True, False], ids=["history", "no history"])
def test_a_second_run_over_its_own_result_changes_no_byte(tmp_path: Path, *, recorded: bool) -> None:
    output = tmp_path / "out" if recorded else None
    first = planned(save(tmp_path / "10" / "客户.xlsx", {"打分表": [HEADER, STALE, FRESH]}), "2026-10", output)
    second = planned(result(first, tmp_path / "again"), "2026-10", output)
    assert second.workbooks[0].data == first.workbooks[0].data
    assert graded(second) == graded(first)


@pytest.mark.parametrize("recorded", [True, False], ids=["history", "no history"])
def test_a_row_dated_anew_has_new_figures_and_loses_the_day(tmp_path: Path, *, recorded: bool) -> None:
    output = tmp_path / "out" if recorded else None
    renewed = result(october(tmp_path, output), tmp_path / "11", retype("评估日期", date(2026, 11, 15)))
    second = planned(renewed, "2026-11", output)
    assert graded(second) == [("90.0", "VIP客户")]
    sheet = load_workbook(BytesIO(second.workbooks[0].data)).worksheets[0]
    assert sheet.cell(2, column(sheet, "资料日期")).value is None
    third = planned(result(second, tmp_path / "again"), "2026-11", output)
    assert third.workbooks[0].data == second.workbooks[0].data


def test_a_day_corrected_by_hand_counts(tmp_path: Path) -> None:
    output = tmp_path / "out"
    corrected = result(october(tmp_path, output), tmp_path / "11", retype("资料日期", date(2026, 10, 28)))
    assert graded(planned(corrected, "2026-10", output)) == [("90.0", "VIP客户")]


def test_a_day_nobody_can_read_is_a_problem_and_the_history_serves(tmp_path: Path) -> None:
    output = tmp_path / "out"
    mistyped = result(october(tmp_path, output), tmp_path / "11", retype("资料日期", "六月底吧"))
    plan = planned(mistyped, "2026-11", output, keep=False)
    assert plan.assessments[0].figures_on == JUNE
    assert any("六月底吧" in entry.what for entry in plan.problems)


def test_what_the_history_gave_back_is_part_of_the_run_s_id(tmp_path: Path) -> None:
    output = tmp_path / "out"
    path = result(october(tmp_path, output), tmp_path / "11", delete("得分说明", "资料日期"))
    with_day = planned(path, "2026-11", output, keep=False)
    assert with_day.history.sha256
    assert planned(path, "2026-11", output, keep=False).run_id == with_day.run_id


def test_explain_and_whatif_take_the_day_from_the_history_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "out"
    path = str(result(october(tmp_path, output), tmp_path / "11", delete("得分说明", "资料日期")))
    dated = ["-o", str(output), "--period", "2026-10"]
    main(["explain", "C001", path, *dated])
    assert "重点客户，82.0 分" in capsys.readouterr().out
    main(["whatif", path, *dated, "--set", "等级.VIP客户.起点分=85"])
    assert "1 家客户里有 0 家的等级会变" in capsys.readouterr().out


def test_the_sentence_of_earlier_versions_is_still_understood() -> None:
    row = scoring_row(
        assessed_on=date(2026, 10, 31),
        period="2026-10",
        explanation="总分；表内数字的资料日期2026-06-30，早于本期，请更新",
    )
    assert figures_dated(row) == JUNE
    assert figures_dated(replace(row, assessed_on=date(2026, 11, 1))) == date(2026, 11, 1)
    assert figures_dated(replace(row, period=None)) == date(2026, 10, 31)
