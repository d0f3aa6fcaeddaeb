"""What every test of a command uses."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from sheetcrm.cli import main


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    """Call the command line as a user would: exit code, what it prints, what it says beside."""

    def call(*words: str | Path) -> tuple[int, str, str]:
        code = main([str(word) for word in words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return call
