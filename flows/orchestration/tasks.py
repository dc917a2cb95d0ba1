"""What the flows share of Prefect: the network task, the job of a run, how a run ends."""

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.blocks.system import Secret
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows import pipeline, settings
from flows.errors import EXIT_NOT_PUBLISHED, UsageError
from flows.extract.prefilter import may_hold_bulletin
from flows.fetch.fetcher import Fetched, Fetcher
from flows.lake.lake import open_lake
from flows.pipeline import Job
from flows.report.run_summary import Summary
from flows.settings import SourceConfig, default_lake, load_sources

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State


# Pages are not kept by Prefect: the archive is where a document belongs. Trying again is the
# fetcher's: it knows how long a server asks to be left alone.
@task(name="fetch", cache_policy=NO_CACHE)
def fetch_page(
    fetch: Fetcher, config: SourceConfig, url: str, *, dated: bool = False, final: bool = False
) -> Fetched:
    """Fetch one page: the one step of a run that needs the network."""
    return fetch(config, url, dated=dated, final=final)


def secret(reference: str) -> str:
    """Return a source's token, from the environment or from a Prefect Secret block.

    Raises UsageError where it is not there.
    """
    kind, _, name = reference.partition(":")
    if kind != "block":
        return settings.secret(reference)
    try:
        block: Any = Secret.load(name)  # without a coroutine: flows are ordinary functions here
        return str(block.get())
    except ValueError as error:
        raise UsageError(f"there is no Prefect Secret block {name}: a source's token") from error


def job(kind: str, lake: str | None) -> Job:
    """Return the job of the current flow run on a lake (None: the default), without sources."""
    return Job(
        kind=kind,
        run_id=str(flow_run.id),
        lake=lake or default_lake(),
        now=datetime.now(UTC),
        order=tuple(load_sources()),
    )


def perform(job: Job) -> "State[Summary]":
    """Do the job, write its report as a Markdown artifact, return the state the flow ends in.

    Raises what broke the run off, after its summary and artifact are written.
    """
    archive = open_lake(job.lake, create=True).archive
    with Fetcher(archive, may_hold_bulletin=may_hold_bulletin, secret=secret) as fetcher:
        summary, broken = pipeline.run(job, partial(fetch_page, fetcher))
    create_markdown_artifact(summary.markdown(), key=f"tallybook-{summary.kind}")
    if broken:
        raise broken
    if summary.exit_status == EXIT_NOT_PUBLISHED:
        return Completed(name="NotPublishedYet", message=summary.state, data=summary)
    if summary.exit_status:
        return Failed(message="the day failed: see the report", data=summary)
    return Completed(data=summary)
