"""Serve the flows on their schedules, beside a Prefect server where none is configured."""

import sys
import warnings
from collections.abc import Generator, Sequence
from contextlib import contextmanager

from prefect import serve
from prefect.settings import PREFECT_API_URL, PREFECT_SERVER_API_PORT, temporary_settings

from flows.deployments import DEPLOYED, NAME, TIME_ZONE, deployments
from flows.orchestration.server import OwnServer, check_configured


def serve_all(sources: Sequence[str], lake: str) -> None:
    """Run the flows as they are deployed until interrupted; the daily one asks these sources.

    Raises TallybookError if the Prefect server beside it does not start.
    """
    # Prefect 3.8.4 does not await its own clean-up when a signal ends it.
    warnings.filterwarnings("ignore", "coroutine 'Runner.astop' was never awaited", RuntimeWarning)
    with _server() as api, temporary_settings({PREFECT_API_URL: api}):
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
