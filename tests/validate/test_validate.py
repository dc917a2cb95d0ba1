"""Each rule of the gate fails on a minimal bad frame; validate decides document by document."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import schemas.expectations
from flows.validate.gate import check_rows, validate
from schemas.expectations import broken_rules
from schemas.fields import Field
from schemas.records import FIRST_REPORT, Unrecognized, Verdict
from schemas.registry import load_registry
from schemas.rules import Rule, Suite, between, equal
from schemas.suites import documents_suite, figures_suite, ledger_suite
from tests.builders import DAY, bulletin, complete_figures, figure, loss_row, reading, refused

REGISTRY = load_registry()
TODAY = DAY + timedelta(days=1)
SUITES = {
    suite.name: suite
    for suite in (documents_suite(TODAY), figures_suite(REGISTRY), ledger_suite(REGISTRY))
}
RULES = [(suite.name, rule.name) for suite in SUITES.values() for rule in suite.rules]

GOOD: Mapping[str, Mapping[str, object]] = {
    "documents": {
        "report_date": DAY,
        "war_day_off": 0,
        "figures": 15,
        "missing": 0,
        "unrecognized": 0,
    },
    "figures": {
        "document": 0,
        "category": "tanks",
        "total": 4823,
        "total_kind": "int",
        "delta_kind": "int",
        "numbers": 2,
        "delta_size": 2,
        "delta_in_total": 2,
        "highest_total": 62300,
        "in_force": True,
    },
    "ledger": {name: getattr(loss_row(), name) for name in loss_row().__slots__},
}

# What to change in the good row so that exactly this rule's demand is not met.
BAD: Mapping[tuple[str, str], Mapping[str, object]] = {
    ("documents", "date_not_in_the_future"): {"report_date": TODAY + timedelta(days=1)},
    ("documents", "date_not_too_early"): {"report_date": FIRST_REPORT - timedelta(days=1)},
    ("documents", "war_day_fits_date"): {"war_day_off": 2},
    ("documents", "war_day_exact"): {"war_day_off": 1},
    ("documents", "figures_found"): {"figures": 0},
    ("documents", "categories_complete"): {"missing": 1},
    ("documents", "labels_recognized"): {"unrecognized": 1},
    ("figures", "category_known"): {"category": "zeppelins"},
    ("figures", "total_whole"): {"total_kind": "float"},
    ("figures", "delta_whole"): {"delta_kind": "str"},
    ("figures", "number_printed"): {"numbers": 0},
    ("figures", "total_not_negative"): {"total": -1},
    ("figures", "total_possible"): {"total": 62301},
    ("figures", "delta_possible"): {"delta_size": 62301},
    ("figures", "total_not_below_delta"): {"delta_in_total": 9000},
    ("figures", "total_printed"): {"total": None},
    ("figures", "category_in_force"): {"in_force": False},
    ("ledger", "category_known"): {"category": "zeppelins"},
    ("ledger", "delta_status_allowed"): {"delta_status": "fine"},
    ("ledger", "diagnosis_allowed"): {"diagnosis": "bad luck"},
    ("ledger", "delta_equals_change"): {"delta": 3},
    ("ledger", "total_not_falling"): {"previous_total": 4824},
    ("ledger", "no_gap"): {"days_missing": 1},
    ("ledger", "sources_agree"): {"sources_total": 2},
}


def bad_frame(suite: str, rule: str) -> list[Mapping[str, object]]:
    """Return the smallest frame that breaks the rule; fails for a rule that nobody thought of."""
    good = GOOD[suite]
    if rule == "rows_present":
        return []
    if (suite, rule) == ("figures", "category_once"):
        return [good, good]
    if rule.removesuffix("_present") in good:
        return [{**good, rule.removesuffix("_present"): None}]
    assert (suite, rule) in BAD, f"the rule {rule} of {suite} has no bad frame yet: add one to BAD"
    return [{**good, **BAD[suite, rule]}]


def rule_names(suite: Suite, rows: Sequence[Mapping[str, object]]) -> set[str]:
    return {broken.rule.name for broken in broken_rules(suite, rows)}


@pytest.mark.parametrize("suite", SUITES)
def test_a_good_frame_breaks_no_rule(suite: str) -> None:
    assert rule_names(SUITES[suite], [GOOD[suite]]) == set()


@pytest.mark.parametrize(("suite", "name"), RULES)
def test_each_rule_fails_on_its_bad_frame(suite: str, name: str) -> None:
    rules = tuple(r for r in SUITES[suite].rules if r.name == name)
    alone = Suite(suite, SUITES[suite].columns, rules)
    rows = bad_frame(suite, name)
    (broken,) = broken_rules(alone, rows)
    assert broken.rows == tuple(range(len(rows)))


@pytest.mark.parametrize("suite", SUITES)
def test_the_empty_frame_fails(suite: str) -> None:
    assert "rows_present" in rule_names(SUITES[suite], [])


@pytest.mark.parametrize(
    ("suite", "column"),
    [(s.name, c.name) for s in SUITES.values() for c in s.columns if not c.nullable]
    + [("figures", "total")],
)
def test_the_all_null_column_fails(suite: str, column: str) -> None:
    rows: list[Mapping[str, object]] = [{**GOOD[suite], column: None}] * 3
    assert rule_names(SUITES[suite], rows)


@pytest.mark.parametrize("suite", SUITES)
def test_rule_names_are_unique_and_sentences_are_for_people(suite: str) -> None:
    rules = SUITES[suite].rules
    assert len({rule.name for rule in rules}) == len(rules)
    assert all(rule.severity in {"critical", "warning"} for rule in rules)
    assert all(" " in rule.sentence and "expect" not in rule.sentence for rule in rules)


def test_a_rule_that_cannot_be_evaluated_is_no_verdict() -> None:
    rule = Rule("impossible", "critical", "no such column", between("nowhere", 0, 1))
    with pytest.raises(RuntimeError, match="impossible"):
        broken_rules(Suite("odd", SUITES["documents"].columns, (rule,)), [GOOD["documents"]])


def test_counts_beyond_the_precision_of_a_float_are_compared_exactly() -> None:
    columns = (Field("total", "int64", "", nullable=True), Field("other", "int64", ""))
    rule = Rule("same", "critical", "not the same", equal("total", "other"))
    rows: list[Mapping[str, object]] = [
        {"total": None, "other": 1},
        {"total": 2**53 + 1, "other": 2**53},
    ]
    (broken,) = broken_rules(Suite("odd", columns, (rule,)), rows)
    assert broken.rows == (1,)


def findings(verdict: Verdict) -> dict[str, str]:
    return {finding.rule: finding.severity for finding in verdict.findings}


def only(parsed: Any) -> Verdict:
    (verdict,) = validate([reading(parsed)], registry=REGISTRY, today=TODAY)
    return verdict


def test_a_sound_document_passes() -> None:
    verdict = only(bulletin())
    assert (verdict.findings, verdict.blocked, verdict.reason) == ((), False, None)


def test_verdicts_come_in_order_and_each_document_bears_only_its_own_findings() -> None:
    batch = [
        reading(bulletin(figures=complete_figures(tanks=-5)), "a"),
        reading(refused("the page is no bulletin"), "b"),
        reading(bulletin(), "c"),
        reading(bulletin(war_day=594), "d"),
    ]
    verdicts = validate(batch, registry=REGISTRY, today=TODAY)
    assert [v.reading for v in verdicts] == batch
    assert [v.blocked for v in verdicts] == [True, True, False, False]
    assert [findings(v) for v in verdicts] == [
        {"total_not_negative": "critical"},
        {"readable": "critical"},
        {},
        {"war_day_exact": "warning"},
    ]
    assert verdicts[0].reason == "a total is below zero: tanks -5"
    assert verdicts[0].findings[0].rows[0]["total"] == -5
    assert verdicts[1].reason == "the page is no bulletin"


@pytest.mark.parametrize(
    ("parsed", "rules"),
    [
        (bulletin(None), {"report_date_present"}),
        (bulletin(TODAY + timedelta(days=1)), {"date_not_in_the_future"}),
        (
            bulletin(date(2022, 2, 24), figures=(figure("tanks", 80),)),
            {"date_not_too_early", "category_in_force"},
        ),
        (bulletin(war_day=693), {"war_day_fits_date", "war_day_exact"}),
        (bulletin(war_day=10**30), {"war_day_fits_date", "war_day_exact"}),
        (bulletin(figures=()), {"figures_found", "categories_complete"}),
        (bulletin(figures=(*complete_figures(), figure("tanks"))), {"category_once"}),
        (bulletin(figures=(*complete_figures(), figure("zeppelins"))), {"category_known"}),
        (bulletin(figures=complete_figures(tanks=62301)), {"total_possible"}),
        (bulletin(figures=complete_figures(tanks=10**30)), {"total_possible"}),
    ],
)
def test_what_blocks(parsed: Any, rules: set[str]) -> None:
    verdict = only(parsed)
    assert verdict.blocked
    assert set(findings(verdict)) == rules
    assert verdict.reason


@pytest.mark.parametrize(
    ("total", "delta", "rule"),
    [
        (None, None, "number_printed"),
        (4823.5, 2, "total_whole"),
        (True, 2, "total_whole"),
        ("4823", 2, "total_whole"),
        (4823, 2.0, "delta_whole"),
        (4823, 10**30, "delta_possible"),
        (4823, -(10**30), "delta_possible"),
    ],
)
def test_numbers_that_are_none_block(total: Any, delta: Any, rule: str) -> None:
    figures = [f for f in complete_figures() if f.category != "tanks"]
    verdict = only(bulletin(figures=(*figures, figure("tanks", total, delta))))
    assert verdict.blocked
    assert rule in findings(verdict)


def test_a_missing_category_is_named_and_published() -> None:
    figures = tuple(f for f in complete_figures() if f.category not in {"uavs", "tanks"})
    verdict = only(bulletin(figures=figures, complete=False))
    (finding,) = verdict.findings
    assert (finding.rule, finding.severity) == ("categories_complete", "warning")
    assert finding.sentence.endswith(": tanks, uavs")
    assert not verdict.blocked


def test_an_unknown_label_and_a_delta_without_total_are_flagged() -> None:
    figures = [f for f in complete_figures() if f.category != "tanks"]
    parsed = bulletin(
        figures=(*figures, figure("tanks", None, 2)),
        unrecognized=(Unrecognized("hover{craft}", 7, 1),),
    )
    verdict = only(parsed)
    assert findings(verdict) == {"labels_recognized": "warning", "total_printed": "warning"}
    assert "hover{craft}" in verdict.findings[0].sentence


def test_a_category_printed_twice_is_named_with_both_totals() -> None:
    twice = (*complete_figures(tanks=17), figure("tanks", None, 2))
    (finding, _) = only(bulletin(figures=twice)).findings
    assert finding.sentence.endswith(": tanks, total 17; tanks, total not printed")


def test_a_category_outside_its_dates_is_flagged() -> None:
    day = date(2023, 9, 13)
    figures = (*complete_figures(day), figure("submarines", 1, None))
    assert findings(only(bulletin(day, figures=figures))) == {"category_in_force": "warning"}


def test_a_long_list_of_failing_rows_is_cut_in_the_sentence_alone() -> None:
    figures = tuple(figure(f.category, -1, 0) for f in complete_figures())
    (finding,) = only(bulletin(figures=figures)).findings
    assert finding.sentence.endswith(f"; and {len(figures) - 5} more")
    assert len(finding.rows) == len(figures)


def test_a_batch_costs_two_runs_of_great_expectations(monkeypatch: pytest.MonkeyPatch) -> None:
    runs: list[int] = []

    def counted(suite: Suite, rows: Sequence[Mapping[str, object]]) -> Any:
        runs.append(len(rows))
        return broken_rules(suite, rows)

    monkeypatch.setattr(schemas.expectations, "broken_rules", counted)
    batch = [reading(bulletin(), str(n)) for n in range(200)]
    assert not any(v.findings for v in validate(batch, registry=REGISTRY, today=TODAY))
    assert runs == [200, 200 * len(complete_figures())]


def test_no_documents_no_verdicts() -> None:
    assert validate([], registry=REGISTRY, today=TODAY) == []


def test_the_ledger_flags_what_does_not_add_up() -> None:
    rows = [
        loss_row(),
        loss_row(category="aircraft", total=315, delta=0, change=-1, previous_total=316),
        loss_row(category="uavs", days_missing=1, change=None, delta_status="gap"),
    ]
    found = {f.rule: f for f in check_rows(rows, registry=REGISTRY)}
    assert set(found) == {"delta_equals_change", "total_not_falling", "no_gap"}
    assert {f.severity for f in found.values()} == {"warning"}
    assert "2023-10-09 aircraft printed +0, changed by -1" in found["delta_equals_change"].sentence
    (row,) = found["delta_equals_change"].rows
    assert (row["report_date"], row["category"], row["total"]) == ("2023-10-09", "aircraft", 315)


def test_a_first_day_has_nothing_to_flag() -> None:
    first = loss_row(
        previous_date=None,
        previous_total=None,
        days_missing=None,
        change=None,
        discrepancy=None,
        delta_status="first",
    )
    assert check_rows([first], registry=REGISTRY) == []


QUIET_RUN = """
import sys
def no_network(event, args):
    if event.startswith("socket.connect") or event == "socket.getaddrinfo":
        raise RuntimeError(event)
sys.addaudithook(no_network)
from datetime import date
import flows.validate.gate
assert not {"great_expectations", "pandas", "prefect"} & set(sys.modules)
from schemas.registry import load_registry
from tests.builders import bulletin, complete_figures, loss_row, reading
registry = load_registry()
batch = [reading(bulletin()), reading(bulletin(figures=complete_figures(tanks=-1)), "b")]
verdicts = flows.validate.gate.validate(batch, registry=registry, today=date(2023, 10, 10))
assert [v.blocked for v in verdicts] == [False, True]
assert not flows.validate.gate.check_rows([loss_row()], registry=registry)
"""


def test_the_gate_is_loaded_late_and_leaves_no_trace(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    path = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    env = os.environ | {"HOME": str(tmp_path), "PYTHONPATH": path, "PYTHONWARNINGS": "default"}
    command = [sys.executable, "-c", QUIET_RUN]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
