"""What a run says as it goes, a sentence a stage: for its log, and the states of its tasks.

`phrases` has the report at its end; here is what came out of each stage, mostly in counts.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from flows.errors import EXIT_NOT_PUBLISHED
from flows.redact import plain
from flows.report.phrases import ahead_words, counted, late_words
from flows.report.run_summary import SourceOutcome, Summary
from schemas.codes import DeltaStatus, Outcome, Severity

if TYPE_CHECKING:
    from flows.publish.publish import Publication
    from flows.reconcile.decide import Decision
    from flows.settings import SourceConfig
    from flows.validate.audit import Audit
    from schemas.records import Reading, Verdict
    from schemas.tables import LossRow


def run_name(kind: str, since: date | None, until: date | None) -> str:
    """Return the kind of a run and the report dates asked for, as far as they are bounded."""
    if since is None and until is None:
        return kind
    return f"{kind} {since}" if since == until else f"{kind} {since or ''}..{until or ''}"


def begun(name: str, sources: Sequence["SourceConfig"], lake: str) -> str:
    """Say what a run is to do, and where its lake is."""
    asked = ", ".join(source.name for source in sources)
    return f"{name}: from {asked or 'the archive alone'} into the lake {lake}"


def collected(source: SourceOutcome) -> str:
    """Say how a source did."""
    parts = [] if source.outcome is Outcome.OK else [source.outcome.words]
    if source.documents or source.outcome is Outcome.OK:
        parts.append(counted(source.documents, "document"))
    detail = f": {plain(source.detail)}" if source.detail else ""
    return f"{source.source}: {', '.join(parts)}{detail}"


def read(readings: Sequence["Reading"]) -> str:
    """Say what documents print: all of a run, or those of a batch."""
    refused = sum(not reading.bulletin.accepted for reading in readings)
    documents = counted(len({reading.key for reading in readings}), "document")
    bulletins = counted(len(readings) - refused, "bulletin")
    return f"read: {documents}, {bulletins}" + _also(refused, "refused")


def reading(read: "Reading") -> str:
    """Say what one bulletin in a document is."""
    bulletin, document = read.bulletin, read.archived.document
    what = bulletin.reason or f"{bulletin.report_date}, {counted(len(bulletin.figures), 'figure')}"
    return f"{document.source}: {plain(document.url)}: {plain(what)}"


def validated(verdicts: Sequence["Verdict"]) -> str:
    """Say how many bulletins the gate lets through."""
    blocked = sum(verdict.blocked for verdict in verdicts)
    flagged = sum(bool(verdict.findings) and not verdict.blocked for verdict in verdicts)
    passed = counted(len(verdicts) - blocked, "bulletin")
    return f"validated: {passed} accepted" + _also(flagged, "flagged") + _also(blocked, "blocked")


def reconciled(decision: "Decision") -> str:
    """Say what a run would publish."""
    days = {row.report_date for row in decision.touched}
    text = f"reconciled: {counted(len(decision.touched), 'figure')} on {counted(len(days), 'day')}"
    text += _also(_odd(decision.touched), "do not add up")
    return text + _also(len(decision.revisions), "published values change")


def audited(audit: "Audit") -> str:
    """Say what the audit found in the rows that a run would publish."""
    flagged = [f"{finding.rule} {len(finding.rows):,}" for finding in audit.findings]
    failed = [f"not evaluated for {day}: {why.rule}" for day, why in audit.failed.items()]
    return f"audited: {', '.join([*flagged, *failed]) or 'nothing to flag'}"


def published(publication: "Publication") -> str:
    """Say what was written."""
    text = f"published: {counted(len(publication.partitions_written), 'partition')} written"
    return text + _also(len(publication.quarantined), "quarantined")


def ended(summary: Summary) -> str:
    """Say in one sentence how a run ended: what is published, or why nothing is."""
    if summary.exit_status == EXIT_NOT_PUBLISHED:
        return ": ".join(filter(None, ("not published yet", ahead_words(summary))))
    days = [day for day in summary.days if not day.partial]
    done = [f"{counted(len(days), 'day')} published"] if days or not summary.exit_status else []
    if odd := summary.rows.counts.get(DeltaStatus.MISMATCH, 0):
        done.append(f"{counted(odd, 'figure')} {'does' if odd == 1 else 'do'} not add up")
    if not summary.exit_status:
        return ", ".join(done)
    first, *others = _reasons(summary)
    more = [f"{len(others)} more"] if others else []
    return "; ".join([first, *more, *done])


def _reasons(summary: Summary) -> Iterator[str]:
    """Yield why a run failed, the worst first; there is always one."""
    if summary.error:
        yield plain(summary.error)
    for finding in summary.ledger:
        if finding.severity == Severity.CRITICAL:
            yield plain(finding.sentence)
    for document in summary.quarantined:
        yield f"{plain(document.url)} is not published: {plain(document.reason)}"
    for left in summary.unread:
        yield f"{left.source} {left.sha256} is not read: {plain(left.problem)}"
    for source in summary.sources:
        if source.failed:
            yield collected(source)
    if summary.late and not any(source.failed for source in summary.sources):
        yield late_words(summary)


def _odd(rows: Sequence["LossRow"]) -> int:
    return Counter(row.delta_status for row in rows)[DeltaStatus.MISMATCH]


def _also(number: int, what: str) -> str:
    return f", {number:,} {what}" if number else ""
