"""The backfill flow: many report dates in one run, one validation and one write for all."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.orchestration.parameters import ReportDate, Workers
from flows.orchestration.runs import backfill_name, perform
from flows.report.run_summary import Summary


@flow(name="backfill", flow_run_name=backfill_name, persist_result=False)
def backfill(
    since: ReportDate | None = None,
    until: ReportDate | None = None,
    sources: list[str] | None = None,
    archive: str | None = None,
    lake: str | None = None,
    workers: Workers | None = None,
    dask: str | None = None,
) -> State[Summary]:
    """Process the bulletins of a range of report dates.

    Args:
        since: The first report date, from 2022-02-25 on. Default: no bound.
        until: The last report date, inclusive. Default: no bound.
        sources: Names of configured sources to ask. Default: all that can be used.
        archive: A folder of documents to search, beside or instead of the configured sources.
        lake: The lake: a folder, file:// or s3:// address. Default: as configured, else data/lake.
        workers: So many processes beside this one read the documents. Default: none.
        dask: The address of a Dask scheduler whose workers read them instead.
    """
    return perform(
        "backfill",
        lake,
        sources=sources,
        archive=archive,
        since=since,
        until=until,
        workers=workers,
        dask=dask,
    )
