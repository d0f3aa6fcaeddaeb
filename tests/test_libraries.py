"""Where the engine finds its libraries on Windows; no Windows is at hand, so the platform is made up."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from sheetcrm.report.press import libraries


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installed wheel of the DLLs, as it is laid out, on a system that calls itself Windows."""
    package = tmp_path / "site-packages" / "gstreamer_libs"
    for name in ("__init__.py", "bin/pango-1.0-0.dll", "etc/fonts/fonts.conf"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("raise RuntimeError('is not to be imported')", encoding="utf-8")
    monkeypatch.syspath_prepend(package.parent)
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "program" / "python.exe"))
    for name in ("WEASYPRINT_DLL_DIRECTORIES", "FONTCONFIG_FILE"):
        monkeypatch.delenv(name, raising=False)
    return package


def test_the_wheels_folder_alone_is_in_reach_during_the_import_and_not_after(wheel: Path) -> None:
    before = dict(os.environ)
    with libraries.within_reach():
        assert os.environ["WEASYPRINT_DLL_DIRECTORIES"] == os.environ["PATH"] == str(wheel / "bin")
        assert os.environ["FONTCONFIG_FILE"] == str(wheel / "etc" / "fonts" / "fonts.conf")
    assert dict(os.environ) == before
    assert "gstreamer_libs" not in sys.modules


def test_the_environment_is_put_back_where_the_import_fails(wheel: Path) -> None:
    before = dict(os.environ)
    assert wheel
    with pytest.raises(OSError, match="no dll"), libraries.within_reach():
        raise OSError("no dll")
    assert dict(os.environ) == before


def test_the_folder_beside_the_program_goes_before_the_wheel(wheel: Path, tmp_path: Path) -> None:
    assert libraries.find_folder() == wheel / "bin"
    beside = tmp_path / "program" / "pango"
    beside.mkdir(parents=True)
    (beside / "libpango-1.0-0.dll").touch()
    assert libraries.find_folder() == beside


def test_folders_that_the_user_names_win_and_are_looked_for_by_dotted_names_too(
    wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert wheel
    monkeypatch.setenv("WEASYPRINT_DLL_DIRECTORIES", r"C:\msys64\ucrt64\bin")
    before = os.environ["PATH"]
    with libraries.within_reach():
        assert os.environ["WEASYPRINT_DLL_DIRECTORIES"] == r"C:\msys64\ucrt64\bin"
        assert os.environ["PATH"] == os.pathsep.join((r"C:\msys64\ucrt64\bin", before))
    assert os.environ["PATH"] == before


def test_other_systems_are_left_alone() -> None:
    before = dict(os.environ)
    assert libraries.find_folder() is None
    with libraries.within_reach():
        assert dict(os.environ) == before


def test_the_names_are_those_that_the_engine_asks_for() -> None:
    engine = find_spec("weasyprint")
    assert engine is not None
    assert engine.origin is not None
    source = (Path(engine.origin).parent / "text" / "ffi.py").read_text(encoding="utf-8")
    for names in libraries.LIBRARIES.values():
        assert [name for name in names if f"'{name}'" not in source] == []
    assert libraries.missing() == ()
