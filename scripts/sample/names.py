# ruff: noqa: PLR2004 - figures of a made-up world are its literals
"""Names, numbers and codes that belong to nobody.

Companies are syllables put together, telephone numbers lie in a range never assigned (154 0000 xxxx, area exchange
000), mail is at example.com, and credit codes name a district 99 that does not exist; their check digit is right.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from stdnum.cn import ric, uscc

_FIRST = "衡澜砺昱珩霁岑霖峻铭沐翊恺澄阔曜乾坤朔启聚瀚弘骏盈铂皓凌"
_SECOND = "拓越维辰凯铄誉泽腾诺捷宸润擎锐畅彦嘉卓晖屹岚朗穗钧逸桓"
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙朱马胡郭林何高罗郑梁谢宋唐许邓冯韩曹"
_GIVEN = (
    "建明",
    "海燕",
    "志强",
    "雪梅",
    "文博",
    "晓琳",
    "国平",
    "丽娟",
    "俊峰",
    "思齐",
    "天佑",
    "雅婷",
    "浩然",
    "静怡",
)
_GIVEN_MORE = ("永康", "佩珊", "家豪", "美玲", "伟东", "春华", "子涵", "秋月", "振国", "慧敏", "立新", "若兰", "少杰")
_POSTS = (
    "总经理",
    "采购经理",
    "采购主管",
    "生产部长",
    "设备科长",
    "副总经理",
    "供应链总监",
    "行政主管",
    "厂长",
    "技术经理",
)
_CITIES = ("350299", "350599", "440399", "320599", "330299", "441999", "510199", "420199")
_STREETS = ("创业路", "工业南路", "科技一路", "环岛支路", "新港大道", "滨江中路", "兴业北街", "望山路")
_PLACES = ("示范区", "高新园", "临港园", "东片区", "北工业园", "软件园", "物流园")
_CODE_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@dataclass(slots=True)
class Namer:
    """Hands out names and numbers, none of them twice."""

    rng: random.Random
    _brands: set[str] = field(default_factory=set)
    _phone: int = 0

    def company(self, words: tuple[str, ...]) -> tuple[str, str]:
        """Make a company's full name and the short one people use for it."""
        while True:
            brand = self.rng.choice(_FIRST) + self.rng.choice(_SECOND)
            if brand not in self._brands:
                break
        self._brands.add(brand)
        word = self.rng.choice(words)
        suffix = self.rng.choices(("有限公司", "股份有限公司", "(集团)有限公司"), (88, 9, 3))[0]
        return f"{brand}{word}{suffix}", f"{brand}{word}"

    def person(self) -> str:
        """Make a person's name."""
        return self.rng.choice(_SURNAMES) + self.rng.choice(_GIVEN + _GIVEN_MORE)

    def contact(self) -> str:
        """Make a contact with its post; one in nine is masked as careful people write it."""
        person, post = self.person(), self.rng.choice(_POSTS)
        return f"{person[0]}*({post})" if self.rng.random() < 1 / 9 else f"{person}({post})"

    def phone(self) -> str:
        """Make a way to reach somebody: mostly a mobile number, now and then a landline or a mail address."""
        self._phone += self.rng.randint(3, 17)
        draw = self.rng.random()
        if draw < 0.08:
            return f"0592-000{self._phone:04d}"
        return f"buyer{self._phone:04d}@example.com" if draw < 0.14 else f"1540000{self._phone:04d}"

    def credit_code(self) -> str:
        """Make a credit code with its right check digit; one in ten is masked."""
        body = "".join(self.rng.choice(_CODE_ALPHABET) for _ in range(7))
        code = f"91{self.rng.choice(_CITIES)}MA{body}"
        code += uscc.calc_check_digit(code)
        return f"{code[:4]}{'*' * 10}{code[-4:]}" if self.rng.random() < 0.1 else code

    def address(self) -> str:
        """Make an address without a town."""
        return f"{self.rng.choice(_PLACES)}{self.rng.choice(_STREETS)}{self.rng.randint(1, 288)}号"


def identity_number() -> str:
    """Give an identity-card number with its right check digit that nobody can hold: the first child of 1900."""
    body = "11010119000101001"
    return body + ric.calc_check_digit(body + "0")  # it takes the number with a check digit, and leaves that out
