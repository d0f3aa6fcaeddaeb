"""The records of who may see what and who agreed to it: 权限 and 审批 (practice §11).

They are read where a book has them; no blank template offers them, and nothing is written back there.
"""

# Annotations are evaluated where they stand (no `from __future__ import annotations`): they are the data.

from datetime import date
from typing import Annotated, TypeAlias

from sheetcrm.model.fields import Field, Kind, Need
from sheetcrm.model.tables import Record

Day: TypeAlias = date
"""A date, for the record that has a field of that name."""

SALES, MANAGER, EXECUTIVE = "业务员", "经理", "高管"
ROLES = (SALES, MANAGER, EXECUTIVE)
"""Who sees what, rising: the own customers, a department's, all."""
AGREED, REFUSED = "同意", "不同意"


class Permission(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One line of 权限: a person's role, and until when."""

    person: Annotated[str, Field("人", Kind.TEXT, ("姓名", "人员"), Need.REQUIRED, example="陈*", width=10)]
    role: Annotated[str, Field("角色", Kind.TEXT, need=Need.REQUIRED, choices=ROLES, example="经理", width=10)]
    department: Annotated[
        str | None, Field("部门", Kind.TEXT, ("所属部门",), note="几个部门用顿号隔开", example="华东一部", width=16)
    ] = None
    expires_on: Annotated[
        date | None, Field("到期", Kind.DATE, ("到期日", "到期日期", "有效期至"), example="2026-12-31", width=13)
    ] = None


class ApprovalEntry(Record, frozen=True, gc=False, eq=False, kw_only=True):
    """One line of 审批: what one person asked for and another agreed to."""

    matter: Annotated[str, Field("事项", Kind.TEXT, need=Need.REQUIRED, example="分享敏感信息", width=16)]
    asker: Annotated[str | None, Field("申请人", Kind.TEXT, example="王*", width=10)] = None
    approver: Annotated[str | None, Field("审批人", Kind.TEXT, example="李*", width=10)] = None
    code: Annotated[str, Field("校验号", Kind.TEXT, need=Need.REQUIRED, example="3f2a9c41d07b", width=18)]
    date: Annotated[Day | None, Field("日期", Kind.DATE, ("审批日期",), example="2026-11-03", width=13)] = None
    expires_on: Annotated[
        Day | None, Field("到期", Kind.DATE, ("到期日", "到期日期", "有效期至"), example="2026-11-10", width=13)
    ] = None
    verdict: Annotated[str | None, Field("结论", Kind.TEXT, choices=(AGREED, REFUSED), example="同意", width=9)] = None
