"""The report of a run: what a stranger reads in the terminal, in Markdown and in runs/*.json."""

import io
import re
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.lake.lake import open_lake
from flows.publish.publish import Quarantined
from flows.reconcile.speakers import Overruled
from flows.redact import plain
from flows.report.freshness import freshness
from flows.report.phrases import MOST_DAYS, example, troubles
from flows.report.run_markdown import escape, markdown
from flows.report.run_sentences import ended
from flows.report.run_summary import SourceOutcome, Summary
from flows.report.run_terminal import print_summary
from flows.report.text_layout import WIDTH
from flows.report.told import ToldDocuments, ToldRows
from flows.settings import KYIV, kyiv_date
from flows.validate.gate import validate
from schemas.codes import (
    BulletinWarningCode,
    Outcome,
    Reason,
    RevisionCause,
    RevisionField,
    RuleName,
    Severity,
)
from schemas.records import BulletinWarning, Candidate, Finding, Recency, Unrecognized, Verdict
from schemas.registry import load_registry
from schemas.tables import LossRow, RevisionRow
from tests.builders import DAY, NOW, bulletin, complete_figures, loss_row, reading
from tests.ledger import published
from tests.reports import shown
from tests.tries import tries

REGISTRY = load_registry()
NOTHING: dict[str, Any] = {"change": None, "discrepancy": None}
FIRST: dict[str, Any] = {
    **NOTHING,
    "previous_date": None,
    "previous_total": None,
    "days_missing": None,
    "delta_status": "first",
}


def mismatch(category: str, delta: int, before: int, total: int, day: date = DAY) -> LossRow:
    """Return a row that does not add up."""
    change = total - before
    return loss_row(
        day,
        category,
        delta=delta,
        previous_total=before,
        total=total,
        change=change,
        discrepancy=change - delta,
        delta_status="mismatch",
    )


def gap(category: str, missing: int, day: date = DAY) -> LossRow:
    """Return a row whose category is not on record for some days."""
    last = day - timedelta(days=missing + 1)
    return loss_row(
        day, category, **NOTHING, previous_date=last, days_missing=missing, delta_status="gap"
    )


def full_day(*odd: LossRow, day: date = DAY, without: Sequence[str] = ()) -> list[LossRow]:
    """Return a row for each required category: the given ones, and others that add up."""
    given_rows = {row.category: row for row in odd}
    names = REGISTRY.required(day) - set(without)
    return [given_rows.get(name, loss_row(day, name)) for name in sorted(names)]


def summary(rows: Sequence[LossRow] = (), **changes: Any) -> Summary:
    """Return the summary of a run that published these rows from one sound document a day."""
    days = sorted({row.report_date for row in rows})
    plain_run = Summary(
        kind="backfill",
        run_id="3f2a",
        started_at=NOW,
        finished_at=NOW,
        lake="/data/lake",
        sources=(SourceOutcome("folder", documents=len(days)),),
        documents=ToldDocuments.of(Verdict(reading(bulletin(day), str(day))) for day in days),
        rows=ToldRows.of([rows], frozenset(days)),
        partitions_written=("losses/year=2023",),
    )
    return replace(plain_run, **changes)


def printed(report: Summary) -> str:
    """Return what the report looks like where the output is no terminal."""
    stream = io.StringIO()
    print_summary(report, stream)
    return stream.getvalue()


def told(report: Summary) -> str:
    """Return the report with each sentence on one line."""
    return " ".join(printed(report).split())


def test_a_revision_day_says_what_was_printed_and_how_the_totals_changed() -> None:
    rows = full_day(
        mismatch("tanks", 15, 4710, 4730),
        mismatch("aircraft", 0, 316, 315),
        mismatch("uavs", 20, 5061, 5080),
    )
    text = told(summary(rows))
    assert (
        "2023-10-09 14 11 of 14 ! Tanks: printed +15, total changed by +20 (4,710 -> 4,730)" in text
    )
    assert "! Aircraft: printed 0, total changed by -1 (316 -> 315)" in text
    assert "UAVs: printed +20, total changed by +19 (5,061 -> 5,080)" in text
    assert "14 figures; 14 could be checked: 11 add up, 3 do not; 0 could not be checked." in text


def test_a_day_that_adds_up_has_nothing_to_say() -> None:
    line = next(line for line in printed(summary(full_day())).splitlines() if "14 of 14" in line)
    assert line.split() == ["2023-10-09", "14", "14", "of", "14"]


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        (
            full_day(gap("uavs", 1), gap("special_equipment", 1)),
            "no check for Operational-tactical UAVs, Special equipment: not printed the day before",
        ),
        (full_day(gap("uavs", 3)), "UAVs: last printed on 2023-10-05"),
        (
            [gap(name, 1) for name in sorted(REGISTRY.required(DAY))],
            "no check: nothing on record for 2023-10-08",
        ),
        (
            [gap(name, 3) for name in sorted(REGISTRY.required(DAY))],
            "no check: nothing on record for 2023-10-06 to 2023-10-08",
        ),
        (
            [loss_row(category=name, **FIRST) for name in sorted(REGISTRY.required(DAY))],
            "the first day on record: nothing to compare with yet",
        ),
        (
            full_day(loss_row(category="submarines", **FIRST)),
            "first on record: Submarines",
        ),
        (
            full_day(loss_row(delta=None, discrepancy=None, delta_status="not_printed")),
            "no daily change printed for Tanks (+2)",
        ),
        (full_day(without=["uavs"]), "not printed: Operational-tactical UAVs"),
        (
            full_day(
                loss_row(
                    delta=None,
                    total=4820,
                    change=-1,
                    discrepancy=None,
                    delta_status="not_printed",
                )
            ),
            "! Tanks: the total fell since 2023-10-08, -1 (4,821 -> 4,820)",
        ),
        (
            full_day(loss_row(sources_agreeing=1, sources_total=3)),
            "! Tanks: 1 of 3 sources print 4,823",
        ),
    ],
)
def test_what_could_not_be_checked_is_said_in_few_words(rows: list[LossRow], sentence: str) -> None:
    assert sentence in told(summary(rows))


def test_a_whole_day_missing_is_told_once_and_older_gaps_apart() -> None:
    names = sorted(REGISTRY.required(DAY) - {"uavs"})
    text = told(summary([*(gap(name, 1) for name in names), gap("uavs", 4)]))
    assert text.count("no check") == 2
    assert "no check: nothing on record for 2023-10-08" in text
    assert "no check for Operational-tactical UAVs: last printed on 2023-10-04" in text


def test_later_days_that_are_decided_again_are_not_taken_for_incomplete_ones() -> None:
    later = mismatch("tanks", 1, 4823, 4825, DAY + timedelta(days=1))
    report = replace(
        summary(full_day()), rows=ToldRows.of([[*full_day(), later]], frozenset({DAY}))
    )
    text = told(report)
    assert "1 day published (2023-10-09), 1 other day decided again" in text
    assert "not printed:" not in text
    assert "decided again, as a day beside it came in or changed" in text


def test_a_changed_value_is_told_with_its_cause() -> None:
    revision = RevisionRow(
        report_date=DAY,
        category="tanks",
        field=RevisionField.TOTAL,
        old_value=4822,
        new_value=4823,
        old_text=None,
        new_text=None,
        seen_at=NOW,
        cause=RevisionCause.NEWER_DOCUMENT,
        old_document_sha256="0" * 64,
        new_document_sha256="1" * 64,
    )
    rows = full_day()
    text = told(summary(rows, revisions=(revision,)))
    assert "! Tanks: the total was 4,822, a newer document says 4,823" in text


def test_a_figure_that_does_not_count_is_told_with_what_does() -> None:
    """An older one is a remark, a newer one an alarm."""

    def says(total: int, delta: int | None, hour: int) -> Candidate:
        when = NOW + timedelta(hours=hour)
        seen = Recency(when, when, "u", str(hour))
        return Candidate(DAY, "tanks", total, delta, False, "outlet", str(hour), seen)

    older = Overruled(says(4822, None, 1), says(4823, 2, 2))
    newer = Overruled(says(4899, 2, 3), says(4823, 2, 2))
    report = summary(full_day(), overruled=(older, newer))
    text = told(report)
    assert (
        "Tanks: an older document of outlet prints 4,822; the newer one counts: 4,823 (+2)" in text
    )
    assert "! Tanks: a newer document of outlet prints 4,899; the days on both sides" in text
    assert text.count("!") == 2, "one of them is in the heading"
    assert [one.newest for one in report.record().overruled] == [False, True]


@pytest.mark.slow
def test_what_the_gate_and_the_parser_remarked_is_told() -> None:
    parsed = bulletin(
        unrecognized=(Unrecognized("hovercraft", 7, 1),),
        warnings=(BulletinWarning(BulletinWarningCode.DATE_CONTRADICTED, "it says two dates"),),
    )
    verdicts = validate([reading(parsed)], registry=REGISTRY, today=DAY)
    text = told(summary(full_day(), documents=ToldDocuments.of(verdicts)))
    assert "it prints a label that the registry does not know: hovercraft 7 (+1)" in text
    assert "it says two dates" in text


def test_a_rebuild_that_only_leaves_refused_documents_out_says_that_the_rest_is_done() -> None:
    held = Quarantined("folder", "ab12", "odd.txt", Reason.NO_LIST, "no list", "quarantine/ab12")
    said = "What else there is has been written anew; `tallybook verify` proves it."
    for kind in ("rebuild", "backfill"):
        text = told(replace(summary(full_day(), quarantined=(held,)), kind=kind))
        assert (said in text) == (kind == "rebuild")
    assert said not in told(replace(summary(full_day()), kind="rebuild"))


def test_troubles_are_told_with_names_and_places() -> None:
    held = Quarantined(
        "folder", "ab12", "odd.txt", Reason.NO_LIST, "no figures", "quarantine/ab12.folder"
    )
    report = summary(
        quarantined=(held,),
        sources=(SourceOutcome("article", Outcome.UNREACHABLE, "no answer in 30 s"),),
        error="the disk is full",
    )
    text = told(report)
    assert "Backfill run: failed; 0 documents read, 0 days published" in text
    assert "The run failed: the disk is full" in text
    assert "Source article: unreachable: no answer in 30 s" in text
    assert "Not published: odd.txt (folder): no figures." in text
    assert "It is kept in /data/lake/quarantine/ab12.folder" in text
    assert "read_parquet" not in text


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Outcome.TOO_LARGE, 1),
        (Outcome.UNEXPECTED_ERROR, 1),
        (Outcome.NOT_PUBLISHED_YET, 0),
        (Outcome.UNCHANGED, 0),
    ],
)
def test_files_that_could_not_be_taken_fail_the_run(outcome: Outcome, status: int) -> None:
    lost = SourceOutcome("folder", outcome, "a.html; b.html", documents=1)
    assert summary(full_day(), sources=(lost,)).exit_status == status


DUE = datetime(2023, 10, 9, 18, tzinfo=KYIV)


@pytest.mark.parametrize(
    ("sources", "arrived", "minutes", "status"),
    [
        ((), True, -1, 0),
        ((), False, -1, 75),
        ((), False, 0, 1),
        (((Outcome.OK, 1),), True, 99, 0),
        (((Outcome.OK, 1),), False, -1, 75),
        (((Outcome.NOT_PUBLISHED_YET, 0),), True, 99, 0),
        (((Outcome.NOT_PUBLISHED_YET, 0), (Outcome.UNREACHABLE, 0)), False, -1, 1),
        (((Outcome.NOT_PUBLISHED_YET, 2), (Outcome.UNREACHABLE, 0)), False, -1, 75),
        (((Outcome.WRONG_DAY, 0),), False, 1, 1),
    ],
)
def test_a_daily_run_is_done_when_its_day_is_on_record_and_late_after_the_deadline(
    sources: tuple[tuple[Outcome, int], ...], arrived: bool, minutes: int, status: int
) -> None:
    outcomes = [SourceOutcome(f"s{n}", o, None, count) for n, (o, count) in enumerate(sources)]
    report = replace(
        summary([], sources=tuple(outcomes)),
        kind="daily",
        awaited=DAY,
        arrived=arrived,
        deadline=DUE,
        started_at=DUE + timedelta(minutes=minutes),
    )
    assert report.exit_status == status
    assert report.late == (not arrived and minutes >= 0)
    told = [*troubles(report)]
    assert ("Late: 2023-10-09 is not published; it should be since 18:00 Kyiv." in told) == (
        report.late
    )


@pytest.mark.parametrize(
    ("days", "kind"), [(0, "daily"), (1, "daily"), (-1, "backfill"), (2, "backfill")]
)
def test_a_run_for_days_to_come_says_so(days: int, kind: str) -> None:
    today = kyiv_date(NOW)
    day = today + timedelta(days=days)
    waiting = (SourceOutcome("folder", Outcome.NOT_PUBLISHED_YET),)
    report = replace(summary([], sources=waiting), kind=kind, since=day)
    sentence = f"{day} is in the future: today, in Kyiv, is {today}"
    assert (f"{sentence}." in troubles(report)) == (days > 0)
    assert ended(report) == (f"not published yet: {sentence}" if days > 0 else "not published yet")


def test_the_report_says_how_fresh_the_lake_is_and_what_is_left_behind() -> None:
    found = replace(
        summary(full_day()),
        freshness=freshness([DAY], DAY + timedelta(days=1), 2),
        behind=(DAY - timedelta(days=40), DAY - timedelta(days=20)),
    )
    text = " ".join(printed(found).split())
    assert "The newest day on record is 2023-10-09, yesterday's." in text
    assert "`tallybook backfill --since 2023-08-30 --until 2023-09-19 --lake /data/lake`" in text
    assert "yesterday's" in markdown(found)


def test_plain_output_is_narrow_and_free_of_codes() -> None:
    rows = [
        *full_day(*(mismatch(name, 1, 10_000, 20_000) for name in REGISTRY.required(DAY))),
        *full_day(gap("uavs", 1), gap("special_equipment", 1), day=DAY + timedelta(days=1)),
    ]
    report = summary(rows)
    text = printed(report).replace(example(report), "")
    assert max(map(len, text.splitlines())) <= WIDTH
    assert text.isascii()
    assert not any(line.endswith(" ") for line in text.splitlines())
    assert all(c == "\n" or c.isprintable() for c in text)


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_colours_and_its_own_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "70")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream, report = Terminal(), summary(full_day(mismatch("tanks", 15, 4710, 4730)))
    print_summary(report, stream)
    assert "\x1b[" in stream.getvalue()
    text = re.sub("\x1b\\[[0-9;]*m", "", stream.getvalue()).replace(example(report), "")
    assert max(map(len, text.splitlines())) <= 70


def test_on_a_narrow_terminal_what_does_not_add_up_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "20")
    stream = Terminal()
    print_summary(summary(full_day(mismatch("tanks", 15, 4710, 4730))), stream)
    text = " ".join(re.sub("\x1b\\[[0-9;]*m", "", stream.getvalue()).split())
    assert "! Tanks: printed +15" in text


def many_days(count: int) -> list[LossRow]:
    """Return that many sound days, the last and one in the middle with a mismatch."""
    start = DAY - timedelta(days=count - 1)
    dates = [start + timedelta(days=n) for n in range(count)]
    odd = {dates[count // 2], dates[-1]}
    return [
        row
        for day in dates
        for row in full_day(
            *([mismatch("tanks", 15, 4710, 4730, day)] if day in odd else []), day=day
        )
    ]


def test_a_long_backfill_shows_only_days_with_something_to_say() -> None:
    text = printed(summary(many_days(60)))
    dates = [line for line in text.splitlines() if line.startswith("2023-")]
    assert len(dates) == 2
    assert "58 more days are not shown (nothing wrong)" in text


def test_a_report_never_grows_without_bound() -> None:
    days = [DAY - timedelta(days=n) for n in range(3 * MOST_DAYS)]
    rows = [mismatch("tanks", 15, 4710, 4730, day) for day in days]
    text = printed(summary(rows))
    assert sum(line.startswith("2023-") for line in text.splitlines()) == MOST_DAYS
    assert f"{2 * MOST_DAYS} more days are not shown ({2 * MOST_DAYS} of them with" in text


def test_a_run_that_published_a_malformed_row_has_failed() -> None:
    sentence = "a category is not in the registry"
    malformed = Finding(RuleName.CATEGORY_UNKNOWN, Severity.CRITICAL, sentence)
    assert summary(full_day(), ledger=(malformed,)).exit_status == 1
    flag = replace(malformed, severity=Severity.WARNING)
    assert summary(full_day(), ledger=(flag,)).exit_status == 0


def test_the_run_record_is_json_with_stable_keys(tmp_path: Path) -> None:
    lake = open_lake(tmp_path / "lake", create=True)
    report = summary(full_day(mismatch("tanks", 15, 4710, 4730)), since=DAY)
    lake.write_run(report.record())
    (kept,) = lake.runs()
    del kept["checksum"]  # of the file, and none of its record
    assert kept == shown(report.record())
    assert list(kept) == [
        *("kind", "run_id", "state", "exit_status", "error", "started_at", "finished_at"),
        *("lake", "since", "until", "sources", "documents", "days", "rows", "mismatches"),
        *("revisions", "quarantined", "unread", "warnings", "findings", "rules"),
        *("overruled", "partitions_written", "awaited", "arrived", "late", "behind", "freshness"),
    ]
    assert (kept["state"], kept["exit_status"], kept["since"]) == ("completed", 0, "2023-10-09")
    assert kept["documents"] == {"accepted": 1, "refused": 0, "quarantined": 0}
    assert (kept["rows"]["ok"], kept["rows"]["mismatch"]) == (13, 1)
    assert (kept["mismatches"][0]["category"], kept["mismatches"][0]["discrepancy"]) == ("tanks", 5)


@pytest.mark.slow
def test_the_example_command_reads_the_lake_wherever_it_lies(tmp_path: Path) -> None:
    lake = open_lake(tmp_path / "it's a $lake", create=True)
    one = reading(bulletin(figures=complete_figures(tanks=17)))
    lake.archive.store([one.archived.document], NOW)
    verdicts = validate([one], registry=REGISTRY, today=DAY)
    published(lake, verdicts, order=("folder",), now=NOW)
    command = example(summary(lake=str(lake.root)))
    assert len(command.splitlines()) == 3
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=True)
    header, *rows = done.stdout.splitlines()
    assert header.split() == [
        *("report_date", "category", "total", "delta", "daily", "daily_basis", "delta_status")
    ]
    (tanks,) = (row.split() for row in rows if "tanks" in row.split())
    assert tanks[1:] == ["2023-10-09", "tanks", "17", "0", "0", "printed", "first"]


def test_markdown_shows_the_table_of_days() -> None:
    lines = markdown(summary(full_day(mismatch("tanks", 15, 4710, 4730)))).splitlines()
    (row,) = [line for line in lines if line.startswith("| 2023-")]
    assert row.startswith("| 2023-10-09 | 14 | 13 of 14 | **Tanks: printed")


HOSTILE = "| <script>alert(1)</script> [a](http://x) `b` **c** \x1b[31m\n| d"


@pytest.mark.slow
def test_text_from_the_web_stays_text_in_markdown_and_terminal() -> None:
    parsed = bulletin(unrecognized=(Unrecognized(HOSTILE, 7, 1),))
    verdicts = tuple(validate([reading(parsed)], registry=REGISTRY, today=DAY))
    report = summary(full_day(), documents=ToldDocuments.of(verdicts))
    (row,) = [line for line in markdown(report).splitlines() if line.startswith("| 2023-")]
    assert row.replace("\\|", "").count("|") == 5
    assert "<script>" not in row
    assert "](" not in row
    assert "\x1b" not in printed(report)
    assert "[a](http://x)" in told(report)


@given(st.text())
@settings(max_examples=tries(80))
def test_any_text_becomes_one_harmless_line(text: str) -> None:
    line = plain(text)
    assert line == "" or line.isprintable()
    assert not set("<>") & set(escape(text))
    assert "|" not in escape(text).replace("\\|", "")
