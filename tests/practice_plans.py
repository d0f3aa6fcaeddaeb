"""The lines of the practice's book on what is due, when, whose it is and who is told (practice §8), worked out by hand.

The book's oldest follow-up is of Friday, 20 March 2026. Days off are those China announced for 2026: 25 to 27 September
and 1 to 7 October; Sunday, 20 September and Saturday, 10 October are working days.
"""

from __future__ import annotations

from tests.practice_book import KEY, PLAIN, PROSPECT, VIP, WATCH, Contact, Line, monthly, without

NOBODY: tuple[Contact, ...] = ()
FILED = {"档案建立日期": "08-11"}
NEVER = (
    Line(
        "N01", "§8: a VIP on file since 11 August, never contacted", VIP, FILED, contacts=NOBODY,
        always="无数据；预警 从未联系",
        september="深度沟通 09-11 赵敏 逾期19天→总监；高层拜访 11-11 企业高管；满意度调研 11-11 赵敏",
        october="深度沟通 09-11 赵敏 逾期50天→总监；高层拜访 11-11 企业高管",
        november="深度沟通 09-11 赵敏 逾期80天→总监；高层拜访 11-11 企业高管 逾期19天→总监",
    ),
    Line(
        "N02", "§8: a 重点; 45 days from 11 August is a day off: the day before", KEY, FILED, contacts=NOBODY,
        always="无数据；预警 从未联系",
        september="服务回顾 09-11 赵敏 逾期19天→总监；常规沟通 09-24 赵敏 逾期6天→主管",
        october="服务回顾 09-11 赵敏 逾期50天→总监；常规沟通 09-24 赵敏 逾期37天→总监",
        november="服务回顾 09-11 赵敏 逾期80天→总监；常规沟通 09-24 赵敏 逾期67天→总监",
    ),
    Line(
        "N03", "§8: a 普通: a quarter; nobody tells the 总监", PLAIN, FILED, contacts=NOBODY,
        always="无数据", september="满意度调研 11-11 赵敏；产品更新推送 11-11 客服团队",
        october="满意度调研 11-11 赵敏",
        november="预警 从未联系；满意度调研 11-11 赵敏 逾期19天→主管；产品更新推送 11-11 客服团队 逾期19天→主管",
    ),
    Line(
        "N04", "§8: a 观察: a quarter", WATCH, FILED, contacts=NOBODY, always="无数据",
        september="销售跟进 11-11 赵敏", october="销售跟进 11-11 赵敏",
        november="预警 从未联系；销售跟进 11-11 赵敏 逾期19天→主管",
    ),
    Line(
        "N05", "§8: on file before the book's records: not before their first day", VIP, contacts=NOBODY,
        always="无数据；预警 从未联系", september="深度沟通 03-20 赵敏 逾期194天→总监",
        october="深度沟通 03-20 赵敏 逾期225天→总监", november="深度沟通 03-20 赵敏 逾期255天→总监",
    ),
    Line(
        "N06", "§8: a prospect of 高, 15 days: a day off", PROSPECT, {"合作意向": "高", "档案建立日期": "09-10"},
        contacts=NOBODY, always="潜在 无数据；预警 从未联系", september="意向跟进 09-24 销售团队 逾期6天→主管",
        october="意向跟进 09-24 销售团队 逾期37天→主管", november="意向跟进 09-24 销售团队 逾期67天→主管",
    ),
    Line(
        "N07", "§8: a prospect of 低: Saturday, 10 October is worked", PROSPECT,
        {"合作意向": "低", "档案建立日期": "07-10"},
        contacts=NOBODY, always="潜在 无数据", september="意向跟进 10-10 销售团队",
        october="预警 从未联系；意向跟进 10-10 销售团队 逾期21天→主管",
        november="预警 从未联系；意向跟进 10-10 销售团队 逾期51天→主管",
    ),
    Line(
        "N08", "§8: a 流失 never contacted", WATCH, {"最近消费时间": "2026-05-10", "档案建立日期": "08-11"},
        contacts=NOBODY,
        always="流失客户 合作后 流失 无数据；预警 流失预警-消费 从未联系；只排 挽回联系",
        september="挽回联系 09-11 客服团队 逾期19天→总监", october="挽回联系 09-11 客服团队 逾期50天→总监",
        november="挽回联系 09-11 客服团队 逾期80天→总监",
    ),
    Line(
        "N09", "§8: a VIP since October counts from the day it became one; so does 满意度调研", PLAIN, FILED,
        later={10: {"消费金额": "80万元", "消费频次": "12次/年", "行业潜力": "高(行业增速15%)", "忠诚度": "85%"}},
        contacts=NOBODY, always="无数据", september="不排 深度沟通；满意度调研 11-11 赵敏",
        october=(
            "VIP客户 92.0 升 待审核 高价值；深度沟通 11-30 赵敏；"
            "高层拜访 2027-01-29 企业高管；满意度调研 2027-01-29 赵敏"
        ),
        november="VIP客户 待审核 高价值；预警 从未联系；深度沟通 11-30 赵敏；产品更新推送 11-11 客服团队 逾期19天→总监",
        tiers="普通级 高价值 普通客户",
    ),
)  # fmt: skip
COUNTS = (
    Line(
        "F01", "§8: an ordinary visit is no 高层拜访", VIP, contacts=monthly(what=without("高层拜访")),
        september="深度沟通 10-20 赵敏；高层拜访 03-20 企业高管 逾期194天→总监",
        october="深度沟通 11-20 赵敏；高层拜访 03-20 企业高管 逾期225天→总监",
        november="深度沟通 12-18 赵敏；高层拜访 03-20 企业高管 逾期255天→总监",
    ),
    Line(
        "F02", "§8: 高层拜访 by name on 15 July: a quarter", VIP,
        contacts=(*monthly(what=without("高层拜访")), Contact("07-15", "拜访", "高层拜访")),
        september="高层拜访 10-15 企业高管", october="高层拜访 10-15 企业高管 逾期16天→总监",
        november="高层拜访 10-15 企业高管 逾期46天→总监",
    ),
    Line(
        "F03", "§8: 腾讯会议 and 上门 are 深度沟通, a call is not", VIP,
        contacts=(*monthly("电话+微信"), Contact("08-11", "腾讯会议"), Contact("10-12", "上门")),
        september="深度沟通 09-11 赵敏 逾期19天→总监", october="深度沟通 11-12 赵敏",
        november="深度沟通 11-12 赵敏 逾期18天→总监",
    ),
    Line(
        "F04", "§8: 常规沟通 by phone, 45 days", KEY, contacts=(*monthly("拜访+微信"), Contact("08-25", "电话")),
        september="常规沟通 10-09 赵敏", october="常规沟通 10-09 赵敏 逾期22天→总监",
        november="常规沟通 10-09 赵敏 逾期52天→总监",
    ),
    Line(
        "F05", "§8: 信息更新 half-yearly by 微信, a call is none; 客服团队's, and not the 总监's", WATCH,
        contacts=(*monthly("拜访+电话"), Contact("04-15", "微信")),
        september="信息更新 10-15 客服团队；产品更新推送 07-15 客服团队 逾期77天→主管",
        october="信息更新 10-15 客服团队 逾期16天→主管；产品更新推送 07-15 客服团队 逾期108天→主管",
        november="信息更新 10-15 客服团队 逾期46天→主管；产品更新推送 07-15 客服团队 逾期138天→主管",
    ),
    Line(
        "F06", "§8: a 观察 is asked each half-year", WATCH,
        contacts=(*monthly(what=without("满意度")), Contact("04-10", "电话", "满意度调研")),
        september="满意度调研 10-10 赵敏", october="满意度调研 10-10 赵敏 逾期21天→主管",
        november="满意度调研 10-10 赵敏 逾期51天→主管",
    ),
    Line(
        "F07", "§8: a 普通 each quarter; 未做满意度调研 is none", PLAIN,
        contacts=(*monthly(what=without("满意度")), Contact("06-15", "电话", "满意度调研"),
        Contact("09-21", "电话", "未做满意度调研")),
        september="满意度调研 09-15 赵敏 逾期15天→主管", october="满意度调研 09-15 赵敏 逾期46天→主管",
        november="满意度调研 09-15 赵敏 逾期76天→主管",
    ),
    Line(
        "F08", "§8: 档案复核 by 最后更新日期 too", PLAIN, {"最后更新日期": "09-10"},
        contacts=monthly(what=without("核对资料")), always="档案复核 12-10 赵敏",
    ),
    Line(
        "F09", "§8: without a 客户经理 each activity is a role's", VIP, {"客户经理": None},
        september="深度沟通 10-20 销售总监；高层拜访 12-18 企业高管；满意度调研 12-18 客服专员；重评 2026-12-30",
    ),
    Line(
        "F10", "§8: 服务回顾 is the 客服主管's then", KEY, {"客户经理": None},
        september="服务回顾 10-20 客服主管；常规沟通 11-04 客户经理",
    ),
    Line(
        "F11", "§8: 销售跟进 the 销售代表's", WATCH, {"客户经理": None},
        september="销售跟进 12-18 销售代表；重评 2027-03-30",
    ),
    Line("F12", "§8: 趙敏 is 赵敏", VIP, {"客户经理": "趙敏"}, september="深度沟通 10-20 赵敏"),
    Line(
        "F14", "§8: one record names several keys", WATCH,
        contacts=(*monthly("拜访+电话"), Contact("09-10", "微信", "推送产品资讯", whom="F14、F15")),
        september="信息更新 2027-03-10 客服团队",
    ),
    Line("F13", "§7: a second 客户经理, for A14", PLAIN, {"客户经理": "孙丽"}, september="满意度调研 12-18 孙丽"),
)  # fmt: skip
CALLS = monthly("电话+微信")
NO_REVIEW = monthly(what=without("服务回顾"))
NOT_ASKED = monthly(what=without("满意度"))
LADDER = (
    Line(
        "L01", "§8: a VIP's a day late: 主管", VIP, contacts=(*CALLS, Contact("08-29", "拜访")),
        september="深度沟通 09-29 赵敏 逾期1天→主管", october="深度沟通 09-29 赵敏 逾期32天→总监",
        november="深度沟通 09-29 赵敏 逾期62天→总监",
    ),
    Line(
        "L02", "§8: a VIP's three days late: 总监", VIP,
        contacts=(*CALLS, Contact("08-29", "拜访"), Contact("09-27", "拜访"), Contact("10-27", "拜访")),
        september="深度沟通 10-27 赵敏", october="深度沟通 11-27 赵敏", november="深度沟通 11-27 赵敏 逾期3天→总监",
    ),
    Line(
        "L03", "§8: a 重点's two days late: nobody; later 总监", KEY,
        contacts=(*NO_REVIEW, Contact("08-28", "拜访", "服务回顾"), Contact("10-10", "拜访", "服务回顾")),
        september="服务回顾 09-28 赵敏 逾期2天", october="服务回顾 11-10 赵敏",
        november="服务回顾 11-10 赵敏 逾期20天→总监",
    ),
    Line(
        "L04", "§8: a 重点's six days late: 主管", KEY, contacts=(*NO_REVIEW, Contact("08-24", "拜访", "需求共创会")),
        september="服务回顾 09-24 赵敏 逾期6天→主管", october="服务回顾 09-24 赵敏 逾期37天→总监",
        november="服务回顾 09-24 赵敏 逾期67天→总监",
    ),
    Line(
        "L05", "§8: a 重点's seven days late: 总监", KEY, contacts=(*NO_REVIEW, Contact("08-23", "拜访", "服务回顾")),
        september="服务回顾 09-23 赵敏 逾期7天→总监", october="服务回顾 09-23 赵敏 逾期38天→总监",
        november="服务回顾 09-23 赵敏 逾期68天→总监",
    ),
    Line(
        "L06", "§8: a 普通's eight days late: 主管 only", PLAIN,
        contacts=(*NOT_ASKED, Contact("06-22", "电话", "满意度调研")),
        september="满意度调研 09-22 赵敏 逾期8天→主管", october="满意度调研 09-22 赵敏 逾期39天→主管",
        november="满意度调研 09-22 赵敏 逾期69天→主管",
    ),
    Line(
        "L07", "§8: the same of a red one: 总监", PLAIN,
        contacts=(*NOT_ASKED, Contact("06-22", "电话", "满意度调研"), Contact("09-21", "电话", "回访", "客户考虑竞品")),
        always="阶段未归类 红；预警 风险-重度", september="满意度调研 09-22 赵敏 逾期8天→总监",
        october="满意度调研 09-22 赵敏 逾期39天→总监", november="满意度调研 09-22 赵敏 逾期69天→总监",
    ),
)  # fmt: skip
PHASES = (
    Line(
        "R01", "§6.6, §8: 合作初 of a 重点: weekly, and month 1; its quarter ends on 10 November", KEY,
        {"首次合作时间": "08-10", "档案建立日期": "08-10"},
        september="新客户 合作初；进度同步 09-24 赵敏 逾期6天→主管；效果复盘 09-10 赵敏 逾期20天→总监；不排 需求复盘会",
        october="新客户 合作初；进度同步 10-27 赵敏 逾期4天→主管；效果复盘 09-10 赵敏 逾期51天→总监",
        november="新客户 合作中；不排 进度同步；效果复盘 09-10 赵敏 逾期81天→总监；需求复盘会 2027-02-19 赵敏",
        tiers="普通级 中价值 普通客户",
    ),
    Line(
        "R02", "§8: 合作初 of a VIP: month 1 reviewed, quarter 1 comes; growing 15 % and new is 潜力级", VIP,
        {"首次合作时间": "08-10", "档案建立日期": "08-10"},
        contacts=(*monthly(), Contact("09-09", "拜访", "首月复盘"), Contact("09-28", "电话")),
        september="新客户 合作初；进度同步 09-30 赵敏；效果复盘 11-10 赵敏",
        october="新客户 合作初；进度同步 10-27 赵敏 逾期4天→总监；效果复盘 11-10 赵敏",
        november="新客户 合作中；效果复盘 11-10 赵敏 逾期20天→总监；能力共建 11-10 赵敏 逾期20天→总监",
        tiers="潜力级 高价值 普通客户",
    ),
    Line(
        "R03", "§8: 合作初 of a 普通: none of it", PLAIN, {"首次合作时间": "08-10", "档案建立日期": "08-10"},
        september="新客户 合作初；不排 进度同步、效果复盘", october="新客户 合作初；不排 进度同步、效果复盘",
        november="新客户；不排 需求复盘会",
    ),
    Line(
        "R04", "§8, §7: three months before the contract's end; done in November, again by its last day", KEY,
        {"合同到期日": "2026-12-31"}, contacts=(*monthly(), Contact("11-05", "拜访", "续约价值盘点")),
        always="合作后；预警 续约", september="续约价值盘点 09-30 赵敏；不排 需求复盘会",
        october="续约价值盘点 09-30 赵敏 逾期31天→总监", november="续约价值盘点 12-31 赵敏",
    ),
    Line(
        "R05", "§6.6, §8: the contract has ended, nobody reviewed it", KEY, {"合同到期日": "2026-09-15"},
        always="合作后；预警 续约", september="续约价值盘点 06-15 赵敏 逾期107天→总监",
        october="续约价值盘点 06-15 赵敏 逾期138天→总监", november="续约价值盘点 06-15 赵敏 逾期168天→总监",
    ),
    Line(
        "R06", "§2: a contract without end is never renewed", KEY, {"合同到期日": "长期"},
        always="合作中；不排 续约价值盘点",
    ),
    Line(
        "R07", "§8: four months before the end", KEY, {"合同到期日": "2027-03-31"}, always="合作中；不排 续约价值盘点",
    ),
)  # fmt: skip
REST = monthly(months=(3, 4, 5, 6, 7, 8, 10, 11))
"""Nobody calls on 20 September: there the promises stand."""


def promised(plan: str, *later: Contact, day: str = "09-16", by: str = "赵敏", **more: str) -> tuple[Contact, ...]:
    """Contacts of which one promises something, and what came after."""
    return (*REST, Contact(day, "电话", "询价", plan=plan, by=by, **more), *later)


PROMISES = (
    Line(
        "P01", "§8: a later record says it is done, before its day", PLAIN,
        contacts=promised("9月22日前提交方案", Contact("09-21", "邮件", "已提交方案")),
        september="承诺 兑现；不排 履行承诺",
    ),
    Line(
        "P02", "§8: due on Thursday, 24 September; Monday, the 28th is the next working day", PLAIN,
        contacts=promised("9月24日前提交方案", Contact("09-28", "电话", "回访")), september="承诺 兑现；不排 履行承诺",
    ),
    Line(
        "P03", "§8: due on the 22nd, the first contact on the 29th: late", PLAIN,
        contacts=promised("9月22日前提交方案", Contact("09-29", "电话", "回访")),
        september="承诺 逾期完成；不排 履行承诺",
    ),
    Line(
        "P04", "§8: 还没 on the 23rd: open, eight days late, the 总监 is told of promises; done in October", PLAIN,
        contacts=promised("9月22日前提交方案", Contact("09-23", "电话", "方案还没提交")),
        september="承诺 未了；履行承诺 09-22 赵敏 逾期8天→总监", october="承诺 逾期完成；不排 履行承诺",
    ),
    Line(
        "P05", "§8: put off to 12 October: the old one was not done, and the new one stands beside it", PLAIN,
        contacts=promised("9月22日前提交方案",
        Contact("09-22", "电话", "商谈", plan="原定9月22日提交方案，延至10月12日")),
        september="履行承诺 10-12 赵敏；履行承诺 09-22 赵敏 逾期8天→总监", october="承诺 逾期完成；不排 履行承诺",
    ),
    Line(
        "P06", "§8: an earlier greeting closes nothing", PLAIN,
        contacts=promised("10月15日前提交报价", Contact("09-25", "微信", "中秋问候")),
        september="承诺 未了；履行承诺 10-15 赵敏", october="承诺 逾期完成",
    ),
    Line(
        "P07", "§8: passes to today's 客户经理", PLAIN, contacts=promised("10月15日前提交报价", by="钱进"),
        september="履行承诺 10-15 赵敏",
    ),
    Line(
        "P08", "§8: without a 客户经理 it stays with who gave it", PLAIN, {"客户经理": None},
        contacts=promised("10月15日前提交报价", by="钱进"), september="履行承诺 10-15 钱进",
    ),
    Line(
        "P09", "§8: 完成日期 is its day", PLAIN, contacts=promised("9月22日前提交方案", done_on="2026-09-22"),
        september="承诺 兑现；不排 履行承诺",
    ),
    Line(
        "P10", "§8: 完成情况 says it is not", PLAIN,
        contacts=promised("9月22日前提交方案", Contact("09-24", "电话", "回访"), outcome="未完成"),
        always="承诺 未了", september="履行承诺 09-22 赵敏 逾期8天→总监", october="履行承诺 09-22 赵敏 逾期39天→总监",
        november="履行承诺 09-22 赵敏 逾期69天→总监",
    ),
    Line(
        "P11", "§8: a promised day never moves: Saturday, 3 October is a day off", PLAIN,
        contacts=promised("10月3日前提交方案"), september="履行承诺 10-03 赵敏", october="承诺 逾期完成",
    ),
    Line(
        "P12", "§1.3: 下周三 of Wednesday, 16 September; not late before a working day has passed", PLAIN,
        contacts=promised("下周三提交方案", Contact("09-21", "微信", "问候")),
        september="履行承诺 09-23 赵敏 逾期7天→总监", october="承诺 逾期完成",
    ),
    Line(
        "P13", "§1.3: 14日内 of 16 September is today: not late", PLAIN, contacts=promised("14日内提交方案"),
        september="承诺 未了；履行承诺 09-30 赵敏",
    ),
    Line(
        "P14", "§1.3: counted from an event to come: 待定, and no day", PLAIN, contacts=promised("到货后3天内回访"),
        always="承诺 待定；不排 履行承诺",
    ),
)  # fmt: skip
LINES = (*NEVER, *COUNTS, *LADDER, *PHASES, *PROMISES)
