"""The report of `tallybook check` as text for a person: every case once, what repeats counted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from flows.report.day_summary import NOTHING_ON_RECORD, STATUS_WORDS, UNPRINTED, span, title
from flows.report.diagnosis_phrases import DIAGNOSIS_WORDS
from flows.report.lake_text import held
from flows.report.text_layout import MOST, by_day, counts, folded, runs, section, wrapped
from schemas.registry import load_registry
from schemas.suites import INCOMPLETE, UNKNOWN_LABEL

Report = dict[str, Any]
"""A JSON object."""

_FEW = 3

_TOLD_ELSEWHERE = (UNPRINTED, NOTHING_ON_RECORD)
"""Notes that the counts and the list of missing days tell already."""


def check_text(report: Report) -> str:
    """Return a check report as text; it ends with what the exit status says."""
    return "\n".join(_lines(report))


def _lines(report: Report) -> Iterator[str]:
    if not report["days"]:
        yield "No day is on record in this range."
    else:
        first, last = map(date.fromisoformat, (report["first_date"], report["last_date"]))
        yield f"{report['days']:,} days on record, {span(first, last)}, {report['rows']:,} figures:"
        yield from counts(report["by_status"], STATUS_WORDS)
    if any(report["by_diagnosis"].values()):
        yield "Why rows do not add up:"
        yield from counts(report["by_diagnosis"], DIAGNOSIS_WORDS)
    yield from by_day("What does not add up, and why:", _explained(report["explanations"]))
    yield from by_day("Totals that fell:", _falls(report))
    yield from by_day("Sources that disagree:", _disputed(report["disagreements"]))
    yield from folded("Not on record at all:", runs(report["missing_days"]))
    yield from folded("Not checked, or not printed:", _repeated(_notes(report)))
    yield from folded("Labels that the registry does not know:", _labels(report["unrecognized"]))
    yield from folded("Remarks on documents:", _remarks(report["warnings"]))
    yield from folded("In quarantine, not published:", held(report["quarantined"]))
    yield from _corrections(report["corrections"])
    yield ""
    yield from (wrapped(line, "") for line in _result(report))


def _explained(explanations: Iterable[Report]) -> Iterator[tuple[str, str]]:
    for one in explanations:
        yield one["report_date"], one["sentence"]
        yield from ((one["report_date"], f"- {error}") for error in one["known_errors"])


def _falls(report: Report) -> Iterator[tuple[str, str]]:
    """The falls that are not explained with the mismatches already."""
    registry = load_registry()
    told = {(one["report_date"], one["category"]) for one in report["explanations"]}
    for row in report["falling"]:
        if (row["report_date"], row["category"]) not in told:
            before, total = row["previous_total"], row["total"]
            fall = f"{before:,} -> {total:,}, {total - before:+,} since {row['previous_date']}"
            yield row["report_date"], f"{title(row['category'], registry)}: {fall}"


def _disputed(disagreements: Iterable[Report]) -> Iterator[tuple[str, str]]:
    for one in disagreements:
        yield one["report_date"], one["sentence"]


def _notes(report: Report) -> Iterator[tuple[str, str]]:
    for day in report["remarks"]:
        for note in day["notes"]:
            if not note.startswith(_TOLD_ELSEWHERE):
                yield note, day["report_date"]


def _remarks(warnings: Iterable[Report]) -> Iterator[str]:
    """Yield each remark with its document; one that many documents share once, with their days."""
    elsewhere = (INCOMPLETE, UNKNOWN_LABEL)
    shared: dict[str, list[Report]] = defaultdict(list)
    for one in warnings:
        for sentence in one["warnings"]:
            if not sentence.startswith(elsewhere):
                shared[sentence].append(one)
    for sentence, documents in shared.items():
        if len(documents) == 1:
            (one,) = documents
            yield f"{one['report_date']} {one['source']} {one['url']}: {sentence}"
        else:
            yield f"{_when([one['report_date'] for one in documents])}: {sentence}"


def _repeated(notes: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield each note once, behind the days that it is about."""
    days: dict[str, list[str]] = defaultdict(list)
    for note, day in notes:
        days[note].append(day)
    yield from (f"{_when(found)}: {note}" for note, found in days.items())


def _labels(unrecognized: Iterable[Report]) -> Iterator[str]:
    printed: dict[str, list[Report]] = defaultdict(list)
    for one in unrecognized:
        printed[one["label"]].append(one)
    for label, found in printed.items():
        last = found[-1]
        total = "no total" if last["total"] is None else f"{last['total']:,}"
        delta = "" if last["delta"] is None else f" ({last['delta']:+,})"
        sources = ", ".join(sorted({one["source"] for one in found}))
        when = _when(sorted(one["report_date"] for one in found))
        yield f"{label}: {total}{delta}, last on {last['report_date']}; {when} ({sources})"


def _corrections(errors: Report) -> Iterator[str]:
    failed = [one["message"] for one in errors["failed"]]
    yield from section("Known errors of sources that do not fit any more:", failed)
    applied = (f"{_where(one)}: {one['note']} ({one['link']})" for one in errors["applied"])
    yield from folded("Known errors of sources:", applied)


def _where(one: Mapping[str, Any]) -> str:
    return f"{one['report_date']} {title(one['category'], load_registry())}"


def _result(report: Report) -> Iterator[str]:
    late = [one for one in report["undecided"] if one["overdue"]]
    named = [_where(one) for one in late[:MOST]]
    more = [f"and {len(late) - MOST:,} more"] if len(late) > MOST else []
    if late:
        yield f"Not decided for more than two days: {', '.join([*named, *more])}."
    failed = len(report["corrections"]["failed"])
    if failed:
        yield f"Known errors of sources that do not fit any more: {failed:,}."
    if not late and not failed:
        waiting = len(report["undecided"])
        yield "Everything is explained" + (f", or {waiting:,} too new to be." if waiting else ".")


def _when(days: Sequence[str]) -> str:
    """Return the days, or how many there are and from when to when."""
    distinct = sorted(set(days))
    if len(distinct) <= _FEW:
        return ", ".join(distinct)
    return f"{len(distinct):,} days, {distinct[0]} to {distinct[-1]}"
