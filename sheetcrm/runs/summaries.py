"""What is said of a run wherever it is started: its problems by kind, and results that are not on record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sheetcrm.model import Problem, Severity
from sheetcrm.model.review import Approval
from sheetcrm.problems import SPOILS_A_CELL
from sheetcrm.runs.prepare import Plan
from sheetcrm.store.history.ledger import LEDGER_FILE

SHOWN = 5
"""How many of a list stand in a line."""


def by_kind(problems: Iterable[Problem]) -> Iterator[list[Problem]]:
    """Group problems by kind: errors of rows, errors of cells, warnings, notes; in each, the most frequent first."""
    kinds: dict[tuple[Severity, str], list[Problem]] = {}
    for entry in problems:
        kinds.setdefault((entry.severity, entry.kind), []).append(entry)
    levels = list(Severity)
    yield from sorted(
        kinds.values(),
        key=lambda same: (levels.index(same[0].severity), same[0].kind in SPOILS_A_CELL, -len(same), same[0].kind),
    )


def first_error(problems: Iterable[Problem]) -> Problem | None:
    """Return the problem to mend first, None where there is no error."""
    groups = (same for same in by_kind(problems) if same[0].severity is Severity.ERROR)
    return next((same[0] for same in groups), None)


def columns_to_confirm(plan: Plan) -> str:
    """Say how columns are confirmed that were read as nothing, where most customers lack data; blank where not."""
    unused = sum(entry.kind == "column-unused" for entry in plan.problems)
    lacking = sum(entry.tier is None for entry in plan.assessments)
    if not unused or 2 * lacking <= len(plan.assessments):
        return ""
    what = f"{lacking} 家客户的资料不够评级，有 {unused} 列没有用上"
    return f"{what}：用同样的路径运行 sheetcrm map，在表头对照里确认各是什么"


def describe_unrecorded(output: Path, unrecorded: Mapping[str, str]) -> tuple[str, ...]:
    """Say which results in an output folder are not in its history, by period and run id, and the way out."""
    if unrecorded and not (output / LEDGER_FILE).exists():
        what = f"“{output}”里有 {'、'.join(unrecorded)} 的结果，却没有历史（{LEDGER_FILE}）：它被移走或删除了"
        return (f"{what}。请放回备份；没有备份时，按期间先后重新运行各期，上期等级和升降才有得比",)
    why = "历史的末尾被删过、换成了旧的一份，或那次运行中断了"
    fix = "请放回完好的备份；没有备份时重新运行这一期，会补记"
    return tuple(
        f"“{period}”的结果（校验号 {run_id or '读不出'}）不在历史里：{why}。{fix}"
        for period, run_id in unrecorded.items()
    )


def describe_read_back(plan: Plan) -> str:
    """Say what was read back from the review workbook, and which older signatures it replaces; blank for nothing."""
    if not plan.filled:
        return ""
    taken = plan.reviewed
    signed = f"回写签字 {len(taken.approved)} 家{_replaced(taken.approved)}"
    ends = f"承诺完成 {taken.counts['closed']} 项，抽查 {taken.counts['verified']} 件"
    return f"评审包：{signed}，退回 {len(taken.returned)} 家，{ends}"


def _replaced(approved: Mapping[str, Approval]) -> str:
    """Name the older signatures that were replaced; edits.jsonl has all of them."""
    older = [f"{key} {one.replaces}" for key, one in approved.items() if one.replaces]
    more = f"等{len(older)}家" if len(older) > SHOWN else ""
    return f"（替换已失效的旧签字：{'、'.join(older[:SHOWN])}{more}）" if older else ""
