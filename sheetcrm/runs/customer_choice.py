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


def choose_customer(asked: str, names: Mapping[str, str], *, fix: str) -> str:
    """Return the 客户编号 of the one customer that is asked for. Pure.

    An exact 客户编号 comes first, then one in another case or width, then a whole name, then a part of either.
    Nobody is chosen by the beginning of a longer number: C1 is another than C10, and may have been set aside.

    Args:
        asked: What was typed.
        names: The names by 客户编号; blank where only the 客户编号 is on record.
        fix: What to do where nobody is like it.

    Raises:
        UsageError: If nobody is meant, or several are; they are listed.
    """
    if asked in names:
        return asked
    folded = fold(asked)
    spelled = {key: (fold(key), fold(name)) for key, name in names.items()}
    steps = (
        [key for key, (number, _) in spelled.items() if number == folded],
        [key for key, (_, name) in spelled.items() if name == folded],
        [key for key, both in spelled.items() if any(folded in one for one in both)],
    )
    matches = next((step for step in steps if step), []) if folded else []
    if len(matches) == 1 and not _is_cut_number(folded, *spelled[matches[0]]):
        return matches[0]
    if len(matches) > 1:
        listed = "".join(f"\n  {printable(f'{key} {names[key]}'.strip())}" for key in matches[:_SHOWN])
        more = "\n  ……" if len(matches) > _SHOWN else ""
        raise SeveralCustomersError(
            f"“{printable(asked)}”对得上 {len(matches)} 家客户：{listed}{more}\n", "请写其中一家的客户编号"
        )
    near = nearest(asked, [*names, *filter(None, names.values())])
    question = f"是不是 {'、'.join(near)}？" if near else ""
    raise UsageError(f"没有客户编号“{asked}”，也没有名称里有它的客户", f"{question}{fix}")


def _is_cut_number(asked: str, number: str, name: str) -> bool:
    """Return whether a text is only a part of this 客户编号, and the digits go on behind it."""
    return asked not in name and number != asked and not re.search(rf"{re.escape(asked)}(?!\d)", number)
