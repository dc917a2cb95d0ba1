"""The command in processes whose imports are done: `python -m tests.prefork` forks them.

Of the seconds that a command takes most are imports and Prefect's server, and neither writes a file
of a lake. So these processes are made of one that has imported all, and call the flow's function
without Prefect's engine around it; all else is what the command does. Each line that comes in is a
JSON object: `arguments`, `folder` (where it runs), `variables` of its environment, `output` (the
file of what it says). Each call is a process, and a process group, of its own; its number goes out
as a line, and when it has ended its exit status (of a signal, a negative number).

`python -m tests.prefork ARGUMENT ...` is the command itself, engine and all, in this process.

In both the clock of the runs stands at `NOW`, so that two lakes can be compared byte for byte, and
a lease that a killed command leaves in object storage runs out sooner than it does for people.
"""

import importlib
import json
import os
import sys
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, tzinfo
from types import SimpleNamespace
from typing import Any

from tests.disk import no_waiting_for_the_disk

NOW = datetime(2024, 1, 20, 9, 30, tzinfo=UTC)

LEASE_SECONDS = 6.0
"""A killed command is followed by another, which waits for so long: a fifth of what people wait."""

IMPORTED = (
    *("pandas", "flows.validate.checkpoints", "flows.orchestration.server", "flows.cli.flow_runs"),
    *(f"flows.{name}" for name in ("daily", "backfill", "rebuild", "report.run_terminal")),
    *(f"flows.cli.{name}" for name in ("run", "backfill", "rebuild", "export", "report")),
    *("flows.report.exports.export", "flows.report.site.build", "sqlite3"),
)


class Standing(datetime):
    """A clock that stands."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """Return the same moment, always."""
        return NOW.astimezone(tz)


def stop_the_clock() -> None:
    """Let the flows take NOW for the moment of their run: there is no option for that."""
    runs: Any = importlib.import_module("flows.orchestration.runs")
    runs.datetime = Standing


def shorten_leases() -> None:
    """Let a lease that is not renewed run out after LEASE_SECONDS: there is no option for that."""
    lease: Any = importlib.import_module("flows.storage.lease")
    lease.SECONDS = LEASE_SECONDS


def without_engine() -> None:
    """Let a command call the function of its flow as it is, and tell Prefect nothing."""
    from flows.orchestration import alerts, runs
    from flows.pipeline import Stages

    def telling(settings: Any) -> type[Stages]:
        class Telling(Stages):
            @staticmethod
            def report(lake: Any, summary: Any) -> str:
                place = Stages.report(lake, summary)
                alerts.tell(lake, summary, settings, audit_broken=False)
                return place

        return Telling

    def flow(name: str) -> Callable[..., object]:
        function = getattr(importlib.import_module(f"flows.{name}"), name).fn

        def called(return_state: bool, **parameters: Any) -> object:
            ended = function(**parameters)
            failed = ended.data if isinstance(ended.data, Exception) else None
            return SimpleNamespace(result=lambda raise_on_failure: failed)

        return called

    patched: Any = runs
    patched.telling, patched.tag_run, patched.run_log = telling, lambda kind: None, nullcontext
    patched.flow_run = SimpleNamespace(id="killed-or-not")
    patched = alerts
    patched._emit = lambda alert, lake: None
    patched = importlib.import_module("flows.cli.flow_runs")
    patched._flow = flow


def main() -> int:
    """Fork a process for each line; the status of the command, in such a process."""
    from flows.orchestration import environment

    environment.prepare()
    for name in IMPORTED:
        importlib.import_module(name)
    without_engine()
    stop_the_clock()
    shorten_leases()
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if not child:
            return _command(**json.loads(line))
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    return 0


def _command(arguments: list[str], folder: str, variables: dict[str, str], output: str) -> int:
    from flows.cli.main import call

    os.setsid()
    os.chdir(folder)
    os.environ.update(variables)
    said = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, target in ((nothing, 0), (said, 1), (said, 2)):
        os.dup2(number, target)
    return call(arguments)


if __name__ == "__main__":
    if sys.argv[1:]:
        from flows.cli.main import main as command

        importlib.import_module("flows.orchestration.environment").prepare()
        stop_the_clock()
        shorten_leases()
        command()
    with no_waiting_for_the_disk():
        sys.exit(main())
