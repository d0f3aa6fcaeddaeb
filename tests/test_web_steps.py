"""The five steps of the page of `sheetcrm open`, form by form."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("flask", reason="the extra `open` is not installed")

from openpyxl import load_workbook

from sheetcrm.excel.books.mapping_book import MAPPING
from sheetcrm.report.pages.template_files import shipped_templates
from sheetcrm.runs import apply
from sheetcrm.runs.apply import WRITING
from sheetcrm.store.files import staging
from sheetcrm.store.history import ledger
from sheetcrm.web import customers, remembered
from sheetcrm.web.tasks import Fields
from sheetcrm.web.worker import Worker
from tests.opening import HERE, Visitor, visitor, words
from tests.test_mapping import LIST, PROPOSED
from tests.test_pipeline import HEADER, ROWS, save

BAD = ["C2024009", "坏公司", "30天", "12次/年", "八十万左右", "高(行业增速15%)", "85%", None, None, "张*", "2026-10-31"]
PHONE, PERSON = "13912345678", "欧阳铁柱"
NO_PDF = {"no-pdf": "on"}


@pytest.fixture(autouse=True)
def _nothing_stated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POLICY", "PRESET", "OUTPUT", "TEMPLATES", "MAPPING", "PERIOD_KIND", "KEEP"):
        monkeypatch.delenv(f"SHEETCRM_{name}", raising=False)
    for name in ("XDG_CONFIG_HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "config"))
    monkeypatch.setattr(Path, "home", lambda: tmp_path)


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Make a folder with a workbook of four customers, one cell of it wrong."""
    return save(tmp_path / "台账" / "客户.xlsx", {"打分表": [HEADER, *ROWS, BAD]})


def checked(book: Path, **values: str) -> Visitor:
    """Go as far as the check."""
    one = visitor()
    one.post("/folder", {"folder": str(book.parent), "period": "2026-10"}, **values)
    return one


def previewed(book: Path, **values: str) -> Visitor:
    """Go as far as the preview."""
    one = checked(book, **values)
    one.get("/preview")
    return one


def files(folder: Path) -> Mapping[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and "config" not in path.parts}


def test_five_steps_lead_from_a_folder_to_results(book: Path) -> None:
    one, before = visitor(), book.read_bytes()
    page = one.post("/folder", {"folder": str(book.parent), "period": "2026-10"})
    assert "读了 1 个工作簿、4 家客户： 1 处错误" in words(page)
    assert "打分表!E5" in words(page)
    page = one.get("/preview")
    assert re.search(r"VIP客户 \d", words(page))
    assert "客户.xlsx" in words(page)
    assert not (book.parent / "output").exists()
    one.get("/generate")
    page = one.post("/generate", {"where": "copies"}, **NO_PDF)
    assert "先改 客户.xlsx!打分表!E5" in words(page)
    folder = book.parent / "output" / "2026-10"
    assert load_workbook(folder / "workbooks" / "客户.xlsx")["打分表"]["I2"].value == "重点客户"
    assert book.read_bytes() == before
    answer = one.client.get("/files/index.html", base_url=HERE)
    assert answer.data == (folder / "index.html").read_bytes()
    assert "script-src" not in answer.headers["Content-Security-Policy"]  # its own, by hashes, stands in it
    assert (
        one.client.get("/files/packs/评审包.xlsx", base_url=HERE)
        .headers["Content-Disposition"]
        .startswith("attachment")
    )


def test_only_the_files_of_the_results_are_sent(book: Path) -> None:
    one = previewed(book)
    one.post("/generate", {"where": "copies"}, **NO_PDF)
    for name in (
        "run.jso",
        "../../客户.xlsx",
        "%2e%2e/%2e%2e/客户.xlsx",
        "/etc/hostname",
        "workbooks",
        "../sheetcrm.db",
    ):
        assert one.client.get(f"/files/{name}", base_url=HERE).status_code in {308, 404}, name


def test_nothing_is_written_without_the_preview(book: Path) -> None:
    one, before = checked(book), files(book.parent)
    page = one.post("/generate", {"where": "in-place", "sure": "yes"}, **NO_PDF)
    assert "还没有看过这一次的预览，什么也没有写" in words(page)
    one.get("/preview")
    one.post("/check")
    assert "还没有看过" in words(one.post("/generate", {"where": "copies"}, **NO_PDF))
    assert files(book.parent) == before


def test_their_own_workbooks_are_changed_only_after_a_second_yes_and_can_be_restored(book: Path) -> None:
    one, before = previewed(book), book.read_bytes()
    page = one.post("/generate", {"where": "in-place"}, **NO_PDF)
    assert "会直接改写这 1 个工作簿" in words(page)
    assert 'name="no-pdf"' in page
    assert book.read_bytes() == before
    page = one.post("/generate", {"where": "in-place", "sure": "yes"}, **NO_PDF)
    assert "改写了 1 个原来的工作簿" in words(page)
    assert load_workbook(book)["打分表"]["I2"].value == "重点客户"
    page = one.get("/restore")
    backup = re.search(r'name="backup" value="([^"]+)"', page)
    assert backup
    page = one.post("/restore", {"backup": backup[1]})
    assert "已恢复" in words(page)
    assert book.read_bytes() == before
    assert "已经过时" in words(one.post("/restore", {"backup": str(book)}))


def test_a_workbook_that_is_open_is_named_and_left_alone(book: Path) -> None:
    other = save(book.parent / "其他.xlsx", {"打分表": [HEADER, ["C2024777", *ROWS[0][1:]]]})
    one, before = previewed(book), book.read_bytes()
    book.with_name(f"~${book.name}").write_bytes(b"")
    page = one.post("/generate", {"where": "in-place", "sure": "yes"}, **NO_PDF)
    assert "没有写成的 1 个" in words(page)
    assert "正打开着它" in words(page)
    assert book.read_bytes() == before
    assert load_workbook(other)["打分表"]["I2"].value == "重点客户"


@pytest.mark.parametrize("moment", ["", "填写报告", WRITING])
def test_a_run_that_is_cancelled_has_written_nothing(book: Path, moment: str, monkeypatch: pytest.MonkeyPatch) -> None:
    one, before = previewed(book), files(book.parent)
    heard = one.site.worker.begin

    def begin(job: Any) -> None:  # noqa: ANN401  (a Errand)
        hear = job.hear

        def cancelling(message: str) -> None:
            if message == moment:
                assert job.cancel()
            hear(message)

        work = job.work
        job.work = lambda _progress: work(cancelling)
        heard(job)

    monkeypatch.setattr(Worker, "begin", lambda _self, job: begin(job))
    page = one.post("/generate", {"where": "in-place", "sure": "yes"}, **NO_PDF)
    if moment:
        assert "已取消，什么也没有写" in words(page)
        assert files(book.parent) == before
        assert not (book.parent / "output").exists()
    else:
        assert "改写了" in words(page)


def test_a_run_that_writes_already_is_not_cancelled(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = previewed(book)
    answers: list[bool] = []
    place = apply._place  # noqa: SLF001  (the last moment)

    def late(*args: Any) -> Any:  # noqa: ANN401  (as it is)
        assert one.site.worker.job
        answers.append(one.site.worker.job.cancel())
        return place(*args)

    monkeypatch.setattr(apply, "_place", late)
    page = one.post("/generate", {"where": "copies"}, **NO_PDF)
    assert answers == [False]
    assert "完成" in words(page)


def test_a_second_tab_sees_what_is_being_done_and_an_old_page_is_told(book: Path) -> None:
    one = previewed(book)
    old = one.site.state.checked.key if one.site.state.checked else ""
    one.send("/check")
    assert "正在检查" in words(one.get("/"))
    answer = one.send("/generate", key=old, where="copies")
    assert answer.status_code in {303, 409}
    page = words(one.get("/preview"))
    assert "正在另一个标签页里做" in page
    one.work()
    save(book, {"打分表": [HEADER, *ROWS]})
    one.post("/check")
    one.get("/preview")
    answer = one.send("/generate", key=old, where="copies")
    assert answer.status_code == 409
    assert "这一页已经过时" in words(answer.text)
    assert not (book.parent / "output").exists()


def test_what_was_saved_since_is_seen_and_not_written_over(book: Path) -> None:
    one = previewed(book)
    state = one.client.get("/state", base_url=HERE).get_json()
    assert (state["saved"], state["busy"]) == (False, False)
    status = book.stat()
    os.utime(book, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000_000))
    assert one.client.get("/state", base_url=HERE).get_json()["saved"]
    page = one.post("/generate", {"where": "copies"}, **NO_PDF)
    assert "又保存过，什么也没有写" in words(page)
    assert not (book.parent / "output").exists()
    one.post("/check")
    assert not one.client.get("/state", base_url=HERE).get_json()["saved"]


def test_foreign_headers_are_assigned_in_the_page(tmp_path: Path) -> None:
    book = save(tmp_path / "名单" / "名单.xlsx", {"大客户": LIST})
    one = visitor()
    page = one.post("/folder", {"folder": str(book.parent), "period": "2026-10"})
    names = dict(re.findall(r'<select name="([^"]+)" aria-label="(.*?) 是"', page))
    ours = {header: label or "（不用）" for header, label in PROPOSED.items()}
    levels = {"客户级别 的 A": "VIP客户", "客户级别 的 B": "重点客户", "客户级别 的 C": "普通客户",
              "行业走势 的 好": "高", "行业走势 的 一般": "中", "行业走势 的 差": "低"}  # fmt: skip
    page = one.post("/check/mapping", {name: {**ours, **levels}[label] for name, label in names.items()})
    assert "3 家客户" in words(page)
    assert "已写进" in words(page)
    rows = load_workbook(book.with_name(MAPPING))["表头对照"].iter_rows(min_row=2, values_only=True)
    assert {row[1]: row[2] for row in rows if row[3] == "是"} == ours
    assert "没有选任何一列" in words(one.post("/check/mapping"))


def test_headers_chosen_for_one_folder_are_not_those_of_another_opened_meanwhile(tmp_path: Path) -> None:
    first = save(tmp_path / "甲" / "名单.xlsx", {"大客户": LIST})
    second = save(tmp_path / "乙" / "名单.xlsx", {"大客户": LIST[:3]})
    one = visitor()
    page = one.post("/folder", {"folder": str(first.parent), "period": "2026-10"})
    form = dict.fromkeys(re.findall(r'<select name="([^"]+)"', page)[:1], "客户名称")
    key = re.findall(r'name="key" value="([^"]+)"', page)[0]
    one.post("/folder", {"folder": str(second.parent), "period": "2026-10"})
    assert one.send("/check/mapping", key=key, **form).status_code == 409
    assert not second.with_name(MAPPING).exists()


def test_findings_are_listed_by_owner_and_kind_and_opened_in_excel(book: Path) -> None:
    profile = [["客户编号", "客户名称", "客户经理"], ["C2024009", "坏公司", "陈思远"], ["C2024001", "A公司", "林婉清"]]
    save(book.with_name("档案.xlsx"), {"客户信息基础表": profile})
    one = checked(book)
    assert "打分表!E5" in words(one.get("/check?owner=陈思远"))
    assert "打分表!E5" not in words(one.get("/check?owner=林婉清"))
    assert "列出前" not in words(one.get("/check?kind=money-unreadable"))
    page = one.post("/open", {"input": "客户.xlsx"})
    assert one.system.opened == [book]
    assert "已交给电脑上的程序打开" in words(page)
    for name in ("../客户.xlsx", "/etc/hostname", str(book)):
        assert "已经过时" in words(one.post("/open", {"input": name}))
    assert one.system.opened == [book]


def test_names_of_persons_and_numbers_are_masked_on_every_page(tmp_path: Path) -> None:
    head = [*HEADER[:2], "客户类型", "联系人(职位)", "联系方式", "近12个月消费金额"]
    rows = [["C2024001", PERSON, "个人", f"{PERSON}（总经理）", PHONE, f"约{PHONE}"]]
    book = save(tmp_path / "台账" / "客户.xlsx", {"打分表": [HEADER, ["C2024001", PERSON, *ROWS[0][2:]], BAD],
                                             "客户信息基础表": [head, *rows]})  # fmt: skip
    one = previewed(book)
    pages = [
        "/check",
        "/preview",
        "/preview/cells?book=0",
        "/preview/customer?q=C2024001",
        "/preview/whatif",
        "/restore",
    ]
    text = "".join(map(one.get, pages)) + one.post("/generate", {"where": "copies"}, **NO_PDF)
    assert "欧*" in text
    assert PERSON not in text.replace('value="C2024001"', "")
    assert PHONE not in text


def test_a_customer_is_looked_up_by_a_part_of_the_name(book: Path) -> None:
    one = previewed(book)
    page = words(one.get("/preview/customer?q=a公"))
    assert "C2024001" in page
    assert "消费金额" in page
    assert "找到 4 家" in words(one.get("/preview/customer?q=公司"))
    assert "没有编号或名称含" in words(one.get("/preview/customer?q=无此人"))


def test_a_customer_looked_at_is_put_on_record_where_there_is_a_history(book: Path, tmp_path: Path) -> None:
    output = tmp_path / "结果"
    one = previewed(book, output=str(output))
    one.get("/preview/customer?q=C2024001")
    assert not output.exists()
    with staging.claim(output), ledger.opened(output):
        pass
    one.get("/preview/customer?q=公司")
    one.get("/preview/customer?q=C2024001")
    with ledger.read(output) as history:
        assert [(entry.what, entry.target) for entry in history.disclosures()] == [("C2024001", "网页")]


def test_more_customers_than_are_listed_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(customers, "MOST_MATCHES", 2)
    one = previewed(save(tmp_path / "台账" / "客户.xlsx", {"打分表": [HEADER, *ROWS]}))
    assert f"找到 {len(ROWS)} 家，列出前 2 家" in words(one.get("/preview/customer?q=公司"))


def test_the_customers_of_a_grade_are_listed_from_its_name(book: Path) -> None:
    one = previewed(book)
    link = re.search(r'href="([^"]+)">(普通客户|观察客户)</a>', one.get("/preview"))
    assert link is not None
    state = one.site.state.checked
    assert state is not None
    assert state.plan is not None
    found = customers.of_grade(state, state.plan, link[2])
    page = words(one.get(link[1].replace("&amp;", "&")))
    assert found
    assert all(match.shown in page for match in found)


def test_what_a_cell_holds_now_and_is_replaced_stands_apart(tmp_path: Path) -> None:
    rows = [list(row) for row in ROWS]
    rows[0][HEADER.index("总分")] = 12.3
    for row in rows:
        row[8] = row[10] = None
        row[7] = row[7] if row[7] == 12.3 else None
    one = previewed(save(tmp_path / "台账" / "客户.xlsx", {"打分表": [HEADER, *rows]}))
    everything = words(one.get("/preview/cells?book=0"))
    assert "（新加的列）" in everything
    assert "其中 1 格现在有内容，会换掉" in everything
    replaced = words(one.get("/preview/cells?book=0&filled=1"))
    assert "第 1 到 1 格" in replaced
    assert "12.3" in replaced
    assert "（空）" not in replaced


def test_other_weights_and_floors_are_tried_and_nothing_is_written(book: Path) -> None:
    one, before = previewed(book), files(book.parent)
    page = one.get("/preview/whatif")
    floor = re.search(r'<label for="(floor-\d)">重点客户', page)
    assert floor
    page = words(one.post("/preview/whatif", {floor[1]: "89"}))
    assert "4 家客户里有 1 家的等级会变" in page
    assert "重点客户 → 普通客户" in page
    assert "没有改任何数字" in words(one.post("/preview/whatif"))
    weight = re.search(r'<label for="(weight-\d)">消费金额', one.get("/preview/whatif"))
    assert weight
    assert "100" in words(one.post("/preview/whatif", {weight[1]: "50"}))  # the weights no longer make 100
    assert files(book.parent) == before


def test_what_is_filled_in_is_remembered_and_written_into_the_settings_file(book: Path) -> None:
    fields = {"folder": str(book.parent), "period": "2026-10", "output": "结果", "preset": "价值", "keep": "总分"}
    page = visitor().post("/folder", fields, remember="on")
    file = book.parent / "sheetcrm.toml"
    assert file.read_text(encoding="utf-8") == "output = '结果'\nkeep = ['总分']\npreset = '价值'\n"
    assert f"设置已写进 {file}" in words(page)
    assert remembered.recall() == Fields(folder=str(book.parent), output="结果", preset="价值", keep="总分")
    again = visitor()
    page = words(again.post("/folder", {"folder": str(book.parent), "period": "2026-10"}))
    assert str(book.parent / "结果") in page
    assert str(file) in page


def test_another_policy_than_last_time_is_not_taken_in_silence(book: Path) -> None:
    one = previewed(book, preset="价值")
    one.post("/generate", {"where": "copies"}, **NO_PDF)
    one.post("/folder", {"folder": str(book.parent), "period": "2026-10"})
    assert "请先选定等级方案" in words(one.get("/preview"))
    assert "请先选定等级方案，什么也没有写" in words(one.post("/generate", {"where": "copies"}, **NO_PDF))
    one.post("/check", {"preset": "价值"})
    assert "请先选定等级方案" not in words(one.get("/preview"))
    assert "完成" in words(one.post("/generate", {"where": "copies"}, **NO_PDF))


@pytest.mark.parametrize(
    ("values", "answer"),
    [
        ({"folder": ""}, "没有选文件夹"),
        ({"folder": "台账"}, "不是完整的路径"),
        ({"folder": "/没有/这里"}, "找不到“/没有/这里”"),
        ({"period": "十月"}, "看不懂期间“十月”"),
        ({"period": "2090-01"}, "还没有开始"),
        ({"preset": "没有"}, "没有"),
        ({"policy": "/没有/策略.xlsx"}, "策略.xlsx"),
        ({"period_kind": "旬"}, "旬"),
    ],
)
def test_what_makes_no_sense_is_said_on_the_first_page(book: Path, values: dict[str, str], answer: str) -> None:
    one = visitor()
    page = one.post("/folder", {"folder": str(book.parent), "period": "2026-10", **values})
    assert answer in words(page)
    assert "工作簿所在的文件夹" in words(page)
    assert "Traceback" not in page


def test_a_folder_is_chosen_in_a_dialog_and_what_was_typed_stays(book: Path) -> None:
    one = visitor()
    one.system.folder = str(book.parent)
    page = one.post("/folder", {"folder": "", "period": "2026-10", "choose": "1"})
    assert f'value="{book.parent}"' in page
    assert 'value="2026-10"' in page
    assert one.site.state.checked is None


def test_a_path_as_windows_copies_it_and_a_workbook_alone_are_taken(book: Path) -> None:
    one = visitor()
    assert "4 家客户" in words(one.post("/folder", {"folder": f'"{book}"', "period": "2026-10"}))


def test_steps_that_are_not_there_yet_lead_to_those_that_are(book: Path) -> None:
    one = visitor()
    for address in (
        "/check",
        "/preview",
        "/preview/cells",
        "/preview/customer",
        "/preview/whatif",
        "/generate",
        "/done",
        "/progress",
    ):
        assert "工作簿所在的文件夹" in words(one.get(address)), address
    assert one.client.get("/nowhere", base_url=HERE).status_code == 404
    assert one.client.get("/generate/", base_url=HERE).status_code == 404
    for address in ("/check/mapping", "/preview/whatif", "/generate"):
        assert one.send(address).status_code == 409, address
    assert one.send("/check").status_code == 303
    one.work()
    assert "没有选文件夹" in words(one.get("/progress"))
    assert not (book.parent / "output").exists()


def test_what_nobody_foresaw_is_one_sentence(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = checked(book)
    one.site.worker.describe = lambda _error: "程序自身出错，已停止"
    monkeypatch.setattr("sheetcrm.web.views.count_tiers", lambda _plan: 1 / 0)
    answer = one.client.get("/preview", base_url=HERE)
    assert answer.status_code == 500
    assert "程序自身出错" in words(answer.text)
    monkeypatch.setattr("sheetcrm.web.steps.gather", lambda *_args, **_more: 1 / 0)
    assert "程序自身出错" in words(one.post("/check"))


def test_the_memory_of_the_last_folder_may_be_anything(tmp_path: Path) -> None:
    file = tmp_path / "config" / "sheetcrm" / "open.json"
    file.parent.mkdir(parents=True)
    for text in ("", "[]", '{"folder": 1}', "{", '"x"', "\x00"):
        file.write_text(text, encoding="utf-8")
        assert remembered.recall() == Fields()
    remembered.remember(Fields(folder="/甲", period="2026-10"))
    assert remembered.recall() == Fields(folder="/甲")
    file.unlink()
    file.mkdir()
    assert remembered.recall() == Fields()
    remembered.remember(Fields(folder="/甲"))


def test_a_folder_is_looked_for_on_the_page(book: Path, tmp_path: Path) -> None:
    (tmp_path / "台账" / "里面").mkdir()
    (tmp_path / "台账" / ".藏着").mkdir()
    book.with_name(f"~${book.name}").write_bytes(b"")
    one = visitor()
    for start in ("", "没有", str(tmp_path / "没有")):
        assert "台账" in words(one.get(f"/folders?at={start}")), start  # the home folder
    page = one.get(f"/folders?at={book.parent}")
    assert "里面有 1 个工作簿：客户.xlsx" in words(page)
    assert "里面的文件夹 里面" in words(page)
    assert "藏着" not in page
    choose = re.search(r'href="(/folder\?folder=[^"]+)">选这个文件夹', page)
    assert choose
    assert f'value="{book.parent}"' in one.get(choose[1])


def test_results_of_other_workbooks_are_taken_away_only_when_that_is_said(book: Path) -> None:
    one = previewed(book)
    one.post("/generate", {"where": "copies"}, **NO_PDF)
    book.unlink()
    save(book.with_name("别的.xlsx"), {"打分表": [HEADER, ["C2099001", *ROWS[0][1:]]]})
    one.post("/check")
    assert "本期（2026-10）已有 4 家客户的结果" in words(one.get("/preview"))
    before = files(book.parent)
    assert "请勾选“仍然换掉”" in words(one.post("/generate", {"where": "copies"}, **NO_PDF))
    assert files(book.parent) == before
    assert "完成" in words(one.post("/generate", {"where": "copies", "replacing": "on"}, **NO_PDF))


def test_a_board_of_own_templates_has_no_part_in_the_page(book: Path) -> None:
    templates = book.parent / "模板"
    templates.mkdir()
    shutil.copy(shipped_templates() / "board.html", templates)
    (book.parent / "sheetcrm.toml").write_text("templates = '模板'\n", encoding="utf-8")
    one = previewed(book)
    page = one.post("/generate", {"where": "copies"}, **NO_PDF)
    assert 'href="/files/index.html"' not in page
    assert one.client.get("/files/index.html", base_url=HERE).status_code == 404
    one.post("/open", {"output": "index.html"})
    assert one.system.opened == [book.parent / "output" / "2026-10" / "index.html"]
