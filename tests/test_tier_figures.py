"""留存率 and 续约率 of each tier, under every set of tiers (practice §10): the tier the period began with counts."""

from __future__ import annotations

import re
from datetime import date

import pytest

from sheetcrm.assess.figures.summary import summarise
from sheetcrm.model import Assessment, Classification, Departed, Past, Ratio
from sheetcrm.policy import loading
from sheetcrm.report.pages import documents
from tests.making import profile
from tests.reporting import AS_OF, BOOK, PERIOD, assessment, results
from tests.values import replace, run_as_of


def member(key: str, grade: str, stage: str, ends: str | None = None) -> Assessment:
    plain = assessment(key, grade, classes=(Classification("合作阶段", stage, "", ""),))
    filed = profile(key, contract_end=date.fromisoformat(ends) if ends else None)
    return replace(plain, customer=replace(plain.customer, profile=filed))


def began(grade: str, ends: str | None = None) -> Past:
    return Past("2026-09", grade, None, None, {"合作阶段": "稳定客户"} | ({"合同到期日": ends} if ends else {}))


@pytest.mark.parametrize("preset", loading.PRESETS)
def test_who_stayed_and_who_renewed_is_stated_of_each_tier_of_every_set(preset: str) -> None:
    policy = loading.preset(preset)
    best, second = (tier.name for tier in policy.tiers[:2])
    run = run_as_of(AS_OF, period=PERIOD, policy=policy)
    entries = [
        member("C001", best, "稳定客户"),
        member("C002", second, "流失客户"),
        member("C003", second, "稳定客户", "2027-10-15"),
        member("C004", best, "稳定客户", "2026-10-20"),
    ]
    history = {
        "C001": began(best),
        "C002": began(best),
        "C003": began(second, "2026-10-15"),
        "C004": began(second, "2026-10-20"),
    }
    departed = (Departed(customer_id="C005", past=began(second, "2026-10-25"), owner="林婉清"),)
    figures = summarise(entries, run, BOOK, history=history, departed=departed)

    def counted(key: str) -> list[Ratio]:
        return [Ratio(group.figures[key].n, group.figures[key].total) for group in figures.tiers[:2]]

    assert counted("retention") == [Ratio(1, 2), Ratio(2, 3)]
    assert counted("renewal") == [Ratio(0, 0), Ratio(1, 3)], "who is gone did not renew"
    found = results(entries, policy=policy, figures=figures)
    pages = {job.name: re.sub(r"<[^>]+>", " ", job.html) for job in documents.plan(found)}
    page = next(html for name, html in pages.items() if second in name)
    assert re.search(r"留存率 66\.7%（2/3）；续约率 33\.3%（1/3）", page)
