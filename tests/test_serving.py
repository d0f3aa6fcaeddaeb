"""Which tier serves a customer when (practice §3): the grade in force at a request."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from sheetcrm.assess.grade.tier_in_force import serving
from sheetcrm.model import Past
from sheetcrm.policy.loading import standard
from tests.making import customer, scoring_row
from tests.test_alerts import AS_OF, assessed, request
from tests.values import run_as_of

POLICY = standard()
VIP, KEY, NORMAL, WATCH = POLICY.tiers


@pytest.mark.parametrize(
    ("previous", "assessed_on", "day", "tier"),
    [
        ("重点客户", None, date(2026, 10, 31), "重点客户"),
        ("重点客户", date(2026, 10, 20), date(2026, 10, 20), "重点客户"),
        ("重点客户", date(2026, 10, 20), date(2026, 10, 21), "VIP客户"),
        ("重点客户", date(2026, 9, 20), date(2026, 10, 1), "重点客户"),
        ("未成交", None, date(2026, 10, 1), "普通客户"),
        ("待补充资料", None, date(2026, 10, 1), "VIP客户"),
        ("A级", None, date(2026, 10, 1), "VIP客户"),
        (None, None, date(2026, 10, 1), "VIP客户"),
    ],
    ids=["the month", "the day itself", "the next day", "an older day", "unsold", "ungraded", "another tier", "new"],
)
def test_a_grade_serves_from_the_day_after_it_was_given(
    previous: str | None, assessed_on: date | None, day: date, tier: str
) -> None:
    found = customer(scoring=scoring_row(assessed_on=assessed_on))
    served = serving(found, run_as_of(AS_OF, policy=POLICY), VIP, previous)
    assert served.on(day) == tier


def test_the_tier_at_the_request_decides_what_is_late_and_what_is_above_it() -> None:
    """An old 观察客户 has 48 hours and no discount until its new grade serves."""
    row = scoring_row(recency=5, frequency_12m=Decimal(30), spend_12m=Decimal(900_000), repurchase_rate=Decimal(1))
    asked = request("2026-10-20 09:00", "2026-10-21 09:00", discount=Decimal("0.1"))
    one = customer(scoring=row, services=(asked,))

    def codes(grade: str) -> set[str]:
        found = assessed(one, {"C001": Past("2026-09", grade, None, None, {})})
        assert found.grade == "VIP客户"
        assert found.tier_on(date(2026, 10, 20)) == grade
        assert found.grade_on(date(2026, 10, 20)) == grade
        return {alert.code for alert in found.alerts} & {"风险-轻度", "越级承诺"}

    assert codes("观察客户") == {"越级承诺"}
    assert codes("VIP客户") == {"风险-轻度"}


def test_the_grade_that_stands_in_the_row_says_what_served_without_a_history() -> None:
    row = scoring_row(
        recency=5, frequency_12m=Decimal(30), spend_12m=Decimal(900_000), repurchase_rate=Decimal(1), grade="重点客户"
    )
    found = assessed(customer(scoring=row))
    assert (found.tier_on(AS_OF), found.tier_on(date(2026, 11, 1))) == ("重点客户", "VIP客户")
