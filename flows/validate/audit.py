"""The audit: checks the rows that a run would publish, before anything is written.

`schemas/suites.py` holds the rules, `docs/reference/gate.md` says what follows from them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import Any

from flows.validate.check import Failure, SuiteResult, check, finding, joined
from schemas.records import Finding
from schemas.registry import Registry
from schemas.tables import LossRow

_SHOWN = (
    *("report_date", "category", "total", "delta", "previous_date", "previous_total"),
    *("days_missing", "change", "discrepancy", "delta_status", "hint", "source"),
    *("sources_agreeing", "sources_total"),
)
"""The columns of a row that a finding shows."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What the audit says: one finding for each rule that rows break, and the days it failed on.

    `failed` are the report dates on which a rule could not be evaluated, with the first such rule
    and why; rows of those days are in no finding. `rules` is the result of its Checkpoint, in
    short; empty where there was no row.
    """

    findings: tuple[Finding, ...]
    failed: Mapping[date, Failure]
    rules: tuple[SuiteResult, ...] = ()


def audit(rows: Sequence[LossRow], *, registry: Registry) -> Audit:
    """Check rows of `losses`; those of a report date stand or fall together.

    A warning flags what the bulletins print; a critical finding means that a row is malformed.
    """
    parameters = {"categories": list(registry.categories)}
    rules: list[SuiteResult] = []
    days_of = [row.report_date for row in rows]
    checked = check("ledger", rows, days_of, parameters, rules.append)
    findings = []
    for result in checked.broken:
        broken = [rows[p] for p in result.rows if rows[p].report_date not in checked.failed]
        if broken:
            findings.append(finding(result, list(map(_shown, broken)), parameters))
    return Audit(tuple(findings), checked.failed, tuple(rules))


def audited_together(audits: Sequence[Audit]) -> Audit:
    """Return what several audits say, each of rows of other report dates: all their findings."""
    return Audit(
        tuple(found for audit in audits for found in audit.findings),
        {day: failure for audit in audits for day, failure in audit.failed.items()},
        joined(result for audit in audits for result in audit.rules),
    )


def _shown(row: LossRow) -> dict[str, Any]:
    values = zip(_SHOWN, attrgetter(*_SHOWN)(row), strict=True)
    return {name: v.isoformat() if isinstance(v, date) else v for name, v in values}
