"""`sheetcrm share`: the customers a person sees as encrypted files for one reader."""

from __future__ import annotations

import time
from datetime import date
from pathlib import Path

import click

from sheetcrm.assess.scopes import CustomerScope
from sheetcrm.cli import console, options, passwords, policy_choice, terminal, values
from sheetcrm.model.permits import ROLES
from sheetcrm.policy.run import Run
from sheetcrm.runs import approving, prepare, sharing
from sheetcrm.runs.sharing import Handed, Share, ShareRequest
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger


@click.command("share")
@options.inputs_argument
@click.option("--for", "person", required=True, metavar="姓名", help="按谁看得到的客户做：业务员或经理的名字。")
@click.option(
    "--scope",
    "role",
    required=True,
    type=values.OneOf(ROLES),
    help="业务员：客户经理是他的客户；经理：部门的客户；高管：全部客户。",
)
@click.option("--department", "departments", multiple=True, metavar="部门", help="只含这个部门的；可写多次。")
@click.option("--to", "recipient", required=True, metavar="对象", help="文件给谁。")
@click.option("--purpose", required=True, metavar="用途", help="给他做什么用。")
@click.option("--until", required=True, type=values.Day(), metavar="日期", help="用到哪一天；策略规定最多几天。")
@click.option("--unmask", is_flag=True, help="不遮联系人、联系方式和个人客户的姓名；会登记。")
@passwords.password_option
@click.option("--dry-run", is_flag=True, help="只说会分享什么、申请的校验号是什么，不写任何文件。")
@options.output_option
@options.run_options
@options.templates_option
@options.json_option
@options.quiet_option
def command(
    paths: tuple[Path, ...],
    person: str,
    role: str,
    departments: tuple[str, ...],
    recipient: str,
    purpose: str,
    until: date,
    password_file: Path | None,
    output: Path,
    run: Run,
    templates: tuple[Path, ...],
    *,
    unmask: bool,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """把一个人看得到的客户做成加密的文件，放进“输出文件夹/share”，给另一个人。

    等级按整本台账评定，再只取范围内的客户：一本新的 客户台账.xlsx、清单.xlsx（名单、跟进清单、跟进日历），
    各等级的附件、执行报告和跟进清单的 PDF。合计、比例只按范围内的客户重算；别的客户的编号、名称、金额都不在里面。
    Excel、WPS 和看 PDF 的软件凭口令就能打开，不用装别的。口令请用另外的途径告诉对方，丢了谁也打不开。

    台账里有“权限”表（人、角色、部门、到期）时按它：没有这个人、已到期、范围超过角色的都不做。
    不遮联系方式（--unmask）的，策略可以要求第二人审批：在“审批”表里写一行，校验号见 --dry-run。
    给谁、用途、到期、文件的校验值登记在历史里（sheetcrm history --disclosures）。收到的人能不能转发，程序管不到。
    """
    started = time.monotonic()
    asked = ShareRequest(
        scope=CustomerScope(role, person.strip(), departments),
        recipient=recipient,
        purpose=purpose,
        until=until,
        unmasked=unmask,
    )
    request = sharing.check(asked, today=run.today, most_days=run.policy.sharing.most_days)
    with console.progress(quiet=quiet or as_json) as progress:
        inputs = gather(paths, output=output)
        with ledger.read(output) as history:
            policy_choice.confirm(history, run, output)
            plan = prepare.prepare(inputs, run, history=history, templates=templates, progress=progress)
            terminal.hide_names_of(plan.reading.book.customers)
            console.print_refused(plan.problems, plan.reading.refused)
            share = sharing.lay_out(plan, request, history)
            need = approving.describe_need(share.matter, run, history)
            if not dry_run:
                sharing.approve(share, history)
        handed = None
        if not dry_run:
            names = (request.scope.person, request.recipient)
            password = passwords.obtain(password_file, run.policy.sharing, names=names)
            handed = sharing.hand_out(share, output, password, progress=progress)
    if as_json:
        console.print_json(_values(share, handed))
    elif not quiet:
        _print(share, handed, need, seconds=time.monotonic() - started)
    return 1 if plan.has_errors else 0


def _print(share: Share, handed: Handed | None, need: str, *, seconds: float) -> None:
    request, run = share.request, share.plan.run
    terminal.echo(f"期间 {run.period.label}，评估日 {run.as_of}，校验号 {share.plan.run_id}")
    shown = "不遮联系方式" if request.unmasked else "个人信息已遮住"
    terminal.echo(f"{request.scope.role}范围：{request.scope.words}，{len(share.customers)} 家，{shown}")
    terminal.echo(f"给 {request.recipient}，用途 {request.purpose}，到 {request.until}，申请的校验号 {share.code}")
    if handed is None:
        terminal.echo(f"{need}。" if need else "不用审批。")
        terminal.echo("这次没有写任何文件。")
        return
    if handed.missing_glyphs:
        letters = " ".join(handed.missing_glyphs)
        terminal.echo(f"这些字没有字体能印出：{letters}。请安装含这些字的字体后重新运行", err=True)
    terminal.echo(f"写入 {handed.folder}（都用口令加密，只有自己能读）：")
    for name in handed.files:
        terminal.echo(f"  {name}")
    terminal.echo(f"{sharing.LEFT_OUT}。")
    terminal.echo(f"用时 {seconds:.1f} 秒")
    terminal.echo("下一步：用口令打开看一遍，再发给对方；口令走另外的途径。对方能不能转发，程序管不到。")


def _values(share: Share, handed: Handed | None) -> dict[str, object]:
    request, run = share.request, share.plan.run
    return {
        "run_id": share.plan.run_id,
        "period": run.period.label,
        "as_of": run.as_of.isoformat(),
        "dry_run": handed is None,
        "scope": request.scope.role,
        "person": request.scope.person,
        "departments": list(request.scope.departments),
        "recipient": request.recipient,
        "purpose": request.purpose,
        "until": request.until.isoformat(),
        "unmasked": request.unmasked,
        "customers": len(share.customers),
        "code": share.code,
        "folder": str(handed.folder) if handed else None,
        "files": dict(handed.files) if handed else {},
        "missing_glyphs": list(handed.missing_glyphs) if handed else [],
    }
