"""The sentences of 得分说明: why a customer has its tier, in the user's words. Nothing reads them back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from sheetcrm.assess.words import next_tier
from sheetcrm.model import (
    TYPED_ONLY,
    Assessment,
    Classification,
    Contribution,
    Lifetime,
    Measures,
    Override,
    Score,
    Source,
)
from sheetcrm.policy.model import Policy, Tier
from sheetcrm.text.dates import NO_END
from sheetcrm.text.quantities import format_days, format_frequency, format_money, format_rate

_NOTHING, _TENTH = Decimal(0), Decimal("0.1")


@dataclass(frozen=True, slots=True)
class FigureLine:
    """One figure of a customer as people read it, and the cell or the sheet it comes from."""

    label: str
    shown: str
    source: str


def figure_lines(entry: Assessment) -> list[FigureLine]:
    """List a customer's figures with the origin of each; unknown ones are 无数据. Pure."""
    scoring, profile, measures = entry.customer.scoring, entry.customer.profile, entry.measures
    lines: list[FigureLine] = []
    for name, (label, field, profile_field) in _FIGURES.items():
        value = getattr(measures, name)
        if value is None and name in TYPED_ONLY:
            continue  # few teams type them: no line says that they are not there
        source = measures.sources.get(name)
        shown = say_measure(name, value)
        if name == "contract_days_left" and profile and profile.contract_end == NO_END:
            value = shown = "长期"
        if value is None:
            origin = Source.ABSENT.value
        elif source is Source.DERIVED:
            origin = source.value
        elif scoring and getattr(scoring, field, None) is not None:
            origin = str(scoring.ref(field))
        elif profile and getattr(profile, profile_field, None) is not None:
            origin = str(profile.ref(profile_field))
        else:
            origin = Source.DERIVED.value
        lines.append(FigureLine(label, shown or Source.ABSENT.value, origin))
    return lines


_FIGURES: Mapping[str, tuple[str, str, str]] = {
    "recency_days": ("距最近消费", "recency", "last_deal"),
    "frequency_12m": ("近12个月消费频次", "frequency_12m", "frequency_12m"),
    "spend_12m": ("近12个月消费金额", "spend_12m", "spend_12m"),
    "spend_total": ("累计交易金额", "", "spend_total"),
    "average_order": ("客单价", "average_order", ""),
    "order_growth": ("订单增长率", "order_growth", ""),
    "repurchase_rate": ("复购率", "repurchase_rate", ""),
    "industry_growth": ("行业增速", "growth_level", ""),
    "industry_level": ("行业潜力", "growth_level", ""),
    "new_needs": ("新需求数量", "new_needs", ""),
    "referrals": ("推荐新客户数量", "referrals", ""),
    "complaints_12m": ("投诉次数", "complaints_12m", ""),
    "referral_rate": ("推荐率", "referral_rate", ""),
    "complaint_rate": ("投诉率", "complaint_rate", ""),
    "profit_share": ("利润贡献", "profit_share", ""),
    "usage_time": ("产品使用时长", "usage_time", ""),
    "activation_rate": ("功能激活率", "activation_rate", ""),
    "engagement": ("活动参与度", "engagement", ""),
    "praises": ("表扬次数", "praises", ""),
    "satisfaction": ("满意度", "satisfaction", ""),
    "nps": ("NPS", "nps", ""),
    "tenure_months": ("合作时长", "", "first_deal"),
    "months_since_purchase": ("距最近消费（月）", "recency", "last_deal"),
    "months_since_contact": ("距最近联系（月）", "", ""),
    "contract_days_left": ("合同剩余", "", "contract_end"),
}


def say_measure(name: str, value: Decimal | int | str | None) -> str:
    """Write a measure the way people do: `30天`, `80万元`, `85%`. Blank for None. Pure."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    number = Decimal(value)
    places = _PLACES.get(name)
    return _FORMATS.get(name, say_number)(number if places is None else number.quantize(places, ROUND_HALF_UP))


def say_contribution(part: Contribution, measures: Measures, total_weight: Decimal) -> str:
    """Render the contribution of one indicator: `最近消费时间30天得90分×20%`. Pure."""
    value = None
    if part.source is not Source.ABSENT:
        value = getattr(measures, part.measure)
        if value is None and part.points is not None:
            value = measures.industry_level
    figure, points = _render_figure(part.measure, value), _render_points(part.points, part.weight, total_weight)
    return f"{part.label}{figure}{points}"


@lru_cache(maxsize=1 << 12)
def _render_points(points: Decimal | None, weight: Decimal, total_weight: Decimal) -> str:
    """Render points and weight. Cached: without it a book of customers with records takes 5 % longer to assess."""
    if points is None:
        return ""
    return f"得{say_number(points.quantize(_TENTH))}分×{say_number(weight * 100 / total_weight)}%"


@lru_cache(maxsize=1 << 12)
def _render_figure(measure: str, value: Decimal | int | str | None) -> str:
    """Render a figure, or that there is none. Cached: without it a book takes some 5 % longer to assess."""
    return say_measure(measure, value) or Source.ABSENT.value


def say_score(score: Score, measures: Measures, policy: Policy, earned: Tier | None) -> list[str]:
    """Explain how a score came about, what it lacks for the next tier, and what data was missing. Pure."""
    total_weight = policy.card.weight_total
    body = "，".join([say_contribution(part, measures, total_weight) for part in score.contributions])
    if score.total is None or earned is None:
        lacking = "、".join(score.missing)
        why = f"缺少{lacking}" if lacking else f"已知资料只占权重的{format_rate(score.coverage)}"
        return [f"{why}，暂不评分", body]
    folded = f"，按已知权重{format_rate(score.coverage)}折算" if score.coverage < 1 else ""
    total = f"{body}{folded}，总分{score.total}"
    if policy.scoring.quota:
        return [f"{total}，按名额列入{earned.name}", *_say_band(measures, policy, earned)]
    sentences = [f"{total}，达到{earned.name}的{say_number(earned.floor or _NOTHING)}分"]
    better = None
    for tier in policy.tiers:
        if tier.floor is None or tier.floor <= score.total:
            break
        better = tier
    if better:
        sentences.append(say_distance(score, measures, policy, better))
    return sentences + _say_band(measures, policy, earned)


def say_distance(score: Score, measures: Measures, policy: Policy, better: Tier) -> str:
    """Describe the distance to the next tier: the points, and the cheapest single change that would do. Pure."""
    distance = f"距{better.name}还差{(better.floor or _NOTHING) - (score.total or _NOTHING)}分"
    change = next_tier.cheapest_change(score, policy.card, better)
    if change is None:
        return f"{distance}，单项改善不足以升级"
    measure, label = change.indicator.measure, change.indicator.label
    now = getattr(measures, measure)
    if not change.indicator.rising:
        return f"{distance}：{label}缩短到{_render_figure(measure, change.target)}以内即可"
    if measure in _ADDED and now is not None:
        return (
            f"{distance}：{label}再增{say_measure(measure, change.target - now)}{'以上' if change.strict else ''}即可"
        )
    return f"{distance}：{label}提高到{_render_figure(measure, change.target)}{'以上' if change.strict else ''}即可"


_ADDED = frozenset({"spend_12m", "average_order"})
"""Measures whose improvement is worded as the amount to be added."""


def say_class(
    decided: Classification, score: Score, measures: Measures, policy: Policy, earned: Tier | None
) -> list[str]:
    """Explain which rule of the deciding classification gave the tier; the score only stands beside it. Pure."""
    why = f"（{decided.note}）" if decided.note else ""
    sentences = [f"按{decided.name}分级：{decided.outcome}{why}" + ("" if earned else "，不是等级，暂不定级")]
    if score.total is not None:
        body = "，".join(say_contribution(part, measures, policy.card.weight_total) for part in score.contributions)
        sentences.append(f"得分只作参考：{body}，总分{score.total}")
    return sentences + (_say_band(measures, policy, earned) if earned else [])


def _say_band(measures: Measures, policy: Policy, earned: Tier) -> list[str]:
    """Compare the year's spend with the tiers' typical bands; a mismatch is a remark (practice §4.4)."""
    spend = measures.spend_12m
    if spend is None:
        return []
    for fits, band in policy.spend_bands:
        if fits(spend):
            return [f"年消费{format_money(spend)}属{band.name}的区间，与等级不同"] if band is not earned else []
    return []


LIFETIME = "客户终身价值（手册公式）"
"""年均消费 x 合作年限 x 留存率: figures of the past, never called a forecast (practice §3)."""


def say_lifetime(worth: Lifetime) -> tuple[str, str]:
    """Render 客户终身价值, and the inputs it is the product of; missing ones are named. Pure."""
    spend = None if worth.yearly_spend is None else f"{format_money(worth.yearly_spend)}（{worth.spend_basis}）"
    years = None if worth.years is None else f"{say_number(worth.years)}年"
    rate = None if worth.retention is None else f"{format_rate(worth.retention)}（{worth.retention_basis}）"
    inputs = (("年均消费", spend), ("合作年限", years), ("留存率", rate))
    product = " × ".join(f"{label}{value or Source.ABSENT.value}" for label, value in inputs)
    if worth.value is None:
        return Source.ABSENT.value, f"缺少{'、'.join(worth.missing)}：{product}"
    return format_money(worth.value), f"{product}；不是预测"


def say_override(override: Override, proposed: str) -> str:
    """Explain that a person's decision stands in place of the score's. Pure."""
    return (
        f"人工调整为{override.grade}（理由：{override.reason}，提出人{override.proposer}，"
        f"审核人{override.auditor}，有效期至{override.expires_on}），按得分为{proposed}"
    )


def say_dated(dated: date, *, used: bool) -> str:
    """Describe the day older figures speak of, and whether they served. Pure."""
    return f"表内数字的数据日期{dated}，早于本期，" + ("请更新" if used else "已改用交易明细")


def say_number(value: Decimal) -> str:
    """Write a number without trailing zeros or exponent. Pure."""
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _days(value: Decimal) -> str:
    return format_days(int(value))


def _hours(value: Decimal) -> str:
    return f"{say_number(value)}小时"


def _months(value: Decimal) -> str:
    return f"{say_number(value)}个月"


_THOUSANDTH = Decimal("0.001")
_CENT = Decimal("0.01")
_PLACES: Mapping[str, Decimal] = {
    "frequency_12m": _TENTH,
    "spend_12m": _CENT,
    "spend_total": _CENT,
    "average_order": _CENT,
    "order_growth": _THOUSANDTH,
    "repurchase_rate": _THOUSANDTH,
    "industry_growth": _THOUSANDTH,
    "referral_rate": _THOUSANDTH,
    "complaint_rate": _THOUSANDTH,
    "activation_rate": _THOUSANDTH,
    "engagement": _THOUSANDTH,
    "profit_share": _CENT,
    "usage_time": _TENTH,
}

_FORMATS: Mapping[str, Callable[[Decimal], str]] = {
    "recency_days": _days,
    "contract_days_left": _days,
    "frequency_12m": format_frequency,
    "spend_12m": format_money,
    "spend_total": format_money,
    "average_order": format_money,
    "order_growth": format_rate,
    "repurchase_rate": format_rate,
    "industry_growth": format_rate,
    "referral_rate": format_rate,
    "complaint_rate": format_rate,
    "activation_rate": format_rate,
    "engagement": format_rate,
    "profit_share": format_money,
    "usage_time": _hours,
    "tenure_months": _months,
    "months_since_purchase": _months,
    "months_since_contact": _months,
}
