"""The states that tasks and flow runs end in: their message says what happened.

A bulletin that is not out yet is no failure: whoever looked in vain is completed, under a name of
its own.
"""

from typing import TYPE_CHECKING, Any

from prefect.states import Completed, Failed

from flows.errors import EXIT_NOT_PUBLISHED, TallybookError
from flows.redact import one_line, redacted
from flows.report import run_sentences as sentences
from schemas.codes import WAITING

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

    from flows.collect import Collected
    from flows.report.run_summary import Summary

NOT_PUBLISHED_YET = "NotPublishedYet"
"""The name of the completed state of a run, or a task, that is to be tried again later."""

NOT_BEGUN = "NotBegun"
"""The name of the failed state of a run that ended before it could leave a summary."""


def collected(source: "Collected") -> "State[None]":
    """Return the state of a task that has asked a source."""
    message = sentences.collected(source.outcome)
    if source.outcome.outcome in WAITING:
        return Completed(name=NOT_PUBLISHED_YET, message=message)
    return Failed(message=message) if source.outcome.failed else Completed(message=message)


def ended(summary: "Summary") -> "State[Summary]":
    """Return the state of a flow run that has ended in order, the summary its result.

    A failed one has no result: a worker takes any that is no exception for an error of its own.
    """
    message = sentences.ended(summary)
    if summary.exit_status == EXIT_NOT_PUBLISHED:
        return Completed(name=NOT_PUBLISHED_YET, message=message, data=summary)
    return (
        Failed(message=message) if summary.exit_status else Completed(message=message, data=summary)
    )


def broken_off(error: TallybookError) -> "State[Any]":
    """Return the state of a task or a flow run that an error with a reason for people has ended."""
    return Failed(message=one_line(redacted(str(error))), data=error)


def not_begun(error: TallybookError) -> "State[Any]":
    """Return the state of a flow run whose settings, sources or lake cannot be used."""
    return Failed(name=NOT_BEGUN, message=one_line(redacted(str(error))), data=error)
