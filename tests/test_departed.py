"""A customer that the last period had and no workbook has now is 转出: counted and listed, never silently absent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from sheetcrm.cli import main
from sheetcrm.model import Departed, Movement
from sheetcrm.report.pages import documents
from sheetcrm.runs import prepare
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger
from tests.values import run_in

TODAY = date(2026, 11, 27)
HEADER = ("客户编号", "客户名称", "最近消费时间", "消费频次", "消费金额", "行业潜力", "复购率", "客户经理")
FIGURES = ("30天", "12次/年", "80万", "高", "85%")


def save(path: Path, *rows: tuple[str, ...]) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.title = "打分表"
    for row in (HEADER, *rows):
        book.active.append(row)
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def customer(key: str, owner: str = "王*") -> tuple[str, ...]:
    return (key, f"{key}公司", *FIGURES, owner)


def month(folder: Path, label: str) -> prepare.Plan:
    """Do a month by the command, and return what a run after it would decide."""
    assert main(["run", str(folder / "in"), "-o", str(folder / "out"), "--period", label, "--no-pdf"]) == 0
    run = run_in(label, today=TODAY)
    with ledger.read(folder / "out") as history:
        return prepare.prepare(gather([folder / "in"], output=None), run, history=history)


def gone(plan: prepare.Plan) -> dict[str, Departed]:
    return {one.customer_id: one for one in plan.figures.departed}


def test_a_row_that_is_gone_is_counted_in_movements_and_retention(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [customer(f"K{number:03}") for number in range(1, 5)]
    save(tmp_path / "in" / "客户.xlsx", *rows)
    assert not gone(month(tmp_path, "2026-09"))
    save(tmp_path / "in" / "客户.xlsx", *rows[:1], *rows[2:])
    plan = month(tmp_path, "2026-10")
    assert "转出 1 家：2026-09 在册，这次的工作簿里没有（K002）" in capsys.readouterr().out
    departed = gone(plan)["K002"]
    assert (departed.past.grade, departed.past.period, departed.owner) == ("VIP客户", "2026-09", "王*")
    total, (vip, *_) = plan.figures.total, plan.figures.tiers
    assert (total.movements[Movement.GONE], vip.movements[Movement.GONE]) == (1, 1)
    assert plan.figures.flows["VIP客户", "转出"] == 1
    assert total.customers == 3
    book = openpyxl.load_workbook(tmp_path / "out" / "2026-10" / "packs" / "评审包.xlsx")
    assert [row[:6] for row in book["变动"].iter_rows(values_only=True) if row[0] == "K002"] == [
        ("K002", None, "王*", "VIP客户", None, "转出")
    ]


def test_who_was_active_and_left_was_not_kept(tmp_path: Path) -> None:
    def with_profiles(keys: Sequence[str]) -> None:
        save(tmp_path / "in" / "客户.xlsx", *map(customer, keys))
        book = openpyxl.Workbook()
        assert book.active is not None
        book.active.title = "客户信息基础表"
        book.active.append(("客户编号", "客户名称", "首次合作时间"))
        for key in keys:
            book.active.append((key, f"{key}公司", "2026-07-01"))
        book.save(tmp_path / "in" / "基础.xlsx")

    with_profiles(["K001", "K002"])
    month(tmp_path, "2026-09")
    with_profiles(["K001"])
    retention = month(tmp_path, "2026-10").figures.total.figures["retention"]
    assert (retention.n, retention.total) == (1, 2)


def test_a_workbook_that_was_not_read_tells_nothing(tmp_path: Path) -> None:
    save(tmp_path / "in" / "华东.xlsx", customer("K001"), customer("K002"))
    save(tmp_path / "in" / "华南.xlsx", customer("S001"))
    month(tmp_path, "2026-09")
    (tmp_path / "in" / "华南.xlsx").unlink()
    assert not gone(month(tmp_path, "2026-10"))


def test_a_renamed_workbook_is_the_same_and_an_emptied_one_too(tmp_path: Path) -> None:
    save(tmp_path / "in" / "9月.xlsx", customer("K001"), customer("K002"))
    save(tmp_path / "in" / "华南.xlsx", customer("S001"))
    month(tmp_path, "2026-09")
    (tmp_path / "in" / "9月.xlsx").unlink()
    save(tmp_path / "in" / "10月.xlsx", customer("K001"))
    save(tmp_path / "in" / "华南.xlsx")
    assert set(gone(month(tmp_path, "2026-10"))) == {"K002", "S001"}


def test_a_row_set_aside_is_not_gone(tmp_path: Path) -> None:
    save(tmp_path / "in" / "客户.xlsx", customer("K001"), customer("K002"))
    month(tmp_path, "2026-09")
    save(tmp_path / "in" / "客户.xlsx", customer("K001"), customer("K002"), customer("K002"))
    main(["run", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--period", "2026-10", "--no-pdf"])
    run = run_in("2026-10", today=TODAY)
    with ledger.read(tmp_path / "out") as history:
        plan = prepare.prepare(gather([tmp_path / "in"], output=None), run, history=history)
    assert not gone(plan)


def test_who_left_is_told_once(tmp_path: Path) -> None:
    save(tmp_path / "in" / "客户.xlsx", customer("K001"), customer("K002"))
    month(tmp_path, "2026-08")
    save(tmp_path / "in" / "客户.xlsx", customer("K001"))
    assert set(gone(month(tmp_path, "2026-09"))) == {"K002"}
    assert not gone(month(tmp_path, "2026-10"))


def test_the_tier_it_left_lists_it(tmp_path: Path) -> None:
    save(tmp_path / "in" / "客户.xlsx", customer("K001"), customer("K002"))
    month(tmp_path, "2026-09")
    save(tmp_path / "in" / "客户.xlsx", customer("K001"))
    pages = {job.name: job.html for job in documents.plan(month(tmp_path, "2026-10").results)}
    for name, html in pages.items():
        assert ("K002" in html) == (name.startswith(("2026-10-附件1-VIP", "2026-10-执行报告"))), name
