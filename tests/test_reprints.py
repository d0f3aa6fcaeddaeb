"""Reports that say what they said last time are taken from there: the same bytes, fewer pages set (practice §10)."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from pypdf import PdfReader

from sheetcrm.report.press import pdf
from sheetcrm.report.press.pool import Job
from sheetcrm.report.press.stamping import PLACE, NoPlaceError, stamp
from sheetcrm.runs import apply, prepare, printing
from sheetcrm.runs.apply import Outcome
from sheetcrm.runs.printing import PrintedFiles
from sheetcrm.runs.reading import Progress, silent
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger
from tests.test_pipeline import HEADER, ROWS, TODAY, save
from tests.values import run_in

pytestmark = pytest.mark.slow

STYLE = """@page { @bottom-left { content: "校验号 " string(run); font-kerning: none } }
html { font-family: "Noto Sans CJK SC", "Noto Sans SC", "Microsoft YaHei", "PingFang SC", sans-serif }
.run { string-set: run content(); font-kerning: none; font-variant-ligatures: none }"""
PAGE = f"""<html lang=zh-CN><title>甲</title><style>{STYLE}</style><p>编号 KFFJ-2026-10 校验号
<span class=run>{PLACE}</span><p>2026年 abc <b>0123456789</b><p style="break-before: page">第二页"""
IDS = ("5ed3ce1fef02", "000000000000", "fedcba987654", "234b2011fde0")


def text_of(data: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


@pytest.fixture(scope="module")
def page() -> bytes:
    return pdf.render(PAGE).pdf


@pytest.mark.parametrize("run_id", IDS)
def test_an_id_is_put_in_at_every_place_and_can_be_copied_from_there(page: bytes, run_id: str) -> None:
    text = text_of(stamp(page, run_id))
    assert text.count(run_id) == 3
    assert PLACE not in text
    assert "0123456789" in text


@pytest.mark.parametrize("last", IDS)
def test_what_stood_there_before_leaves_no_trace(page: bytes, last: str) -> None:
    for run_id in IDS:
        assert stamp(stamp(page, last), run_id, instead=last) == stamp(page, run_id)


def test_a_page_without_a_place_and_one_set_in_two_fonts_are_told() -> None:
    for html in (PAGE.replace(f"{PLACE}</span>", "</span>"), PAGE.replace("89ab", "89<b>a</b>b")):
        with pytest.raises(NoPlaceError):
            stamp(pdf.render(html).pdf, IDS[0])


def small(html: str) -> bytes:
    """Print, in place of a report, a page that says which it is."""
    place = PAGE if PLACE in html else PAGE.replace(PLACE, re.findall("校验号 .*?([0-9a-f]{12})<", html)[0])
    return pdf.render(place.replace("第二页", hashlib.sha256(html.encode()).hexdigest())).pdf


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the reports that are set, as they are; small pages stand for them."""
    names: list[str] = []

    def note(jobs: Sequence[Job], *, stop_on_failure: bool, progress: Progress) -> PrintedFiles:
        assert (stop_on_failure, progress) == (False, silent)
        names.extend(job.name for job in jobs)
        return PrintedFiles({job.name: small(job.html) for job in jobs}, {}, ())

    monkeypatch.setattr(printing, "print_documents", note)
    return names


@pytest.fixture
def book(tmp_path: Path) -> Path:
    save(tmp_path / "台账" / "客户.xlsx", {"打分表": [HEADER, *ROWS]})
    return tmp_path / "台账"


def do(book: Path, output: Path) -> Outcome:
    with ledger.read(output) as history:
        plan = prepare.prepare(gather([book], output=output), run_in("2026-10", today=TODAY), history=history)
    return apply.apply(plan, output, pdf=True)


def reports_of(output: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (output / "2026-10" / "reports").iterdir()}


def test_a_run_repeated_sets_nothing_and_leaves_the_same(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    do(book, tmp_path / "out")
    reports = reports_of(tmp_path / "out")
    assert len(reports) > 2
    assert not any(PLACE in text_of(data) for data in reports.values())
    monkeypatch.setattr(
        printing,
        "print_documents",
        lambda jobs, **_options: PrintedFiles({}, {job.name: "set anew" for job in jobs}, ()),
    )
    assert not do(book, tmp_path / "out").failed
    assert reports_of(tmp_path / "out") == reports


def test_what_a_mended_cell_touches_is_set_and_all_is_as_if_all_had_been(
    book: Path, printed: list[str], tmp_path: Path
) -> None:
    do(book, tmp_path / "out")
    first = list(printed)
    save(book / "客户.xlsx", {"打分表": [HEADER, *ROWS[:-1], (*ROWS[-1][:2], "31天", *ROWS[-1][3:])]})
    shutil.copytree(tmp_path / "out", tmp_path / "anew")
    record = tmp_path / "anew" / "2026-10" / "run.json"
    record.write_text(record.read_text("utf-8").replace("set_from", "unused"), "utf-8")
    printed.clear()
    do(book, tmp_path / "out")
    assert 0 < len(printed) < len(first)
    printed.clear()
    do(book, tmp_path / "anew")
    assert sorted(printed) == sorted(first)
    assert reports_of(tmp_path / "out") == reports_of(tmp_path / "anew")


def test_a_report_that_was_changed_since_is_set_anew(book: Path, printed: list[str], tmp_path: Path) -> None:
    do(book, tmp_path / "out")
    reports = reports_of(tmp_path / "out")
    name = printed[0]
    path = tmp_path / "out" / "2026-10" / "reports" / name
    path.write_bytes(stamp(path.read_bytes(), IDS[0], instead=text_of(path.read_bytes()).split("校验号 ")[1][:12]))
    printed.clear()
    do(book, tmp_path / "out")
    assert printed == [name]
    assert reports_of(tmp_path / "out") == reports


def test_where_an_id_cannot_be_put_in_the_report_is_printed_with_it(
    book: Path, printed: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: object, **_further: object) -> bytes:
        raise NoPlaceError

    monkeypatch.setattr(printing, "stamp", refuse)
    do(book, tmp_path / "out")
    reports = reports_of(tmp_path / "out")
    assert len(printed) == 2 * (len(reports) - 1)
    assert not any(PLACE in text_of(data) for data in reports.values())
    printed.clear()
    do(book, tmp_path / "out")
    assert printed
