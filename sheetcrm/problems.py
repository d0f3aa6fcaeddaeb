"""The messages about people's data, by kind: severity, title, the problem and how to fix it.

`docs/problems.md` is written from this table (`make docs`) and a test compares the two. `problem(...)`
fills the placeholders; callers mask values that could be personal, and pass them through `shown`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sheetcrm.model import CellRef, Problem, Severity, column_letters
from sheetcrm.privacy import hide_numbers
from sheetcrm.text.printable import one_line

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE

LONGEST_SHOWN = 40
MOST_LISTED = 5

SPOILS_A_CELL = frozenset(
    ("cell-error", "formula-uncomputed", "column-unreadable", *(f"{kind}-unreadable" for kind in (
        "money", "frequency", "duration", "recency", "rate", "count", "number", "level", "date", "datetime",
        "month-day",
    )))
)  # fmt: skip
"""The errors of one cell: its row is used all the same, without that figure (practice §1.7)."""


@dataclass(frozen=True, slots=True)
class Message:
    """The message for one kind of problem: its title in lists, and two templates for `str.format`."""

    severity: Severity
    title: str
    what: str
    fix: str


def problem(kind: str, ref: CellRef, further: Iterable[CellRef] = (), /, **values: object) -> Problem:
    """Return the problem of a kind; KeyError for an unknown kind or a missing value. Pure.

    Args:
        kind: One of `MESSAGES`.
        ref: Where it is.
        further: The other cells that have it, where one problem stands for several.
        values: What the placeholders of its message stand for.
    """
    message = MESSAGES[kind]
    cells = tuple(cell for cell in further if cell != ref)
    return Problem(ref, message.severity, kind, message.what.format(**values), message.fix.format(**values), cells)


def title_of(kind: str) -> str:
    """Return the title of a kind of problem or refusal; KeyError for an unknown kind. Pure."""
    message = MESSAGES.get(kind)
    return message.title if message else REFUSALS[kind]


def shown(value: object) -> str:
    """Format a value on one line, in quotes, cut to 40 characters, personal numbers in it hidden. Pure."""
    text = hide_numbers(one_line(str(value)))
    return f"“{text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + '…'}”"


def listed(words: Sequence[str], *, most: int = MOST_LISTED, count: int | None = None) -> str:
    """Join words with 、, with their number where not all are named; `words` may be the first of `count`. Pure."""
    total = len(words) if count is None else count
    if total <= most:
        return "、".join(words)
    return f"{'、'.join(words[:most])}等 {total} 处"


def address(ref: CellRef) -> str:
    """Format a cell's address without its file and sheet: `G12`. Pure."""
    return f"{column_letters(ref.column)}{ref.row or ''}"


_READABLE = {
    "money": ("金额", "请填数字，例如 800000 或 80万元"),
    "frequency": ("频次", "请写成 12次/年、1次/月 这样，或只填一年的次数"),
    "duration": ("时长", "请写成 30天、2个月 这样"),
    "recency": ("日期或天数", "请填日期（如 2026-10-20），或距今天数（如 30天）"),
    "rate": ("比率", "请写成 85% 或 0.85"),
    "count": ("次数", "请填 0 或正整数"),
    "number": ("数值", "请只填数字"),
    "level": ("高低", "请写 高、中 或 低，后面可加增速，例如 高(行业增速15%)"),
    "date": ("日期", "请写成 2026-10-20 这样的完整日期"),
    "month-day": ("月日", "请写成 3月8日、03-08 或 1985-03-08 这样"),
    "datetime": ("时间", "请写成 2026-10-20 09:30 这样"),
}

MESSAGES: Mapping[str, Message] = {
    # --- files
    "file-unreadable": Message(
        ERROR,
        "文件读不了",
        "这个文件读不了：{reason}",
        "请放上工作簿本身，关闭独占它的程序，并确认有读取权限，然后重新运行",
    ),
    "folder-unreadable": Message(
        ERROR, "文件夹读不了", "这个文件夹读不了：{reason}，里面的工作簿没有读", "请确认有读取权限，然后重新运行"
    ),
    "csv-not-read": Message(
        WARNING,
        "没有读 .csv",
        "这是 .csv，没有读",
        "如果里面有客户资料，请用 Excel 或 WPS 打开，另存为 .xlsx 后重新运行",
    ),
    # --- sheets and headers
    "header-twice": Message(
        ERROR,
        "表头重复",
        "{title}的表头里{label}出现了不止一次（{places}），整张表没有读",
        "请只留一列，其余的改名或删去",
    ),
    "header-incomplete": Message(
        WARNING,
        "表头不全",
        "这里像是{title}的表头，但缺少{missing}一列，没有读",
        "请补上这一列；如果本来就不是这种表，可以不理",
    ),
    "column-missing": Message(
        ERROR, "缺少必需的列", "{title}缺少“{label}”一列，整张表没有读", "请补上这一列的表头和内容"
    ),
    "key-note": Message(
        NOTE, "编号后的说明", "客户编号写作{found}，按{key}读，括号里的说明没有用", "如果括号里的字也是编号，请改写编号"
    ),
    "key-by-name": Message(
        NOTE,
        "按名称认客户",
        "没有客户编号，这里按客户名称认客户",
        "名称相同或改过名的客户分不清；请补上“客户编号”，例如 KH-202610001",
    ),
    "column-unused": Message(NOTE, "没有用上的列", "{label}这一列没有用上{nearest}", "{fix}"),
    "sheet-unread": Message(NOTE, "没有读的表", "不认得这张表，没有读{nearest}", "{fix}"),
    "mapping-no-field": Message(
        ERROR,
        "对照到没有的字段",
        "表头{header}对照到{found}，本模板没有这个字段，这一行没有用",
        "请从下拉选项里选一个字段，或选“（不用）”",
    ),
    "mapping-twice": Message(
        ERROR,
        "对照重复",
        "表头{header}对照到{found}，与 {other} 重复，这一行没有用",
        "同一张表里一个表头只能对照一次，一个字段也只能用一次",
    ),
    "mapping-differs": Message(
        WARNING,
        "对照与策略不同",
        "{header}在这里对照到{found}，策略的表头对照里{other}对照到{policy}，按这里的",
        "请改成一致，或只在一处写",
    ),
    "mapping-unconfirmed": Message(
        NOTE, "对照未确认", "这里起有 {count} 行对照还没有确认，没有用", "核对后请在“确认”一列填 是"
    ),
    "key-column-missing": Message(
        ERROR, "没有编号也没有名称", "这里像是{title}，但没有{missing}一列，不知道是谁的，没有读", "请补上这一列"
    ),
    "no-known-sheet": Message(ERROR, "没有认得的表", "没有找到认得的表", "请核对表头。能认的表例如：{known}"),
    "cells-far-away": Message(
        NOTE,
        "远处有单元格",
        "{places} 离表格太远，没有读",
        "如果不需要，请删去这些单元格；求解器（Solver）会留下这样的单元格",
    ),
    "rows-aside": Message(
        NOTE,
        "不是这张表的行",
        "{span}（{found}）不像{title}的资料：{why}；没有读，也不会改",
        "不用改；如果是客户，请照别的行填上资料，中间不留空行",
    ),
    "columns-aside": Message(
        NOTE,
        "不是这张表的列",
        "{columns} 列（{labels}）不像{title}的列：行数和客户对不上，像是旁边的统计或说明；没有读，也不会改",
        "不用改；如果是这张表的列，请移到表的右边紧挨着，每家客户的一行都填上",
    ),
    "rows-below-table": Message(
        WARNING,
        "在“表格”以外",
        "{span}（{found}）在 Excel“表格”（套用格式的区域）的下面，不算在{title}里，没有读",
        "如果是这张表的资料，请拖动“表格”右下角，把这些行包进去",
    ),
    "workbook-copied": Message(
        NOTE,
        "已另存为 .xlsx",
        "这是{format}，已取出各表的值，按 {name} 处理；公式、格式和图表没有带过去，错误值读成空白",
        "请以结果里的 {name} 为准；想保留原样，请先在 Excel 或 WPS 里另存为 .xlsx 再运行",
    ),
    "sheet-hidden": Message(NOTE, "隐藏的表", "这张表是隐藏的，也读了", "如果不该算进来，请移到别的文件"),
    "orders-alone": Message(
        NOTE,
        "只有交易明细",
        "没有基础表也没有打分表，交易明细里的 {count} 家客户另建了一张打分表，结果写在 {name} 里",
        "请把它当作打分表用下去：补上客户名称、行业潜力等列，下次和交易明细一起运行",
    ),
    "sheet-copy": Message(
        NOTE, "重复的表", "这张表和“{original}”一格不差，没有重复读", "不用改；不再需要的副本可以删去"
    ),
    "policy-not-data": Message(
        NOTE,
        "策略工作簿",
        "这是策略，不是客户资料，没有当资料读，也不改写",
        "要按它评，请写 --policy，或写在 sheetcrm.toml 里；不用就移到别的文件夹",
    ),
    "month-chosen": Message(
        NOTE,
        "几个月的打分表",
        "同一批客户有几个月的打分表，这次用 {month} 的这张；{others} 没有评分，没有历史时其中的等级作上期等级",
        "不用改；要评别的月份，请用 --period",
    ),
    "month-earlier": Message(
        WARNING,
        "没有本期的打分表",
        "同一批客户有几个月的打分表，没有 {asked} 的，这次用 {month} 的这张（{others} 没有用）；"
        "这张表原有的等级等列是那个月的结果，新结果只写到副本里",
        "请为 {asked} 另建一张打分表",
    ),
    # --- single cells: what cannot be read is an error of that cell
    **{
        f"{kind}-unreadable": Message(ERROR, f"{what}无法识别", f"{{found}}无法识别为{what}", fix)
        for kind, (what, fix) in _READABLE.items()
    },
    "year-missing": Message(
        NOTE,
        "日期没有年份",
        "“{label}”有 {count} 格没有写年份，读作不晚于 {as_of} 的最近一天，例如{found}读作 {day}",
        "请写成 2026-10-20 这样的完整日期",
    ),
    "yes-no-unreadable": Message(WARNING, "是否看不出", "{found}看不出是“是”还是“否”", "请在下拉里选 是 或 否"),
    "rate-ambiguous": Message(
        WARNING, "比率有歧义", "{found}可以是 100%，也可以是 1%，按 100% 读了", "请写成带百分号的 100% 或 1%"
    ),
    "level-rate-unreadable": Message(
        WARNING, "增速无法识别", "{found}里的增速无法识别，只读了高低", "请写成 高(行业增速15%) 这样"
    ),
    "level-disagrees": Message(WARNING, "高低与增速不符", "{found}的高低和增速对不上，按增速算", "请核对后改成一致"),
    "column-unreadable": Message(
        ERROR,
        "整列无法识别",
        "“{label}”这一列 {total} 格里有 {count} 格无法识别（{fault}），例如 {found}",
        "请核对这一列的表头和单位，看是不是填了别的内容",
    ),
    "day-missing": Message(
        NOTE, "日期缺日", "“{label}”的{found}只写到月，按这个月的最后一天算{others}", "请补上日期，例如 2026-10-20"
    ),
    "time-missing": Message(
        WARNING, "缺少时刻", "{found}只有日期，没有时刻，按当天零点算", "请补上时刻，例如 2026-10-20 09:30"
    ),
    "digits-lost": Message(
        WARNING,
        "数字丢失",
        "“{label}”的{found}按数字保存，16 位以后的数字已经丢失",
        "请把单元格设为文本格式，再重新录入",
    ),
    "cell-error": Message(ERROR, "错误值", "“{label}”里是错误值{found}{others}", "请改正公式，或直接填值"),
    "formula-uncomputed": Message(
        ERROR, "公式未计算", "“{label}”的公式未计算{others}", "请用 Excel 或 WPS 打开，按 F9 重算后保存"
    ),
    "key-unreadable": Message(
        ERROR, "编号无法识别", "“{label}”的{found}不能作编号，这一行没有读", "请把单元格设为文本格式，填上编号"
    ),
    "key-digits-lost": Message(
        ERROR,
        "编号丢位",
        "“{label}”的{found}按数字保存，位数已经丢失，这一行没有读",
        "请把单元格设为文本格式，再重新录入",
    ),
    "key-missing": Message(
        ERROR,
        "缺少编号",
        "“{label}”是空的，这一行没有读",
        "请填上编号，或运行 sheetcrm run --number 由程序按规则编号；如果不是数据，请删去这一行",
    ),
    "numbers-given": Message(
        NOTE,
        "已编号",
        "给 {count} 家没有编号的客户编了号：{numbers}",
        "请核对；以后请用写好编号的工作簿，不要再用没有编号的原表，免得下次编出别的号",
    ),
    "number-withheld": Message(
        WARNING,
        "没有给编号",
        "没有给{found}编号：{why}",
        "请核对：写了两行的合并成一行，是不同客户的把名称写全，或自己填上编号",
    ),
    "number-no-column": Message(
        NOTE,
        "没有编号这一列",
        "这张表没有“客户编号”一列，--number 不会加列，仍按客户名称认客户",
        "要编号，请加一列，表头写“客户编号”，下面空着",
    ),
    "number-cell-kept": Message(
        WARNING,
        "编号没有写",
        "“客户编号”有 {count} 个空格写不了（{why}）：{places}，这些行没有编号",
        "请按原因处理后再运行，或自己填上编号",
    ),
    "required-missing": Message(ERROR, "缺少必填项", "“{label}”是空的，这一行没有读", "请填上“{label}”"),
    # --- rules over records
    "key-twice": Message(
        ERROR, "编号重复", "客户编号{found}在{title}里还出现在 {places}，这些行均未纳入统计", "请合并成一行，或改正编号"
    ),
    "name-twice": Message(
        ERROR,
        "名称重复，没有编号",
        "客户名称{found}在{title}里还出现在 {places}，没有客户编号，分不清是不是同一家，这一行未纳入统计",
        "请加上“客户编号”一列，给这些客户编号，例如 KH-202610001；如果是同一家，请合并成一行",
    ),
    "key-pattern": Message(
        WARNING, "编号不合规则", "“{label}”的{found}不合编号规则{others}", "请核对编号，例如 C2024001；规则可在策略里改"
    ),
    "filing-missing": Message(WARNING, "建档资料不全", "建档要填的“{label}”是空的{others}", "请补上"),
    "filing-columns": Message(
        NOTE, "没有建档要填的列", "基础表没有建档要填的{labels}一栏", "需要时可加上；不加也照样评级"
    ),
    "choice-unknown": Message(NOTE, "不在选项里", "{found}不在“{label}”的选项里{others}", "可选：{choices}"),
    "day-kind-unreadable": Message(ERROR, "休班看不出", "{found}看不出是休还是班", "请填 休 或 班"),
    "keys-spelled": Message(
        NOTE,
        "编号写法不同",
        "{count} 个编号有不同写法，当作同一家客户：{pairs}",
        "不用改；如果不是同一家，请把编号改得不一样",
    ),
    "deal-later": Message(
        WARNING,
        "交易晚于评估日",
        "“{label}”的 {found} 晚于评估日 {as_of}，这一格未采用",
        "请核对年份；日期不错时，请填评估日以前最近的一次，或改用 --as-of",
    ),
    "date-future": Message(ERROR, "日期晚于今天", "“{label}”的 {found} 晚于今天，这一行未纳入统计", "请核对年份和日期"),
    "dates-disorder": Message(WARNING, "日期先后不符", "“{earlier}” {first} 晚于“{later}” {second}", "请核对两个日期"),
    "customer-unknown": Message(
        WARNING,
        "客户未建档",
        "客户编号{found}在基础表和打分表里都没有，这张表有 {count} 行未纳入统计{others}",
        "请核对编号，或先为这家客户建档",
    ),
    "contact-of-class": Message(
        NOTE,
        "一类客户的跟进",
        "有 {count} 行记的是一类客户（例如{found}），{counts}；"
        "不算联系过其中的每一家，也不了结承诺，下一步计划没有排日期",
        "不用改；要记到某几家客户名下，请写他们的编号，用顿号隔开",
    ),
    "prospects-found": Message(
        NOTE,
        "当作未成交",
        "{count} 家客户填了合作意向（{places}），交易的各列都空着，当作尚未成交",
        "如果已经成交，请填上累计交易金额和最近交易时间",
    ),
    "name-differs": Message(
        WARNING, "名称不一致", "客户{key}在这里叫{found}，在 {other} 叫{name}", "请核对是不是同一家，并统一名称"
    ),
    "credit-code-invalid": Message(
        WARNING, "信用代码有误", "{found}不是有效的统一社会信用代码：{reason}", "请对照营业执照核对"
    ),
    "phone-digits": Message(
        WARNING,
        "电话位数不对",
        "“{label}”的{found}位数不对，可能在表格里丢了位{others}",
        "请把单元格设为文本格式，再重新录入 11 位手机号",
    ),
    "weight-differs": Message(
        WARNING,
        "权重与策略不符",
        "“{label}”的表头写权重 {found}%，策略里{policy}，按策略算",
        "请改表头，或在策略里改权重",
    ),
    "weight-unreadable": Message(
        WARNING,
        "表头权重无法识别",
        "“{label}”的表头里，{found}里的权重无法识别，策略里{policy}，按策略算",
        "请写成 0 到 100 之间的百分数，例如 权重20%",
    ),
    "dimension-weight": Message(
        WARNING,
        "维度权重与策略不符",
        "“{label}”（{indicators}）写权重 {found}%，策略的评分卡“{card}”里{policy}，按策略算",
        "请改这里的权重，或在策略里改权重，也可换用另一张评分卡",
    ),
    "standard-figure": Message(
        WARNING,
        "服务标准与策略不符",
        "“{tier}”写着{found}，策略里是{policy}，按策略判定",
        "请改这里的文字，或在策略里改这一等级的标准",
    ),
    "weights-total": Message(
        NOTE, "表头权重合计不符", "表头的权重合计是 {found}%，不是 {total}%", "权重会按合计折算；如果是笔误，请改表头"
    ),
    "policy-weights-total": Message(
        NOTE,
        "策略权重合计不符",
        "评分卡“{card}”的权重合计是 {found}，不是 {total}",
        "得分会按合计折算；如果是笔误，请改策略",
    ),
    "duplicate-suspected": Message(
        WARNING, "疑似同一家", "可能和 {other} 是同一家：{reason}", "请核对；如果是，请合并后只留一个编号"
    ),
    "id-number-found": Message(
        WARNING, "含身份证号", "“{label}”里有身份证号（这里不显示）{others}", "没有业务需要和客户授权，请删去"
    ),
    "home-address-found": Message(
        WARNING, "个人地址未授权", "个人客户登记了地址，但“信息授权”不是“是”{others}", "请取得授权，或删去地址"
    ),
    "same-person": Message(
        WARNING, "两项职责为同一人", "“{first}”和“{second}”是同一个人{how}", "请由另一个人来做“{second}”"
    ),
    "finance-unchecked": Message(
        NOTE, "金额没有财务核对", "“{label}”空着，金额还没有第三个人核对{others}", "请由评估人以外的人核对金额后填上"
    ),
    "filing-unchecked": Message(
        NOTE, "档案没有两人核对", "“{label}”空着{others}", "档案由两个人核对：请由另一位同事核对后填上"
    ),
    "file-not-updated": Message(
        NOTE,
        "档案该更新了",
        "“{label}”是 {found}，以后又跟进过（{contact}）{others}",
        "请按最近的跟进核对档案，改好后填上今天的日期",
    ),
    "finance-same-person": Message(
        NOTE, "财务核对是评估人", "“{label}”就是评估人{others}", "请由评估人以外的人核对金额"
    ),
    "override-invalid": Message(
        WARNING, "人工调整无效", "这条人工调整无效：{reason}", "请补全理由、提出人、另一位审核人和有效期"
    ),
    "override-expired": Message(
        NOTE, "人工调整已到期", "这条人工调整已于 {found} 到期，不再算数", "如需延续，请重新审批并改有效期"
    ),
    "tier-unknown": Message(WARNING, "等级不在策略里", "{found}不是策略里的等级", "请改成：{choices}"),
    "standard-twice": Message(
        WARNING,
        "服务标准不一致",
        "{found}的服务标准在 {other} 还有一份，写得不一样，印前一份",
        "请只留一份，或改成一致",
    ),
    "rate-over-one": Message(
        WARNING, "比率超过 100%", "“{label}”是 {found}，超过 100%", "请核对；85% 请写成 85% 或 0.85"
    ),
    "value-negative": Message(WARNING, "金额为负", "“{label}”是负数 {found}", "请核对后改正"),
    "figure-outlier": Message(
        WARNING,
        "数字差了千倍",
        "“{label}”的 {places} 和这一列的中位数 {median} 相差 1000 倍以上",
        "请核对单位和位数，例如 80 是不是 80万",
    ),
    "order-outlier": Message(
        NOTE, "金额悬殊", "“{label}”的 {places} 和这一列的中位数 {median} 相差 1000 倍以上", "如果单位不一致，请改正"
    ),
    "unit-missing": Message(
        WARNING,
        "没有写单位",
        "“{label}”的 {places} 没有写单位，同一列里别的写了“万”，这里按元算",
        "如果是万元，请写成 35万；如果是元，请写成 35元",
    ),
    "rate-mixed": Message(
        WARNING,
        "小数和百分数混写",
        "“{label}”的 {places} 没有百分号，同一列里别的是小数，这里按百分数算",
        "请统一写成 85% 这样",
    ),
    "satisfaction-undeclared": Message(
        WARNING,
        "满意度没有评分制",
        "“{label}”的分数都不超过 {top}（{places}），看不出是几分制，没有算进去",
        "请把评分制写在表头里，例如 {label}(5分制)、{label}(10分制)、{label}(百分制)，或在策略里定",
    ),
    "satisfaction-range": Message(
        WARNING,
        "满意度超出范围",
        "“{label}”的 {found} 超出 {scale} 的 {low} 到 {high}，没有算进去",
        "请核对后改正；如果用的是另一种评分制，请写在表头里，例如 满意度评分(NPS)",
    ),
    "satisfaction-mixed": Message(
        WARNING,
        "满意度评分制混用",
        "这里的满意度是 NPS，{other} 起是 CSAT：两种评分制不能混用，已分开统计，不合在一起平均",
        "请统一用一种，并写在表头里，例如 满意度评分(CSAT)",
    ),
    "consent-missing": Message(
        NOTE,
        "未取得信息授权",
        "{count} 家客户的“信息授权”不是“是”（{places}），不会生成发给他们的文件",
        "取得授权后请填 是",
    ),
    # --- figures, from the assessment
    "figures-stale": Message(
        WARNING, "数据过期", "这一行的数字是 {dated} 的，早于本期（数据过期）", "请更新数字和评估日期"
    ),
    "figure-mismatch": Message(
        WARNING,
        "与交易明细不符",
        "表内填的是 {found}，按交易明细算是 {derived}，相差超过允许",
        "请与财务核对后改正其中一处",
    ),
    "share-unused": Message(
        NOTE,
        "没有用占比",
        "只有 {count} 家客户，不到 {least} 家，“占本年消费总额”的比例没有用来分类，当作 0",
        "要按占比分类，请在设置表里加“年销售额”；最少客户数可在策略里改",
    ),
    "records-later": Message(
        NOTE, "晚于评估日", "有 {count} 行的日期晚于评估日 {as_of}，这次没有算进去", "不用改；到那一期会算进去"
    ),
    "promise-unreadable": Message(
        NOTE, "承诺日期无法识别", "{found}里的到期日无法识别", "请写成“3日内……”或“5月12日前……”"
    ),
    "promise-pending": Message(
        NOTE,
        "承诺日期待定",
        "{found}要等前面的事发生了才有到期日，按待定记，没有排日期",
        "事情发生后请另记一条跟进，写上日期，例如“5月12日前……”",
    ),
    "grade-changed-by-hand": Message(
        WARNING,
        "等级被手工改过",
        "{period} 的等级评的是{given}，这里是{found}，像是手工改过；这一列由程序填写，已按本期结果重写",
        "要由人来定等级，请在“人工调整”表里登记理由、审核人和有效期",
    ),
    "own-values-replaced": Message(
        WARNING,
        "要改写自己填的值",
        "由程序填写的列里有自己填的值，会换成程序的结果：{columns}",
        "要留着，请加 --keep {keep}（或写进 sheetcrm.toml 的 keep），或先给这列改名；不用留就不必改",
    ),
    "own-days-planned": Message(
        NOTE,
        "自己填的下次跟进日期",
        "“下次跟进日期”里有 {count} 个自己填的日期，都作为约定排进了跟进；这一列从此由程序填写",
        "以后的约定请写进跟进记录的“下一步计划”；这一列要自己填，请加 --keep 下次跟进日期",
    ),
    # --- left alone by the write-back, from its receipt
    "formula-kept": Message(
        WARNING, "公式未覆盖", "“{label}”列有 {count} 个单元格是公式，没有改", "要由 sheetcrm 填写，请先清除这些公式"
    ),
    "merged-kept": Message(
        WARNING, "合并单元格未写", "“{label}”列有 {count} 个单元格是合并单元格，没有改", "请取消合并后再运行"
    ),
    "array-kept": Message(
        WARNING, "数组公式未写", "“{label}”列有 {count} 个单元格属于数组公式，没有改", "请把数组公式移到别的列"
    ),
    "pivot-kept": Message(
        WARNING, "透视表未写", "“{label}”列有 {count} 个单元格属于数据透视表，没有改", "请把透视表移到别的位置"
    ),
    "table-kept": Message(
        WARNING,
        "别的表未写",
        "“{label}”列有 {count} 个单元格属于旁边的另一张表，没有改",
        "请把那张表移到别的位置",
    ),
    "text-too-long": Message(
        WARNING, "文字放不下", "“{label}”列有 {count} 个单元格放不下要写的文字，没有改", "请缩短名称或备注"
    ),
    "sheet-protected": Message(
        NOTE, "工作表有保护", "有的工作表设了保护，结果已写入，保护仍在", "如需手改，请先撤销工作表保护"
    ),
    "table-not-grown": Message(
        WARNING,
        "“表格”未扩大",
        "“表格”（套用格式的区域）还是 {area}，没有包括结果所在的 {columns} 列，因为旁边有别的内容或它取自外部；"
        "用它的按钮排序，只会动它自己的列，结果会错到别的客户旁边",
        "请不要用它的按钮排序；要排序，请先移开旁边的内容，再点“表设计—调整表格大小”，改成 {whole}",
    ),
    "filter-not-grown": Message(
        WARNING,
        "筛选未扩大",
        "自动筛选还是 {area}，没有包括结果所在的 {columns} 列；"
        "用它的按钮排序，只会动它自己的列，结果会错到别的客户旁边",
        "请不要用它的按钮排序；要排序，请点“数据—筛选”取消筛选，选中 {whole}，再点一次“筛选”",
    ),
    "columns-apart": Message(
        NOTE,
        "结果不在表格旁边",
        "表格右边放不下，结果在 {columns} 列",
        "不用改；要让结果紧挨着表格，请在原来的工作簿里把右边的内容移开，再运行",
    ),
    "formula-takes-in": Message(
        WARNING,
        "公式多算了新加的列",
        "有 {count} 个公式（{cells}）的范围包括了新加的 {columns} 列（日期也是数字），"
        "算出来的数可能变了，例如 {formula}",
        "请核对这些公式，把范围改到原来的最后一列为止",
    ),
    "print-area-narrow": Message(
        NOTE,
        "打印区域没有新加的列",
        "打印区域是 {area}，新加的 {columns} 列不会打印",
        "不用改；要一起打印，请重新设置打印区域",
    ),
    "colours-not-set": Message(NOTE, "没有上色", "新加的列没有按等级上色", "不影响使用"),
    "columns-folded-to-fit": Message(
        NOTE,
        "为打印收起的列",
        "这张表按页宽缩放打印，页宽里放不下的新列（等级除外）收在折叠的分组里，印出来的字不会因此变小；没有另设打印区域",
        "要看或要打印这些列，点列标上方的 [+]",
    ),
    # --- what people filled into the review workbook
    "review-unreadable": Message(
        WARNING,
        "评审包读不了",
        "本期的评审包读不了：{reason}，里面填的内容没有带过来",
        "请关闭打开它的程序，确认它没有损坏，再运行一次；换掉之前会先备份",
    ),
    "review-list-unread": Message(
        WARNING,
        "评审包的表头改了",
        "评审包的这张表里找不到表头（{labels}），填的内容没有读",
        "请恢复表头那一行，再运行一次",
    ),
    "review-period-missing": Message(
        WARNING,
        "评审包没有期间",
        "这个评审包里找不到“{label}”，不知道是哪一期的：签字照样核对，别的内容没有带过来",
        "请在总览第一行恢复“{label}”和它右边的期间；旧版本的评审包没有这一格，请把内容抄进本期的评审包",
    ),
    "review-conflict": Message(
        WARNING,
        "两个评审包填得不同",
        "“{label}”和 {other} 填得不同，用了这一格",
        "请在两处填成一样，或只留一个评审包",
    ),
    "review-incomplete": Message(WARNING, "评审包没有填全", "缺{missing}，没有回写", "请补填{missing}，再运行一次"),
    "review-opinion": Message(
        WARNING, "看不懂审核意见", "看不懂“{label}”里的{shown}，没有回写", "请从下拉选项里选：{choices}"
    ),
    "review-date": Message(
        WARNING, "评审包里的日期不能用", "“{label}”{shown}{why}，没有回写", "请改成实际的日期，例如 2026-11-03"
    ),
    "review-own-signature": Message(
        WARNING,
        "评估人自己签字",
        "审核人{shown}和评估人是同一个人（名字一样，掩码后看不出区别的也算），签字没有回写",
        "请由评估人以外的人审核并签字",
    ),
    "review-tier-changed": Message(
        WARNING,
        "签字的等级变了",
        "签的是{signed}，这次是{grade}，签字没有回写",
        "请在审核表里按这次的等级重新审核；这一条不要了，就在“未对上的填写”里删去整行",
    ),
    "review-customer-gone": Message(
        WARNING,
        "评审包里的客户不在册",
        "这次的工作簿里没有客户{shown}（或者它的行没有读），没有回写",
        "请把它所在的工作簿一起给出；不要了就删去这一行",
    ),
    "review-no-row": Message(
        WARNING, "没有打分表可签", "这家客户没有打分表的行，签字没有回写", "请在客户分级评估打分表里给它加一行"
    ),
    "review-cell-taken": Message(
        WARNING,
        "已有别的签字",
        "打分表里审核人、审核日期已填（{shown}），仍有效或不早于评审包的签字，没有回写",
        "请核对；以评审包为准的话，先清空打分表的这两格（{place}），再运行一次",
    ),
    "review-returned-signed": Message(
        WARNING,
        "退回的等级已签字",
        "评审包里退回，打分表里却已有有效的签字（{shown}）：等级仍算已审核",
        "确实退回的，请清空打分表的审核人和审核日期（{place}）",
    ),
    "review-not-promised": Message(
        NOTE,
        "不是跟进记录里的承诺",
        "填了完成，但这一项不出自跟进记录的下一步计划：只记在历史里，跟进次数不变",
        "请在客户跟进记录表补记这次跟进",
    ),
    "review-several-promises": Message(
        WARNING,
        "一行里有几个承诺",
        "这条跟进记录的下一步计划里有几个承诺，只填了其中一个的完成，没有回写",
        "请把同一条记录（{place}）的几项都填上，或直接改跟进记录",
    ),
    "recalculated-on-open": Message(
        NOTE, "打开时重算", "这个工作簿里有公式，下次打开时会全部重算", "打开后保存一次即可"
    ),
    "pivot-needs-refresh": Message(
        NOTE, "透视表待刷新", "这个工作簿里有数据透视表", "打开后点“全部刷新”，透视表才会用上新结果"
    ),
}

REFUSALS: Mapping[str, str] = {
    # --- not read, so nothing of it is counted
    "address-unreadable": "地址读不通",
    "customers-too-many": "客户太多",
    "headers-too-many": "像表头的太多",
    "part-duplicated": "部件重复",
    "part-missing": "缺少部件",
    "part-name-unsafe": "部件名不安全",
    "parts-overlap": "部件重叠",
    "parts-too-many": "部件过多",
    "sheet-listed-twice": "工作表重复",
    "sheet-too-sparse": "内容隔得太开",
    "workbook-damaged": "文件已损坏",
    "workbook-empty": "文件是空的",
    "workbook-encrypted": "文件有密码",
    "workbook-et": ".et 读不了",
    "workbook-needs-memory": "读它占内存过多",
    "workbook-needs-time": "读它用时过长",
    "workbook-not-copied": "不能另存为 .xlsx",
    "workbook-not-excel": "不是 Excel 文件",
    "workbook-ods": ".ods 读不了",
    "workbook-stops-reader": "读取意外中止",
    "workbook-too-large": "文件过大",
    "workbook-xls": ".xls 读不了",
    "workbook-xlsb": ".xlsb 读不了",
    "xml-damaged": "内容已损坏",
    "xml-doctype": "有实体声明",
    "xml-encoding": "编码不对",
    "xml-token-too-long": "标记过长",
    "xml-too-large": "结构过大",
    # --- read and counted, but not written back
    "cells-out-of-order": "单元格次序不对，未回写",
    "rows-out-of-order": "行次序不对，未回写",
    "sheet-full": "工作表已满，未回写",
    "sheet-missing": "没有这张表，未回写",
    "sheet-not-worksheet": "不是普通工作表，未回写",
    "sheet-xml-odd": "写法特别，未回写",
    "workbook-signed": "有数字签名，未回写",
}
"""The titles of refusals of a whole workbook, by the kinds of `errors.WorkbookError`."""
