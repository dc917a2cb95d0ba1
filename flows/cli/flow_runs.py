"""How a command runs a flow: in this process, with its progress shown and its report printed."""

import signal
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

from flows.lake.lake import Lake
from flows.orchestration import environment
from flows.orchestration.handover import handing_over
from flows.progress import shown, step
from flows.settings import Settings

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.schemas.objects import State

    from flows.report.run_summary import Summary


def through_flow(
    name: str, lake: Lake, settings: Settings, *, verbose: bool, **parameters: Any
) -> int:
    """Run a flow, showing progress, and print its report; return the exit status.

    `parameters` are those of the flow beside its lake. Raises what broke the run off.
    """
    # A plain kill would leave the embedded server behind; an orderly exit stops it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    environment.prepare(verbose=verbose)
    with shown(), handing_over(lake, settings) as handover:
        with step("Starting the flow engine"):
            flow = _flow(name)
        state = flow(lake=str(lake.root), **parameters, return_state=True)
    broken = state.result(raise_on_failure=False)
    if isinstance(broken, BaseException):
        raise broken
    assert handover.summary
    from flows.report.run_terminal import print_summary

    print_summary(handover.summary)
    return handover.summary.exit_status


def _flow(name: str) -> "Flow[..., State[Summary]]":
    """Return the flow of that name, ready to run: its imports and its server take seconds."""
    from flows.orchestration.server import server

    with server():
        flow: Flow[..., State[Summary]] = getattr(import_module(f"flows.{name}"), name)
        import_module("flows.validate.checkpoints")
    return flow
