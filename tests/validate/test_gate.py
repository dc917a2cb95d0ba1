"""The truth table of docs/reference/gate.md: the stages from the gate on, a real lake."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NoReturn

import great_expectations as gx
import pytest
from great_expectations.expectations.row_conditions import Column

from flows import pipeline
from flows.archive.store import Archive
from flows.collect import Collected
from flows.errors import LakeError, RuleNotEvaluated
from flows.job import Job
from flows.lake.lake import Lake, open_lake
from flows.pipeline import Batch, Stages
from flows.publish.publish import Publication
from flows.reconcile.decide import Decision
from flows.report.run_summary import SourceOutcome, Summary
from flows.settings import SourceConfig
from flows.validate.audit import Audit
from schemas.codes import BulletinWarningCode, Outcome, Reason, RuleName, Severity
from schemas.records import Bulletin, BulletinWarning, Reading, Verdict
from schemas.suites import SUITES, Suite
from tests.builders import DAY, NOW, bulletin, complete_figures, reading, refused

TABLE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "gate.md"
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

    `fails` is a suite in which a rule cannot be evaluated, on a day or (None) on any. `pending`:
    an earlier run left the document.
    """

    document: Bulletin | None
    sources: tuple[SourceOutcome, ...] = (GAVE,)
    others: tuple[Bulletin, ...] = ()
    fails: tuple[str, date | None] | None = None
    malformed: bool = False
    disk_full: bool = False
    pending: bool = False


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
    "its rows are malformed": Case(bulletin(), others=(OTHER,), malformed=True),
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
    "the disk is full": Case(bulletin(), disk_full=True),
    "left by a run that broke off": Case(bulletin(), sources=(WAITING,), pending=True),
}


def failing(suite: Suite, day: date | None) -> Suite:
    """Return the suite with a rule that compares a date with a number on that day, or on any."""
    expectation = gx.expectations.ExpectColumnValuesToBeBetween(
        column="report_date",
        min_value=0,
        row_condition=Column("report_date") == day if day else None,
        meta={"rule": RuleName.TOTAL_FALLING, "sentence": "it falls", "detail": ""},
    )
    name = f"{suite.name} failing on {day}"
    return Suite(name, suite.columns, (*suite.expectations, expectation))


class Run:
    """A run of the pipeline in which the sources give documents that print these bulletins.

    `verdicts` are those of the gate, `audits` those of the rows, `summary` is what the run left.
    """

    def __init__(self, lake: Lake, readings: Sequence[Reading], case: Case) -> None:
        self.case = case
        self.readings = {one.archived.document.sha256: one for one in readings}
        self.verdicts: list[Verdict] = []
        self.audits: list[Audit] = []
        self.not_evaluated = False
        names = ("collect", "read", "validate", "reconcile", "audit", "publish", "report")
        stages = type("Given", (Stages,), {n: staticmethod(getattr(self, n)) for n in names})
        sources = tuple(SourceConfig(one.source, "folder", path="given") for one in case.sources)
        job = Job("daily", "run", NOW, ("folder", "article"), sources)
        try:
            pipeline.run(job, lake, no_network, stages)
        except (RuleNotEvaluated, LakeError):
            assert self.summary.error

    def collect(self, config: SourceConfig, job: Job, archive: Archive, *_: object) -> Collected:
        (outcome,) = (one for one in self.case.sources if one.source == config.name)
        documents = [one.archived.document for one in self.readings.values() if outcome.documents]
        return Collected(tuple(archive.store(documents, job.now)), outcome)

    def read(self, batch: Batch, _: object) -> list[Reading]:
        return [self.readings[archived.document.sha256] for archived in batch.documents]

    def validate(self, *args: Any, **kwargs: Any) -> list[Verdict]:
        self.verdicts = Stages.validate(*args, **kwargs)
        return self.verdicts

    def reconcile(self, *args: Any, **kwargs: Any) -> Decision:
        decision = Stages.reconcile(*args, **kwargs)
        if not self.case.malformed:
            return decision
        rows = [
            replace(row, category="zeppelins") if row.report_date == DAY else row
            for row in decision.touched
        ]
        return replace(decision, touched=rows)

    def audit(self, *args: Any, **kwargs: Any) -> Audit:
        try:
            self.audits.append(Stages.audit(*args, **kwargs))
        except RuleNotEvaluated:
            self.not_evaluated = True
            raise
        return self.audits[-1]

    def publish(self, *args: Any) -> Publication:
        if self.case.disk_full:
            raise LakeError("the disk is full")
        return Stages.publish(*args)

    def report(self, lake: Lake, summary: Summary) -> str:
        self.summary = summary
        return Stages.report(lake, summary)


def no_network(*_: object, **__: object) -> NoReturn:
    raise AssertionError("nothing is fetched here")


def truth_table() -> list[dict[str, str]]:
    """Return the rows of the first table in gate.md by column name."""
    page, _, _ = TABLE.read_text("utf-8").partition("## The rules")
    lines = [line for line in page.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def outcome(lake: Lake, document: Reading | None, run: Run) -> dict[str, str]:
    """Return what the table says of a document, as it really came out."""
    return {
        "parser": document.bulletin.status if document else "-",
        **_rules(document, run),
        **_record(lake, document),
        "in losses": "yes" if lake.losses(DAY, DAY) else "no",
        "in quarantine": "yes" if document and _in_quarantine(lake, document) else "no",
        "run": run.summary.state,
        "exit": str(run.summary.exit_status),
    }


def _rules(document: Reading | None, run: Run) -> dict[str, str]:
    if document is None or not document.bulletin.accepted:
        return {"critical": "-", "warning": "-", "audit": "-"}
    (verdict,) = (v for v in run.verdicts if v.reading == document)
    found = {finding.rule: finding.severity for finding in verdict.findings}
    critical = "broken" if Severity.CRITICAL in found.values() else "hold"
    return {
        "critical": "failed" if RuleName.RULE_FAILED in found else critical,
        "warning": "broken" if Severity.WARNING in found.values() else "hold",
        "audit": "-" if verdict.blocked else _audit(run),
    }


def _audit(run: Run) -> str:
    """What the audit said of the rows of the day, at any time of the run."""
    if run.not_evaluated or any(DAY in audit.failed for audit in run.audits):
        return "failed"
    severities = {
        finding.severity
        for audit in run.audits
        for finding in audit.findings
        if DAY.isoformat() in {row["report_date"] for row in finding.rows}
    }
    if Severity.CRITICAL in severities:
        return "malformed"
    return "broken" if severities else "hold"


def _record(lake: Lake, document: Reading | None) -> dict[str, str]:
    """Return the status and reason code of a document in `bulletins`."""
    if document is None:
        return {"document": "-", "reason code": "-"}
    if document.key in lake.archive.pending():
        return {"document": "pending", "reason code": "-"}
    (row,) = [b for b in lake.bulletins() if b.document_sha256 == document.key[1]]
    return {"document": row.status, "reason code": row.reason_code or "-"}


def _in_quarantine(lake: Lake, document: Reading) -> bool:
    return document.key[1] in {one.provenance.sha256 for one in lake.quarantined()}


def test_the_table_and_the_cases_are_the_same() -> None:
    assert [row["case"] for row in truth_table()] == list(CASES)


@pytest.fixture(scope="module")
def yesterday(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake with the day before."""
    root = tmp_path_factory.mktemp("gate") / "lake"
    before = reading(bulletin(DAY - timedelta(days=1)), "yesterday")
    Run(open_lake(root, create=True), [before], Case(None))
    return root


@pytest.mark.slow
@pytest.mark.parametrize("row", truth_table(), ids=lambda row: row["case"])
def test_the_outcome_is_the_one_in_the_table(
    row: dict[str, str], yesterday: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = CASES[row["case"]]
    lake = open_lake(shutil.copytree(yesterday, tmp_path / "lake"))
    document = reading(case.document, "document") if case.document else None
    others = [reading(other, f"other-{n}") for n, other in enumerate(case.others)]
    given = [*([document] if document else []), *others]
    if case.pending:
        Run(lake, given, Case(None, disk_full=True))
    if case.fails:
        suite, day = case.fails
        monkeypatch.setitem(SUITES, suite, failing(SUITES[suite], day))
    found = outcome(lake, document, Run(lake, given, case))
    assert found == {name: cell for name, cell in row.items() if name != "case"}


def test_what_is_quarantined_names_the_reason_and_the_failing_rows(tmp_path: Path) -> None:
    lake = open_lake(tmp_path / "lake", create=True)
    Run(lake, [reading(bulletin(figures=NEGATIVE))], Case(None))
    (kept,) = lake.quarantined()
    assert kept.reason == "a total is below zero: tanks -1"
    (finding,) = kept.findings
    assert (finding.rule, finding.severity) == ("total_negative", "critical")
    assert finding.rows[0]["category"] == "tanks"
    assert finding.rows[0]["total"] == -1


def test_a_warning_is_kept_beside_the_document(tmp_path: Path) -> None:
    lake = open_lake(tmp_path / "lake", create=True)
    Run(lake, [reading(bulletin(war_day=594))], Case(None))
    (row,) = lake.bulletins()
    (warning,) = row.warnings
    assert warning == BulletinWarning(
        BulletinWarningCode.WAR_DAY_OFF,
        "the printed war day is not that of the report date: "
        "day 594 is printed, 2023-10-09 is day 593",
    )
