"""What `tallybook sources` says: what is configured, and how each source did as the lake knows."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date

import msgspec

from flows.lake import parquet
from flows.lake.lake import Lake
from flows.lake.runs import NO_RUNS, LastRuns
from flows.redact import redacted
from flows.report.freshness import Freshness, lake_freshness
from flows.settings import SourceConfig
from flows.sources import KINDS
from schemas.codes import DocumentStatus, Outcome
from schemas.tables import BULLETINS
from schemas.typed import Moment


class ListedSource(msgspec.Struct, frozen=True):
    """A configured source, and how it did, null where the lake does not know.

    `where` is its address without secrets, or its path; `state` says whether it can be used.
    `last_outcome` and `last_run` (UTC) are of the last run that asked it, `last_success` (UTC) of
    the last that got something; `days_behind` is how far `latest_report_date` is behind the newest
    of all sources.
    """

    source: str
    kind: str
    language: str | None
    where: str | None
    state: str
    last_outcome: Outcome | None
    last_run: Moment | None
    last_success: Moment | None
    latest_report_date: date | None
    days_behind: int | None


class SourcesReport(msgspec.Struct, frozen=True):
    """All configured sources, the preferred one first, and how fresh the lake is (null: none)."""

    sources: tuple[ListedSource, ...]
    freshness: Freshness | None


def sources_report(
    sources: Mapping[str, SourceConfig], lake: Lake | None, today: date, stale_after_days: int
) -> SourcesReport:
    """Return the configured sources, and how they did as the lake knows (None: no lake).

    `today` is the date in Kyiv; a lake is stale if its newest day is more than so many days old.
    """
    runs = lake.last_runs() if lake else NO_RUNS
    latest = _latest(lake) if lake else {}
    newest = max(latest.values(), default=None)
    return SourcesReport(
        tuple(_listed(config, runs, latest.get(name), newest) for name, config in sources.items()),
        lake_freshness(lake, today, stale_after_days) if lake else None,
    )


def _listed(
    config: SourceConfig, runs: LastRuns, latest: date | None, newest: date | None
) -> ListedSource:
    asked, succeeded = runs.asked.get(config.name), runs.succeeded.get(config.name)
    return ListedSource(
        source=config.name,
        kind=config.kind,
        language=config.language,
        where=redacted(config.url) if config.url else config.path,
        state=_state(config),
        last_outcome=asked.outcome if asked else None,
        last_run=asked.finished_at if asked else None,
        last_success=succeeded.finished_at if succeeded else None,
        latest_report_date=latest,
        days_behind=(newest - latest).days if latest and newest else None,
    )


def _state(config: SourceConfig) -> str:
    kind = KINDS.get(config.kind)
    if kind is None:
        return f"unknown kind; known are {', '.join(KINDS)}"
    return kind.state(config) + (", only if named" if config.only_named else "")


def _latest(lake: Lake) -> dict[str, date]:
    """The latest report date of each source that has an accepted bulletin."""
    return {source: max(days) for source, days in printed_days(lake).items()}


def printed_days(lake: Lake) -> dict[str, set[date]]:
    """Return the report dates of each source that has an accepted bulletin."""
    printed: dict[str, set[date]] = defaultdict(set)
    for row in parquet.values(lake.storage, BULLETINS, ("source", "report_date", "status")):
        if row["report_date"] and row["status"] == DocumentStatus.ACCEPTED:
            printed[row["source"]].add(row["report_date"])
    return printed
