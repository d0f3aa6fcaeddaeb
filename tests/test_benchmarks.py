"""What the program is measured against does the same work: the script gives its answers, the one call its pages."""

from __future__ import annotations

import re
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from benchmarks import reports
from benchmarks.columns import COLUMNS, JUDGED, WRITTEN
from benchmarks.data import write_book
from benchmarks.rivals import job_sheetcrm
from benchmarks.script import SHEET, run
from sheetcrm.report.press.pool import Job

DIFFERENT = {"得分说明", "跟进动作", "跟进责任人"}
"""What the script says in its own words, or picks otherwise among what is due at once."""
ALIKE = tuple(label for label in JUDGED if label not in DIFFERENT)


def answers(path: Path) -> dict[str, list[str]]:
    """Give each customer's answers as they stand in the workbook."""
    header, *rows = load_workbook(BytesIO(path.read_bytes()))[SHEET].iter_rows(values_only=True)
    places = [header.index(label) for label in ALIKE]
    return {str(row[0]): [_said(row[place]) for place in places] for row in rows}


def _said(value: object) -> str:
    return value.isoformat()[:10] if isinstance(value, date) else "" if value is None else str(value)


@pytest.mark.slow
def test_the_rival_script_gives_our_answers(tmp_path: Path) -> None:
    source = write_book(tmp_path / "400.xlsx", 400)
    job_sheetcrm(source, tmp_path / "ours.xlsx")
    run(source, tmp_path / "theirs.xlsx")
    ours, theirs = answers(tmp_path / "ours.xlsx"), answers(tmp_path / "theirs.xlsx")
    assert len(ours) == 400
    assert ours == theirs


def test_the_rivals_write_what_the_practice_names() -> None:
    assert not set(WRITTEN) & set(COLUMNS)
    assert len(WRITTEN) == 16


def test_one_call_prints_the_pages_of_every_document() -> None:
    head = "<!doctype html><html lang=zh-CN><head><title>-</title></head>"
    jobs = [
        Job("一.pdf", f'{head}\n<body class="short"><h1 id="a">甲</h1><a href="#a">见甲</a></body></html>'),
        Job("二.pdf", f'{head}\n<body\n class="short"><h1 id="a">乙</h1></body></html>'),
    ]
    whole = reports.in_one(jobs)
    assert re.findall(r'id="([^"]+)"', whole) == ["d0-a", "d1-a"]
    assert 'href="#d0-a"' in whole
    assert reports.one_call(jobs) == 2


def test_a_document_whose_body_is_not_found_is_no_page_of_the_one_call() -> None:
    for html in ("<html><main>甲</main></html>", "<html><body> </body></html>"):
        with pytest.raises(ValueError, match=r"no body in 一\.pdf"):
            reports.in_one([Job("一.pdf", html)])


def test_the_reports_measured_are_those_of_the_program() -> None:
    """Lay out few customers only: that their bodies are found is what matters."""
    for full in (False, True):
        jobs = reports.made_up_jobs(8, full=full)
        assert reports.in_one(jobs).count("客户经理") >= 8
