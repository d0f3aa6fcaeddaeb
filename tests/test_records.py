"""Tables to typed records: what cells say, and blank, zero and unreadable kept apart (practice §1, §2)."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
import xlsxwriter

from sheetcrm.model import Column, Level, Problem, Range, Record, Records, ScoringRow, Table
from sheetcrm.policy.loading import standard
from sheetcrm.problems import MESSAGES
from tests.workbooks import (
    FILE,
    PROFILE_HEADER,
    PROFILE_ROW,
    SCORING,
    SCORING_HEADER,
    Cells,
    book_of,
    records_of,
    table_of,
    tables_of,
    told,
    workbook,
)

DAY = date(2024, 3, 1)


def read(rows: Cells) -> tuple[Records, tuple[Problem, ...]]:
    return records_of(table_of(rows))


def scoring(**values: object) -> tuple[ScoringRow, tuple[Problem, ...]]:
    """Read one scoring row given by its fields' labels."""
    labels = ("客户编号", "客户名称", "总分", "等级", *values)
    records, problems = read([labels, ("C1", "甲", None, None, *values.values()), ("C2", "乙", 1, None)])
    return records.scorings[0], problems


def test_the_reference_rows_are_read_as_they_are_meant() -> None:
    records, problems = read(SCORING)
    assert problems == ()
    said: list[object] = [
        (row.customer_id, row.name, row.recency, row.frequency_12m, row.spend_12m, row.growth_level)
        for row in records.scorings
    ]
    assert said == [
        ("C2024001", "A公司", 30, 12, 800_000, Level("高", Decimal("0.15"), shrinking=False)),
        ("C2024002", "B公司", 60, 6, 300_000, Level("中", Decimal("0.08"), shrinking=False)),
        ("C2024003", "C公司", 120, 2, 80_000, Level("低", None, shrinking=True)),
    ]
    said = [(row.grade, row.assessor, row.assessed_on) for row in records.scorings]
    assert [row.repurchase_rate for row in records.scorings] == [Decimal("0.85"), Decimal("0.6"), Decimal("0.3")]
    assert said == [
        ("VIP客户", "张*", DAY), ("重点客户", "李*", DAY), ("观察客户", "王*", DAY),
    ]  # fmt: skip


def test_blank_zero_and_unreadable_are_three_things() -> None:
    header = ("客户编号", "消费金额", "等级")
    records, problems = read([header, ("C1", None, "VIP客户"), ("C2", 0, None), ("C3", "八十万左右", None)])
    assert [(row.spend_12m, row.unreadable) for row in records.scorings] == [
        (None, ()), (0, ()), (None, ("spend_12m",)),
    ]  # fmt: skip
    assert [str(problem) for problem in problems] == [
        f"{FILE}!表!B4: “八十万左右”无法识别为金额。请填数字，例如 800000 或 80万元 [money-unreadable]"
    ]


def test_a_unit_in_the_header_is_that_of_bare_numbers() -> None:
    row, problems = scoring(**{"消费金额(万元)": 80, "客单价(元)": "2万"})
    assert [row.spend_12m, row.average_order] == [800_000, 20_000]
    assert problems == ()


@pytest.mark.parametrize(
    ("raw", "recency"),
    [("30天", 30), (30, 30), ("2个月", 60), (date(2026, 1, 5), date(2026, 1, 5)), ("2026.1.5", date(2026, 1, 5)),
     ("20260105", date(2026, 1, 5)), (46027, date(2026, 1, 5))],
)  # fmt: skip
def test_recency_is_a_day_or_days_ago(raw: object, recency: object) -> None:
    row, problems = scoring(最近消费时间=raw, 消费金额=1)
    assert (row.recency, problems) == (recency, ())


@pytest.mark.parametrize(
    ("label", "raw", "kind"),
    [
        ("最近消费时间", "很久", "recency-unreadable"),
        ("消费频次", "经常", "frequency-unreadable"),
        ("消费频次", -3, "frequency-unreadable"),
        ("行业潜力", "不错", "level-unreadable"),
        ("忠诚度", "大部分", "rate-unreadable"),
        ("投诉次数", 1.5, "count-unreadable"),
        ("满意度评分", "好", "number-unreadable"),
        ("评估日期", "九月底", "date-unreadable"),
    ],
)
def test_what_cannot_be_read_is_told_and_named_in_the_record(label: str, raw: object, kind: str) -> None:
    row, problems = scoring(**{"消费金额": 1, label: raw})
    assert told(problems) == [(kind, "F2")]
    assert len(row.unreadable) == 1


@pytest.mark.parametrize(
    ("label", "raw", "kind"),
    [("行业潜力", "高(行业增速3%)", "level-disagrees"), ("行业潜力", "高(行业增速约3%)", "level-rate-unreadable"),
     ("忠诚度", 1, "rate-ambiguous")],
)  # fmt: skip
def test_what_was_read_with_a_doubt_is_told_and_kept(label: str, raw: object, kind: str) -> None:
    row, problems = scoring(**{"消费金额": 1, label: raw})
    assert told(problems) == [(kind, "F2")]
    assert row.unreadable == ()


def test_a_rate_formatted_as_a_percentage_says_how_it_is_meant() -> None:
    target = io.BytesIO()
    made = xlsxwriter.Workbook(target)
    sheet, percent = made.add_worksheet("表"), made.add_format({"num_format": "0%"})
    for at, row in enumerate([SCORING_HEADER, *([("C1", "甲", "30天", 12, 80)] * 3)]):
        sheet.write_row(at, 0, row)
    sheet.write("G2", 1, percent)
    sheet.write("G3", 1.5, percent)
    sheet.write("G4", 85)
    made.close()
    records, problems = records_of(*tables_of(target.getvalue()))
    assert [row.repurchase_rate for row in records.scorings] == [1, Decimal("1.5"), Decimal("0.85")]
    assert problems == ()


def test_the_policy_says_where_a_level_begins() -> None:
    raw = standard().model_dump(mode="python")
    for card in raw["scorecards"]:
        for indicator in card["indicators"]:
            if indicator["words"]:
                indicator["bands"][0]["when"] = ">=0.30"
    policy = type(standard()).model_validate(raw)
    table = table_of([("客户编号", "行业潜力", "消费金额"), ("C1", "高(行业增速15%)", 1)])
    assert records_of(table)[1] == ()
    assert told(records_of(table, policy=policy)[1]) == [("level-disagrees", "B2")]


def test_an_order_whose_day_or_amount_is_unreadable_is_skipped_alone() -> None:
    rows = [
        ("客户编号", "日期", "金额"),
        ("C1", "2026-01-01", 5),
        ("C1", "2026-02-30", 5),
        ("C1", "2026-01-01", "待定"),
        ("C1", None, 5),
        (None, "2026-01-01", 5),
    ]
    records, problems = read(rows)
    assert [row.row for row in records.orders] == [2]
    assert told(problems) == [
        ("key-missing", "A6"), ("date-unreadable", "B3"), ("required-missing", "B5"), ("money-unreadable", "C4"),
    ]  # fmt: skip


def test_a_request_without_a_time_of_day_is_read_with_a_doubt() -> None:
    rows = [("客户编号", "请求时间", "是否解决"), ("C1", date(2026, 1, 5), "√"), ("C2", "2026-01-05 09:30", "也许")]
    records, problems = read(rows)
    assert [str(row.requested_at) for row in records.services] == ["2026-01-05 00:00:00", "2026-01-05 09:30:00"]
    assert [row.resolved for row in records.services] == [True, None]
    assert told(problems) == [("time-missing", "B2"), ("yes-no-unreadable", "C3")]


def test_keys_keep_their_digits_and_lose_their_spaces() -> None:
    rows = [
        ("客户编号", "日期", "金额"),
        ("007", "2026-01-01", 1),
        (" Ｃ００１ ", "2026-01-01", 1),
        (1001, "2026-01-01", 1),
    ]
    assert [row.customer_id for row in read(rows)[0].orders] == ["007", "C001", "1001"]


def test_a_key_that_lost_digits_sets_its_row_aside() -> None:
    rows = [("客户编号", "日期", "金额"), (1.234567890123456e17, "2026-01-01", 1), (date(2024, 5, 1), "2026-01-01", 1)]
    records, problems = read(rows)
    assert records.orders == ()
    assert told(problems) == [("key-digits-lost", "A2"), ("key-unreadable", "A3")]


def test_lost_digits_of_other_numbers_are_told() -> None:
    records, problems = read([(*PROFILE_HEADER, "统一社会信用代码"), (*PROFILE_ROW, 9.1440101234567e17)])
    assert records.profiles[0].credit_code is None
    assert records.profiles[0].unreadable == ("credit_code",)
    assert told(problems) == [("digits-lost", "I2")]


def test_a_profile_without_a_name_is_set_aside_and_its_key_remembered() -> None:
    records, problems = read([PROFILE_HEADER, ("C1", None, *PROFILE_ROW[2:])])
    assert records.profiles == ()
    assert records.aside == {"C1"}
    assert told(problems) == [("required-missing", "B2")]


def test_a_scoring_sheet_may_leave_the_name_to_the_base_sheet() -> None:
    records, problems = read([("客户编号", "消费金额", "等级"), ("C1", 5, None)])
    assert ([row.name for row in records.scorings], problems) == ([""], ())


def test_a_table_without_a_required_column_is_not_read() -> None:
    records, problems = read([("客户编号", "信号"), ("C1", "预算削减")])
    assert (records.risks, told(problems)) == ((), [("column-missing", "1:1")])


def test_words_of_older_templates_and_other_spellings_become_todays() -> None:
    header = (*PROFILE_HEADER, "需求类型", "客户等级")
    records, problems = read(
        [header, (*PROFILE_ROW, "技术支持", "重點客戶"), ("C2", *PROFILE_ROW[1:], "產品採購型", "vip客户")]
    )
    assert [row.need_type for row in records.profiles] == ["服务支持型", "产品采购型"]
    assert [row.tier for row in records.profiles] == ["重点客户", "VIP客户"]
    assert problems == ()


def test_a_size_is_a_range_or_words() -> None:
    header = (*PROFILE_HEADER, "企业规模(人数)")
    records, problems = read([header, (*PROFILE_ROW, "200-300人"), ("C2", *PROFILE_ROW[1:], "中型")])
    assert [row.size for row in records.profiles] == [Range(Decimal(200), Decimal(300)), "中型"]
    assert problems == ()


def test_what_the_program_writes_is_not_taken_for_peoples_data() -> None:
    row, problems = scoring(消费金额=1, 下次跟进日期="下周", 下次重评日期="明年", 逾期天数="很多")
    assert (row.next_grading, row.unreadable, problems) == (None, (), ())


def test_contacts_on_a_card_are_the_cards() -> None:
    card: Cells = [
        ("字段名称", "值"),
        ("客户编号", "C9"),
        ("客户名称", "丙"),
        ("需求", "扩产"),
        (),
        ("日期", "跟进方式", "跟进内容摘要"),
        ("2024-05-05", "电话", "问候"),
    ]
    records, problems = records_of(*tables_of(workbook({"丙": card})))
    assert [row.customer_id for row in records.follow_ups] == ["C9"]
    assert problems == ()
    unkeyed = [card[0], ("客户编号", None), *card[2:]]
    records, problems = records_of(*tables_of(workbook({"丙": unkeyed})))
    assert (records.profiles[0].customer_id, records.follow_ups[0].customer_id) == ("丙", "丙")
    assert told(problems) == [("key-by-name", "B3")]
    unread = [card[0], ("客户编号", 1e20), *card[2:]]
    records, problems = records_of(*tables_of(workbook({"丙": unread})))
    assert (records.profiles, records.follow_ups) == ((), ())
    assert told(problems) == [("key-digits-lost", "B2")]


def test_a_fault_on_a_card_has_the_address_of_its_own_row() -> None:
    card = [("字段名称", "值"), ("客户编号", "C9"), ("客户名称", "丙"), ("合同到期日", "待定")]
    assert told(records_of(*tables_of(workbook({"丙": card})))[1]) == [("date-unreadable", "B4")]


def test_bare_numbers_under_a_date_follow_the_date_system() -> None:
    columns = tuple(Column(at, name, name) for at, name in enumerate(("customer_id", "date", "amount"), 1))
    days = []
    for date1904 in (False, True):
        table = Table(FILE, "表", "order", 1, columns, (2,), (("C1", 44565.0, 5.0),), date1904=date1904)
        days.append(records_of(table)[0].orders[0].date)
    assert days == [date(2022, 1, 4), date(2026, 1, 5)]


def test_true_is_not_the_number_one() -> None:
    columns = tuple(Column(at, name, name) for at, name in enumerate(("customer_id", "date", "amount", "product"), 1))
    rows = (("C1", "2026-01-01", 1, True), ("C1", "2026-01-01", 1, 1))
    table = Table(FILE, "表", "order", 1, columns, (2, 3), rows)
    assert [row.product for row in records_of(table)[0].orders] == ["TRUE", "1"]


def test_marked_cells_are_unreadable_and_many_of_a_column_are_told_once() -> None:
    columns = tuple(Column(at, name, name) for at, name in enumerate(("customer_id", "spend_12m", "grade"), 1))
    rows = tuple(range(2, 22))
    marks = dict.fromkeys(((row, 2) for row in rows), "公式未计算") | {(2, 3): "#N/A"}
    table = Table(FILE, "表", "scoring", 1, columns, rows, tuple((f"C{row}", None, None) for row in rows), marks=marks)
    records, problems = records_of(table)
    assert {row.unreadable for row in records.scorings} == {("spend_12m",)}
    assert told(problems) == [("formula-uncomputed", "B2")]
    assert "还有 19 格" in problems[0].what
    few = Table(
        FILE, "表", "scoring", 1, columns, (2, 3), (("C2", None, None), ("C3", 5, None)), marks={(2, 2): "#REF!"}
    )
    assert [str(problem) for problem in records_of(few)[1]] == [
        f"{FILE}!表!B2: “消费金额”里是错误值“#REF!”。请改正公式，或直接填值 [cell-error]"
    ]


def test_personal_cells_are_quoted_masked() -> None:
    rows = [(*PROFILE_HEADER, "联系方式"), (*PROFILE_ROW, 1.38123456789012e17)]
    (problem,) = read(rows)[1]
    assert problem.kind == "digits-lost"
    assert "138123456" not in str(problem)


def test_every_doubt_of_a_reader_has_its_message() -> None:
    assert {"money-unreadable", "level-disagrees", "time-missing", "digits-lost", "key-digits-lost"} <= set(MESSAGES)


def test_records_know_their_cells() -> None:
    record: Record = read(SCORING)[0].scorings[1]
    assert str(record.ref("spend_12m")) == f"{FILE}!表!E3"
    assert str(record.ref("auditor")) == f"{FILE}!表!3:3"


def test_who_may_see_what_and_who_agreed_is_read_where_a_book_has_it() -> None:
    sheets: dict[str, Cells] = {
        "权限": [
            ("人", "角色", "部门", "到期"),
            ("陈思远", "经理", "华东一部、华东二部", "2026-12-31"),
            ("王总", "高管", None, None),
        ],
        "审批": [
            ("事项", "申请人", "审批人", "校验号", "日期", "到期", "结论"),
            ("in-place", "陈思远", "王总", "SP3f2a9c41d07b", "2026-11-03", "2026-11-10", "同意"),
        ],
    }
    book = book_of((FILE, {"打分表": SCORING, **sheets}))
    assert [(one.person, one.role, one.department, one.expires_on) for one in book.permissions] == [
        ("王总", "高管", None, None),
        ("陈思远", "经理", "华东一部、华东二部", date(2026, 12, 31)),
    ]
    (entry,) = book.approvals
    assert (entry.matter, entry.asker, entry.approver, entry.code) == ("in-place", "陈思远", "王总", "SP3f2a9c41d07b")
    assert (entry.date, entry.expires_on, entry.verdict) == (date(2026, 11, 3), date(2026, 11, 10), "同意")
