"""Columns that the policy classes as sensitive: printed and handed out only where contacts are (practice §11)."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sheetcrm.errors import PolicyError
from sheetcrm.model import Profile, Record
from sheetcrm.policy.loading import check, standard
from sheetcrm.policy.model import Policy, PrivacyRules
from sheetcrm.report.packs.customers import HIDDEN
from sheetcrm.runs import prepare
from sheetcrm.runs.narrowing import narrow
from sheetcrm.schema import PROFILE
from sheetcrm.store.files.inputs import InputFile
from tests import shared_books
from tests.test_packs import customer, laid
from tests.values import replace, run_in

NOTE, CHAIN = "老板娘说了算", "财务总监拍板"


def classed(*labels: str) -> Policy:
    return standard().model_copy(update={"privacy": PrivacyRules(sensitive=labels)})


@pytest.mark.parametrize("kind", ["档案卡", "交接包"])
def test_a_sensitive_column_is_on_a_card_only_where_contacts_are(kind: str) -> None:
    entry = customer()
    profile = entry.customer.profile
    assert profile
    kept = replace(entry, customer=replace(entry.customer, profile=replace(profile, need=NOTE, decision_chain=CHAIN)))
    for policy, unmasked, shown in (
        (standard(), False, True),
        (classed("决策链", "核心需求"), False, False),
        (classed("决策链", "核心需求"), True, True),
    ):
        page = "".join(job.html for job in laid([kept], kind, policy=policy, unmasked=unmasked).jobs)
        assert (NOTE in page) is shown
        assert (HIDDEN in page) is not shown
        assert (CHAIN in page) is (shown and kind == "档案卡")


def _remark(record: Record) -> str | None:
    assert isinstance(record, Profile)
    return record.remark


def test_a_share_leaves_it_blank() -> None:
    source = InputFile("台账.xlsx", Path("台账.xlsx"), shared_books.book(), "")
    plan = prepare.prepare([source], run_in("2026-10", today=date(2026, 11, 21)))
    remarks = {
        hidden: [_remark(record) for record in narrow(plan, plan.assessments[:2], hidden=hidden).records[PROFILE.kind]]
        for hidden in ((), ("备注",))
    }
    assert all(remarks[()])
    assert remarks["备注",] == [None, None]


def test_a_column_that_other_prints_need_is_refused() -> None:
    assert check(classed("备注").model_dump(), source="策略").privacy.sensitive == ("备注",)
    with pytest.raises(PolicyError, match="“客户名称”不能列为敏感的列"):
        check(classed("客户名称").model_dump(), source="策略")


def test_it_grades_nobody_differently() -> None:
    assert classed("备注").sha256 == standard().sha256
