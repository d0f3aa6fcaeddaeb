import base64
import re
from collections.abc import Sequence
from decimal import Decimal

import pytest

from sheetcrm.model import Book, Figures, Movement, PastFigures, figure_values
from sheetcrm.report.pages.charts import execution_charts, tier_charts
from sheetcrm.report.pages.views import Chart
from sheetcrm.report.press import pdf
from tests.reporting import BOOK, assessment, figures, request
from tests.values import replace

EDGES = (Decimal(90), Decimal(70), Decimal(50))
SCORES = (Decimal("95.0"), Decimal("72.5"), Decimal("70.0"))


def month() -> Figures:
    made = request("2026-10-10T09:00", "2026-10-10T10:00")
    entries = [
        assessment("C001", services=(made,)),
        assessment("C002", "重点客户", score="72.5", previous_grade="VIP客户", movement=Movement.DOWN),
        assessment("C003", "重点客户", score="70.0"),
    ]
    return figures(entries)


def svg(chart: Chart) -> str:
    return base64.b64decode(chart.source.removeprefix("data:image/svg+xml;base64,")).decode()


def captions(drawn: Sequence[Chart]) -> list[str]:
    return [chart.caption.partition("（")[0] for chart in drawn]


def test_there_is_a_chart_for_each_thing_that_is_known() -> None:
    assert captions(execution_charts(month(), SCORES, EDGES)) == [
        "各等级占比与参考占比",
        "全部等级的得分分布",
        "等级之间的变动",
        "各等级近12个月消费",
        "各等级响应及时率",
    ]


def test_nothing_to_draw_leaves_the_chart_out() -> None:
    empty = figures([], book=Book())
    assert execution_charts(empty, (), EDGES) == ()
    assert tier_charts(empty, empty.tiers[0], "等级/VIP客户", (), EDGES) == ()


def test_text_stays_text_in_the_page_s_fonts_and_the_same_figures_give_the_same_bytes() -> None:
    drawn = execution_charts(month(), SCORES, EDGES)
    for chart in drawn:
        assert "<text" in svg(chart)
        assert "DejaVu" not in svg(chart)
        assert "<dc:date>" not in svg(chart)
        assert chart.alt
    assert "VIP客户" in svg(drawn[0])
    assert drawn == execution_charts(month(), SCORES, EDGES)


def test_charts_are_grey() -> None:
    for chart in execution_charts(month(), SCORES, EDGES):
        for colour in re.findall(r"#([0-9a-f]{6})", svg(chart)):
            assert colour[:2] == colour[2:4] == colour[4:]


@pytest.mark.slow
def test_the_trend_runs_over_the_periods_on_record() -> None:
    now = month()
    past = tuple(
        PastFigures(period, {"合计": {"response_on_time": Decimal(share)}})
        for period, share in (("2026-08", "0.8"), ("2026-09", "0.9"))
    )
    trend = execution_charts(replace(now, past=past), SCORES, EDGES)[-1]
    assert trend.wide
    assert "2026-08 80.0%、2026-09 90.0%、2026-10 100.0%" in trend.alt


def test_a_name_that_looks_like_a_formula_or_markup_is_drawn_as_written() -> None:
    now = month()
    odd = replace(now, tiers=tuple(replace(group, name="$<b>&$") for group in now.tiers))
    drawn = execution_charts(odd, SCORES, EDGES)[0]
    assert "$&lt;b&gt;&amp;$" in svg(drawn)


def test_the_engine_prints_a_chart_without_a_word() -> None:
    images = "".join(f'<img alt="图" src="{chart.source}">' for chart in execution_charts(month(), SCORES, EDGES))
    assert pdf.render(f'<html lang="zh-CN"><title>图</title><body>{images}').missing == ()


def test_the_values_for_the_record_name_groups_apart() -> None:
    values = figure_values(figures([assessment(owner="VIP客户")], book=BOOK))
    assert {"合计", "等级/VIP客户", "客户经理/VIP客户"} <= values.keys()
    assert values["等级/VIP客户"]["customers"] == 1
