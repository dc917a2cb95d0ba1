"""What the commands do that need a lake; each is imported only when it is called."""

import json
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows import environment
from flows.errors import UsageError
from flows.lake import Lake, open_lake
from flows.progress import shown, step
from flows.settings import default_lake, load_sources
from flows.sources import KINDS, choose
from flows.sources.folder import MEDIA_TYPES, paths
from schemas.records import FIRST_REPORT

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.schemas.objects import State

    from flows.summary import Summary


def run(
    day: date | None,
    sources: Sequence[str],
    archive: str | None,
    url: str | None,
    lake: str | None,
    verbose: bool,
) -> int:
    """Run the daily flow for a report date (None: today in Kyiv) and print its report."""
    if day and day < FIRST_REPORT:
        raise UsageError(f"--date {day}: the first bulletin is that of {FIRST_REPORT}")
    _check_sources(sources, archive, url)
    return _through_flow(
        "daily", lake, verbose, date=day, sources=list(sources) or None, archive=archive, url=url
    )


def backfill(
    since: date | None,
    until: date | None,
    sources: Sequence[str],
    archive: str | None,
    lake: str | None,
    verbose: bool,
) -> int:
    """Run the backfill flow for report dates, both inclusive, and print its report."""
    if since and until and since > until:
        raise UsageError(f"--since {since} is after --until {until}")
    _check_sources(sources, archive, None)
    return _through_flow(
        "backfill",
        lake,
        verbose,
        since=since,
        until=until,
        sources=list(sources) or None,
        archive=archive,
    )


def rebuild(lake: str | None, verbose: bool) -> int:
    """Run the rebuild flow and print its report."""
    open_lake(lake or default_lake())
    return _through_flow("rebuild", lake, verbose)


def _check_sources(names: Sequence[str], archive: str | None, url: str | None) -> None:
    """Say at once what would only come up after the flow engine has started."""
    choose(load_sources(), names, archive=archive, url=url)
    if archive is not None:
        root = Path(archive)
        if not root.exists():
            raise UsageError(f"{archive}: there is no such folder")
        if next(paths(root), None) is None:
            kinds = " ".join(f"*{suffix}" for suffix in MEDIA_TYPES)
            raise UsageError(f"{archive}: holds no documents ({kinds})")


def _through_flow(name: str, lake: str | None, verbose: bool, **parameters: Any) -> int:
    """Run a flow, showing progress, and print its report; return the exit status.

    Raises what broke the run off.
    """
    root = open_lake(lake or default_lake(), create=True).root
    # A plain kill would leave the embedded server behind; an orderly exit stops it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    environment.prepare(verbose=verbose)
    with shown():
        with step("Starting the flow engine"):
            flow = _flow(name)
        state = flow(lake=str(root), **parameters, return_state=True)
    summary = state.result(raise_on_failure=False)
    if isinstance(summary, BaseException):
        raise summary
    from flows.terminal import print_summary

    print_summary(summary)
    return summary.exit_status


def _flow(name: str) -> "Flow[..., State[Summary]]":
    """Return the flow of that name, ready to run: its imports and its server take seconds."""
    from flows.embedded import server

    with server():
        flow: Flow[..., State[Summary]] = getattr(import_module(f"flows.{name}"), name)
        import_module("schemas.expectations")
    return flow


def show(day: date | None, lake: str | None, as_json: bool) -> int:
    """Print one published day, the latest for None. Raises LakeError if it is not on record."""
    from flows.check import show_day, show_text

    return _print(show_day(_opened(lake), day), show_text, as_json)


def status(lake: str | None, as_json: bool) -> int:
    """Print what the lake holds and how the last run ended."""
    from flows.check import status_report, status_text

    return _print(status_report(_opened(lake)), status_text, as_json)


def check(since: date | None, until: date | None, lake: str | None, as_json: bool) -> int:
    """Print what does not add up in the report dates, both inclusive; None is no bound."""
    from flows.check import check_report, check_text

    return _print(check_report(_opened(lake), since, until), check_text, as_json)


def _opened(lake: str | None) -> Lake:
    return open_lake(lake or default_lake())


def _print(report: dict[str, Any], as_text: Callable[[dict[str, Any]], str], as_json: bool) -> int:
    text = json.dumps(report, ensure_ascii=False, indent=2) if as_json else as_text(report)
    click.echo(text.rstrip("\n"))
    return 0


def sources() -> int:
    """Print the configured sources, the preferred one first, with what they are and their state."""
    for name, config in load_sources().items():
        kind = KINDS.get(config.kind)
        state = kind.state(config) if kind else f"unknown kind; known are {', '.join(KINDS)}"
        where = config.url or config.path or "-"
        click.echo(f"{name:<12}  {config.kind:<8}  {config.language or '-':<3}  {where}  ({state})")
    return 0


def serve(sources: Sequence[str], lake: str | None) -> int:
    """Serve the daily flow on its schedule until interrupted."""
    choose(load_sources(), sources)
    environment.prepare(verbose=True)
    from flows.serve import serve as serve_daily

    serve_daily(sources, str(open_lake(lake or default_lake(), create=True).root))
    return 0
