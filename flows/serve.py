"""The flows as they are deployed, and served: `prefect.yaml` declares the same."""

import os
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from prefect import Flow, serve
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_API_PORT, temporary_settings
from prefect.types.entrypoint import EntrypointType

from flows.audit import audit
from flows.backfill import backfill
from flows.daily import daily
from flows.errors import TallybookError
from flows.orchestration.automations import install_end_of_the_dead
from flows.orchestration.runs import TAG
from flows.orchestration.server import OwnServer, check_configured
from flows.rebuild import rebuild

NAME = "tallybook"
TIME_ZONE = "Europe/Kyiv"

SIGN_OF_LIFE = "30"
"""Seconds between two signs of life of a run, as its environment says it; Prefect has none less."""


@dataclass(frozen=True, slots=True)
class Deployed:
    """A flow that is deployed: on its schedule in Kyiv, or only when somebody asks for it."""

    flow: Flow[..., Any]
    description: str
    cron: str | None = None


DEPLOYED = (
    # The bulletin comes out from 06:00 to 10:00, articles follow, and some days it is late.
    Deployed(daily, "The bulletin of the day, tried several times a day.", "0 6-12,15,18,21 * * *"),
    Deployed(backfill, "Many days at once, such as those that a machine missed."),
    Deployed(rebuild, "All tables anew from the archived documents, offline."),
    # When the bulletin of Sunday is in.
    Deployed(audit, "Whether the lake is whole, explained and fresh.", "30 13 * * 0"),
)


def deployments(sources: Sequence[str], lake: str) -> list[RunnerDeployment]:
    """Return all deployments for a lake; `sources` are those that the daily run asks, or none."""
    return [_deployment(one, sources, lake) for one in DEPLOYED]


def _deployment(one: Deployed, sources: Sequence[str], lake: str) -> RunnerDeployment:
    parameters: dict[str, Any] = {"lake": lake}
    if one.flow is daily:
        parameters["sources"] = list(sources) or None
    made = one.flow.to_deployment(
        name=NAME,
        schedule=Cron(one.cron, timezone=TIME_ZONE) if one.cron else None,
        parameters=parameters,
        description=one.description,
        tags=[TAG, one.flow.name],
        concurrency_limit=1,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    assert isinstance(made, RunnerDeployment)
    return made


def serve_all(sources: Sequence[str], lake: str) -> None:
    """Run the flows as they are deployed until interrupted; the daily one asks these sources.

    Raises TallybookError if the Prefect server beside it does not start.
    """
    with _server() as api, temporary_settings({PREFECT_API_URL: api}):
        # The runs that are started here take their settings from this environment.
        os.environ.setdefault("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", SIGN_OF_LIFE)
        # Prefect starts each by `python -m`, which would import a folder called flows in this one.
        os.environ.setdefault("PYTHONSAFEPATH", "1")
        try:
            install_end_of_the_dead()
        except TallybookError as error:  # the runs are worth more than their watch
            print(error, file=sys.stderr, flush=True)
        made = deployments(sources, lake)
        scheduled = [f"{one.flow.name} ({one.cron})" for one in DEPLOYED if one.cron]
        when = f"{', '.join(scheduled)}, {TIME_ZONE}"
        print(f"Serving {NAME} on {api}: {when}. Ctrl-C ends it.", flush=True)
        serve(
            *made,
            limit=1,
            # The schedules outlive this process: after a restart they go on by themselves.
            pause_on_shutdown=False,
            print_starting_message=False,
        )


@contextmanager
def _server() -> Generator[str]:
    """Yield the API address of the configured server, or of one that runs inside the block."""
    configured = PREFECT_API_URL.value()
    if configured:
        check_configured()
        yield configured
        return
    print("Starting a Prefect server ...", file=sys.stderr, flush=True)
    server = OwnServer(int(PREFECT_SERVER_API_PORT.value()))
    try:
        yield server.wait()
    finally:
        server.stop()
