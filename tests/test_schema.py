"""A field is said once: reading, blank templates and write-back follow from its declaration."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import new_class
from typing import Annotated, Any, ClassVar

import pytest

from sheetcrm import schema
from sheetcrm.excel import edits
from sheetcrm.model import Book, Record, ScoringRow, Table
from sheetcrm.model.fields import Field, Kind, Need
from sheetcrm.policy import changing
from sheetcrm.policy.loading import standard
from sheetcrm.policy.model import Policy
from tests.making import customer, scoring_row
from tests.reporting import assessment
from tests.values import run_as_of

ROOT = Path(__file__).parent.parent
KEY: Any = Annotated[str, Field("客户编号", Kind.KEY, need=Need.REQUIRED)]

BEFORE = "    total: ClassVar["
ADDED = """\
    stars: Annotated[str | None, Field("星级", Kind.CHOICE, choices=("一星", "二星"), example="一星")] = None
    label: Annotated[str | None, Field("档案类别", Kind.TEXT, width=12, fills="file_label")] = None
    points: ClassVar[Annotated[Decimal | None, Field("本次得分", Kind.NUMBER, ("得分复核",), fills="score.total")]]
"""
"""Three columns for the scoring sheet: a person's, one of ours that is read again, one that is not."""

SCRIPT = """
import io, json, sys
from pathlib import Path
from openpyxl import load_workbook
from sheetcrm import schema
from sheetcrm.__main__ import main
from sheetcrm.excel.books.templates import TABLES, template_books
from sheetcrm.policy.loading import standard
from tests.workbooks import SCORING, records_of, tables_of, workbook

def titles(cells):
    return [cell.value for cell in next(cells.rows)]

sheet = load_workbook(io.BytesIO(template_books(standard())[TABLES]))[schema.SCORING.title]
blank = {cell.value: (sheet.cell(2, cell.column).value, cell.column) for cell in sheet[1]}
offered = [rule.formula1 for rule in sheet.data_validations.dataValidation if "一星" in (rule.formula1 or "")]

head, *rows = SCORING
book = workbook({"打分表": [(*head, "星级"), *((*row, "二星") for row in rows)]})
Path("in").mkdir()
Path("in/客户.xlsx").write_bytes(book)
sys.argv = ["sheetcrm", "run", "in", "-o", "out", "--period", "2024-03", "--no-pdf"]
code = main()
written = Path("out/2024-03/workbooks/客户.xlsx").read_bytes()
sheet = load_workbook(io.BytesIO(written))["打分表"]
cells = [dict(zip(titles(sheet), row, strict=True)) for row in list(sheet.values)[1:]]
again = records_of(*tables_of(written))[0].scorings
first = records_of(*tables_of(book))[0].scorings
sys.argv[2:5] = ["out/2024-03/workbooks", "-o", "again"]
code_again = main()
print(json.dumps({
    "blank": [blank["星级"][0], "档案类别" in blank, "本次得分" in blank, offered],
    "read": [[row.stars, row.label] for row in first],
    "written": [[row["星级"], row["档案类别"], row["本次得分"] == row["总分"]] for row in cells],
    "again": [[row.stars, row.label] for row in again],
    "in_record": [hasattr(again[0], "points"), hasattr(again[0], "stars")],
    "same": Path("again/2024-03/workbooks/客户.xlsx").read_bytes() == written,
}))
"""


def run_changed(folder: Path, before: str, after: str, program: str) -> subprocess.CompletedProcess[str]:
    """Run a program with a copy of the package in which one text of `model/records.py` is another."""
    for name in ("sheetcrm", "templates"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    module = folder / "sheetcrm" / "model" / "records.py"
    whole = module.read_text(encoding="utf-8")
    assert whole.count(before) == 1
    module.write_text(whole.replace(before, after), encoding="utf-8")
    (folder / "program.py").write_text(program, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-X", "utf8", "program.py"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(folder), str(ROOT)))},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def test_a_field_declared_in_one_place_is_read_offered_written_and_read_again(tmp_path: Path) -> None:
    done = run_changed(tmp_path, BEFORE, ADDED + BEFORE, SCRIPT)
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    labels = [label for _, label, _ in result["written"]]
    assert result == {
        "blank": ["一星", True, True, ['"一星,二星"']],
        "read": [["二星", None]] * 3,
        "written": [["二星", label, True] for label in labels],
        "again": [["二星", label] for label in labels],
        "in_record": [False, True],
        "same": True,
    }
    assert all(labels)


def record_class(**annotations: Any) -> type[Record]:  # noqa: ANN401  (any annotation)
    """Make a record class of 客户编号 and other attributes, each with its annotation and maybe a default."""
    namespace: dict[str, Any] = {
        "__annotations__": {"customer_id": KEY}
        | {name: value[0] if isinstance(value, tuple) else value for name, value in annotations.items()},
        "__module__": __name__,
    } | {name: value[1] for name, value in annotations.items() if isinstance(value, tuple)}
    options = {"frozen": True, "gc": False, "eq": False, "kw_only": True}
    visit: type[Record] = new_class("Visit", (Record,), options, lambda body: body.update(namespace))
    return visit


def text(*args: Any, **options: Any) -> tuple[Any, None]:  # noqa: ANN401  (a field's own arguments)
    return Annotated[str | None, Field(*args, **options)], None


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        ({"place": (str | None, None)}, "Visit.place needs one Field in its annotation"),
        ({"place": text(kind=Kind.TEXT)}, "Visit.place has no label"),
        ({"place": text("地点")}, "Visit.place has no kind"),
        ({"place": text("客户编号", Kind.TEXT)}, "label '客户编号', as another field has"),
        ({"place": text("地点", Kind.TEXT, ("客户 編號",))}, "label '客户编号', as another field has"),
        ({"place": text("编号(客户)", Kind.TEXT), "hall": text("编号", Kind.TEXT)}, "Visit.place has the label '编号'"),
        ({"place": text("地点", Kind.MONEY)}, "Visit.place is declared as str | None, but Kind.MONEY is read as"),
        ({"place": Annotated[str, Field("地点", Kind.TEXT)]}, "Visit.place needs a default of None"),
        ({"place": ClassVar[Annotated[str | None, Field("地点", Kind.TEXT)]]}, "Visit.place is a ClassVar, .*"),
        ({"place": text("地点", Kind.TEXT, fills="score.sum")}, "Visit.place is filled by .*: no 'sum' in Score"),
        ({"place": text("地点", Kind.TEXT, fills="movement.value")}, "Visit.place is filled by .*: no 'value' in "),
        ({"place": text("地点", Kind.TEXT, fills=7)}, "Visit.place is filled by 7: no path, no function"),
        ({"place": text("地点", Kind.TEXT)}, r"Records needs one attribute of tuple\[Visit, ...\]"),
    ],
)  # fmt: skip
def test_a_declaration_that_lacks_something_is_refused_and_named(broken: Mapping[str, Any], message: str) -> None:
    with pytest.raises(schema.DeclarationError, match=message):
        schema.declare(record_class(**broken), "visit", "拜访", signature=(("customer_id",),))


def test_a_signature_names_fields_of_its_class() -> None:
    with pytest.raises(schema.DeclarationError, match="ScoringRow has no field 'spent'"):
        schema.declare(ScoringRow, "scoring", "打分表", signature=(("customer_id", "spent"),))


def test_the_package_cannot_be_imported_with_a_broken_declaration(tmp_path: Path) -> None:
    done = run_changed(tmp_path, 'Field("理由"', 'Field("提出人"', "import sheetcrm.schema")
    assert "DeclarationError: Override.reason has the label '提出人', as another field has" in done.stderr


def test_every_field_is_an_attribute_or_ours_and_every_one_of_ours_is_filled() -> None:
    for sheet in schema.SHEETS:
        fields = (*sheet.fields, *sheet.further)
        kept = {field.name for field in fields if field.in_record}
        assert kept == set(sheet.record.__struct_fields__) - set(Record.__struct_fields__)
        assert {field.name for field in fields if field.ours} == set(sheet.fills)
        assert kept | set(sheet.fills) == {field.name for field in fields}


def added(policy: Policy) -> list[str]:
    """List the columns added to a scoring sheet that has none of ours."""
    table = Table("客户.xlsx", "表", "scoring", 1, (), (2,), ())
    entry = assessment(customer=customer(scoring=scoring_row(origin=table)))
    run = run_as_of(date(2026, 10, 31), policy=policy)
    planned = edits.plan(Book(tables=(table,)), run, [entry])
    return [column.label for sheet in planned["客户.xlsx"] for column in sheet.columns]


def test_columns_are_added_in_the_order_of_the_practice() -> None:
    first = ["总分", "等级", "评估日期", "等级变动", "上期等级", "预警", "下次跟进日期", "逾期天数", "跟进动作"]
    then = ["跟进责任人", "客户标签", "健康度", "风险等级", "下次重评日期", "建议等级"]
    ordered = [*first, *then, "评估期间", "评分覆盖率", "得分说明"]
    assert [field.label for field in schema.SCORING.fields if field.ours] == ordered
    assert [field.label for field in schema.SCORING.fields if field.folded] == ordered[-3:]
    assert schema.SCORING.field("figures_on").folded
    assert added(standard()) == [label for label in ordered if label != "建议等级"]
    assert added(changing.change(standard(), ["基本.等级何时变动=到期才变"])) == ordered


def test_a_leader_of_its_industry_is_read_under_both_headers() -> None:
    known = schema.labels("profile")
    assert known["行业影响力"] is known["行业标杆"]
    assert known["行业标杆"].name == "benchmark"
