"""The templates of the practice, as it prints them, are read literally (practice §1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from opencc import OpenCC

from sheetcrm.intake.workbooks import read_workbook
from sheetcrm.model import Book, Level
from sheetcrm.text.promises import read_promises
from tests.workbooks import FILE, REFERENCE_ROWS, SCORING, Cells, book_of, checked, told, workbook

CARD_FIELDS: tuple[tuple[str, str, str], ...] = (
    ("客户编号", "系统自动或按规则编码", "KH-202405001"),
    ("客户名称", "企业全称或个人姓名", "星河科技有限公司"),
    ("客户类型", "企业/个人", "企业"),
    ("所属行业", "按标准行业分类填写", "制造业-专用设备制造"),
    ("客户规模", "按员工人数/年营收划分(可选)", "100-500人/年营收5000万-1亿"),
    ("联系人信息", "姓名(*号代替)、职位、联系方式", "*经理/8888"),
    ("核心需求", "客户明确提出的需求或痛点", "定制化生产设备采购与技术支持"),
    ("合作意向", "初步判断(高/中/低)", "高"),
    ("信息来源人", "首次对接的业务人员姓名(*号)", "*先生"),
    ("档案建立日期", "信息录入系统的时间", "2024-05-01"),
    ("最后更新日期", "最近一次修改信息的时间", "2024-05-10"),
)
RECORD_HEAD = ("日期", "跟进人(*号)", "跟进方式(电话/拜访/邮件)", "跟进内容摘要", "客户反馈/结果", "下一步计划")
RECORDS: tuple[tuple[str, ...], ...] = (
    RECORD_HEAD,
    ("2024-05-05", "*先生", "电话", "介绍产品功能，确认需求细节", "要求报价", "3日内提供报价单"),
    ("2024-05-08", "*女士", "邮件", "发送产品手册与初步报价", "已收到", "跟进内部讨论结果(5月12日前)"),
)
HEAD = ("字段名称", "填写说明", "示例/规范")
TITLES = (("客户基础信息表",),)
BELOW = ((), ("客户跟进记录表（附于基础信息表后）",), *RECORDS)
P0: Cells = (
    ("客户编号", "客户名称", "行业类型", "联系人(职位)", "统一社会信用代码", "首次合作时间", "累计交易金额(元)",
     "最近交易时间", "企业规模(人数)", "备注"),
    ("C001", "*科技有限公司", "制造业", "张*(总经理)", "A01*", "2022-03-15", "680,000", "2023-10-20", "200-300人",
     "战略合作意向"),
)  # fmt: skip
STANDARD_HEAD = ("客户等级", "客户特征描述", "核心服务目标", "服务内容细则", "资源支持配置", "责任人角色")
DIMENSIONS: Cells = (
    ("维度", "核心指标", "权重"),
    ("客户价值", "近12个月消费金额、客单价", "50%"),
    ("合作潜力", "行业增长性、订单增长率、新需求数量", "30%"),
    ("忠诚度", "复购率、推荐率、投诉率", "20%"),
)

SPELLINGS = [
    pytest.param(lambda text: text, id="simplified"),
    pytest.param(OpenCC("s2t").convert, id="traditional"),
    pytest.param(lambda text: text.translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)}), id="full-width"),
]
spellings = pytest.mark.parametrize("respell", SPELLINGS)
Respell = Callable[[str], str]


def written(rows: Cells, respell: Respell) -> list[list[object]]:
    return [[respell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows]


def card(*, notes: bool = True, fields: Cells = CARD_FIELDS) -> Cells:
    return [row if notes else (row[0], *row[2:]) for row in fields]


def the_customer(book: Book, key: str = "KH-202405001") -> None:
    """Hold that the book has the one customer of the printed card, with both of its records."""
    (customer,) = book.customers
    assert customer.customer_id == key
    assert customer.name == "星河科技有限公司"
    assert customer.profile is not None
    assert customer.profile.industry == "制造业-专用设备制造"
    assert customer.profile.updated_on == date(2024, 5, 10)
    assert [entry.date for entry in customer.follow_ups] == [date(2024, 5, 5), date(2024, 5, 8)]
    due = [
        promise.due
        for entry in customer.follow_ups
        for promise in read_promises(entry.next_step or "", recorded=entry.date, is_workday=lambda _day: True)
    ]
    assert due == [date(2024, 5, 8), date(2024, 5, 12)]


@spellings
def test_the_card_as_printed_is_read_with_its_values_where_its_examples_stand(respell: Respell) -> None:
    rows = written([*TITLES, HEAD, *card(), *BELOW], respell)
    the_book = book_of((FILE, {"客户信息档案模板": rows}))
    (customer,) = the_book.customers
    assert customer.customer_id == respell("KH-202405001") or customer.customer_id == "KH-202405001"
    assert len(customer.follow_ups) == 2
    assert told(checked({"客户信息档案模板": rows})) == [("consent-missing", "3:3")]


def test_the_two_promises_of_the_printed_card_are_due_on_its_days() -> None:
    the_customer(book_of((FILE, {"客户信息档案模板": [*TITLES, HEAD, *card(), *BELOW]})))


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([("字段名称", "示例/规范"), *card(notes=False), *BELOW], id="no notes"),
        pytest.param([*TITLES, *card(notes=False), *BELOW], id="no header row, no notes"),
        pytest.param([*TITLES, *card(), *BELOW], id="no header row"),
        pytest.param([("字段名称", "填写说明", "值"), *card(), *BELOW], id="值"),
        pytest.param([("字段名称", "填写说明", "填写内容"), *card(), *BELOW], id="填写内容"),
        pytest.param([("字段名称", "填写说明"), *card(), *BELOW], id="a column without a head"),
        pytest.param([("字段名称",), *card(notes=False), *BELOW], id="one head only"),
        pytest.param([HEAD, *((*row[:2], "例", row[2]) for row in CARD_FIELDS), *BELOW], id="a fourth column"),
        pytest.param(
            [(*HEAD, "值"), *((*row[:2], "例", row[2]) for row in CARD_FIELDS), *BELOW], id="a fourth column, 值"
        ),
        pytest.param(
            [("字段名称", "值", "示例/规范"), *((row[0], row[2], "例") for row in CARD_FIELDS), *BELOW], id="值 first"
        ),
    ],
)
def test_the_values_of_a_card_are_found_where_a_person_sees_them(rows: Cells) -> None:
    the_customer(book_of((FILE, {"档案": rows})))


def test_the_remark_behind_the_key_of_a_card_is_dropped_and_told() -> None:
    rows = [HEAD, ("客户编号", "", "KH-202405001(KH-年月-序号)"), *card()[1:], *BELOW]
    the_customer(book_of((FILE, {"档案": rows})))
    assert ("key-note", "C2") in told(checked({"档案": rows}))


@pytest.mark.parametrize("key", [None, "系统自动", "系统自动生成"])
def test_a_card_without_a_number_goes_by_its_name(key: str | None) -> None:
    rows = [HEAD, ("客户编号", "", key), *card()[1:], *BELOW]
    the_customer(book_of((FILE, {"档案": rows})), key="星河科技有限公司")
    assert ("key-by-name", "C3") in told(checked({"档案": rows}))
    without = [HEAD, *card()[1:], *BELOW]
    the_customer(book_of((FILE, {"档案": without})), key="星河科技有限公司")


def test_records_on_the_next_sheet_are_the_card_s() -> None:
    the_customer(book_of((FILE, {"客户基础信息表": [HEAD, *card()], "客户跟进记录表": RECORDS})))
    the_customer(book_of((FILE, {"客户跟进记录表": RECORDS, "说明": [("随便",)], "客户基础信息表": [HEAD, *card()]})))


def test_records_on_a_sheet_named_after_a_customer_are_that_customer_s() -> None:
    other = (("客户编号", "客户名称", "行业类型"), ("C1", "甲公司", "制造业"), ("C2", "乙公司", "制造业"))
    for sheet in ("乙公司", "C2", "乙公司跟进记录"):
        book = book_of((FILE, {"表": other, sheet: RECORDS}))
        assert [len(customer.follow_ups) for customer in book.customers] == [0, 2]
    book = book_of((FILE, {"表": other, "档案": [HEAD, *card()], "乙公司": RECORDS}))
    assert {customer.name: len(customer.follow_ups) for customer in book.customers}["乙公司"] == 2


def test_records_that_may_be_of_two_customers_are_of_none() -> None:
    second = [("客户编号", "", "KH-202405002"), ("客户名称", "", "乙公司"), *card()[2:]]
    sheets = {"卡": [HEAD, *card(), (), HEAD, *second], "客户跟进记录表": RECORDS}
    assert [customer.follow_ups for customer in book_of((FILE, sheets)).customers] == [(), ()]
    assert ("column-missing", "1:1") in told(checked(sheets))


def test_several_cards_may_share_a_sheet() -> None:
    second = [("客户编号", "", "KH-202405002"), ("客户名称", "", "乙公司"), *card()[2:]]
    for rows in (
        [HEAD, *card(), (), HEAD, *second],
        [HEAD, *card(), *second],
        [*card(), *second],
        [*card(), (), (), ("客户基础信息表",), *second],
        [(*HEAD, None, *HEAD), *((*one, None, *two) for one, two in zip(card(), second, strict=True))],
        [(*one, None, *two) for one, two in zip(card(), second, strict=True)],
    ):
        book = book_of((FILE, {"卡": rows}))
        assert [(entry.customer_id, entry.name) for entry in book.customers] == [
            ("KH-202405001", "星河科技有限公司"),
            ("KH-202405002", "乙公司"),
        ]
        assert {entry.profile.intent for entry in book.customers if entry.profile} == {"高"}


def test_a_card_may_run_over_two_columns_of_field_names_without_a_header() -> None:
    rows = [(*CARD_FIELDS[at][::2], *CARD_FIELDS[at + 5][::2]) for at in range(5)]
    (customer,) = book_of((FILE, {"卡": rows})).customers
    assert customer.profile is not None
    assert (customer.profile.intent, customer.profile.filed_on) == ("高", date(2024, 5, 1))


def test_customers_that_stand_side_by_side_under_one_column_of_names_are_not_read_as_one() -> None:
    rows = [("客户编号", "C1", "C2", "C3"), ("客户名称", "甲", "乙", "丙"), ("行业", "制造业", "零售", "物流")]
    assert book_of((FILE, {"表": rows})).customers == ()


def test_a_list_of_field_names_under_a_head_of_its_own_is_no_card() -> None:
    rows = [("列名", "类型", "长度"), ("客户编号", "文本", 12), ("客户名称", "文本", 40), ("行业", "文本", 20)]
    assert read_workbook(workbook({"数据字典": rows}), file=FILE)[0] == ()


@spellings
def test_the_base_sheet_of_p0_is_read_without_a_warning_for_columns_it_never_had(respell: Respell) -> None:
    rows = written([("(一)客户信息基础表（示例）",), *P0], respell)
    assert [kind for kind, _ in told(checked({"客户信息基础表": rows}))] == ["filing-columns", "consent-missing"]
    (customer,) = book_of((FILE, {"表": rows})).customers
    assert customer.profile is not None
    assert (customer.profile.spend_total, customer.profile.first_deal) == (680_000, date(2022, 3, 15))


@spellings
def test_the_scoring_sheet_of_p4_is_read_under_its_title(respell: Respell) -> None:
    rows = written([("表2 客户分级评估打分表（示例）",), *SCORING], respell)
    book = book_of((FILE, {"表2": rows}))
    assert [customer.scoring is not None for customer in book.customers] == [True] * len(REFERENCE_ROWS)
    first = book.customers[0].scoring
    assert first is not None
    assert (first.spend_12m, first.growth_level) == (800_000, Level("高", first.growth_level.rate))  # type: ignore[union-attr]


@spellings
def test_the_standards_of_p4_are_read_and_their_figures_held_against_the_policy(respell: Respell) -> None:
    rows = written(
        [
            ("表1：客户分级服务标准表",),
            STANDARD_HEAD,
            ("重点客户", "年消费20-50万", "巩固合作", "①8小时内响应\n②24小时内解决", "5%折扣", "客服主管*"),
            ("普通客户", "年消费5-20万", "保障服务", "①12小时内响应", "3%折扣", "客服专员*"),
        ],
        respell,
    )
    problems = [entry for entry in checked({"标准": rows}) if entry.kind == "standard-figure"]
    assert told(problems) == [("standard-figure", "D4"), ("standard-figure", "E4")]
    assert "12小时" in problems[0].what
    assert "3%折扣" in problems[1].what


@spellings
def test_the_weights_of_the_dimensions_are_held_against_the_policy_s_card(respell: Respell) -> None:
    rows = written([("分级维度（示例）",), *DIMENSIONS], respell)
    problems = [entry for entry in checked({"分级维度": rows}) if entry.kind == "dimension-weight"]
    assert [str(entry.ref).rpartition("!")[2] for entry in problems] == ["C3", "C4", "C5"]
    assert "50%" in problems[0].what
    assert "35%" in problems[0].what
    assert "没有这些指标" in problems[1].what or "合计" in problems[1].what
