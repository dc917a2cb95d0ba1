"""The truth table of schemas/gate.md, row by row: real gate, real audit, real lake."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import great_expectations as gx
import pytest
from great_expectations.expectations.row_conditions import Column

from flows.errors import RuleNotEvaluated
from flows.lake.lake import Lake, open_lake
from flows.lake.window import read_window
from flows.publish.publish import publish, run_input
from flows.reconcile.decide import reconcile
from flows.report.run_summary import SourceOutcome, Summary
from flows.validate.audit import audit
from flows.validate.gate import validate
from schemas.codes import BulletinWarningCode, Outcome, Reason, RuleName, Severity
from schemas.records import Bulletin, BulletinWarning, Finding, Reading, Verdict
from schemas.registry import load_registry
from schemas.suites import SUITES, Suite
from tests.builders import DAY, NOW, bulletin, complete_figures, reading, refused

REGISTRY = load_registry()
TODAY = DAY + timedelta(days=1)
TABLE = Path(__file__).resolve().parents[2] / "schemas" / "gate.md"
OTHER_DAY = DAY - timedelta(days=3)

GAVE = SourceOutcome("folder", documents=1)
WAITING = SourceOutcome("folder", Outcome.NOT_PUBLISHED_YET)
DOWN = SourceOutcome("article", Outcome.UNREACHABLE, "no answer")

COMPLETE = complete_figures()
INCOMPLETE = COMPLETE[1:]
NEGATIVE = complete_figures(tanks=-1)
ODD = complete_figures(tanks=17)
OTHER = bulletin(OTHER_DAY)


@dataclass(frozen=True)
class Case:
    """What arrives: the document in question, others of the run, how the sources did.

    `fails` is a suite in which a rule cannot be evaluated, on a day or (None) on any.
    """

    document: Bulletin | None
    sources: tuple[SourceOutcome, ...] = (GAVE,)
    others: tuple[Bulletin, ...] = ()
    error: str | None = None
    fails: tuple[str, date | None] | None = None


CASES = {
    "sound": Case(bulletin()),
    "flagged": Case(bulletin(figures=INCOMPLETE)),
    "does not add up": Case(bulletin(figures=ODD)),
    "flagged, does not add up": Case(bulletin(figures=ODD, war_day=594)),
    "blocked": Case(bulletin(figures=NEGATIVE)),
    "blocked and flagged": Case(bulletin(figures=NEGATIVE[1:])),
    "a rule of the gate fails on it": Case(bulletin(), others=(OTHER,), fails=("figures", DAY)),
    "a rule of the gate fails on another": Case(
        bulletin(), others=(OTHER,), fails=("documents", OTHER_DAY)
    ),
    "the audit fails on its day": Case(bulletin(), others=(OTHER,), fails=("ledger", DAY)),
    "the audit fails on another day": Case(
        bulletin(), others=(OTHER,), fails=("ledger", OTHER_DAY)
    ),
    "the audit fails on every day": Case(bulletin(), others=(OTHER,), fails=("ledger", None)),
    "refused by the parser": Case(replace(refused(), reason_code=Reason.NO_LIST)),
    "sound, beside a blocked one": Case(
        bulletin(), others=(bulletin(OTHER_DAY, figures=NEGATIVE),)
    ),
    "sound, another source down": Case(bulletin(), sources=(GAVE, DOWN)),
    "not published yet": Case(None, sources=(WAITING,)),
    "source down": Case(None, sources=(DOWN,)),
    "one source waits, one is down": Case(None, sources=(WAITING, DOWN)),
    "run broke off": Case(bulletin(), error="the disk is full"),
    "left by a run that broke off": Case(bulletin(), sources=(WAITING,)),
}


def failing(suite: Suite, day: date | None) -> Suite:
    """Return the suite with a rule that compares a date with a number on that day, or on any."""
    expectation = gx.expectations.ExpectColumnValuesToBeBetween(
        column="report_date",
        min_value=0,
        row_condition=Column("report_date") == day if day else None,
        meta={"rule": RuleName.TOTAL_FALLING, "sentence": "it falls", "detail": ""},
    )
    return Suite(
        f"{suite.name} failing on {day}", suite.columns, (*suite.expectations, expectation)
    )


def truth_table() -> list[dict[str, str]]:
    """Return the rows of the first table in gate.md by column name."""
    page, _, _ = TABLE.read_text("utf-8").partition("## The rules")
    lines = [line for line in page.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def run(lake: Lake, readings: Sequence[Reading], case: Case) -> Summary:
    """Do what a run does with these documents, up to where it breaks off."""
    summary = Summary("daily", "run", NOW, NOW, str(lake.root), sources=case.sources)
    lake.archive.store([one.archived.document for one in readings], NOW)
    if case.error:
        return replace(summary, error=case.error)
    verdicts = validate(readings, registry=REGISTRY, today=TODAY)
    with lake.lock():
        window = read_window(lake, run_input(lake, verdicts, whole=False), REGISTRY)
        while True:
            given = run_input(lake, verdicts, whole=False)
            decision = reconcile(
                window, given, registry=REGISTRY, source_order=("folder",), now=NOW
            )
            try:
                audited = audit(decision.touched, registry=REGISTRY)
            except RuleNotEvaluated as error:
                return replace(summary, verdicts=tuple(verdicts), error=str(error))
            if not audited.failed:
                break
            verdicts = [
                replace(verdict, findings=(*verdict.findings, UNAUDITED))
                if verdict.reading.bulletin.report_date in audited.failed
                else verdict
                for verdict in verdicts
            ]
        done = publish(lake, decision, given, verdicts)
    return replace(summary, verdicts=tuple(verdicts), publication=done, ledger=audited.findings)


UNAUDITED = Finding(RuleName.AUDIT_FAILED, Severity.CRITICAL, "the audit failed")


def outcome(lake: Lake, document: Reading | None, summary: Summary) -> dict[str, str]:
    """Return what the table says of a document, as it really came out."""
    verdict = next((v for v in summary.verdicts if v.reading == document), None)
    return {
        "parser": document.bulletin.status if document else "-",
        **_rules(verdict, summary),
        **_record(lake, document),
        "in losses": "yes" if lake.losses(DAY, DAY) else "no",
        "in quarantine": "yes" if document and _in_quarantine(lake, document) else "no",
        "run": summary.state,
        "exit": str(summary.exit_status),
    }


def _rules(verdict: Verdict | None, summary: Summary) -> dict[str, str]:
    if verdict is None or not verdict.reading.bulletin.accepted:
        return {"critical": "-", "warning": "-", "audit": "-"}
    found = {finding.rule: finding.severity for finding in verdict.findings}
    unaudited = found.pop(RuleName.AUDIT_FAILED, None) or (summary.error and not verdict.blocked)
    critical = "broken" if Severity.CRITICAL in found.values() else "hold"
    return {
        "critical": "failed" if RuleName.RULE_FAILED in found else critical,
        "warning": "broken" if Severity.WARNING in found.values() else "hold",
        "audit": "failed" if unaudited else "-" if verdict.blocked else _audit(summary),
    }


def _audit(summary: Summary) -> str:
    """Whether rows of the day are flagged; those of another day have the gap before them."""
    days = {row["report_date"] for finding in summary.ledger for row in finding.rows}
    return "broken" if DAY.isoformat() in days else "hold"


def _record(lake: Lake, document: Reading | None) -> dict[str, str]:
    """Return the status and reason code of a document in `bulletins`."""
    if document is None:
        return {"document": "-", "reason code": "-"}
    if document.key in lake.archive.pending():
        return {"document": "pending", "reason code": "-"}
    (row,) = [b for b in lake.bulletins() if b.document_sha256 == document.key[1]]
    return {"document": row.status, "reason code": row.reason_code or "-"}


def _in_quarantine(lake: Lake, document: Reading) -> bool:
    return document.key[1] in {one["provenance"]["sha256"] for one in lake.quarantined()}


def test_the_table_and_the_cases_are_the_same() -> None:
    assert [row["case"] for row in truth_table()] == list(CASES)


@pytest.mark.slow
@pytest.mark.parametrize("row", truth_table(), ids=lambda row: row["case"])
def test_the_outcome_is_the_one_in_the_table(
    row: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[row["case"]]
    lake = open_lake(tmp_path / "lake", create=True)
    yesterday = bulletin(DAY - timedelta(days=1))
    run(lake, [reading(yesterday, "yesterday")], Case(yesterday))
    document = reading(case.document, "document") if case.document else None
    others = [reading(other, f"other-{n}") for n, other in enumerate(case.others)]
    if case.fails:
        suite, day = case.fails
        monkeypatch.setitem(SUITES, suite, failing(SUITES[suite], day))
    summary = run(lake, [*([document] if document else []), *others], case)
    assert outcome(lake, document, summary) == {k: v for k, v in row.items() if k != "case"}


def test_what_is_quarantined_names_the_reason_and_the_failing_rows(tmp_path: Path) -> None:
    lake = open_lake(tmp_path / "lake", create=True)
    run(lake, [reading(bulletin(figures=NEGATIVE))], Case(bulletin()))
    (kept,) = lake.quarantined()
    assert kept["reason"] == "a total is below zero: tanks -1"
    (finding,) = kept["findings"]
    assert (finding["rule"], finding["severity"]) == ("total_negative", "critical")
    assert finding["rows"][0]["category"] == "tanks"
    assert finding["rows"][0]["total"] == -1


def test_a_warning_is_kept_beside_the_document(tmp_path: Path) -> None:
    lake = open_lake(tmp_path / "lake", create=True)
    run(lake, [reading(bulletin(war_day=594))], Case(bulletin()))
    (row,) = lake.bulletins()
    (warning,) = row.warnings
    assert warning == BulletinWarning(
        BulletinWarningCode.WAR_DAY_OFF,
        "the printed war day is not that of the report date: "
        "day 594 is printed, 2023-10-09 is day 593",
    )
