"""The policy of a run as plain values, so that it can go to another process: a preset's name, or a file's bytes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePath

from sheetcrm.errors import UsageError
from sheetcrm.model import CellRef
from sheetcrm.policy import loading
from sheetcrm.policy.model import Policy
from sheetcrm.policy.run import PolicySource
from sheetcrm.store.files.inputs import WORKBOOKS


@dataclass(frozen=True, slots=True)
class StatedPolicy:
    """Where the policy of a run comes from, and the bytes of its file where it is one."""

    source: PolicySource
    data: bytes = b""


def parse_policy(data: bytes, name: str) -> Policy:
    """Read the bytes of a policy's workbook or TOML file.

    Raises:
        PolicyError: If it does not hold together; every place at fault is named.
    """
    if PurePath(name).suffix.lower() not in WORKBOOKS:
        try:
            return loading.load(data.decode("utf-8-sig"), source=name)
        except UnicodeDecodeError as error:
            raise UsageError(f"“{name}”不是 UTF-8 文本", "请给出 .xlsx 或 .toml 的策略文件") from error
    from sheetcrm.intake.policy_sheets import plain_sheets  # noqa: PLC0415  (start-up time: few have one)
    from sheetcrm.policy import sheetreading  # noqa: PLC0415  (as above)

    return sheetreading.read(
        plain_sheets(data, file=name),
        source=name,
        describe=lambda sheet, row, column: str(CellRef(name, sheet, row, column)),
    )


@lru_cache(maxsize=16)
def policy_of(stated: StatedPolicy) -> Policy:
    """Return a policy, read once in each process.

    Raises:
        PolicyError: If it does not hold together; every place at fault is named.
    """
    if stated.source.file:
        return parse_policy(stated.data, stated.source.file)
    return loading.preset(stated.source.preset)
