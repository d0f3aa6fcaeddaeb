"""The blank templates say what the schema says, and are laid out for people."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from sheetcrm import schema
from sheetcrm.excel.books.guide import GUIDE
from sheetcrm.excel.books.templates import CARD, CARD_SHEET, TABLES, template_books
from sheetcrm.intake.records import read_records
from sheetcrm.intake.workbooks import read_workbook
from sheetcrm.model.industries import INDUSTRIES
from sheetcrm.policy.loading import load, standard, standard_text
from sheetcrm.policy.model import Policy
from sheetcrm.schema import Field, Kind, Need, Sheet
from sheetcrm.text.folding import fold, split_header, weight_of

TITLES = [sheet.title for sheet in schema.SHEETS]


@pytest.fixture(scope="module")
def policy() -> Policy:
    return standard()


@pytest.fixture(scope="module")
def books(policy: Policy) -> Mapping[str, bytes]:
    return template_books(policy)


@pytest.fixture(scope="module")
def tables(books: Mapping[str, bytes]) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(books[TABLES]))


@pytest.fixture(scope="module")
def card(books: Mapping[str, bytes]) -> Workbook:
    return openpyxl.load_workbook(io.BytesIO(books[CARD]))


def test_the_same_policy_gives_the_same_bytes(policy: Policy, books: Mapping[str, bytes]) -> None:
    assert template_books(policy) == books


def test_the_guide_comes_first_and_then_every_sheet_of_the_schema(tables: Workbook, card: Workbook) -> None:
    assert tables.sheetnames == [GUIDE, *TITLES]
    assert card.sheetnames == [GUIDE, CARD_SHEET]


def test_the_guide_explains_every_sheet(tables: Workbook) -> None:
    said = {cell.value: cell.row for cell in sheet(tables, GUIDE)["A"]}
    for kind in schema.SHEETS:
        row = [cell.value for cell in sheet(tables, GUIDE)[said[kind.title]]]
        assert row[1] == kind.note
        assert all(field.label in str(row[2]) for field in kind.fields if field.need is not Need.OPTIONAL)


@pytest.mark.parametrize("kind", schema.SHEETS, ids=lambda kind: kind.kind)
def test_two_readers_find_the_labels_of_the_schema_and_the_example(
    books: Mapping[str, bytes], tables: Workbook, kind: Sheet
) -> None:
    header, example = (
        CalamineWorkbook.from_filelike(io.BytesIO(books[TABLES])).get_sheet_by_name(kind.title).to_python()
    )
    assert header == [cell.value for cell in sheet(tables, kind.title)[1]]
    found = [schema.labels(kind.kind)[split_header(str(label)).label] for label in header]
    assert found == list(kind.fields)
    if kind is not schema.SCORING:
        assert [split_header(str(label)).label for label in header] == [
            split_header(field.label).label for field in kind.fields
        ]
    assert example[0] == schema.EXAMPLE_MARK
    for field, value in list(zip(kind.fields, example, strict=True))[1:]:
        assert bool(value != "") >= bool(field.example)


def test_the_scoring_header_carries_the_weights_of_the_policy(tables: Workbook, policy: Policy) -> None:
    header = [cell.value for cell in sheet(tables, schema.SCORING.title)[1]]
    assert header[2:7] == [
        "最近消费时间(R,权重20%)",
        "消费频次(F,权重15%)",
        "消费金额(M,权重35%)",
        "行业潜力(权重15%)",
        "忠诚度(复购率15%)",
    ]
    weights = {indicator.field: indicator.weight for indicator in policy.card.indicators}
    for field, label in zip(schema.SCORING.fields, header, strict=True):
        assert weight_of(split_header(str(label)).notes) == weights.get(field.name)


def test_another_policy_gives_other_weights_and_tiers() -> None:
    text = standard_text().replace("weight = 35", "weight = 32.5", 1).replace("VIP客户", "钻石客户")
    book = openpyxl.load_workbook(io.BytesIO(template_books(load(text, source="test"))[TABLES]))
    assert sheet(book, schema.SCORING.title)["E1"].value == "消费金额(M,权重32.5%)"
    assert "钻石客户" in choices(sheet(book, schema.OVERRIDES.title), schema.OVERRIDES, "grade")


def test_indicators_are_folded_away_unless_the_card_in_use_needs_them(tables: Workbook) -> None:
    text = standard_text().replace('card = "标准五项"', 'card = "三维度"')
    policy = load(text, source="test")
    book = openpyxl.load_workbook(io.BytesIO(template_books(policy)[TABLES]))
    at = sheet(book, schema.SCORING.title)
    used = {indicator.field for indicator in policy.card.indicators}
    for column, field in enumerate(schema.SCORING.fields, start=1):
        letter = get_column_letter(column)
        if field.name in used or field.ours:
            assert not at.column_dimensions[letter].hidden, field.label
    usual = sheet(tables, schema.SCORING.title)
    folded = {
        str(usual.cell(1, column).value)
        for column in range(1, 60)
        if usual.column_dimensions[get_column_letter(column)].hidden
    }
    assert {"客单价", "投诉次数", "利润贡献"} <= folded
    assert folded.isdisjoint({"总分", "等级", "审核人", "财务核对人", "评估期间"})
    assert "权重" in str(at.cell(1, 1 + [field.name for field in schema.SCORING.fields].index("new_needs")).value)


@pytest.mark.parametrize("kind", schema.SHEETS, ids=lambda kind: kind.kind)
def test_drop_downs_notes_and_number_formats_come_from_the_schema(
    tables: Workbook, policy: Policy, kind: Sheet
) -> None:
    at = sheet(tables, kind.title)
    for column, field in enumerate(kind.fields, start=1):
        rule = validation(at, column)
        if field.choices and not field.ours:
            assert choices(at, kind, field.name) == list(field.choices)
            assert rule is not None
            assert rule.errorStyle == "warning"
        if field.note:
            assert rule is not None
            assert field.note in str(rule.prompt)
        assert_format(at, column, field)
    for name in ("grade", "tier"):
        if kind in (schema.OVERRIDES, schema.STANDARDS) and name in {field.name for field in kind.fields}:
            assert choices(at, kind, name) == [tier.name for tier in policy.tiers]


def test_the_sections_of_the_national_standard_are_offered_for_the_industry_and_nothing_else_is_warned_of(
    tables: Workbook,
) -> None:
    at = sheet(tables, schema.PROFILE.title)
    offered = choices(at, schema.PROFILE, "industry")
    assert offered == list(INDUSTRIES)
    assert [len(offered), offered[0], offered[2], offered[-1]] == [20, "农、林、牧、渔业", "制造业", "国际组织"]
    rule = validation(at, 1 + [field.name for field in schema.PROFILE.fields].index("industry"))
    assert rule is not None
    assert not rule.showErrorMessage, "制造业-专用设备制造 is a 大类-细类"


def test_every_number_stays_whole_in_a_key_column(tables: Workbook) -> None:
    for kind in schema.SHEETS:
        for column, field in enumerate(kind.fields, start=1):
            if field.kind in {Kind.KEY, Kind.CREDIT_CODE, Kind.PERSONAL} and not field.ours:
                at = sheet(tables, kind.title)
                assert at.column_dimensions[get_column_letter(column)].number_format == "@"


@pytest.mark.parametrize("kind", schema.SHEETS, ids=lambda kind: kind.kind)
def test_sheets_are_frozen_below_the_header_and_print_on_a4_with_it_on_every_page(
    tables: Workbook, policy: Policy, kind: Sheet
) -> None:
    at = sheet(tables, kind.title)
    assert at.freeze_panes == ("C2" if kind.keyed else "B2")
    assert (at.page_setup.orientation, at.page_setup.paperSize) == ("landscape", 9)
    assert at.sheet_properties.pageSetUpPr is not None
    assert at.sheet_properties.pageSetUpPr.fitToPage
    assert at.page_setup.fitToHeight == 0
    assert at.print_title_rows == "$1:$1"
    assert at.oddHeader is not None
    assert policy.report.secrecy in str(at.oddHeader.right.text)
    for column in range(1, at.max_column + 1):
        cell = at.cell(1, column)
        width = at.column_dimensions[get_column_letter(column)].width
        assert width >= text_width(str(cell.value)), f"{cell.value} is cut off"


@pytest.mark.parametrize("kind", schema.SHEETS, ids=lambda kind: kind.kind)
def test_the_header_shows_who_fills_in_a_column(tables: Workbook, kind: Sheet) -> None:
    looks: dict[tuple[bool, Need], set[str]] = {}
    for column, field in enumerate(kind.fields, start=1):
        cell = sheet(tables, kind.title).cell(1, column)
        looks.setdefault((field.ours, field.need), set()).add(str(cell.fill.fgColor.rgb))
        assert ("*" in cell.number_format) == (field.need is not Need.OPTIONAL)
    assert all(len(colours) == 1 for colours in looks.values())
    assert len(set.union(*looks.values())) == len(looks)


def test_the_card_holds_every_field_of_the_base_sheet_and_the_follow_up_table(card: Workbook) -> None:
    at = sheet(card, CARD_SHEET)
    labels = [str(cell.value) for cell in at["A"] if cell.value]
    assert [cell.value for cell in at[2]][:3] == [names[0] for names in schema.CARD_LABELS]
    assert labels[2 : 2 + len(schema.PROFILE.fields)] == [field.label for field in schema.PROFILE.fields]
    top = next(cell.row for cell in at["A"] if cell.value == schema.FOLLOW_UPS.title)
    found = {schema.labels("follow_up")[fold(str(cell.value))].name for cell in at[top + 1]}
    assert found == {field.name for field in schema.FOLLOW_UPS.fields} - {"customer_id"}
    assert at.cell(top + 2, 1).value == schema.EXAMPLE_MARK
    assert not at.merged_cells.ranges
    assert all(at.cell(row, 3).value is None for row in range(3, top))
    row = 3 + [field.name for field in schema.PROFILE.fields].index("intent")
    assert any(rule.type == "list" and f"C{row}" in rule.sqref for rule in rules(at))


def test_a_blank_template_is_read_as_its_sheets_without_rows_and_the_guide_as_none(books: Mapping[str, bytes]) -> None:
    found, problems = read_workbook(books[TABLES], file=TABLES)
    assert [(table.sheet, table.kind, len(table.rows)) for table in found] == [
        (kind.title, kind.kind, 0) for kind in schema.SHEETS
    ]
    assert problems == ()
    found, problems = read_workbook(books[CARD], file=CARD)
    assert {(table.sheet, table.kind) for table in found} == {(CARD_SHEET, "profile"), (CARD_SHEET, "follow_up")}
    assert problems == ()


def test_the_examples_typed_as_they_stand_are_read_without_a_problem(
    books: Mapping[str, bytes], policy: Policy
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(books[TABLES]))
    for kind in schema.SHEETS:
        at = sheet(book, kind.title)
        for column, field in enumerate(kind.fields, start=1):
            at.cell(3, column).value = at.cell(2, column).value
            at.cell(3, column).number_format = at.cell(2, column).number_format
            if column == 1:
                is_date = field.kind is Kind.DATE
                at.cell(3, 1).value = date.fromisoformat(field.example) if is_date else field.example
    data = io.BytesIO()
    book.save(data)
    found, problems = read_workbook(data.getvalue(), file=TABLES)
    records, more = read_records(found, policy=policy)
    assert (*problems, *more) == ()
    assert [len(table.rows) for table in found] == [1] * len(schema.SHEETS)
    assert records.scorings[0].spend_12m == Decimal(800_000)
    assert records.scorings[0].repurchase_rate == Decimal("0.85")
    assert records.orders[0].amount == Decimal(12_800)
    assert records.follow_ups[0].date == date(2024, 5, 5)


def test_nothing_in_the_templates_is_a_formula_or_a_link_out(books: Mapping[str, bytes]) -> None:
    for data in books.values():
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            assert package.testzip() is None
            parts = {name: package.read(name) for name in package.namelist()}
        assert not [name for name, part in parts.items() if b"<f>" in part or b'TargetMode="External"' in part]


def test_text_that_looks_like_a_formula_stays_text() -> None:
    text = standard_text().replace("深化合作，挖掘增值空间", "=1+1").replace('secrecy = "内部资料"', 'secrecy = "A&B"')
    book = openpyxl.load_workbook(io.BytesIO(template_books(load(text, source="test"))[TABLES]))
    cell = sheet(book, schema.STANDARDS.title)["C2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def sheet(book: Workbook, title: str) -> Worksheet:
    found = book[title]
    assert isinstance(found, Worksheet)
    return found


def rules(at: Worksheet) -> list[DataValidation]:
    return list(at.data_validations.dataValidation)


def validation(at: Worksheet, column: int) -> DataValidation | None:
    found = [rule for rule in rules(at) if f"{get_column_letter(column)}3" in rule.sqref]
    assert len(found) <= 1
    return found[0] if found else None


def choices(at: Worksheet, kind: Sheet, name: str) -> list[str]:
    rule = validation(at, 1 + [field.name for field in kind.fields].index(name))
    assert rule is not None
    assert rule.type == "list"
    return str(rule.formula1).strip('"').split(",")


def assert_format(at: Worksheet, column: int, field: Field) -> None:
    found = at.column_dimensions[get_column_letter(column)].number_format
    expected = {Kind.DATE: "yyyy-mm-dd", Kind.MONEY: "#,##0.00", Kind.KEY: "@", Kind.DATETIME: "yyyy-mm-dd hh:mm"}
    if field.ours:
        assert found == field.style.value
    elif field.kind in expected:
        assert found == expected[field.kind]


def text_width(text: str) -> Decimal:
    return Decimal(sum(1 if char.isascii() else 2 for char in text))
