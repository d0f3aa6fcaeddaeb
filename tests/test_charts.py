"""What the charts say and draw: numbers and lengths are recounted here from the assessments (practice §10)."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

import pytest
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, NullObject, PdfObject

from sheetcrm.model import FIGURES, Assessment, Book, Figures, Movement, PastFigures, figure_values
from sheetcrm.report.pages.chart_views import Chart
from sheetcrm.report.pages.charts import distribution, execution_charts, trend
from sheetcrm.report.pages.list_views import VerdictRow
from sheetcrm.report.pages.template_files import shipped_templates
from sheetcrm.report.pages.templates import Templates
from sheetcrm.report.press import pdf
from tests.reporting import BOOK, assessment, figures, request
from tests.values import replace

EDGES = (Decimal(90), Decimal(70), Decimal(50))
SCORES = tuple(map(Decimal, ("95.0", "72.5", "70.0", "70.0", "51", "100")))
SVG = "{http://www.w3.org/2000/svg}"
SPENDS = {"VIP客户": ("500000", "100000"), "重点客户": ("100000",) * 3, "普通客户": ("20000",) * 5}
"""Of 10 customers 2 are VIP客户 (20.0%), with 600,000 of 1,000,000 (60.0%)."""
ANSWERS = {"VIP客户": (6, 10), "重点客户": (9, 10)}
"""Answered in time, of all requests."""


def entries() -> list[Assessment]:
    made = []
    for tier, spends in SPENDS.items():
        on_time, asked = ANSWERS.get(tier, (0, 0))
        for at, spend in enumerate(spends):
            requests = tuple(
                request("2026-10-12T09:00", "2026-10-12T10:00" if number < on_time else "2026-10-20T10:00")
                for number in range(asked if at == 0 else 0)
            )
            made.append(assessment(f"{tier}{at}", tier, spend=spend, services=requests))
    return made


def month(past: Sequence[PastFigures] = ()) -> Figures:
    return figures(entries(), past=past)


def before(period: str, **values: str) -> PastFigures:
    """An earlier period with these figures of VIP客户 and of all."""
    plain = {key: Decimal(value) for key, value in values.items()}
    return PastFigures(period, {"等级/VIP客户": plain, "合计": plain})


def verdict(now: Figures, tier: str, *, least: str = "0.9", broken: bool = True, few: bool = False) -> VerdictRow:
    group = next(group for group in now.tiers if group.name == tier)
    return VerdictRow(
        tier=tier,
        figure=group.figures["response_on_time"],
        least=Decimal(least),
        to_customer=True,
        broken=broken,
        few=few,
        verdict="未达标" if broken else "达标",
        late="",
        owners=(),
        unit="例",
        customer_id="",
        name="",
        mend_by=None,
    )


def charts_of(now: Figures) -> tuple[Chart, ...]:
    verdicts = [verdict(now, "VIP客户"), verdict(now, "重点客户", broken=False)]
    return execution_charts(now, verdicts, verdicts[:1])


def drawn(tmp_path: Path, call: str, page: object) -> str:
    (tmp_path / "execution.html").write_text(
        f'{{% import "_charts.html" as charts %}}{{{{ charts.{call} }}}}', encoding="utf-8"
    )
    return Templates([tmp_path]).fill("execution.html", page)


def svgs(html: str) -> list[ET.Element]:
    return [ET.fromstring(text) for text in re.findall(r"<svg.*?</svg>", html, re.DOTALL)]  # noqa: S314  (our own)


def texts(svg: ET.Element) -> list[str]:
    return ["".join(text.itertext()).strip() for text in svg.iter(f"{SVG}text")]


def bars(svg: ET.Element, kind: str, above: float) -> list[tuple[float, float]]:
    """List the left end and the length of the bars of a kind that lie above a height: the legend's lie below."""
    return [
        (float(bar.attrib["x"]), float(bar.attrib["width"]))
        for bar in svg.iter(f"{SVG}rect")
        if bar.attrib["class"] == kind and float(bar.attrib["y"]) < above
    ]


def alts(tag: PdfObject) -> Iterator[str]:
    """Yield what the tags of a PDF say of its figures."""
    element = tag.get_object()
    if isinstance(element, ArrayObject):
        for one in element:
            yield from alts(one)
    if isinstance(element, DictionaryObject):
        if "/Alt" in element:
            yield str(element["/Alt"])
        yield from alts(element.get("/K", NullObject()))


def test_a_message_is_the_title() -> None:
    assert [chart.message for chart in charts_of(month())] == [
        "VIP客户只占20.0%，却带来60.0%的消费",
        "VIP客户响应及时率60.0%，承诺90%",
    ]


def test_who_brings_less_than_their_number_is_said_so_and_without_amounts_the_reference_is() -> None:
    now = month()
    vip, other = now.tiers[:2]
    poor = replace(now, tiers=(replace(vip, spend_share=Decimal("0.1")), replace(other, spend_share=Decimal("0.3"))))
    assert execution_charts(poor, (), ())[0].message == "VIP客户占20.0%，只带来10.0%的消费"
    blank = replace(now, tiers=tuple(replace(group, spend_share=None) for group in now.tiers))
    assert execution_charts(blank, (), ())[0].message == "观察客户占0.0%，参考占比20%"
    bare = replace(blank, tiers=tuple(replace(group, reference_share=None) for group in blank.tiers))
    assert execution_charts(bare, (), ())[0].message == "普通客户最多，占50.0%"


def test_the_message_of_promises_is_that_of_the_conclusions() -> None:
    now = month()
    first, second = verdict(now, "VIP客户"), verdict(now, "重点客户", least="0.95", few=True)
    assert execution_charts(now, [first, second], [second, first])[1].message == (
        "重点客户响应及时率90.0%，承诺95%（样本少）"
    )
    kept = [verdict(now, tier, least="0.5", broken=False) for tier in ANSWERS]
    assert execution_charts(now, kept, ())[1].message == "响应及时率没有未达标的等级"


def test_nothing_to_draw_leaves_the_chart_out(tmp_path: Path) -> None:
    empty = figures([], book=Book())
    assert execution_charts(empty, [verdict(empty, "VIP客户")], ()) == ()
    assert distribution((), EDGES, "全部等级") is None
    assert trend(empty, empty.total, "合计", FIGURES).rows == ()
    assert drawn(tmp_path, "figures(page)", ()).strip() == ""


def test_numbers_and_lengths_are_those_of_the_customers(tmp_path: Path) -> None:
    svg = svgs(drawn(tmp_path, "bars(page)", charts_of(month())[0]))[0]
    counts = [len(SPENDS.get(tier, ())) for tier in ("VIP客户", "重点客户", "普通客户", "观察客户")]
    spends = [sum(map(int, SPENDS.get(tier, ()))) for tier in ("VIP客户", "重点客户", "普通客户", "观察客户")]
    shares = [number / 10 for number in counts] + [amount / 1_000_000 for amount in spends]
    assert [text for text in texts(svg) if "%" in text] == [f"{share:.1%}" for share in shares[:7]]
    lengths = bars(svg, "now", above=100)
    room = max(length for _, length in lengths) / max(shares)
    assert room > 30
    assert [length for _, length in lengths] == pytest.approx([room * share for share in shares[:7]], abs=0.1)
    outlines = [length for _, length in bars(svg, "reference", above=100)]
    assert outlines == pytest.approx([room * share for share in (0.1, 0.2, 0.5, 0.2)], abs=0.1)


def test_the_promise_is_a_line_where_it_stands_on_the_scale(tmp_path: Path) -> None:
    svg = svgs(drawn(tmp_path, "bars(page)", charts_of(month())[1]))[0]
    assert [text for text in texts(svg) if text.endswith("%") or text == "—"] == ["60.0%", "90.0%", "—", "—"]
    (_, vip), (_, other) = bars(svg, "now", above=100)
    room = vip / 0.6
    assert other == pytest.approx(room * 0.9, abs=0.1)
    lines = [line.attrib["d"] for line in svg.iter(f"{SVG}path") if line.attrib.get("class") == "target"]
    ends = [float(found[1]) for line in lines if (found := re.search(r"m([\d.]+) 0v19", line))]
    assert ends == pytest.approx([room * 0.9] * 4, abs=0.1)  # two tiers, each line with a white edge
    assert "响应及时率（承诺90%）" in texts(svg)


def test_the_last_period_is_a_grey_bar_and_marked_where_nobody_recorded_it(tmp_path: Path) -> None:
    entry = before("2026-09", share="0.1", response_on_time="0.3")
    chart = charts_of(month([entry]))[0]
    svg = svgs(drawn(tmp_path, "bars(page)", chart))[0]
    (_, now), *_ = bars(svg, "now", above=100)
    assert [length for _, length in bars(svg, "last", above=100)] == pytest.approx([now / 2], abs=0.1)
    assert "上期" in texts(svg)
    assert "VIP客户 20.0%，上期 10.0%，参考占比 10%" in chart.alt
    marked = charts_of(month([replace(entry, backwards=True)]))[0]
    assert "上期（按交易明细回溯）" in texts(svgs(drawn(tmp_path, "bars(page)", marked))[0])
    alone = svgs(drawn(tmp_path, "bars(page)", charts_of(month())[0]))[0]
    assert "上期" not in texts(alone)


def test_every_drawing_says_in_words_what_it_shows(tmp_path: Path) -> None:
    for svg, chart in zip(svgs(drawn(tmp_path, "figures(page)", charts_of(month()))), charts_of(month()), strict=True):
        assert svg.attrib["role"] == "img"
        assert svg.findtext(f"{SVG}title") == chart.alt
        assert svg.findtext(f"{SVG}desc") == chart.message


def test_charts_are_grey_and_need_no_style(tmp_path: Path) -> None:
    html = drawn(tmp_path, "figures(page)", charts_of(month([before("2026-09", share="0.1")])))
    colours = re.findall(r"#([0-9a-f]{6})", html)
    assert colours
    assert all(colour[:2] == colour[2:4] == colour[4:] for colour in colours)
    assert "style=" not in html


def test_no_type_in_a_chart_is_smaller_than_seven_and_a_half_points(tmp_path: Path) -> None:
    source = (Path(shipped_templates()) / "_charts.html").read_text(encoding="utf-8")
    sizes = [Decimal(size) for size in re.findall(r'font-size="([\d.]+)"', source)]
    assert sizes
    assert min(sizes) >= Decimal("7.5")
    for svg in svgs(drawn(tmp_path, "figures(page)", charts_of(month()))):
        _, _, width, height = svg.attrib["viewBox"].split()
        assert (svg.attrib["width"], svg.attrib["height"]) == (f"{width}pt", f"{height}pt")


def test_customers_are_counted_by_score_between_the_edges_that_hold_them(tmp_path: Path) -> None:
    shown = distribution(SCORES, EDGES, "全部等级")
    assert shown is not None
    assert (shown.start, shown.width, shown.edges) == (50, 5, (90, 70))
    assert shown.counts == (1, 0, 0, 0, 3, 0, 0, 0, 0, 2)
    assert shown.message == "全部等级的总分最集中在70至75分，3家客户"
    svg = svgs(drawn(tmp_path, "columns(page)", shown))[0]
    assert [text for text in texts(svg) if text in {"1", "2", "3"}] == ["1", "3", "2"]
    heights = [float(bar.attrib["height"]) for bar in svg.iter(f"{SVG}rect")]
    assert heights == pytest.approx([70 / 3, 70, 140 / 3], abs=0.1)


@pytest.mark.parametrize(
    ("low", "edges", "start", "width", "classes"),
    [
        ("95", "90 70 50", 90, 1, 10),
        ("75", "90 70 50", 70, 5, 6),
        ("10", "90 70 50", 0, 10, 10),
        ("10", "85 60 40", 0, 5, 20),
        ("10", "62.5", 0, 10, 10),
    ],
)
def test_no_class_of_scores_lies_on_both_sides_of_an_edge(
    low: str, edges: str, start: int, width: int, classes: int
) -> None:
    shown = distribution([Decimal(low), Decimal(96)], [Decimal(edge) for edge in edges.split()], "全部等级")
    assert shown is not None
    assert (shown.start, shown.width, len(shown.counts)) == (start, width, classes)


@pytest.mark.parametrize(("shares", "sparks"), [(("0.8",), 0), (("0.8", "0.45"), 1)])
def test_a_sparkline_is_drawn_from_three_periods_on(tmp_path: Path, shares: Sequence[str], sparks: int) -> None:
    past = [before(f"2026-{number:02d}", response_on_time=share) for number, share in enumerate(shares, start=8)]
    now = month(past)
    shown = trend(now, now.tiers[0], "等级/VIP客户", ["response_on_time", "resolved"])
    assert [row.figure.kind.key for row in shown.rows] == ["response_on_time"]
    html = drawn(tmp_path, "trend(page, '合计')", shown)
    assert re.findall(r'<td class="n">([^<]*)', html) == [f"{Decimal(share):.1%}" for share in (*shares, "0.6")]
    assert len(svgs(html)) == sparks
    for svg in svgs(html):
        assert svg.findtext(f"{SVG}title") == "响应及时率：80.0%→45.0%→60.0%"
        columns = list(svg.iter(f"{SVG}rect"))
        assert [column.attrib["class"] for column in columns] == ["last", "last", "now"]
        heights = [float(column.attrib["height"]) for column in columns]
        assert heights == pytest.approx([11, 11 * 0.45 / 0.8, 11 * 0.6 / 0.8], abs=0.01)


def test_what_was_lost_hangs_below_the_line_of_zero(tmp_path: Path) -> None:
    now = month([before("2026-08", repurchase_growth="0.1"), before("2026-09", repurchase_growth="-0.1")])
    row = trend(now, now.total, "合计", ["repurchase_growth"]).rows[0]
    svg = svgs(drawn(tmp_path, "spark(page)", replace(row, values=(*row.values[:-1], Decimal(0)))))[0]
    tops = [float(column.attrib["y"]) for column in svg.iter(f"{SVG}rect")]
    assert tops == pytest.approx([0, 5.5, 5.5])


def test_a_trend_has_seven_periods_and_rows_without_a_past_only_in_full() -> None:
    now = month([before(f"2025-{number:02d}", score="80") for number in range(1, 13)])
    shown = trend(now, now.total, "合计", FIGURES)
    assert shown.periods == (*(f"2025-{number:02d}" for number in range(7, 13)), "2026-10")
    assert [row.figure.kind.key for row in shown.rows] == ["score"]
    assert len(trend(now, now.total, "合计", FIGURES, blank=True).rows) == len(FIGURES)


def test_a_name_that_looks_like_markup_is_drawn_as_written(tmp_path: Path) -> None:
    now = month()
    odd = replace(now, tiers=tuple(replace(group, name="$<b>&$") for group in now.tiers))
    html = drawn(tmp_path, "figures(page)", execution_charts(odd, (), ()))
    assert "<b>" not in html
    assert texts(svgs(html)[0])[0] == "$<b>&$"


def test_the_engine_prints_charts_without_a_word_the_same_twice_and_tagged(tmp_path: Path) -> None:
    shown = distribution(SCORES, EDGES, "全部等级")
    charts = charts_of(month([before("2026-09", share="0.1")]))
    html = f'<html lang="zh-CN"><title>图</title><body>{drawn(tmp_path, "figures(page[0], page[1])", (charts, shown))}'
    printed = pdf.render(html)
    assert printed.missing == ()
    assert printed == pdf.render(html)
    reader = PdfReader(io.BytesIO(printed.pdf))
    assert shown is not None
    assert set(alts(reader.root_object["/StructTreeRoot"])) == {*(chart.alt for chart in charts), shown.alt}
    text = reader.pages[0].extract_text()
    for number in ("20.0%", "60.0%", "90.0%"):
        assert number in text


def test_the_movement_of_last_period_is_no_chart() -> None:
    moved = [assessment("C002", "重点客户", previous_grade="VIP客户", movement=Movement.DOWN), *entries()]
    assert len(charts_of(figures(moved))) == 2


def test_the_values_for_the_record_name_groups_apart() -> None:
    values = figure_values(figures([assessment(owner="VIP客户")], book=BOOK))
    assert {"合计", "等级/VIP客户", "客户经理/VIP客户"} <= values.keys()
    assert values["等级/VIP客户"]["customers"] == 1
