"""Headers and labels fold to one spelling, whoever typed them (practice §1)."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sheetcrm.text.folding import (
    HeaderText,
    fold,
    simplify,
    split_header,
    squeeze,
    unit_of,
    unreadable_weight,
    weight_of,
)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        pytest.param("客户编号", "客户编号", id="simplified stays"),
        pytest.param("客戶編號", "客户编号", id="traditional becomes simplified"),
        pytest.param("後續跟進", "后续跟进", id="traditional characters that GB 2312 also has"),
        pytest.param("ＡＰＰ　活动", "app活动", id="full width becomes half width"),
        pytest.param("客户\n名称", "客户名称", id="a line break goes"),
        pytest.param(" 客\u3000户\xa0名\u200b称\ufeff", "客户名称", id="every kind of space goes"),
        pytest.param("客户名称*", "客户名称", id="the mark of a required field goes"),
        pytest.param("客户名称＊：", "客户名称", id="marks in full width go"),
        pytest.param("满意度评分 (CSAT)", "满意度评分(csat)", id="ASCII letters become small"),
        pytest.param("", "", id="nothing"),
        pytest.param("*", "", id="only a mark"),
    ],
)
def test_spellings_fold_to_one(written: str, folded: str) -> None:
    assert fold(written) == folded


@pytest.mark.parametrize("other", ["客戶類型", "客户类型 ", "客户\r\n类型", "客户类型：", "\u200b客户类型"])
def test_spellings_of_one_label_are_equal(other: str) -> None:
    assert fold(other) == fold("客户类型")


@settings(deadline=None)  # the first traditional character loads the converter
@given(st.text())
@example("e\u200b\u0301")
@example("H\u0331")
@example("A\u200b\u0300")
@example("薴")
@example("¨")
@example("客戶*：*")
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@settings(deadline=None)  # the first traditional character loads the converter
@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)))
def test_folding_twice_changes_nothing_in_any_chinese(text: str) -> None:
    assert fold(fold(text)) == fold(text)
    assert simplify(simplify(text)) == simplify(text)


def test_simplified_text_never_loads_the_converter() -> None:
    code = (
        "import sys; from sheetcrm.text.folding import fold; fold('近12个月消费金额（万元）：¥'); "
        "sys.exit('opencc' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_squeezing_never_joins_two_numbers() -> None:
    assert squeeze(" 80\n50 万 元 ") == "80 50万元"


@pytest.mark.parametrize(
    ("written", "label", "notes"),
    [
        ("最近消费时间(R,权重20%)", "最近消费时间", ("r,权重20%",)),
        ("最近消費時間（Ｒ，權重２０％）", "最近消费时间", ("r,权重20%",)),
        ("最近消费时间\n(R,权重20%)", "最近消费时间", ("r,权重20%",)),
        ("忠诚度(复购率15%)", "忠诚度", ("复购率15%",)),
        ("累计交易金额（元）", "累计交易金额", ("元",)),
        ("联系人(职位)", "联系人", ("职位",)),
        ("企业规模【人数】", "企业规模", ("人数",)),
        ("消费金额(万元)[M，权重35%]*", "消费金额", ("万元", "m,权重35%")),
        ("消费金额（M（权重35%））", "消费金额", ("m权重35%",)),
        ("联系人(职位", "联系人", ("职位",)),
        ("*客户名称：", "客户名称", ()),
        ("【客户名称】", "客户名称", ()),
        ("客户编号)", "客户编号", ()),
        ("()", "", ()),
        ("", "", ()),
    ],
)
def test_a_header_is_parted_from_its_brackets(written: str, label: str, notes: tuple[str, ...]) -> None:
    assert split_header(written) == HeaderText(label, notes)


@settings(deadline=None)  # the first traditional character loads the converter
@given(st.text())
def test_any_header_is_parted(text: str) -> None:
    header = split_header(text)
    assert not set("()[]【】") & set(header.label)
    assert unit_of(header.notes) is None or weight_of(header.notes) is None or header.notes


@pytest.mark.parametrize(
    ("written", "unit"),
    [
        ("消费金额(元)", "元"),
        ("消费金额（千元）", "千元"),
        ("消費金額（萬元）", "万元"),
        ("消费金额(万)", "万元"),
        ("消费金额(单位：万元)", "万元"),
        ("消费金额(人民币万元)", "万元"),
        ("消费金额(RMB)", "元"),
        ("消费金额(百万)", "百万元"),
        ("消费金额(亿)", "亿元"),
        ("消费金额(M,权重35%)(万元)", "万元"),
        ("消费金额(美元)", "美元"),
        ("最近消费时间(天)", "天"),
        ("产品使用时长(个月)", "月"),
        ("消费频次(次/年)", "次/年"),
        ("消费频次（次／月）", "次/月"),
        ("消费频次(次每季度)", "次/季度"),
        ("复购率(%)", "%"),
        ("企业规模(人数)", "人"),
        ("联系人(职位)", None),
        ("消费频次(F,权重15%)", None),
        ("客户编号", None),
    ],
)
def test_a_header_says_its_unit(written: str, unit: str | None) -> None:
    assert unit_of(split_header(written).notes) == unit


@pytest.mark.parametrize(
    ("written", "weight"),
    [
        ("最近消费时间(R,权重20%)", "20"),
        ("消費頻次（F，權重１５％）", "15"),
        ("消费金额(M,权重35%)", "35"),
        ("忠诚度(复购率15%)", "15"),
        ("行业潜力(权重12.5%)", "12.5"),
        ("行业潜力(权重：15)", "15"),
        ("行业潜力(权重0.15)", "15"),
        ("行业潜力(15%)", "15"),
        ("复购率(%)", None),
        ("行业潜力(增速≥15%)", None),
        ("满意度(0-100)", None),
        ("客户编号", None),
    ],
)
def test_a_header_says_its_weight(written: str, weight: str | None) -> None:
    assert weight_of(split_header(written).notes) == (None if weight is None else Decimal(weight))


@pytest.mark.parametrize(
    "note",
    [
        *(
            "权重1e308%",
            "权重-20%",
            "权重NaN%",
            "权重inf",
            "权重1/3",
            "权重200%",
            "R,权重1E+400",
            "复购率1500%",
            "权重.2.3",
        ),
        f"权重{'9' * 30}%",
    ],
)
def test_a_weight_beyond_its_bounds_is_none_and_is_quoted(note: str) -> None:
    notes = split_header(f"消费金额({note})").notes
    assert weight_of(notes) is None
    assert unreadable_weight(notes) == notes[0].split(",")[-1]


@pytest.mark.parametrize("note", ["市场占比", "权重以策略为准", "占比>50%", "权重20%", "0.2", "万元", "复购率15%"])
def test_a_note_without_a_figure_for_a_weight_is_no_unreadable_one(note: str) -> None:
    assert unreadable_weight(split_header(f"消费金额({note})").notes) is None
