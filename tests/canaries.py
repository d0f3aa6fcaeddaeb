"""A book with a value of its own in every column that takes words, and the search for such values in files."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date
from email import message_from_bytes
from pathlib import Path

from pypdf import PdfReader

from sheetcrm import schema
from sheetcrm.schema import Kind
from tests.workbooks import workbook

OWNER = "经理王"
ID_CARD, WRONG_CARD, SPACED_CARD = "11010519491231002X", "110105194912310021", "110105 19491231 002X"
BANK_CARD, SERVICE, ABROAD, LANDLINE = "6222021234567890123", "400-820-8820", "+852 9123 4567", "010-65529988"
MAIL, PERSON, CONTACT, HOME = "canary.wang@secret-mail.cn", "章如秋", "欧阳铁柱", "百花胡同九号"
EVERYTHING = (
    f"找{CONTACT}，身份证{ID_CARD}，另一个{WRONG_CARD}、{SPACED_CARD}，卡{BANK_CARD}，{SERVICE}，{ABROAD}，"
    f"座机{LANDLINE}，{MAIL}，家住{HOME}，{PERSON}在场"
)
ALWAYS = (ID_CARD, WRONG_CARD, SPACED_CARD, BANK_CARD, SERVICE, ABROAD, LANDLINE, MAIL, PERSON, CONTACT, HOME)
_TYPED = {
    "customer_id": "C001", "name": "甲公司", "customer_type": "企业", "industry": "制造业", "consent": "是",
    "first_deal": date(2023, 1, 5), "last_deal": date(2026, 10, 1), "spend_total": 500000, "spend_12m": 210000,
    "recency_days": "30天", "frequency_12m": "12次/年", "potential": "高(行业增速15%)", "repurchase_rate": 0.85,
    "assessed_on": date(2026, 9, 30), "date": date(2026, 10, 3), "amount": 10001, "order_no": "SO-0-1",
    "requested_at": "2026-10-01 09:20", "responded_at": "2026-10-01 10:05", "resolved_at": "2026-10-01 15:30",
    "raised_on": date(2026, 10, 2), "resolved": "是", "phone_use": "", "tier": "VIP客户",
}  # fmt: skip
_WORDS = frozenset({Kind.TEXT, Kind.PERSONAL, Kind.CHOICE})
_LEFT_ALONE = frozenset({"customer_id", "name", "customer_type", "period", "order_no", "tier"})


def phone(number: int) -> str:
    """A phone of its own for each column."""
    return f"139{71000000 + 137 * number}"


def sheets() -> tuple[Mapping[str, list[list[object]]], Mapping[str, str]]:
    """Sheets of every kind with a row or two, and the phone of each column that takes words."""
    made: dict[str, list[list[object]]] = {}
    phones: dict[str, str] = {}
    for sheet in (*schema.MAPPED_KINDS, schema.STANDARDS, schema.SETTINGS):
        fields = [field for field in sheet.fields if not field.ours or field.name in {"tier", "grade"}]
        row: list[object] = []
        for field in fields:
            value = _TYPED.get(field.name)
            if field.kind in _WORDS and field.name not in _LEFT_ALONE:
                phones[f"{sheet.title}/{field.label}"] = phone(len(phones))
                value = f"{OWNER if field.name == 'owner' else field.label[:2]}{phones[f'{sheet.title}/{field.label}']}"
            row.append(value)
        made[sheet.title] = [[field.label for field in fields], row]
    _fill(made, "客户信息基础表", {"联系人(职位)": f"{CONTACT}(总经理)", "备注": EVERYTHING, "核心需求": EVERYTHING})
    _fill(made, "客户跟进记录表", {"下一步计划": f"3日内{EVERYTHING}", "跟进内容摘要": EVERYTHING})
    _person(made, "客户信息基础表", {"客户类型": "个人", "企业地址": HOME})
    _person(made, "客户分级评估打分表", {"等级": f"{PERSON}要求的"})
    return made, phones


def _fill(made: Mapping[str, list[list[object]]], title: str, values: Mapping[str, object]) -> None:
    for label, value in values.items():
        made[title][1][made[title][0].index(label)] = value


def _person(made: Mapping[str, list[list[object]]], title: str, values: Mapping[str, object]) -> None:
    header, row = made[title][:2]
    own = {"客户编号": "C002", "客户名称": PERSON, **values}
    made[title].append([own.get(str(label), value) for label, value in zip(header, row, strict=True)])


def book() -> tuple[bytes, tuple[str, ...]]:
    """The book, and all that nothing composed from it may hold."""
    made, phones = sheets()
    return workbook(made), (*ALWAYS, *phones.values())


def texts(path: Path) -> Iterator[str]:
    """Every text in a file: its bytes, what a zip holds, what a PDF prints, what a mail says."""
    data = path.read_bytes()
    yield data.decode("utf-8", "replace")
    if path.suffix == ".xlsx":
        yield from parts(data)
    if path.suffix == ".pdf":
        reader = PdfReader(io.BytesIO(data))
        yield "".join(page.extract_text() for page in reader.pages).replace("\n", "")
        yield str(reader.metadata) + str(reader.outline)
    if path.suffix == ".ics":
        yield data.decode().replace("\r\n ", "")
    if path.suffix == ".eml":
        mail = message_from_bytes(data)
        yield str(mail["Subject"])
        for part in mail.walk():
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and part.get_content_maintype() == "text":
                yield content.decode("utf-8", "replace")


def parts(data: bytes) -> Iterator[str]:
    """The parts of a workbook as text, its markup left out, since Excel cuts a text into runs."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for name in archive.namelist():
            yield name
            yield re.sub("<[^>]*>", "", archive.read(name).decode("utf-8", "replace"))


def found_in(text: str, secrets: tuple[str, ...]) -> list[str]:
    """The secrets a text holds; digits also where they stand in groups."""
    return [secret for secret in secrets if secret in text]
