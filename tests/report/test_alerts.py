"""What people are told of a run: which causes, of which days, in which words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, timedelta
from typing import Any

import pytest

from flows.lake.alerts import Alert
from flows.lake.runs import NO_RUNS, LastRuns, Record, SourceRun
from flows.report.alerts import MOST_LINES, MOST_SENTENCES, alerts, may_be_silent, message
from flows.report.run_summary import SourceOutcome, Summary
from flows.report.told import ToldDocuments
from flows.validate.gate import validate
from schemas.codes import AlertCause, Outcome, RuleName, Severity
from schemas.records import Finding, Unrecognized, Verdict
from schemas.registry import load_registry
from schemas.tables import LossRow
from tests.builders import DAY, NOW, bulletin, loss_row, reading, refused
from tests.report.test_run_summary import full_day, gap, mismatch, summary

FELL = mismatch("aircraft", 0, 316, 315)
FELL_UNPRINTED = loss_row(
    delta=None, total=4820, change=-1, discrepancy=None, delta_status="not_printed"
)
DISPUTED = loss_row(category="tanks", sources_agreeing=1, sources_total=3)


def found(report: Summary, **given: Any) -> list[Alert]:
    """Return the alerts of a run of which nothing earlier is known."""
    return alerts(report, given.pop("known", NO_RUNS), silent_after_days=3, **given)


def causes(report: Summary, **given: Any) -> dict[AlertCause, list[date]]:
    """Return the days of each cause that people are told of."""
    days: dict[AlertCause, list[date]] = {}
    for alert in found(report, **given):
        days.setdefault(alert.cause, []).append(alert.report_date)
    return days


def quarantined(*verdicts: Verdict) -> Summary:
    """Return a run that published nothing of these."""
    return summary(
        documents=ToldDocuments.of(verdicts), sources=(SourceOutcome("folder", documents=1),)
    )


def blocked(rule: RuleName, day: date | None = DAY) -> Verdict:
    finding = Finding(rule, Severity.CRITICAL, rule.clause)
    return Verdict(reading(bulletin(day)), (finding,))


def test_a_day_that_adds_up_alerts_nobody() -> None:
    assert found(summary(full_day())) == []
    assert found(summary(full_day(gap("uavs", 3)))) == []
    waiting = (SourceOutcome("novinite", Outcome.NOT_PUBLISHED_YET),)
    assert found(summary(sources=waiting)) == []


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (mismatch("tanks", 15, 4710, 4730), {"mismatch"}),
        (FELL, {"mismatch", "total_falling"}),
        (DISPUTED, {"sources_disagree"}),
        (
            loss_row(
                delta=None, total=4820, change=-1, discrepancy=None, delta_status="not_printed"
            ),
            {"total_falling"},
        ),
    ],
)
def test_rows_give_their_causes(row: LossRow, told: set[str]) -> None:
    assert causes(summary(full_day(row))) == {AlertCause(cause): [DAY] for cause in told}


def test_figures_of_a_day_and_cause_are_one_alert_and_days_are_several() -> None:
    later = DAY + timedelta(days=1)
    rows = full_day(mismatch("tanks", 15, 4710, 4730), mismatch("uavs", 20, 5061, 5080))
    rows += full_day(mismatch("mlrs", 1, 800, 808, later), day=later)
    first, second = found(summary(rows))
    assert (first.key, second.key) == ((DAY, "mismatch"), (later, "mismatch"))
    assert first.sentences == (
        "Tanks: printed +15, total changed by +20 (4,710 -> 4,730)",
        "Operational-tactical UAVs: printed +20, total changed by +19 (5,061 -> 5,080)",
    )


@pytest.mark.slow
def test_a_label_that_nobody_knows_is_told_with_its_numbers() -> None:
    parsed = bulletin(unrecognized=(Unrecognized("hover\x1bcraft", 7, 1),))
    verdicts = tuple(validate([reading(parsed)], registry=load_registry(), today=DAY))
    (alert,) = found(summary(full_day(), documents=ToldDocuments.of(verdicts)))
    assert alert.cause is AlertCause.LABEL_UNRECOGNIZED
    assert "hover craft 7 (+1)" in alert.sentences[0]


def test_a_document_in_quarantine_explains_why_the_run_failed() -> None:
    report = quarantined(blocked(RuleName.TOTAL_IMPOSSIBLE))
    assert report.exit_status == 1
    (alert,) = found(report)
    assert alert.key == (DAY, AlertCause.DAY_QUARANTINED)
    assert alert.sentences == (
        "a.txt (folder) is not published: a total is higher than any history makes possible",
    )


def test_a_day_that_the_audit_cannot_evaluate_is_told_as_that() -> None:
    assert causes(quarantined(blocked(RuleName.AUDIT_FAILED))) == {AlertCause.AUDIT_FAILED: [DAY]}
    finding = Finding(
        RuleName.CATEGORY_UNKNOWN, Severity.CRITICAL, "odd", ({"report_date": str(DAY)},)
    )
    assert causes(summary(full_day(), ledger=(finding,))) == {AlertCause.AUDIT_FAILED: [DAY]}
    broken = summary(kind="daily", awaited=DAY, error="RuleNotEvaluated: it broke")
    assert causes(broken, audit_broken=True) == {AlertCause.AUDIT_FAILED: [DAY]}


def test_an_undated_document_is_told_on_the_day_on_which_it_was_archived() -> None:
    unread = Verdict(
        reading(refused()), (Finding(RuleName.UNREADABLE, Severity.CRITICAL, "no figures"),)
    )
    for kind in ("daily", "rebuild"):
        report = replace(quarantined(unread), kind=kind, started_at=NOW + timedelta(days=90))
        assert causes(report) == {AlertCause.DAY_QUARANTINED: [NOW.date()]}


@pytest.mark.parametrize(
    "changes",
    [
        {"error": "LakeError: Cannot write x: no space"},
        {"sources": (SourceOutcome("novinite", Outcome.UNREACHABLE, "no answer in 30 s"),)},
    ],
)
def test_a_run_that_failed_otherwise_is_told_with_its_reason(changes: dict[str, Any]) -> None:
    (alert,) = found(summary(kind="daily", awaited=DAY, **changes))
    assert alert.key == (DAY, AlertCause.RUN_FAILED)
    assert alert.sentences[0].startswith("daily: ")
    assert "no space" in alert.sentences[0] or "no answer in 30 s" in alert.sentences[0]


def test_a_run_that_broke_off_is_told_beside_what_it_had_put_aside() -> None:
    report = replace(quarantined(blocked(RuleName.TOTAL_IMPOSSIBLE)), error="LakeError: no space")
    assert set(causes(report)) == {AlertCause.DAY_QUARANTINED, AlertCause.RUN_FAILED}


def test_a_missed_deadline_says_what_the_sources_said() -> None:
    sources = (
        SourceOutcome("novinite", Outcome.NOT_PUBLISHED_YET),
        SourceOutcome("minfin", Outcome.UNREACHABLE, "no answer"),
    )
    report = summary(kind="daily", awaited=DAY, sources=sources, deadline=NOW)
    assert report.late
    (alert,) = found(report)
    assert alert.key == (DAY, AlertCause.MISSED_DEADLINE)
    assert "novinite: not published yet; minfin: unreachable: no answer" in alert.sentences[0]


QUIET = SourceOutcome("novinite", Outcome.NOT_PUBLISHED_YET)
GIVING = SourceOutcome("minfin", documents=1)


def today(*sources: SourceOutcome, **changes: Any) -> Summary:
    """Return the daily run of 10 October 2023, at noon in Kyiv."""
    day = date(2023, 10, 10)
    given: dict[str, Any] = {"kind": "daily", "awaited": day, "started_at": NOW}
    return summary(full_day(), sources=sources, **given | changes)


def last_runs(days_ago: int, *, succeeded: bool = True) -> LastRuns:
    """Return that the quiet source last succeeded, or was asked first, so many days ago."""
    one = SourceRun("x.json", Outcome.OK, NOW - timedelta(days=days_ago))
    return replace_runs(succeeded={"novinite": one} if succeeded else {}, asked_first=one)


def replace_runs(succeeded: dict[str, SourceRun], asked_first: SourceRun) -> LastRuns:
    return LastRuns(None, "", {"novinite": asked_first}, {"novinite": asked_first}, succeeded)


def run_of(days_ago: int, quiet: int = 0, giving: int = 1) -> Record:
    """Return the summary of a run, as kept, and how many documents the two sources gave."""
    return {
        "started_at": (NOW - timedelta(days=days_ago)).astimezone(UTC).isoformat(),
        "sources": [
            {"source": "novinite", "documents": quiet},
            {"source": "minfin", "documents": giving},
        ],
    }


def silence(earlier: Sequence[Record], known: LastRuns, *sources: SourceOutcome) -> list[Alert]:
    return alerts(today(*(sources or (QUIET, GIVING))), known, earlier, silent_after_days=3)


@pytest.mark.parametrize("succeeded", [True, False])
def test_a_source_that_gives_nothing_while_others_do_is_silent_since_its_last_day(
    succeeded: bool,
) -> None:
    known = last_runs(4, succeeded=succeeded)
    (alert,) = silence([run_of(1), run_of(1), run_of(2), run_of(4, quiet=1)], known)
    assert alert.key == (date(2023, 10, 6), AlertCause.SOURCE_SILENT)
    assert alert.sentences == (
        "source novinite has given nothing since then, on 3 days on which others have (minfin); "
        "now: not published yet",
    )


@pytest.mark.parametrize(
    ("earlier", "known"),
    [
        pytest.param([run_of(1), run_of(2)], last_runs(2), id="not for long"),
        pytest.param([run_of(1), run_of(2, giving=0)], last_runs(9), id="others gave nothing"),
        pytest.param([run_of(9, quiet=1)], last_runs(9), id="the machine was off"),
        pytest.param([run_of(1), run_of(2, quiet=1), run_of(3)], last_runs(9), id="it gave"),
    ],
)
def test_a_source_is_not_silent(earlier: list[Record], known: LastRuns) -> None:
    assert silence(earlier, known) == []


def test_silence_is_judged_only_by_a_daily_run_about_these_days_that_others_gave() -> None:
    known = last_runs(9)
    assert may_be_silent(today(QUIET, GIVING), known, 3) == {"novinite": date(2023, 10, 1)}
    for report in (
        today(QUIET),
        today(QUIET, GIVING, kind="backfill", awaited=None),
        today(QUIET, GIVING, awaited=date(2022, 5, 1)),
        today(SourceOutcome("novinite", documents=1), GIVING),
    ):
        assert may_be_silent(report, known, 3) == {}


def test_a_message_says_what_where_and_how_to_look_at_it() -> None:
    alert = Alert(AlertCause.MISMATCH, DAY, ("Tanks: odd",), "https://outlet.example/a")
    title, text = message([alert], "/srv/my lake", "http://server/runs/1")
    assert title == "Tallybook: mismatch, 2023-10-09"
    assert text.splitlines() == [
        "2023-10-09, mismatch: Tanks: odd",
        "",
        "Document: https://outlet.example/a",
        "Run: http://server/runs/1",
        "Lake: /srv/my lake",
        "Look at it: tallybook show 2023-10-09 --lake '/srv/my lake'",
    ]


def test_a_day_that_is_not_on_record_is_not_to_be_shown() -> None:
    alert = Alert(AlertCause.MISSED_DEADLINE, DAY, ("late",))
    assert message([alert], "/lake", None)[1].endswith("Look at it: tallybook status --lake /lake")


def test_a_message_stays_short_and_harmless() -> None:
    days = [date.fromordinal(DAY.toordinal() + n) for n in range(400)]
    hostile = "<!channel> @everyone <https://x|click>"
    found = [Alert(AlertCause.LABEL_UNRECOGNIZED, day, (hostile,)) for day in days]
    title, text = message(found, "/lake", None)
    assert title == f"Tallybook: label unrecognized, {days[0]} to {days[-1]}"
    assert len(text.splitlines()) < 2 * MOST_LINES
    assert f"and {400 - MOST_LINES} more" in text
    assert not set("<@") & set(title + text)


def test_a_lake_of_bad_documents_is_one_short_alert() -> None:
    verdicts = [
        Verdict(
            reading(refused(), f"{n}.txt"),
            (Finding(RuleName.UNREADABLE, Severity.CRITICAL, "no figures"),),
        )
        for n in range(500)
    ]
    (alert,) = found(quarantined(*verdicts))
    assert len(alert.sentences) == MOST_SENTENCES + 1
    assert alert.sentences[-1] == f"and {500 - MOST_SENTENCES} more"


def test_addresses_are_told_without_secrets() -> None:
    url = "https://desk:sesame@outlet.example/<a>?token=sesame"
    row = replace(mismatch("tanks", 15, 4710, 4730), url=url)
    (alert,) = found(summary(full_day(row)))
    assert alert.url == "https://***@outlet.example/%3Ca>?token=***"
