"""The rebuild flow: all published tables anew from the archive, offline."""

from prefect import flow
from prefect.client.schemas.objects import State

from flows.orchestration.parameters import Workers
from flows.orchestration.runs import perform
from flows.report.run_summary import Summary


@flow(name="rebuild", flow_run_name="rebuild", persist_result=False)
def rebuild(
    lake: str | None = None, workers: Workers | None = None, dask: str | None = None
) -> State[Summary]:
    """Read every archived document again and write all tables anew.

    Args:
        lake: The lake: a folder, file:// or s3:// address. Default: as configured, else data/lake.
        workers: So many processes beside this one read the documents. Default: none.
        dask: The address of a Dask scheduler whose workers read them instead.
    """
    return perform("rebuild", lake, workers=workers, dask=dask)
