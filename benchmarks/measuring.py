"""Run a piece of work in a process of its own, several times in turn with its rivals, and compare."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Measurement:
    """The median of some runs: wall seconds, and the peak memory of the process in MB."""

    seconds: float
    megabytes: float


def compare(works: Mapping[str, Sequence[str]], *, rounds: int = ROUNDS) -> Mapping[str, Measurement]:
    """Measure several Python command lines in turn (A B C A B C …), so that a slow spell meets them all."""
    seconds: dict[str, list[float]] = {name: [] for name in works}
    peaks: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, words in works.items():
            took, peak = _run(words)
            seconds[name].append(took)
            peaks[name].append(peak)
    return {name: Measurement(statistics.median(seconds[name]), statistics.median(peaks[name])) for name in works}


def _run(words: Sequence[str]) -> tuple[float, float]:
    started = time.perf_counter()
    process = subprocess.Popen([sys.executable, *words], stdout=subprocess.DEVNULL)  # noqa: S603  (our own scripts)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(words)} failed")
    scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return time.perf_counter() - started, usage.ru_maxrss / scale


def print_table(title: str, found: Mapping[str, Measurement], base: str) -> None:
    """Print each work's figures, and its ratio to the base."""
    print(f"\n{title}")
    print(f"  {'':34}{'seconds':>9}{'MB':>8}{'time ÷':>9}{'memory ÷':>10}")
    for name, entry in found.items():
        time_ratio = entry.seconds / found[base].seconds
        memory_ratio = entry.megabytes / found[base].megabytes
        print(f"  {name:34}{entry.seconds:9.2f}{entry.megabytes:8.0f}{time_ratio:9.2f}{memory_ratio:10.2f}")
