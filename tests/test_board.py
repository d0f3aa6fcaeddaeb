"""The 看板 index.html: what stands in its bytes, and what never does."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path
from urllib.parse import unquote

import pytest

from sheetcrm.model import (
    FIGURES,
    Assessment,
    CellRef,
    Departed,
    Figure,
    Goal,
    Movement,
    Past,
    PastFigures,
    Problem,
    Setting,
    Severity,
)
from sheetcrm.policy.run import Results
from sheetcrm.report.board import listing
from sheetcrm.report.board.board import board
from sheetcrm.report.pages.template_files import shipped_templates
from tests.making import TABLE, contact, profile
from tests.opening import visitor
from tests.reporting import BOOK, alert, assessment, due, figures, results
from tests.test_conclusions import planned
from tests.values import replace

PHONE, MAIL, PERSON, CONTACT = "13912345678", "tiezhu.canary@secret-mail.cn", "欧阳铁柱", "司马秋水"
ID_CARD, PROMISE = "11010519491231002X", "寄送内部底价单"
HOSTILE = "</script><img src=x onerror=alert(1)><!--\u2028{{ 7*7 }}"


@dataclass
class Parsed(HTMLParser):
    """A page taken apart: its elements with their attributes, and the contents of style and script."""

    text: str
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    contents: dict[str, str] = field(default_factory=dict)
    inside: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.text)

    def __hash__(self) -> int:
        return id(self)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.elements.append((tag, values))
        self.inside = {"style": "style", "script": f"script {values.get('type') or 'code'}"}.get(tag, "")

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.contents[self.inside] = self.contents.get(self.inside, "") + data

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002  (whichever it is)
        self.inside = ""

    @property
    def data(self) -> Mapping[str, list[list[object]]]:
        values: Mapping[str, list[list[object]]] = json.loads(self.contents["script application/json"])
        return values

    @property
    def policy(self) -> str:
        return next(values["content"] or "" for tag, values in self.elements if values.get("http-equiv"))


def page(period: Results, *, files: Sequence[str] = (), templates: Sequence[Path] = ()) -> Parsed:
    return Parsed(board(period, files, templates=templates).decode())


def words(parsed: Parsed, *places: object) -> list[object]:
    return [parsed.data["words"][place] for place in places if isinstance(place, int)]


def test_the_policy_allows_its_own_style_and_script_by_their_hashes_alone() -> None:
    parsed = page(results([assessment()]))

    def sha(content: str) -> str:
        return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()

    style, script = sha(parsed.contents["style"]), sha(parsed.contents["script code"])
    assert parsed.policy == (
        f"default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'"
    )
    assert [tag for tag, _ in parsed.elements if tag in {"style", "script"}] == ["style", "script", "script"]
    own = [name for _, values in parsed.elements for name in values if name == "style" or name.startswith("on")]
    assert own == []
    assert "\r" not in parsed.text


def test_nothing_is_asked_for_elsewhere() -> None:
    parsed = page(results([assessment()]), files=["packs/评审包.xlsx", "workbooks/客户 1#.xlsx"])
    assert "http:" not in parsed.text
    assert "https:" not in parsed.text
    assert not re.search(r"@import|url\(|fetch\(|XMLHttp|WebSocket|import\(|sendBeacon", parsed.text)
    assert {tag for tag, _ in parsed.elements} & {"link", "img", "iframe", "object", "embed", "base", "form"} == set()
    addresses = [values["href"] or "" for tag, values in parsed.elements if tag == "a"]
    assert [one for one in addresses if not one.startswith("#")] == [
        "packs/%E8%AF%84%E5%AE%A1%E5%8C%85.xlsx",
        "workbooks/%E5%AE%A2%E6%88%B7%201%23.xlsx",
    ]


def test_the_script_writes_values_as_text_alone() -> None:
    script = (shipped_templates() / "board.js").read_text(encoding="utf-8")
    assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|Function\(", script)


def test_what_cells_hold_is_text_wherever_it_stands() -> None:
    entry = assessment(
        HOSTILE,
        name=HOSTILE,
        owner=HOSTILE,
        tags=HOSTILE,
        explanation=HOSTILE,
        change=HOSTILE,
        previous_grade="重点客户",
        department=HOSTILE,
        due=(replace(due("2026-10-20", late=11), owner=HOSTILE),),
    )
    problem = Problem(CellRef(HOSTILE, HOSTILE, 3, 2), Severity.ERROR, "money-unreadable", HOSTILE, HOSTILE)
    settings = Setting(origin=TABLE, row=2, unit=HOSTILE, department=HOSTILE, secrecy=HOSTILE)
    book = replace(BOOK, settings=(settings,), customers=(entry.customer,))
    plain = page(results([assessment()]))
    parsed = page(results([entry], book=book, problems=[problem]), files=[f"workbooks/{HOSTILE}.xlsx"])
    data = parsed.contents["script application/json"]
    assert not set(data) & set("<>&\u2028\u2029")
    shown = "</script><img src=x onerror=alert(1)><!-- {{ 7*7 }}"
    assert parsed.data["customers"][0][:2] == [shown, shown]
    assert shown in parsed.data["words"]
    count = [tag for tag, _ in plain.elements if tag != "li"]
    assert sorted(tag for tag, _ in parsed.elements if tag not in {"li", "a"}) == sorted(
        tag for tag in count if tag != "a"
    )


def canaries() -> Results:
    """A book with a person, contacts and free text wherever people put them."""
    prose = f"找{CONTACT}，电话{PHONE}，邮箱{MAIL}，身份证{ID_CARD}"
    person = assessment(
        "C001",
        name=PERSON,
        explanation=f"“{PERSON}的80万”读不出；{prose}",
        change=f"{PERSON} {prose}",
        previous_grade="重点客户",
        movement=Movement.UP,
        tags=prose,
        owner=f"林婉清 {PHONE}",
        alerts=(replace(alert("投诉"), note=prose),),
        due=(due("2026-10-20", late=11, promise=PROMISE), due("2026-11-05")),
    )
    sheet = profile("C001", name=PERSON, customer_type="个人", contact=f"{CONTACT}(总经理)", phone=f"{PHONE} {MAIL}")
    person = replace(
        person,
        customer=replace(person.customer, profile=sheet, follow_ups=(contact("2026-10-08", summary=PROMISE),)),
    )
    unnumbered = replace(person, customer=replace(person.customer, customer_id=PERSON))
    problems = [
        Problem(CellRef(f"{PERSON}.xlsx", PERSON, 3, 2), Severity.WARNING, "name-differs", prose, prose),
        Problem(CellRef("客户.xlsx", "基础表", 3, 2), Severity.NOTE, "promise-unreadable", PROMISE, "请写成“3日内”"),
    ]
    entries = [person, unnumbered]
    book = replace(BOOK, customers=tuple(entry.customer for entry in entries))
    return results(entries, book=book, problems=problems)


def test_no_contact_no_persons_name_and_no_free_text_is_in_its_bytes() -> None:
    parsed = page(canaries(), files=[f"workbooks/{PERSON}.xlsx", f"workbooks/{CONTACT}.xlsx", "packs/评审包.xlsx"])
    text = parsed.text + unquote(parsed.text) + json.dumps(parsed.data)
    for canary in (PHONE, MAIL, PERSON, CONTACT, ID_CARD, PROMISE):
        assert canary not in text
        assert canary not in json.dumps(parsed.data, ensure_ascii=False)
    assert [row[:2] for row in parsed.data["customers"]] == [["C001", "欧*"], ["欧*", "欧*"]]
    assert parsed.data["problems"][0][3] == "欧*!B3"
    assert "另有 2 个文件的名称含客户姓名" in parsed.text


def test_customers_shown_alike_have_links_of_their_own() -> None:
    alike = [assessment(name, name=name) for name in ("王小明", "王大明")]
    entries = [
        replace(
            entry,
            customer=replace(
                entry.customer,
                profile=profile(entry.customer.name, name=entry.customer.name, customer_type="个人"),
            ),
        )
        for entry in alike
    ]
    book = replace(BOOK, customers=tuple(entry.customer for entry in entries))
    rows = page(results(entries, book=book)).data["customers"]
    assert [row[:2] for row in rows] == [["王*", "王*"], ["王*~2", "王*"]]


def test_a_companys_name_and_an_owners_are_shown() -> None:
    entry = assessment("C001", name="铁柱机械有限公司")
    sheet = profile("C001", name="铁柱机械有限公司", customer_type="企业", contact="铁柱机械有限公司 王经理")
    entry = replace(entry, customer=replace(entry.customer, profile=sheet))
    parsed = page(results([entry], book=replace(BOOK, customers=(entry.customer,))))
    row = parsed.data["customers"][0]
    assert row[1] == "铁柱机械有限公司"
    assert words(parsed, row[2], row[8]) == ["VIP客户", "林婉清"]


def many(count: int) -> Results:
    """A book in which all customers have much to say, and a third of them nothing to look at."""
    entries: list[Assessment] = []
    for number in range(count):
        calm = number % 3 == 0
        entries.append(
            assessment(
                f"C{number:07d}",
                name=f"第{number}号精密机械股份有限公司",
                spend=str(500_000 + number),
                explanation="；".join(f"第{number}号第{part}句：消费金额{number}元得100分×35%" for part in range(5)),
                alerts=() if calm else (alert("流失预警-消费"), alert("需求激活预警")),
                due=tuple(due(f"2026-11-{day:02d}", "深度沟通", late=0 if calm else day) for day in range(2, 8)),
            )
        )
    return results(entries, figures=figures(entries[:3]))


def test_three_thousand_customers_are_all_listed_in_two_megabytes() -> None:
    data = board(many(3000), [])
    assert len(data) <= 2_000_000
    parsed = Parsed(data.decode())
    assert len(parsed.data["customers"]) == 3000
    assert "只列有预警" not in parsed.text


def test_of_more_only_those_to_look_at_are_listed_and_it_says_so() -> None:
    data = board(many(3001), [])
    assert len(data) <= 2_000_000
    parsed = Parsed(data.decode())
    assert len(parsed.data["customers"]) == 2000
    assert "共 3001 家客户，多于本页能列的 3000 家：只列有预警、等级变动或逾期的 2000 家" in parsed.text
    assert all(row[14] for row in parsed.data["customers"])
    assert "共 18006 项，只列出 12000 项" in parsed.text


def test_of_too_many_to_look_at_the_gravest_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "MOST_CUSTOMERS", 2)
    entries = [
        assessment("C001", alerts=(alert("阶段变化", level="低"),)),
        assessment("C002", due=(due("2026-10-20", late=11),)),
        assessment("C003", alerts=(alert("流失预警-消费"),)),
        assessment("C004"),
    ]
    parsed = page(results(entries))
    assert [row[0] for row in parsed.data["customers"]] == ["C003", "C001"]
    assert "的 3 家中最要紧的 2 家" in parsed.text


def test_explanations_are_left_out_before_the_page_grows_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [assessment("C001", explanation="甲" * 400), assessment("C002", alerts=(alert("投诉"),))]
    whole = page(results(entries))
    assert all(row[15] for row in whole.data["customers"])
    monkeypatch.setattr(listing, "MOST_BYTES", 1200)
    parsed = page(results(entries))
    assert [bool(row[15]) for row in parsed.data["customers"]] == [False, True]
    assert "部分客户没有列出得分说明" in parsed.text


def test_the_same_bytes_twice(tmp_path: Path) -> None:
    plan = planned(tmp_path, {"VIP客户": (8, 7)})
    assert board(plan.results, ["a.pdf"]) == board(plan.results, ["a.pdf"])


def test_the_worst_broken_promise_is_said_first(tmp_path: Path) -> None:
    text = page(planned(tmp_path, {"VIP客户": (8, 7), "普通客户": (20, 9)}).results).text
    conclusion = text[text.index('<ol class="conclusions">') :]
    assert re.sub(r"<[^>]+>|\s", "", conclusion[: conclusion.index("</li>")]).startswith(
        "VIP客户响应及时率53.3%（8/15），承诺90%，7例超时"
    )


def test_a_single_late_customer_that_is_a_person_is_named_masked(tmp_path: Path) -> None:
    period = planned(tmp_path, {"VIP客户": (8, 1)}).results
    worst = period.lists.conclusions.worst[0]
    assert worst.customer is not None
    masked = replace(worst.customer, name=PERSON, profile=profile("C001", name=PERSON, customer_type="个人"))
    conclusions = replace(period.lists.conclusions, worst=(replace(worst, customer=masked),))
    text = page(replace(period, lists=replace(period.lists, conclusions=conclusions))).text
    assert "（C001 欧*）" in text
    assert PERSON not in text


def test_six_figures_stand_on_top_with_their_goal_and_the_last_period() -> None:
    entries = [assessment(f"C{number:03d}") for number in range(4)]
    last = PastFigures("2026-09", {"合计": {"customers": Decimal(5)}})
    parsed = page(results(entries, figures=figures(entries, past=[last])))
    tiles = parsed.text[parsed.text.index('<ul class="tiles">') : parsed.text.index('<section id="sec-promises">')]
    assert tiles.count("<li") == 6
    assert re.sub(r"<[^>]+>|\s", "", tiles).startswith("客户数4无目标上期5（−1）")


def test_a_figure_that_every_tier_is_promised_has_the_promise_as_its_goal(tmp_path: Path) -> None:
    text = page(planned(tmp_path, {"VIP客户": (8, 7)}).results).text
    tiles = re.sub(r"<[^>]+>|\s", "", text[text.index('<ul class="tiles">') :])
    assert "响应及时率53.3%目标≥90%，未达标" in tiles


def test_who_moved_stands_with_the_reason_and_who_is_gone_is_named() -> None:
    entries = [
        assessment("C001", previous_grade="重点客户", movement=Movement.UP, change="消费金额 30→60分"),
        assessment("C002", "普通客户", previous_grade="VIP客户", movement=Movement.DOWN, change="频次 75→30分"),
        assessment("C003"),
    ]
    gone = [
        Departed(customer_id=key, past=Past("2026-09", "观察客户", None, None, {}), owner="陈思远")
        for key in ("C009", PERSON)
    ]
    stated = replace(figures(entries), departed=tuple(gone))
    parsed = page(results(entries, figures=stated))
    rows = [(row[0], row[1], *words(parsed, *row[2:])) for row in parsed.data["moves"]]
    assert rows == [
        (0, "", "重点客户", "VIP客户", "升", "消费金额 30→60分", ""),
        (1, "", "VIP客户", "普通客户", "降", "频次 75→30分", ""),
        (-1, "C009", "观察客户", "转出", "转出", "2026-09 在册，本期的工作簿里没有", "陈思远"),
        (-1, "欧*", "观察客户", "转出", "转出", "2026-09 在册，本期的工作簿里没有", "陈思远"),
    ]


def test_a_run_writes_it_without_pdfs_names_it_and_links_to_files_that_are_there(
    run: Callable[..., tuple[int, str, str]], tmp_path: Path
) -> None:
    planned(tmp_path, {"VIP客户": (8, 7)})
    code, out, _ = run("run", tmp_path / "客户.xlsx", "-o", tmp_path / "out", "--period", "2026-10", "--no-pdf")
    folder = tmp_path / "out" / "2026-10"
    text = (folder / "index.html").read_text(encoding="utf-8")
    assert code in {0, 1}
    assert "index.html：看板" in out
    recorded = {entry["file"]: entry["sha256"] for entry in json.loads((folder / "run.json").read_bytes())["outputs"]}
    assert recorded["index.html"] == hashlib.sha256((folder / "index.html").read_bytes()).hexdigest()
    addresses = [values["href"] or "" for tag, values in Parsed(text).elements if tag == "a"]
    files = [unquote(one) for one in addresses if not one.startswith("#")]
    assert files == ["packs/评审包.xlsx", "workbooks/客户.xlsx"]
    assert all((folder / file).is_file() for file in files)


def test_its_colours_are_those_of_the_page_of_open_and_stand_in_one_file() -> None:
    shared = (shipped_templates() / "screen.css").read_text(encoding="utf-8")
    both = page(results([assessment()])).contents["style"], visitor().get("/asset/web.css")
    assert all(shared.strip() in style and style.count("{") == style.count("}") for style in both)
    own = [shipped_templates() / "board.css", Path(str(resources.files("sheetcrm.web").joinpath("pages/web.css")))]
    assert [path.name for path in own if re.search(r"--accent: #(?!000;)", path.read_text(encoding="utf-8"))] == []


def test_a_teams_own_style_goes_before_and_is_allowed(tmp_path: Path) -> None:
    (tmp_path / "board.css").write_text("body { color: {{ 'red' }} }\r\n", encoding="utf-8", newline="")
    parsed = page(results([assessment()]), templates=[tmp_path])
    style = parsed.contents["style"]
    assert style.strip() == "body { color: red }"
    assert base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() in parsed.policy


def test_figures_keep_their_own_goal() -> None:
    entries = [assessment()]
    stated = figures(entries)
    goal = Goal(">=", Decimal(95))
    satisfied = Figure(kind=FIGURES["satisfaction"], value=Decimal(90), goal=goal, met=False)
    total = replace(stated.total, figures={**stated.total.figures, "satisfaction": satisfied})
    text = page(results(entries, figures=replace(stated, total=total))).text
    assert "目标 ≥95，未达标" in text
