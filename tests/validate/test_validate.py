"""The gate's verdicts, document by document."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from math import ceil, log2
from typing import Any

import great_expectations as gx
import pytest

import flows.validate.checkpoints
from flows.validate import gate
from flows.validate.check import SuiteResult
from flows.validate.checkpoints import Result, evaluate
from flows.validate.gate import validate
from schemas.codes import Reason, RuleName, Severity
from schemas.records import Archived, Bulletin, Figure, Reading, Unrecognized, Verdict
from schemas.registry import load_registry
from schemas.suites import DOCUMENTS, SUITES, Suite
from tests.builders import DAY, bulletin, complete_figures, figure, reading, refused

REGISTRY = load_registry()
TODAY = DAY + timedelta(days=1)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """The runs of Great Expectations that a test costs: the suite and its number of rows."""
    found: list[tuple[str, int]] = []

    def counted(
        suite: Suite, rows: Sequence[object], parameters: Mapping[str, Any]
    ) -> tuple[Result, ...]:
        found.append((suite.name, len(rows)))
        return evaluate(suite, rows, parameters)

    monkeypatch.setattr(flows.validate.checkpoints, "evaluate", counted)
    return found


def findings(verdict: Verdict) -> dict[RuleName, Severity]:
    return {finding.rule: finding.severity for finding in verdict.findings}


def only(parsed: Any) -> Verdict:
    (verdict,) = validate([reading(parsed)], registry=REGISTRY, today=TODAY)
    return verdict


def test_a_sound_document_passes() -> None:
    verdict = only(bulletin())
    assert (verdict.findings, verdict.blocked) == ((), False)
    assert (verdict.reason_code, verdict.reason) == (None, None)


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
        {RuleName.TOTAL_NEGATIVE: Severity.CRITICAL},
        {RuleName.UNREADABLE: Severity.CRITICAL},
        {},
        {RuleName.WAR_DAY_OFF: Severity.WARNING},
    ]
    assert verdicts[0].reason == "a total is below zero: tanks -5"
    assert verdicts[0].findings[0].rows[0]["total"] == -5
    assert verdicts[1].reason == "the page is no bulletin"


def test_the_reason_code_is_the_first_rule_that_blocks() -> None:
    figures = (*complete_figures(tanks=-5), figure("zeppelins", -1, 0))
    verdict = only(bulletin(TODAY + timedelta(days=1), war_day=600, figures=figures))
    assert set(findings(verdict)) > {RuleName.WAR_DAY_OFF, RuleName.CATEGORY_UNKNOWN}
    assert verdict.reason_code is RuleName.DATE_IN_THE_FUTURE
    assert verdict.reason
    assert verdict.reason.startswith(
        "the report date is in the future: 2023-10-11 is after 2023-10-10"
    )


def test_the_reason_code_of_a_refused_document_is_the_parsers() -> None:
    assert only(refused()).reason_code is RuleName.UNREADABLE
    (verdict,) = validate(
        [reading(bulletin(status="refused", reason="r", reason_code=Reason.NO_LIST))],
        registry=REGISTRY,
        today=TODAY,
    )
    assert verdict.reason_code is Reason.NO_LIST


BLOCKED: Sequence[tuple[Bulletin, set[RuleName]]] = [
    (bulletin(None), {RuleName.REPORT_DATE_MISSING}),
    (bulletin(TODAY + timedelta(days=1)), {RuleName.DATE_IN_THE_FUTURE}),
    (
        bulletin(date(2022, 2, 24), figures=(figure("tanks", 80),)),
        {RuleName.DATE_TOO_EARLY, RuleName.CATEGORY_NOT_IN_FORCE},
    ),
    (bulletin(war_day=693), {RuleName.WAR_DAY_CONTRADICTS_DATE, RuleName.WAR_DAY_OFF}),
    (bulletin(war_day=10**30), {RuleName.WAR_DAY_CONTRADICTS_DATE, RuleName.WAR_DAY_OFF}),
    (bulletin(figures=()), {RuleName.NO_FIGURE, RuleName.CATEGORIES_MISSING}),
    (bulletin(figures=(*complete_figures(), figure("tanks"))), {RuleName.CATEGORY_REPEATED}),
    (bulletin(figures=(*complete_figures(), figure("zeppelins"))), {RuleName.CATEGORY_UNKNOWN}),
    (bulletin(figures=complete_figures(tanks=62301)), {RuleName.TOTAL_IMPOSSIBLE}),
    (bulletin(figures=complete_figures(tanks=10**30)), {RuleName.TOTAL_IMPOSSIBLE}),
]


def test_what_blocks() -> None:
    batch = [reading(parsed, str(n)) for n, (parsed, _) in enumerate(BLOCKED)]
    verdicts = validate(batch, registry=REGISTRY, today=TODAY)
    assert [set(findings(verdict)) for verdict in verdicts] == [rules for _, rules in BLOCKED]
    assert all(verdict.blocked and verdict.reason for verdict in verdicts)
    assert all(v.reason_code in rules for v, (_, rules) in zip(verdicts, BLOCKED, strict=True))


NO_NUMBERS: Sequence[tuple[Any, Any, RuleName]] = [
    (None, None, RuleName.NUMBER_MISSING),
    (4823.5, 2, RuleName.TOTAL_NOT_WHOLE),
    (True, 2, RuleName.TOTAL_NOT_WHOLE),
    ("4823", 2, RuleName.TOTAL_NOT_WHOLE),
    (4823, 2.0, RuleName.DELTA_NOT_WHOLE),
    (4823, 10**30, RuleName.DELTA_IMPOSSIBLE),
    (4823, -(10**30), RuleName.DELTA_IMPOSSIBLE),
]


def test_numbers_that_are_none_block() -> None:
    others = [f for f in complete_figures() if f.category != "tanks"]
    batch = [
        reading(bulletin(figures=(*others, figure("tanks", total, delta))), str(n))
        for n, (total, delta, _) in enumerate(NO_NUMBERS)
    ]
    verdicts = validate(batch, registry=REGISTRY, today=TODAY)
    assert [verdict.reason_code for verdict in verdicts] == [rule for _, _, rule in NO_NUMBERS]


def late(days: int, *figures: Figure, parts: int = 1) -> list[Verdict]:
    """The verdicts on a document that was published so many days after its report date."""
    published = DAY + timedelta(days=days)
    document = replace(reading(bulletin()).archived.document, published_on=published)
    archived = Archived(document, datetime.combine(published, time(), UTC))
    readings = [Reading(archived, bulletin(figures=figures))] * parts
    return validate(readings, registry=REGISTRY, today=published)


SLIPPED = (figure("tanks", 6557, 2), figure("artillery", 9999, 3), figure("aircraft", 337, 0))
"""Totals of the February after, as a bulletin prints them whose date is a slip."""


def test_an_old_bulletin_outside_the_envelope_of_its_date_blocks() -> None:
    (verdict,) = late(4, *SLIPPED)
    assert findings(verdict)[RuleName.DATE_OUTSIDE_ENVELOPE] is Severity.CRITICAL
    assert "published 4 days later, 3 of 3 totals are outside" in (verdict.reason or "")


@pytest.mark.slow
def test_what_is_of_its_day_or_one_day_of_many_or_a_single_misprint_does_not() -> None:
    sound = (figure("tanks", 4823, 2), figure("artillery", 6706, 1))
    verdicts = [
        *late(3, *SLIPPED),
        *late(4, *SLIPPED, parts=2),
        *late(4, *sound, SLIPPED[2]),
        only(bulletin(figures=SLIPPED)),
    ]
    assert all(RuleName.DATE_OUTSIDE_ENVELOPE not in findings(verdict) for verdict in verdicts)


def test_a_missing_category_is_named_and_published() -> None:
    figures = tuple(f for f in complete_figures() if f.category not in {"uavs", "tanks"})
    verdict = only(bulletin(figures=figures, complete=False))
    (finding,) = verdict.findings
    assert (finding.rule, finding.severity) == (RuleName.CATEGORIES_MISSING, Severity.WARNING)
    assert finding.sentence == "it does not print every category of that day: tanks, uavs"
    assert not verdict.blocked


def test_an_unknown_label_and_a_delta_without_total_are_flagged() -> None:
    figures = [f for f in complete_figures() if f.category != "tanks"]
    parsed = bulletin(
        figures=(*figures, figure("tanks", None, 2)),
        unrecognized=(Unrecognized("hover{craft}", 7, 1),),
    )
    verdict = only(parsed)
    assert findings(verdict) == {
        RuleName.LABEL_UNRECOGNIZED: Severity.WARNING,
        RuleName.TOTAL_MISSING: Severity.WARNING,
    }
    assert "hover{craft}" in verdict.findings[0].sentence


def test_unknown_labels_are_told_with_their_numbers() -> None:
    items = (
        Unrecognized("hovercraft", 7, 1),
        Unrecognized("balloons; large", 12, None),
        Unrecognized("S-300\n(all)", None, -4),
    )
    (finding,) = only(bulletin(unrecognized=items)).findings
    told = "hovercraft 7 (+1); balloons, large 12; S-300 (all) (-4)"
    assert finding.sentence == f"it prints a label that the registry does not know: {told}"


def test_a_label_that_is_no_valid_text_is_flagged_all_the_same() -> None:
    (finding,) = only(bulletin(unrecognized=(Unrecognized("\ud800", 7, 1),))).findings
    assert finding.rule is RuleName.LABEL_UNRECOGNIZED


def test_a_category_printed_twice_is_named_with_both_totals() -> None:
    twice = (*complete_figures(tanks=17), figure("tanks", None, 2))
    (finding, _) = only(bulletin(figures=twice)).findings
    assert finding.sentence.endswith(": tanks, total 17; tanks, total not printed")


def test_a_category_outside_its_dates_is_flagged() -> None:
    day = date(2023, 9, 13)
    figures = (*complete_figures(day), figure("submarines", 1, None))
    verdict = only(bulletin(day, figures=figures))
    assert findings(verdict) == {RuleName.CATEGORY_NOT_IN_FORCE: Severity.WARNING}


def test_a_long_list_of_failing_rows_is_cut_in_the_sentence_alone() -> None:
    figures = tuple(figure(f.category, -1, 0) for f in complete_figures())
    (finding,) = only(bulletin(figures=figures)).findings
    assert finding.sentence.endswith(f"; and {len(figures) - 5} more")
    assert len(finding.rows) == len(figures)


def test_a_batch_costs_two_runs_of_great_expectations(runs: list[tuple[str, int]]) -> None:
    batch = [reading(bulletin(), str(n)) for n in range(200)]
    assert not any(v.findings for v in validate(batch, registry=REGISTRY, today=TODAY))
    assert runs == [("documents", 200), ("figures", 200 * len(complete_figures()))]


def test_a_rule_that_the_batch_as_a_whole_breaks_is_found_with_each_document(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few = gx.expectations.ExpectTableRowCountToBeBetween(
        max_value=1, meta={"rule": RuleName.ROWS_MISSING, "sentence": "too many", "detail": ""}
    )
    suite = Suite("few documents", DOCUMENTS.columns, (few,))
    monkeypatch.setitem(SUITES, "documents", suite)
    batch = [reading(bulletin(), str(n)) for n in range(2)]
    verdicts = validate(batch, registry=REGISTRY, today=TODAY)
    assert [findings(verdict) for verdict in verdicts] == [
        {RuleName.ROWS_MISSING: Severity.CRITICAL}
    ] * 2


def test_no_documents_no_verdicts() -> None:
    assert validate([], registry=REGISTRY, today=TODAY) == []


@pytest.fixture
def unconverted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a number reach Great Expectations as it was read, so that its rules meet a text."""
    monkeypatch.setattr(gate, "_int64", lambda value: value)


BATCH = 16
SPOILT = bulletin(war_day="many")


@pytest.mark.usefixtures("unconverted")
class TestARuleThatCannotBeEvaluated:
    @pytest.mark.slow
    @pytest.mark.parametrize("at", [pytest.param(0, marks=pytest.mark.full), 10])
    def test_blocks_its_document_alone_and_names_the_rule(
        self, at: int, runs: list[tuple[str, int]]
    ) -> None:
        batch = [reading(bulletin(war_day=594), str(n)) for n in range(BATCH)]
        batch[at] = reading(SPOILT, "spoilt")
        verdicts = validate(batch, registry=REGISTRY, today=TODAY)
        assert [n for n, verdict in enumerate(verdicts) if verdict.blocked] == [at]
        assert verdicts[at].reason_code is RuleName.RULE_FAILED
        assert "war_day_contradicts_date (unsupported operand" in (verdicts[at].reason or "")
        assert all(RuleName.WAR_DAY_OFF in findings(verdict) for verdict in verdicts)
        assert len(runs) <= 2 + 2 * ceil(log2(BATCH))

    @pytest.mark.slow
    def test_leaves_its_other_rules_in_force(self) -> None:
        found = findings(only(SPOILT))
        assert found.keys() == {RuleName.RULE_FAILED, RuleName.WAR_DAY_OFF}

    @pytest.mark.slow
    def test_blocks_each_document_that_it_fails_on(self) -> None:
        batch = [reading(SPOILT, str(n)) for n in range(3)]
        verdicts = validate(batch, registry=REGISTRY, today=TODAY)
        assert [v.reason_code for v in verdicts] == [RuleName.RULE_FAILED] * 3

    def test_is_logged_with_its_traceback(self, caplog: pytest.LogCaptureFixture) -> None:
        only(SPOILT)
        (logged,) = [one for one in caplog.records if one.name.startswith("flows.validate")]
        assert "war_day_contradicts_date" in logged.getMessage()
        assert "Traceback (most recent call last)" in logged.getMessage()


def test_what_the_checkpoints_said_can_be_kept() -> None:
    kept: list[SuiteResult] = []
    validate([reading(bulletin(war_day=594))], registry=REGISTRY, today=TODAY, keep=kept.append)
    assert [(one.suite, one.rows) for one in kept] == [("documents", 1), ("figures", 14)]
    broken = [(one.suite, rule, n) for one in kept for rule, n in one.broken.items() if n]
    assert broken == [("documents", RuleName.WAR_DAY_OFF, 1)]
