"""The customer that is asked for: by 客户编号, or by a name or a part of either, however it is written."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sheetcrm.errors import UsageError
from sheetcrm.text.folding import fold
from sheetcrm.text.likeness import nearest
from sheetcrm.text.printable import printable

_SHOWN = 20


class SeveralCustomersError(UsageError):
    """What was asked for fits several customers; each stands on a line of its own."""

    of_lines = True

    def __str__(self) -> str:
        """Return the lines, and below them the way out."""
        return self.what + self.fix


def matches(asked: str, names: Mapping[str, str]) -> list[str]:
    """Return the 客户编号 of all customers that a text fits, in their own order. Pure.

    An exact 客户编号 comes alone, then one in another case or width, then whole names, then a part of either.

    Args:
        asked: What was typed; a blank fits nobody.
        names: The names by 客户编号; blank where only the 客户编号 is on record.
    """
    if asked in names:
        return [asked]
    folded = fold(asked)
    if not folded:
        return []
    spelled = {key: (fold(key), fold(name)) for key, name in names.items()}
    steps = (
        [key for key, (number, _) in spelled.items() if number == folded],
        [key for key, (_, name) in spelled.items() if name == folded],
        [key for key, both in spelled.items() if any(folded in one for one in both)],
    )
    return next((step for step in steps if step), [])


def choose_customer(asked: str, names: Mapping[str, str], *, fix: str) -> str:
    """Return the 客户编号 of the one customer that is asked for, as `matches` finds it. Pure.

    Nobody is chosen by the beginning of a longer number: C1 is another than C10, and may have been set aside.

    Args:
        asked: What was typed.
        names: The names by 客户编号; blank where only the 客户编号 is on record.
        fix: What to do where nobody is like it.

    Raises:
        UsageError: If nobody is meant, or several are; they are listed.
    """
    fitting = matches(asked, names)
    if len(fitting) == 1 and not _is_cut_number(fold(asked), fold(fitting[0]), fold(names[fitting[0]])):
        return fitting[0]
    if len(fitting) > 1:
        listed = "".join(f"\n  {printable(f'{key} {names[key]}'.strip())}" for key in fitting[:_SHOWN])
        more = "\n  ……" if len(fitting) > _SHOWN else ""
        raise SeveralCustomersError(
            f"“{printable(asked)}”对得上 {len(fitting)} 家客户：{listed}{more}\n", "请写其中一家的客户编号"
        )
    near = nearest(asked, [*names, *filter(None, names.values())])
    question = f"是不是 {'、'.join(near)}？" if near else ""
    also = "，也没有名称里有它的客户" if any(names.values()) else ""
    raise UsageError(f"没有客户编号“{asked}”{also}", f"{question}{fix}")


def _is_cut_number(asked: str, number: str, name: str) -> bool:
    """Return whether a text is only a part of this 客户编号, and the digits go on behind it."""
    return asked not in name and number != asked and not re.search(rf"{re.escape(asked)}(?!\d)", number)
