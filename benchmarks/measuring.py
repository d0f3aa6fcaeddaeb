"""Run a piece of work in a process of its own, several times in turn with its rivals, and compare."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Measurement:
    """The median of some runs: wall and processor seconds, and the peak memory of the largest process in MB."""

    seconds: float
    processor: float
    megabytes: float


def compare(
    works: Mapping[str, Sequence[str]], *, rounds: int = ROUNDS, fresh: Sequence[Path] = (), code: int = 0
) -> Mapping[str, Measurement]:
    """Measure several Python command lines in turn (A B C A B C …), so that a slow spell meets them all.

    The folders that are to be `fresh` are removed before each; `code` is what each must end with.
    """
    found: dict[str, list[tuple[float, ...]]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, words in works.items():
            for folder in fresh:
                shutil.rmtree(folder, ignore_errors=True)
            found[name].append(_run(words, code))
    return {name: Measurement(*map(statistics.median, zip(*rows, strict=True))) for name, rows in found.items()}


def _run(words: Sequence[str], code: int) -> tuple[float, ...]:
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL)  # noqa: S603  (our own scripts)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != code:
        raise SystemExit(f"{' '.join(words)} failed")
    scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / scale


def print_table(title: str, found: Mapping[str, Measurement], base: str) -> None:
    """Print each work's figures, and its ratio to the base."""
    print(f"\n{title}")
    print(f"  {'':34}{'seconds':>9}{'of CPU':>9}{'MB':>8}{'time ÷':>9}{'CPU ÷':>9}{'memory ÷':>10}")
    for name, entry in found.items():
        ratios = (
            entry.seconds / found[base].seconds,
            entry.processor / found[base].processor,
            entry.megabytes / found[base].megabytes,
        )
        figures = f"{entry.seconds:9.2f}{entry.processor:9.2f}{entry.megabytes:8.0f}"
        print(f"  {name:34}{figures}{ratios[0]:9.2f}{ratios[1]:9.2f}{ratios[2]:10.2f}")
