"""Gathers whose names a book's gate hides: customers that are persons, contacts, and who brought a customer. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sheetcrm.model import Customer
from sheetcrm.privacy.gate import Gate
from sheetcrm.text.printable import one_line

PERSON = "个人"
"""客户类型 of a customer that is a person and no company."""

_SURNAMES = frozenset(
    "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦许何吕张孔曹严华金魏陶姜谢邹喻苏潘葛范彭鲁韦马苗方俞任袁柳鲍史唐费薛雷贺倪汤"
    "罗毕郝邬安常傅齐康伍余顾孟黄穆萧尹姚邵汪祁毛狄米贝明计成戴宋庞熊纪舒屈项祝董梁杜阮季贾江童颜郭梅林刁钟徐邱骆高夏"
    "蔡田樊胡凌霍虞万柯卢莫房丁邓单洪包左石崔吉龚程邢裴陆荣翁甄曲封段侯武刘龙叶司黎薄白蒲邰赖卓蔺屠蒙池乔闻党翟谭贡"
    "姬申冉牛边燕尚温庄晏柴阎连习向古易廖耿匡文寇欧沃聂敖辛阚简饶曾关游肖曼覃"
)
_COMPOUND = (
    "欧阳",
    "司马",
    "上官",
    "诸葛",
    "东方",
    "皇甫",
    "尉迟",
    "公孙",
    "慕容",
    "司徒",
    "令狐",
    "夏侯",
    "端木",
    "南宫",
)
_FULL_NAME = re.compile(r"[\u4e00-\u9fff]{3,4}")
_SINGLE = 3
_WORD = re.compile(r"[^\W\d_]+")


def is_person(customer: Customer) -> bool:
    """Return whether a customer is a person and no company (practice §1.1)."""
    return customer.profile is not None and customer.profile.customer_type == PERSON


def gate_of(customers: Iterable[Customer]) -> Gate:
    """Return the gate of a book: it hides its persons' names, but not those of the people who look after customers."""
    listed = tuple(customers)
    profiles = [one.profile for one in listed if one.profile]
    informants = (one_line(profile.informant) for profile in profiles)
    return Gate(
        (one.name for one in listed if is_person(one)),
        [*(profile.contact for profile in profiles if profile.contact), *filter(_is_full_name, informants)],
        staff=_staff(listed),
    )


def _is_full_name(text: str) -> bool:
    """Return whether a 信息来源人 is a person's full name rather than a way in which customers come."""
    if not _FULL_NAME.fullmatch(text):
        return False
    return text.startswith(_COMPOUND) or (len(text) == _SINGLE and text[0] in _SURNAMES)


def _staff(customers: Iterable[Customer]) -> Iterator[str]:
    for customer in customers:
        cells = [customer.profile.owner if customer.profile else None]
        cells += [record.person for record in customer.follow_ups]
        cells += [record.staff for record in customer.services]
        for cell in set(filter(None, cells)):
            yield from _WORD.findall(cell)
