"""The first minutes: the sample month from the installed program, and templates that hold nobody yet."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from pathlib import Path

from sheetcrm.store.files import sample

_PAGE = re.compile(r"docs/([a-z]+\.md)")
Run = Callable[..., tuple[int, str, str]]
ROOT = Path(__file__).parent.parent


def test_the_sample_month_is_written_and_its_next_step_can_be_typed(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("init", "--sample", tmp_path / "演示")
    assert code == 0
    written = {path.name: path.read_bytes() for path in (tmp_path / "演示").iterdir()}
    assert written == {name: (ROOT / "input" / name).read_bytes() for name in sample.SAMPLE_BOOKS}
    assert out.splitlines()[-1] == f"下一步：运行 sheetcrm run {tmp_path / '演示'} -o 结果 --period 2026-10"
    assert run("check", tmp_path / "演示", "--period", "2026-10", "-q")[0] == 1  # with the problems planted in it
    code, _, err = run("init", "--sample", tmp_path / "演示")
    assert code == 2
    assert "已经有" in err


def test_templates_without_a_customer_are_no_success(run: Run, tmp_path: Path) -> None:
    assert run("init", tmp_path / "模板")[0] == 0
    code, _, err = run("run", tmp_path / "模板", "-o", tmp_path / "out", "--no-pdf")
    assert code == 2
    assert "客户" in err
    assert not (tmp_path / "out").exists()


def test_the_wheel_holds_the_sample_the_templates_and_the_pages_that_help_refers_to() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    included = project["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    assert {f"input/{name}": f"sheetcrm/sample/{name}" for name in sample.SAMPLE_BOOKS}.items() <= included.items()
    assert all((ROOT / source).exists() for source in included)
    named = {
        page
        for path in (ROOT / "sheetcrm").rglob("*.py")
        for page in _PAGE.findall(path.read_text(encoding="utf-8"))
        if path.parent.name == "cli"
    }
    assert named
    assert {f"docs/{page}" for page in named} <= included.keys()
