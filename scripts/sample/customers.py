# ruff: noqa: PLR2004 - figures of a made-up world are its literals
"""Customers and their orders, drawn again until each lands in the tier the plan asks for."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count

from scripts.sample import score
from scripts.sample.model import AS_OF, LAST_GRADED, Customer, Order, age_in_months
from scripts.sample.names import Namer


@dataclass(frozen=True, slots=True)
class Sector:
    """An industry: how it is written, the words its companies carry, its growth in percent, what it buys and needs."""

    label: str
    words: tuple[str, ...]
    growth: int
    products: tuple[str, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Habit:
    """How a tier buys: orders a month, yuan an order, earliest and latest start in months before AS_OF."""

    rate: tuple[float, float]
    amount: tuple[int, int]
    start: tuple[int, int]


SECTORS = (
    Sector(
        "制造业-专用设备制造", ("智能装备", "专用设备"), 16, ("伺服驱动器", "控制柜"), ("产线自动化改造", "整机配套")
    ),
    Sector("制造业-通用设备制造", ("精密机械", "机械"), 9, ("减速机", "直线导轨"), ("关键部件稳定供货", "缩短交期")),
    Sector("制造业-金属制品", ("五金制品", "精密五金"), 5, ("刀具", "夹治具"), ("降低刀具成本", "小批量快速供货")),
    Sector(
        "制造业-汽车零部件",
        ("汽车零部件", "汽车配件"),
        15,
        ("视觉检测模组", "伺服压机"),
        ("在线检测方案", "追溯系统对接"),
    ),
    Sector("制造业-纺织服装", ("纺织", "服饰"), -3, ("变频器", "张力传感器"), ("设备节能改造", "备件供应")),
    Sector("制造业-家具制造", ("家居", "木业"), 2, ("开料机主轴", "除尘组件"), ("备件供应", "设备保养")),
    Sector("电子信息-半导体封测", ("半导体", "微电子"), 19, ("精密平台", "真空组件"), ("高精度运动平台", "洁净室配套")),
    Sector("电子信息-电子元件", ("电子", "电子科技"), 12, ("点胶阀", "贴装吸嘴"), ("贴装良率提升", "耗材长期协议")),
    Sector("软件信息-工业软件", ("软件", "数据科技"), 17, ("数据采集网关", "接口授权"), ("设备数据采集", "联合方案")),
    Sector("新能源-储能系统", ("储能科技", "新能源"), 22, ("电池簇测试柜", "母线组件"), ("测试线扩产", "安全监测方案")),
    Sector("新能源-光伏组件", ("光能", "光伏科技"), 11, ("串焊机备件", "边框组件"), ("备件寄售", "交期保障")),
    Sector("医药健康-医疗器械", ("医疗器械", "生物科技"), 13, ("微型电机", "洁净管件"), ("合规文件支持", "定制电机")),
    Sector("物流仓储-仓储服务", ("供应链", "仓储物流"), 8, ("输送线模块", "扫码终端"), ("分拣效率提升", "系统维保")),
    Sector("食品加工-预包装食品", ("食品", "粮油"), 6, ("封口机配件", "金属检测机"), ("包装线提速", "定期校准")),
    Sector("建筑材料-陶瓷卫浴", ("建材", "陶瓷"), -2, ("窑炉风机", "温控仪表"), ("窑炉节能", "备件供应")),
    Sector("商贸流通-五金批发", ("商贸", "贸易"), 3, ("通用电机", "开关电源"), ("渠道价格支持", "账期")),
)
TIERS = ("VIP客户", "重点客户", "普通客户", "观察客户")
_HABITS = {
    "VIP客户": _Habit((1.9, 3.0), (21_000, 42_000), (14, 37)),
    "重点客户": _Habit((0.8, 1.5), (17_000, 34_000), (8, 37)),
    "普通客户": _Habit((0.35, 0.9), (9_000, 22_000), (5, 37)),
    "观察客户": _Habit((0.1, 0.35), (4_000, 16_000), (4, 37)),
}
_HEADCOUNTS = {
    "VIP客户": ("500-1000人", "1000人以上", "300-500人", "800-1200人/年营收3亿-5亿"),
    "重点客户": ("200-300人", "300-500人", "100-500人/年营收5000万-1亿", "≥200"),
    "普通客户": ("50-100人", "100-200人", "80-150人"),
    "观察客户": ("20-50人", "50人以下", "30-80人"),
}
_KEEP_DOWN = 0.5
"""Of the customers whose tier fell by chance, the share that stays in the sample: few fall in a month."""
_TURNED_FROM = {"fallen": "VIP客户", "risen": "重点客户"}
_NEED_KINDS = ("产品采购型", "服务支持型", "解决方案型")
_SOURCES = ("展会登记", "老客户介绍", "官网留言", "电话开发", "行业协会名录", "陌生拜访", "渠道推荐")


class Register:
    """Files customers of the whole company: gives each its number and its name."""

    def __init__(self, rng: random.Random) -> None:
        """Start with an empty register."""
        self._rng = rng
        self._namer = Namer(rng)
        self._numbers = {year: count(1) for year in (2023, 2024, 2025, 2026)}

    def book(
        self, wanted: dict[str, int], *, lost: int, fallen: int, risen: int, prospects: int
    ) -> tuple[Customer, ...]:
        """Make one salesperson's customers in the order of their filing.

        Args:
            wanted: How many customers of each tier.
            lost: How many of those under 观察 have bought nothing for four to eight months.
            fallen: How many of those under 重点 were VIP a month ago.
            risen: How many of those under VIP were 重点 a month ago.
            prospects: How many more have never bought anything.
        """
        drafts: list[tuple[date, str | None, str]] = []
        turns = {"观察客户": ("lost", lost), "重点客户": ("fallen", fallen), "VIP客户": ("risen", risen)}
        for tier, number in wanted.items():
            low, high = _HABITS[tier].start
            turn, turned = turns.get(tier, ("", 0))
            for index in range(number):
                since = age_in_months(AS_OF, self._rng.randint(max(low, 14) if index < turned else low, high))
                drafts.append((since - timedelta(days=self._rng.randint(0, 28)), tier, turn if index < turned else ""))
        drafts += [(AS_OF - timedelta(days=self._rng.randint(12, 240)), None, "") for _ in range(prospects)]
        return tuple(self._customer(*draft) for draft in sorted(drafts, key=lambda draft: draft[0]))

    def _customer(self, since: date, tier: str | None, turn: str) -> Customer:
        while True:
            sector = self._rng.choice(SECTORS)
            orders = self._orders(sector, since, tier, turn) if tier else ()
            now = score.figures(orders, sector.growth, on=AS_OF)
            points = score.score(now)
            before = score.score(score.figures(orders, sector.growth, on=LAST_GRADED))
            down = (points or 0) < (before or 0) and score.tier(before) != tier
            if score.tier(points) != tier or (tier and not now.spend):
                continue
            if turn == "lost" and (now.recency_days or 0) <= 120:
                continue
            if turn in _TURNED_FROM and score.tier(before) != _TURNED_FROM[turn]:
                continue
            if not down or turn == "fallen" or self._rng.random() < _KEEP_DOWN:
                break
        private = tier in ("普通客户", "观察客户") and self._rng.random() < 0.045
        name, short = self._namer.company(sector.words)
        contract = tier in ("VIP客户", "重点客户") or (tier == "普通客户" and self._rng.random() < 0.3)
        filed = max(since - timedelta(days=self._rng.randint(2, 40)), date(2023, 6, 1))
        return Customer(
            key=f"C{filed.year}{next(self._numbers[filed.year]):03d}",
            name=self._namer.person() if private else name,
            short_name=short,
            kind="个人" if private else "企业",
            sector=sector.label,
            growth=sector.growth,
            contact=self._namer.contact(),
            phone=self._namer.phone(),
            credit_code="" if private else self._namer.credit_code(),
            address=self._namer.address(),
            since=orders[0].day if orders else None,
            headcount="10人以下" if private else self._rng.choice(_HEADCOUNTS[tier or "普通客户"]),
            need=self._rng.choice(sector.needs),
            need_kind=self._rng.choice(_NEED_KINDS),
            intent=self._intent(tier),
            source=self._rng.choice(_SOURCES),
            filed=filed,
            contract_end=AS_OF + timedelta(days=self._rng.randint(20, 420)) if contract else None,
            bound=tier == "VIP客户" and self._rng.random() < 0.6,
            benchmark=tier == "VIP客户" and self._rng.random() < 0.25,
            ecosystem=tier in ("VIP客户", "重点客户") and self._rng.random() < 0.08,
            consent=self._rng.random() < 0.9,
            orders=orders,
            figures=now,
            score=points,
            tier=tier,
            last_score=before,
            last_tier=score.tier(before),
            lost=turn == "lost",
        )

    def _orders(self, sector: Sector, since: date, tier: str, turn: str) -> tuple[Order, ...]:
        habit = _HABITS["VIP客户" if turn == "fallen" else tier]
        rate, amount = self._rng.uniform(*habit.rate), self._rng.uniform(*habit.amount)
        end = AS_OF - timedelta(days=self._rng.randint(122, 243)) if turn == "lost" else AS_OF
        orders = [self._order(sector, since, amount)]
        day = float(since.toordinal())
        while True:
            day += max(2.0, self._rng.gammavariate(2.2, 30.4 / rate / 2.2))
            if day > end.toordinal():
                return tuple(sorted(orders, key=lambda order: order.day))
            orders.append(self._order(sector, date.fromordinal(int(day)), amount))

    def _order(self, sector: Sector, day: date, amount: float) -> Order:
        if day.weekday() == 6:
            day -= timedelta(days=1)
        size = max(600, round(amount * self._rng.lognormvariate(-0.08, 0.4), -1))
        return Order(day=day, amount=int(size), product=self._rng.choice(sector.products))

    def _intent(self, tier: str | None) -> str:
        weights = {"VIP客户": (9, 1, 0), "重点客户": (7, 3, 0), "普通客户": (3, 6, 1), "观察客户": (1, 4, 5)}
        return self._rng.choices(("高", "中", "低"), weights.get(tier or "", (3, 4, 3)))[0]
