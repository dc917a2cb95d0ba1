"""Each rule of the suites fails on a minimal bad frame, and on no good one."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from types import SimpleNamespace

import pytest

from flows.validate.checkpoints import Result, evaluate
from schemas.codes import BulletinWarningCode, RuleName, Severity
from schemas.records import FIRST_REPORT
from schemas.registry import load_registry
from schemas.suites import LEDGER, SUITES, Suite
from schemas.tables import LOSSES
from tests.builders import DAY, loss_row

TODAY = DAY.replace(day=10)
PARAMETERS = {"today": TODAY, "categories": list(load_registry().categories)}

Row = dict[str, object]

GOOD: dict[str, Row] = {
    "documents": {
        "report_date": DAY,
        "war_day": 593,
        "expected_war_day": 593,
        "days_late": 0,
        "totals": 14,
        "outside": 0,
        "figures": 15,
        "missing": None,
        "unrecognized": None,
    },
    "figures": {
        "document": 0,
        "category": "tanks",
        "total": 4823,
        "delta": 2,
        "total_as_read": "4823",
        "delta_as_read": "2",
        "report_date": DAY,
        "highest_total": 62300,
        "valid_from": FIRST_REPORT,
        "valid_until": None,
    },
    "ledger": {name: getattr(loss_row(), name) for name in loss_row().__slots__},
}


def apart(name: str, n: int) -> Row:
    """Return what tells the rows of a suite apart that asks for each category once."""
    return {"document": n} if name != "ledger" else {"report_date": DAY + timedelta(days=n)}


# What to change in the good row so that exactly this rule is broken.
BAD: Mapping[tuple[str, RuleName], Sequence[Row]] = {
    ("documents", RuleName.REPORT_DATE_MISSING): [{"report_date": None}],
    ("documents", RuleName.VALUE_MISSING): [{"figures": None}],
    ("documents", RuleName.DATE_IN_THE_FUTURE): [{"report_date": TODAY.replace(day=11)}],
    ("documents", RuleName.DATE_TOO_EARLY): [{"report_date": FIRST_REPORT.replace(day=24)}],
    ("documents", RuleName.WAR_DAY_CONTRADICTS_DATE): [{"war_day": 591}, {"war_day": 595}],
    ("documents", RuleName.WAR_DAY_OFF): [{"war_day": 592}, {"war_day": 594}],
    ("documents", RuleName.DATE_OUTSIDE_ENVELOPE): [{"days_late": 4, "outside": 8}],
    ("documents", RuleName.NO_FIGURE): [{"figures": 0}],
    ("documents", RuleName.CATEGORIES_MISSING): [{"missing": "tanks"}],
    ("documents", RuleName.LABEL_UNRECOGNIZED): [{"unrecognized": "hovercraft 7"}],
    ("figures", RuleName.VALUE_MISSING): [{"category": None}],
    ("figures", RuleName.CATEGORY_UNKNOWN): [{"category": "zeppelins"}],
    ("figures", RuleName.CATEGORY_REPEATED): [{}, {}],
    ("figures", RuleName.TOTAL_NOT_WHOLE): [
        {"total_as_read": text} for text in ("4823.0", "True", "'4823'", "", "٤")
    ],
    ("figures", RuleName.DELTA_NOT_WHOLE): [{"delta_as_read": "2.0"}],
    ("figures", RuleName.NUMBER_MISSING): [{"total_as_read": None, "delta_as_read": None}],
    ("figures", RuleName.TOTAL_NEGATIVE): [{"total": -1}],
    ("figures", RuleName.TOTAL_IMPOSSIBLE): [{"total": 62301}],
    ("figures", RuleName.DELTA_IMPOSSIBLE): [{"delta": 62301, "total": 0}, {"delta": -62301}],
    ("figures", RuleName.TOTAL_BELOW_DELTA): [{"total": 1}],
    ("figures", RuleName.TOTAL_MISSING): [{"total": None}],
    ("figures", RuleName.CATEGORY_NOT_IN_FORCE): [
        {"valid_from": TODAY},
        {"valid_until": DAY.replace(day=8)},
    ],
    ("ledger", RuleName.VALUE_MISSING): [
        {column.name: None}
        for column in LOSSES.fields
        if column.name in LEDGER.columns and not column.nullable
    ],
    ("ledger", RuleName.CATEGORY_UNKNOWN): [{"category": "zeppelins"}],
    ("ledger", RuleName.CODE_UNKNOWN): [{"delta_status": "fine"}, {"diagnosis": "bad luck"}],
    ("ledger", RuleName.CATEGORY_REPEATED): [{}, {}],
    ("ledger", RuleName.ROW_CONTRADICTS_ITSELF): [
        {"total": 4824},
        {"previous_total": 4820},
        {"discrepancy": 1},
        {"daily": 3},
        {"delta_status": "mismatch"},
    ],
    ("ledger", RuleName.DELTA_DIFFERS): [
        {"delta": 3, "daily": 3, "discrepancy": -1, "delta_status": "mismatch"}
    ],
    ("ledger", RuleName.TOTAL_FALLING): [
        {"previous_total": 4824, "change": -1, "delta": -1, "daily": -1}
    ],
    ("ledger", RuleName.DAY_BEFORE_MISSING): [{"days_missing": 1}],
    ("ledger", RuleName.SOURCES_DISAGREE): [{"sources_total": 2}],
}

ALONG: Mapping[RuleName, set[RuleName]] = {
    RuleName.WAR_DAY_CONTRADICTS_DATE: {RuleName.WAR_DAY_OFF},
}
"""What is broken, too, wherever a rule is."""

# What breaks no rule, though it looks like it.
FINE: Mapping[str, Sequence[Row]] = {
    "documents": [
        {"report_date": TODAY},
        {"report_date": FIRST_REPORT},
        {"war_day": None},
        {"days_late": 3, "outside": 14},
        {"days_late": 40, "outside": 7},
        {"days_late": None},
    ],
    "figures": [
        {"total": 0, "delta": 5},
        {"delta": None, "delta_as_read": None},
        {"total": 2, "delta": 2},
        {"total": 62300},
        {"delta": -62300},
        {"valid_from": DAY, "valid_until": DAY},
        {"highest_total": None, "valid_from": None, "delta": 10**9, "total": 10**9},
        {"total_as_read": "-7"},
    ],
    "ledger": [
        {
            "delta": None,
            "discrepancy": None,
            "daily_basis": "change",
            "delta_status": "not_printed",
        },
        {"delta": 3, "daily": 3, "change": None, "discrepancy": None, "delta_status": "gap"},
        {"previous_total": None, "days_missing": None},
        {"diagnosis": "revision"},
    ],
}


def results(suite: Suite, rows: Sequence[Row]) -> tuple[Result, ...]:
    found = evaluate(suite, [SimpleNamespace(**row) for row in rows], PARAMETERS)
    assert not [result.problem for result in found if result.problem]
    return found


def broken(suite: Suite, rows: Sequence[Row]) -> dict[RuleName, tuple[int, ...]]:
    return {r.rule: r.rows for r in results(suite, rows) if not r.holds}


def of_suite(suite: str) -> Mapping[RuleName, Sequence[Row]]:
    return {rule: changes for (name, rule), changes in BAD.items() if name == suite}


@pytest.mark.parametrize("name", SUITES)
def test_good_rows_break_no_rule(name: str) -> None:
    rows = [GOOD[name] | apart(name, n) | one for n, one in enumerate(({}, *FINE[name]))]
    assert broken(SUITES[name], rows) == {}


@pytest.mark.parametrize("name", SUITES)
def test_every_rule_has_a_bad_row(name: str) -> None:
    rules = {RuleName(one.meta["rule"]) for one in SUITES[name].expectations if one.meta}
    assert rules == of_suite(name).keys() | {RuleName.ROWS_MISSING}


@pytest.mark.parametrize("name", SUITES)
def test_each_bad_row_breaks_its_rule_and_no_other(name: str) -> None:
    """A good row and all bad ones stand in one frame."""
    made_for: list[RuleName | None] = [None]
    rows: list[Row] = [GOOD[name]]
    for rule, changes in of_suite(name).items():
        for change in changes:
            place = len(made_for) if rule is not RuleName.CATEGORY_REPEATED else -1
            rows.append(GOOD[name] | apart(name, place) | change)
            made_for.append(rule)
    found: list[set[RuleName]] = [set() for _ in rows]
    for result in results(SUITES[name], rows):
        for position in result.rows:
            found[position].add(result.rule)
    assert found == [{rule} | ALONG.get(rule, set()) if rule else set() for rule in made_for]


@pytest.fixture(scope="module", params=SUITES)
def of_no_row(request: pytest.FixtureRequest) -> tuple[Suite, tuple[Result, ...]]:
    """A suite, and its results on an empty frame."""
    suite = SUITES[request.param]
    return suite, results(suite, [])


def test_the_empty_frame_fails(of_no_row: tuple[Suite, tuple[Result, ...]]) -> None:
    assert [r.rule for r in of_no_row[1] if not r.holds] == [RuleName.ROWS_MISSING]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        ("documents", {"report_date", "figures"}),
        ("figures", {"category", "total"}),
        ("ledger", {column.name for column in LOSSES.fields if not column.nullable}),
    ],
)
def test_an_all_null_column_fails(name: str, columns: set[str]) -> None:
    """Rules about values let it pass, so that each such column has a rule about nulls."""
    columns &= SUITES[name].columns.keys()
    rows = [GOOD[name] | apart(name, n) | dict.fromkeys(columns) for n in range(3)]
    of_rule = {RuleName.REPORT_DATE_MISSING: "report_date", RuleName.TOTAL_MISSING: "total"}
    found = {of_rule.get(r.rule, r.detail) for r in results(SUITES[name], rows) if len(r.rows) == 3}
    assert found == columns


def test_a_rule_has_the_severity_and_the_sentence_of_its_code(
    of_no_row: tuple[Suite, tuple[Result, ...]],
) -> None:
    for result in of_no_row[1]:
        assert (result.severity, result.sentence) == (result.rule.severity, result.rule.clause)


def test_what_the_gate_flags_is_stored_under_a_warning_code(
    of_no_row: tuple[Suite, tuple[Result, ...]],
) -> None:
    suite, found = of_no_row
    for result in found:
        stored = result.rule.value in set(BulletinWarningCode)
        assert stored == (suite is not LEDGER and result.severity is Severity.WARNING), result.rule


def test_a_clause_is_the_meaning_in_the_middle_of_a_sentence() -> None:
    for rule in RuleName:
        assert rule.clause[0].islower()
        assert f"{rule.clause[0].upper()}{rule.clause[1:]}." == rule.meaning


def test_every_rule_is_in_a_suite_or_says_that_none_was_evaluated() -> None:
    named = {
        one.meta["rule"] for suite in SUITES.values() for one in suite.expectations if one.meta
    }
    outside = {RuleName.UNREADABLE, RuleName.RULE_FAILED, RuleName.AUDIT_FAILED}
    assert set(RuleName) == named | outside


def test_counts_beyond_the_precision_of_a_float_are_compared_exactly() -> None:
    high = 2**53
    unchanged = {"delta": 0, "change": 0, "daily": 0}
    fell = {"delta": -1, "change": -1, "daily": -1}
    rows = [
        GOOD["ledger"] | unchanged | {"total": high, "previous_total": high},
        GOOD["ledger"] | fell | {"total": high, "previous_total": high + 1},
        GOOD["ledger"] | {"total": high + 1, "previous_total": None},
        GOOD["ledger"] | unchanged | {"total": high + 1, "previous_total": high},
    ]
    apart_rows = [row | apart("ledger", n) for n, row in enumerate(rows)]
    assert broken(LEDGER, apart_rows) == {
        RuleName.TOTAL_FALLING: (1,),
        RuleName.ROW_CONTRADICTS_ITSELF: (3,),
    }
