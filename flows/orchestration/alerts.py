"""Tells people what a run found, once its summary is written: events of Prefect, and messages.

Nothing here fails a run: what cannot be sent is logged, and kept for the next run to send.
"""

import logging
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import timedelta

from msgspec import to_builtins
from msgspec.structs import replace
from prefect.events import emit_event
from prefect.utilities.urls import url_for

from flows.errors import LakeError, RuleNotEvaluated
from flows.lake import alerts as kept_alerts
from flows.lake.alerts import Alert, KeptAlert, Key
from flows.lake.lake import Lake
from flows.lake.runs import NO_RUNS, LastRuns, Record
from flows.orchestration.notify import deliver
from flows.orchestration.tasks import TaskStages
from flows.redact import redacted
from flows.report.alerts import alerts, may_be_silent, message
from flows.report.run_summary import Summary
from flows.settings import AlertSettings, kyiv_date

_DAYS_TRIED = 7
"""What could not be sent is tried again by the runs of so many days; then it is no news."""

_RUNS_A_DAY = 16
"""At most so many daily runs of a day are read to tell whether a source is silent."""

_log = logging.getLogger(__name__)


def telling(settings: AlertSettings) -> type[TaskStages]:
    """Return the stages of a run as tasks, its last one telling people what there is to tell."""

    class Telling(TaskStages):
        """The stages of a run as tasks, the report followed by the alerts."""

        @staticmethod
        def report(lake: Lake, summary: Summary) -> str:
            """Write the summary, then tell; a run that is interrupted tells nothing."""
            error = sys.exception()
            try:
                return TaskStages.report(lake, summary)
            finally:
                if isinstance(error, Exception | None):
                    audit_broken = isinstance(error, RuleNotEvaluated)
                    tell(lake, summary, settings, audit_broken=audit_broken)

    return Telling


def tell(lake: Lake, summary: Summary, settings: AlertSettings, *, audit_broken: bool) -> None:
    """Emit what a run found as events and send it to whom the settings name. Raises nothing."""
    try:
        known, earlier = _last_runs(lake, summary, settings)
        found = alerts(
            summary,
            known,
            earlier,
            silent_after_days=settings.silent_after_days,
            audit_broken=audit_broken,
        )
        with ExitStack() as stack:
            try:
                stack.enter_context(kept_alerts.locked(lake.storage))
            except LakeError as error:  # a lake that nobody can write is what people have to know
                _log.error("alerts are sent and cannot be remembered: %s", error)
            _tell(lake, summary, settings.to, found)
    except Exception:
        _log.exception("telling people of this run failed; please report it")


def _last_runs(
    lake: Lake, summary: Summary, settings: AlertSettings
) -> tuple[LastRuns, list[Record]]:
    """Return what tells whether a source is silent; nothing where the lake cannot be read."""
    try:
        known = lake.last_runs()
        if may_be_silent(summary, known, settings.silent_after_days):
            return known, lake.runs(_RUNS_A_DAY * (settings.silent_after_days + 1))
        return known, []
    except (LakeError, OSError):
        return NO_RUNS, []


def _tell(lake: Lake, summary: Summary, addressees: Sequence[str], found: list[Alert]) -> None:
    now, decided = summary.finished_at, {alert.key for alert in found}
    since = kyiv_date(now) - timedelta(days=_DAYS_TRIED)
    before: dict[Key, KeptAlert] = {}
    with suppress(LakeError, OSError):
        before = kept_alerts.kept(lake.storage, decided, since)
    kept = dict(before)
    for alert in found:
        if alert.key not in kept:
            _emit(alert, summary)
            kept[alert.key] = KeptAlert(alert, summary.run_id, now)
        elif not kept[alert.key].sent:  # nobody has read it: it is told as it is now
            kept[alert.key] = replace(kept[alert.key], alert=alert)
    run_url = url_for("flow-run", obj_id=summary.run_id)
    for to in addressees:
        due = [
            one
            for key, one in kept.items()
            if to not in one.sent and (key in decided or to in one.unsent)
        ]
        if not due:
            continue
        title, body = message([one.alert for one in due], summary.lake, run_url)
        problem = deliver(to, title, body)
        if problem:
            _log.error("alert not sent to %s: %s; the next run tries again", to, problem)
        else:
            _log.info("alert sent to %s: %s", to, title)
        for one in due:
            others = {name: why for name, why in one.unsent.items() if name != to}
            sent = one.sent if problem else {**one.sent, to: now}
            unsent = {**others, to: problem} if problem else others
            kept[one.alert.key] = replace(one, sent=sent, unsent=unsent)
    try:
        kept_alerts.write(
            lake.storage, [one for key, one in kept.items() if one != before.get(key)]
        )
    except LakeError as error:
        _log.error("the alerts were sent and cannot be kept: %s", error)


def _emit(alert: Alert, summary: Summary) -> None:
    """Emit an alert as an event such as `tallybook.mismatch`; Prefect adds the flow run."""
    emit_event(
        f"tallybook.{alert.cause}",
        resource={
            "prefect.resource.id": f"tallybook.day.{alert.report_date}",
            "prefect.resource.name": str(alert.report_date),
            "tallybook.lake": redacted(summary.lake),
        },
        payload=to_builtins(alert),
    )
