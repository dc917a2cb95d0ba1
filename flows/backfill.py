"""The backfill flow: many report dates in one run, one validation and one write for all."""

import datetime as dt

from prefect import flow
from prefect.client.schemas.objects import State

from flows.orchestration.tasks import job, perform
from flows.report.run_summary import Summary


@flow(name="backfill")
def backfill(
    since: dt.date | None = None,
    until: dt.date | None = None,
    sources: list[str] | None = None,
    archive: str | None = None,
    lake: str | None = None,
) -> State[Summary]:
    """Process the bulletins of the report dates from `since` to `until`, both inclusive.

    None is no bound. `sources`, `archive` and `lake` are as in the daily flow.
    """
    work = job("backfill", lake)
    return perform(work.searching(sources, archive, None, since=since, until=until))
