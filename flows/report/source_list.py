"""What `tallybook sources` says: what is configured, and how each source did as the lake knows."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from flows.lake import parquet
from flows.lake.lake import Lake
from flows.lake.runs import NO_RUNS, LastRuns
from flows.redact import redacted
from flows.settings import SourceConfig, load_sources
from flows.sources import KINDS
from schemas.codes import DocumentStatus, Outcome
from schemas.tables import BULLETINS


def sources_report(lake: Lake | None) -> dict[str, Any]:
    """Return {"sources": [...]}, the preferred first, for people and as JSON.

    Each has `source kind language where state`, and by the lake, null where it does not know:
    `last_outcome` (a code) and `last_run` (UTC) of the last run that asked it, `last_success`
    (UTC), `latest_report_date`, and `days_behind` the newest report date of all sources.
    """
    runs = lake.last_runs() if lake else NO_RUNS
    latest = _latest(lake) if lake else {}
    newest = max(latest.values(), default=None)
    return {
        "sources": [
            _described(config) | _history(name, runs) | _freshness(latest.get(name), newest)
            for name, config in load_sources().items()
        ]
    }


def _described(config: SourceConfig) -> dict[str, Any]:
    return {
        "source": config.name,
        "kind": config.kind,
        "language": config.language,
        "where": redacted(config.url) if config.url else config.path,
        "state": _state(config),
    }


def _state(config: SourceConfig) -> str:
    kind = KINDS.get(config.kind)
    if kind is None:
        return f"unknown kind; known are {', '.join(KINDS)}"
    return kind.state(config) + (", only if named" if config.only_named else "")


def _history(name: str, runs: LastRuns) -> dict[str, Any]:
    asked, succeeded = runs.asked.get(name), runs.succeeded.get(name)
    return {
        "last_outcome": asked.outcome if asked else None,
        "last_run": asked.finished_at if asked else None,
        "last_success": succeeded.finished_at if succeeded else None,
    }


def _latest(lake: Lake) -> dict[str, date]:
    """The latest report date of each source that has an accepted bulletin."""
    latest: dict[str, date] = {}
    for row in parquet.values(lake.root, BULLETINS, ("source", "report_date", "status")):
        if row["report_date"] and row["status"] == DocumentStatus.ACCEPTED:
            source = row["source"]
            latest[source] = max(latest.get(source, date.min), row["report_date"])
    return latest


def _freshness(latest: date | None, newest: date | None) -> dict[str, Any]:
    return {
        "latest_report_date": latest.isoformat() if latest else None,
        "days_behind": (newest - latest).days if latest and newest else None,
    }


def sources_text(report: Mapping[str, Any]) -> str:
    """Return the report as two lines a source, the second where the lake knows of it."""
    return "\n".join(line for source in report["sources"] for line in _lines(source))


def _lines(source: Mapping[str, Any]) -> Iterable[str]:
    name, kind, language = source["source"], source["kind"], source["language"] or "-"
    yield f"{name:<12}  {kind:<11}  {language:<3}  {source['where'] or '-'}  ({source['state']})"
    if source["last_run"]:
        success, outcome = source["last_success"] or "never", source["last_outcome"]
        last = Outcome(outcome).words
        yield f"{'':<12}  {_fresh(source)}; last success: {success}; last: {last}"


def _fresh(source: Mapping[str, Any]) -> str:
    latest, behind = source["latest_report_date"], source["days_behind"]
    if latest is None:
        return "no bulletin yet"
    return f"latest bulletin {latest}" + (f", {behind} days behind the newest" if behind else "")
