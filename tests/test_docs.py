"""The docs say what the code does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from scripts import docs
from sheetcrm.cli.entry import COMMANDS
from sheetcrm.problems import MESSAGES

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize(
    ("path", "made"),
    [
        ("docs/problems.md", lambda: docs.problems_page().encode()),
        ("docs/commands.md", lambda: docs.commands_page().encode()),
        (
            "sheetcrm/cli/locale/zh_CN/LC_MESSAGES/sheetcrm.mo",
            lambda: docs.compile_catalogue((docs.LOCALE / "sheetcrm.po").read_text(encoding="utf-8")),
        ),
    ],
    ids=["problems", "commands", "catalogue"],
)
def test_the_generated_pages_are_up_to_date(path: str, made: object) -> None:
    assert callable(made)
    assert (ROOT / path).read_bytes() == made(), "run `make docs`"


def test_every_kind_of_problem_is_listed() -> None:
    page = (ROOT / "docs" / "problems.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([a-z0-9-]+)` \|", page, re.MULTILINE))
    assert set(MESSAGES) <= listed
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", kind) for kind in listed)


def test_every_command_is_in_the_docs_and_the_readmes() -> None:
    for page in ("docs/commands.md", "README.md", "README.zh-CN.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert [name for name in COMMANDS if f"sheetcrm {name}" not in text] == [], page


def test_every_dependency_is_justified() -> None:
    """Whether each is pinned, `test_lock.py` holds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lists = [project["dependencies"], *project["optional-dependencies"].values()]
    names = [re.split(r"[^A-Za-z0-9_-]", line)[0].lower() for lines in lists for line in lines]
    page = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    reasons = {
        name for cell in re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE) for name in re.split(r"[ ,()]+", cell)
    }
    assert len(names) > 20
    assert [name for name in names if name not in reasons] == []


def test_the_steps_to_the_first_pdf_are_counted_and_every_way_ends_with_one() -> None:
    page = (ROOT / "README.md").read_text(encoding="utf-8").partition("### From the wheel to the first PDF")[2]
    rows = re.findall(r"^\| ([^|]+) \| (\d+): (.*) \|$", page.partition("\n#")[0], re.MULTILINE)
    assert {system for system, _, _ in rows} >= {"Linux (Debian)", "macOS", "Windows"}
    for system, number, steps in rows:
        each = steps.split(" · ")
        assert int(number) == len(each), system
        assert "sheetcrm run 演示" in each[-1] or "page" in each[-1], system


def test_no_registry_address_is_written_down() -> None:
    assert [path.name for path in ROOT.glob("requirements*.txt") if "://" in path.read_text(encoding="utf-8")] == []


def recipes() -> dict[str, list[str]]:
    """The commands of each target of the Makefile, without what is done only if something is set."""
    text = re.sub(r" ?\$\(if .*\)$", "", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {
        name: [
            line.strip().replace("$(PARALLEL)", "-n auto --dist loadfile") for line in body.splitlines() if line.strip()
        ]
        for name, body in re.findall(r"^([a-z]+):.*\n((?:\t.*\n)*)", text, re.MULTILINE)
    }


def test_windows_runs_what_make_runs() -> None:
    workflow = (ROOT / ".github" / "workflows" / "tests.yml").read_text(encoding="utf-8")
    commands = [line for name in ("test", "lint", "check") for line in recipes()[name]]
    assert len(commands) > 5
    assert [line for line in commands if line.replace("$(BIN)", ".venv/Scripts") not in workflow] == []


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "SECURITY.md"])
def test_what_a_page_names_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    paths = re.findall(r"`((?:sheetcrm|tests|scripts|docs|templates)/[\w/.-]+)`", text)
    targets = re.findall(r"`make ([a-z]+)", text)
    assert paths
    assert [path for path in paths if path != "tests/test_x.py" and not (ROOT / path).exists()] == []
    assert [target for target in targets if target not in recipes()] == []
