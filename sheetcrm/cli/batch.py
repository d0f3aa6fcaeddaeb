"""`sheetcrm batch`: the month's whole job for every folder below one, side by side or on a cluster."""

from __future__ import annotations

import contextlib
import functools
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from sheetcrm.cli import batch_settings, console, options, origins, policy_choice, terminal
from sheetcrm.cli.batch_settings import BookSettings
from sheetcrm.cli.entry import NOTHING_WRITTEN
from sheetcrm.cli.run import PARTLY_WRITTEN
from sheetcrm.errors import SheetcrmError, UsageError
from sheetcrm.model import Severity
from sheetcrm.model.branches import BatchSummary, Branch, BranchOutcome, Done
from sheetcrm.periods import MONTH, QUARTER, kind_of, read_period
from sheetcrm.processes import crash_log, workers
from sheetcrm.report.pages.template_files import templates_hash
from sheetcrm.report.press.pool import count_cores
from sheetcrm.runs import away, backup, batch, carrying, cluster
from sheetcrm.runs.away import Luggage, Parcel
from sheetcrm.runs.batch import BookDone, BookTask, SentFile
from sheetcrm.runs.batch_summary import outcome_values, write_summary
from sheetcrm.runs.cluster import Cluster
from sheetcrm.runs.summaries import describe_unrecorded
from sheetcrm.store.files.inputs import find_books, gather
from sheetcrm.store.history import ledger

_NAMED = 20
"""Books that are named on the screen, of each outcome; the summary names all."""


def _take_root(context: click.Context, parameter: click.Parameter, root: Path) -> Path:
    origins.from_paths(context, parameter, (root,))
    return root


@click.command("batch")
@click.argument(
    "root",
    metavar="文件夹",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    is_eager=True,
    callback=_take_root,
)
@options.output_option
@options.period_options
@options.policy_options
@options.kept_columns_option
@options.mapping_file_option
@options.templates_folder_option
@click.option("--number", "numbering", is_flag=True, help="给没有编号的客户编号，和 run 一样。")
@click.option("--full", is_flag=True, help="印出全部名单。")
@click.option("--no-pdf", is_flag=True, help="不印 PDF。")
@click.option("--strict", is_flag=True, help="资料里有一处错误的那一本什么也不写。")
@click.option("--replace", is_flag=True, help="本期的结果来自别的工作簿时仍然换掉（先备份）。")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="同时做几本（几个进程），默认和处理器的核数一样多。")
@click.option(
    "--cluster", "address", metavar="地址", help="交给 Dask 集群做，例如 tcp://10.0.0.5:8786（见 docs/cluster.md）。"
)
@click.option(
    "--tls-ca-file", type=click.Path(exists=True, dir_okay=False), metavar="文件", help="集群的 CA 证书（PEM）。"
)
@click.option("--tls-cert", type=click.Path(exists=True, dir_okay=False), metavar="文件", help="自己的证书（PEM）。")
@click.option("--tls-key", type=click.Path(exists=True, dir_okay=False), metavar="文件", help="自己的私钥（PEM）。")
@options.private_option
@options.json_option
@options.quiet_option
@click.pass_context
def command(
    context: click.Context,
    /,
    root: Path,
    output: Path,
    *,
    numbering: bool,
    full: bool,
    no_pdf: bool,
    strict: bool,
    replace: bool,
    jobs: int | None,
    address: str | None,
    as_json: bool,
    quiet: bool,
    **others: Any,  # noqa: ANN401  (options that each book is done with, and the files for TLS)
) -> int:
    """把一个文件夹下面的每一本做完：里面直接放着工作簿的每个文件夹算一本，各用各的设置（sheetcrm.toml）。

    每一本的结果在“结果文件夹/它的文件夹/期间”里，和 run 做的一样，要么全部、要么没有；上次做过以后什么都没变的跳过；
    做不成的说明原因，不影响其余。“结果文件夹/期间”里是 汇总.xlsx 和各分部的看板 index.html。
    退出码：0 完成；1 完成，但有的资料里有错误；2 一本也没有做成；3 有的没有做成，或有的文件没写成；70 程序自身出错。
    """
    started = time.monotonic()
    aside = [path for path in (others["policy_file"], others["mapping_file"]) if path]
    folders = _find(root, output, aside)
    work = _Work(root, output, batch_settings.passed_on(context), context)
    work.flags = {"numbering": numbering, "full": full, "pdf": not no_pdf, "strict": strict, "replacing": replace}
    tls = _tls_files(others, address)
    with (
        console.progress(quiet=quiet or as_json) as progress,
        cluster.connected(address, tls=tls, pdf=not no_pdf) if address else contextlib.nullcontext() as remote,
    ):
        work.do(folders, remote, jobs or count_cores(), progress)
    templates = (others["templates_folder"],) if others["templates_folder"] else ()
    summaries, unwritten = _summarise(work, templates)
    _print_remarks(work, unwritten)
    if as_json:
        console.print_json(_values(work, summaries, unwritten))
    else:
        _print(summaries, output, seconds=time.monotonic() - started, quiet=quiet)
    return _exit_code(work, unwritten)


def _find(root: Path, output: Path, aside: Sequence[Path]) -> Mapping[str, Path]:
    """Find the books below a folder, by their folders' names from there.

    Raises:
        UsageError: If there is none, or the results would go among the workbooks.
    """
    if output.resolve() == root.resolve():
        raise UsageError(f"结果文件夹不能是“{root}”本身", "请用 -o 另选一个文件夹")
    found = dict(find_books(root, output=output, aside=aside))
    loose = found.pop(root, ())
    if loose:
        names = "、".join(path.name for path in loose[:_NAMED])
        terminal.echo(f"“{root}”里直接放着的工作簿不属于哪一本，没有读：{names}。请各放进一个文件夹", err=True)
    if not found:
        raise UsageError(f"“{root}”下面没有一个放着工作簿的文件夹", "请把每个分部的工作簿放进各自的文件夹")
    return {folder.relative_to(root).as_posix(): folder for folder in found}


@dataclass(frozen=True, slots=True)
class _Job:
    """A book that is to be done: its task, where its results go, and what travels to a cluster."""

    task: BookTask
    output: Path
    templates: tuple[Path, ...]
    luggage: Luggage | None = None


@dataclass(slots=True)
class _Work:
    """What is done of a batch, book by book."""

    root: Path
    output: Path
    words: tuple[str, ...]
    context: click.Context
    flags: dict[str, bool] = field(default_factory=dict)
    outcomes: dict[str, BranchOutcome] = field(default_factory=dict)
    remarks: list[str] = field(default_factory=list)
    settings: Counter[tuple[Path, tuple[str, ...]]] = field(default_factory=Counter)
    unconfirmed: bool = False
    unsaved: int = 0

    def do(
        self, folders: Mapping[str, Path], remote: Cluster | None, jobs: int, progress: Callable[[str], None]
    ) -> None:
        """Do all books, on a cluster or in processes here."""
        width = min(jobs, len(folders))
        call = _call_away if remote else functools.partial(_call_beside, runs=width)
        carried = carrying.carry(
            self._jobs(folders, remote),
            call,
            start=remote.start if remote else workers.started,
            workers=remote.width if remote else width,
            ahead=remote.width if remote else 1,
        )
        progress(f"0/{len(folders)}")
        for job, answer in carried:
            self._take(job, answer)
            progress(f"{len(self.outcomes)}/{len(folders)} {job.task.name}")

    def _jobs(self, folders: Mapping[str, Path], remote: Cluster | None) -> Iterator[_Job]:
        """Look at each book in its turn, and yield those that are to be done."""
        for name, folder in folders.items():
            try:
                job = self._job(name, folder)
                if job and remote:
                    luggage = away.pack(job.task, job.output, job.templates)
                    job = _Job(job.task, job.output, job.templates, luggage)
            except SheetcrmError as error:
                self._fail(name, str(error))
            else:
                if job:
                    yield job

    def _job(self, name: str, folder: Path) -> _Job | None:
        """Return what is to be done of a book; None where nothing has changed since it was done."""
        settings = batch_settings.read_settings(folder, self.words, self.context)
        output = self.output / name
        if settings.file:
            self.settings[settings.file, settings.keys] += 1
        _refuse_name(name, settings)
        files = gather([folder, *([settings.mapping] if settings.mapping else [])], output=self.output, nested=False)
        task = BookTask(
            name=name,
            inputs=tuple(SentFile(entry.name, entry.data, entry.unread) for entry in files),
            policy=settings.policy,
            period=settings.period,
            as_of=settings.as_of,
            today=settings.today,
            templates=templates_hash(settings.templates),
            kept_columns=settings.kept_columns,
            **self.flags,
        )
        with ledger.read(output) as history:
            policy_choice.confirm(history, task.run, output, asking=False)
            self.remarks += describe_unrecorded(output, ledger.unrecorded(output, history.runs()))
            self.unsaved += bool(backup.overdue(history, task.today))
            branch = batch.find_unchanged(task, output, head=history.results_head)
        if branch is None:
            return _Job(task, output, settings.templates)
        self._put(task, Done.UNCHANGED, branch, batch.files_of(output / task.period.label))
        return None

    def _take(self, job: _Job, answer: BookDone | Parcel | Exception) -> None:
        """Take what became of a book; what came from a cluster is put in place."""
        task = job.task
        if isinstance(answer, Exception):
            self._fail(task.name, carrying.describe_failure(answer))
            return
        if isinstance(answer, Parcel):
            assert job.luggage  # noqa: S101  (what it came back from)
            answer = away.unpack(answer, job.luggage, job.output)
        if answer.log:
            where = crash_log.describe_place(crash_log.write_log(answer.log))
            self._fail(task.name, f"程序自身出错。{where}", task.period.label)
        elif answer.branch is None:
            self._fail(task.name, answer.refused, task.period.label)
        else:
            self.unconfirmed |= bool(answer.unconfirmed)
            if answer.backups:
                self.remarks.append(f"{task.name}：结果文件夹里改动过的 {answer.backups} 个文件已先备份")
            done = Done.PARTLY if answer.failed else Done.NEW
            self._put(task, done, answer.branch, answer.files, (*answer.failed, *answer.unconfirmed))
            with contextlib.suppress(SheetcrmError):  # without a note it is done again
                batch.write_note(task, job.output, answer)

    def _put(
        self, task: BookTask, done: Done, branch: Branch, files: Sequence[str], reasons: tuple[str, ...] = ()
    ) -> None:
        self.outcomes[task.name] = BranchOutcome(
            name=task.name,
            period=task.period.label,
            done=done,
            branch=branch,
            reasons=reasons,
            files=tuple(files),
        )

    def _fail(self, name: str, reason: str, period: str = "") -> None:
        self.outcomes[name] = BranchOutcome(name=name, period=period, done=Done.NOT, reasons=(reason,))


_Call = tuple[Callable[..., BookDone | Parcel], tuple[Any, ...]]


def _call_away(job: _Job) -> _Call:
    return away.do_away, (job.luggage,)


def _call_beside(job: _Job, *, runs: int) -> _Call:
    return batch.do_beside, (job.task, job.output, job.templates, runs)


def _refuse_name(name: str, settings: BookSettings) -> None:
    """Refuse a folder whose results could lie where a period's do."""
    for part in name.split("/"):
        with contextlib.suppress(UsageError):
            if kind_of(read_period(part)) in {MONTH, QUARTER, kind_of(settings.period)}:
                what = f"文件夹名“{part}”和期间的写法一样，它的结果会和各期的结果混在一起"
                raise _NameError(what, "请改名；按月放的工作簿，请对那个月的文件夹运行 batch")


class _NameError(SheetcrmError):
    """A folder's name is a period's."""


def _tls_files(others: Mapping[str, Any], address: str | None) -> Mapping[str, str]:
    """Return the files for TLS by Dask's names for them; say so where what travels can be read on the way."""
    names = {"tls_ca_file": "tls_ca_file", "tls_cert": "tls_client_cert", "tls_key": "tls_client_key"}
    files = {theirs: others[ours] for ours, theirs in names.items() if others[ours]}
    if files and not address:
        raise UsageError("--tls-… 只和 --cluster 一起用")
    if address and not files and not cluster.is_local(address) and address.startswith("tcp://"):
        terminal.echo(
            "注意：到集群的连接没有加密，路上的人能读到客户资料。请用 tls:// 和 --tls-…（见 docs/cluster.md）", err=True
        )
    return files


def _summarise(work: _Work, templates: Sequence[Path]) -> tuple[Sequence[BatchSummary], Mapping[str, str]]:
    """Write a summary of each period there is; return them, and why others were not written."""
    labels = sorted({one.period for one in work.outcomes.values() if one.branch})
    failed = [one for one in work.outcomes.values() if not one.branch]
    summaries, unwritten = [], {}
    for label in labels:
        own = [one for one in work.outcomes.values() if one.branch and one.period == label]
        others = [
            one for one in failed if one.period in {"", label} or (label == labels[0] and one.period not in labels)
        ]
        summary = BatchSummary.of(label, [*own, *others])
        summaries.append(summary)
        try:
            write_summary(work.output, summary, templates=templates)
        except SheetcrmError as error:
            unwritten[label] = str(error)
    return summaries or [BatchSummary.of("", failed)], unwritten


def _say_unsaved(work: _Work) -> Iterator[str]:
    """Yield the line that says how many books have had no backup for a month, alone or all together."""
    with ledger.read(work.output) as history:
        together = backup.age_of_last(history, options.today())
    if work.unsaved and (together is None or together.overdue):
        fix = f"请运行 sheetcrm backup {work.root} -o {work.output}（建议每月一次）"
        yield f"{work.unsaved} 本超过一个月没有备份。{fix}"


def _print_remarks(work: _Work, unwritten: Mapping[str, str]) -> None:
    """Print on stderr what is to be known whatever is asked for."""
    for (file, keys), count in work.settings.items():
        terminal.echo(f"设置文件：{file}（{'、'.join(keys) or '没有用到其中的设置'}；{count} 本）", err=True)
    for line in (*work.remarks, *_say_unsaved(work)):
        terminal.echo(line, err=True)
    for done in (Done.NOT, Done.PARTLY):
        for one in sorted((one for one in work.outcomes.values() if one.done is done), key=lambda one: one.name):
            terminal.echo(f"{one.name} {done.value}：{'；'.join(one.reasons)}", err=True)
    for label, why in unwritten.items():
        terminal.echo(f"{label} 的汇总没有写成：{why}", err=True)


def _print(summaries: Sequence[BatchSummary], output: Path, *, seconds: float, quiet: bool) -> None:
    if quiet:
        return
    for summary in summaries:
        counts = "，".join(f"{done.value} {count} 本" for done, count in summary.counts.items() if count)
        terminal.echo(f"期间 {summary.period or '—'}：{len(summary.outcomes)} 本，{counts}")
        if summary.branches:
            terminal.echo("客户等级：")
            console.print_rows([(tier, f"{summary.customers_in(tier)} 家") for tier in summary.tiers])
            terminal.echo(f"汇总：{output / summary.period / 'index.html'}（看板，双击打开）、汇总.xlsx")
    terminal.echo(f"用时 {seconds:.1f} 秒")


def _values(work: _Work, summaries: Sequence[BatchSummary], unwritten: Mapping[str, str]) -> dict[str, object]:
    books = sorted(work.outcomes.values(), key=lambda one: one.name)
    return {
        "output": str(work.output),
        "periods": [summary.period for summary in summaries if summary.period],
        "books": [outcome_values(one) | {"reasons": list(one.reasons)} for one in books],
        "unwritten": dict(unwritten),
    }


def _exit_code(work: _Work, unwritten: Mapping[str, str]) -> int:
    outcomes = work.outcomes.values()
    if not any(one.branch for one in outcomes):
        return NOTHING_WRITTEN
    if unwritten or work.unconfirmed or any(one.done in {Done.NOT, Done.PARTLY} for one in outcomes):
        return PARTLY_WRITTEN
    return 1 if any(one.branch and one.branch.count(Severity.ERROR.value) for one in outcomes) else 0
