"""Personal data never leaves unmasked, and masking twice changes nothing (practice §11)."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from sheetcrm.privacy import (
    Gate,
    Raw,
    check_credit_code,
    find_id_card,
    gate_of,
    hide_numbers,
    mask_contact,
    mask_text,
    numbers,
)
from tests.making import customer, profile

CONTACT = st.text("张三李四王总经理采购部电话微信*·()（）/ ,、-+@.0123456789abXx", max_size=40)
BIRTHDAYS = st.dates().filter(lambda day: 1920 <= day.year <= 2020)


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13800008888", "138****8888"),
        ("138-0000-8888", "138-****-8888"),
        ("138 0000 8888", "138 **** 8888"),
        ("+86 13800008888", "+86 138****8888"),
        ("8613800008888", "86138****8888"),
        ("010-12345678", "010-****5678"),
        ("0755-12345678", "0755-****5678"),
        ("12345678", "****5678"),
        ("95588", "***88"),
        ("13800008888/13900009999", "138****8888/139****9999"),
        ("*经理/8888", "*经理/8888"),
        ("138****8888", "138****8888"),
        ("", ""),
    ],
)
def test_phones(phone: str, masked: str) -> None:
    assert mask_contact(phone) == masked


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("zhangsan@example.com", "z***@example.com"),
        ("13800008888@139.com", "1***@139.com"),
        ("邮箱：a.b+c@mail.example.cn", "邮***@mail.example.cn"),
        ("z***@example.com", "z***@example.com"),
    ],
)
def test_mail_addresses(email: str, masked: str) -> None:
    assert mask_contact(email.replace("：", "")) == masked


@pytest.mark.parametrize(
    ("contact", "masked"),
    [
        ("张三(总经理)", "张*(总经理)"),
        ("张三（总经理）", "张*（总经理）"),
        ("总经理(张三)", "总经理(张*)"),
        ("张*(总经理)", "张*(总经理)"),
        ("*经理/8888", "*经理/8888"),
        ("张三总经理13800008888", "张*总经理138****8888"),
        ("李四采购部经理", "李*采购部经理"),
        ("张三、李四", "张*、李*"),
        ("欧阳修先生", "欧*先生"),
        ("张总", "张总"),
        ("联系人:王五 电话13800008888", "联系人:王* 电话138****8888"),
        ("张三/zhangsan@example.com", "张*/z***@example.com"),
        ("John Smith (CEO)", "J* S* (CEO)"),
        ("微信wx_abc123", "微信w*"),
        ("身份证11010519491231002X", "身*******************"),
        ("１３８００００８８８８", "１３８****８８８８"),
        ("", ""),
    ],
)
def test_contacts(contact: str, masked: str) -> None:
    assert mask_contact(contact) == masked


@pytest.mark.parametrize("mask", [mask_contact, mask_text])
@given(text=st.text() | CONTACT)
def test_masking_twice_changes_nothing(mask: type[str], text: str) -> None:
    assert mask(mask(text)) == mask(text)


@pytest.mark.slow
@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), CONTACT, CONTACT)
def test_a_mobile_number_never_comes_out_whole(number: str, before: str, after: str) -> None:
    for text in (f"{before}{number}{after}", f"{before} {number[:3]}-{number[3:7]}-{number[7:]} {after}"):
        assert number not in re.sub(r"[ -]", "", mask_contact(text))
    assert number not in mask_text(f"电话{number}，{after}")


@given(st.from_regex(r"[0-9]{5,20}", fullmatch=True))
def test_more_than_half_of_a_long_number_never_comes_out(number: str) -> None:
    country = re.match("(?:00)?86(?=1)", number)  # a code that all have stays beside a mobile number
    own = len(number) - (len(country[0]) if country else 0)
    shown = sum(char.isdigit() for char in mask_contact(number))
    assert shown <= 7 + len(number) - own
    assert shown < len(number)


@given(st.from_regex(r"[a-z][a-z0-9]{2,10}@[a-z]{2,8}\.com", fullmatch=True))
def test_a_mail_address_never_comes_out_whole(email: str) -> None:
    for mask in (mask_contact, mask_text):
        assert email not in mask(email)


def id_card(birthday: str) -> str:
    return f"110105{birthday}002" + ric.calc_check_digit(f"110105{birthday}0020")


@pytest.mark.slow
@given(BIRTHDAYS, st.sampled_from(["", "身份证号：", "张三 "]), st.sampled_from(["", "，已核对", " "]))
def test_an_identity_number_is_found_and_never_printed(birthday: object, before: str, after: str) -> None:
    number = id_card(f"{birthday:%Y%m%d}")
    text = f"{before}{number}{after}"
    assert find_id_card(text) == number
    for mask in (mask_contact, mask_text):
        assert not re.search(r"\d{5}", mask(text))


@pytest.mark.parametrize(
    "text",
    [
        "11010519491231002X",
        "11010519491231002x",
        "110105 19491231 002X",
        "110105-19491231-002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105491231002",
    ],
)
def test_identity_numbers_are_found_as_written(text: str) -> None:
    assert find_id_card(f"证件{text}。") == text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("110105194912310021", id="wrong check digit"),
        pytest.param("110105194913310025", id="no such month"),
        pytest.param("990105194912310020", id="no such province"),
        pytest.param("A11010519491231002X", id="part of something longer"),
        pytest.param("91110000600037341L", id="a credit code"),
        pytest.param("202405010000123", id="an order number of 15 digits"),
        pytest.param("119999491231002", id="15 digits of no place"),
        pytest.param("13800008888", id="a phone number"),
        pytest.param("", id="nothing"),
    ],
)
def test_other_numbers_are_not_taken_for_identity_numbers(text: str) -> None:
    assert find_id_card(text) is None


@pytest.mark.parametrize(
    ("found", "quoted"),
    [
        ("八十万左右", "八十万左右"),
        ("2024-02-30", "2024-02-30"),
        ("680,000,000", "680,000,000"),
        ("KH-202405001", "KH-202405001"),
        ("20240230", "20240230"),
        ("13800008888", "138****8888"),
        ("请联系13800008888", "请联系138****8888"),
        ("0755-12345678", "0755-****5678"),
        ("a@example.com", "a***@example.com"),
        ("11010519491231002X", "******************"),
        ("第一行\n第二行", "第一行 第二行"),
        ("长" * 50, "长" * 39 + "…"),
        ("长" * 40, "长" * 40),
    ],
)
def test_found_values_are_quoted_without_personal_numbers(found: str, quoted: str) -> None:
    assert mask_text(found) == quoted


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("3日内找赵六13971234518报价", "3日内找赵六139****4518报价"),
        ("Tel13971234518", "Tel139****4518"),
        ("KH13812345678", "KH138****5678"),
        ("+86-138-0000-8888", "+86-138-****-8888"),
        ("１３８００００８８８８", "138****8888"),
        ("138.0000.8888", "138.****.8888"),
        ("138—0000—8888", "138—****—8888"),
        ("400-820-8820", "***-***-8820"),
        ("+852 9123 4567", "+852 **** 4567"),
        ("(010)65529988", "(010)****9988"),
        ("电话87654321", "电话****4321"),
        ("13800008888 1234", "138****8888 1234"),
        ("银行卡6222021234567890123", "银行卡*******************"),
        ("6222 0212 3456 7890 123", "**** **** **** **** ***"),
        ("371449635398431", "***************"),
        ("110105194912310021", "******************"),
        ("990105194912310020", "******************"),
        ("1101 0519 4912 3100 2X", "**** **** **** **** **"),
        ("110105491231002", "***************"),
        ("微信wx_abc123", "微信w***"),
        ("QQ12345678", "QQ1***"),
        ("家住朝阳区某胡同九号，很远", "家住***，很远"),
        ("3号楼2单元501", "*号楼*单元*"),
    ],
)
def test_what_reaches_a_person_is_hidden_in_any_text(text: str, hidden: str) -> None:
    assert hide_numbers(text) == hidden
    assert hide_numbers(hidden) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "91110000600037341L",
        "911100006000373411",
        "202405010000123",
        "2026103000012345",
        "202610300001234567",
        "SO-20260302-00012",
        "2026-10-20 09:30 2026-10-30 18:00",
        "2026-10-20 2026-10-30",
        "100 200 300 400 500 600",
        "1 2 3 4 5 6 7 8 9 10 11 12 13",
        "680,000,000元",
        "运行编号 013912345678",
        "3f786850e387550fdab836ed7e6dc881de23001b13912345678aaaaa",
    ],
)
def test_dates_orders_codes_and_ids_of_runs_are_shown_whole(text: str) -> None:
    assert hide_numbers(text) == text


REGIONS = {"CN": ("MOBILE", "FIXED_LINE", "TOLL_FREE"), "HK": ("MOBILE", "FIXED_LINE"), "TW": ("MOBILE",)}


@pytest.mark.parametrize(("region", "kind"), [(region, kind) for region, kinds in REGIONS.items() for kind in kinds])
def test_phones_as_the_library_of_the_worlds_numbers_writes_them_are_hidden(region: str, kind: str) -> None:
    number = phonenumbers.example_number_for_type(region, getattr(phonenumbers.PhoneNumberType, kind))
    assert number
    forms = [phonenumbers.PhoneNumberFormat.INTERNATIONAL, phonenumbers.PhoneNumberFormat.E164]
    for form in [*forms, phonenumbers.PhoneNumberFormat.NATIONAL] if region == "CN" else forms:
        written = phonenumbers.format_number(number, form)
        digits = re.sub(r"\D", "", hide_numbers(f"请打{written}，谢谢"))
        assert str(number.national_number) not in digits, written
        assert "*" in hide_numbers(written), written


GATE = Gate(["王小明", "Mary Smith"], ["张三(总经理)", "李四、陈思远", "采购部"], staff=["陈思远"])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("王小明来电，找张三", "王*来电，找张*"),
        ("李四和陈思远", "李*和陈思远"),
        ("采购部经理", "采购部经理"),
        ("to Mary Smith, 13800008888", "to M* S*, 138****8888"),
        ("王小", "王小"),
        ("王小明\u200b13800008888\x1b", "王*138****8888"),
    ],
)
def test_a_gate_hides_the_names_of_a_book(text: str, shown: str) -> None:
    assert GATE(text) == shown
    assert GATE(shown) == shown


def test_only_what_is_marked_passes_a_gate_as_it_is() -> None:
    assert GATE(Raw("王小明13800008888")) == "王小明13800008888"
    assert GATE.values({"run_id": "013912345678", "why": ["找张三", 5, None]}) == {
        "run_id": "013912345678",
        "why": ["找张*", 5, None],
    }


@pytest.mark.parametrize(
    ("informant", "shown"), [("司马秋水", "司*"), ("王小五", "王*"), ("电话开发", "电话开发"), ("高管", "高管")]
)
def test_a_source_that_is_a_person_is_hidden_and_a_way_is_not(informant: str, shown: str) -> None:
    gate = gate_of([customer(profile=profile(informant=informant))])
    assert gate(f"经{informant}介绍") == f"经{shown}介绍"


def test_a_customer_that_is_a_person_is_hidden_and_a_company_is_not() -> None:
    person, company = (
        customer(name=name, profile=profile(name=name, customer_type=kind))
        for name, kind in (("章如秋", "个人"), ("章氏公司", "企业"))
    )
    assert gate_of([person, company])("章如秋和章氏公司") == "章*和章氏公司"


def test_long_values_are_masked_before_they_are_cut() -> None:
    assert mask_text("13800008888" + "长" * 40, limit=8) == "138****…"


@pytest.mark.parametrize(
    ("code", "check"),
    [
        ("91110000600037341L", "ok"),
        (" ９１１１００００６０００３７３４１ｌ ", "ok"),
        ("9111 0000 6000 3734 1L", "ok"),
        ("A01*", "masked"),
        ("9111**********341L", "masked"),
        ("9111", "bad-length"),
        ("", "bad-length"),
        ("91110000600037341O", "bad-character"),
        ("9111000060003734IL", "bad-character"),
        ("91110000600037341M", "bad-check-digit"),
        ("91110000600037314L", "bad-check-digit"),
    ],
)
def test_credit_codes(code: str, check: str) -> None:
    assert check_credit_code(code) == check


@given(st.text())
def test_no_text_makes_a_check_raise(text: str) -> None:
    find_id_card(text)
    check_credit_code(text)


def test_long_cells_are_masked_quickly() -> None:
    for seed in ("总经理", "部", "a", "1 ", "a-", "1@a."):
        text = seed * (32_000 // len(seed)) + "张"
        assert mask_contact(mask_contact(text)) == mask_contact(text)
        mask_text(text)
        GATE(text)


@given(st.text("张a1２３@＠ -－.()（）单元住址微信QqＶvxＸcChat", max_size=40))
def test_whatever_is_worth_looking_at_holds_a_clue_or_digits(text: str) -> None:
    if numbers._WORTH_LOOKING.search(text):  # noqa: SLF001
        assert numbers._CLUE.search(text) or numbers._DIGITS.search(text)  # noqa: SLF001


@given(st.from_regex(numbers._CODE, fullmatch=True))  # noqa: SLF001
def test_a_code_of_a_letter_and_digits_is_no_personal_number(code: str) -> None:
    assert numbers._PART.search(code) is None  # noqa: SLF001
