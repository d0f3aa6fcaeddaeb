"""Says why an item is due on its day, and what would close it (practice §8). Pure."""

from __future__ import annotations

from sheetcrm import schema
from sheetcrm.assess.followup.undertakings import APPOINTMENT
from sheetcrm.model import DueItem
from sheetcrm.policy.cadence import BY_CHANNEL, BY_NAME, Activity
from sheetcrm.policy.model import Policy

_CHANNELS = schema.FOLLOW_UPS.field("channel").choices


def say_reason(item: DueItem, policy: Policy) -> str:
    """Say why an item is due on its day: what was written when, or since when its interval counts."""
    if item.action == policy.followup.correction_action:
        return f"{item.basis}：{item.content}"
    if not item.promised:
        return item.basis
    record = f"{item.last_contact}的跟进记录" if item.last_contact else "基础表"
    return (
        f"{record}写了约定跟进日期"
        if item.basis == APPOINTMENT
        else f"{record}写了“{item.basis}”{item.content.removeprefix(item.basis)}"
    )


def say_closing(item: DueItem, policy: Policy) -> str:
    """Say what people must write down so that an item is done."""
    if item.action == policy.followup.correction_action:
        return "服务记录写上整改完成日期（没有这一列的，写上解决时间或是否解决）"
    if item.promised:
        if item.basis == APPOINTMENT:
            return "当天或以后跟进一次"
        return "写上完成日期或完成情况，或跟进摘要写明已做好，或在当天及以后跟进一次"
    activity = next((one for one in policy.cadence if one.activity == item.action), None)
    return _say(activity, policy) if activity else ""


def _say(activity: Activity, policy: Policy) -> str:
    ways: list[str] = []
    if activity.counts != BY_NAME and activity.channels:
        any_way = set(_CHANNELS) <= set(activity.channels)
        for_class = "（客户编号写它所在的一类客户也算）" if activity.batch else ""
        ways.append(f"{'任何方式' if any_way else '用' + '、'.join(activity.channels)}跟进一次{for_class}")
    if activity.counts != BY_CHANNEL:
        ways.append(f"跟进摘要或跟进方式写明{'、'.join(dict.fromkeys((activity.activity, *activity.words)))}之一")
    if activity.by_executives and activity.counts != BY_CHANNEL and policy.followup.executives:
        ways.append(f"由{'、'.join(policy.followup.executives)}跟进")
    if activity.profile_date:
        ways.append(f"更新{schema.PROFILE.field(activity.profile_date).label}")
    return "，或".join(ways)
