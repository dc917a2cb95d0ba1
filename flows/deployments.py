"""What a Prefect server is to run, and when: `serve` and `prefect.yaml` declare the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from prefect import Flow
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from flows.audit import audit
from flows.backfill import backfill
from flows.daily import daily
from flows.orchestration.runs import TAG
from flows.rebuild import rebuild

NAME = "tallybook"
TIME_ZONE = "Europe/Kyiv"


@dataclass(frozen=True, slots=True)
class Deployed:
    """A flow that is deployed: on its schedule in Kyiv, or only when somebody asks for it."""

    flow: Flow[..., Any]
    description: str
    cron: str | None = None


DEPLOYED = (
    # The bulletin comes out from 06:00 to 10:00, articles follow, and some days it is late.
    Deployed(daily, "The bulletin of the day, tried several times a day.", "0 6-12,15,18,21 * * *"),
    Deployed(backfill, "Many days at once, such as those that a machine missed."),
    Deployed(rebuild, "All tables anew from the archived documents, offline."),
    # When the bulletin of Sunday is in.
    Deployed(audit, "Whether the lake is whole, explained and fresh.", "30 13 * * 0"),
)


def deployments(sources: Sequence[str], lake: str) -> list[RunnerDeployment]:
    """Return all deployments for a lake; `sources` are those that the daily run asks, or none."""
    return [_deployment(one, sources, lake) for one in DEPLOYED]


def _deployment(one: Deployed, sources: Sequence[str], lake: str) -> RunnerDeployment:
    parameters: dict[str, Any] = {"lake": lake}
    if one.flow is daily:
        parameters["sources"] = list(sources) or None
    made = one.flow.to_deployment(
        name=NAME,
        schedule=Cron(one.cron, timezone=TIME_ZONE) if one.cron else None,
        parameters=parameters,
        description=one.description,
        tags=[TAG, one.flow.name],
        concurrency_limit=1,
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    assert isinstance(made, RunnerDeployment)
    return made
