"""A made-up book of three departments and six people whose every value can be searched for, and readers of shares."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path

import msoffcrypto
import openpyxl
import pikepdf
import pypdf

from sheetcrm.cli.entry import main
from sheetcrm.store.archive import sealing
from tests.workbooks import SCORING_HEADER, workbook

PASSWORD = "Tr0ub4dor&3x-y"  # noqa: S105
UNTIL = (date.today() + timedelta(days=30)).isoformat()  # noqa: DTZ011  (a share ends after the day it is made)
PEOPLE = {
    "华东部": ("陈思远", "林婉清"),
    "华南部": ("何俊杰", "周敏"),
    "西北部": ("马立新", "孙晓梅"),
}
NAMES = (
    *("星河重工", "蓝湾电子", "青松物流", "瑞丰农业", "金桥建材", "云帆软件"),
    *("北辰仪表", "海韵船舶", "天山乳业", "丹霞旅游", "银杏医药", "雪莲纺织"),
)


class Row:
    """A customer of the made-up book: whose it is, and amounts that no other has."""

    def __init__(self, at: int, person: str, department: str) -> None:
        """Make the customer of a place; each person has two."""
        self.key, self.name = f"KA-77{at:02}X", f"{NAMES[at]}有限公司"
        self.short = NAMES[at]
        self.person, self.department = person, department
        self.phone = f"1397700{at:02}{at:02}"
        self.spend = 3_130_017 + 79_193 * at
        self.total = 17_170_031 + 63_011 * at
        self.orders = (2_041_003 + 8_117 * at, 1_017_009 + 6_131 * at)

    @property
    def searched(self) -> tuple[str, ...]:
        """What tells of the customer: its number, name and amounts, as they may be printed."""
        amounts = (self.spend, self.total, *self.orders)
        return (
            *(self.key, self.name, self.short, self.phone),
            *(str(one) for one in amounts),
            *(f"{one:,}" for one in amounts),
        )


def rows() -> tuple[Row, ...]:
    """List the customers, two a person."""
    people = [(person, department) for department, both in PEOPLE.items() for person in both]
    return tuple(Row(at, *people[at // 2]) for at in range(12))


def book(*extra: tuple[str, list[tuple[object, ...]]]) -> bytes:
    """Make the book; texts of one customer name the next one."""
    listed = rows()
    following = [*listed[1:], listed[0]]
    profiles: list[tuple[object, ...]] = [
        ("客户编号", "客户名称", "客户类型", "行业类型", "联系人(职位)", "联系方式", "累计交易金额", "客户经理", "部门",
         "推荐人", "信息授权", "备注", "合作意向", "核心需求"),
        *(
            (one.key, one.name, "企业", "制造业", f"贾宝{NAMES[at][0]}(总经理)", one.phone, one.total, one.person,
             one.department, other.key, "是", f"和{other.name}同一批，比{other.key}晚", "高", "扩产")
            for at, (one, other) in enumerate(zip(listed, following, strict=True))
        ),
    ]  # fmt: skip
    scoring: list[tuple[object, ...]] = [
        SCORING_HEADER,
        *(
            (one.key, one.name, f"{10 + at}天", f"{2 + at}次/年", one.spend, "高(行业增速15%)", "85%", None, None)
            for at, one in enumerate(listed)
        ),
    ]  # fmt: skip
    follow_ups: list[tuple[object, ...]] = [
        ("客户编号", "日期", "跟进人", "跟进方式", "跟进内容摘要", "客户反馈/结果", "下一步计划"),
        *(
            (
                one.key,
                "2026-10-12",
                one.person,
                "电话",
                f"提到{other.short}",
                f"想见{other.key}的人",
                "11月6日前提供报价",
            )
            for one, other in zip(listed, following, strict=True)
        ),
        (f"{listed[0].key}、{listed[11].key}", "2026-10-15", "陈思远", "活动", "一起参加活动", "不错", None),
    ]
    orders: list[tuple[object, ...]] = [
        ("客户编号", "日期", "金额", "订单号"),
        *(
            (one.key, f"2026-0{month}-05", amount, f"SO-{one.key}-{month}")
            for one in listed
            for month, amount in zip((6, 9), one.orders, strict=True)
        ),
    ]
    services: list[tuple[object, ...]] = [
        ("客户编号", "请求时间", "首次响应时间", "解决时间", "是否解决", "满意度(CSAT)", "服务人员", "问题类别"),
        *(
            (one.key, "2026-10-09 09:20", "2026-10-09 10:05", "2026-10-09 15:30", "是", 60 + 3 * at, "孙*", "使用咨询")
            for at, one in enumerate(listed)
        ),
    ]
    settings: list[tuple[object, ...]] = [
        ("单位", "部门", "编制", "年销售额"),
        ("东方公司", "客户部", "王*", 98_765_432),
    ]
    sheets = {"客户信息基础表": profiles, "客户分级评估打分表": scoring, "客户跟进记录表": follow_ups}
    sheets |= {"交易明细": orders, "服务记录": services, "设置": settings, **dict(extra)}
    return workbook(sheets)


def write_books(folder: Path) -> Path:
    """Write the book into a folder of its own, and return that."""
    books = folder / "books"
    books.mkdir()
    (books / "星河重工的台账.xlsx").write_bytes(book())
    return books


def write_password(folder: Path) -> Path:
    """Write the password into a file that its owner alone reads."""
    path = folder / "password.txt"
    path.write_text(f"{PASSWORD}\n")
    path.chmod(0o600)
    return path


def opened(folder: Path, password: str = PASSWORD) -> Mapping[str, bytes]:
    """Decrypt every file of a share by other means than the program's own."""
    plain: dict[str, bytes] = {}
    for path in sorted(folder.iterdir()):
        if path.suffix == ".pdf":
            with pikepdf.open(path, password=password) as pdf:
                target = io.BytesIO()
                pdf.save(target, compress_streams=False, stream_decode_level=pikepdf.StreamDecodeLevel.all)
                plain[path.name] = target.getvalue()
        else:
            with path.open("rb") as file:
                sealed = msoffcrypto.OfficeFile(file)
                sealed.load_key(password=password)
                target = io.BytesIO()
                sealed.decrypt(target)
                plain[path.name] = target.getvalue()
    return plain


def texts(name: str, data: bytes) -> Iterator[str]:
    """Yield everything that can be read in a decrypted file: its bytes, its parts, its text as readers extract it."""
    yield data.decode("utf-8", "replace")
    yield data.decode("utf-16-be", "replace")
    if name.endswith(".pdf"):
        reader = pypdf.PdfReader(io.BytesIO(data))
        text = "\n".join(page.extract_text() for page in reader.pages)
        yield text
        yield re.sub(r"\s", "", text)
        yield repr(reader.metadata)
        yield repr(reader.outline)
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.namelist():
            yield part
            yield archive.read(part).decode("utf-8", "replace")
    made = openpyxl.load_workbook(io.BytesIO(data))
    yield repr(made.sheetnames)
    yield repr(made.properties)
    for sheet in made:
        yield "\n".join(str(value) for line in sheet.iter_rows(values_only=True) for value in line if value is not None)


EVERYBODY = rows()
TOTAL = sum(one.spend for one in EVERYBODY)
OF_THE_BOOK = (str(TOTAL), f"{TOTAL:,}", f"{TOTAL / 10_000:.1f}", "98765432", "98,765,432", "9876.5", "星河重工的台账")
"""What tells of the book as a whole: its sum, 年销售额, the name of its file."""
SCOPES = {
    "业务员": (["--for", "马立新", "--scope", "业务员"], [one for one in EVERYBODY if one.person == "马立新"]),
    "经理": (
        ["--for", "周敏", "--scope", "经理", "--department", "华南部"],
        [one for one in EVERYBODY if one.department == "华南部"],
    ),
    "高管": (["--for", "王总", "--scope", "高管"], list(EVERYBODY)),
}


def share(books: Path, output: Path, *options: str, to: str = "刘总", purpose: str = "复盘", until: str = UNTIL) -> int:
    return main(["share", str(books), "--to", to, "--purpose", purpose, "--until", until, "-o", str(output),
                 "--period", "2026-10", *options])  # fmt: skip


def only_folder(output: Path) -> Path:
    (folder,) = (output / sealing.FOLDER).iterdir()
    return folder


def hits(plain: dict[str, bytes], searched: Sequence[str]) -> list[tuple[str, str]]:
    return [
        (name, one) for name, data in plain.items() for text in texts(name, data) for one in searched if one in text
    ]
