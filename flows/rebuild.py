"""The rebuild flow: all published tables anew from the archive, offline."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.orchestration.tasks import job, perform
from flows.report.run_summary import Summary


@flow(name="rebuild")
def rebuild(lake: str | None = None) -> State[Summary]:
    """Read every archived document again and write all tables anew; `lake` is as in the others."""
    return perform(job("rebuild", lake))
