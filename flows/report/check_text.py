"""The report of `tallybook check` as text for a person: every case once, what repeats counted."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from flows.redact import plain
from flows.report.check import (
    CheckReport,
    DayNote,
    DocumentWarnings,
    Explanation,
    KnownErrors,
    UnrecognizedItem,
)
from flows.report.day_summary import STATUS_PHRASES, span, title
from flows.report.diagnosis_phrases import DIAGNOSIS_PHRASES
from flows.report.freshness import freshness_words
from flows.report.lake_text import held, held_heading
from flows.report.text_layout import (
    MOST,
    STATUS_TONES,
    Part,
    Table,
    Tone,
    Toned,
    as_plain,
    by_day,
    counts,
    curve,
    folded,
    section,
    spans,
)
from schemas.codes import BulletinWarningCode, Diagnosis, NoteCode
from schemas.registry import load_registry

_FEW = 3
"""So many days are listed; of more it says how many there are, and from when to when."""

_DIAGNOSIS_TONES = dict.fromkeys(Diagnosis, Tone.ODD) | {Diagnosis.UNDECIDED: Tone.BAD}

_NOTES_TOLD_ELSEWHERE = (NoteCode.DELTA_NOT_PRINTED, NoteCode.DAY_BEFORE_MISSING)
"""The counts and the list of missing days tell these."""

_WARNINGS_TOLD_ELSEWHERE = (
    BulletinWarningCode.CATEGORIES_MISSING,
    BulletinWarningCode.LABEL_UNRECOGNIZED,
)
"""The notes and the list of labels tell these."""


def check_text(report: CheckReport) -> str:
    """Return a check report as text; it ends with what the exit status says."""
    return as_plain(check_parts(report))


def check_parts(report: CheckReport, *, curves: bool = False) -> Iterator[Part]:
    """Yield a check report; with `curves` of the months, where a terminal shows it."""
    if report.first_date is None or report.last_date is None:
        yield "No day is on record in this range."
    else:
        on_record = span(report.first_date, report.last_date)
        yield f"{report.days:,} days on record, {on_record}, {report.rows:,} figures:"
        yield from counts(report.by_status, STATUS_PHRASES, STATUS_TONES)
    if any(report.by_diagnosis.values()):
        yield "Why rows do not add up:"
        yield from counts(report.by_diagnosis, DIAGNOSIS_PHRASES, _DIAGNOSIS_TONES)
    if curves and report.explanations:
        yield ""
        yield _by_month(report.explanations)
    yield from by_day("What does not add up, and why:", _explained(report.explanations))
    yield from by_day("Totals that fell:", _falls(report))
    disputes = ((row.report_date, row.sentence) for row in report.disagreements)
    yield from by_day("Sources that disagree:", disputes)
    yield from folded("Not on record at all:", spans(report.missing_days))
    yield from folded("Not checked, or not printed:", _notes(report.notes))
    yield from folded("Labels that the registry does not know:", _labels(report.unrecognized))
    yield from folded("Remarks on documents:", _remarks(report.warnings))
    yield from folded(held_heading(len(report.quarantined)), held(report.quarantined))
    yield from _corrections(report.corrections)
    yield ""
    tone = Tone.BAD if report.exit_status else Tone.GOOD
    yield from (Toned(plain(line), tone) for line in _result(report))


def _by_month(explanations: Iterable[Explanation]) -> Table:
    """Return how many rows do not add up: a row a year, its months as a curve."""
    months: dict[int, list[int]] = defaultdict(lambda: [0] * 12)
    for row in explanations:
        months[row.report_date.year][row.report_date.month - 1] += 1
    rows = tuple((str(year), f"{sum(of):,}", curve(of)) for year, of in sorted(months.items()))
    return Table(("Year", "Do not add up", "January to December"), rows, frozenset({1}))


def _explained(explanations: Iterable[Explanation]) -> Iterator[tuple[date, str]]:
    for row in explanations:
        yield row.report_date, row.sentence
        yield from ((row.report_date, f"- {error}") for error in row.known_errors)


def _falls(report: CheckReport) -> Iterator[tuple[date, str]]:
    """The falls that are not explained with the mismatches already."""
    registry = load_registry()
    explained = {(row.report_date, row.category) for row in report.explanations}
    for row in report.falling:
        before, total = row.previous_total, row.total
        if before is not None and (row.report_date, row.category) not in explained:
            fall = f"{before:,} -> {total:,}, {total - before:+,} since {row.previous_date}"
            yield row.report_date, f"{title(row.category, registry)}: {fall}"


def _notes(notes: Iterable[DayNote]) -> Iterator[str]:
    """Yield each note once, behind the days that it is about."""
    days: dict[str, list[date]] = defaultdict(list)
    for note in notes:
        if note.code not in _NOTES_TOLD_ELSEWHERE:
            days[note.text].append(note.report_date)
    yield from (f"{_when(dates)}: {text}" for text, dates in days.items())


def _remarks(documents: Iterable[DocumentWarnings]) -> Iterator[str]:
    """Yield each remark with its document; one that many documents share once, with their days."""
    shared: dict[str, list[DocumentWarnings]] = defaultdict(list)
    for document in documents:
        for warning in document.warnings:
            if warning.code not in _WARNINGS_TOLD_ELSEWHERE:
                shared[warning.text].append(document)
    for text, sharing in shared.items():
        if len(sharing) == 1:
            (document,) = sharing
            yield f"{document.report_date} {document.source} {document.url}: {text}"
        else:
            yield f"{_when([document.report_date for document in sharing])}: {text}"


def _labels(unrecognized: Iterable[UnrecognizedItem]) -> Iterator[str]:
    by_label: dict[str, list[UnrecognizedItem]] = defaultdict(list)
    for item in unrecognized:
        by_label[item.label].append(item)
    for label, items in by_label.items():
        last = items[-1]
        total = "no total" if last.total is None else f"{last.total:,}"
        delta = "" if last.delta is None else f" ({last.delta:+,})"
        sources = ", ".join(sorted({item.source for item in items}))
        when = _when(sorted(item.report_date for item in items))
        yield f"{label}: {total}{delta}, last on {last.report_date}; {when} ({sources})"


def _corrections(errors: KnownErrors) -> Iterator[str]:
    failed = [entry.message for entry in errors.failed]
    yield from section("Known errors of sources that do not fit any more:", failed)
    applied = (
        f"{_cell(row.report_date, row.category)}: {row.note} ({row.link})" for row in errors.applied
    )
    yield from folded("Known errors of sources:", applied)


def _cell(report_date: date, category: str) -> str:
    return f"{report_date} {title(category, load_registry())}"


def _result(report: CheckReport) -> Iterator[str]:
    if report.freshness:
        yield freshness_words(report.freshness)
    late = [row for row in report.undecided if row.overdue]
    names = [_cell(row.report_date, row.category) for row in late[:MOST]]
    more = [f"and {len(late) - MOST:,} more"] if len(late) > MOST else []
    if late:
        yield f"Not decided for more than two days: {', '.join([*names, *more])}."
    failed = len(report.corrections.failed)
    if failed:
        yield f"Known errors of sources that do not fit any more: {failed:,}."
    if not late and not failed:
        waiting = len(report.undecided)
        yield "Everything is explained" + (f", or {waiting:,} too new to be." if waiting else ".")


def _when(days: Sequence[date]) -> str:
    """Return the days, or how many there are and from when to when."""
    distinct = sorted(set(days))
    if len(distinct) <= _FEW:
        return ", ".join(map(str, distinct))
    return f"{len(distinct):,} days, {distinct[0]} to {distinct[-1]}"
