"""The daily flow: one report date, from its sources to the published tables."""

import datetime as dt

from prefect import flow
from prefect.client.schemas.objects import State

from flows.orchestration.tasks import job, perform
from flows.report.run_summary import Summary
from flows.settings import kyiv_date


@flow(name="daily")
def daily(
    date: dt.date | None = None,
    sources: list[str] | None = None,
    lake: str | None = None,
    archive: str | None = None,
    url: str | None = None,
) -> State[Summary]:
    """Process the bulletin of one report date.

    `date` is the report date (default: today in Kyiv), `sources` names configured sources (default:
    all that can be used), `lake` a folder or file:// URI. `archive` and `url` stand for a folder
    and a page beside or instead of the configured sources.
    """
    work = job("daily", lake)
    day = date or kyiv_date(work.now)
    return perform(work.searching(sources, archive, url, since=day, until=day))
