"""The stages of `flows/pipeline.py` as Prefect tasks: each call is a task run.

A task takes and returns nothing: what a stage works on stays in this process. Prefect would walk
through every input, which takes half a second for 20,000 rows, and could keep documents.
"""

import sys
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.states import Completed

from flows.errors import TallybookError
from flows.lake.lake import Lake
from flows.orchestration import artifacts, states
from flows.pipeline import Batch, Stages
from flows.report import run_sentences as sentences
from flows.report.run_summary import Summary
from flows.settings import SourceConfig

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

P = ParamSpec("P")
R = TypeVar("R")


def as_task(
    stage: Callable[P, R],
    state: Callable[[R], "State[None]"],
    *,
    name: Callable[..., str] | None = None,
) -> Callable[P, R]:
    """Return the stage so that each call of it is a task run; it returns and raises the same.

    `state` gives the run's state by the result, `name` its name by what the stage works on (None:
    as the stage). An error with a reason for people fails the task without a traceback.
    """

    @wraps(stage)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        results: list[R] = []
        errors: list[TallybookError] = []

        run_name = name(*args, **kwargs) if name else stage.__name__

        # Trying again is the fetcher's: it knows how long a server wants to be left alone.
        @task(
            name=stage.__name__,
            task_run_name=lambda: run_name,
            cache_policy=NO_CACHE,
            persist_result=False,
            retries=0,
        )
        def work() -> "State[None]":
            try:
                results.append(stage(*args, **kwargs))
            except TallybookError as error:
                errors.append(error)
                return states.broken_off(error)
            return state(results[0])

        work()
        if errors:
            raise errors[0]
        return results[0]

    return call


def _completed(sentence: Callable[[R], str]) -> Callable[[R], "State[None]"]:
    """Return what completes a task with a sentence on its result."""
    return lambda result: Completed(message=sentence(result))


def _collecting(config: SourceConfig, *_: object) -> str:
    return f"collect {config.name}"


def _reading(batch: Batch, *_: object) -> str:
    return f"read {batch}"


def report(lake: Lake, summary: Summary) -> str:
    """Write the summary into the lake, and leave it in Prefect for people."""
    path = Stages.report(lake, summary)
    artifacts.leave(summary)
    return path


_report = as_task(report, _completed(lambda path: f"the summary is {path}"))


class TaskStages(Stages):
    """The stages of a run as tasks."""

    collect = staticmethod(as_task(Stages.collect, states.collected, name=_collecting))
    read = staticmethod(as_task(Stages.read, _completed(sentences.read), name=_reading))
    validate = staticmethod(as_task(Stages.validate, _completed(sentences.validated)))
    reconcile = staticmethod(as_task(Stages.reconcile, _completed(sentences.reconciled)))
    audit = staticmethod(as_task(Stages.audit, _completed(sentences.audited)))
    publish = staticmethod(as_task(Stages.publish, _completed(sentences.published)))

    @staticmethod
    def report(lake: Lake, summary: Summary) -> str:
        """Write the summary; of a run that is interrupted, and its server maybe too, only that."""
        interrupted = not isinstance(sys.exception(), Exception | None)
        return Stages.report(lake, summary) if interrupted else _report(lake, summary)
