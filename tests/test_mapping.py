"""`sheetcrm map` and 表头对照: what people's own headers stand for, once they have said so (practice §1.6)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from sheetcrm.cli.entry import cli
from sheetcrm.cli.options import load_policy
from sheetcrm.errors import PolicyError, StoreError, UsageError
from sheetcrm.excel.books.mapping_book import MAPPING
from sheetcrm.intake.find.nearest import nearest
from sheetcrm.intake.workbooks import read_mapping, read_workbook
from sheetcrm.model import CellRef
from sheetcrm.policy.loading import standard
from sheetcrm.runs import mapping, reading
from sheetcrm.schema import UNUSED
from sheetcrm.store.files.inputs import gather
from tests.workbooks import TODAY, Cells, put, told, workbook

LIST: Cells = (
    ("序号", "单位", "客户级别", "跟单员", "年度成交额(万)", "成交单数", "最近一单", "回购比例", "所在行业", "行业走势",
     "上次联系"),
    (1, "华东甲电子有限公司", "A", "张*", 80, 12, "2026-10-01", "85%", "制造业", "好", "2026-10-20"),
    (2, "江南乙纺织有限公司", "B", "李*", 30, 6, "2026-09-01", "60%", "制造业", "一般", "2026-10-12"),
    (3, "北方丙机械有限公司", "C", "王*", 8, 2, "2026-07-03", "30%", "制造业", "差", "2026-08-02"),
)  # fmt: skip
HEAD = ("表", "你的表头", "本模板的字段")
SHEET = CellRef("名单.xlsx", "大客户")
PROPOSED = {
    "单位": "客户名称",
    "客户级别": "客户等级",
    "跟单员": "客户经理",
    "年度成交额(万)": "近12个月消费金额",
    "成交单数": "平均合作频次",
    "最近一单": "最近交易时间",
    "回购比例": "忠诚度",
    "所在行业": "行业类型",
    "行业走势": "行业潜力",
    "序号": None,
}


def call(*args: object) -> str:
    result = CliRunner().invoke(cli, [str(arg) for arg in args], catch_exceptions=False)
    return result.stdout


def rows(path: Path, sheet: str) -> list[dict[str, object]]:
    head, *below = load_workbook(path)[sheet].iter_rows(values_only=True)
    return [dict(zip(map(str, head), row, strict=True)) for row in below]


def confirm(path: Path) -> None:
    """Do what a person does who finds every proposal right."""
    made = load_workbook(path)
    for sheet in made.worksheets[:2]:
        head = [cell.value for cell in sheet[1]]
        for row in range(2, sheet.max_row + 1):
            if sheet.cell(row, 3).value:
                sheet.cell(row, head.index("确认") + 1).value = "是"
    made.save(path)


def read(folder: Path) -> reading.ReadBook:
    return reading.read(gather([folder], output=None), policy=standard(), today=TODAY)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "名单.xlsx").write_bytes(workbook({"大客户": LIST}))
    return tmp_path


def test_each_unknown_header_is_a_row_with_its_proposal_and_masked_samples(folder: Path) -> None:
    assert "10 个表头" in call("map", folder)
    proposals = rows(folder / MAPPING, "表头对照")
    assert {row["你的表头"]: row["本模板的字段"] for row in proposals} == PROPOSED
    assert {row["确认"] for row in proposals} == {None}
    by_header = {row["你的表头"]: row for row in proposals}
    assert [by_header["单位"][f"示例{at}"] for at in (1, 2, 3)] == ["华*", "江*", "北*"]
    assert by_header["最近一单"]["示例1"] == "2026-10-01"
    assert by_header["单位"]["所在单元格"] == "名单.xlsx!大客户!B1"
    assert not [row for row in proposals if "有限公司" in str(row)]


def test_the_fields_are_a_drop_down(folder: Path) -> None:
    call("map", folder)
    made = load_workbook(folder / MAPPING)
    sources = {str(rule.sqref): rule.formula1 for rule in made["表头对照"].data_validations.dataValidation}
    assert sources["C2:C11"].startswith("='字段清单'!$A$1") or sources["C2:C11"].startswith("'字段清单'!$A$1")
    assert "（不用）" in [cell.value for cell in made["字段清单"]["A"]]


def test_nothing_is_read_before_a_person_confirms(folder: Path) -> None:
    call("map", folder)
    book = read(folder)
    assert book.book.customers == ()
    assert "mapping-unconfirmed" in [entry.kind for entry in book.problems]


def test_what_was_confirmed_is_obeyed_and_everybody_graded(folder: Path) -> None:
    call("map", folder)
    confirm(folder / MAPPING)
    output = call("run", folder, "--period", "2026-10", "-o", folder / "out", "--no-pdf")
    assert "VIP客户   1 家" in output
    assert "重点客户  1 家" in output
    assert "观察客户  1 家" in output
    first = read(folder).book.customers[0]
    assert first.profile is not None
    assert first.profile.spend_12m in {Decimal(800_000), Decimal(300_000), Decimal(80_000)}
    written = load_workbook(folder / "out" / "2026-10" / "workbooks" / "名单.xlsx")["大客户"]
    by_header = {str(cells[0]): cells[1:] for cells in written.iter_cols(values_only=True)}
    assert by_header["客户级别"] == ("A", "B", "C")  # theirs: read, never written
    assert by_header["客户等级"] == ("VIP客户", "重点客户", "观察客户")


def test_what_was_confirmed_is_kept_when_the_workbook_is_made_anew(folder: Path) -> None:
    call("map", folder)
    confirm(folder / MAPPING)
    assert "1 个表头" in call("map", folder)
    again = rows(folder / MAPPING, "表头对照")
    assert {row["你的表头"]: row["本模板的字段"] for row in again} == PROPOSED
    assert len([row for row in again if row["确认"] == "是"]) == 9
    assert len(rows(folder / MAPPING, "取值对照")) == 6


def edit(path: Path, header: str, sheet: str = "表头对照", **values: object) -> None:
    """Type into the row of a header, as a person does in Excel."""
    made = load_workbook(path)
    at = made[sheet]
    head = [cell.value for cell in at[1]]
    row = next(number for number in range(2, at.max_row + 1) if at.cell(number, 2).value == header)
    for name, value in values.items():
        at.cell(row, head.index(name) + 1).value = value  # type: ignore[assignment]
    made.save(path)


def test_what_was_typed_and_not_confirmed_yet_is_kept_as_it_stands(folder: Path) -> None:
    call("map", folder)
    edit(folder / MAPPING, "跟单员", 本模板的字段="信息来源人")
    edit(folder / MAPPING, "行业走势", 本模板的字段=None)
    edit(folder / MAPPING, "单位", 本模板的字段="没有的字段", 确认="是")
    edit(folder / MAPPING, "客户级别", sheet="取值对照", 本模板的写法="普通客户")
    before = rows(folder / MAPPING, "取值对照")
    call("map", folder)
    again = {row["你的表头"]: row for row in rows(folder / MAPPING, "表头对照")}
    assert [again[header]["本模板的字段"] for header in ("跟单员", "行业走势", "单位", "最近一单")] == [
        "信息来源人", None, "没有的字段", "最近交易时间",
    ]  # fmt: skip
    assert again["单位"]["确认"] == "是"
    assert again["跟单员"]["示例1"] == "张*"
    assert again["跟单员"]["所在单元格"] == "名单.xlsx!大客户!D1"
    assert rows(folder / MAPPING, "取值对照") == before
    assert before[0]["本模板的写法"] == "普通客户"


def test_columns_a_person_added_are_kept(folder: Path) -> None:
    call("map", folder)
    made = load_workbook(folder / MAPPING)
    for sheet, row in ((made["表头对照"], 3), (made["取值对照"], 2)):
        last = sheet.max_column + 1
        sheet.cell(1, last).value, sheet.cell(row, last).value = "问谁", "问老王"
    made.save(folder / MAPPING)
    call("map", folder)
    assert [row["问谁"] for row in rows(folder / MAPPING, "表头对照")][:3] == [None, "问老王", None]
    assert [row["问谁"] for row in rows(folder / MAPPING, "取值对照")][:2] == ["问老王", None]


def test_one_that_cannot_be_read_is_not_written_over(folder: Path) -> None:
    (folder / MAPPING).write_bytes(b"PK damaged")
    result = CliRunner().invoke(cli, ["map", str(folder)])
    assert isinstance(result.exception, UsageError)
    assert MAPPING in result.exception.what
    assert (folder / MAPPING).read_bytes() == b"PK damaged"


def test_a_row_whose_header_no_longer_appears_is_kept_too(folder: Path) -> None:
    call("map", folder)
    edit(folder / MAPPING, "跟单员", 确认="是")
    (folder / "名单.xlsx").write_bytes(workbook({"大客户": [row[:3] for row in LIST], "新表": LIST}))
    call("map", folder)
    again = [(row["表"], row["你的表头"]) for row in rows(folder / MAPPING, "表头对照")]
    assert {("大客户", "跟单员"), ("大客户", "行业走势"), ("新表", "跟单员")} <= set(again)
    assert len(again) == len(set(again))


def test_what_another_workbook_maps_is_not_asked_again(folder: Path) -> None:
    (folder / "对照.xlsx").write_bytes(workbook({"表头对照": [HEAD, ("大客户", "跟单员", "客户经理")]}))
    assert "9 个表头" in call("map", folder)
    assert "跟单员" not in {row["你的表头"] for row in rows(folder / MAPPING, "表头对照")}


def test_sheets_of_one_name_in_several_files_are_told_apart_where_their_headers_differ(tmp_path: Path) -> None:
    (tmp_path / "一月.xlsx").write_bytes(workbook({"Sheet1": LIST}))
    (tmp_path / "二月.xlsx").write_bytes(workbook({"Sheet1": LIST}))
    call("map", tmp_path)
    alike = [(row["表"], row["你的表头"]) for row in rows(tmp_path / MAPPING, "表头对照")]
    assert alike == [("Sheet1", header) for header in LIST[0][:-1]]
    (tmp_path / MAPPING).unlink()
    (tmp_path / "二月.xlsx").write_bytes(workbook({"Sheet1": [("公司", *LIST[0][2:]), *(row[1:] for row in LIST[1:])]}))
    call("map", tmp_path)
    lines = rows(tmp_path / MAPPING, "表头对照")
    assert {row["表"] for row in lines} == {"一月.xlsx!Sheet1", "二月.xlsx!Sheet1"}
    confirm(tmp_path / MAPPING)
    book = read(tmp_path)
    assert "mapping-twice" not in {entry.kind for entry in book.problems}
    assert [len(table.rows) for table in book.book.tables] == [3, 3, 3, 3]
    call("map", tmp_path)
    assert len(rows(tmp_path / MAPPING, "表头对照")) == len(lines)


def test_a_confirmed_row_without_a_field_is_told(folder: Path) -> None:
    call("map", folder)
    edit(folder / MAPPING, "序号", 确认="是")
    assert "mapping-no-field" in {entry.kind for entry in read(folder).problems}


def test_a_row_without_a_sheet_is_for_every_sheet() -> None:
    names, problems = mapped({"表头对照": [HEAD, ("", "单位", "客户名称"), ("", "所在行业", "行业类型"),
                                       ("大客户", "跟单员", "客户经理")]})  # fmt: skip
    assert problems == []
    assert [name for name in names if name] == ["name", "owner", "industry", "last_contact"]


def test_a_field_may_be_written_as_its_printed_header_is() -> None:
    lines = [HEAD, ("", "单位", "客户名称*"), ("", "所在行业", "行业类型（大类-细类）"), ("", "跟单员", "客户经理")]
    names, problems = mapped({"表头对照": lines})
    assert problems == []
    assert [name for name in names if name] == ["name", "owner", "industry", "last_contact"]


def test_a_word_mapped_to_two_things_is_refused_with_its_cell() -> None:
    head = ("表", "你的表头", "你的写法", "本模板的写法")
    lines = [
        ("大客户", "级别", "A", "VIP客户"),
        ("大客户", "级别", "a", "VIP客户"),
        ("大客户", "级别", "A", "观察客户"),
    ]
    _, problems = mapped({"取值对照": [head, *lines]})
    assert problems == [("mapping-twice", "C4")]


# --- as sheets of the policy workbook ----------------------------------------------------------------


def policy_with(path: Path, headers: Cells, words: Cells = ()) -> Path:
    """Export the standard policy, and paste 表头对照 and 取值对照 over the sheets it has for them."""
    call("policy", "export", path)
    made = load_workbook(path)
    for name, lines in (("表头对照", headers), ("取值对照", words)):
        if lines:
            made[name].delete_rows(1, made[name].max_row)
            put(made[name], lines)
    made.save(path)
    return path


CONFIRMED: Cells = [(*HEAD, "确认"), *(("大客户", header, field, "是") for header, field in PROPOSED.items() if field)]
WORDS: Cells = [
    ("表", "你的表头", "你的写法", "本模板的写法", "确认"),
    ("大客户", "行业走势", "好", "高", "是"),
    ("大客户", "行业走势", "一般", "中", "是"),
    ("大客户", "行业走势", "差", "低", "是"),
]


def test_a_mapping_in_the_policy_workbook_is_obeyed_by_every_command(folder: Path, tmp_path: Path) -> None:
    policy = policy_with(tmp_path / "策略.xlsx", CONFIRMED, WORDS)
    listed = folder / "名单.xlsx"
    shared = ("--policy", policy, "--period", "2026-10", "-o", tmp_path / "out")
    assert "VIP客户   1 家" in call("run", listed, *shared, "--no-pdf")
    assert "VIP客户" in call("explain", "华东甲电子有限公司", listed, *shared)
    assert "3 家客户" in call("whatif", listed, "--base", policy, *shared)
    assert "客户信息基础表，3 行" in call("check", listed, "--policy", policy)
    assert "1 个表头" in call("map", listed, "--policy", policy)
    assert {row["你的表头"] for row in rows(tmp_path / MAPPING, "表头对照")} == {"序号"}


def test_a_mapping_in_the_policy_is_exported_again_byte_for_byte(folder: Path, tmp_path: Path) -> None:
    call("map", folder)
    made = load_workbook(folder / MAPPING)
    pasted = [tuple(row) for row in made["表头对照"].iter_rows(values_only=True)]  # blank 确认, samples and all
    policy = policy_with(tmp_path / "策略.xlsx", pasted, WORDS)
    first, second = tmp_path / "一.xlsx", tmp_path / "二.xlsx"
    call("policy", "export", first, "--policy", policy)
    call("policy", "export", second, "--policy", first)
    assert first.read_bytes() == second.read_bytes()
    assert load_policy(first) == load_policy(policy)
    assert {row["你的表头"]: row["本模板的字段"] for row in rows(first, "表头对照")} == PROPOSED
    assert {row["确认"] for row in rows(first, "表头对照")} == {"否"}
    waiting = reading.read(gather([folder / "名单.xlsx"], output=None), policy=load_policy(first), today=TODAY)
    assert [(entry.kind, str(entry.ref)) for entry in waiting.problems if entry.kind == "mapping-unconfirmed"] == [
        ("mapping-unconfirmed", f"{standard().name}!表头对照")
    ]


def test_a_mapping_a_person_typed_into_the_policy_without_confirmations_counts(tmp_path: Path) -> None:
    policy = load_policy(policy_with(tmp_path / "策略.xlsx", [HEAD[1:], ("单位", "客户名称")]))
    assert [(one.sheet, one.header, one.ours, one.confirmed) for one in policy.headers] == [
        ("", "单位", "客户名称", True)
    ]


@pytest.mark.parametrize(
    ("lines", "place"),
    [
        ([("大客户", "单位", "随便", "是")], "表头对照!C2"),
        ([("大客户", "单位", "", "是")], "表头对照!C2"),
        ([("大客户", "单位", "客户名称", "是"), ("大客户", "单位", "客户经理", "是")], "表头对照!B3"),
        ([("大客户", "单位", "客户名称", "是"), ("大客户", "公司", "客户名称", "是")], "表头对照!C3"),
    ],
)
def test_a_mapping_in_the_policy_that_cannot_be_is_refused_with_its_cell(
    tmp_path: Path, lines: Cells, place: str
) -> None:
    path = policy_with(tmp_path / "策略.xlsx", [(*HEAD, "确认"), *lines])
    with pytest.raises(PolicyError) as caught:
        load_policy(path)
    assert place in caught.value.what


def test_the_mapping_among_the_workbooks_wins_and_a_contradiction_is_told(tmp_path: Path) -> None:
    policy = load_policy(policy_with(tmp_path / "策略.xlsx", CONFIRMED, WORDS))
    lines = [("大客户", "跟单员", "信息来源人"), ("大客户", "所在行业", "行业类型"), ("大客户", "序号", "备注")]
    beside: Mapping[str, Cells] = {
        "表头对照": [HEAD, *lines, ("大客户", "单位", "客户名称")],
        "取值对照": [WORDS[0][:4], ("大客户", "行业走势", "好", "中")],
    }
    mapping, problems = read_mapping([("对照.xlsx", workbook(beside))], policy)
    assert told(problems) == [("mapping-differs", "C2"), ("mapping-differs", "C2")]
    assert mapping.label_of(SHEET, "跟单员") == "信息来源人"
    assert mapping.label_of(SHEET, "最近一单") == "最近交易时间"
    assert mapping.words_of(SHEET, "行业走势") == {"好": "中", "一般": "中", "差": "低"}
    assert "客户经理" in problems[0].what
    everywhere: Mapping[str, Cells] = {"表头对照": [HEAD[1:], ("跟单员", "信息来源人")]}
    mapping, problems = read_mapping([("对照.xlsx", workbook(everywhere))], policy)
    assert told(problems) == [("mapping-differs", "B2")]
    assert mapping.label_of(SHEET, "跟单员") == "信息来源人"


def test_one_that_was_not_given_is_not_written_over(folder: Path) -> None:
    call("map", folder)
    before = (folder / MAPPING).read_bytes()
    result = CliRunner().invoke(cli, ["map", str(folder / "名单.xlsx")])
    assert result.exit_code != 0
    assert (folder / MAPPING).read_bytes() == before


def mapped(sheets: Mapping[str, Cells], table: Cells = LIST) -> tuple[list[str], list[tuple[str, str]]]:
    """Read a list with a mapping beside it: the fields of its first table, and the problems of the mapping."""
    mapping, problems = read_mapping([("对照.xlsx", workbook(sheets))])
    tables, _ = read_workbook(workbook({"大客户": table}), file="名单.xlsx", mapping=mapping)
    names = [column.name or "" for column in tables[0].columns] if tables else []
    return names, told(problems)


def test_a_mapping_a_person_wrote_needs_no_confirmation() -> None:
    names, problems = mapped(
        {
            "表头对照": [
                HEAD,
                ("大客户", "单位", "客户名称"),
                ("大客户", "所在行业", "行业类型"),
                ("大客户", "跟单员", "客户经理"),
            ]
        }
    )
    assert problems == []
    assert names == ["", "name", "", "owner", "", "", "", "", "industry", "", "last_contact"]


@pytest.mark.parametrize(
    ("second", "problem"),
    [
        (("大客户", "单位", "客户经理"), ("mapping-twice", "C3")),
        (("大客户", "跟单员", "客户名称"), ("mapping-twice", "C3")),
        (("大客户", "跟单员", "随便"), ("mapping-no-field", "C3")),
    ],
)
def test_a_header_mapped_twice_or_to_nothing_is_refused_with_its_cell(
    second: tuple[str, ...], problem: tuple[str, str]
) -> None:
    _, problems = mapped({"表头对照": [HEAD, ("大客户", "单位", "客户名称"), second]})
    assert problems == [problem]


def test_a_header_is_mapped_on_its_own_sheet_only_and_may_be_left_alone() -> None:
    names, problems = mapped({"表头对照": [HEAD, ("别的表", "单位", "客户名称")]})
    assert (names, problems) == ([], [])
    sheets: Mapping[str, Cells] = {"表头对照": [HEAD, ("大客户", "序号", "（不用）")]}
    mapping, _ = read_mapping([("对照.xlsx", workbook(sheets))])
    table = (("客户编号", "客户名称", "行业", "序号"), ("C1", "甲", "制造业", 1))
    assert told(read_workbook(workbook({"大客户": table}), file="名单.xlsx", mapping=mapping)[1]) == []


def test_what_is_no_workbook_holds_no_mapping() -> None:
    for data in (b"", b"PK\x03\x04", io.BytesIO(b"x" * 100).getvalue()):
        assert read_mapping([("坏.xlsx", data)])[1] == ()


@pytest.mark.parametrize(
    ("part", "sheet"),
    [("xl/WorkBook.xml", "表头对照"), ("xl/workbook.xml", "表頭對照"), ("xl/WORKBOOK.XML", "取值對照")],
)
def test_a_mapping_is_seen_wherever_the_workbook_part_is_and_however_the_sheet_is_spelled(
    part: str, sheet: str
) -> None:
    rows: Cells = [HEAD, ("大客户", "单位", "客户名称")]
    if sheet == "取值對照":
        rows = [("表", "你的表头", "你的写法", "本模板的写法"), ("大客户", "单位", "甲", "乙")]
    mapping, problems = read_mapping([("对照.xlsx", moved(workbook({sheet: rows}), part))])
    assert problems == ()
    assert (mapping.label_of(SHEET, "单位") == "客户名称", bool(mapping.words)) in {(True, False), (False, True)}


def moved(data: bytes, part: str) -> bytes:
    """Give the workbook part another name, as other writers do."""
    folder, name = part.split("/")
    names = {"xl/workbook.xml": part, "xl/_rels/workbook.xml.rels": f"{folder}/_rels/{name}.rels"}
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as written:
        for entry in source.namelist():
            content = source.read(entry)
            if entry in {"_rels/.rels", "[Content_Types].xml"}:
                content = content.replace(b"xl/workbook.xml", part.encode())
            written.writestr(names.get(entry, entry), content)
    return target.getvalue()


def test_adjustments_under_headers_of_their_own_can_be_mapped(tmp_path: Path) -> None:
    lists: Mapping[str, Cells] = {
        "名单": [("客户编号", "客户名称", "行业", "部门"), ("C1", "甲公司", "制造业", "一部")],
        "特批": [("编号", "特批成", "为什么", "到哪天"), ("C1", "VIP客户", "签了框架", "2026-12-31")],
    }
    (tmp_path / "名单.xlsx").write_bytes(workbook(lists))
    fields = {"特批成": "调整后等级", "为什么": "理由", "到哪天": "有效期至"}
    lines = [("特批", header, field) for header, field in fields.items()]
    (tmp_path / "对照.xlsx").write_bytes(workbook({"表头对照": [HEAD, *lines]}))
    (customer,) = read(tmp_path).book.customers
    assert [(one.grade, one.reason) for one in customer.overrides] == [("VIP客户", "签了框架")]


def test_english_headers_and_letters_are_read_once_a_person_has_mapped_them(tmp_path: Path) -> None:
    table: Cells = (
        ("company", "payment", "orders", "last order", "class"),
        ("Alpha Ltd", 800_000, 12, "2026-10-01", "A"),
        ("Beta Ltd", 80_000, 2, "2026-07-01", "C"),
    )
    (tmp_path / "list.xlsx").write_bytes(workbook({"accounts": table}))
    fields = {
        "company": "客户名称",
        "payment": "近12个月消费金额",
        "orders": "平均合作频次",
        "last order": "最近交易时间",
    }
    lines = [("accounts", header, field) for header, field in fields.items()]
    (tmp_path / "对照.xlsx").write_bytes(workbook({"表头对照": [HEAD, *lines]}))
    book = read(tmp_path).book
    assert [(entry.customer_id, entry.profile.spend_12m) for entry in book.customers if entry.profile] == [
        ("Alpha Ltd", 800_000),
        ("Beta Ltd", 80_000),
    ]


def test_what_a_person_decides_elsewhere_is_confirmed_and_nothing_else(tmp_path: Path) -> None:
    file = tmp_path / "名单.xlsx"
    file.write_bytes(workbook({"大客户": LIST}))
    inputs = gather([file], output=None)
    labels = {("大客户", "跟单员"): "客户经理", ("大客户", "序号"): UNUSED}
    data = mapping.assign(inputs, standard(), labels, {("大客户", "客户级别", "A"): "VIP客户"})
    mapping.write(tmp_path / MAPPING, data)
    confirmed = [row["你的表头"] for row in rows(tmp_path / MAPPING, "表头对照") if row["确认"] == "是"]
    assert confirmed == ["序号", "跟单员"]
    assert [row["你的写法"] for row in rows(tmp_path / MAPPING, "取值对照") if row["确认"] == "是"] == ["A"]
    again = mapping.list_proposals(gather([tmp_path], output=None), standard())
    assert {one.header: one.label for one in again.headers if one.confirmed} == {
        "跟单员": "客户经理",
        "序号": UNUSED,
    }


def test_a_mapping_that_is_open_in_excel_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / MAPPING).write_bytes(b"theirs")
    (tmp_path / f"~${MAPPING}").write_bytes(b"")
    with pytest.raises(StoreError, match="正打开着它"):
        mapping.write(tmp_path / MAPPING, b"ours")
    assert (tmp_path / MAPPING).read_bytes() == b"theirs"
    assert len(list(tmp_path.iterdir())) == 2


@pytest.mark.parametrize("command", ["check", "run"])
def test_where_most_customers_wait_for_unknown_columns_the_next_step_is_to_confirm_them(
    command: str, tmp_path: Path
) -> None:
    header = ("客户编号", "客户名称", "行业", "客户经理", "末次成交日", "返单比例")
    lines = [header, *((f"C{number}", f"{number}公司", "制造业", "张*", "2026-10-12", "80%") for number in range(1, 4))]
    (tmp_path / "名单.xlsx").write_bytes(workbook({"客户": lines}))
    words = ["-o", tmp_path / "out", "--no-pdf"] if command == "run" else []
    out = call(command, tmp_path / "名单.xlsx", "--period", "2026-10", *words)
    last = out.strip().splitlines()[-1]
    assert last.startswith("下一步：3 家客户的资料不够评级，有 2 列没有用上：用同样的路径运行 sheetcrm map")


@pytest.mark.parametrize("header", ["下单日期", "订单日期", "采购日期", "发货日期", "成交日期", "末次成交日"])
def test_a_day_of_buying_is_proposed_as_the_last_deal_not_as_one_to_come(header: str) -> None:
    best = {kind: nearest(header, [kind], ["2026-10-01"]) for kind in ("profile", "scoring")}
    assert {kind: like.field.name for kind, like in best.items() if like} == {
        "profile": "last_deal",
        "scoring": "recency",
    }
