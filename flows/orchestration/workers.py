"""Workers of a run: processes of this machine, or of a Dask cluster, that read its documents.

A task is given documents, or a part of a web archive, and returns what was read. All else, the lake
and its lock above all, stays with the one process that the run began in.
"""

import pickle
import zlib
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import Context, copy_context
from functools import partial
from typing import Any, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.task_runners import TaskRunner

from flows.errors import EngineFailed
from flows.orchestration.logs import run_log
from flows.orchestration.worker_choice import check_workers
from flows.parse.guard import parser_version
from flows.parse.reader import Spread
from flows.redact import one_line, redacted

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 2
"""Tasks that are sent for each place where one can be done: none waits for this process."""

_LOOK = 5.0
"""Seconds after which a run that waits for its workers looks whether there are any."""

_LOOKS = 24
"""So many looks in vain, two minutes, and a run gives up: a cluster may be replacing a machine."""


@contextmanager
def reading_workers(number: int | None, address: str | None) -> Generator[Spread | None]:
    """Yield what spreads work over `number` processes, or the cluster of a scheduler's address.

    It is None where neither is asked for. Raises UsageError as `check_workers` does and for workers
    with another Tallybook, TallybookError where no cluster answers, or one without a worker.
    """
    check_workers(number, address)
    if number is None and address is None:
        yield None
        return
    from flows.orchestration.dask_cluster import connected, places, task_runner

    with task_runner(number, address) as runner:
        client = connected(runner, address)
        yield partial(spread, runner, copy_context(), partial(places, client))


def spread(
    runner: TaskRunner[Any],
    flow: Context,
    places: Callable[[], int],
    work: Callable[[T], R],
    items: Iterable[tuple[str, T]],
) -> Iterator[R]:
    """Do the work for each item as a task of a Prefect task runner: a `Spread` but for that.

    `flow` is the context of the flow run: sent from within a task, a task would take along what
    that works on. `places` says how many tasks can be done at once at the moment; few more are sent
    ahead of the results. Raises what the work raises, EngineFailed where a task cannot be done.
    """
    waiting: deque[tuple[str, PrefectFuture[bytes]]] = deque()
    rest = iter(items)
    while True:
        most = AHEAD * max(places(), 1)
        while len(waiting) < most and (item := next(rest, None)) is not None:
            name, value = item
            given = {"name": name, "parser": parser_version(), "packed": _packed((work, value))}
            waiting.append((name, flow.copy().run(runner.submit, _TASK, given)))
        if not waiting:
            return
        yield _unpacked(_result(*waiting.popleft(), places))


def _result(name: str, future: "PrefectFuture[bytes]", places: Callable[[], int]) -> bytes:
    """Return what a task returns. Raises EngineFailed where workers or scheduler are lost."""
    in_vain = 0
    while True:
        try:
            return future.result(timeout=_LOOK)
        except TimeoutError:
            in_vain = 0 if places() else in_vain + 1
            if in_vain >= _LOOKS:
                raise EngineFailed(
                    f"{name}: the Dask cluster has had no worker for {_LOOK * _LOOKS:.0f} s; what "
                    "was archived stays: run it again when there are workers"
                ) from None
        except Exception as error:
            if not type(error).__module__.startswith(("distributed", "concurrent", "asyncio")):
                raise
            raise EngineFailed(
                f"{name}: the Dask cluster failed: {type(error).__name__}: "
                f"{one_line(redacted(str(error)))}. What was archived stays: run it again."
            ) from error


def work_elsewhere(name: str, parser: str, packed: bytes) -> bytes:
    """Do work for another process: both are packed, so that Prefect does not look through them.

    Raises EngineFailed where that process has another `parser`, by its version.
    """
    if parser != parser_version():
        raise EngineFailed(
            f"{name}: a worker has another version of Tallybook than the run (parser "
            f"{parser_version()}, not {parser}): install the same on all"
        )
    with run_log():
        work, item = _unpacked(packed)
        return _packed(work(item))


# It is given to another worker where one is lost. No decorator: the function is found by its name.
_TASK = task(
    name="read elsewhere",
    task_run_name="{name}",
    cache_policy=NO_CACHE,
    persist_result=False,
    retries=0,
)(work_elsewhere)


def _packed(value: object) -> bytes:
    return zlib.compress(pickle.dumps(value), level=1)


def _unpacked(packed: bytes) -> Any:
    return pickle.loads(zlib.decompress(packed))
