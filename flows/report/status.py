"""What a lake holds and how the last run ended: `tallybook status`."""

from datetime import date

import msgspec

from flows.errors import EXIT_FAILED
from flows.lake import parquet
from flows.lake.lake import Lake
from flows.lake.odd_files import OddFile, odd_files
from flows.lake.runs import LastRun
from flows.report.check import HeldDocument, days_between, quarantined
from flows.report.freshness import Freshness, freshness
from schemas.codes import DeltaStatus, DocumentStatus, Reason
from schemas.fields import SCHEMA_VERSION
from schemas.tables import BULLETINS, LOSSES


class StatusReport(msgspec.Struct, frozen=True):
    """What a lake holds and how the last run ended.

    `days`, `first_date`, `last_date` are the report dates on record and `missing_days` those
    between that are not; `rows` counts the rows of `losses`, `by_status` by their delta_status,
    `documents` the bulletins by status. `pending` counts archived documents that an interrupted run
    has not published. `exit_status` is 1 where Tallybook makes a mistake on a document that is in
    quarantine (`reader_error`), else 0. `last_run` is null before the first. `strays` are
    files in the folders of the tables that were not made here, and are passed over; `odd_files`
    those beside them that are damaged, or were not made here. `freshness` tells how old the newest
    day is.
    """

    lake: str
    exit_status: int
    schema_version: int
    days: int
    first_date: date | None
    last_date: date | None
    missing_days: int
    rows: int
    by_status: dict[DeltaStatus, int]
    documents: dict[DocumentStatus, int]
    pending: int
    quarantined: tuple[HeldDocument, ...]
    last_run: LastRun | None
    strays: tuple[str, ...]
    odd_files: tuple[OddFile, ...]
    freshness: Freshness


def status_report(lake: Lake, today: date, stale_after_days: int) -> StatusReport:
    """Return what the lake holds and how the last run ended. Raises LakeError.

    `today` is the date in Kyiv; a lake is stale if its newest day is more than so many days old.
    """
    by_date, by_status = parquet.counts(lake.storage, LOSSES, ("report_date", "delta_status"))
    (documents,) = parquet.counts(lake.storage, BULLETINS, ("status",))
    recorded = sorted(by_date)
    held = quarantined(lake)
    mistaken = any(document.reason_code == Reason.READER_ERROR for document in held)
    return StatusReport(
        lake=str(lake.storage),
        exit_status=EXIT_FAILED if mistaken else 0,
        schema_version=SCHEMA_VERSION,
        days=len(recorded),
        first_date=recorded[0] if recorded else None,
        last_date=recorded[-1] if recorded else None,
        missing_days=len(days_between(recorded)),
        rows=by_date.total(),
        by_status={status: by_status[status] for status in DeltaStatus},
        documents={status: documents[status] for status in DocumentStatus},
        pending=len(lake.archive.pending()),
        quarantined=tuple(held),
        last_run=lake.last_runs().last,
        strays=tuple(parquet.strays(lake.storage)),
        odd_files=tuple(odd_files(lake.storage)),
        freshness=freshness(recorded, today, stale_after_days),
    )
