"""Headers that real lists have: which are read at once, which are only proposed, which are no field (practice §1)."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from sheetcrm import schema
from sheetcrm.assess.context import book_context
from sheetcrm.assess.followup.planning import Planner
from sheetcrm.assess.measure.engagement import relate
from sheetcrm.cli.entry import cli
from sheetcrm.intake.find.nearest import nearest
from sheetcrm.intake.workbooks import read_workbook, unknown_headers
from sheetcrm.model import Severity, Table
from sheetcrm.runs.prepare import prepare
from sheetcrm.store.files.inputs import InputFile
from tests import making
from tests.values import run_as_of
from tests.workbooks import FILE, Cells, book_of, checked, told, workbook

READ: Mapping[str, Mapping[str, str]] = {
    "profile": {
        "name": "客户名 客户姓名 公司名称 客户简称 单位名称 企业名称 客户全称 客户",
        "customer_id": "客户编码 客户ID 客户号 编号 客户代码",
        "phone": "手机号 手机号码 固定电话 电话号码 联系电话 联系方式 微信号 邮箱 Email 手机",
        "contact": "联系人 联系人姓名 主要联系人 联系人*",
        "address": "地址 详细地址 公司地址 收货地址",
        "industry": "行业类别 行业 所属行业 行业分类 客户行业",
        "owner": "业务员 业务归属 负责人 销售 负责销售 销售员 销售代表 归属人 客户负责人 客户经理",
        "department": "部门 所属部门",
        "first_deal": "首次成交时间 首单时间",
        "contract_end": "合同结束日期 合同到期日期 合同截止日",
        "filed_on": "创建时间 建档时间",
        "updated_on": "修改时间 更新时间",
        "source_channel": "客户来源 来源 来源渠道",
        "tier": "客户等级",
        "customer_type": "客户类型",
        "remark": "备注",
        "need": "需求 客户需求 需求描述",
        "intent": "意向 意向程度 意向度 客户意向 合作意向",
        "spend_12m": "近一年消费",
        "spend_total": "累计销售额 累计成交金额 总成交额 成交总额 累计消费",
        "last_deal": "最近下单时间 最后成交时间 最近成交日期 最近一次交易 最近购买时间",
        "last_contact": "上次联系 最近联系日期",
        "appointment": "下次联系时间 下次跟进日期",
        "size": "员工人数 公司规模 人员规模",
        "credit_code": "税号 纳税人识别号 信用代码",
    },
    "scoring": {
        "recency": "最近一次消费时间 最近购买 最近消费天数 R值",
        "frequency_12m": "F值",
        "spend_12m": "M值 消费金额",
        "repurchase_rate": "复购率",
        "growth_level": "发展潜力",
        "total": "综合得分 得分",
        "grade": "等级",
    },
    "order": {
        "order_no": "订单编号 订单号",
        "amount": "订单金额 销售金额 销售额 成交金额 实付金额 金额(元)",
        "date": "下单日期 下单时间 成交日期 销售日期 交易日期",
        "name": "下单客户名称",
        "product": "商品名称 产品名称 品名",
    },
    "follow_up": {
        "date": "跟进日期 跟进时间 拜访时间 拜访日期 联系时间 沟通时间",
        "channel": "跟进方式 拜访方式",
        "summary": "沟通内容 跟进内容 拜访内容 跟进情况 跟进记录 洽谈内容",
        "feedback": "客户反馈 跟进结果 拜访结果",
        "next_step": "下步计划 下一步行动 后续计划",
        "person": "拜访人 跟进人",
    },
}
"""Read without asking."""

PROPOSED: Mapping[str, Mapping[str, str]] = {
    "profile": {
        "name": "店名 商家名称 门店名称",
        "customer_id": "编码 门店编号 会员号",
        "phone": "微信",
        "contact": "姓名 对接人",
        "owner": "销售经理 跟进人 所有人",
        "first_deal": "签约起始日期 签约日期 成交时间",
        "contract_end": "签约结束日期 到期时间",
        "filed_on": "注册时间",
        "tier": "客户级别 级别 客户分类",
        "customer_type": "企业性质 类型 客户类别",
        "remark": "备用信息 描述",
        "spend_12m": "年度销售额 年销售额 年采购额",
        "last_deal": "上次进站时间 上次到店时间",
    },
    "scoring": {
        "recency": "R",
        "frequency_12m": "F 购买次数 消费次数 订单数 下单次数",
        "spend_12m": "M 消费总额 消费总金额 购买金额 年采购额",
        "growth_level": "行业前景 成长性",
        "total": "合计",
        "grade": "评级 级别 客户级别",
    },
    "order": {
        "date": "付款时间 payment_date",
        "amount": "含税金额 价税合计 合计金额",
        "name": "客户",
        "customer_id": "user_id",
    },
    "follow_up": {
        "channel": "联系方式",
        "appointment": "下次跟进时间 下次拜访时间",
        "next_step": "待办",
        "person": "业务员 销售",
    },
}
"""Read only once a person has confirmed them; each is proposed as this field."""

NO_FIELD = {"profile": "序号 上级主管 主营产品"}

PLAIN: Mapping[str, tuple[tuple[str, str], ...]] = {
    "profile": (
        ("customer_id", "客户编号"),
        ("name", "客户名称"),
        ("industry", "行业类型"),
        ("department", "部门"),
        ("informant", "信息来源人"),
        ("reputation", "市场口碑"),
    ),
    "scoring": (
        ("customer_id", "客户编号"),
        ("name", "客户名称"),
        ("recency", "最近消费时间"),
        ("spend_12m", "消费金额"),
        ("repurchase_rate", "忠诚度"),
        ("assessor", "评估人"),
    ),
    "order": (("customer_id", "客户编号"), ("date", "日期"), ("amount", "金额"), ("order_no", "订单号")),
    "follow_up": (
        ("customer_id", "客户编号"),
        ("date", "日期"),
        ("summary", "跟进内容摘要"),
        ("feedback", "结果"),
        ("next_step", "下一步"),
    ),
}
"""For each kind of sheet columns that make it plain what it is."""


def cases(table: Mapping[str, Mapping[str, str]]) -> list[tuple[str, str, str]]:
    return [
        (kind, header, field)
        for kind, fields in table.items()
        for field, headers in fields.items()
        for header in headers.split()
    ]


def headed(kind: str, header: str, field: str | None) -> tuple[Table, ...]:
    """Read a sheet of a kind on which a header stands for a field, or beside the others for None."""
    labels = [label for name, label in PLAIN[kind] if name != field]
    if field == "name" and kind == "order":
        labels.remove("客户编号")
    tables, _ = read_workbook(workbook({"数据": [[*labels, header], ["1"] * (len(labels) + 1)]}), file=FILE)
    return tables


@pytest.mark.parametrize(("kind", "header", "field"), cases(READ))
def test_a_header_people_use_is_read(kind: str, header: str, field: str) -> None:
    table = headed(kind, header, field)[0]
    assert (table.kind, table.columns[-1].name) == (kind, field)


@pytest.mark.parametrize(("kind", "header", "field"), cases(PROPOSED))
def test_a_header_that_may_be_something_else_is_not_read_at_once(kind: str, header: str, field: str) -> None:
    del field
    tables = headed(kind, header, None)
    assert [column.name for column in tables[0].columns if column.label == header] == [None]
    assert len(tables) == 1


@pytest.mark.parametrize("header", NO_FIELD["profile"].split())
def test_a_header_that_is_no_field_is_none(header: str) -> None:
    tables = headed("profile", header, None)
    assert [[column.name for column in table.columns if column.label == header] for table in tables] == [[None]]


def test_a_guess_is_an_alias_nowhere_on_its_sheet() -> None:
    for kind in schema.READ_SHEETS:
        for entry in (*kind.fields, *kind.further):
            assert not {guess for guess in entry.guesses if guess in schema.labels(kind.kind)}, entry


def test_a_column_under_another_word_for_one_of_ours_is_read_and_never_theirs_to_lose() -> None:
    rows = [("客户编号", "客户名称", "消费金额", "评定等级", "综合得分"), ("C1", "甲", "80万", "VIP客户", 91)]
    table = read_workbook(workbook({"表": rows}), file=FILE)[0][0]
    assert {column.label: column.theirs for column in table.columns} == {
        "客户编号": False, "客户名称": False, "消费金额": False, "评定等级": True, "综合得分": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        (("客户编号", "客户名称", "行业潜力"), "scoring"),
        (("客户编号", "客户名称", "忠诚度"), "scoring"),
        (("客户编号", "客户名称", "总分", "等级"), "scoring"),
        (("客户编号", "客户名称", "总分", "行业类型"), "profile"),
        (("客户编号", "客户名称", "客户等级", "行业", "联系人"), "profile"),
        (("客户名称", "行业", "联系人"), "profile"),
        (("客户名称", "联系人", "电话", "拜访日期", "拜访内容", "拜访结果"), "follow_up"),
        (("客户名称", "联系人", "电话", "下单日期", "订单金额"), "order"),
        (("客户名称", "联系人", "电话", "请求时间", "解决时间"), "service"),
        (("客户名称", "客户等级", "下次跟进日期"), None),
        (("客户名称", "联系人"), None),
    ],
)
def test_a_sheet_is_known_by_what_it_plainly_is(header: tuple[str, ...], kind: str | None) -> None:
    tables, _ = read_workbook(workbook({"数据": [header, ["1"] * len(header)]}), file=FILE)
    assert [table.kind for table in tables[:1]] == ([kind] if kind else [])


CORE = ("客户编号", "客户名称", "所属行业", "联系人*", "联系方式", "近12个月消费金额", "消费频次", "最近消费时间")
CORE_SCORED = (
    "客单价",
    "产品使用时长",
    "功能激活率",
    "活动参与度",
    "推荐新客户数量",
    "满意度评分(CSAT)",
    "投诉次数",
    "表扬次数",
)
CORE_ROW = ("C1", "甲公司", "制造业", "张*", "8888", "80万", "12次/年", "30天")
CORE_SCORED_ROW = (20000, "30小时", "85%", "60%", 2, 90, 1, 3)


def test_the_core_fields_are_read_on_the_base_and_on_the_scoring_sheet() -> None:
    extra, values = ("行业潜力", "忠诚度", "合作建议", "客户经理"), ("高", "85%", "加深合作", "王*")
    for header in ((*CORE, *CORE_SCORED, *extra), (*CORE_SCORED, *CORE, *extra)):
        by_label = dict(zip((*CORE, *CORE_SCORED, *extra), (*CORE_ROW, *CORE_SCORED_ROW, *values), strict=True))
        (customer,) = book_of((FILE, {"表": [header, [by_label[label] for label in header]]})).customers
        assert customer.scoring is not None
        assert customer.profile is not None
        assert (customer.profile.industry, customer.profile.contact, customer.profile.owner) == ("制造业", "张*", "王*")
        assert customer.profile.suggestion == "加深合作"
        assert (customer.scoring.average_order, customer.scoring.usage_time) == (20000, 30)
        assert (customer.scoring.referrals, customer.scoring.praises, customer.scoring.satisfaction) == (2, 3, 90)


def test_a_base_sheet_wins_over_what_a_scoring_sheet_says_beside() -> None:
    base: Cells = [("客户编号", "客户名称", "行业类型", "客户经理"), ("C1", "甲公司", "制造业", "王*")]
    scores: Cells = [
        ("客户编号", "客户名称", "消费金额", "忠诚度", "行业类型"),
        ("C1", "甲公司", "80万", "85%", "零售业"),
        ("C2", "乙公司", "8万", "30%", "物流业"),
    ]
    book = book_of((FILE, {"基础": base, "打分": scores}))
    assert [entry.profile.industry for entry in book.customers if entry.profile] == ["制造业", "物流业"]
    assert "key-twice" not in [kind for kind, _ in told(checked({"基础": base, "打分": scores}))]


def test_orders_and_visits_of_names_are_of_the_customers_that_have_them() -> None:
    book = book_of(
        (
            FILE,
            {
                "基础": [("客户编号", "客户名称", "行业", "客户经理"), ("C1", "甲公司", "制造业", "王*")],
                "订单": [("下单客户名称", "下单日期", "订单金额"), ("甲公司", "2026-09-01", 8000)],
                "拜访": [("客户名称", "拜访日期", "拜访内容"), ("甲公司", "2026-09-02", "沟通报价")],
            },
        )
    )
    assert [(len(entry.orders), len(entry.follow_ups)) for entry in book.customers] == [(1, 1)]


def test_where_nobody_has_numbers_the_name_is_the_key_and_this_is_told() -> None:
    sheets: Mapping[str, Cells] = {
        "名单": [("客户全称", "行业", "销售", "上次联系"), ("甲公司", "制造业", "王*", "2026-10-20")],
        "打分": [("客户名称", "消费金额", "消费频次", "最近消费时间", "复购率"), ("甲公司", "80万", 12, "30天", "85%")],
    }
    (customer,) = book_of((FILE, sheets)).customers
    assert (customer.customer_id, customer.profile is not None, customer.scoring is not None) == ("甲公司", True, True)
    assert customer.profile is not None
    assert customer.profile.last_contact == date(2026, 10, 20)
    assert [(kind, cell) for kind, cell in told(checked(sheets)) if kind == "key-by-name"] == [
        ("key-by-name", "A1"),
        ("key-by-name", "A1"),
    ]


def test_a_column_of_their_own_for_our_grade_keeps_its_cells() -> None:
    rows: Cells = [
        ("客户编号", "客户名称", "最近消费时间", "消费频次", "消费金额", "忠诚度", "评定等级"),
        ("C1", "甲公司", "30天", "12次/年", "80万元", "85%", "重点客户"),
    ]
    data = workbook({"打分": rows})
    source = InputFile(FILE, Path(FILE), data, hashlib.sha256(data).hexdigest())
    (written,) = prepare([source], run_as_of(date(2026, 10, 31))).workbooks
    sheet = load_workbook(io.BytesIO(written.data)).worksheets[0]
    after = {str(cells[0]): cells[1] for cells in sheet.iter_cols(values_only=True)}
    assert (after["评定等级"], after["等级"]) == ("重点客户", "VIP客户")


OWN_DAY: Cells = [
    ("客户编号", "客户名称", "行业", "下次跟进日期", "客户经理"),
    ("C1", "甲公司", "制造业", "2026-11-18", "王*"),
]


def written_again(data: bytes) -> bytes:
    source = InputFile(FILE, Path(FILE), data, hashlib.sha256(data).hexdigest())
    (written,) = prepare([source], run_as_of(date(2026, 10, 31))).workbooks
    return written.data


def test_a_persons_own_next_day_is_an_appointment_and_never_written() -> None:
    data = workbook({"名单": OWN_DAY})
    for _ in range(2):  # what the program added stands right of it, and does not make it the program's
        table = read_workbook(data, file=FILE)[0][0]
        assert [column.name for column in table.columns][3] == "appointment"
        data = written_again(data)
        columns = list(load_workbook(io.BytesIO(data)).worksheets[0].iter_cols(values_only=True))
        assert [cells for cells in columns if cells[0] == "下次跟进日期"] == [("下次跟进日期", "2026-11-18")]
        assert "客户标签" in [cells[0] for cells in columns]


def test_the_programs_own_next_day_is_written_and_no_appointment() -> None:
    data = workbook({"名单": [row[:3] for row in OWN_DAY]})
    for _ in range(2):
        data = written_again(data)
        table = read_workbook(data, file=FILE)[0][0]
        assert [column.name for column in table.columns][-3:] == ["tier", "tags", "next_due"]
        assert [column.label for column in table.columns].count("下次跟进日期") == 1


def test_the_day_of_the_last_contact_and_the_next_one_count() -> None:
    customer = making.customer(
        profile=making.profile(last_contact=date(2026, 10, 20), appointment=date(2026, 11, 18), owner="王*")
    )
    october = run_as_of(date(2026, 10, 31))
    planned = Planner(october).plan(customer, frozenset({"观察客户"}), (), tier=october.policy.tiers[-1])
    assert [(item.due, item.owner) for item in planned if item.promised] == [(date(2026, 11, 18), "王*")]
    assert all(item.last_contact == date(2026, 10, 20) for item in planned if item.action == "销售跟进")
    relation = relate(customer, book_context(making.book(customer), october), last_purchase=None)
    assert relation["months_since_contact"] == 0


@pytest.mark.parametrize(("kind", "header", "field"), cases(PROPOSED))
def test_a_header_that_may_be_a_field_is_proposed_as_it(kind: str, header: str, field: str) -> None:
    like = nearest(header, (kind, *filter(None, [schema.BESIDE.get(kind)])))
    assert like is not None
    assert (like.kind, like.field.name) == (kind, field)


SHEETS = {"profile": "客户名单", "scoring": "打分", "order": "订单", "follow_up": "拜访记录"}


@pytest.mark.parametrize(("kind", "header", "field"), cases(PROPOSED))
def test_a_header_that_may_be_a_field_is_proposed_on_a_sheet_that_lacks_it(kind: str, header: str, field: str) -> None:
    labels = [label for name, label in PLAIN[kind] if name != field]
    data = workbook({SHEETS[kind]: [[*labels, header], ["值"] * (len(labels) + 1)]})
    (unknown,) = [one for one in unknown_headers(data, file=FILE) if one.text == header]
    like = unknown.nearest()
    assert like is not None
    assert like.field.name == field


def test_a_field_that_a_sheet_has_already_is_not_proposed_again() -> None:
    rows = [("客户编号", "客户名称", "行业", "店名", "会员号"), ("C1", "甲公司", "制造业", "一店", "8001")]
    likes = [one.nearest() for one in unknown_headers(workbook({"名单": rows}), file=FILE)]
    assert {like.field.name for like in likes if like}.isdisjoint({"name", "customer_id", "industry"})


def test_numbers_under_a_word_for_customers_are_proposed_as_their_numbers() -> None:
    for cells, field in ((["K001", "K002", "K001"], "customer_id"), (["甲公司", "乙公司"], "name")):
        like = nearest("客户", ("order",), cells)
        assert like is not None
        assert like.field.name == field


@pytest.mark.parametrize("header", NO_FIELD["profile"].split())
def test_a_header_that_is_no_field_is_proposed_as_none(header: str) -> None:
    assert nearest(header, ("profile", "scoring")) is None


def test_every_column_not_used_is_named_once_with_its_nearest_field() -> None:
    rows = [("客户编号", "客户名称", "行业", "跟单员", "序号", "空列"), ("C1", "甲公司", "制造业", "王*", 1, None)]
    problems = [entry for entry in checked({"表": rows}) if entry.kind == "column-unused"]
    assert told(problems) == [("column-unused", "D1"), ("column-unused", "E1")]
    assert "最像“客户经理”" in problems[0].what
    assert "没有相近的字段" in problems[1].what


def test_what_the_cells_are_decides_between_words() -> None:
    assert nearest("合作情况日", ("profile",), [date(2026, 1, 1)]) != nearest("合作情况日", ("profile",), ["良好"])
    assert nearest("行业走势如何", ("profile", "scoring"), ["好", "一般", "差"]).field.name == "growth_level"  # type: ignore[union-attr]


def test_a_sheet_that_is_not_known_is_named_with_its_columns_and_the_nearest_kind() -> None:
    sheets: Mapping[str, Cells] = {
        "打分": [("客户编号", "客户名称", "消费金额", "复购率"), ("C1", "甲", "80万", "85%")],
        "大客户": [("单位", "跟单员", "上次联系", "所在行业"), ("乙公司", "王*", "2026-10-20", "制造业")],
    }
    problems = [entry for entry in checked(sheets) if entry.kind in {"sheet-unread", "column-unused"}]
    assert [str(entry.ref).partition("!")[2] for entry in problems] == [
        "大客户!A1",
        "大客户!A1",
        "大客户!B1",
        "大客户!D1",
    ]
    assert "“上次联系”，最像客户信息基础表" in problems[1].what


def test_a_table_that_says_of_nobody_whose_it_is_is_an_error() -> None:
    problems = checked({"订单": [("日期", "金额", "订单号"), ("2026-01-01", 5, "1")]})
    assert [(entry.kind, entry.severity) for entry in problems] == [("key-column-missing", Severity.ERROR)]


def test_a_count_by_department_is_no_list_of_customers() -> None:
    tables, problems = read_workbook(
        workbook({"表": [("部门", "客户经理", "客户"), ("一部", "王*", 12), ("二部", "李*", 30)]}), file=FILE
    )
    assert tables == ()
    assert "sheet-unread" in {entry.kind for entry in problems}


def test_check_lists_each_sheet_with_its_kind_and_rows(tmp_path: Path) -> None:
    path = tmp_path / FILE
    path.write_bytes(workbook({"打分": [("客户编号", "客户名称", "消费金额", "复购率"), ("C1", "甲", "80万", "85%")],
                               "看板": [("大区", "完成率"), ("华东", "85%")]}))  # fmt: skip
    for command in (["check"], ["run", "--dry-run", "--period", "2026-10", "-o", str(tmp_path / "out")]):
        output = CliRunner().invoke(cli, [*command, str(path)], catch_exceptions=False).stdout
        assert f"{FILE}!打分：客户分级评估打分表，1 行" in output
        assert f"{FILE}!看板：不认得这张表，没有读" in output


def test_a_guess_is_read_at_once_where_every_cell_says_what_it_is() -> None:
    header = ("客户编号", "客户名称", "最近购买", "购买次数", "消费金额", "行业前景", "复购率")
    stated: Cells = [header, ("A001", "甲公司", "30天", "12次/年", "80万", "高", "85%")]
    table = read_workbook(workbook({"客户评分": stated}), file=FILE)[0][0]
    assert [column.name for column in table.columns][2:5] == ["recency", "frequency_12m", "spend_12m"]
    for cell in (12, "12次", "共12次"):
        bare: Cells = [header, ("A001", "甲公司", "30天", cell, "80万", "高", "85%"), stated[1]]
        table = read_workbook(workbook({"客户评分": bare}), file=FILE)[0][0]
        assert table.columns[3].name is None
