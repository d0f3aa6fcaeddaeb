"""The cadence in the policy, typed: what is done for customers again and again, and what falls due by the calendar."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, field_validator

from sheetcrm.policy.values import Frozen, Text, Word, Words
from sheetcrm.text.named_days import NAMED_DAYS

ALL = "全部"
"""In a cadence's `applies`: everybody."""
PROMISED = "承诺"
"""In `limited_to`: whatever somebody promised."""
INTENT = "意向"
"""With 高, 中 or 低 behind it, the label of a customer's 合作意向."""
ACCOUNT_MANAGER = "客户经理"
"""As the owner of a routine: everybody who is the 客户经理 of a customer."""


class FollowUpRules(Frozen):
    """Words of the follow-up plan, and the people it must know.

    `executives` are the names in 跟进人 whose contacts count for the activities with `by_executives`. Who carries a
    label of `exclusive` has only the activities that name it. An overdue item goes up to `limited_step` only if one
    of `limited_to` holds of it: a label of the customer, the colour of its health, an activity, or 承诺; empty: always.
    A greeting up to `greeting_days` before 生日/周年 is for that day. `backlog_a_day` is how many overdue activities a
    person's calendar has on one day. `correction_action` is what an item of the plan is called for which 服务记录 has
    a 整改期限.
    """

    promise_action: Text
    promise_owner: Text
    correction_action: Text = "整改跟踪"
    never_done: Text
    since: Text
    executives: Words = ()
    exclusive: Words = ()
    limited_step: str = ""
    limited_to: Words = ()
    backlog_a_day: Annotated[int, Field(ge=1, le=1000)] = 8
    greeting_days: Annotated[int, Field(ge=0, le=180)] = 7

    @field_validator("since")
    @classmethod
    def _fills(cls, since: str) -> str:
        try:
            since.format(last="", every="")
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError("大括号里只能写 last（上次日期）和 every（间隔）") from error
        return since

    @field_validator("never_done")
    @classmethod
    def _starts(cls, never_done: str) -> str:
        try:
            never_done.format(start="", every="")
        except (KeyError, IndexError, ValueError) as error:
            raise ValueError("大括号里只能写 start（从哪天算起）和 every（间隔）") from error
        return never_done


_EVERY = Annotated[str, Field(pattern=r"^[1-9]\d{0,3}(天|个月)$")]


def read_interval(every: str) -> tuple[int, int]:
    """Read `45天` or `3个月` as (calendar months, days); one of them is 0. Pure."""
    number = int(re.sub(r"\D", "", every))
    return (number, 0) if every.endswith("个月") else (0, number)


class Regrading(Frozen):
    """How often customers of some labels are graded anew (practice §8)."""

    applies: Annotated[Words, Field(min_length=1)]
    every: _EVERY

    @cached_property
    def interval(self) -> tuple[int, int]:
        """The interval as (calendar months, days)."""
        return read_interval(self.every)


class Pace(Frozen):
    """How often an activity is due for customers of one label: `意向高`, every `15天`."""

    of: Word
    every: _EVERY


BY_CHANNEL, BY_NAME, BY_EITHER = "渠道", "名称", "渠道或名称"
"""What a contact counts for an activity by; files of older versions do not say and mean either."""


class Activity(Frozen):
    """Something done for customers again and again (practice §8).

    `applies` holds labels: tiers, 未成交, or 全部; with `among`, one of those labels must be carried too. A contact
    counts by its channel if that is one of `channels`, by name if 摘要 or 跟进方式 names the activity or one of `words`
    (with `by_executives`, also if 跟进人 is one of the policy's executives); `counts` says which of the two.
    With `on_greeting_day` it is due on the customer's 生日/周年 each year, whatever `every` says, and never moves.
    With `batch` it may be done for a whole class at once: a record whose 客户编号 names the class counts too.
    `profile_date` names a date of 客户信息基础表 that counts too. The 客户经理 does it, and `owner`, a role,
    where there is none; with `stays`, always `owner`.
    `every` is `45天` or `3个月`; for labels of `paces`, how often they say. With `milestones` it is due once at each of
    them after the first deal, and what was not done stays on the plan for `every`. With `before_end` it is due so
    long before 合同到期日, and never after that.
    """

    activity: Word
    applies: Annotated[Words, Field(min_length=1)]
    among: Words = ()
    every: _EVERY
    paces: tuple[Pace, ...] = ()
    milestones: tuple[_EVERY, ...] = ()
    before_end: _EVERY | None = None
    on_greeting_day: bool = False
    counts: Literal["渠道", "名称", "渠道或名称"] = "渠道或名称"
    channels: Words
    words: Words = ()
    by_executives: bool = False
    profile_date: Literal["updated_on", "filed_on"] | None = None
    owner: Text
    stays: bool = False
    batch: bool = False
    content: Text

    @cached_property
    def interval(self) -> tuple[int, int]:
        """The interval as (calendar months, days)."""
        return read_interval(self.every)


class Routine(Frozen):
    """Something that falls due by the calendar, whatever the customers do (practice §8, §11).

    It is due every so many months at the end of the month, counted from `month`; or on a `day` with a name (中秋).
    """

    name: Word
    every: Annotated[str, Field(pattern=r"^(1|2|3|4|6|12)个月$")] = "12个月"
    month: Annotated[int, Field(ge=1, le=12)] = 12
    day: str = ""
    owner: Text
    content: Text

    @field_validator("day")
    @classmethod
    def _named(cls, day: str) -> str:
        if day and day not in NAMED_DAYS:
            raise ValueError(f"没有“{day}”这个日子；可以写{'、'.join(list(NAMED_DAYS)[:_DAYS_SHOWN])} 等，或留空")
        return day

    @property
    def months(self) -> int:
        """The interval in months."""
        return read_interval(self.every)[0]


_DAYS_SHOWN = 8
