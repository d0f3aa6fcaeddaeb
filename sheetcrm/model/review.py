"""What people fill into the review workbook: which cells of which lists, and how a row is known again.

The list is written by `excel.books` and read by `intake`; both go by this table, so that what was filled in one
run's workbook finds its row in the next one's (practice §10).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TypeAlias

from sheetcrm.model.cells import CellRef

REVIEW_FILE = "评审包.xlsx"
REVIEW_TITLE = "客户分级评审包"
"""What stands at the top of 总览, and marks a workbook as one of these."""

OVERVIEW, AUDIT, AGENDA, DUE_LIST, SAMPLE, UNPLACED = (
    "总览",
    "审核表",
    "会议议程",
    "跟进计划",
    "抽查清单",
    "未对上的填写",
)
PERIOD_LABEL, RUN_LABEL = "期间", "校验号"
"""Labels in the first row of 总览; the value stands right of each."""

OPINION, SIGNER, SIGNED_ON, REMARK = "审核意见", "审核人", "审核日期", "备注"
AGREED, RETURNED = "同意", "退回"
OUTCOME, DONE_ON, VERDICT = "完成情况", "完成日期", "结论"
OUTCOMES = DONE, PUT_OFF, _DROPPED = "已完成", "改期", "取消"
VERDICTS = ("通过", "不通过", "待核实")
OF_LIST, OF_ROW, OF_COLUMN, ENTRY = "原表", "行", "列", "填写的内容"
SIGNERS = ("编制", "审核", "财务核对", "批准")
VERDICT_LABEL, SIGN_LABEL, UNSIGNED = "评审结论", "签字", "签字：　　　　　　　年　月　日"
"""The boxes below 总览: who signs, each below his name, and what stands there as long as nobody did."""
UNTICKED = "□"
"""What stands in a box nobody ticked: as good as blank."""

KEY_MARK = "｜"
"""Between the parts of a row's key, where it is written as one text."""


@dataclass(frozen=True, slots=True)
class ReviewForm:
    """A list that people fill in: the columns that tell a row from the others, and those for people."""

    keys: tuple[str, ...]
    fills: tuple[str, ...]


_TREATED = ("处理", REMARK)
CUSTOMER_FORM = ReviewForm(("客户编号",), (REMARK,))
"""The lists of customers by tier, whose names are the policy's."""
FORMS: Mapping[str, ReviewForm] = {
    AUDIT: ReviewForm(("客户编号", "本期等级"), (OPINION, SIGNER, SIGNED_ON, REMARK)),
    AGENDA: ReviewForm(("议题",), ("决议", "责任人", "完成期限")),
    "未评级": ReviewForm(("客户编号",), _TREATED),
    "变动": ReviewForm(("客户编号", "本期等级"), (REMARK,)),
    "预警": ReviewForm(("预警", "客户编号"), ("处理", "结果")),
    DUE_LIST: ReviewForm(("客户编号", "到期日", "跟进动作", "内容或承诺"), (OUTCOME, DONE_ON, REMARK)),
    "分类复核提醒": ReviewForm(("客户编号", "重评日期"), _TREATED),
    "例行事项": ReviewForm(("日期", "事项"), _TREATED),
    "下月预警": ReviewForm(("客户编号", "预警"), _TREATED),
    "违约清单": ReviewForm(("客户编号", "日期", "承诺", "差多少"), ("原因", *_TREATED)),
    "整改逾期": ReviewForm(("客户编号", "请求日期", "整改期限", "问题类别"), _TREATED),
    SAMPLE: ReviewForm(
        ("客户编号", "请求时间", "问题类别"), ("响应属实", "解决属实", "回访一致", VERDICT, "核查人", REMARK)
    ),
    "数据问题": ReviewForm(("工作簿", "位置", "问题"), _TREATED),
}
"""The lists by their titles."""

Keys: TypeAlias = tuple[str, ...]


def form_of(title: str, headers: Iterable[str]) -> ReviewForm | None:
    """Return what people fill into a list with these columns; None where it is for reading only. Pure."""
    present = frozenset(headers)
    forms = (FORMS.get(title), CUSTOMER_FORM)
    return next(
        (form for form in forms if form and present.issuperset(form.keys) and not present.isdisjoint(form.fills)), None
    )


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """What people filled into one row: texts by the column's header, and the cell of each."""

    title: str
    keys: Keys
    filled: Mapping[str, str]
    cells: Mapping[str, CellRef] = field(default_factory=dict)

    def ref(self, header: str) -> CellRef:
        """Return the cell of a column; that of another where it is blank. Pure."""
        return self.cells.get(header) or next(iter(self.cells.values()), CellRef(""))


@dataclass(frozen=True, slots=True)
class ReviewEntries:
    """All that was filled into one review workbook, and the period it is of; blank where that cannot be read."""

    file: str
    period: str
    rows: tuple[ReviewRow, ...]


@dataclass(frozen=True, slots=True)
class Approval:
    """A signature for a customer's tier, as the review workbook has it.

    `replaces` is the older one in the scoring sheet that it takes the place of; blank where there was none.
    """

    auditor: str
    audited_on: date
    replaces: str = ""


def key_text(value: object) -> str:
    """Write a cell's value as its row's key has it, whichever program saved the workbook. Pure."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        rounded = value + timedelta(seconds=30)
        return rounded.date().isoformat() if not (rounded.hour or rounded.minute) else f"{rounded:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return f"{round(Decimal(str(value)), 6).normalize():f}"
    return " ".join(str(value).split())


def number_keys(keys: Iterable[Sequence[object]]) -> Iterator[Keys]:
    """Write the keys of a list's rows; the second row of the same key and so on get a number too. Pure."""
    times: Counter[Keys] = Counter()
    for row in keys:
        texts = tuple(map(key_text, row))
        times[texts] += 1
        yield texts if times[texts] == 1 else (*texts, str(times[texts]))
