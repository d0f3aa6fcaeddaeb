"""Key words in what people wrote down, negation understood (practice §7)."""

from __future__ import annotations

import pytest

from sheetcrm.assess.measure.signals import find_signals
from sheetcrm.policy.loading import standard

WORDS = standard().signals.words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("客户考虑竞品报价", {"竞品"}),
        ("客戶考慮競品報價", {"竞品"}),
        ("没有考虑竞品", set()),
        ("客户目前没有在考虑竞品", set()),
        ("並未考慮競品", set()),
        ("没有异议，但在考虑竞品", {"竞品"}),
        ("不考虑竞品；预算削减", {"预算削减"}),
        ("没有考虑竞品。月底又考虑竞品", {"竞品"}),
        ("询问复杂功能和系统对接", {"复杂功能"}),
        ("换了负责人，联系不上", {"决策人变动", "反馈迟缓"}),
        ("一切正常", set()),
        ("", set()),
    ],
)
def test_a_text_names_its_signals(text: str, found: set[str]) -> None:
    assert find_signals(text, WORDS) == found
