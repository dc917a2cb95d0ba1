"""The audit flow: whether the lake is whole, explained and fresh, looked at once a week."""

import logging
from datetime import UTC, datetime, timedelta

from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows.errors import TallybookError
from flows.lake import alerts, runs
from flows.lake.lake import Lake, open_lake
from flows.orchestration.alerts import tell_of_audit
from flows.orchestration.logs import run_log
from flows.orchestration.runs import tag_run
from flows.orchestration.states import not_begun
from flows.report.audit_report import AuditReport, audit_report, audit_sentence, audit_text
from flows.report.run_markdown import code_block
from flows.settings import kyiv_date, load_settings

_log = logging.getLogger(__name__)


@flow(name="audit", flow_run_name="audit", persist_result=False)
def audit(lake: str | None = None, whole: bool = False) -> State[AuditReport]:
    """Verify the lake, check it and how fresh it is, and remove old summaries and alerts.

    Args:
        lake: The lake: a folder, file:// or s3:// address. Default: as configured, else data/lake.
        whole: Read every archived document again, not only some.
    """
    with run_log():
        tag_run("audit")
        try:
            settings, now = load_settings(lake=lake), datetime.now(UTC)
            opened = open_lake(settings.lake)
            report = audit_report(opened, settings, kyiv_date(now), whole=whole)
            swept = _swept(opened, now, settings.keep_runs_days)
        except TallybookError as error:
            return not_begun(error)
        sentence = audit_sentence(report, swept)
        _log.info(sentence)
        create_markdown_artifact(
            code_block(audit_text(report)), key="tallybook-audit", description="The weekly audit"
        )
        if report.exit_status:
            tell_of_audit(opened, sentence, settings.alerts, run_id=str(flow_run.id), now=now)
            return Failed(message=sentence)
        return Completed(message=sentence, data=report)


def _swept(lake: Lake, now: datetime, keep_days: int) -> int:
    """Remove summaries and alerts of more than so many days ago, 0 for none; return how many.

    Nothing of the archive is ever removed.
    """
    if not keep_days:
        return 0
    before = now - timedelta(days=keep_days)
    return runs.sweep(lake.storage, before) + alerts.sweep(lake.storage, kyiv_date(before))
