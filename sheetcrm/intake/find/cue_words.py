"""Words in a header that hint at a field, however the rest of it is put (practice §1.6). Pure.

They are for proposals only: nothing is ever read by them. A header is likest the field whose hint makes up most of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from sheetcrm.text.folding import fold

_HINTS: Mapping[str, str] = {
    "customer_id": "编号 编码 代码 号码 账号 id code no. number customerno customerid accountid",
    "name": "客户 公司 单位 企业 商家 店名 门店 甲方 买方 买家 名称 全名 大名 抬头 户名 company customer client"
    " account shop",
    "customer_type": "性质 类型 类别 公私 type",
    "industry": "行业 行当 业态 领域 做什么的 干什么的 干哪行 industry sector",
    "contact": "联系人 联络人 对接 接洽 打交道 找谁 老板 店长 采购人 关键人 负责人姓名 contact contactname person"
    " buyer",
    "phone": "电话 手机 微信 座机 联系方式 邮箱 号码 mobile phone tel email wechat",
    "credit_code": "税号 信用代码 taxid",
    "address": "地址 在哪 所在地 位置 住址 address",
    "first_deal": "首次 首单 第一次 头一回 初次 开始合作 合作起 签约 firstorder firstpurchase since",
    "spend_total": "累计 历年 总共 一共 至今 历史金额 lifetime totalspend totalsales",
    "spend_12m": "年消费 年销售 年采购 年进货 年成交额 年流水 花多少 多少钱 买了多少钱 贡献 一年金额 全年金额 消费额"
    " 采购额 进货额 开票额 spend revenue annualsales sales monetary purchaseamount",
    "frequency_12m": "次数 单数 笔数 几回 几次 几单 多少次 频次 频率 频度 订单量 ordersperyear orders purchases"
    " frequency timesperyear",
    "last_deal": "上次 上回 上一次 上一回 上一单 最近 最后 最新 末次 多久没 下单 订单日 成交日 交易日 采购日 购买日"
    " 发货日 lastorder lastpurchase lastdeal lastbuy recency",
    "recency": "上次 上回 上一次 上一回 上一单 最近 最后 最新 末次 多久没 下单 订单日 成交日 交易日 采购日 购买日"
    " 发货日 lastorder lastpurchase lastdeal lastbuy recency",
    "size": "人数 规模 多少人 员工 headcount employees size",
    "need": "需求 想要 要什么 诉求 关注点 needs requirement",
    "intent": "意向 意愿 想不想 热度 把握 interest intent",
    "informant": "信息来源人 谁提供 informant",
    "owner": "经理 业务 销售 管户 归属 所有人 跟单 谁负责 谁在跟 谁管 责任 维护人 客服 owner salesrep"
    " accountmanager manager rep assignedto",
    "department": "部门 部 组 团队 大区 department team",
    "contract_end": "到期 截止 期满 结束 expiry expires enddate renewal",
    "filed_on": "建档 登记日 登记时间 创建 注册 开户 录入 入库时间 录档 created createdon registered",
    "updated_on": "更新 修改 维护时间 updated modified",
    "remark": "备注 说明 描述 其他 情况 注意 note remark comment description",
    "preference": "偏好 喜欢 爱买 常买 preference",
    "pain_points": "痛点 短板 难点 抱怨 烦 painpoints",
    "decision_chain": "决策 拍板 谁说了算 decision",
    "lost_reason": "流失原因 为什么不买 lostreason",
    "referrer": "推荐人 介绍 谁介绍 引荐 referredby referrer",
    "consent": "授权 同意 consent",
    "source_channel": "来源 渠道 哪来的 怎么来的 leadsource source channel",
    "last_contact": "上次联系 最近联系 上次沟通 上次拜访 最近拜访 上次跟进 最近跟进 lastcontact lastcall lastvisit"
    " lastactivity",
    "appointment": "下次 下回 约在 约定 预约 nextvisit nextcall nextcontact nextfollow",
    "tier": "等级 级别 分级 评级 档次 星级 分类 tier grade class level rating",
    "growth_level": "前景 潜力 成长 走势 景气 增长空间 发展空间 outlook potential growth",
    "repurchase_rate": "复购 回购 返单 回头 续单 续费 再购 重复购买 忠诚 粘性 loyalty repurchase retention",
    "grade": "等级 级别 分级 评级 档次 星级 tier grade class level rating",
    "total": "总分 得分 分数 合计分 score total",
    "assessor": "打分人 评分人 评定人 谁打的分 assessor scoredby",
    "assessed_on": "打分日 评分日 评定日 assessedon",
    "auditor": "审核 复核人 auditor",
    "average_order": "客单 单均 每单 平均一单 averageorder aov",
    "complaints_12m": "投诉 客诉 complaints",
    "complaint_rate": "投诉率 客诉率",
    "referrals": "推荐客户 转介绍 介绍了几 referrals",
    "satisfaction": "满意 csat satisfaction",
    "industry_growth": "行业增速 行业增长",
    "profit_share": "利润 毛利 profit margin",
    "date": "日期 时间 哪天 哪日 何时 什么时候 几号 啥时候 当天 date day when",
    "amount": "金额 货款 总价 价款 多少钱 实收 应收 款 成交额 amount paid price payment",
    "order_no": "单号 单据 流水号 流水单 凭证 发票号 合同号 orderno orderid invoice",
    "product": "产品 商品 货品 品名 货名 货物 型号 物料 买了什么 买的什么 项目 product item sku goods",
    "person": "谁去 谁跟 谁联系 谁打 跟进人 拜访人 经办 业务员 记录人 by rep salesperson",
    "channel": "方式 怎么联系 怎么跟 途径 形式 channel method type",
    "summary": "内容 聊了 聊些 谈了 谈的 说了什么 沟通 摘要 经过 过程 记录 纪要 summary notes content details",
    "feedback": "反馈 对方 客户怎么说 客户说 态度 反应 结果 结论 回复 feedback outcome result response",
    "next_step": "下一步 下步 接下来 打算 后续 计划 待办 要做 安排 nextstep action todo plan",
    "requested_at": "报修 请求时间 提出 来电时间 受理 报单时间 opened reportedat createdat",
    "responded_at": "响应 首次回复 接单时间 responded",
    "resolved_at": "解决时间 完成时间 办结 关闭时间 修好 resolved closed",
    "resolved": "是否解决 解决了吗 解决没 resolved",
    "staff": "工程师 服务人 处理人 谁修 谁处理 engineer agent",
    "category": "问题 故障 类别 category issue",
}
"""The hints of each field, by its name, for the sheets that have it; English ones without spaces."""

TITLES: Mapping[str, str] = {
    "follow_up": "拜访 跟进 回访 走访 联络 沟通 visit followup call activit",
    "order": "订单 成交 交易 出库 发货 销售 流水 收款 开票 order sales invoice payment",
    "service": "服务 工单 报修 售后 客服 ticket service case",
    "scoring": "打分 评分 评级 评估 分级 得分 score rating",
    "profile": "客户 名单 台账 档案 会员 门店 通讯录 account customer client list",
}
"""What a sheet's name hints at, by the kind of sheet."""

_OPPOSED: tuple[tuple[str, frozenset[str]], ...] = (
    ("首次 首单 第一 头一 初次 开始 first", frozenset({"last_deal", "recency", "last_contact", "appointment"})),
    ("上次 上回 上一 最近 最后 最新 末次 last", frozenset({"first_deal", "filed_on", "appointment", "contract_end"})),
    ("下次 下回 next", frozenset({"date", "last_deal", "recency", "last_contact", "first_deal", "updated_on"})),
    (
        "下单 订单日 成交日 交易日 采购日 购买日 发货日",
        frozenset({"next_due", "appointment", "assessed_on", "filed_on", "updated_on", "last_contact"}),
    ),
    ("累计 历年 总共 至今 lifetime", frozenset({"spend_12m"})),
)
"""Words that speak against fields."""

_BASE, _SHARE, _AGAINST = 56, 34, 40


def hinted(label: str, name: str) -> int:
    """Return how much a folded header hints at a field, of 100; 0 where it does not."""
    longest = max((len(hint) for hint in _hints(_HINTS, name) if hint in label), default=0)
    return round(_BASE + _SHARE * longest / len(label)) if longest else 0


def opposed(label: str, name: str) -> int:
    """Return how much a word in a folded header speaks against a field."""
    against = any(name in names and any(fold(word) in label for word in words.split()) for words, names in _OPPOSED)
    return _AGAINST if against else 0


def titled(title: str, kind: str) -> bool:
    """Return whether a sheet's name hints at a kind of sheet."""
    return any(hint in fold(title) for hint in _hints(TITLES, kind))


@cache
def _folded(words: str) -> tuple[str, ...]:
    return tuple(fold(word) for word in words.split())


def _hints(table: Mapping[str, str], name: str) -> tuple[str, ...]:
    return _folded(table.get(name, ""))
