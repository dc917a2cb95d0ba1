"""The audit of rows: what it flags, and days on which a rule cannot be evaluated."""

from datetime import date, timedelta
from typing import Any

import pytest

from flows.validate.audit import Audit, audit
from schemas.codes import DeltaStatus, RuleName, Severity
from schemas.registry import load_registry
from schemas.tables import LossRow
from tests.builders import DAY, loss_row

DAYS = [DAY + timedelta(days=n) for n in range(5)]
MANY: Any = "many"
"""A total that is no number: Great Expectations can compare it with none."""


def audited(rows: list[LossRow]) -> Audit:
    return audit(rows, registry=load_registry())


def test_what_does_not_add_up_is_flagged() -> None:
    rows = [
        loss_row(),
        loss_row(category="aircraft", total=315, delta=0, change=-1, previous_total=316),
        loss_row(category="uavs", days_missing=1, change=None, delta_status=DeltaStatus.GAP),
        loss_row(category="mlrs", sources_total=2),
    ]
    found = {f.rule: f for f in audited(rows).findings}
    assert {f.severity for f in found.values()} == {Severity.WARNING}
    assert {rule: f.sentence for rule, f in found.items()} == {
        RuleName.DELTA_DIFFERS: "a printed delta does not equal the change in the totals: "
        "2023-10-09 aircraft printed +0, changed by -1",
        RuleName.TOTAL_FALLING: "a total is lower than the one before: "
        "2023-10-09 aircraft 316 -> 315",
        RuleName.DAY_BEFORE_MISSING: "the day before is not on record, so that a delta cannot be "
        "checked: 2023-10-09 uavs",
        RuleName.SOURCES_DISAGREE: "the sources print different totals: "
        "2023-10-09 mlrs 1 of 2 print 4823",
    }
    (row,) = found[RuleName.DELTA_DIFFERS].rows
    assert (row["report_date"], row["category"], row["total"]) == ("2023-10-09", "aircraft", 315)


def test_a_malformed_row_is_critical() -> None:
    (finding,) = audited([loss_row(), loss_row(category="zeppelins")]).findings
    assert (finding.rule, finding.severity) == (RuleName.CATEGORY_UNKNOWN, Severity.CRITICAL)
    assert finding.sentence == "a category is not in the registry: zeppelins"


def test_a_first_day_has_nothing_to_flag() -> None:
    first = loss_row(
        previous_date=None,
        previous_total=None,
        days_missing=None,
        change=None,
        discrepancy=None,
        delta_status=DeltaStatus.FIRST,
    )
    found = audited([first])
    assert (found.findings, found.failed) == ((), {})


def rules_failed(found: Audit) -> dict[date, RuleName]:
    return {day: failure.rule for day, failure in found.failed.items()}


def test_no_rows_no_findings() -> None:
    assert audited([]) == Audit((), {}, ())


@pytest.mark.slow
@pytest.mark.parametrize("bad", [pytest.param([0], marks=pytest.mark.full), [1, 2, 4]])
def test_the_days_on_which_a_rule_cannot_be_evaluated_are_named(bad: list[int]) -> None:
    """Each day has a row that falls: the findings of the other days are kept."""
    rows = [
        row
        for n, day in enumerate(DAYS)
        for row in (
            loss_row(day, "uavs", previous_total=4824, delta=-1),
            loss_row(day, total=MANY if n in bad else 4823),
        )
    ]
    found = audited(rows)
    assert rules_failed(found) == {DAYS[n]: RuleName.TOTAL_FALLING for n in bad}
    (finding,) = found.findings
    assert finding.rule is RuleName.TOTAL_FALLING
    assert [row["report_date"] for row in finding.rows] == [
        day.isoformat() for n, day in enumerate(DAYS) if n not in bad
    ]


def test_every_day_may_fail() -> None:
    found = audited([loss_row(day, total=MANY) for day in DAYS[:2]])
    assert rules_failed(found) == dict.fromkeys(DAYS[:2], RuleName.TOTAL_FALLING)
    assert found.findings == ()


def test_a_number_beyond_64_bits_is_no_obstacle() -> None:
    found = audited([loss_row(total=2**70, previous_total=2**70 + 1, delta=-1), loss_row(DAYS[1])])
    assert (found.failed, [f.rule for f in found.findings]) == ({}, [RuleName.TOTAL_FALLING])


def test_what_the_checkpoint_said_is_told_in_short() -> None:
    rows = [loss_row(), loss_row(DAYS[1], total=MANY), loss_row(DAYS[2], sources_total=2)]
    (said,) = audited(rows).rules
    assert (said.suite, said.rows, said.failed) == ("ledger", 3, (RuleName.TOTAL_FALLING,))
    assert {rule: n for rule, n in said.broken.items() if n} == {RuleName.SOURCES_DISAGREE: 1}
    assert next(iter(said.broken)) is RuleName.ROWS_MISSING
    assert audited([]).rules == ()
