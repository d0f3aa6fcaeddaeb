"""The packs: who gets which, what they say, and what never stands in them."""

from __future__ import annotations

import email
import io
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from email import policy as rules
from email.message import EmailMessage
from typing import Any

import icalendar
import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from sheetcrm.assess.book import assess
from sheetcrm.assess.figures.sampling import draw_sample
from sheetcrm.excel.books.review import review_book
from sheetcrm.model import Alert, Assessment, Book, Classification, Customer, Measures, ServiceRequest, Setting
from sheetcrm.policy.loading import PRESETS, check, preset, standard
from sheetcrm.policy.model import Policy
from sheetcrm.report.packs import packs
from sheetcrm.report.packs.customers import weight
from sheetcrm.report.packs.kinds import KINDS, Wanted, usual
from sheetcrm.report.packs.packs import Packs
from sheetcrm.report.pages.template_files import shipped_templates
from sheetcrm.report.press import pdf
from tests.making import TABLE, book, contact, profile, scoring_row
from tests.reporting import AS_OF, BOOK, PERIOD, assessment, due, figures, request, results
from tests.values import replace, run_as_of

pytestmark = pytest.mark.slow

OCTOBER = run_as_of(AS_OF)

PHONE, MAIL, PERSON, INFORMANT = "13912345678", "tiezhu.canary@secret-mail.cn", "欧阳铁柱", "司马秋水"
ID_CARD = "11010519491231002X"
HOME = "朝阳区某胡同九号"
CANARIES = (PHONE, MAIL, PERSON, INFORMANT, ID_CARD, HOME)
PROSE = f"找{PERSON}，电话{PHONE}，邮箱{MAIL}，身份证{ID_CARD}，{INFORMANT}介绍"


def customer(
    customer_id: str = "C001",
    grade: str = "VIP客户",
    *,
    consent: bool | None = True,
    customer_type: str = "个人",
    **values: Any,  # noqa: ANN401  (any field)
) -> Assessment:
    """A customer with every kind of personal data there is, also in what people wrote."""
    name = values.pop("name", f"{customer_id}号公司")
    entry = assessment(customer_id, grade, name=name, **values)
    sheet = profile(
        customer_id,
        name=name,
        consent=consent,
        customer_type=customer_type,
        contact=f"{PERSON}(总经理)",
        phone=f"{PHONE} {MAIL}",
        informant=INFORMANT,
        address=HOME,
        need=PROSE,
        remark=PROSE,
        contract_end=date(2026, 12, 31),
    )
    spends = tuple(Decimal(1000 * month) for month in range(24))
    return replace(
        entry,
        customer=replace(
            entry.customer, profile=sheet, follow_ups=(contact("2026-10-08", summary=PROSE, next_step=PROSE),)
        ),
        measures=replace(entry.measures, spend_months=spends, order_growth=Decimal("0.25")),
        due=(due("2026-10-20", late=11, promise=PROSE), due("2026-11-05")),
        alerts=(
            Alert("投诉", "中", "", "24小时内回访", "客服主管", date(2026, 11, 1), regrade=False, risk="", note=PROSE),
        ),
    )


def laid(
    entries: Sequence[Assessment],
    *kinds: str,
    drawn: Sequence[ServiceRequest] = (),
    book: Book = BOOK,
    owners: Sequence[str] = (),
    customers: Sequence[str] = (),
    unmasked: bool = False,
    policy: Policy | None = None,
) -> Packs:
    wanted = Wanted(
        kinds=frozenset(kinds or KINDS), owners=frozenset(owners), customers=frozenset(customers), unmasked=unmasked
    )
    return packs.plan(results(entries, book=book, policy=policy, figures=figures(entries), sample=drawn), wanted)


def names(found: Packs) -> list[str]:
    return sorted([*(job.name for job in found.jobs), *found.files])


def html(found: Packs) -> Mapping[str, str]:
    return {job.name: job.html for job in found.jobs}


def printed(found: Packs) -> Mapping[str, bytes]:
    rendered = {job.name: pdf.render(job.html).pdf for job in found.jobs}
    return {**rendered, **packs.write_mails(found, rendered), **found.files}


def text(data: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).replace("\n", "")


def test_packs_are_named_by_customer_number_and_owners_by_a_short_number() -> None:
    found = laid([customer("C001"), customer("C002", "普通客户", owner="陈思远")])
    assert names(found) == sorted(
        [
            "抽查清单.pdf",
            "结果通报.pdf",
            "客户需求洞察会.pdf",
            "体系健康度审计.pdf",
            *(f"跟进清单/跟进清单-{n}.pdf" for n in ("01",)),
            "跟进日历/跟进日历-01.ics",
            "跟进清单/跟进清单-02.pdf",
            "跟进日历/跟进日历-02.ics",
            "交接包/交接包-01.pdf",
            "交接包/交接包-02.pdf",
            *(f"{kind}/C001.pdf" for kind in ("告知函", "档案卡", "客户价值增长报告")),
            "档案卡/C002.pdf",
            *(f"SOP手册/SOP手册-{n}-{t.name}.pdf" for n, t in enumerate(standard().tiers, start=1)),
        ]
    )
    for name, owner in (("01", "林婉清"), ("02", "陈思远")):
        assert f"责任人：{owner}。" in html(found)[f"跟进清单/跟进清单-{name}.pdf"]


def events_of(calendar: bytes) -> list[icalendar.Event]:
    return [one for one in icalendar.Calendar.from_ical(calendar).walk() if isinstance(one, icalendar.Event)]


def items_in(event: icalendar.Event) -> int:
    """Count the items of a calendar's event: overdue activities share one."""
    return len(str(event["description"]).splitlines()) if str(event["summary"]).startswith("尽快") else 1


def test_a_persons_items_are_as_many_in_the_workbook_the_list_and_the_calendar() -> None:
    row = scoring_row(
        recency=5, frequency_12m=Decimal(24), spend_12m=Decimal(800_000), repurchase_rate=Decimal(1), assessed_on=AS_OF
    )
    promise = contact("2026-10-08", channel="电话", summary="问候", next_step="10月16日前提供报价单，11月9日前回访")
    held = book(
        Customer("C001", "甲公司", profile=profile(owner="赵*"), scoring=row, follow_ups=(promise,)),
        Customer("C002", "乙公司", profile=profile("C002", owner="趙＊", intent="高", filed_on=date(2026, 5, 6))),
        Customer("C003", "丙公司", profile=profile("C003", first_deal=date(2024, 5, 6), last_deal=date(2026, 3, 2))),
        kinds=("scoring", "profile", "follow_up", "order"),
    )
    entries, _ = assess(held, OCTOBER)
    horizon = figures(entries).horizon
    planned = Counter(one.owner for entry in entries for one in entry.due if one.overdue_days or one.due <= horizon)
    assert {"赵*", "销售团队"} <= set(planned)
    sheet = load_workbook(io.BytesIO(review_book(results(entries, figures=figures(entries)), workbooks=())))["跟进计划"]
    head = next(line for line in sheet.iter_rows() if any(cell.value == "责任人" for cell in line))
    at = next(cell.column for cell in head if cell.value == "责任人")
    listed = [line[at - 1].value for line in sheet.iter_rows(min_row=(head[0].row or 0) + 1)]
    assert Counter(name for name in listed if name) == planned
    found = laid(entries, "跟进清单", "跟进日历", book=held)
    people = sorted(
        {*planned, *(one.owner for entry in entries for one in entry.due), *filter(None, (e.owner for e in entries))}
    )
    for number, person in enumerate(people, start=1):
        printed_list = html(found).get(f"跟进清单/跟进清单-{number:02}.pdf", "")
        assert printed_list.count('<td class="c">□</td>') == planned[person]
        events = events_of(found.files[f"跟进日历/跟进日历-{number:02}.ics"])
        assert sum(map(items_in, events)) == planned[person]


def test_an_owners_number_does_not_depend_on_what_is_asked_for() -> None:
    entries = [customer("C001"), customer("C002", owner="陈思远")]
    assert names(laid(entries, "交接包", owners=["陈思远"])) == ["交接包/交接包-02.pdf"]
    assert [job.name for job in laid(entries, "档案卡", owners=["陈思远"]).jobs] == ["档案卡/C002.pdf"]


def test_asked_for_one_customer_only_its_own_people_get_a_pack() -> None:
    one = replace(customer("C001"), due=(due("2026-11-05"),))
    two = replace(customer("C002", owner="陈思远"), due=())
    assert names(laid([one, two], "跟进清单", customers=["C002"])) == ["跟进清单/跟进清单-02-只含C002.pdf"]


@pytest.mark.parametrize("kind", ["跟进清单", "跟进日历", "交接包"])
def test_a_pack_of_some_customers_has_a_name_of_its_own_and_says_whose_it_is(kind: str) -> None:
    entries = [customer(f"C00{number}") for number in range(1, 6)]
    whole = names(laid(entries, kind))
    one, two, four = (
        laid(entries, kind, customers=asked) for asked in (["C001"], ["C001", "C002"], ["C001", "C002", "C003", "C004"])
    )
    assert len({*whole, *names(one), *names(two), *names(four)}) == 4
    assert names(laid(entries, kind, customers=["C002", "C001"])) == names(two)
    assert "不是全部" not in "".join(html(laid(entries, kind)).values())
    if kind != "跟进日历":
        assert "只含客户 C001、C002，不是全部" in two.jobs[0].html
        assert "只含客户 C001、C002、C003 等 4 家" in four.jobs[0].html
        assert "C005" not in four.jobs[0].html


def small_volumes(rows: int) -> Policy:
    raw = standard().model_dump()
    raw["report"]["volume_rows"] = rows
    return check(raw, source="test")


def test_a_persons_long_lists_are_cut_into_volumes_and_nobody_is_lost() -> None:
    entries = [customer(f"C{number:03}") for number in range(1, 81)]
    found = html(laid(entries, "跟进清单", "交接包", policy=small_volumes(50)))
    lists = [page for name, page in found.items() if name.startswith("跟进清单/跟进清单-01-第")]
    handed = [page for name, page in found.items() if name.startswith("交接包/交接包-01-第")]
    assert len(lists) == 4  # 160 tasks
    assert len(handed) > 4
    assert len(lists) + len(handed) == len(found)
    rows = [re.findall(r"<td>(C\d{3})　", page) for page in lists]
    assert max(map(len, rows)) == 50
    assert Counter(code for part in rows for code in part) == {f"C{n:03}": 2 for n in range(1, 81)}
    heads = [re.findall(r"<h2>(C\d{3})　", page) for page in handed]
    assert [code for part in heads for code in part] == [f"C{n:03}" for n in range(1, 81)]
    for number, page in enumerate(lists, start=1):
        assert f"第{number}册/共4册" in page
        assert "已逾期 80 项" in page
        assert "签字" in page
    numbers = [int(found) for page in handed for found in re.findall(r'<tr><td class="n">(\d+)</td><td>C', page)]
    assert numbers == list(range(1, 81))


def test_the_sample_is_cut_into_volumes_too() -> None:
    services = tuple(request(f"2026-10-{day:02} 09:{minute:02}") for day in range(1, 31) for minute in range(20))
    drawn = draw_sample(services, OCTOBER)
    found = laid([assessment("C001", services=services)], "抽查清单", drawn=drawn, policy=small_volumes(50))
    assert names(found) == ["抽查清单-第1册.pdf", "抽查清单-第2册.pdf"]
    assert found.counts == {"抽查清单": 2}
    assert "共 60 条，本册第 51 至 60 条" in found.jobs[1].html


def test_what_a_template_shows_of_a_customer_is_what_is_counted() -> None:
    many = tuple(contact(f"2026-{month:02}-{day:02}") for month in range(1, 11) for day in range(1, 28))
    entry = customer("C001")
    entry = replace(entry, customer=replace(entry.customer, follow_ups=many))
    page = laid([entry], "交接包").jobs[0].html
    assert page.count("<tr><td>2026-") == 4
    assert "只列最近 4 次跟进，共 270 次" in page
    assert 4 < weight(entry) < 15


def test_what_was_not_asked_for_is_counted() -> None:
    entries = [customer("C001"), customer("C002", consent=False), customer("C003", owner="陈思远", risk="轻度")]
    found = laid(entries, *usual(owners=False, customers=False))
    assert found.others == {"交接包": 2, "告知函": 2, "档案卡": 3, "客户价值增长报告": 2}
    team = {"抽查清单": 1, "结果通报": 1, "跟进清单": 2, "跟进日历": 2, "服务改进方案": 1, "SOP手册": 4}
    assert found.counts == team
    owned = laid(entries, *usual(owners=True, customers=False), owners=["陈思远"])
    assert owned.counts == {"跟进清单": 1, "跟进日历": 1, "服务改进方案": 1}
    assert owned.others["交接包"] == owned.others["档案卡"] == 1
    single = laid(entries, *usual(owners=False, customers=True), customers=["C001"])
    assert single.counts == dict.fromkeys(("告知函", "档案卡", "客户价值增长报告"), 1)


@pytest.mark.parametrize(
    ("customer_id", "expected"), [("C/0:1", "C_0_1"), ("13912345678", "客户-"), ("", "客户-"), ("C1", "C1")]
)
def test_no_file_name_is_unsafe_or_holds_a_phone_number(customer_id: str, expected: str) -> None:
    job = laid([customer(customer_id)], "档案卡").jobs[0]
    assert job.name.startswith(f"档案卡/{expected}")
    assert "139" not in job.name


def test_two_numbers_that_would_share_a_file_do_not() -> None:
    found = names(laid([customer("C/1"), customer("C:1"), customer("c_1")], "档案卡"))
    assert len({name.casefold() for name in found}) == 3


def test_a_letter_goes_only_to_those_who_consented_and_have_a_signed_tier_with_text_for_customers() -> None:
    entries = [
        customer("C001"),
        customer("C002", consent=False),
        customer("C003", consent=None),
        customer("C004", "未成交"),
        assessment("C005"),
        customer("C006", "普通客户"),
        customer("C007", awaiting_audit=True),
    ]
    found = laid(entries, "告知函")
    assert names(found) == ["告知函/C001.pdf"]
    assert [mail.letter for mail in found.mails] == ["告知函/C001.pdf"]
    assert names(laid(entries, "客户价值增长报告")) == ["客户价值增长报告/C001.pdf"]
    assert not laid(entries, "告知函", customers=["C007"]).jobs, "asked for by number it is not signed either"
    assert {(one.customer_id, one.why) for one in found.skipped} == {
        ("C006", "等级没有对客称谓或对客权益"),
        ("C007", "等级待审核"),
        ("C002", "没有信息授权"),
        ("C003", "没有信息授权"),
        ("C004", "没有等级"),
        ("C005", "没有信息授权"),
    }


def test_a_letter_names_no_other_customer_and_says_what_the_tier_is_promised() -> None:
    company = "企业"
    entries = [
        customer("C001", name="甲甲甲公司", customer_type=company),
        customer("C002", "重点客户", name="乙乙乙公司", customer_type=company),
    ]
    for name, page in html(laid(entries, "告知函", "客户价值增长报告")).items():
        own, other = ("甲甲甲公司", "乙乙乙公司") if "C001" in name else ("乙乙乙公司", "甲甲甲公司")
        assert own in page
        assert other not in page
        assert ("C002" if "C001" in name else "C001") not in page
    letters = html(laid(entries, "告知函"))
    assert "每季度高层拜访" in letters["告知函/C001.pdf"]
    assert "每季度高层拜访" not in letters["告知函/C002.pdf"]
    assert "VIP客户" not in letters["告知函/C002.pdf"]


def test_what_somebody_wrote_never_reaches_a_customer() -> None:
    entry = customer("C001")
    note = "别告诉他们乙公司的价格"
    entry = replace(
        entry,
        explanation=note,
        customer=replace(
            entry.customer, follow_ups=(contact("2026-10-08", summary=note, feedback=note, next_step=note),)
        ),
    )
    for page in html(laid([entry], "告知函")).values():
        assert note not in page


def test_the_card_shows_what_only_the_scoring_row_tells() -> None:
    entry = customer()
    typed = replace(
        entry.measures, profit_share=Decimal(50_000), usage_time=Decimal(30), activation_rate=Decimal("0.6")
    )
    page = laid([replace(entry, measures=typed)], "档案卡").jobs[0].html
    for label, shown in (("利润贡献", "5万元"), ("产品使用时长", "30小时"), ("功能激活率", "60%")):
        assert f"<th>{label}</th><td>{shown}</td>" in page
    assert "活动参与度" not in page
    assert "其他指标" not in laid([entry], "档案卡").jobs[0].html


@pytest.mark.parametrize("kind", ["档案卡", "续约价值盘点", "交接包"])
def test_whatever_names_a_tier_that_awaits_its_signature_says_so(kind: str) -> None:
    def printed_of(*, awaiting: bool) -> str:
        pages = html(laid([ending(customer(awaiting_audit=awaiting))], kind, customers=["C001"]))
        return "".join(page for name, page in pages.items() if name.startswith(kind))

    assert "待审核" in printed_of(awaiting=True)
    assert "待审核" not in printed_of(awaiting=False)


def test_the_mail_is_an_unsent_draft_with_the_letter_and_without_an_address() -> None:
    found = laid([customer(customer_type="企业")], "告知函")
    mail = email.message_from_bytes(printed(found)["告知函/C001.eml"], policy=rules.default)
    assert isinstance(mail, EmailMessage)
    assert (mail["X-Unsent"], mail["To"], mail["Date"]) == ("1", None, None)
    body = mail.get_body()
    assert body is not None
    assert "C001号公司" in body.get_content()
    attached = next(iter(mail.iter_attachments()))
    assert attached.get_content_type() == "application/pdf"
    assert attached.get_content().startswith(b"%PDF")


def test_unmasked_packs_show_contacts_and_say_whose() -> None:
    found = laid(
        [customer("C001"), customer("C002")], "跟进清单", "告知函", "档案卡", customers=["C001"], unmasked=True
    )
    assert found.shown == ("C001",)
    pages = html(found)
    assert PHONE in pages["档案卡/C001.pdf"]
    assert PHONE in pages["跟进清单/跟进清单-01-只含C001.pdf"]
    assert "已登记用途" in pages["档案卡/C001.pdf"]
    assert PHONE not in pages["告知函/C001.pdf"]
    assert ID_CARD not in "".join(pages.values())
    assert HOME not in "".join(pages.values())
    rendered = {found.mails[0].letter: b"%PDF"}
    mail = email.message_from_bytes(packs.write_mails(found, rendered)["告知函/C001.eml"], policy=rules.default)
    assert mail["To"] == MAIL


def test_nothing_is_said_to_be_shown_where_contacts_are_masked() -> None:
    assert laid([customer()]).shown == ()
    assert laid([customer()], "SOP手册", "抽查清单", unmasked=True).shown == ()
    assert laid([customer(consent=False)], "告知函", unmasked=True).shown == ()


@pytest.mark.parametrize("kind", KINDS)
def test_a_pack_that_shows_a_contact_is_one_whose_showing_is_recorded(kind: str) -> None:
    found = laid([customer()], kind, customers=["C001"], unmasked=True)
    contacts = [*(job.html for job in found.jobs), *(mail.contact for mail in found.mails)]
    shows = any(PHONE in said for said in contacts)
    assert (found.shown == ("C001",)) == shows
    assert any("已登记用途" in job.html for job in found.jobs) == (shows and kind != "告知函")


def ending(entry: Assessment) -> Assessment:
    """A customer whose contract ends soon."""
    return replace(
        entry,
        measures=replace(entry.measures, contract_days_left=30),
        classes=(Classification("关系阶段", "合作后", "后", "到期"),),
    )


def referred(customer_id: str, by: str | None, first: date | None, grade: str = "普通客户") -> Assessment:
    entry = customer(customer_id, grade)
    sheet = entry.customer.profile
    assert sheet
    return replace(entry, customer=replace(entry.customer, profile=replace(sheet, referrer=by, first_deal=first)))


def test_no_personal_value_is_in_a_single_byte_of_the_packs() -> None:
    entry = replace(ending(customer()), risk="轻度")
    drawn = request("2026-10-05 09:30", category=PROSE, benefit=PROSE)
    entry = replace(entry, customer=replace(entry.customer, services=(drawn,)))
    graver = [replace(entry, risk=risk) for risk in ("中度", "重度")]
    ones = [
        entry,
        *(
            replace(one, customer=replace(one.customer, customer_id=f"C00{at}"))
            for at, one in enumerate(graver, start=2)
        ),
        referred("C004", PERSON, date(2026, 9, 20), "重点客户"),
    ]
    found = laid(ones, drawn=draw_sample([drawn], OCTOBER))
    made = printed(found)
    assert {name.split("/")[0].removesuffix(".pdf") for name in made} == set(KINDS)
    for name, data in made.items():
        said = name + data.decode("utf-8", "replace")
        if name.endswith(".pdf"):
            reader = PdfReader(io.BytesIO(data))
            said += (
                text(data) + str(reader.metadata) + str(reader.xmp_metadata and reader.xmp_metadata.stream.get_data())
            )
        if name.endswith(".eml"):
            mail = email.message_from_bytes(data, policy=rules.default)
            assert isinstance(mail, EmailMessage)
            body = mail.get_body()
            said += str(mail) + (body.get_content() if body else "")
        for secret in CANARIES:
            assert secret not in said, (name, secret)
    assert "欧*(总经理)" in text(made["档案卡/C001.pdf"])
    assert "139****5678" in text(made["档案卡/C001.pdf"])


def test_the_same_packs_twice_are_the_same_bytes() -> None:
    assert printed(laid([customer()], "告知函", "跟进日历", "客户价值增长报告")) == printed(
        laid([customer()], "告知函", "跟进日历", "客户价值增长报告")
    )


def test_renewal_and_improvement_are_for_whom_they_apply_to_alone() -> None:
    renewing, troubled = ending(customer("C001")), replace(customer("C002"), risk="轻度")
    lost = replace(ending(customer("C004")), measures=customer().measures)  # 合作后 too, but without a contract
    found = laid([renewing, troubled, customer("C003"), lost], "续约价值盘点", "服务改进方案")
    assert names(found) == ["服务改进方案/C002.pdf", "续约价值盘点/C001.pdf"]
    assert not laid([customer("C003")], "续约价值盘点", "服务改进方案", customers=["C003"]).jobs


def test_an_improvement_plan_lists_the_late_answers_of_the_last_month() -> None:
    late = request("2026-10-20 09:00", "2026-10-21 09:00", category="迟到的")
    timely = request("2026-10-21 09:00", "2026-10-21 10:00", category="准时的")
    old = request("2026-08-20 09:00", "2026-08-25 09:00", category="早先的")
    entry = replace(customer(), risk="轻度")
    entry = replace(entry, customer=replace(entry.customer, services=(old, late, timely)))
    page = laid([entry], "服务改进方案").jobs[0].html
    assert "迟到的" in page
    assert "24.0小时▲" in page
    assert "准时的" not in page
    assert "早先的" not in page


def test_the_growth_report_is_for_the_customers_eyes() -> None:
    entries = [customer("C001", spend="500000"), customer("C002", "重点客户", spend="500000")]
    pages = html(laid(entries, "客户价值增长报告"))
    top, other = pages["客户价值增长报告/C001.pdf"], pages["客户价值增长报告/C002.pdf"]
    assert "50.0<small> 万元" in top
    assert "25.0%" in top
    assert "共同目标" in top
    assert "共同目标" not in other
    for page in (top, other):
        body = page.partition("</style>")[2]
        assert not [word for word in ("内部", "终身价值", "无数据", "待审核", "逾期", "分类") if word in body]


def test_growth_is_printed_only_where_it_is_growth() -> None:
    entry = customer("C001", spend="500000")
    fell = replace(entry, measures=replace(entry.measures, order_growth=Decimal("-0.2")))
    grew, fallen = (laid([one], "客户价值增长报告").jobs[0].html.partition("</style>")[2] for one in (entry, fell))
    assert "<h1>客户价值增长报告</h1>" in grew
    assert "<h1>客户价值报告</h1>" in fallen
    assert "20.0%" not in fallen
    assert "较前12个月" not in fallen


def test_a_growth_report_is_one_page() -> None:
    benefits = tuple(
        request(f"2026-{month:02}-08 09:00", f"2026-{month:02}-08 10:00", benefit=f"权益{month}")
        for month in range(1, 11)
    )
    entry = customer("C001", name="长" * 30, services=benefits)
    planned = tuple(
        due("2026-11-05", action) for action in ("高层拜访", "服务回顾", "满意度调研", "深度沟通", "档案复核")
    )
    (job,) = laid([replace(entry, due=planned)], "客户价值增长报告").jobs
    assert len(PdfReader(io.BytesIO(pdf.render(job.html).pdf)).pages) == 1
    assert "双方高层互访" in job.html
    assert "档案复核" not in job.html


def test_what_is_said_to_customers_is_never_the_internal_text() -> None:
    for chosen in PRESETS:
        policy = preset(chosen)
        written = [tier for tier in policy.tiers if tier.standard.addressed_as and tier.standard.offered]
        assert written == list(policy.tiers[:2]), "the best two as shipped, the others blank"
        assert [tier.standard.individual for tier in written] == [True, False]
        entries = [customer(f"C00{at}", tier.name) for at, tier in enumerate(written, start=1)]
        for page, tier in zip(html(laid(entries, "告知函", policy=policy)).values(), written, strict=True):
            assert "；".join(tier.standard.offered) in page
            assert tier.standard.addressed_as in page
            for inside in (tier.standard.team, tier.standard.goal, "经验", "兼职", "流失", "折扣"):
                assert inside not in page.partition("</style>")[2]


def test_a_tier_with_text_filled_in_gets_letters_too() -> None:
    raw = standard().model_dump()
    raw["tiers"][2]["standard"] |= {"addressed_as": "尊敬的客户", "offered": ["标准服务"]}
    found = laid(
        [customer("C001", "普通客户"), customer("C002", "观察客户")], "告知函", policy=check(raw, source="test")
    )
    assert names(found) == ["告知函/C001.pdf"]


def test_the_letter_and_the_mail_of_the_best_tier_carry_the_customers_own_figures() -> None:
    served = tuple(
        replace(one, customer_id="C001", benefit=PROSE)
        for one in (request("2026-10-12 09:00", "2026-10-12 10:00"), request("2026-10-13 09:00", "2026-10-14 19:00"))
    )
    best, second = (customer("C001", grade, spend="798140", services=served) for grade in ("VIP客户", "重点客户"))
    found = laid([best], "告知函")
    for text_of in (found.jobs[0].html, "".join(found.mails[0].paragraphs)):
        assert "79.8万元" in text_of
        assert "2件，其中1件在承诺时限内响应" in text_of
    other = laid([second], "告知函")
    assert "79.8万元" not in other.jobs[0].html + "".join(other.mails[0].paragraphs)


def test_a_company_is_addressed_as_one_and_a_person_as_a_person() -> None:
    person = customer("C001", name="赵一")
    sheet = person.customer.profile
    assert sheet
    company = replace(person, customer=replace(person.customer, profile=replace(sheet, customer_type="企业")))
    of_person, of_company = (laid([one], "告知函") for one in (person, company))
    named = laid([person], "告知函", unmasked=True)
    for letter, name in ((of_person, "赵*"), (named, "赵一")):
        for text_of in (letter.jobs[0].html, "".join(letter.mails[0].paragraphs)):
            assert f"尊敬的{name}先生/女士：" in text_of
            assert "贵公司" not in text_of
    assert "贵公司" in of_company.jobs[0].html
    assert "先生/女士" not in of_company.jobs[0].html


def test_the_plan_is_that_of_the_risk_with_the_policys_action_and_day() -> None:
    ground = Alert(
        "风险-x", "高", "", "某项措施", "客户总监", date(2026, 11, 3), regrade=False, risk="", note="某个依据"
    )
    titles = {"轻度": "服务改进方案", "中度": "干预方案", "重度": "挽救方案"}
    kinds = tuple(titles.values())
    for risk, kind in titles.items():
        entry = replace(customer(), risk=risk, alerts=(*customer().alerts, replace(ground, risk=risk)))
        found = laid([entry], *kinds)
        assert names(found) == [f"{kind}/C001.pdf"]
        page = found.jobs[0].html
        assert f"<h1>客户{kind}</h1>" in page
        grounds = page.partition("应完成日期")[2].partition("</table>")[0]
        assert all(said in grounds for said in ("某项措施", "某个依据", "2026-11-03"))
        assert "24小时内回访" not in grounds, "the other alert stands below"
    assert not laid([customer()], *kinds, customers=["C001"]).jobs


def test_a_letter_is_dated_on_a_working_day() -> None:
    assert "2026年11月2日" in laid([customer()], "告知函").jobs[0].html
    assert "2026年10月31日</p>" not in laid([customer()], "告知函").jobs[0].html


def test_a_letterhead_carries_the_customers_department_and_a_list_over_several_says_how_many() -> None:
    entries = [
        customer("C001", department="装备事业部"),
        customer("C002", department="装备事业部"),
        customer("C003", department="新客开发部", owner="陈思远"),
    ]
    book = replace(BOOK, settings=(Setting(origin=TABLE, row=2, unit="甲集团", department="别的部"),))
    pages = html(laid(entries, "告知函", "交接包", "抽查清单", book=book))
    assert "甲集团　装备事业部" in pages["告知函/C001.pdf"]
    assert "甲集团　新客开发部" in pages["告知函/C003.pdf"]
    assert "甲集团　装备事业部等2个部门" in pages["抽查清单.pdf"]
    assert {"甲集团　新客开发部</p>" in page for name, page in pages.items() if name.startswith("交接包")} == {
        True,
        False,
    }


def test_the_card_has_no_empty_rows_and_names_what_is_blank_in_one_line() -> None:
    page = laid([customer()], "档案卡").jobs[0].html
    fields = page.partition("<h2>基础信息</h2>")[2].partition("</table>")[0]
    assert "—" not in fields
    assert "未填写：" in page
    assert "累计交易金额" not in page.partition("<h2>基础信息</h2>")[2], "it stands above, computed"


def test_a_handover_has_two_or_three_customers_a_page() -> None:
    many = tuple(contact(f"2026-{month:02}-08", summary="谈合作", feedback="满意") for month in range(1, 11))
    entries = [customer(f"C{number:03}") for number in range(1, 25)]
    entries = [replace(one, customer=replace(one.customer, follow_ups=many)) for one in entries]
    (job,) = laid(entries, "交接包").jobs
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf.render(job.html).pdf)).pages]
    held = [page.count("核心需求") for page in pages if "核心需求" in page]
    assert sum(held) == 24
    assert all(2 <= count <= 4 for count in held[:-1])


def test_the_notice_lists_the_signed_tiers_without_amounts_and_contacts() -> None:
    entries = [
        customer("C001", spend="612345"),
        customer("C002", awaiting_audit=True),
        customer("C003", "重点客户", previous_grade="普通客户"),
        customer("C004", "未成交"),
    ]
    (job,) = laid(entries, "结果通报", unmasked=True).jobs
    body = job.html.partition("</style>")[2]
    assert job.name == "结果通报.pdf"
    assert "C001" in body
    assert "C002" not in body
    assert "C004" not in body
    assert "另有 1 家等级待审核" in body
    moved = body.partition("本期变化")[2].partition("</table>")[0]
    assert "C003" in moved
    assert "普通客户" in moved
    assert "C001" not in moved
    assert not [secret for secret in (*CANARIES, "612,345", "61.2", "612345") if secret in body]
    assert not laid([customer(awaiting_audit=True)], "结果通报").jobs


def test_the_referrals_are_of_those_who_bought() -> None:
    entries = [
        customer("C001", name="荐人公司", customer_type="企业"),
        referred("C002", "C001", date(2026, 10, 9)),
        referred("C003", "荐人公司", date(2026, 3, 2)),
        referred("C004", "C001", date(2025, 10, 31)),
        referred("C005", "C001", None, "未成交"),
        referred("C006", None, date(2026, 10, 9)),
        referred("C007", "C001", date(2026, 11, 1)),
    ]
    (job,) = laid(entries, "转介绍奖励").jobs
    now, _, before = job.html.partition("<h2>此前12个月内成交</h2>")
    assert "本期成交 1 家；此前12个月内成交 1 家" in now
    assert ("C002" in now, "C003" in before) == (True, True)
    assert not [one for one in ("C004", "C005", "C006", "C007") if one in job.html]
    assert job.html.count("C001<br>荐人公司") == 2
    assert not laid(entries[:1], "转介绍奖励").jobs


@pytest.mark.parametrize(
    ("first", "reached"), [("2026-09-20", "满1个月"), ("2026-07-20", "满3个月"), ("2026-08-20", ""), ("2026-10-01", "")]
)
def test_the_stage_report_is_made_at_month_one_and_quarter_one(first: str, reached: str) -> None:
    entry = referred("C001", None, date.fromisoformat(first), "重点客户")
    found = laid([entry], "阶段成果")
    assert bool(found.jobs) == bool(reached)
    if reached:
        body = found.jobs[0].html.partition("</style>")[2]
        assert f"合作阶段成果（{reached}）" in body
        assert "内部" not in body
    assert not laid([referred("C001", None, date.fromisoformat(first), "普通客户")], "阶段成果").jobs


def test_the_sample_has_boxes_for_every_record_and_says_how_many_there_were() -> None:
    services = tuple(request(f"2026-10-{day:02} 09:00", category="故障") for day in range(1, 21))
    entry = assessment("C001", services=services)
    drawn = draw_sample(services, OCTOBER)
    page = laid([entry], "抽查清单", drawn=drawn).jobs[0].html
    assert len(drawn) == 2
    assert "从本期 20 条服务记录中抽取 10%，共 2 条" in page
    assert page.count('<td class="c">□</td>') == 6


def test_the_draw_is_the_same_for_any_order_and_another_in_another_period() -> None:
    services = [
        request(f"2026-10-{day:02} 09:{minute:02}", category="故障") for day in range(1, 31) for minute in (0, 30)
    ]
    drawn = draw_sample(services, OCTOBER)
    assert len(drawn) == 6
    assert draw_sample(reversed(services), OCTOBER) == drawn
    assert draw_sample(services, run_as_of(AS_OF, period=replace(PERIOD, label="2026Q4"))) != drawn
    assert draw_sample([request("2026-09-30 23:59")], OCTOBER) == ()
    assert len(draw_sample(services[:1], OCTOBER)) == 1
    assert draw_sample([], OCTOBER) == ()


def test_the_handbook_prints_the_policys_actions_alerts_and_steps() -> None:
    pages = html(laid([], "SOP手册"))
    assert len(pages) == len(standard().tiers)
    page = pages["SOP手册/SOP手册-1-VIP客户.pdf"]
    assert all(entry.activity in page for entry in standard().cadence if "VIP客户" in entry.applies)
    assert all(rule.code in page for rule in standard().alerts.rules)
    assert "逾期 1 天报主管" in page


def test_reminders_can_be_imported_and_are_stable() -> None:
    first = laid([customer(customer_type="企业")], "跟进日历").files["跟进日历/跟进日历-01.ics"]
    book = icalendar.Calendar.from_ical(first)
    events = [one for one in book.walk() if one.name == "VEVENT"]
    assert len(events) == 2
    late, soon = events
    assert str(late["summary"]) == "【逾期11天】深度沟通：C001 C001号公司"
    assert [one.decoded("dtstart") for one in events] == [date(2026, 11, 2), date(2026, 11, 5)]
    assert first.count(b"DTSTAMP:20261031T000000Z") == 2
    moved = replace(customer(), due=(due("2026-11-05"),), grade="重点客户")
    later = icalendar.Calendar.from_ical(laid([moved], "跟进日历").files["跟进日历/跟进日历-01.ics"])
    assert [str(one["uid"]) for one in later.walk() if one.name == "VEVENT"] == [str(soon["uid"])]


def test_what_is_overdue_is_spread_over_working_days_and_promises_stand_alone() -> None:
    late = [replace(customer(f"C{number:03}"), due=(due("2026-10-20", late=11),)) for number in range(1, 19)]
    oldest = replace(customer("C900"), due=(due("2026-07-01", late=122), due("2026-10-28", late=3, promise="寄样品")))
    made = laid([*late, oldest], "跟进日历").files["跟进日历/跟进日历-01.ics"]
    events = events_of(made)
    lots = [one for one in events if str(one["summary"]).startswith("尽快")]
    assert [(one.decoded("dtstart"), items_in(one)) for one in lots] == [
        (date(2026, 11, 2), 8),
        (date(2026, 11, 3), 8),
        (date(2026, 11, 4), 3),
    ]
    assert "C900" in str(lots[0]["description"]).splitlines()[0]
    single = next(one for one in events if one not in lots)
    assert single.decoded("dtstart") == date(2026, 11, 2)
    assert "C900" in str(single["summary"])
    assert len({str(one["uid"]) for one in events}) == len(events)


def test_without_customers_there_are_a_sample_and_handbooks_and_nothing_else() -> None:
    found = laid([])
    assert names(found) == sorted(
        ["抽查清单.pdf", *(f"SOP手册/SOP手册-{n}-{t.name}.pdf" for n, t in enumerate(standard().tiers, start=1))]
    )
    assert "没有服务记录" in html(found)["抽查清单.pdf"]


def test_a_customer_of_whom_nothing_is_known_gets_a_card_all_the_same() -> None:
    bare = replace(assessment("C001", "待补充资料", name='<b>&"𠮷' + "长" * 200), measures=Measures(), owner=None)
    pages = html(laid([bare], "档案卡", "续约价值盘点", "跟进清单", "交接包", customers=["C001"]))
    assert set(pages) == {"档案卡/C001.pdf"}
    assert "&lt;b&gt;&amp;" in pages["档案卡/C001.pdf"]
    renewal = laid([replace(ending(bare), measures=Measures(contract_days_left=30))], "续约价值盘点").jobs[0].html
    assert "无数据" in renewal
    pdf.render(renewal)
    for page in pages.values():
        pdf.render(page)


def test_the_unit_and_secrecy_of_the_settings_are_printed() -> None:
    book = replace(BOOK, settings=(Setting(origin=TABLE, row=2, unit="甲集团", secrecy="机密"),))
    page = laid([customer()], "跟进清单", book=book).jobs[0].html
    assert "甲集团" in page
    assert '<span class="secrecy">机密</span>' in page
    assert "内部资料" in laid([customer()], "跟进清单").jobs[0].html


@pytest.mark.parametrize("chosen", PRESETS)
def test_the_tiers_of_every_set_have_words_of_their_own(chosen: str) -> None:
    words = (shipped_templates() / "pack_words.html").read_text(encoding="utf-8")
    letters, hints = words.split("{% set hints")
    for tier in preset(chosen).tiers:
        assert f'\n  "{tier.name}": "' in letters
        assert f'\n  "{tier.name}": [' in hints
