"""What every test uses: the command line, and properties that may take their time."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from sheetcrm.cli import main

OUTPUT = Path(__file__).parent.parent / "output"

SECONDS = 2
"""What a slow test takes, where its mark states nothing else."""

# How long an example takes depends on what else the machine does: tests run side by side.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to be in: commands that are told nothing else put on record in its `output` what they showed."""
    return tmp_path_factory.mktemp("elsewhere")


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """Call the command line as a user would: exit code, what it prints, what it says beside."""
    monkeypatch.chdir(elsewhere)

    def call(*words: str | Path) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture(autouse=True)
def _results_of_the_checkout_are_untouched() -> Iterator[None]:
    """Fail a test that leaves something in the folder where `make run` puts its results."""
    before = {path: path.stat().st_mtime_ns for path in OUTPUT.iterdir()}
    yield
    assert {path: path.stat().st_mtime_ns for path in OUTPUT.iterdir()} == before


@pytest.fixture(autouse=True, scope="session")
def _logs_of_crashes_lie_elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the logs of crashes that tests provoke out of the user's own folder, those of children too."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(
            "LOCALAPPDATA" if sys.platform == "win32" else "XDG_STATE_HOME", str(tmp_path_factory.mktemp("state"))
        )
        yield


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: of files handed out to workers, the last one is waited for alone."""
    seconds: dict[Path, float] = defaultdict(float)
    for item in items:
        if marker := item.get_closest_marker("slow"):
            seconds[item.path] += marker.kwargs.get("seconds", SECONDS)
            item.add_marker("no_cover")  # the floors are those of the quick tests, and a trace costs half as much again
    items.sort(key=lambda item: -seconds[item.path])
