"""A Dask cluster for a run's workers: one of this machine's processes, or one that runs elsewhere.

Imported by runs that ask for it: the libraries are those of an extra.
"""

import gc
import logging

import dask
from distributed import Client, LocalCluster, Worker, WorkerPlugin
from prefect.settings import PREFECT_API_URL
from prefect_dask.task_runners import DaskTaskRunner

from flows.errors import TallybookError, UsageError
from flows.orchestration.environment import GC_THRESHOLD
from flows.orchestration.server import silence
from flows.parse.guard import parser_version
from flows.redact import one_line, redacted

_PATIENCE = 30
"""Seconds that a scheduler has to answer, and a cluster to have a worker."""


def task_runner(number: int | None, address: str | None) -> DaskTaskRunner:
    """Return Prefect's task runner for `number` new processes, or for a scheduler's cluster."""
    if address is not None:
        return DaskTaskRunner(address=address, client_kwargs={"timeout": _PATIENCE})
    # The profiler of the event loop takes as much of a core as the scheduler; see `_AtWork`.
    dask.config.set({"distributed.worker.profile.enabled": False})
    return DaskTaskRunner(
        cluster_class=LocalCluster,
        cluster_kwargs={
            "n_workers": number,
            "threads_per_worker": 1,
            "dashboard_address": None,
            "silence_logs": logging.CRITICAL,
        },
    )


def connected(runner: DaskTaskRunner, address: str | None) -> Client:
    """Return the client of a runner that has just been started, its workers looked at.

    Raises UsageError where the address is none, or a worker has another Tallybook or cannot reach
    Prefect's server; TallybookError where no scheduler answers, or it has no worker.
    """
    cluster = f"the Dask cluster at {redacted(address)}" if address else "the workers"
    try:
        client = runner.client
        client.wait_for_workers(1, timeout=_PATIENCE)
        versions = client.run(parser_version, on_error="return")
    except ValueError as error:
        raise UsageError(
            f"--dask {redacted(address or '')}: no address of a Dask scheduler, such as "
            f"tcp://10.0.0.5:8786 ({one_line(str(error))})"
        ) from error
    except OSError as error:  # TimeoutError is one, too
        raise TallybookError(
            f"{cluster} cannot be used: no scheduler answers, or it has no worker, within "
            f"{_PATIENCE} s ({one_line(redacted(str(error)))})"
        ) from error
    for place, version in versions.items():
        _check_version(place, version)
    api = PREFECT_API_URL.value()
    for place, problem in client.run(silence, api).items():
        if problem:
            raise UsageError(
                f"the worker {place} cannot reach the Prefect server at {api} ({problem}): set "
                "PREFECT_API_URL to one that all workers reach"
            )
    client.register_plugin(_AtWork())
    return client


def places(client: Client) -> int:
    """Return how many tasks the workers of a client can do at once at the moment."""
    threads: dict[str, int] = client.nthreads()  # type: ignore[no-untyped-call]
    return sum(threads.values())


class _AtWork(WorkerPlugin):
    """Makes each worker that is there or comes read as the command does, and stops its profiler.

    That one, a statistical one, holds the frames of the threads that work, and their variables with
    them. What a page was parsed into must be freed by the thread that made it: else it is never,
    with a traceback.
    """

    name = "tallybook-at-work"

    def setup(self, worker: Worker) -> None:
        """Do so, in the thread of the worker's event loop."""
        gc.set_threshold(GC_THRESHOLD)
        if profiler := worker.periodic_callbacks.get("profile"):
            profiler.stop()


def _check_version(place: str, version: str | Exception) -> None:
    """Raise UsageError unless a worker has the parser of this process."""
    if version != parser_version():
        has = "no Tallybook" if isinstance(version, Exception) else "another version of Tallybook"
        raise UsageError(
            f"the worker {place} has {has} (parser {one_line(str(version))}, here "
            f"{parser_version()}): install the same on all, or the lake would depend on who reads"
        )
