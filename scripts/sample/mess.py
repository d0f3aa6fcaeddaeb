# ruff: noqa: PLR2004 - figures of a made-up world are its literals
"""The mess real sheets have, planted cell by cell; what is wrong with each is told by `--planted`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from scripts.sample import full_rows as f
from scripts.sample import traditional_rows as t
from scripts.sample.model import AS_OF, YEAR_START, Cell, Planted, Row, Sheet
from scripts.sample.names import identity_number

_TOTAL = "累计交易金额(元)"
_YEAR = "近12个月消费金额"
_WIDE = {ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"}


class Planter:
    """Changes cells of one workbook's tables and remembers each change."""

    def __init__(self, workbook: str, sheets: Mapping[str, Sheet]) -> None:
        """Start on a workbook whose tables are in good order."""
        self._workbook, self._sheets = workbook, sheets
        self.planted: list[Planted] = []

    def put(self, sheet: str, index: int, label: str, value: Cell, what: str) -> None:
        """Put a value into the cell of a row (0-based) and note what is wrong with it."""
        table = self._sheets[sheet]
        table.rows[index][label] = value
        self.planted.append(Planted(self._workbook, sheet, table.address(index, label), what))

    def insert(self, sheet: str, index: int, row: Row, label: str, what: str) -> None:
        """Insert a row before the one at an index; call before `put` touches rows below."""
        self._sheets[sheet].rows.insert(index, row)
        self.planted.append(Planted(self._workbook, sheet, self._sheets[sheet].address(index, label), what))


def into_full(workbook: str, sheets: Mapping[str, Sheet]) -> list[Planted]:
    """Plant the first workbook's problems, under three rows in a hundred."""
    planter = Planter(workbook, sheets)
    _base(planter, sheets[f.BASE])
    _scores(planter, sheets)
    _events(planter, sheets)
    return planter.planted


def into_traditional(workbook: str, sheets: Mapping[str, Sheet]) -> list[Planted]:
    """Plant the second workbook's problems; its one weight that differs from the policy stands in the header."""
    planter = Planter(workbook, sheets)
    scores = sheets[t.SCORES]
    rows = scores.rows
    graded = [index for index, row in enumerate(rows) if row.get(t.R)]
    at = f"{scores.letter(t.POTENTIAL)}{scores.header_row}"
    planter.planted.append(Planted(workbook, t.SCORES, at, "weight 20 % in the header, 15 % in the policy"))
    for index in graded:
        if rows[index]["評估日期"]:
            cell = scores.address(index, "評估日期")
            planter.planted.append(Planted(workbook, t.SCORES, cell, "figures typed last month (資料過期)"))
    planter.put(t.SCORES, graded[33], t.M, "八十萬左右", "money that cannot be read")
    planter.put(t.SCORES, graded[70], t.F, None, "figure blank, nothing to derive it from")
    planter.put(t.SCORES, graded[52], t.LOYALTY, 1, "bare 1: share or percentage")
    bases = sheets[t.BASE].rows
    bases[graded[70]]["消費頻次"] = None
    planter.put(t.BASE, 21, "信息來源人", None, "required cell blank")
    planter.put(t.BASE, 64, "所屬行業", None, "required cell blank")
    planter.put(t.BASE, 97, "合作意向", "待定", "value outside the list")
    planter.put(t.BASE, 40, "首次合作時間", date(2027, 1, 15), "date in the future")
    planter.put(t.TALKS, 260, "日期", "2026/13/05", "date that cannot be read")
    orders = sheets[t.ORDERS].rows
    planter.put(
        t.ORDERS, len(orders) - 3, "金額", _whole(orders[-3]["金額"]) + 24_000, "typed 消費金額 differs from orders"
    )
    rows[graded[12]][t.LOYALTY] = str(rows[graded[12]][t.LOYALTY]).translate(_WIDE | {ord("%"): "％"})
    rows[graded[27]][t.M] = str(rows[graded[27]][t.M]).translate(_WIDE)
    rows[graded[44]][t.R] = f" {rows[graded[44]][t.R]}"
    bases[15]["最後更新日期"] = "2026年10月12日"
    return planter.planted


def _base(planter: Planter, base: Sheet) -> None:
    rows = base.rows
    twice = dict(rows[58]) | {"旧编号": None, "备注": "重新建档"}
    planter.insert(f.BASE, 92, twice, "客户编号", f"客户编号 twice, first at {base.address(58, '客户编号')}")
    planter.insert(f.BASE, len(rows), _variant(rows[131]), "客户名称",
                   f"suspected duplicate of {base.address(131, '客户名称')}: short name, same credit code")  # fmt: skip
    planter.put(f.BASE, 33, "信息来源人", None, "required cell blank")
    planter.put(f.BASE, 74, "核心需求", None, "required cell blank")
    planter.put(f.BASE, 110, "合作意向", "较高", "value outside the list")
    planter.put(f.BASE, 147, "客户类型", "公司", "value outside the list")
    planter.put(f.BASE, 45, "合同到期日", "2027年底", "date that cannot be read")
    planter.put(f.BASE, 139, "备注", f"收货人身份证{identity_number()}", "identity-card number, made up")
    planter.put(f.BASE, 66, "最后更新日期", date(2027, 3, 1), "date in the future")
    code = next(index for index in range(20, 90) if str(rows[index]["统一社会信用代码"])[4:8].isdigit())
    digits = str(rows[code]["统一社会信用代码"])
    wrong = digits[:-1] + ("8" if digits[-1] == "7" else "7")
    planter.put(f.BASE, code, "统一社会信用代码", wrong, "credit code with a wrong check digit")
    known = [index for index, row in enumerate(rows) if isinstance(row.get(_TOTAL), int) and index not in (58, 92)]
    planter.put(f.BASE, known[30], _TOTAL, "八十万左右", "money that cannot be read")
    off = next(index for index in known[40:] if _whole(rows[index][_YEAR]) > 60_000)
    planter.put(f.BASE, off, _YEAR, round(_whole(rows[off][_YEAR]) * 1.18, -2), "typed figure 18 % above the orders")
    _ways_of_writing(rows, known)


def _ways_of_writing(rows: list[Row], known: list[int]) -> None:
    """Type some good values the way people do: all of them can be read."""
    amount = {index: _whole(rows[index][_TOTAL]) for index in known}
    rows[known[7]][_TOTAL] = f"{amount[known[7]]:,}"
    rows[known[15]][_TOTAL] = f"¥{amount[known[15]]:,}.00"
    rows[known[22]][_TOTAL] = f"{amount[known[22]]}元".translate(_WIDE)
    rows[118]["需求类型"] = "产品采购"
    for index in (10, 51, 120):
        rows[index]["客户名称"] = f"{rows[index]['客户名称']} "
    for index, form in ((28, "%Y.%m.%d"), (88, "%Y/%m/%d"), (101, "%Y年%m月%d日")):
        filed = rows[index]["档案建立日期"]
        rows[index]["档案建立日期"] = filed.strftime(form) if isinstance(filed, date) else filed
    for index, row in enumerate(rows):
        phone = str(row["联系方式"])
        if phone.isdigit() and index % 23 == 5:
            row["联系方式"] = int(phone)


def _variant(row: Row) -> Row:
    """Enter a company a second time under its short name and a number of its own."""
    kept = ("客户类型", "行业类型", "区域", "联系人(职位)", "联系方式", "统一社会信用代码", "企业地址",
            "企业规模(人数)", "核心需求", "需求类型", "合作意向", "客户经理", "部门",
            "信息授权", "核对人", "复核人")  # fmt: skip
    short = str(row["客户名称"]).removesuffix("有限公司").removesuffix("股份").removesuffix("(集团)")
    filed: Row = {"档案建立日期": date(2026, 9, 18), "最后更新日期": date(2026, 10, 20), "信息来源人": "展会登记"}
    return {"客户编号": "C2026901", "客户名称": short} | {label: row[label] for label in kept} | filed


def _scores(planter: Planter, sheets: Mapping[str, Sheet]) -> None:
    """Plant in the scoring sheet, and let a few rows be typed for this month already."""
    rows = sheets[f.SCORES].rows
    graded = [index for index, row in enumerate(rows) if row.get("评估日期")]
    planter.put(f.SCORES, graded[25], "评估日期", "九月底", "date that cannot be read")
    planter.put(f.SCORES, graded[80], "行业潜力(权重15%)", "高(行业增速3%)", "label and growth disagree")
    planter.put(f.SCORES, graded[97], "等级", "A类客户", "value outside the list")
    planter.put(f.SCORES, graded[120], "审核人", f.OWNER, "approved by the person who graded")
    chosen = rows[graded[61]]
    year = [row for row in sheets[f.ORDERS].rows
            if row["客户编号"] == chosen["客户编号"] and str(row["日期"]) >= str(YEAR_START)]  # fmt: skip
    days = sorted(row["日期"] for row in year if isinstance(row["日期"], date))
    chosen |= {
        "最近消费时间(R,权重20%)": f"{(AS_OF - days[-1]).days}天",
        "消费频次(F,权重15%)": f"{len(days)}次/年",
        "忠诚度(复购率15%)": len({(day.year, day.month) for day in days}) / 12,
        "评估日期": AS_OF,
        "审核人": None,
        "审核日期": None,
        "财务核对人": None,
    }
    spent = sum(_whole(row["金额"]) for row in year)
    label = "消费金额(M,权重35%)"
    planter.put(f.SCORES, graded[61], label, round(spent * 1.08, -2), "typed for this month, 8 % above the orders")


def _events(planter: Planter, sheets: Mapping[str, Sheet]) -> None:
    """Plant in orders, contacts, requests and overrides; a bad row is skipped alone."""
    talks, orders, service = (sheets[name].rows for name in (f.TALKS, f.ORDERS, f.SERVICE))
    stranger: Row = dict(talks[300]) | {"客户编号": "C2099001", "客户名称": "客户待建档"}
    planter.insert(f.TALKS, 301, stranger, "客户编号", "follow-up of a customer nobody knows")
    planter.put(f.TALKS, 520, "日期", date(2027, 3, 1), "date in the future")
    planter.put(f.TALKS, 610, "跟进方式", "面谈", "value outside the list")
    planter.put(f.TALKS, 411, "日期", "上周", "date that cannot be read")
    typed = {row["客户编号"] for row in sheets[f.BASE].rows if row.get(_TOTAL) or row.get(_YEAR)}
    loose = [index for index, row in enumerate(orders) if row["客户编号"] not in typed]
    planter.put(f.ORDERS, loose[300], "金额", "待定", "money that cannot be read")
    planter.put(f.ORDERS, loose[500], "日期", "2026-02-30", "date that cannot be read")
    planter.put(f.ORDERS, loose[200], "客户编号", None, "order without 客户编号")
    orders[700]["金额"] = f"{_whole(orders[700]['金额']):,}"
    orders[1188]["客户编号"] = f"{orders[1188]['客户编号']} "
    answered = [index for index, row in enumerate(service) if isinstance(row["首次响应时间"], datetime)]
    early = service[answered[150]]["请求时间"]
    if isinstance(early, datetime):
        planter.put(
            f.SERVICE, answered[150], "首次响应时间", early - timedelta(hours=3), "answered before it was asked"
        )
    planter.put(f.SERVICE, answered[210], "满意度", 960, "satisfaction outside 0-100")
    for back, what in (
        (5, "unanswered, recent"),
        (60, "unanswered for over 15 days"),
        (75, "unanswered for over 15 days"),
    ):
        index = answered[-back]
        service[index] |= {"解决时间": None, "是否解决": "否", "是否一次解决": "否", "满意度": None}
        planter.put(f.SERVICE, index, "首次响应时间", None, what)
    plain = [index for index in answered if service[index]["客户编号"] in _ordinary(sheets)]
    planter.put(f.SERVICE, plain[-4], "承诺权益", "高层季度拜访", "benefit above the tier")
    overrides = sheets[f.OVERRIDES].rows
    spare = [row for row in sheets[f.SCORES].rows if row.get("等级") == "普通客户"]
    expired = dict(overrides[0]) | {
        "客户编号": spare[9]["客户编号"],
        "客户名称": spare[9]["客户名称"],
        "理由": "大客户引荐,试行三个月",
    }
    planter.insert(f.OVERRIDES, len(overrides), expired, "有效期至", "override whose end has passed")
    overrides[-1]["有效期至"] = date(2026, 9, 30)
    alone = dict(overrides[0]) | {
        "客户编号": spare[14]["客户编号"],
        "客户名称": spare[14]["客户名称"],
        "理由": "客户要求提高服务等级",
    }
    planter.insert(f.OVERRIDES, len(overrides), alone, "审核人", "override approved by its proposer")
    overrides[-1]["审核人"] = f.OWNER


def _ordinary(sheets: Mapping[str, Sheet]) -> set[Cell]:
    return {row["客户编号"] for row in sheets[f.SCORES].rows if row.get("等级") == "普通客户"}


def _whole(value: Cell) -> int:
    return value if isinstance(value, int) else 0
