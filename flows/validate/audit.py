"""The audit: checks the rows that a run would publish, before anything is written.

`schemas/suites.py` holds the rules, `docs/reference/gate.md` says what follows from them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from flows.validate.check import Failure, SuiteResult, check, finding, joined
from schemas.records import Finding
from schemas.registry import Registry
from schemas.tables import LossRow

if TYPE_CHECKING:
    from flows.validate.checkpoints import Result

_SHOWN = (
    *("report_date", "category", "total", "delta", "previous_date", "previous_total"),
    *("days_missing", "change", "discrepancy", "delta_status", "hint", "source"),
    *("sources_agreeing", "sources_total"),
)
"""The columns of a row that a finding shows."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What the audit says: the rules that rows break, and the days it failed on.

    `broken` are the results of those rules in the suite's order, each with what is shown of the
    rows that break it. `failed` are the report dates on which a rule could not be evaluated, with
    the first such rule and why; rows of those days are in no finding. `rules` is the result of its
    Checkpoint, in short; empty where there was no row.
    """

    broken: "tuple[tuple[Result, tuple[dict[str, Any], ...]], ...]"
    failed: Mapping[date, Failure]
    rules: tuple[SuiteResult, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """One finding for each rule that rows break."""
        return tuple(finding(result, rows, {}) for result, rows in self.broken)


def audit(rows: Sequence[LossRow], *, registry: Registry) -> Audit:
    """Check rows of `losses`; those of a report date stand or fall together.

    A warning flags what the bulletins print; a critical finding means that a row is malformed.
    """
    parameters = {"categories": list(registry.categories)}
    rules: list[SuiteResult] = []
    days_of = [row.report_date for row in rows]
    checked = check("ledger", rows, days_of, parameters, rules.append)
    broken = []
    for result in checked.broken:
        own = (rows[p] for p in result.rows if rows[p].report_date not in checked.failed)
        if shown := tuple(map(_shown, own)):
            broken.append((result, shown))
    return Audit(tuple(broken), checked.failed, tuple(rules))


def audited_together(audits: Sequence[Audit]) -> Audit:
    """Return what several audits, each of rows of later dates, say: what one of all would."""
    of_rules: dict[int, tuple[Result, tuple[dict[str, Any], ...]]] = {}
    for result, rows in (found for audit in audits for found in audit.broken):
        _, before = of_rules.get(result.number, (result, ()))
        of_rules[result.number] = result, before + rows
    return Audit(
        tuple(found for _, found in sorted(of_rules.items())),
        {day: failure for audit in audits for day, failure in audit.failed.items()},
        joined(result for audit in audits for result in audit.rules),
    )


def _shown(row: LossRow) -> dict[str, Any]:
    values = zip(_SHOWN, attrgetter(*_SHOWN)(row), strict=True)
    return {name: v.isoformat() if isinstance(v, date) else v for name, v in values}
