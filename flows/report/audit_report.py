"""The weekly look at a lake as a whole: is it whole, explained, and fresh?"""

from collections.abc import Iterator
from datetime import date

import msgspec

from flows.errors import EXIT_FAILED
from flows.lake.lake import Lake
from flows.report.check import CheckReport, check_report
from flows.report.check_text import check_text
from flows.report.freshness import freshness_words, lake_freshness
from flows.report.phrases import counted
from flows.report.verification.prove import Proof, proof_text, prove
from flows.settings import Settings


class AuditReport(msgspec.Struct, frozen=True):
    """What `verify` and `check` say of a lake; `exit_status` is 1 where one of them says 1."""

    exit_status: int
    proof: Proof
    check: CheckReport


def audit_report(lake: Lake, settings: Settings, today: date, *, whole: bool) -> AuditReport:
    """Return what is wrong with a lake on a date in Kyiv; `whole`: every document is read again.

    Nothing is written. Raises LakeError.
    """
    order = tuple(settings.sources)
    proof = prove(lake, order=order, whole=whole)
    fresh = lake_freshness(lake, today, settings.stale_after_days)
    check = check_report(lake, None, None, order=order, freshness=fresh)
    failed = proof.exit_status or check.exit_status
    return AuditReport(EXIT_FAILED if failed else 0, proof, check)


def audit_sentence(report: AuditReport, swept: int) -> str:
    """Say in one sentence how it stands; so many old summaries and alerts were `swept`."""
    return "; ".join(_clauses(report, swept))


def audit_text(report: AuditReport) -> str:
    """Return both reports as text."""
    return f"{proof_text(report.proof)}\n\n{check_text(report.check)}"


def _clauses(report: AuditReport, swept: int) -> Iterator[str]:
    problems, check = len(report.proof.problems), report.check
    yield "the lake is whole" if not problems else f"{counted(problems, 'problem')} of the lake"
    overdue = sum(row.overdue for row in check.undecided)
    if overdue:
        yield f"{counted(overdue, 'figure')} undecided for more than two days"
    if check.corrections.failed:
        yield f"{counted(len(check.corrections.failed), 'known error')} of sources not as known"
    if check.disagreements:
        yield f"sources disagree on {counted(len(check.disagreements), 'figure')}"
    if check.freshness:
        yield freshness_words(check.freshness).rstrip(".")
    if swept:
        yield f"{counted(swept, 'file')} of old runs removed"
