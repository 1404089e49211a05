"""Compare on several processes or machines with Dask: the same functions per piece, the same result.

Only pure functions of one piece travel; pieces are cut before and put together after in one order, so neither the
number of workers nor the death of one can change the result. Dask runs a lost piece again.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from synth.dedup.pairs import Spread
from synth.errors import UsageError

AT_A_TIME = 4
"""Pieces on their way for each worker: bounds memory, here and there."""
RETRIES = 3


@contextmanager
def open_cluster(workers: int = 0, scheduler: str = "") -> Iterator[Spread]:
    """A ``spread`` for ``find_groups``: of ``workers`` processes here, or of the Dask ``scheduler`` at that address.

    Without either it is the builtin ``map``. Raises UsageError if Dask is not installed or no scheduler answers.
    """
    if workers <= 1 and not scheduler:
        yield map
        return
    with ExitStack() as stack:
        yield spread_over(stack.enter_context(_connect(workers, scheduler)))


@contextmanager
def _connect(workers: int, scheduler: str) -> Iterator[Any]:
    try:
        distributed: Any = importlib.import_module("distributed")  # an extra that few people need
    except ImportError:
        raise UsageError("--workers and --scheduler need Dask", hint='pip install "synth-review[cluster]"') from None
    if scheduler:
        try:
            client = distributed.Client(scheduler, timeout="10s")
        except (OSError, ValueError) as fault:
            raise UsageError(
                f"{scheduler}: no scheduler answers there ({fault})", hint="Start one: dask scheduler"
            ) from None
        with client:
            yield client
        return
    with (
        distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


def spread_over(client: Any) -> Spread:
    """``map`` on the workers of a Dask client: results come in the order of the items."""

    def spread(function: Callable[..., Any], *items: Iterable[Any]) -> Iterator[Any]:
        limit = AT_A_TIME * max(1, len(client.scheduler_info()["workers"]))
        waiting: list[Any] = []
        for each in zip(*items, strict=True):
            waiting.append(client.submit(function, *each, retries=RETRIES, pure=False))
            if len(waiting) >= limit:
                yield waiting.pop(0).result()
        for future in waiting:
            yield future.result()

    return spread
