"""`sheetcrm explain`: one customer, on one screen."""

from __future__ import annotations

from pathlib import Path

import click

from sheetcrm.assess.words import explanation
from sheetcrm.assess.words.closing import say_closing, say_reason
from sheetcrm.cli import console, options, policy_choice, terminal
from sheetcrm.model import Assessment, Lifetime, Past, Promise, ScoringRow, Signature, Undertaking
from sheetcrm.policy.model import Policy
from sheetcrm.policy.run import Run
from sheetcrm.runs.disclosing import disclose
from sheetcrm.runs.explaining import look_up
from sheetcrm.runs.reading import read
from sheetcrm.runs.run_file import customer_values
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger
from sheetcrm.store.history.recorded import EXPLAINED


@click.command("explain")
@click.argument("asked", metavar="客户编号或名称")
@options.inputs_argument
@options.history_option
@options.run_options
@options.json_option
def command(asked: str, paths: tuple[Path, ...], output: Path, run: Run, *, as_json: bool) -> int:
    """说明一家客户：各项数字和来源单元格、得分、等级和理由、和上期比变了什么、该做的事。

    客户可以写编号、名称，或其中一段，大小写和全角半角不论；对得上几家时会全部列出。
    上期从“输出文件夹”里的历史（sheetcrm.db）读出；没有历史就不比较。
    """
    policy = run.policy
    with console.progress(quiet=as_json) as progress:
        inputs = gather(paths, output=output)
        reading = read(inputs, policy=policy, today=run.today, as_of=run.as_of, progress=progress)
        terminal.hide_names_of(reading.book.customers)
        with ledger.read(output) as history:
            remark = policy_choice.remark(history, run, output)
            looked_up = look_up(asked, reading, run, history=history, output=output)
    if remark:
        terminal.echo(remark, err=True)
    console.print_refused(reading.problems, reading.refused)
    entry = looked_up.entry
    worth = looked_up.lifetime
    if as_json:
        values = _values(entry, policy) | {"change": entry.change or None, "lifetime": _lifetime_values(worth)}
        console.print_json(values)
    else:
        _print(entry, policy, worth, looked_up.before)
    unrecorded = disclose(
        output,
        action=EXPLAINED,
        what=entry.customer.customer_id,
        purpose="查看等级和理由",
        source="、".join(one.name for one in inputs),
        target="屏幕",
        person=run.person,
    )
    if unrecorded:
        terminal.echo(unrecorded, err=True)
    return 1 if reading.has_unread else 0


def _print(entry: Assessment, policy: Policy, worth: Lifetime, before: Past | None) -> None:
    score = "—" if entry.score.total is None else f"{entry.score.total} 分"
    terminal.echo(f"{entry.customer.customer_id} {entry.customer.name}：{entry.grade}，{score}")
    terminal.echo("数字：")
    console.print_rows([(line.label, line.shown, line.source) for line in explanation.figure_lines(entry)])
    value, inputs = explanation.say_lifetime(worth)
    terminal.echo(f"{explanation.LIFETIME}：{value}（{inputs}）")
    terminal.echo(f"评分（{policy.card.name}）：")
    console.print_rows(
        [
            (
                part.label,
                f"{explanation.say_number(part.weight)}%",
                "无数据" if part.points is None else f"{explanation.say_number(round(part.points, 1))} 分",
            )
            for part in entry.score.contributions
        ]
    )
    terminal.echo("理由：")
    for reason in entry.reasons:
        terminal.echo(f"  {reason}")
    if entry.signature:
        terminal.echo(f"审核：{_say_signature(entry.signature, entry.customer.scoring)}")
    if before is None:
        terminal.echo("和上期比：历史里没有这家客户的上期")
    else:
        terminal.echo(f"和上期比：{entry.change or f'较{before.period}没有变化'}")
    terminal.echo("分类：")
    for note in entry.class_notes:
        terminal.echo(f"  {note}")
    if entry.tags:
        terminal.echo(f"标签：{entry.tags}（档案：{entry.file_label}）")
    _print_health(entry)
    _print_due(entry, policy)


def _print_due(entry: Assessment, policy: Policy) -> None:
    terminal.echo("该做的事：")
    if not entry.due:
        terminal.echo("  无")
    console.print_rows(
        [
            (
                item.due.isoformat() + ("（预计）" if item.estimated else ""),
                f"逾期 {item.overdue_days} 天" if item.overdue_days else "",
                item.marked,
                item.owner + (f" → {item.escalated_to}" if item.escalated_to else ""),
                say_reason(item, policy),
                f"完成：{say_closing(item, policy)}",
            )
            for item in entry.due
        ]
    )
    if entry.undertakings:
        terminal.echo("承诺：")
        console.print_rows(
            [
                (
                    one.record.date.isoformat(),
                    one.promise.text,
                    one.promise.due.isoformat() if one.promise.due else _undated(one.promise),
                    _how_it_went(one),
                )
                for one in entry.undertakings
            ]
        )


def _how_it_went(one: Undertaking) -> str:
    if one.open:
        return f"待办，逾期 {one.overdue_days} 天" if one.overdue_days else "待办"
    done = "逾期完成" if one.kept is False else "已跟进"
    return f"{done}（{one.done_on}）" if one.done_on else done


def _undated(promise: Promise) -> str:
    return "待定" if promise.pending else "日期无法识别"


def _say_signature(signature: Signature, row: ScoringRow | None) -> str:
    """Say what was signed and when, and what a tier that is 待审核 needs. Nobody is named."""
    if signature.awaiting:
        return f"待审核（等级自{signature.since}起）：{signature.why}"
    signed_on = row.audited_on if row else None
    return f"已审核：{signed_on}签字，等级自{signature.since}起，到下一次定期重评为止有效"


def _print_health(entry: Assessment) -> None:
    health = entry.health
    why = f"（{health.note}）" if health.note else ""
    missing = f"；缺少{'、'.join(health.missing)}" if health.missing else ""
    terminal.echo(f"健康度：{health.colour}{why}{missing}" + (f"；风险：{entry.risk}" if entry.risk else ""))
    if entry.alerts:
        terminal.echo("预警：")
        console.print_rows(
            [
                (alert.code, alert.level, alert.note, alert.action, alert.owner, f"{alert.due} 前")
                for alert in entry.alerts
            ]
        )
    if entry.next_grading:
        terminal.echo(f"下次重评：{entry.next_grading}")


def _lifetime_values(worth: Lifetime) -> dict[str, object]:
    return {
        "value": None if worth.value is None else float(worth.value),
        "yearly_spend": None if worth.yearly_spend is None else float(worth.yearly_spend),
        "spend_basis": worth.spend_basis,
        "years": None if worth.years is None else float(worth.years),
        "retention": None if worth.retention is None else float(worth.retention),
        "retention_basis": worth.retention_basis,
        "missing": list(worth.missing),
    }


def _values(entry: Assessment, policy: Policy) -> dict[str, object]:
    return customer_values(entry) | {
        "card": policy.card.name,
        "figures": [
            {"label": line.label, "value": line.shown, "source": line.source}
            for line in explanation.figure_lines(entry)
        ],
        "contributions": [
            {
                "indicator": part.label,
                "weight": float(part.weight),
                "points": None if part.points is None else float(part.points),
            }
            for part in entry.score.contributions
        ],
        "reasons": list(entry.reasons),
        "classes": {one.name: {"outcome": one.outcome, "rule": one.rule} for one in entry.classes},
        "class_notes": list(entry.class_notes),
        "tags": entry.tags,
        "signature": {
            "awaiting": entry.signature.awaiting,
            "tier_since": entry.signature.since.isoformat(),
            "needed_on": entry.signature.needed_on.isoformat(),
            "why": entry.signature.why or None,
        }
        if entry.signature
        else None,
        "health": entry.health.colour,
        "risk": entry.risk,
        "alerts": [{"code": one.code, "level": one.level, "due": one.due.isoformat()} for one in entry.alerts],
        "next_grading": entry.next_grading.isoformat() if entry.next_grading else None,
        "due": [
            {
                "date": item.due.isoformat(),
                "action": item.action,
                "owner": item.owner,
                "overdue_days": item.overdue_days,
                "promised": item.promised,
                "basis": item.basis,
                "reason": say_reason(item, policy),
                "content": item.content,
                "closed_by": say_closing(item, policy),
            }
            for item in entry.due
        ],
        "promises": [
            {
                "recorded": one.record.date.isoformat(),
                "text": one.promise.text,
                "due": one.promise.due.isoformat() if one.promise.due else None,
                "pending": one.promise.pending,
                "open": one.open,
                "done_on": one.done_on.isoformat() if one.done_on else None,
                "kept": one.kept,
            }
            for one in entry.undertakings
        ],
    }
