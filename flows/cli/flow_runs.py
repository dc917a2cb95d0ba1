"""How a command runs a flow: in this process, with its progress shown and its report printed."""

import gc
import re
import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

import click

from flows.cli import options
from flows.errors import EngineFailed
from flows.lake.lake import Lake
from flows.orchestration import environment
from flows.orchestration.handover import handing_over
from flows.progress import shown, step
from flows.redact import redacted
from flows.redact import shown as shown_text
from flows.settings import Settings

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.schemas.objects import State

    from flows.report.run_summary import Summary

_ERRNO = re.compile(r"\[Errno -?\d+\] ")
"""What httpx repeats of the system's words: a number that tells people nothing."""


def through_flow(
    name: str, lake: Lake, settings: Settings, *, verbose: bool, **parameters: Any
) -> int:
    """Run a flow, showing progress, and print its report; return the exit status.

    `parameters` are those of the flow beside its lake; a `url` goes to Prefect, which keeps it,
    without passwords and tokens. Raises what broke the run off.
    """
    url = parameters.get("url")
    if url is not None:
        parameters["url"] = redacted(url)
    options.check_data()
    # A plain kill would leave the embedded server behind; an orderly exit stops it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    environment.prepare(verbose=verbose)
    with shown(), handing_over(lake, settings, url) as handover:
        with step("Starting the flow engine"):
            flow = _flow(name)
        try:
            state = flow(lake=str(lake.storage), **parameters, return_state=True)
            broken = state.result(raise_on_failure=False)
        except Exception as error:
            broken = error
    if isinstance(broken, BaseException):
        if not _is_of_the_engine(broken):
            raise broken
        _tell(broken, done=handover.summary is not None)
    assert handover.summary
    from flows.report.run_terminal import print_summary

    print_summary(handover.summary)
    return handover.summary.exit_status


def _is_of_the_engine(error: BaseException) -> bool:
    """Whether Prefect raised an error of its own, or could not reach its server."""
    modules = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    return not modules.isdisjoint(("prefect", "httpx", "httpcore"))


def _tell(error: BaseException, *, done: bool) -> None:
    """Say that the flow engine failed. Raises EngineFailed unless the run was done before it."""
    words = shown_text(_ERRNO.sub("", str(error)))
    said = f"the flow engine (Prefect) failed: {type(error).__name__}: {words}"
    if not done:
        raise EngineFailed(
            f"{said}. It is no fault of the documents, and what was archived stays: run it again."
        ) from error
    click.echo(f"tallybook: {said}; the run itself was done by then:", err=True)


def _flow(name: str) -> "Flow[..., State[Summary]]":
    """Return the flow of that name, ready to run: its imports and its server take seconds."""
    from flows.orchestration.server import server_of_this_process

    with server_of_this_process():
        flow: Flow[..., State[Summary]] = getattr(import_module(f"flows.{name}"), name)
        import_module("flows.validate.checkpoints")
    gc.freeze()  # what is imported stays: each sweep would look it through, half a second long
    return flow
