"""What a lake holds and how the last run ended: `tallybook status`."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from flows.lake.lake import Lake
from flows.report.check import days_between, quarantined
from schemas.codes import DeltaStatus, DocumentStatus
from schemas.fields import SCHEMA_VERSION

Report = dict[str, Any]
"""A JSON object."""

_LAST_RUN = ("run_id", "kind", "state", "exit_status", "started_at", "finished_at", "error")


def status_report(lake: Lake) -> Report:
    """Return what the lake holds and how the last run ended; `last_run` is null before the first.

    `pending` counts archived documents that an interrupted run has not published.
    """
    rows = lake.losses()
    recorded = sorted({row.report_date for row in rows})
    runs = lake.runs(limit=1)
    return {
        "lake": str(lake.root),
        "schema_version": SCHEMA_VERSION,
        "days": len(recorded),
        "first_date": recorded[0].isoformat() if recorded else None,
        "last_date": recorded[-1].isoformat() if recorded else None,
        "missing_days": len(days_between(recorded)),
        "rows": len(rows),
        "by_status": _counted(DeltaStatus, (row.delta_status for row in rows)),
        "documents": _counted(DocumentStatus, (row.status for row in lake.bulletins())),
        "pending": len(lake.archive.pending()),
        "quarantined": quarantined(lake),
        "last_run": {key: runs[0].get(key) for key in _LAST_RUN} if runs else None,
    }


def _counted(names: Iterable[str], found: Iterable[str]) -> dict[str, int]:
    counts = Counter(found)
    return {name: counts[name] for name in names}
