"""Automations for what no run can report: one that is late, died, or never began.

They live on a Prefect server, which carries them out itself: it has to outlive the runs, and to
hold the addresses of who is told, as notification blocks.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.automations import Automation, EventTrigger, Posture, ResourceSpecification
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState, SendNotification
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.settings import PREFECT_API_URL

from flows.errors import TallybookError, UsageError
from flows.orchestration.server import check_configured
from flows.orchestration.states import NOT_BEGUN

PATIENCE = timedelta(minutes=30)
"""How long a run may be late: a worker that is restarted, or another run that has to end first."""

A_DAY = timedelta(hours=26)
"""In so long at least one daily run ends on a schedule of several a day, also as clocks change."""

WITHOUT_A_SIGN = timedelta(seconds=90)
"""A run that gives no sign of life for so long is dead: it gives one every 30 seconds, the least
that Prefect knows, and a busy machine may miss one."""

_RUN = ResourceSpecification({"prefect.resource.id": "prefect.flow-run.*"})
_RUN_ID = {"prefect.resource.id"}
_ABOUT = "The flow run: {{ flow_run | ui_url }}"


def end_the_dead() -> Automation:
    """Return the automation that ends a run whose process was killed: as Crashed.

    Without it the run is Running for ever, and the next one of its deployment waits for its end.
    """
    return Automation(
        name="Tallybook: a run without a sign of life has crashed",
        description="Made by `tallybook serve` and `tallybook alerts install`, which renew it.",
        trigger=EventTrigger(
            after={"prefect.flow-run.heartbeat"},
            expect={"prefect.flow-run.*"},  # another heartbeat, or whatever state it ends in
            match=_RUN,
            match_related=_tagged("tallybook"),
            for_each=_RUN_ID,
            posture=Posture.Proactive,
            within=WITHOUT_A_SIGN,
        ),
        actions=[
            ChangeFlowRunState(
                name=None,
                state=StateType.CRASHED,
                force=False,
                message=f"The process of the run gave no sign of life for {WITHOUT_A_SIGN.seconds} "
                "seconds: it was killed, or its machine stopped. The next run does what is left.",
            )
        ],
    )


def automations(blocks: Sequence[UUID]) -> list[Automation]:
    """Return those that tell, each the addressees of all these notification blocks."""
    crashed = EventTrigger(
        expect={"prefect.flow-run.Crashed", f"prefect.flow-run.{NOT_BEGUN}"},
        match=_RUN,
        match_related=_tagged("tallybook"),
    )
    late = EventTrigger(
        after={"prefect.flow-run.Late"},
        expect={
            f"prefect.flow-run.{state}"
            for state in ("Running", "Completed", "Failed", "Cancelled", "Crashed")
        },
        match=_RUN,
        match_related=_tagged("tallybook"),
        for_each=_RUN_ID,
        posture=Posture.Proactive,
        within=PATIENCE,
    )
    absent = EventTrigger(
        expect={
            f"prefect.flow-run.{state}" for state in ("Completed", "NotPublishedYet", "Failed")
        },
        match=_RUN,
        match_related=_tagged("tallybook", "daily"),
        posture=Posture.Proactive,
        within=A_DAY,
    )
    died = "The run {{ flow_run.name }} could not tell by itself how it ended: "
    return [
        _automation(
            "Tallybook: a run crashed or could not begin",
            crashed,
            blocks,
            died + "{{ flow_run.state.name }}: {{ flow_run.state.message }}\n" + _ABOUT,
        ),
        _automation(
            "Tallybook: a run is late",
            late,
            blocks,
            "The run {{ flow_run.name }} was due and has not begun for "
            f"{PATIENCE.seconds // 60} minutes: is a worker, or `tallybook serve`, up?\n{_ABOUT}",
        ),
        _automation(
            "Tallybook: no daily run has ended for a day",
            absent,
            blocks,
            f"No daily run has ended for {A_DAY // timedelta(hours=1)} hours: is its deployment "
            "there, its schedule active, and a worker, or `tallybook serve`, up?",
        ),
    ]


def install(to: Sequence[str]) -> dict[str, bool]:
    """Make the automations on the configured server, or make them as they should be.

    `to` are the addressees of the settings; those in blocks are told. Returns by the name of each
    automation whether it is new. Raises UsageError where there is no server of its own or no
    notification block (then `end_the_dead`, which needs none, is there all the same),
    TallybookError where the server does not answer.
    """
    if not PREFECT_API_URL.value():
        raise UsageError(
            "automations need a Prefect server that outlives the runs: start one (prefect server "
            "start) and name it in PREFECT_API_URL"
        )
    check_configured()
    with get_client(sync_client=True) as client:
        dead = end_the_dead()
        made = {dead.name: _put(client, dead)}
        blocks = [_notifying(client, name) for name in _blocks(to)]
        return made | {one.name: _put(client, one) for one in automations(blocks)}


def install_end_of_the_dead() -> None:
    """Make `end_the_dead` on the server that PREFECT_API_URL names, or make it as it should be.

    Raises TallybookError where that server takes none from us: it may not let us, or keep none.
    """
    try:
        with get_client(sync_client=True) as client:
            _put(client, end_the_dead())
    except PrefectHTTPStatusError as error:
        raise TallybookError(
            f"The Prefect server takes no automation (HTTP {error.response.status_code}): a run "
            "whose process is killed stays Running there until somebody ends it."
        ) from error


def _blocks(to: Sequence[str]) -> list[str]:
    """Return the names of the blocks among the addressees. Raises UsageError if there is none."""
    names = [one.removeprefix("block:") for one in to if one.startswith("block:")]
    if not names:
        raise UsageError(
            "the server tells by itself, and knows no variables of this environment: keep an "
            "address in one of its notification blocks and name it in [alerts], such as "
            'to = ["block:slack-webhook/ops"]'
        )
    return names


def _notifying(client: SyncPrefectClient, name: str) -> UUID:
    slug, _, own = name.partition("/")
    try:
        found = client.read_block_document_by_name(own, slug, include_secrets=False)
    except ObjectNotFound as error:
        raise UsageError(f"the Prefect server has no block {name}") from error
    schema = found.block_schema
    if schema is None or "notify" not in schema.capabilities:
        raise UsageError(f"the Prefect block {name} sends no notifications")
    return found.id


def _put(client: SyncPrefectClient, wanted: Automation) -> bool:
    """Make an automation, in the place of all of its name; return whether there was none."""
    known = client.read_automations_by_name(wanted.name)
    for one in known[1:]:
        client.delete_automation(one.id)
    automation: Any = wanted  # whose methods are no coroutines here
    automation.id = known[0].id if known else None
    if known:
        automation.update()
    else:
        automation.create()
    return not known


def _tagged(*tags: str) -> list[ResourceSpecification | dict[str, str | list[str]]]:
    return [
        ResourceSpecification(
            {"prefect.resource.role": "tag", "prefect.resource.id": f"prefect.tag.{tag}"}
        )
        for tag in tags
    ]


def _automation(name: str, trigger: EventTrigger, blocks: Sequence[UUID], body: str) -> Automation:
    return Automation(
        name=name,
        description="Made by `tallybook alerts install`, which renews it when it is called again.",
        trigger=trigger,
        actions=[
            SendNotification(block_document_id=one, subject=name, body=body) for one in blocks
        ],
    )
