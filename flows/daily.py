"""The daily flow: one report date, from its sources to the published tables."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.orchestration.parameters import ReportDate
from flows.orchestration.runs import daily_name, perform, scheduled_date
from flows.report.run_summary import Summary


@flow(name="daily", flow_run_name=daily_name, persist_result=False)
def daily(
    date: ReportDate | None = None,
    sources: list[str] | None = None,
    lake: str | None = None,
    archive: str | None = None,
    url: str | None = None,
) -> State[Summary]:
    """Process the bulletin of one report date.

    Without a date it also takes up days that are missing since the last ones on record, up to the
    setting catch_up_days, and once a day it asks again for the last three.

    Args:
        date: The report date, from 2022-02-25 on. Default: the day, in Kyiv, that the run is
            scheduled for.
        sources: Names of configured sources to ask. Default: all that can be used.
        lake: The lake: a folder, file:// or s3:// address. Default: as configured, else data/lake.
        archive: A folder of documents to search, beside or instead of the configured sources.
        url: A page to read, beside or instead of them; "{date}" in it stands for the report date.
    """
    day = date or scheduled_date()
    return perform(
        "daily",
        lake,
        sources=sources,
        archive=archive,
        url=url,
        since=day,
        until=day,
        catching_up=date is None,
    )
