"""What programs call: `sheetcrm.check`, `sheetcrm.run` and `sheetcrm.explain`, as the commands of these names do it.

They return the values that travel through the program, print nothing, ask nothing, and take no settings file: what is
wanted is an argument. What stops a run is raised as a `SheetcrmError`, whose text is one for people.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import TypedDict, Unpack

from sheetcrm.cli import options, policy_choice
from sheetcrm.errors import UsageError
from sheetcrm.model import Assessment, Problem
from sheetcrm.periods import MONTH
from sheetcrm.policy.run import Run
from sheetcrm.runs import apply, explaining, prepare
from sheetcrm.runs.apply import Outcome
from sheetcrm.runs.prepare import Plan
from sheetcrm.runs.reading import read
from sheetcrm.runs.refusals import NoCustomerError
from sheetcrm.store.files.inputs import InputFile, gather
from sheetcrm.store.history import ledger

Paths = str | Path | Iterable[str | Path]
"""A workbook, a folder of them, or several of either."""


class When(TypedDict, total=False):
    """What the functions take beside the paths, all of it as the options of these names do.

    `output` is the folder whose history has the last period; nothing is written there but by `run`.
    """

    period: str | None
    period_kind: str
    as_of: date | None
    policy: str | Path | None
    preset: str | None
    keep: tuple[str, ...]
    output: str | Path


@dataclass(frozen=True, slots=True)
class MonthDone:
    """A run: what was decided, and what was written where."""

    plan: Plan
    outcome: Outcome


def check(paths: Paths, **when: Unpack[When]) -> tuple[Problem, ...]:
    """Return all problems of the workbooks, each with its cell, sorted by address; a book without a customer has some.

    Raises:
        SheetcrmError: If a path or an argument makes no sense.
    """
    inputs, run, output = _begin(paths, when)
    with ledger.read(output) as history:
        try:
            return prepare.prepare(inputs, run, history=history, checking=True).problems
        except NoCustomerError as error:
            return error.problems


def run(
    paths: Paths,
    *,
    pdf: bool = True,
    in_place: bool = False,
    full: bool = False,
    replace_results: bool = False,
    number: bool = False,
    templates: Iterable[str | Path] = (),
    **when: Unpack[When],
) -> MonthDone:
    """Do a period's whole job: `output/<period>/` and the history are written as by `sheetcrm run`.

    PDFs are printed in processes of their own: a script that calls this needs `if __name__ == "__main__":`.

    Raises:
        SheetcrmError: If it cannot be done; nothing was written. What could be written only in part is in
            `outcome.failed`.
    """
    inputs, wanted, output = _begin(paths, when)
    with ledger.read(output) as history:
        other = policy_choice.remark(history, wanted, output)
        if other:
            raise UsageError(other)
        folders = tuple(map(Path, templates))
        plan = prepare.prepare(inputs, wanted, history=history, templates=folders, numbering=number)
    outcome = apply.apply(plan, output, pdf=pdf, full=full, in_place=in_place, replace=replace_results)
    return MonthDone(plan, outcome)


def explain(customer: str, paths: Paths, **when: Unpack[When]) -> Assessment:
    """Return all that a run would decide of one customer, by 客户编号, name or a part of either.

    Raises:
        SheetcrmError: If nobody is meant, or several are.
    """
    inputs, run, output = _begin(paths, when)
    with ledger.read(output) as history:
        reading = read(inputs, policy=run.policy, today=run.today, as_of=run.as_of)
        return explaining.look_up(customer, reading, run, history=history, output=output).entry


def _begin(paths: Paths, when: When) -> tuple[tuple[InputFile, ...], Run, Path]:
    """Read the workbooks, and decide period, day and policy."""
    listed = [Path(paths)] if isinstance(paths, str | Path) else [Path(path) for path in paths]
    policy, preset = when.get("policy"), when.get("preset")
    if policy and preset:
        raise UsageError("policy 和 preset 只能写一个", "请去掉其中一个")
    chosen, source = options.choose_policy(Path(policy) if policy else None, preset)
    run = options.start_run(chosen, when.get("period"), when.get("as_of"), kind=when.get("period_kind", MONTH))
    output = Path(when.get("output", "output"))
    return gather(listed, output=output), replace(run, source=source, kept_columns=when.get("keep", ())), output
