"""A team's own templates: what they may do, and what is said of one that is at fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sheetcrm.errors import EngineError, UsageError
from sheetcrm.report.pages import template_files, templates
from tests.reporting import assessment, documents_of
from tests.test_pipeline import HEADER, ROWS, save

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    folder = tmp_path / "模板"
    folder.mkdir()
    return folder


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return save(tmp_path / "in" / "客户.xlsx", {"打分表": [HEADER, *ROWS]})


def test_a_folder_goes_before_those_that_ship_page_by_page(own: Path) -> None:
    (own / "tier.html").write_text("{{ page.tier.name }}自用", encoding="utf-8")
    found = {job.name: job.html for job in documents_of([assessment()], templates=[own])}
    assert found["1-VIP客户.pdf"] == "VIP客户自用"
    assert "客户服务分级执行报告" in found["执行报告.pdf"]


def test_a_folder_changes_the_hash_by_its_content_and_not_by_its_place(own: Path, tmp_path: Path) -> None:
    (own / "tier.html").write_text("甲", encoding="utf-8")
    before = template_files.templates_hash([own])
    own.rename(tmp_path / "moved")
    assert template_files.templates_hash([tmp_path / "moved"]) == before != template_files.templates_hash()
    (tmp_path / "moved" / "tier.html").write_text("乙", encoding="utf-8")
    assert template_files.templates_hash([tmp_path / "moved"]) != before


def test_what_is_not_hashed_cannot_be_loaded(own: Path) -> None:
    (own / "words.txt").write_text("甲", encoding="utf-8")
    (own / "tier.html").write_text("{% include 'words.txt' %}", encoding="utf-8")
    with pytest.raises(EngineError, match=r"“words\.txt”不存在"):
        documents_of([assessment()], templates=[own])
    (own / "parts").mkdir()
    (own / "parts" / "logo.svg").write_text("<svg/>", encoding="utf-8")
    (own / "tier.html").write_text("{% include 'parts/logo.svg' %}", encoding="utf-8")
    before = template_files.templates_hash([own])
    assert documents_of([assessment()], templates=[own])[0].html == "<svg/>"
    (own / "parts" / "logo.svg").write_text("<svg id='a'/>", encoding="utf-8")
    assert template_files.templates_hash([own]) != before


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ page.__class__.__mro__ }}", "沙箱不允许"),
        ("{{ ''.__class__ }}", "沙箱不允许"),
        ("{{ page.nothing }}", "没有这个名称"),
        ("{% include '../pyproject.toml' %}", "“../pyproject.toml”不存在"),
        ("{% include 'tier.html' %}", "没有尽头"),
        ("{{ 1 / 0 }}", "算不出来（ZeroDivisionError）"),
        ("{{ page.tier|thousands }}", "算不出来"),
        ("{% for", "写法有误"),
        ("{{ 1|nothing }}", "写法有误"),
    ],
)
def test_a_template_at_fault_is_refused_with_file_and_line(own: Path, template: str, said: str) -> None:
    (own / "tier.html").write_text("\n" + template, encoding="utf-8")
    with pytest.raises(EngineError, match="用不了") as caught:
        documents_of([assessment()], templates=[own])
    assert f"模板 {own / 'tier.html'} 第 2 行" in caught.value.what
    assert said in caught.value.what


def test_a_fault_that_shows_in_a_shipped_template_names_the_team_s_own(own: Path) -> None:
    (own / "tier.html").write_text('\n{% extends "_frame.html" %}', encoding="utf-8")
    with pytest.raises(EngineError, match=r"_frame\.html 第 \d+ 行 里") as caught:
        documents_of([assessment()], templates=[own])
    assert f"模板 {own / 'tier.html'} 第 2 行" in caught.value.what


def test_a_folder_that_cannot_be_used_is_refused(own: Path) -> None:
    with pytest.raises(UsageError, match="没有模板文件夹"):
        templates.check([own / "none"])
    with pytest.raises(UsageError, match=r"可以换的有：.*tier\.html"):
        templates.check([own])
    (own / "tier.html").write_text("{% include 'mine.html' %}", encoding="utf-8")
    (own / "mine.html").write_text("甲", encoding="utf-8")
    templates.check([own])
    (own / "teir.html").write_text("甲", encoding="utf-8")
    with pytest.raises(UsageError, match=r"teir\.html 不换任何模板"):
        templates.check([own])
    (own / "teir.html").unlink()
    (own / "mine.html").write_bytes("甲".encode("gb18030"))
    with pytest.raises(UsageError, match=r"mine\.html 不是 UTF-8"):
        templates.check([own])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("tier.html", "甲\n{% for", "tier.html 第 2 行"),
        ("execution.html", "甲\n\n{{ page.nothing }}", "execution.html 第 3 行"),
        ("print.css", "h1 { color: red }\nh2 { colr: red }", "print.css 第 2 行"),
        ("tier.html", "<!doctype html><html lang=zh-CN><title>a</title><img src='logo.png' alt=a>", "logo.png"),
    ],
)
def test_a_run_with_a_template_at_fault_writes_nothing(
    run: Run, book: Path, own: Path, tmp_path: Path, name: str, text: str, said: str
) -> None:
    (own / name).write_text(text, encoding="utf-8")
    code, _, err = run("run", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--templates", own)
    assert code == 2
    assert said in err
    assert "Traceback" not in err
    assert not (tmp_path / "out" / "2024-03").exists()


def test_a_report_with_a_template_at_fault_writes_nothing(run: Run, book: Path, own: Path, tmp_path: Path) -> None:
    words = ("packs", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--only", "抽查清单", "--templates", own)
    assert run(*words)[0] == 2
    for name, text in (("pack_sample.html", "{{ page.nothing }}"), ("pack.css", ".a { colr: red }")):
        (own / name).write_text(text, encoding="utf-8")
        code, _, err = run(*words)
        assert code == 2
        assert f"{own / name} 第 1 行" in err
        (own / name).unlink()
    assert not (tmp_path / "out" / "2024-03").exists()


@pytest.mark.slow
def test_a_run_prints_with_them_and_has_an_id_of_its_own(run: Run, book: Path, own: Path, tmp_path: Path) -> None:
    words = ("run", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--dry-run", "--json")
    plain = json.loads(run(*words)[1])["run_id"]
    page = "<!doctype html><html lang=zh-CN><title>甲</title><style>{% include 'print.css' %}</style><p>自己的样子"
    for name in ("tier.html", "execution.html"):
        (own / name).write_text(page, encoding="utf-8")
    assert json.loads(run(*words, "--templates", own)[1])["run_id"] != plain
    code, _, _ = run("run", book, "-o", tmp_path / "out", "--as-of", "2024-03-01", "--templates", own)
    assert code in {0, 1}
    assert (tmp_path / "out" / "2024-03" / "reports" / "执行报告.pdf").read_bytes().startswith(b"%PDF")
