"""The requirements files pin what pyproject.toml asks for, with hashes, and nothing else."""

from __future__ import annotations

import pytest
from packaging.requirements import Requirement

from scripts import lock

HASH = "    --hash=sha256:" + "0a" * 32
PLUGGY = f"pluggy==1.7.0 \\\n{HASH} \\\n{HASH}\n"


@pytest.mark.parametrize("file", lock.FILES)
def test_the_files_fit(file: str) -> None:
    assert lock.check(file) == []


def test_what_fits_has_nothing_to_name() -> None:
    assert lock.compare(f"# made by\n{PLUGGY}", ["pluggy>=1"]) == []


@pytest.mark.parametrize(
    ("text", "wanted", "problem"),
    [
        ("", "pluggy>=1", "pluggy>=1 is not pinned"),
        (PLUGGY, "pluggy>=2", "1.7.0 is outside pluggy>=2"),
        (PLUGGY + PLUGGY.replace("pluggy", "Stray_One"), "pluggy>=1", "nothing needs stray-one"),
        ("pluggy==1.7.0\n", "pluggy>=1", "no pin with hashes: pluggy==1.7.0"),
        (f"pluggy>=1.7.0 \\\n{HASH}\n", "pluggy>=1", "no pin with hashes: pluggy>=1.7.0 \\"),
        (f"--index-url x\n{PLUGGY}", "pluggy>=1", "no pin with hashes: --index-url x"),
        (PLUGGY.replace("sha256", "md5"), "pluggy>=1", "no pin with hashes: pluggy==1.7.0 \\"),
    ],
)
def test_what_does_not_fit_is_named(text: str, wanted: str, problem: str) -> None:
    assert problem in lock.compare(text, [wanted])


def test_what_a_package_brings_is_needed_on_every_system_and_an_extra_only_where_it_is_asked_for() -> None:
    brought = lock.closure([Requirement("pytest-xdist")])
    assert {"pytest", "execnet", "iniconfig", "colorama"} <= brought  # colorama: on Windows
    assert "psutil" not in brought
    assert "psutil" in lock.closure([Requirement("pytest-xdist[psutil]")])


def test_pins_that_differ_by_system_are_all_read() -> None:
    text = f"numpy==1 ; python_full_version < '3.12' \\\n{HASH}\nnumpy==2 ; python_full_version >= '3.12' \\\n{HASH}\n"
    assert lock.read_pins(text) == ({"numpy": ["1", "2"]}, [])
