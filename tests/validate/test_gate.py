"""The truth table of schemas/gate.md, row by row, through the real gate into a real lake."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from flows.lake.lake import Lake, open_lake
from flows.publish.publish import pending, publish
from flows.report.run_summary import SourceOutcome, Summary
from flows.validate.gate import check_rows, validate
from schemas.codes import Outcome
from schemas.records import Bulletin, Finding, Reading, Verdict
from schemas.registry import load_registry
from tests.builders import DAY, NOW, bulletin, complete_figures, reading, refused

REGISTRY = load_registry()
TODAY = DAY + timedelta(days=1)
TABLE = Path(__file__).resolve().parents[2] / "schemas" / "gate.md"

GAVE = SourceOutcome("folder", documents=1)
WAITING = SourceOutcome("folder", Outcome.NOT_PUBLISHED_YET)
DOWN = SourceOutcome("article", Outcome.UNREACHABLE, "no answer")

COMPLETE = complete_figures()
INCOMPLETE = COMPLETE[1:]
NEGATIVE = complete_figures(tanks=-1)
ODD = complete_figures(tanks=17)


@dataclass(frozen=True)
class Case:
    """What arrives: the document in question, others of the run, how the sources did."""

    document: Bulletin | None
    sources: tuple[SourceOutcome, ...] = (GAVE,)
    others: tuple[Bulletin, ...] = ()
    error: str | None = None


CASES = {
    "sound": Case(bulletin()),
    "flagged": Case(bulletin(figures=INCOMPLETE)),
    "does not add up": Case(bulletin(figures=ODD)),
    "flagged, does not add up": Case(bulletin(figures=ODD, war_day=594)),
    "blocked": Case(bulletin(figures=NEGATIVE)),
    "blocked and flagged": Case(bulletin(figures=NEGATIVE[1:])),
    "refused by the parser": Case(refused()),
    "sound, beside a blocked one": Case(
        bulletin(), others=(bulletin(DAY - timedelta(days=3), figures=NEGATIVE),)
    ),
    "sound, another source down": Case(bulletin(), sources=(GAVE, DOWN)),
    "not published yet": Case(None, sources=(WAITING,)),
    "source down": Case(None, sources=(DOWN,)),
    "one source waits, one is down": Case(None, sources=(WAITING, DOWN)),
    "run broke off": Case(bulletin(), error="the disk is full"),
    "left by a run that broke off": Case(bulletin(), sources=(WAITING,)),
}


def truth_table() -> list[dict[str, str]]:
    """Return the rows of the table in gate.md by column name."""
    lines = [line for line in TABLE.read_text("utf-8").splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [dict(zip(cells[0], row, strict=True)) for row in cells[2:]]


def run(lake: Lake, readings: Sequence[Reading], case: Case) -> Summary:
    """Do what a run does with these documents, up to where it breaks off."""
    summary = Summary("daily", "run", NOW, NOW, str(lake.root), sources=case.sources)
    lake.archive.store([one.archived.document for one in readings], NOW)
    if case.error:
        return replace(summary, error=case.error)
    verdicts = validate(readings, registry=REGISTRY, today=TODAY)
    done = publish(lake, verdicts, registry=REGISTRY, source_order=("folder",), now=NOW)
    ledger = tuple(check_rows(done.rows, registry=REGISTRY))
    return replace(summary, verdicts=tuple(verdicts), publication=done, ledger=ledger)


def held(findings: Sequence[Finding], severity: str) -> str:
    return "broken" if any(f.severity == severity for f in findings) else "holds"


def outcome(lake: Lake, document: Reading | None, summary: Summary) -> dict[str, str]:
    """Return what the table says of a document, as it really came out."""
    verdict = next((v for v in summary.verdicts if v.reading == document), None)
    status = _status(lake, document)
    return {
        "parser": document.bulletin.status if document else "-",
        **_rules(verdict, summary),
        "document": status,
        "in losses": "yes" if lake.losses(DAY, DAY) else "no",
        "in quarantine": "yes" if document and _in_quarantine(lake, document) else "no",
        "run": summary.state,
        "exit": str(summary.exit_status),
    }


def _rules(verdict: Verdict | None, summary: Summary) -> dict[str, str]:
    if verdict is None or not verdict.reading.bulletin.accepted:
        return {"critical": "-", "warning": "-", "ledger": "-"}
    ledger = "-" if verdict.blocked else "broken" if summary.ledger else "holds"
    critical, warning = (held(verdict.findings, name) for name in ("critical", "warning"))
    return {"critical": critical, "warning": warning, "ledger": ledger}


def _status(lake: Lake, document: Reading | None) -> str:
    if document is None:
        return "-"
    if document.key in pending(lake):
        return "pending"
    (row,) = [b for b in lake.bulletins() if b["document_sha256"] == document.key[1]]
    return str(row["status"])


def _in_quarantine(lake: Lake, document: Reading) -> bool:
    return document.key[1] in {one["provenance"]["sha256"] for one in lake.quarantined()}


def test_the_table_and_the_cases_are_the_same() -> None:
    assert [row["case"] for row in truth_table()] == list(CASES)


@pytest.mark.parametrize("row", truth_table(), ids=lambda row: row["case"])
def test_the_outcome_is_the_one_in_the_table(row: dict[str, str], tmp_path: Path) -> None:
    case = CASES[row["case"]]
    lake = open_lake(tmp_path / "lake", create=True)
    yesterday = bulletin(DAY - timedelta(days=1))
    run(lake, [reading(yesterday, "yesterday")], Case(yesterday))
    document = reading(case.document, "document") if case.document else None
    others = [reading(other, f"other-{n}") for n, other in enumerate(case.others)]
    summary = run(lake, [*([document] if document else []), *others], case)
    assert outcome(lake, document, summary) == {k: v for k, v in row.items() if k != "case"}


def test_what_is_quarantined_names_the_reason_and_the_failing_rows(tmp_path: Path) -> None:
    lake = open_lake(tmp_path / "lake", create=True)
    run(lake, [reading(bulletin(figures=NEGATIVE))], Case(bulletin()))
    (kept,) = lake.quarantined()
    assert kept["reason"] == "a total is below zero: tanks -1"
    (finding,) = kept["findings"]
    assert (finding["rule"], finding["severity"]) == ("total_not_negative", "critical")
    assert finding["rows"][0]["category"] == "tanks"
    assert finding["rows"][0]["total"] == -1


def test_a_warning_is_kept_beside_the_document(tmp_path: Path) -> None:
    lake = open_lake(tmp_path / "lake", create=True)
    run(lake, [reading(bulletin(war_day=594))], Case(bulletin()))
    (row,) = lake.bulletins()
    assert row["warnings"] == [
        "the printed war day is not that of the report date: "
        "day 594 is printed, 2023-10-09 is day 593"
    ]
