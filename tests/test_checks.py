"""The rules over records, each broken on purpose once (practice §1, §4.1, §11)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from sheetcrm.intake.later_deals import DEALS
from sheetcrm.intake.rules.row_rules import FACTS
from sheetcrm.model import Severity
from sheetcrm.policy.loading import standard
from sheetcrm.schema import SHEETS, Kind
from tests.workbooks import (
    FILE,
    PROFILE_HEADER,
    PROFILE_ROW,
    SCORING,
    SCORING_HEADER,
    TODAY,
    Cells,
    book_of,
    checked,
    told,
)

ID_NUMBER = "11010119900307803X"
GOOD_CODE = "91350100M000100Y43"


def profiles(*rows: dict[str, object]) -> dict[str, Cells]:
    """A base sheet of rows like the plain one but for what is said."""
    labels = list(dict.fromkeys((*PROFILE_HEADER, *(label for row in rows for label in row))))
    plain = dict(zip(PROFILE_HEADER, PROFILE_ROW, strict=True))
    return {"基础表": [labels, *([(plain | row).get(label) for label in labels] for row in rows)]}


BY_NAME = ("客户名称", "消费金额", "消费频次", "最近消费时间", "忠诚度")
FIGURES = ("80万", 12, "30天", "85%")


def test_names_that_stand_twice_where_nobody_has_numbers_ask_for_numbers() -> None:
    names = ("*科技有限公司", "华宇机械厂", "*科技有限公司", "张*", "张*", "王小明", "*贸易有限公司")
    rows = [(name, *FIGURES) for name in names]
    problems = [entry for entry in checked({"打分": [BY_NAME, *rows]}) if "-twice" in entry.kind]
    assert told(problems) == [("name-twice", f"A{row}") for row in (2, 4, 5, 6)]
    assert problems[0].what.startswith("客户名称“*科技有限公司”在客户分级评估打分表里还出现在 A4")
    assert "编号" in problems[0].fix
    assert "合并" in problems[0].fix
    assert [entry.customer_id for entry in book_of((FILE, {"打分": [BY_NAME, *rows]})).customers] == [
        "*贸易有限公司", "华宇机械厂", "王小明",
    ]  # fmt: skip


def test_whose_a_masked_or_a_persons_row_is_nobody_knows_where_the_other_sheet_has_two_of_the_name() -> None:
    base = [
        ("客户名称", "行业类型", "部门"),
        *((name, "制造业", "一部") for name in ("张*", "张*", "甲厂", "甲厂", "乙店")),
    ]
    scores = [(name, *FIGURES) for name in ("张*", "甲厂", "乙店")]
    sheets: Mapping[str, Cells] = {"名单": base, "打分": [BY_NAME, *scores]}
    problems = [entry for entry in checked(sheets) if entry.kind == "name-twice"]
    assert [str(entry.ref).split("!", 1)[1] for entry in problems] == [
        "名单!A2", "名单!A3", "名单!A4", "名单!A5", "打分!A2",
    ]  # fmt: skip
    assert "名单" in problems[-1].what
    assert [entry.customer_id for entry in book_of((FILE, sheets)).customers] == ["乙店", "甲厂"]


def test_masked_names_that_stand_once_in_each_sheet_are_customers_of_all_of_them() -> None:
    sheets: Mapping[str, Cells] = {
        "名单": [("客户名称", "行业类型", "部门"), ("*科技有限公司", "软件业", "一部"), ("张*", "零售业", "二部")],
        "打分": [BY_NAME, ("*科技有限公司", *FIGURES), ("张*", *FIGURES)],
        "订单": [("客户名称", "日期", "金额"), ("张*", "2026-09-01", 100), ("张*", "2026-09-02", 200)],
    }
    customers = book_of((FILE, sheets)).customers
    assert [(one.customer_id, bool(one.profile), bool(one.scoring), len(one.orders)) for one in customers] == [
        ("*科技有限公司", True, True, 0),
        ("张*", True, True, 2),
    ]


def test_sheets_in_good_order_are_not_remarked_on() -> None:
    assert checked(profiles({}) | {"打分表": SCORING}) == ()


def test_a_key_twice_in_one_kind_of_sheet_is_an_error_of_all_its_rows() -> None:
    problems = checked(profiles({}, {"客户编号": "C002", "客户名称": "丁"}, {"客户名称": "戊"}) | {"打分表": SCORING})
    assert told(problems) == [("key-twice", "A2"), ("key-twice", "A4")]
    assert problems[0].severity is Severity.ERROR
    assert "还出现在 A4" in problems[0].what


def test_a_key_in_two_kinds_of_sheets_is_what_joins_them() -> None:
    row = ("C001", PROFILE_ROW[1], *SCORING[1][2:])
    assert checked(profiles({}) | {"打分表": [SCORING_HEADER, row]}) == ()


def test_a_key_follows_the_pattern_of_the_policy() -> None:
    assert told(checked(profiles({"客户编号": "甲-1"}))) == [("key-pattern", "A2")]
    policy = standard()
    wide = policy.model_copy(update={"reading": policy.reading.model_copy(update={"customer_id_pattern": ".*"})})
    assert checked(profiles({"客户编号": "甲-1"}), policy=wide) == ()


def test_what_filing_asks_for_is_there() -> None:
    blank: dict[str, object] = {
        "行业类型": None,
        "核心需求": None,
        "合作意向": None,
        "信息来源人": None,
        "联系人(职位)": None,
    }
    assert told(checked(profiles(blank))) == [("filing-missing", f"{column}2") for column in "CDEFG"]
    assert checked(profiles({"联系人(职位)": None, "联系方式": "138****8888"})) == ()


def test_many_remarks_on_one_column_are_told_as_one() -> None:
    rows: list[dict[str, object]] = [
        {"客户编号": f"C{at}", "客户名称": f"第{at}", "核心需求": None} for at in range(30)
    ]
    (problem,) = checked(profiles(*rows))
    assert told([problem]) == [("filing-missing", "E2")]
    assert "还有 29 格" in problem.what


def test_a_choice_is_one_of_its_list() -> None:
    problems = checked(profiles({"合作意向": "较高", "客户类型": "公司"}))
    assert told(problems) == [("choice-unknown", "F2"), ("choice-unknown", "I2")]
    assert problems[0].severity is Severity.NOTE
    assert problems[0].fix == "可选：高、中、低"
    talks: Cells = [("客户编号", "日期", "跟进方式", "跟进内容摘要"), ("C001", "2026-01-01", "电话、微信", "问候")]
    assert checked(profiles({}) | {"跟进": talks}) == ()


def test_a_grade_is_a_tier_or_a_standing() -> None:
    rows: Cells = [
        ("客户编号", "消费金额", "等级"),
        ("C1", 1, "A类客户"),
        ("C2", 1, "待补充资料"),
        ("C3", 1, "重點客戶"),
    ]
    assert told(checked({"打分表": rows})) == [("choice-unknown", "C2")]


def test_a_day_of_the_calendar_is_off_or_on() -> None:
    problems = checked(profiles({}) | {"节假日": [("日期", "休/班"), ("2027-01-01", "休"), ("2027-01-02", "调休")]})
    assert told(problems) == [("day-kind-unreadable", "B3")]


@pytest.mark.parametrize(
    ("label", "is_fact"),
    [
        ("档案建立日期", True),
        ("最后更新日期", True),
        ("合同到期日", False),
    ],
)
def test_what_has_happened_lies_not_ahead_and_what_ends_may(label: str, is_fact: bool) -> None:  # noqa: FBT001
    assert checked(profiles({label: TODAY})) == ()
    problems = checked(profiles({label: date(2026, 11, 4)}))
    assert [kind for kind, _ in told(problems)] == ["date-future"] * is_fact
    assert all(problem.severity is Severity.ERROR for problem in problems)


def test_every_date_is_a_fact_or_known_to_lie_ahead() -> None:
    ahead = {"contract_end", "expires_on", "repaired_on", "next_due", "next_grading", "due"}
    kinds = (Kind.DATE, Kind.DATETIME, Kind.RECENCY)
    dated = {
        (sheet.kind, field.name) for sheet in SHEETS for field in sheet.fields
        if field.kind in kinds and field.name not in ahead and sheet.kind != "holiday"
    }  # fmt: skip
    past = [*FACTS.items(), *DEALS.items()]
    assert dated == {(kind, name) for kind, names in past for name in names}


def test_dates_of_a_row_follow_each_other() -> None:
    row: dict[str, object] = {"首次合作时间": "2026-02-01", "最近交易时间": "2026-01-01"}
    assert told(checked(profiles(row))) == [("dates-disorder", "J2")]
    service: Cells = [
        ("客户编号", "请求时间", "首次响应时间", "解决时间"),
        ("C001", "2026-01-05 09:00", "2026-01-05 08:00", "2026-01-05 07:00"),
        ("C001", "2026-01-05 09:00", None, "2026-01-05 07:00"),
        ("C001", "2026-01-05 09:00", "2026-01-05 09:00", "2026-01-05 09:00"),
    ]
    problems = checked(profiles({}) | {"服务": service})
    assert told(problems) == [("dates-disorder", "C2"), ("dates-disorder", "D2"), ("dates-disorder", "D3")]
    assert problems[0].what == "“请求时间” 2026-01-05 09:00 晚于“首次响应时间” 2026-01-05 08:00"


def test_an_order_of_nobody_is_told_once_a_customer() -> None:
    orders: Cells = [
        ("客户编号", "日期", "金额"),
        *(("C404", "2026-01-01", 1) for _ in range(3)),
        ("C001", "2026-01-01", 1),
    ]
    (problem,) = checked(profiles({}) | {"交易": orders})
    assert told([problem]) == [("customer-unknown", "A2")]
    assert "3 行" in problem.what


def test_an_order_of_a_customer_that_was_set_aside_is_not_of_nobody() -> None:
    orders: Cells = [("客户编号", "日期", "金额"), ("C001", "2026-01-01", 1)]
    problems = checked(profiles({"客户名称": None}) | {"交易": orders})
    assert told(problems) == [("required-missing", "B2")]


def test_a_customer_has_one_name() -> None:
    scoring = [SCORING_HEADER, ("C001", "甲丙公司", *SCORING[1][2:])]
    problems = checked(profiles({}) | {"打分表": scoring})
    assert told(problems) == [("name-differs", "B2")]
    for name in ("甲乙 科技有限公司", "甲乙科技有限公司 ", "甲*科技有限公司"):
        assert checked(profiles({}) | {"打分表": [SCORING_HEADER, ("C001", name, *SCORING[1][2:])]}) == ()


@pytest.mark.parametrize(
    ("code", "is_wrong"), [(GOOD_CODE, False), ("9135*", False), (GOOD_CODE[:-1] + "4", True), ("123", True)]
)
def test_a_credit_code_has_its_check_digit(code: str, is_wrong: bool) -> None:  # noqa: FBT001
    assert [kind for kind, _ in told(checked(profiles({"统一社会信用代码": code})))] == [
        "credit-code-invalid"
    ] * is_wrong


def test_weights_in_a_header_are_the_policys() -> None:
    header = [label.replace("潜力(权重15%)", "潜力(权重20%)") for label in SCORING_HEADER]
    problems = checked({"打分表": [header, *SCORING[1:]]})
    assert told(problems) == [("weights-total", "C1"), ("weight-differs", "F1")]
    assert problems[1].what == "“行业潜力”的表头写权重 20%，策略里是 15%，按策略算"


@pytest.mark.parametrize("weight", ["1e308%", "-20%", "NaN", "1/3", "200%", "9" * 30 + "%"])
def test_a_weight_in_a_header_that_is_none_is_named_and_the_policys_counts(weight: str) -> None:
    header = list(SCORING_HEADER)
    header[4] = f"消费金额(M,权重{weight})"
    (found,) = [entry for entry in checked({"表": [header, *SCORING[1:]]}) if entry.kind == "weight-unreadable"]
    assert str(found.ref).endswith("E1")
    assert "35%" in found.what
    assert len(found.what) < 100


def test_a_weight_of_what_does_not_score_is_told() -> None:
    header = [*SCORING_HEADER, "表扬次数(权重0.5%)"]
    problems = checked({"打分表": [header, *SCORING[1:]]})
    assert ("weight-differs", "L1") in told(problems)
    assert any("不计分" in problem.what for problem in problems)


def test_a_card_of_the_policy_that_makes_up_another_total_is_told() -> None:
    policy = standard()
    odd = policy.model_copy(update={"reading": policy.reading.model_copy(update={"card_weight_total": Decimal(90)})})
    assert [kind for kind, _ in told(checked(profiles({}), policy=odd))] == ["policy-weights-total"]


def test_customers_that_may_be_one_are_told_and_not_merged() -> None:
    code: dict[str, object] = {"统一社会信用代码": GOOD_CODE}
    problems = checked(profiles(code, {"客户编号": "C002", "客户名称": "甲乙集团"} | code))
    assert told(problems) == [("duplicate-suspected", "I3")]
    assert "C001（I2）" in problems[0].what
    problems = checked(profiles({}, {"客户编号": "C002", "客户名称": "甲乙科技(中国)股份有限公司"}))
    assert told(problems) == [("duplicate-suspected", "B3")]


@pytest.mark.parametrize("name", ["甲*科技有限公司", "甲乙贸易有限公司"])
def test_masked_and_different_names_are_not_suspected(name: str) -> None:
    assert checked(profiles({"客户名称": name}, {"客户编号": "C002", "客户名称": name.replace("贸易", "科技")})) == ()


def test_an_identity_number_is_found_in_any_column_and_never_shown() -> None:
    problems = checked(profiles({"备注": f"收货人{ID_NUMBER}", "我的列": ID_NUMBER}))
    assert told(problems) == [("column-unused", "J1"), ("id-number-found", "I2"), ("id-number-found", "J2")]
    assert ID_NUMBER[:10] not in "".join(map(str, problems))


def test_the_address_of_a_person_wants_consent() -> None:
    home: dict[str, object] = {"客户类型": "个人", "企业地址": "某路1号"}
    assert checked(profiles(home)) == ()
    assert ("home-address-found", "J2") in told(checked(profiles(home | {"信息授权": "否"})))


def test_two_people_check() -> None:
    assert told(checked(profiles({"核对人": "赵一", "复核人": "赵一"}))) == [("same-person", "J2")]
    header = ("客户编号", "消费金额", "等级", "评估人", "审核人")
    assert told(checked({"打分表": [header, ("C1", 1, None, "赵一", "赵一")]})) == [("same-person", "E2")]


def test_masked_names_that_read_the_same_are_one_person_and_this_is_said() -> None:
    header = ("客户编号", "消费金额", "等级", "评估人", "审核人")
    (masked,) = checked({"打分表": [header, ("C1", 1, None, "張*", "张*")]})
    assert masked.what == "“评估人”和“审核人”是同一个人（都写作“张*”，掩码后分不出，按同一个人算）"
    (whole,) = checked({"打分表": [header, ("C1", 1, None, "张三", "张三")]})
    assert whole.what == "“评估人”和“审核人”是同一个人"


def test_amounts_are_checked_by_a_third_person() -> None:
    header = ("客户编号", "消费金额", "等级", "评估人", "财务核对人")
    rows = [("C1", 1, None, "赵一", None), ("C2", 1, None, "赵一", "赵一"), ("C3", 1, None, "赵一", "周五")]
    without_amount = ("C4", None, None, "赵一", None)
    found = checked({"打分表": [header, *rows, without_amount]})
    assert told(found) == [("finance-unchecked", "E2"), ("finance-same-person", "E3")]
    assert {entry.severity for entry in found} == {Severity.NOTE}
    assert checked({"打分表": [header[:4], ("C1", 1, None, "赵一")]}) == ()
    many = [(f"C{at}", 1, None, "赵一", None) for at in range(1, 30)]
    assert told(checked({"打分表": [header, *many]})) == [("finance-unchecked", "E2")]


def test_a_file_is_checked_by_two_people_where_there_are_columns_for_them() -> None:
    header = ["客户编号", "客户名称", "行业类型", "核对人", "复核人"]
    one = ["C001", "甲公司", "制造业", "赵*", None]
    two = ["C002", "乙公司", "制造业", "赵*", "钱*"]
    problems = checked({"基础表": [header, one, two]})
    assert [place for kind, place in told(problems) if kind == "filing-unchecked"] == ["E2"]
    problems = checked({"基础表": [header[:3], one[:3]]})
    assert "filing-unchecked" not in dict(told(problems))


@pytest.mark.parametrize(("updated", "is_old"), [("2026-10-01", True), ("2026-10-09", False), (None, False)])
def test_a_file_older_than_the_latest_contact_is_to_be_updated(updated: str | None, *, is_old: bool) -> None:
    book: dict[str, Cells] = {
        "基础表": [["客户编号", "客户名称", "行业类型", "最后更新日期"], ["C001", "甲公司", "制造业", updated]],
        "跟进": [
            ["客户编号", "日期", "跟进人", "跟进方式", "跟进内容摘要"],
            ["C001", "2026-10-09", "王*", "电话", "近况"],
            ["C001", "2026-12-09", "王*", "电话", "还没有到的日子"],
        ],
    }
    found = told(checked(book, today=date(2026, 11, 1), as_of=date(2026, 10, 31)))
    assert [place for kind, place in found if kind == "file-not-updated"] == ["D2"] * is_old


def test_a_signature_may_be_older_than_the_date_of_the_months_grading() -> None:
    header = ("客户编号", "消费金额", "等级", "评估人", "评估日期", "审核人", "审核日期")
    row = ("C1", 1, "VIP客户", "赵一", "2026-10-31", "钱二", "2026-09-30")
    assert checked({"打分表": [header, row]}) == ()


OVERRIDE = ("客户编号", "调整后等级", "理由", "提出人", "审核人", "有效期至")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("C001", "重點客戶", "框架合同", "王一", "李二", "2026-12-31"), []),
        (("C001", "重点客户", None, "王一", "李二", "2026-12-31"), [("override-invalid", "C2")]),
        (("C001", "重点客户", "框架合同", "王一", None, "2026-12-31"), [("override-invalid", "E2")]),
        (("C001", "重点客户", "框架合同", "王一", "王一", "2026-12-31"), [("override-invalid", "E2")]),
        (("C001", "重点客户", "框架合同", "王一", "李二", None), [("override-invalid", "F2")]),
        (("C001", "重点客户", "框架合同", "王一", "李二", "2026-11-02"), [("override-expired", "F2")]),
        (("C001", "A类", "框架合同", "王一", "李二", "2026-12-31"), [("tier-unknown", "B2")]),
    ],
)
def test_a_persons_decision_counts_only_when_whole(
    row: tuple[str | None, ...], expected: list[tuple[str, str]]
) -> None:
    assert told(checked(profiles({}) | {"人工调整": [OVERRIDE, row]})) == expected


def test_a_standard_is_of_a_tier_and_written_once() -> None:
    header = ("客户等级", "核心服务目标", "服务内容细则")
    rows: Cells = [
        header,
        ("VIP客户", "深化", "甲"),
        ("VIP客户", "深化", "乙"),
        ("重点客户", "巩固", "丙"),
        ("A类", "丁", "丁"),
    ]
    problems = checked(profiles({}) | {"标准": rows})
    assert told(problems) == [("standard-twice", "A2"), ("tier-unknown", "A5")]
    assert checked(profiles({}) | {"标准": rows[:2], "标准 (2)": rows[:2]}) == ()


def test_figures_stay_in_their_range() -> None:
    header = ("客户编号", "消费金额", "等级", "复购率", "满意度评分", "订单增长率")
    rows: Cells = [header, ("C1", -5, None, "120%", 101, "300%"), ("C2", 0, None, "100%", 100, "-50%")]
    problems = checked({"打分表": rows})
    assert told(problems) == [("value-negative", "B2"), ("rate-over-one", "D2"), ("satisfaction-range", "E2")]


def test_customers_without_consent_are_told_once_a_sheet() -> None:
    rows: list[dict[str, object]] = [
        {"客户编号": f"C{at}", "客户名称": f"第{at}", "信息授权": consent}
        for at, consent in enumerate(["否", None, "是"])
    ]
    (problem,) = checked(profiles(*rows))
    assert told([problem]) == [("consent-missing", "H2")]
    assert "2 家" in problem.what
    assert "H2、H3" in problem.what


def test_a_problem_can_be_pasted_into_the_name_box() -> None:
    (problem,) = checked(profiles({"合同到期日": "待定"}))
    assert str(problem).startswith(f"{FILE}!基础表!I2: “待定”无法识别为日期。")


def test_a_column_that_is_not_there_is_told_once_at_the_header() -> None:
    rows: Cells = [
        ("客户编号", "客户名称", "行业类型", "联系人"),
        *((f"C{at}", f"第{at}", "制造业", "张*") for at in range(3)),
    ]
    problems = checked({"基础表": rows})
    assert [kind for kind, cell in told(problems) if cell == "1:1"] == ["filing-columns"]
    assert told(problems)[1:] == [("consent-missing", "2:2")]
    assert "“核心需求”" in problems[0].what
    assert "表里没有这一列" in problems[1].what


def test_many_unknown_customers_of_a_sheet_are_told_as_one() -> None:
    orders: Cells = [("客户编号", "日期", "金额"), *((f"C4{at:02}", "2026-01-01", 1) for at in range(30))]
    (problem,) = checked(profiles({}) | {"交易": orders})
    assert "另有 29 个编号" in problem.what
