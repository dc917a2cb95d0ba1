"""How a flow run goes: its name, its tags, its job, the pipeline as tasks, the state it ends in."""

from collections.abc import Sequence
from contextlib import ExitStack
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from prefect.blocks.system import Secret
from prefect.client.orchestration import get_client
from prefect.runtime import flow_run

from flows import pipeline, settings
from flows.errors import TallybookError, UsageError
from flows.extract.prefilter import may_hold_bulletin
from flows.fetch.fetcher import Fetcher
from flows.job import Job
from flows.lake.lake import open_lake
from flows.lake.recorded import CatchUp, catch_up, latest_dates
from flows.orchestration import states
from flows.orchestration.alerts import telling
from flows.orchestration.handover import Handover, handed_over
from flows.orchestration.logs import run_log
from flows.orchestration.workers import reading_workers
from flows.report.run_sentences import run_name
from flows.report.run_summary import Summary
from flows.report.site.build import renew
from flows.settings import KYIV, kyiv_date
from flows.sources import choose

if TYPE_CHECKING:
    from prefect.client.schemas.objects import State

TAG = "tallybook"
"""What every flow run of this project is tagged with, beside its kind."""


def scheduled_date() -> date:
    """Return the day in Kyiv that the current flow run is scheduled for.

    A run that starts late, after midnight, is still about the day that it was meant for.
    """
    return kyiv_date(flow_run.scheduled_start_time)


def daily_name() -> str:
    """Return the name of the current daily run, such as "daily 2023-10-09"."""
    day = flow_run.parameters.get("date") or scheduled_date()
    return run_name("daily", day, day)


def backfill_name() -> str:
    """Return the name of the current backfill, such as "backfill 2022-02-25..2023-01-01"."""
    return run_name("backfill", flow_run.parameters.get("since"), flow_run.parameters.get("until"))


def perform(
    kind: str,
    lake: str | None,
    *,
    sources: Sequence[str] | None = None,
    archive: str | None = None,
    url: str | None = None,
    since: date | None = None,
    until: date | None = None,
    catching_up: bool = False,
    workers: int | None = None,
    dask: str | None = None,
) -> "State[Summary]":
    """Do what the current flow run was asked for; return the state that it ends in.

    The parameters are those of the flows; a rebuild asks no source. `catching_up`: a daily run asks
    for the days before that are missing, too. Raises a programming error.
    """
    with run_log(), ExitStack() as while_it_runs:
        tag_run(kind)
        try:
            run = handed_over() or _opened(kind, lake)
            configured = run.settings.sources
            chosen = choose(configured, sources, archive=archive, url=run.url or url)
            awaited = until if kind == "daily" else None
            behind, due = None, run.settings.publish_by
            if awaited and catching_up:
                asked = _asked_for(run, awaited)
                since, behind = asked.since, asked.behind
            spread = while_it_runs.enter_context(reading_workers(workers, dask))
        except TallybookError as error:
            return states.not_begun(error)
        try:
            job = Job(
                kind=kind,
                run_id=str(flow_run.id),
                now=datetime.now(UTC),
                order=tuple(configured),
                sources=() if kind == "rebuild" else chosen,
                since=since,
                until=until,
                awaited=awaited,
                deadline=datetime.combine(awaited, due, KYIV) if awaited else None,
                behind=behind,
                stale_after_days=run.settings.stale_after_days,
            )
            with Fetcher(
                run.lake.archive,
                may_hold_bulletin=may_hold_bulletin,
                contact=run.settings.contact,
                secret=secret,
            ) as fetch:
                stages = telling(run.settings.alerts)
                run.summary = pipeline.run(job, run.lake, fetch, stages, spread)
            if run.settings.report:
                renew(run.lake, configured)
            return states.ended(run.summary)
        except TallybookError as error:
            return states.broken_off(error)


def _asked_for(run: Handover, day: date) -> CatchUp:
    """What a daily run without a date asks for; it looks back if it is the first of its day."""
    last = run.lake.last_runs().last
    first_of_day = last is None or kyiv_date(last.started_at) < day
    recorded = latest_dates(run.lake)
    return catch_up(recorded, day, run.settings.catch_up_days, look_back=first_of_day)


def _opened(kind: str, lake: str | None) -> Handover:
    given = settings.load_settings(lake=lake)
    return Handover(open_lake(given.lake, create=True, older=kind == "rebuild"), given)


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


def tag_run(kind: str) -> None:
    """Tag the current flow run: a deployment's runs have its tags, one from a command none."""
    wanted = {TAG, kind, *flow_run.tags}
    if wanted != set(flow_run.tags):
        with get_client(sync_client=True) as client:
            client.update_flow_run(flow_run.id, tags=sorted(wanted))
