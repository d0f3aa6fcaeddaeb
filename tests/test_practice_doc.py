"""The pages about the rules and the house: what they name is there, and what is cited of them is in them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PROGRAM = ("sheetcrm/**/*.py", "sheetcrm/**/*.toml")
CITING = (*PROGRAM, "tests/*.py", "scripts/**/*.py", "docs/**/*.md", "templates/*")
PATH = re.compile(r"`((?:sheetcrm|templates|tests|scripts|docs)/[\w./-]*)`")


def text_of(page: str) -> str:
    return (DOCS / page).read_text(encoding="utf-8")


def rows_of(page: str, heading: str = "") -> Iterator[list[str]]:
    """Yield the cells of the table rows below a heading, or of the whole page; heads and rules are left out."""
    section = text_of(page).split(f"\n## {heading}\n", 1)[-1]
    lines = section.split("\n## ", 1)[0].splitlines() if heading else section.splitlines()
    for line, below in zip(lines, [*lines[1:], ""], strict=True):
        if line.startswith("| ") and not below.startswith("|---"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def sections_cited() -> dict[str, str]:
    """Map every § cited in the code, the tests and the docs to one place that cites it."""
    files = [path for pattern in CITING for path in ROOT.glob(pattern) if path != DOCS / "practice.md"]
    return {
        number: str(path.relative_to(ROOT))
        for path in files
        for number in re.findall(r"§(\d+(?:\.\d+)?)", path.read_text(encoding="utf-8"))
    }


def test_every_section_cited_is_in_the_practice() -> None:
    there = set(re.findall(r"^(?:#+ |\| \*\*)§(\d+(?:\.\d+)?)", text_of("practice.md"), re.MULTILINE))
    cited = sections_cited()
    assert len(cited) > len(there) // 2
    assert {number: place for number, place in cited.items() if number not in there} == {}


def test_rules_are_cited_from_the_page_that_is_here() -> None:
    old = "domain" + " §"
    assert [path for pattern in CITING for path in ROOT.glob(pattern) if old in path.read_text(encoding="utf-8")] == []


@pytest.mark.parametrize("page", ["practice.md", "architecture.md"])
def test_every_path_named_is_there(page: str) -> None:
    named = set(PATH.findall(text_of(page)))
    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_the_walk_of_a_cell_names_functions_that_are_there() -> None:
    steps = list(rows_of("architecture.md", "A walk of one cell"))
    assert len(steps) > 20
    for _, module, function, _ in steps:
        code = (ROOT / module.strip("`")).read_text(encoding="utf-8")
        assert re.search(rf"^ *def {function.strip('`')}\(", code, re.MULTILINE), (module, function)


def test_every_contract_of_the_imports_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    explained = {name for name, *_ in rows_of("architecture.md", "Floors and wings")}
    assert [
        entry["name"] for entry in project["tool"]["importlinter"]["contracts"] if entry["name"] not in explained
    ] == []


def test_the_words_of_the_glossary_are_those_of_the_program() -> None:
    paths = [path for pattern in PROGRAM for path in ROOT.glob(pattern)]
    program = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    terms = list(rows_of("glossary.md"))
    assert len({english for _, english, _ in terms}) == len(terms) > 75
    assert [chinese for chinese, _, _ in terms if chinese not in program] == []
    assert [english for _, english, _ in terms if english.lower() not in program.lower()] == []


def test_every_page_and_decision_is_listed() -> None:
    listed = set(re.findall(r"\]\(([\w./-]+)\)", text_of("README.md")))
    pages = {path.name for path in DOCS.glob("*.md")} - {"README.md"}
    assert pages - listed == set()
    numbers = [path.name[:4] for path in sorted((DOCS / "decisions").glob("*.md"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]


def test_links_between_the_pages_lead_somewhere() -> None:
    for path in (*DOCS.rglob("*.md"), ROOT / "README.md", ROOT / "CHANGELOG.md"):
        text = path.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
            assert (path.parent / target).exists(), f"{path.name}: {target}"
