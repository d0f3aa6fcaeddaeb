"""The steps of the page, each a call of `runs` and of nothing else that decides: a state in, the next one out."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import replace

from sheetcrm.errors import UsageError
from sheetcrm.excel.books.mapping_book import MAPPING
from sheetcrm.model.review import REVIEW_FILE
from sheetcrm.policy import changing
from sheetcrm.policy.model import Policy
from sheetcrm.runs import apply, mapping, prepare
from sheetcrm.runs.comparing import compare
from sheetcrm.runs.reading import Progress
from sheetcrm.runs.refusals import NoCustomerError, find_former_policy
from sheetcrm.runs.summaries import columns_to_confirm, describe_unrecorded, first_error
from sheetcrm.store.files import settings
from sheetcrm.store.files.inputs import gather
from sheetcrm.store.history import ledger
from sheetcrm.web import remembered
from sheetcrm.web.state import Checked, PageState, Trial, Written, stamps_of
from sheetcrm.web.tasks import Fields, Task, Understand

_ASKS = frozenset({"column-unused", "mapping-unconfirmed", "mapping-no-field", "mapping-twice"})
"""Findings that leave headers to assign: where there is none of them, the workbooks are not looked through again."""


def check(fields: Fields, understand: Understand, progress: Progress) -> PageState:
    """Read the workbooks and decide the run; nothing is written but what was opened last.

    Raises:
        SheetcrmError: If the fields make no sense, or not one workbook can be read.
    """
    task = understand(fields)
    inputs = gather(task.paths, output=task.output)
    stamps = stamps_of([entry.path for entry in inputs])
    with ledger.read(task.output) as history:
        lost = describe_unrecorded(task.output, ledger.unrecorded(task.output, history.runs()))
        former = find_former_policy(history, task.run)
        try:
            outcome: prepare.Plan | NoCustomerError = prepare.prepare(
                inputs,
                task.run,
                history=history,
                templates=task.templates,
                numbering=task.numbering,
                progress=progress,
            )
        except NoCustomerError as error:
            outcome = error
    progress("核对表头")
    asks = isinstance(outcome, NoCustomerError) or any(entry.kind in _ASKS for entry in outcome.problems)
    proposals = mapping.list_proposals(inputs, task.run.policy) if asks else mapping.Proposals((), ())
    checked = Checked(
        task=task,
        inputs=inputs,
        stamps=stamps,
        outcome=outcome,
        proposals=proposals,
        lost=lost,
        former=former,
    )
    remembered.remember(fields)
    return PageState(fields=fields, checked=checked)


def keep_settings(task: Task, fields: Fields) -> str:
    """Write what is filled in into the settings file of the workbooks, and return the file's name.

    Raises:
        UsageError: If nothing is filled in, or the file does not hold together.
        StoreError: If it cannot be written.
    """
    values: dict[str, str | tuple[str, ...]] = {"output": fields.output, "period_kind": fields.period_kind}
    values["keep"] = task.run.kept_columns if fields.keep else ""
    values = {key: value for key, value in values.items() if value}
    if fields.policy or fields.preset:
        values |= {"policy": fields.policy, "preset": "" if fields.policy else fields.preset}
    if not values:
        raise UsageError("没有要记的设置", "请先填好结果文件夹、等级方案或自己的列")
    file = task.settings or task.folder / settings.SETTINGS_FILE
    settings.change(file, values)
    return str(file)


def assign(checked: Checked, labels: Mapping[tuple[str, str], str], words: Mapping[tuple[str, str, str], str]) -> str:
    """Write what a person said headers and words stand for into 表头对照.xlsx beside the workbooks; return its name.

    The workbooks are read anew: nothing that was written there since is lost.

    Raises:
        UsageError: If nothing was said, or another file of that name lies in the way.
        StoreError: If it cannot be written.
    """
    if not labels and not words:
        raise UsageError("没有选任何一列", "请在下拉框里选好字段，或选“（不用）”")
    task = checked.task
    inputs = gather(task.paths, output=task.output)
    target = next((entry.path for entry in inputs if entry.path.name == MAPPING), task.folder / MAPPING)
    if target.exists() and all(entry.path.resolve() != target.resolve() for entry in inputs):
        raise UsageError(f"“{target}”已经有了，又不在这次的工作簿里", "请选它所在的文件夹，而不是其中一个工作簿")
    mapping.write(target, mapping.assign(inputs, task.run.policy, labels, words))
    return str(target)


def tried_policy(policy: Policy, weights: Mapping[str, str], floors: Mapping[str, str]) -> Policy:
    """Return a policy with other weights of its scorecard and other floors of its tiers. Pure.

    Raises:
        UsageError: If all are as they are.
        PolicyError: If the policy no longer holds together.
    """
    card = policy.card
    settings_: list[str] = []
    for indicator in card.indicators:
        value = weights.get(indicator.label, "").strip()
        if value and value != plain(indicator.weight):
            stand_in = card.preferred_to(indicator)
            labels = [indicator.label, *([stand_in.label] if stand_in else [])]
            settings_ += [f"评分卡.{label}.权重={value}" for label in labels]
    for tier in policy.tiers:
        value = floors.get(tier.name, "").strip()
        if tier.floor is not None and value and value != plain(tier.floor):
            settings_.append(f"等级.{tier.name}.起点分={value}")
    if not settings_:
        raise UsageError("没有改任何数字", "请改一个权重或起点分再试算")
    return changing.change(policy, settings_)


def plain(value: object) -> str:
    """Write a number as it stands in a field: without zeros that say nothing. Pure."""
    text = str(value)
    return text.rstrip("0").rstrip(".") if "." in text else text


def compare_policies(checked: Checked, other: Policy, progress: Progress) -> Trial:
    """Find out who would move under another policy; nothing is written."""
    task = checked.task
    with ledger.read(task.output) as history:
        compared = compare(
            checked.inputs, task.run, replace(task.run, policy=other), history=history, progress=progress
        )
    return Trial(other, compared.moves, compared.shares)


def generate(
    checked: Checked, *, in_place: bool, pdf: bool, full: bool, replacing: bool, progress: Progress
) -> Written:
    """Do what the plan decides. An output folder that was made for a run that is then cancelled goes again.

    Raises:
        SheetcrmError: If nothing can be written.
    """
    plan, task = checked.plan, checked.task
    if plan is None:
        raise UsageError("没有读到客户，没有可以生成的结果", "请先按检查结果改好")
    was_there = task.output.exists()
    try:
        outcome = apply.apply(
            plan, task.output, pdf=pdf, full=full, in_place=in_place, replace=replacing, progress=progress
        )
    except BaseException:
        if not was_there:
            with contextlib.suppress(OSError):
                task.output.rmdir()  # where it is empty
        raise
    return Written(task, plan.run_id, outcome, in_place, _next_step(plan))


def _next_step(plan: prepare.Plan) -> str:
    error = first_error(plan.problems)
    if error is not None:
        return f"先改 {error.ref}（{error.fix}），保存后回到第 ② 步重新检查，再生成一次，结果会换成新的"
    if columns_to_confirm(plan):
        return "多数客户的资料不够评级：回到第 ② 步，看没有用上的列各是什么，选好后再生成一次"
    return f"打开 {REVIEW_FILE}，核对警告，审核新定和变动的等级"
