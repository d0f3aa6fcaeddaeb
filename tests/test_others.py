"""Others are taken out of texts, and nobody else is (practice §11)."""

from __future__ import annotations

import pytest

from sheetcrm.text.others import ANOTHER, Others

OTHERS = Others(
    ["C1", "KH-20261001", "华为", "星河重工", "12", "2026", "13912345678", "李雷"],
    own=["C2", "华为技术有限公司", "星河"],
    phrases={"占本年消费总额15%以上": "按整本台账判断"},
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("和C1一起来", f"和{ANOTHER}一起来"),
        ("c1、C10、XC1、C2", f"{ANOTHER}、C10、XC1、C2"),
        ("见华为的人，不是华为技术有限公司", f"见{ANOTHER}的人，不是华为技术有限公司"),
        ("星河重工和星河", f"{ANOTHER}和星河"),
        ("12天，2026年", "12天，2026年"),
        ("打13912345678找李雷", f"打{ANOTHER}找{ANOTHER}"),
        ("战略级（占本年消费总额15%以上）", "战略级（按整本台账判断）"),
        ("kh-20261001；KH-202610012", f"{ANOTHER}；KH-202610012"),
        ("İ和C1", "İ和（其他客户）"),
        ("", ""),
    ],
)
def test_only_others_go(text: str, expected: str) -> None:
    assert OTHERS(text) == expected
    assert OTHERS(expected) == expected


def test_without_others_nothing_changes() -> None:
    assert Others([], own=["C1"])("C1和谁") == "C1和谁"
