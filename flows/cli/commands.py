"""What the commands do that need a lake; each is imported only when it is called."""

import json
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flows.errors import UsageError
from flows.lake.lake import Lake, open_lake
from flows.orchestration import environment
from flows.orchestration.handover import handing_over
from flows.progress import shown, step
from flows.redact import visible
from flows.settings import SourceConfig, default_lake, load_sources
from flows.sources import choose
from flows.sources.folder import SUFFIXES, paths
from schemas.fields import SCHEMA_VERSION
from schemas.records import FIRST_REPORT

if TYPE_CHECKING:
    from prefect import Flow
    from prefect.client.schemas.objects import State

    from flows.report.run_summary import Summary


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
    configured = _checked_sources(sources, archive, url)
    return _through_flow(
        "daily",
        _made(lake),
        configured,
        verbose,
        date=day,
        sources=list(sources) or None,
        archive=archive,
        url=url,
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
    if until and until < FIRST_REPORT:
        raise UsageError(f"--until {until}: the first bulletin is that of {FIRST_REPORT}")
    configured = _checked_sources(sources, archive, None)
    return _through_flow(
        "backfill",
        _made(lake),
        configured,
        verbose,
        # The flow takes report dates alone; a bound before the first of them is none.
        since=since and max(since, FIRST_REPORT),
        until=until,
        sources=list(sources) or None,
        archive=archive,
    )


def rebuild(lake: str | None, verbose: bool) -> int:
    """Run the rebuild flow and print its report."""
    opened = open_lake(lake or default_lake(), older=True)
    if opened.schema_version < SCHEMA_VERSION:
        was = f"The lake {opened.root} has tables of schema version {opened.schema_version}"
        click.echo(f"{was}; they are written anew as version {SCHEMA_VERSION}.", err=True)
    return _through_flow("rebuild", opened, load_sources(), verbose)


def _made(lake: str | None) -> Lake:
    return open_lake(lake or default_lake(), create=True)


def _checked_sources(
    names: Sequence[str], archive: str | None, url: str | None
) -> dict[str, SourceConfig]:
    """Return the configured sources.

    Raises UsageError at once for what would only come up after the flow engine has started.
    """
    configured = load_sources()
    choose(configured, names, archive=archive, url=url)
    if archive is not None:
        root = Path(archive)
        if not root.exists():
            raise UsageError(f"{archive}: there is no such folder")
        if next(paths(root), None) is None:
            kinds = " ".join(f"*{suffix}" for suffix in SUFFIXES)
            raise UsageError(f"{archive}: holds no documents ({kinds})")
    return configured


def _through_flow(
    name: str, lake: Lake, configured: Mapping[str, SourceConfig], verbose: bool, **parameters: Any
) -> int:
    """Run a flow, showing progress, and print its report; return the exit status.

    Raises what broke the run off.
    """
    # A plain kill would leave the embedded server behind; an orderly exit stops it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    environment.prepare(verbose=verbose)
    with shown(), handing_over(lake, configured) as handover:
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


def show(day: date | None, as_of: datetime | None, lake: str | None, as_json: bool) -> int:
    """Print one published day, the latest for None, as it stands or stood at a moment.

    Raises LakeError if it is not, or was not, on record.
    """
    from flows.report.lake_text import show_text
    from flows.report.show import show_day

    return _print(show_day(_opened(lake), day, as_of), show_text, as_json)


def status(lake: str | None, as_json: bool) -> int:
    """Print what the lake holds and how the last run ended; return the exit status."""
    from flows.report.lake_text import status_text
    from flows.report.status import status_report

    report = status_report(_opened(lake))
    _print(report, status_text, as_json)
    return int(report["exit_status"])


def check(
    since: date | None, until: date | None, against: str | None, lake: str | None, as_json: bool
) -> int:
    """Print what does not add up in the report dates, both inclusive; None is no bound.

    `against` names a file of totals to compare with instead. Returns the exit status.
    """
    if against is not None:
        from flows.report.compare import against_report
        from flows.report.compare_text import against_text

        report = against_report(_opened(lake), Path(against), since, until)
        return _print(report, against_text, as_json)
    from flows.report.check import check_report
    from flows.report.check_text import check_text

    report = check_report(_opened(lake), since, until)
    _print(report, check_text, as_json)
    exit_status: int = report["exit_status"]
    return exit_status


def _opened(lake: str | None) -> Lake:
    return open_lake(lake or default_lake())


def _print(report: dict[str, Any], as_text: Callable[[dict[str, Any]], str], as_json: bool) -> int:
    text = json.dumps(report, ensure_ascii=False, indent=2) if as_json else as_text(report)
    click.echo(visible(text.rstrip("\n")))
    return 0


def sources(name: str | None, day: date | None, lake: str | None, as_json: bool) -> int:
    """Print the configured sources, or what the named one has now for a report date."""
    if name is not None:
        from flows.report.source_probe import trial, trial_text

        report = trial(name, day)
        _print(report, trial_text, as_json)
        return int(report["exit_status"])
    if day is not None:
        raise UsageError("--date goes with --test NAME")
    from flows.report.source_list import sources_report, sources_text

    # Without a lake there is nothing to tell of their past; the sources are listed all the same.
    where = Path(default_lake()) if lake is None else None
    opened = None if where and not where.exists() else _opened(lake)
    return _print(sources_report(opened), sources_text, as_json)


def serve(sources: Sequence[str], lake: str | None) -> int:
    """Serve the daily flow on its schedule until interrupted."""
    choose(load_sources(), sources)
    environment.prepare(verbose=True)
    from flows.serve import serve as serve_daily

    serve_daily(sources, str(open_lake(lake or default_lake(), create=True).root))
    return 0
