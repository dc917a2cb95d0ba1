"""What a lake holds and how the last run ended: `tallybook status`."""

from typing import Any

from flows.errors import EXIT_FAILED
from flows.lake import parquet
from flows.lake.lake import Lake
from flows.report.check import days_between, quarantined
from schemas.codes import DeltaStatus, DocumentStatus, Reason
from schemas.fields import SCHEMA_VERSION
from schemas.tables import BULLETINS, LOSSES

Report = dict[str, Any]
"""A JSON object."""


def status_report(lake: Lake) -> Report:
    """Return what the lake holds and how the last run ended; `last_run` is null before the first.

    `pending` counts archived documents that an interrupted run has not published. `exit_status` is
    1 where Tallybook makes a mistake on a document that is in quarantine (`reader_error`), else 0.
    """
    by_date, by_status = parquet.counts(lake.root, LOSSES, ("report_date", "delta_status"))
    (documents,) = parquet.counts(lake.root, BULLETINS, ("status",))
    recorded = sorted(by_date)
    held = quarantined(lake)
    mistaken = any(document["reason_code"] == Reason.READER_ERROR for document in held)
    return {
        "lake": str(lake.root),
        "exit_status": EXIT_FAILED if mistaken else 0,
        "schema_version": SCHEMA_VERSION,
        "days": len(recorded),
        "first_date": recorded[0].isoformat() if recorded else None,
        "last_date": recorded[-1].isoformat() if recorded else None,
        "missing_days": len(days_between(recorded)),
        "rows": by_date.total(),
        "by_status": {status: by_status[status] for status in DeltaStatus},
        "documents": {status: documents[status] for status in DocumentStatus},
        "pending": len(lake.archive.pending()),
        "quarantined": held,
        "last_run": lake.last_runs().last,
    }
