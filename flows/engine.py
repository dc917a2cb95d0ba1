"""What the flows share of Prefect: the network task, the job of a run, how a run ends."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows import pipeline
from flows.errors import EXIT_NOT_PUBLISHED, SourceError
from flows.fetch import Fetched, fetch
from flows.pipeline import Job
from flows.settings import SourceConfig, default_lake, load_sources
from flows.summary import Summary

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State, TaskRun
    from prefect.tasks import Task


def _worth_retrying(task: "Task[..., Any]", run: "TaskRun", state: "State[Any]") -> bool:
    return isinstance(state.data, SourceError) and state.data.worth_retrying


# Pages are not kept by Prefect: the archive is where a document belongs.
@task(name="fetch", cache_policy=NO_CACHE, retry_condition_fn=_worth_retrying)
def fetch_page(config: SourceConfig, url: str, dated: bool) -> Fetched:
    """Fetch one page; the one step that is tried again, for errors that may pass."""
    return fetch(config, url, dated=dated)


def fetch_with_retries(config: SourceConfig, url: str, *, dated: bool) -> Fetched:
    """Fetch one page as a task of the flow run, with the source's own list of delays."""
    delays = list(config.retry_delays)
    retrying = fetch_page.with_options(retries=len(delays), retry_delay_seconds=delays or 0)
    return retrying(config, url, dated)


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
    summary, broken = pipeline.run(job, fetch_with_retries)
    create_markdown_artifact(summary.markdown(), key=f"tallybook-{summary.kind}")
    if broken:
        raise broken
    if summary.exit_status == EXIT_NOT_PUBLISHED:
        return Completed(name="NotPublishedYet", message=summary.state, data=summary)
    if summary.exit_status:
        return Failed(message="the day failed: see the report", data=summary)
    return Completed(data=summary)
