"""Serve the daily flow on its schedule, beside a Prefect server where none is configured."""

import sys
import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from prefect.schedules import Cron
from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_API_PORT, temporary_settings
from prefect.types.entrypoint import EntrypointType

from flows.daily import daily
from flows.orchestration.runs import TAG
from flows.orchestration.server import OwnServer, check_configured

CRON = "0 6-12,15,18,21 * * *"
"""The bulletin comes out from 06:00 to 10:00 in Kyiv, articles follow, and some days it is late."""

TIME_ZONE = "Europe/Kyiv"


def serve(sources: Sequence[str], lake: str) -> None:
    """Run the daily flow on its schedule until interrupted, with these parameters.

    Raises TallybookError if the Prefect server beside it does not start.
    """
    parameters = {"sources": list(sources) or None, "lake": lake}
    # Prefect 3.8.4 does not await its own clean-up when a signal ends it.
    warnings.filterwarnings("ignore", "coroutine 'Runner.astop' was never awaited", RuntimeWarning)
    with _server() as api, temporary_settings({PREFECT_API_URL: api}):
        print(f"Serving daily/tallybook ({CRON} {TIME_ZONE}) on {api}; Ctrl-C ends it.", flush=True)
        daily.serve(
            name="tallybook",
            schedule=Cron(CRON, timezone=TIME_ZONE),
            parameters=parameters,
            description="The bulletin of the day, tried several times a day.",
            tags=[TAG, "daily"],
            limit=1,
            global_limit=1,
            # The schedule outlives this process: after a restart it goes on by itself.
            pause_on_shutdown=False,
            print_starting_message=False,
            entrypoint_type=EntrypointType.MODULE_PATH,
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
