"""Tells people what a run found, once its summary is written: events of Prefect, and messages.

Nothing here fails a run: what cannot be sent is logged, and kept for the next run to send.
"""

import logging
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta

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
from flows.redact import plain, redacted
from flows.report.alerts import alerts, may_be_silent, message
from flows.report.run_summary import Summary
from flows.settings import AlertSettings, kyiv_date
from schemas.codes import AlertCause

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
        _tell(lake, found, settings.to, run_id=summary.run_id, now=summary.finished_at)
    except Exception:
        _log.exception("telling people of this run failed; please report it")


def tell_of_audit(
    lake: Lake, sentence: str, settings: AlertSettings, *, run_id: str, now: datetime
) -> None:
    """Tell as `tell` does that the audit of the lake as a whole failed. Raises nothing."""
    try:
        found = [Alert(AlertCause.AUDIT_FAILED, kyiv_date(now), (plain(sentence),))]
        _tell(lake, found, settings.to, run_id=run_id, now=now)
    except Exception:
        _log.exception("telling people of this audit failed; please report it")


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


def _kept(lake: Lake, found: Sequence[Alert], now: datetime) -> dict[Key, KeptAlert]:
    """Return what is kept of these and of the last days; nothing where the lake cannot be read."""
    since = kyiv_date(now) - timedelta(days=_DAYS_TRIED)
    try:
        return kept_alerts.kept(lake.storage, [alert.key for alert in found], since)
    except (LakeError, OSError):
        return {}


def _tell(
    lake: Lake, found: Sequence[Alert], addressees: Sequence[str], *, run_id: str, now: datetime
) -> None:
    """Emit what is new of what was found, send it and what is left over, and keep what became."""
    if not found and not any(one.unsent for one in _kept(lake, [], now).values()):
        return  # nor does a lock have to be held, which takes requests in object storage
    with ExitStack() as stack:
        try:
            stack.enter_context(kept_alerts.locked(lake.storage))
        except LakeError as error:  # a lake that nobody can write is what people have to know
            _log.error("alerts are sent and cannot be remembered: %s", error)
        before = _kept(lake, found, now)
        kept = _with(before, found, str(lake.storage), run_id=run_id, now=now)
        decided, run_url = {alert.key for alert in found}, url_for("flow-run", obj_id=run_id)
        for to in addressees:
            due = [
                one
                for key, one in kept.items()
                if to not in one.sent and (key in decided or to in one.unsent)
            ]
            if due:
                told = message([one.alert for one in due], str(lake.storage), run_url)
                kept |= _sent(due, to, told, now)
        changed = [one for key, one in kept.items() if one != before.get(key)]
        try:
            kept_alerts.write(lake.storage, changed)
        except LakeError as error:
            _log.error("alerts were sent and cannot be remembered: %s", error)


def _with(
    before: Mapping[Key, KeptAlert],
    found: Sequence[Alert],
    lake: str,
    *,
    run_id: str,
    now: datetime,
) -> dict[Key, KeptAlert]:
    """Return what is kept with what was found; what is new is emitted as an event."""
    kept = dict(before)
    for alert in found:
        if alert.key not in kept:
            _emit(alert, lake)
            kept[alert.key] = KeptAlert(alert, run_id, now)
        elif not kept[alert.key].sent:  # nobody has read it: it is told as it is now
            kept[alert.key] = replace(kept[alert.key], alert=alert)
    return kept


def _sent(
    due: Sequence[KeptAlert], to: str, told: tuple[str, str], now: datetime
) -> dict[Key, KeptAlert]:
    """Send a message, its title and its text; return the alerts in it with what became of it."""
    problem = deliver(to, *told)
    if problem:
        _log.error("alert not sent to %s: %s; the next run tries again", to, problem)
    else:
        _log.info("alert sent to %s: %s", to, told[0])
    noted = {}
    for one in due:
        others = {name: why for name, why in one.unsent.items() if name != to}
        sent = one.sent if problem else {**one.sent, to: now}
        unsent = {**others, to: problem} if problem else others
        noted[one.alert.key] = replace(one, sent=sent, unsent=unsent)
    return noted


def _emit(alert: Alert, lake: str) -> None:
    """Emit an alert as an event such as `tallybook.mismatch`; Prefect adds the flow run."""
    emit_event(
        f"tallybook.{alert.cause}",
        resource={
            "prefect.resource.id": f"tallybook.day.{alert.report_date}",
            "prefect.resource.name": str(alert.report_date),
            "tallybook.lake": redacted(lake),
        },
        payload=to_builtins(alert),
    )
