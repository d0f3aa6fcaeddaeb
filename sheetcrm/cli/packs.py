"""`sheetcrm packs`: lists, letters, cards and the like, on request."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import click

from sheetcrm.cli import console, options, policy_choice, problem_list, terminal, values
from sheetcrm.errors import UsageError
from sheetcrm.policy.run import Run
from sheetcrm.report.packs.forms import forms_due
from sheetcrm.report.packs.kinds import KINDS, Wanted, usual
from sheetcrm.report.packs.packs import Packs
from sheetcrm.runs import packs, prepare
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger

PARTLY_WRITTEN = 3


@click.command("packs")
@options.inputs_argument
@click.option(
    "--only", "kinds", type=values.OneOf(KINDS), multiple=True, metavar="种类", help=f"{'、'.join(KINDS)}；可写多次。"
)
@click.option("--owner", "owners", multiple=True, metavar="姓名", help="只做这位责任人的；可写多次。")
@click.option("--customer", "customers", multiple=True, metavar="客户编号", help="只做这家客户的；可写多次。")
@click.option("--unmask", is_flag=True, help="显示联系人和联系方式，须同时写 --purpose，会登记在历史里。")
@click.option("--purpose", metavar="用途", help="显示联系方式的用途，例如 交接客户。")
@options.output_option
@options.run_options
@options.templates_option
@options.private_option
@options.json_option
@options.quiet_option
def command(
    paths: tuple[Path, ...],
    kinds: tuple[str, ...],
    owners: tuple[str, ...],
    customers: tuple[str, ...],
    purpose: str | None,
    output: Path,
    run: Run,
    templates: tuple[Path, ...],
    *,
    unmask: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """做清单、交接包、告知函、档案卡等，只写“输出文件夹/期间/packs”，其余结果不动。

    不写 --only 就做团队每月要用的：抽查清单、结果通报、跟进清单、跟进日历、SOP手册，
    有的话还有转介绍奖励，以及有风险的客户的服务改进（轻度）、干预（中度）、挽救（重度）方案；
    季末、年末（按策略的例行事项）再加客户需求洞察会、体系健康度审计的表单；
    写了 --customer 就只做这家客户的各种资料。
    文件以客户编号或责任人的短编号命名，文件名里没有人名。
    告知函和客户价值增长报告给客户看：等级写了对客称谓和对客权益（策略的服务标准）、已经审核、信息授权为“是”的才做；
    告知函同时生成一份邮件草稿（.eml）。
    """
    started = time.monotonic()
    stated = _purpose(purpose, unmask=unmask)
    wanted = Wanted(
        kinds=frozenset(kinds) or usual(owners=bool(owners), customers=bool(customers), due=forms_due(run)),
        owners=frozenset(owners),
        customers=frozenset(customers),
        unmasked=unmask,
    )
    with console.progress(quiet=quiet or as_json) as progress:
        inputs = gather(paths, output=output)
        with ledger.read(output) as history:
            policy_choice.confirm(history, run, output)
            plan = prepare.prepare(inputs, run, history=history, templates=templates, progress=progress)
            terminal.hide_names_of(plan.reading.book.customers)
        console.print_refused(plan.problems, plan.reading.refused)
        laid_out = packs.lay_out(plan, wanted)
        if not (quiet or as_json):
            _announce(laid_out)
        outcome = packs.write(plan, laid_out, output, purpose=stated, progress=progress)
    if as_json:
        console.print_json(_values(plan, laid_out, outcome))
    else:
        if kinds or customers:  # nobody asked for what does not apply
            _print_skipped(outcome)
        _print(plan, outcome, seconds=time.monotonic() - started, quiet=quiet)
        if laid_out.others and not (kinds or quiet):
            _print_others(laid_out)
    if outcome.failed or outcome.unconfirmed:
        return PARTLY_WRITTEN
    return 1 if plan.has_errors else 0


def _purpose(purpose: str | None, *, unmask: bool) -> str:
    """Return the purpose contacts are shown for, blank where they are not.

    Raises:
        UsageError: If one is given without the other.
    """
    stated = (purpose or "").strip()
    if unmask and not stated:
        raise UsageError("显示联系方式要说明用途", "请加上 --purpose，例如 --purpose 交接客户")
    if stated and not unmask:
        raise UsageError("写了 --purpose，没有写 --unmask", "要显示联系方式请加上 --unmask，否则去掉 --purpose")
    return stated


SHOWN = 20
"""Files listed by name; `--json` lists them all."""


def _announce(laid_out: Packs) -> None:
    """Print what is about to be made."""
    counts = laid_out.counts
    if counts:
        terminal.echo(f"要做 {sum(counts.values())} 份：{_listed(counts)}", err=True)


def _print_others(laid_out: Packs) -> None:
    """Print what else there is, how much of it, and how to ask for it."""
    first = next(iter(laid_out.others))
    how = f"要哪种就加 --only，例如 --only {first}；只要某家客户的再加 --customer 客户编号"
    terminal.echo(f"另外可做：{_listed(laid_out.others)}。{how}")


def _listed(counts: Mapping[str, int]) -> str:
    return "，".join(f"{kind} {number}" for kind, number in counts.items())


def _print_skipped(outcome: packs.PackOutcome) -> None:
    """Print in a line a kind how many customers got none, and why."""
    for kind in KINDS:
        reasons = Counter(one.why for one in outcome.skipped if one.kind == kind)
        if reasons:
            listed = "，".join(f"{why} {number} 家" for why, number in reasons.most_common())
            terminal.echo(f"{kind}：没有做 {reasons.total()} 家（{listed}）", err=True)


def _print(plan: prepare.Plan, outcome: packs.PackOutcome, *, seconds: float, quiet: bool) -> None:
    for name, why in outcome.failed.items():
        terminal.echo(f"没有写成 {name}：{why}", err=True)
    if outcome.unconfirmed:
        terminal.echo(outcome.unconfirmed, err=True)
    if outcome.missing_glyphs:
        letters = " ".join(outcome.missing_glyphs)
        terminal.echo(f"这些字没有字体能印出：{letters}。请安装含这些字的字体后重新运行", err=True)
    for path in outcome.backups:
        terminal.echo(f"改动过的文件已先备份到 {path}", err=True)
    if quiet:
        return
    terminal.echo(f"期间 {plan.run.period.label}，评估日 {plan.run.as_of}，校验号 {plan.run_id}")
    if not outcome.files:
        terminal.echo("没有要做的，什么也没有写。")
        return
    terminal.echo(f"写入 {outcome.folder}：")
    for name in outcome.files[:SHOWN]:
        terminal.echo(f"  {name}")
    if len(outcome.files) > SHOWN:
        terminal.echo(f"  ……共 {len(outcome.files)} 个文件")
    terminal.echo(f"用时 {seconds:.1f} 秒")
    problem_list.print_next(f"打开 {outcome.folder}")


def _values(plan: prepare.Plan, laid_out: Packs, outcome: packs.PackOutcome) -> dict[str, object]:
    return {
        "run_id": plan.run_id,
        "period": plan.run.period.label,
        "as_of": plan.run.as_of.isoformat(),
        "folder": str(outcome.folder),
        "files": list(outcome.files),
        "failed": dict(outcome.failed),
        "unconfirmed": outcome.unconfirmed or None,
        "others": dict(laid_out.others),
        "skipped": [{"kind": one.kind, "customer_id": one.customer_id, "why": one.why} for one in outcome.skipped],
    }
