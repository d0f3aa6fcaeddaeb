"""Which customers a person sees: 业务员 the own ones, 经理 a department's, 高管 all (practice §11). Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sheetcrm.errors import UsageError
from sheetcrm.model import Assessment
from sheetcrm.model.permits import EXECUTIVE, MANAGER, ROLES, SALES, Permission
from sheetcrm.text.folding import fold
from sheetcrm.text.likeness import did_you_mean

_BETWEEN = re.compile(r"[、,，;；/\n]")


@dataclass(frozen=True, slots=True)
class CustomerScope:
    """Whose customers are meant: the person's, or those of departments (none named: all departments)."""

    role: str
    person: str
    departments: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """The scope as it is printed."""
        within = f"，{'、'.join(self.departments)}" if self.departments else ""
        return {
            SALES: f"只含{self.person}的客户{within}",
            MANAGER: f"只含{'、'.join(self.departments)}的客户",
            EXECUTIVE: f"只含{'、'.join(self.departments)}的客户" if self.departments else "全部客户",
        }[self.role]


def settle(
    scope: CustomerScope, permissions: Sequence[Permission], *, today: date, kept: bool = False
) -> CustomerScope:
    """Hold a scope against the sheet 权限, where there is one, and complete a manager's departments from there.

    Args:
        scope: What is asked for.
        permissions: The lines of 权限.
        today: A line whose day is past holds no longer.
        kept: Whether there is such a sheet, though not one line of it could be read: then nobody has a permission.

    Raises:
        UsageError: If the person is not in it, its line has expired, or the scope is wider than the role.
    """
    if not (permissions or kept):
        if scope.role == MANAGER and not scope.departments:
            raise UsageError(
                f"不知道{scope.person}管哪个部门",
                "请加上 --department 部门，或在台账里加一张“权限”表（人、角色、部门、到期）",
            )
        return scope
    lines = [one for one in permissions if fold(one.person) == fold(scope.person)]
    if not lines:
        raise UsageError(
            f"“权限”表里没有{scope.person}",
            f"请核对名字{did_you_mean(scope.person, sorted({one.person for one in permissions}))}，或请管理员加上一行",
        )
    valid = [one for one in lines if not _has_expired(one, today)]
    if not valid:
        last = max((one.expires_on for one in lines if one.expires_on), default=None)
        when = f"已于 {last} 到期" if last else "的到期日看不懂"
        raise UsageError(f"“权限”表里{scope.person}的权限{when}", "请管理员改“到期”一格")
    return _within(scope, valid)


def _has_expired(line: Permission, today: date) -> bool:
    """Return whether a line no longer holds; one without a day holds on, one whose day nobody can read does not."""
    if line.expires_on is None:
        return "expires_on" in line.unreadable
    return line.expires_on < today


def _within(scope: CustomerScope, lines: Sequence[Permission]) -> CustomerScope:
    """Refuse a scope that no line of a person allows."""
    unknown = next((one for one in lines if one.role not in ROLES), None)
    if unknown is not None:
        raise UsageError(f"“权限”表里{scope.person}的角色“{unknown.role}”看不懂", f"请写 {'、'.join(ROLES)} 之一")
    rank = ROLES.index(scope.role)
    allowed = [one for one in lines if ROLES.index(one.role) >= rank]
    if not allowed:
        widest = max(lines, key=lambda one: ROLES.index(one.role)).role
        raise UsageError(
            f"{scope.person}的角色是{widest}，不能给{scope.role}的范围",
            f"请改用 --scope {widest}，或请管理员改“权限”表",
        )
    if any(one.role == EXECUTIVE for one in allowed):
        if scope.role == MANAGER and not scope.departments:
            raise UsageError("没有说是哪个部门", "请加上 --department 部门")
        return scope
    departments = tuple(dict.fromkeys(name for one in allowed for name in _departments(one)))
    if scope.role == MANAGER and not departments:
        raise UsageError(f"“权限”表里{scope.person}没有写部门", "请管理员填“部门”一格")
    foreign = [name for name in scope.departments if departments and fold(name) not in set(map(fold, departments))]
    if foreign:
        raise UsageError(
            f"“权限”表里{scope.person}的部门是{'、'.join(departments)}，没有{'、'.join(foreign)}",
            "请改 --department，或请管理员改“权限”表",
        )
    return CustomerScope(scope.role, scope.person, scope.departments or (departments if scope.role == MANAGER else ()))


def _departments(line: Permission) -> Sequence[str]:
    return [name.strip() for name in _BETWEEN.split(line.department or "") if name.strip()]


def choose(assessments: Sequence[Assessment], scope: CustomerScope) -> tuple[Assessment, ...]:
    """Choose the customers of a scope, in their order.

    Raises:
        UsageError: If there is none.
    """
    departments = set(map(fold, scope.departments))
    chosen = tuple(
        entry
        for entry in assessments
        if (scope.role != SALES or fold(entry.owner or "") == fold(scope.person))
        and (not departments or fold(entry.department or "") in departments)
    )
    if chosen:
        return chosen
    if scope.role == SALES:
        owners = sorted({entry.owner for entry in assessments if entry.owner})
        raise UsageError(
            f"没有客户的客户经理是“{scope.person}”", f"请核对“客户经理”一列里的写法{did_you_mean(scope.person, owners)}"
        )
    names = sorted({entry.department for entry in assessments if entry.department})
    near = "".join(did_you_mean(name, names) for name in scope.departments)
    raise UsageError(f"没有客户的部门是“{'、'.join(scope.departments)}”", f"请核对“部门”一列里的写法{near}")
