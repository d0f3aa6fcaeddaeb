"""The lines of the practice's book on grades, signatures, classes and alerts, by hand (practice §1.2, §3 to §7)."""

from __future__ import annotations

from tests.practice_book import KEY, PLAIN, PROSPECT, VIP, WATCH, Contact, Line, monthly

ORDINARY = (
    Line("T01", "§4.1: 18 + 11.25 + 35 + 15 + 12.75", VIP, always="92.0"),
    Line("T02", "§4.1: 18 + 11.25 + 29.75 + 11.25 + 9 = 79.25, half up", KEY, always="79.3"),
    Line("T03", "§4.1: 18 + 9 + 21 + 7.5 + 7.5", PLAIN, always="63.0"),
    Line("T04", "§4.1: 18 + 4.5 + 10.5 + 3 + 3", WATCH, always="39.0"),
)
FLOORS = (
    Line("T05", "§4.4: 79.25 + 71 % × 15 = 89.90", VIP, {"忠诚度": "71%"}, always="重点客户 89.9"),
    Line("T06", "§4.1: 79.25 + 10.71 = 89.96 is rounded before the tier", VIP, {"忠诚度": "71.4%"}, always="90.0"),
    Line(
        "T07", "§4.4: 18 + 11.25 + 21 + 11.25 + 8.4 = 69.90", KEY, {"消费金额": "8万元", "忠诚度": "56%"},
        always="普通客户 69.9 低价值", tiers="核心级 低价值 重点客户",
    ),
    Line(
        "T08", "§4.4: 61.5 + 8.46 = 69.96", KEY, {"消费金额": "8万元", "忠诚度": "56.4%"},
        always="70.0 低价值", tiers="核心级 低价值 重点客户",
    ),
    Line(
        "T09", "§4.4: 18 + 9 + 10.5 + 7.5 + 4.89 = 49.89", WATCH,
        {"消费频次": "6次/年", "行业潜力": "低", "忠诚度": "32.6%"}, always="49.9",
    ),
    Line(
        "T10", "§4.4: 45 + 4.95 = 49.95", WATCH,
        {"消费频次": "6次/年", "行业潜力": "低", "忠诚度": "33%"}, always="普通客户 50.0",
    ),
    Line("T11", "§4.3: 64.25 of 70 points, the least coverage", VIP, {"行业潜力": None, "忠诚度": None}, always="91.8"),
    Line(
        "T12", "§2: the rate in brackets decides over 高: 75 points", VIP, {"行业潜力": "高(行业增速8%)"},
        always="重点客户 88.3",
    ),
    Line(
        "T13", "§2: 每月, 0.8百万, 八成五", VIP,
        {"消费频次": "每月", "消费金额": "0.8百万", "忠诚度": "八成五"}, always="92.0",
    ),
)  # fmt: skip
MOVEMENTS = (
    Line(
        "M01", "§9: one tier up in October", WATCH,
        later={10: {"消费金额": "8万元", "消费频次": "6次/年", "行业潜力": "低", "忠诚度": "50%"}},
        october="普通客户 63.0 升 待审核", november="普通客户 63.0 平 待审核",
    ),
    Line(
        "M02", "§9: down in October (18+11.25+21+11.25+3), down again in November (18+4.5+10.5+11.25+3)", KEY,
        later={10: {"消费金额": "8万元", "忠诚度": "20%"}, 11: {"消费金额": "3万元", "消费频次": "2次/年"}},
        october="普通客户 64.5 降 待审核 低价值", november="观察客户 47.3 降 待审核 低价值；预警 风险信号-频次减半",
        tiers="核心级 低价值 重点客户",
    ),
    Line(
        "M03", "§9: on file since October", PLAIN, {"首次合作时间": "10-08", "档案建立日期": "10-08"}, months=(10, 11),
        later={11: {"审核日期": "11-12"}}, contacts=monthly(months=(10, 11)),
        october="新 待审核 新客户 合作初 无数据", november="平 已签字 新客户 合作初 无数据",
    ),
    Line("M04", "§3: 转出 in October", PLAIN, months=(9,)),
    Line(
        "M05", "§4.3: no 消费金额 in September, and a total is no year's figure", KEY, {"消费金额": None},
        later={10: {"消费金额": "30万元"}, 11: {"审核日期": "11-10"}},
        september="待补充资料 无变动 免签 价值未归类 无数据", october="新 79.3 待审核", november="平 已签字",
    ),
    Line(
        "M06", "§1.6: 人工调整 until the as-of date itself, and no longer", PLAIN,
        overrides=(("VIP客户", "李强", "10-31"),),
        september="VIP客户 63.0；深度沟通 10-20 赵敏", october="VIP客户 平",
        november="普通客户 降 待审核；不排 深度沟通",
    ),
    Line("M07", "§1.6: proposed and audited by one person: invalid", PLAIN, overrides=(("VIP客户", "赵敏", "12-31"),)),
    Line("M08", "§1.6: ended the day before", PLAIN, overrides=(("VIP客户", "李强", "09-29"),)),
    Line("M09", "§1.6: 人工调整 downwards", KEY, overrides=(("观察客户", "李强", "12-31"),), always="观察客户"),
    Line(
        "M10", "§3, §6.1: orders alone, 5万 a month: 18 + 11.25 + 35 + 15 + 15; 累计 and a year in October", VIP,
        {
            "最近消费时间": None, "消费频次": None, "消费金额": None, "忠诚度": None, "订单增长率": None,
            "累计交易金额": None, "首次合作时间": "2025-10-20", "推荐人": "I01",
        },
        orders=(
            *((f"2025-{month}-20", 50_000) for month in (10, 11, 12)),
            *((f"{month:02}-20", 50_000) for month in range(1, 12)),
        ),
        september="94.3 稳定客户", october="94.3 战略客户；预警 阶段变化", november="94.3 战略客户",
    ),
)  # fmt: skip
SIGNATURES = (
    Line(
        "S01", "§1.2: VIP signed in September is 重点 in October (18+11.25+29.75+15+12.75), signed anew in November",
        VIP,
        later={10: {"消费金额": "30万元"}, 11: {"审核日期": "11-05"}},
        october="重点客户 86.8 降 待审核 中价值", november="重点客户 平 已签字 中价值", tiers="普通级 中价值 普通客户",
    ),
    Line("S02", "§1.2: signed the day before the tier was given", VIP, {"审核日期": "09-29"}, always="待审核"),
    Line(
        "S03", "§1.2: masked names that read the same are one person", VIP, {"评估人": "张*", "审核人": "张*"},
        always="待审核",
    ),
    Line("S04", "§1.2: 張* is 张*", KEY, {"评估人": "张*", "审核人": "張*"}, always="待审核"),
    Line(
        "S05", "§1.2: the first run takes over 评估日期 beside an unchanged 等级", VIP,
        {"等级": "VIP客户", "评估日期": "09-05", "审核日期": "09-06"},
        later={10: {"等级": None, "评估日期": "10-31"}, 11: {"评估日期": "11-30"}}, september="平",
    ),
    Line(
        "S06", "§3, §1.2: 10天 of 20 August is 51 days old: 16+11.25+35+15+12.75; a quarter later due again", VIP,
        {"最近消费时间": "10天", "等级": "VIP客户", "评估日期": "08-20", "审核日期": "08-25"},
        later={10: {"最近消费时间": "30天", "等级": None, "评估日期": "10-31"}, 11: {"评估日期": "11-30"}},
        september="平 90.0", november="待审核",
    ),
    Line(
        "S07", "§1.2: due for re-grading on 20 November and signed anew on the 25th", VIP,
        {"最近消费时间": "10天", "等级": "VIP客户", "评估日期": "08-20", "审核日期": "08-25"},
        later={
            10: {"最近消费时间": "30天", "等级": None, "评估日期": "10-31"},
            11: {"评估日期": "11-30", "审核日期": "11-25"},
        },
        september="平 90.0",
    ),
    Line("S08", "§1.2: nobody signed", WATCH, {"审核人": None, "审核日期": None}, always="待审核"),
)  # fmt: skip
NEVER = monthly(months=())
STAGES = (
    Line(
        "C01", "§6.2, §8: 潜在, intent 高: 15 days; 5 October and 5 December are days off", PROSPECT,
        {"合作意向": "高"},
        september="意向跟进 09-30 销售团队；只排 意向跟进、档案复核", october="意向跟进 11-04 销售团队",
        november="意向跟进 12-04 销售团队",
    ),
    Line(
        "C02", "§8: intent 中: a month", PROSPECT,
        september="意向跟进 10-20 销售团队", october="意向跟进 11-20 销售团队", november="意向跟进 12-18 销售团队",
    ),
    Line(
        "C03", "§8: intent blank, a total of 0: a month; no intent, no 潜在", PROSPECT,
        {"合作意向": None, "累计交易金额": "0"}, always="阶段未归类", september="意向跟进 10-20 销售团队",
    ),
    Line(
        "C04", "§8: intent 低: a quarter", PROSPECT, {"合作意向": "低"}, september="意向跟进 12-18 销售团队",
    ),
    Line(
        "C05", "§4.3: a prospect buys 6万 on 15 October: (18+2.25+21+1.25) of 85, then (16+2.25+21+1.25)", PROSPECT,
        orders=(("10-15", 60_000),), september="不排 满意度调研",
        october="普通客户 50.0 新 待审核 低价值 新客户 合作初 活跃；预警 阶段变化",
        november="观察客户 47.6 降 待审核 低价值 新客户 合作初 活跃", tiers="普通级 低价值 普通客户",
    ),
    Line(
        "C06", "§6.2: six months on 15 October", PLAIN,
        {"首次合作时间": "04-15", "档案建立日期": "04-15", "推荐人": "I01"},
        september="新客户", october="稳定客户 已签字；预警 阶段变化",
    ),
    Line(
        "C07", "§6.2: 24 months on 30 September, 深度绑定", PLAIN, {"首次合作时间": "2024-09-30", "深度绑定": "是"},
        always="战略客户",
    ),
    Line(
        "C08", "§6.2: 24 months on 15 October, 深度绑定", PLAIN, {"首次合作时间": "2024-10-15", "深度绑定": "是"},
        october="战略客户；预警 阶段变化", november="战略客户",
    ),
    Line(
        "C09", "§6.2, §8: three months without a purchase on 30 September: only 挽回联系 (12+61.25, then 8+61.25)", KEY,
        {"最近消费时间": "2026-06-30"}, always="流失客户 合作后 流失；预警 流失预警-消费；只排 挽回联系",
        september="重点客户 73.3；挽回联系 10-20 客服团队；重评 2027-03-30",
        october="普通客户 69.3 降 待审核；挽回联系 11-20 客服团队",
        november="普通客户 69.3 待审核；挽回联系 12-18 客服团队",
        tiers="普通级 中价值 普通客户",
    ),
    Line(
        "C10", "§6.2: not yet three months: 沉睡, a label and no alert; lost in October", KEY,
        {"最近消费时间": "2026-07-01"},
        september="73.3 沉睡", october="普通客户 69.3 降 待审核 流失客户 合作后 流失；预警 流失预警-消费 阶段变化",
        november="普通客户 69.3 待审核 流失客户 合作后 流失；预警 流失预警-消费", tiers="普通级 中价值 普通客户",
    ),
    Line(
        "C11", "§7: always two months without a purchase: only 沉睡 (14+61.25)", KEY, {"最近消费时间": "65天"},
        always="75.3 沉睡",
    ),
    Line(
        "C12", "§6.2: no purchase but a contract in force: not lost, not 稳定 either", KEY,
        {"最近消费时间": "100天", "合同到期日": "2027-06-30"}, always="73.3 阶段未归类 沉睡",
        tiers="普通级 中价值 普通客户",
    ),
    Line(
        "C13", "§6.2, §8: 挽回 three months ago: 休眠, only 信息更新 (4+4.5+10.5+3+3)", WATCH,
        {"最近消费时间": "2026-01-15"},
        contacts=(*monthly(), Contact("06-21", "电话", "挽回沟通")),
        always="25.0 休眠客户 合作后 流失；预警 流失预警-消费；只排 信息更新", september="信息更新 2027-03-19 客服团队",
    ),
    Line(
        "C14", "§6.2: 流失 becomes 休眠 on 21 October", WATCH, {"最近消费时间": "2026-01-15"},
        contacts=(*monthly(), Contact("07-21", "电话", "挽回沟通")), always="合作后 流失；预警 流失预警-消费",
        september="流失客户；只排 挽回联系", october="休眠客户；预警 流失预警-消费 阶段变化；只排 信息更新",
        november="休眠客户",
    ),
    Line(
        "C15", "§6.2: won back in October", KEY, {"最近消费时间": "2026-06-01"}, later={10: {"最近消费时间": "10天"}},
        september="普通客户 69.3 流失客户 合作后 流失；预警 流失预警-消费",
        october="重点客户 79.3 升 待审核；预警 阶段变化", november="待审核",
    ),
)  # fmt: skip
VALUES = (
    Line("C16", "§6.1: 10万 is 中价值", PLAIN, {"消费金额": "10万元"}, always="中价值", tiers="普通级 中价值 普通客户"),
    Line("C17", "§6.1: a yuan less than 10万 is not", PLAIN, {"消费金额": "99,999"}, always="低价值"),
    Line(
        "C18", "§6.1: 50万 is 高价值 (18+11.25+35+11.25+9)", KEY, {"消费金额": "50万元"}, always="84.5 高价值",
        september="重评 2026-12-30", tiers="核心级 高价值 重点客户",
    ),
    Line("C19", "§6.1: a yuan less than 50万 is not", KEY, {"消费金额": "499999元"}, always="79.3 中价值"),
    Line(
        "C20", "§6.1, §6.2: 累计50万 and twelve months on 15 October", KEY,
        {"累计交易金额": "50万元", "首次合作时间": "2025-10-15"}, september="不排 深度沟通",
        october="高价值 战略客户；预警 阶段变化；深度沟通 11-20 赵敏", november="高价值 战略客户",
        tiers="普通级 高价值 普通客户",
    ),
    Line(
        "C21", "§6.4: over 15 % of the year's book", VIP, {"消费金额": "900万元", "累计交易金额": "900万元"},
        tiers="战略级 高价值 普通客户",
    ),
    Line(
        "C22", "§6.4, §8: 行业标杆 is 战略级, and visited by executives", PLAIN, {"行业标杆": "是"},
        september="高层拜访 12-18 企业高管", tiers="战略级 低价值 普通客户",
    ),
    Line("C23", "§6.4: 生态协同 is 战略级", WATCH, {"生态协同": "是"}, tiers="战略级 低价值 普通客户"),
    Line(
        "C24", "§6.4, §8: growth of 15 % and under 10万 is 潜力级 (39-3+15): 能力共建 by name", WATCH,
        {"行业潜力": "高(行业增速15%)"}, contacts=(*monthly(), Contact("08-05", "邮件", "寄送白皮书")),
        always="普通客户 51.0", september="能力共建 11-05 赵敏；不排 产品更新推送", october="能力共建 11-05 赵敏",
        november="能力共建 11-05 赵敏 逾期25天→主管", tiers="潜力级 低价值 普通客户",
    ),
    Line("C25", "§6.4: 14.9 % is not (39-3+11.25)", WATCH, {"行业潜力": "高(行业增速14.9%)"}, always="47.3"),
    Line(
        "C26", "§6.5: 80万, 24 months and 行业标杆", VIP,
        {"首次合作时间": "2024-06-03", "累计交易金额": None, "行业标杆": "是"}, tiers="战略级 高价值 战略客户",
    ),
    Line(
        "C27", "§3: no figures and no order in a book that has 交易明细: never bought, and no intent either", PROSPECT,
        {"合作意向": None, "档案建立日期": "08-11"}, contacts=NEVER,
        always="阶段未归类 潜在 无数据；预警 从未联系；只排 意向跟进、档案复核",
        september="意向跟进 09-11 销售团队 逾期19天→主管", october="意向跟进 09-11 销售团队 逾期50天→主管",
        november="意向跟进 09-11 销售团队 逾期80天→主管；档案复核 11-11 赵敏 逾期19天→主管",
    ),
    Line(
        "I01", "§3: referred within 12 months: C06 and M10, in October C06 alone", PLAIN, september="推荐 2",
        october="推荐 1",
    ),
)  # fmt: skip


def asked(day: str, answer: str | None, **more: object) -> dict[str, object]:
    """A request and its first answer, solved with it."""
    return {"请求时间": day, "首次响应时间": answer, "解决时间": answer, "是否解决": "是" if answer else "否", **more}


def scored(day: str, score: int) -> dict[str, object]:
    """A request answered and solved within the hour, with its 满意度 of 100."""
    return asked(f"{day} 10:00", f"{day} 10:40", 满意度=score)


def monthly_orders(before: int, since: int) -> tuple[tuple[str, object], ...]:
    """Return an order on the 10th of each month from April on, of another amount from July on."""
    return tuple((f"{month:02}-10", before if month < 7 else since) for month in range(4, 12))


ALERTS = (
    Line(
        "A01", "§7: the customer names a competitor: 红, and not 稳定", PLAIN,
        contacts=(*monthly(), Contact("09-21", "电话", "回访", "客户考虑竞品")),
        always="阶段未归类 红；预警 风险-重度",
    ),
    Line("A02", "§7: denied", PLAIN, contacts=(*monthly(), Contact("09-21", "电话", "回访", "没有考虑竞品"))),
    Line(
        "A03", "§5, §7: 普通 is answered within 24 hours; 35 are late, for 30 days", PLAIN,
        services=(asked("09-28 09:00", "2026-09-29 20:00"),), september="黄；预警 风险-轻度",
    ),
    Line(
        "A04", "§7: unanswered over 15×24 hours: 中度, a sign of churn", PLAIN,
        services=(asked("09-14 10:00", "2026-10-01 09:00"),),
        september="阶段未归类 黄；预警 反馈未回应 风险-轻度 风险-中度", october="预警 阶段变化",
    ),
    Line(
        "A05", "§7: unanswered for 13 days: not yet 中度", PLAIN, services=(asked("09-17 10:00", "2026-10-01 09:00"),),
        september="黄；预警 反馈未回应 风险-轻度",
    ),
    Line(
        "A06", "§7: satisfaction under 85 twice, and better in October", PLAIN,
        services=(scored("2026-08-10", 80), scored("2026-09-10", 82), scored("2026-10-12", 95)),
        september="红；预警 满意度预警",
    ),
    Line("A07", "§7: 85 is not under 85", PLAIN, services=(scored("2026-08-10", 85), scored("2026-09-10", 85))),
    Line(
        "A08", "§7: a complaint in the period", PLAIN,
        services=(asked("09-12 10:00", "2026-09-12 10:40", 问题类别="投诉"),), september="预警 投诉",
    ),
    Line(
        "A09", "§7: two months of half: 消费骤降; -42 %; steady again in October, still -67 and -70 %", KEY,
        orders=(
            ("04-10", 80_000), ("05-10", 80_000), ("06-10", 80_000), ("07-10", 80_000),
            ("08-10", 40_000), ("09-10", 20_000), ("10-10", 20_000), ("11-10", 20_000),
        ),
        september="阶段未归类 已签字；预警 消费骤降 金额波动-降；重评 2026-09-30",
        october="稳定客户 已签字；预警 金额波动-降 阶段变化", november="预警 金额波动-降",
    ),
    Line(
        "A10", "§7: 39万 after 30万 is +30 %", KEY, september="预警 金额波动-升",
        orders=monthly_orders(100_000, 130_000),
    ),
    Line(
        "A11", "§7: +29 % is not", KEY,
        orders=monthly_orders(100_000, 129_000),
    ),
    Line(
        "A12", "§7: 需求类型 changes in October", PLAIN, later={10: {"需求类型": "解决方案型"}},
        october="预警 需求类型变化",
    ),
    Line("A13", "§7: two months without a new need", PLAIN, needs=("07-30", "10-15"), september="预警 需求激活预警"),
    Line(
        "A14", "§7: a VIP of two managers in September", VIP,
        contacts=(*monthly(), Contact("09-15", "电话", "询价", by="孙丽")),
        september="预警 多人对接",
    ),
    Line("A15", "§7: an engineer is no manager, 趙敏 is 赵敏", VIP, contacts=(
        *monthly(), Contact("09-15", "电话", "调试", by="周工"), Contact("09-16", "电话", "询价", by="趙敏"),
    )),
    Line(
        "A16", "§7: 观察 is granted what VIP is promised", WATCH,
        services=(asked("09-08 10:00", "2026-09-08 12:00", 承诺权益="每季度高层拜访"),), september="预警 越级承诺",
    ),
    Line(
        "A17", "§5, §7: 普通 has no discount", PLAIN,
        services=(asked("09-08 10:00", "2026-09-08 12:00", 已用折扣="5%"),), september="预警 越级承诺",
    ),
    Line(
        "A18", "§7: never re-graded, since nothing can be: 等级滞后 after VIP's quarter", WATCH,
        {
            "最近消费时间": None, "消费频次": None, "消费金额": None, "忠诚度": None,
            "等级": "VIP客户", "评估日期": "05-20",
        },
        always="待补充资料 无变动 免签 价值未归类 无数据；预警 等级滞后；重评 2026-08-20",
        tiers="待补充资料 待补充资料 普通客户",
    ),
    Line(
        "A19", "§7: repaired on 10 September, a need raised within the month", PLAIN,
        risks=(("09-01", "预算削减", "09-10"),), needs=("10-05",), september="预警 修复验证",
    ),
    Line(
        "A20", "§7: repaired, and nothing better: diagnosed again", PLAIN, risks=(("09-01", "预算削减", "09-10"),),
        september="预警 修复验证", october="预警 重新诊断",
    ),
    Line("A21", "§7: a risk not repaired", PLAIN, risks=(("09-15", "预算削减", ""),), always="预警 风险信号"),
    Line("A22", "§4.4: an order of 20万 in October", KEY, orders=(("10-12", 200_000),), october="预警 升级评估-大单"),
    Line(
        "A23", "§4.4, §6.4: asks for complex features: 核心级", PLAIN,
        contacts=(*monthly(), Contact("09-15", "电话", "询价", "询问二次开发")),
        always="预警 升级评估-复杂功能", september="服务回顾 10-20 赵敏", tiers="核心级 低价值 普通客户",
    ),
    Line(
        "A24", "§7: one contact after three: health 黄", PLAIN,
        contacts=(*monthly(months=(4, 5, 6, 9, 10, 11)), Contact("10-08", "电话", "询价")),
        september="黄；预警 风险信号-联系减少",
    ),
    Line(
        "A25", "§7: no contact for three months is not 从未联系; a sign of churn", PLAIN,
        contacts=(Contact("03-25", "拜访", "满意度"),), always="阶段未归类 无数据；预警 流失预警-联系",
        september="满意度调研 06-25 赵敏 逾期97天→主管", october="满意度调研 06-25 赵敏 逾期128天→主管",
        november="满意度调研 06-25 赵敏 逾期158天→主管",
    ),
    Line("A26", "§7: 86 after 95 and 95 is 6 under the customer's mean", PLAIN, services=(
        scored("2026-07-10", 95), scored("2026-08-10", 95), scored("2026-09-10", 86),
    ), always="预警 风险信号-满意度走低"),
    Line(
        "A27", "§4.4: no purchase and no contact for three months only reminds: 73.3 stays 重点", KEY,
        {"最近消费时间": "100天"}, contacts=(Contact("03-25", "拜访"),),
        always="重点客户 73.3 流失客户 合作后 流失 无数据；预警 流失预警-消费 流失预警-联系",
        september="挽回联系 04-24 客服团队 逾期159天→总监", october="挽回联系 04-24 客服团队 逾期190天→总监",
        november="挽回联系 04-24 客服团队 逾期220天→总监", tiers="普通级 中价值 普通客户",
    ),
    Line("A28", "§4.4: three complaints in 12 months only remind", PLAIN, services=tuple(
        asked(f"{day} 10:00", f"2026-{day} 10:40", 问题类别="投诉") for day in ("03-10", "05-11", "07-10")
    )),
)  # fmt: skip
LINES = (*ORDINARY, *FLOORS, *MOVEMENTS, *SIGNATURES, *STAGES, *VALUES, *ALERTS)
