"""Time two commands in turn, A B A B ..., as whole processes, and compare their CPU seconds pair by pair."""

from __future__ import annotations

import resource
import statistics
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Pair:
    """Median CPU seconds of both commands, and the median of the ratios of neighbouring runs."""

    ours: float
    theirs: float
    ratio: float


def cpu_seconds(command: Sequence[str]) -> float:
    """User and system seconds of one run, children included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare(ours: Sequence[str], theirs: Sequence[str], runs: int = 21) -> Pair:
    """Run both ``runs`` times after one warm-up each."""
    cpu_seconds(ours), cpu_seconds(theirs)
    pairs = [(cpu_seconds(ours), cpu_seconds(theirs)) for _ in range(runs)]
    return Pair(
        statistics.median(one for one, _ in pairs),
        statistics.median(other for _, other in pairs),
        statistics.median(one / other for one, other in pairs),
    )
