"""The report of `tallybook check --against` as text for a person."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from flows.report.compare import Comparison, Difference
from flows.report.compare_file import Unreadable
from flows.report.day_summary import title
from flows.report.diagnosis_phrases import HINT_PHRASES
from flows.report.phrases import counted
from flows.report.text_layout import Part, as_plain, by_day, counts, folded, section, spans
from schemas.codes import ComparisonVerdict
from schemas.registry import load_registry

_VERDICT_PHRASES = {verdict: verdict.clause for verdict in ComparisonVerdict}


def against_text(report: Comparison) -> str:
    """Return the comparison with a file as text, every difference with its verdict."""
    return as_plain(against_parts(report))


def against_parts(report: Comparison) -> Iterator[Part]:
    """Yield the comparison with a file."""
    days, differing = report.days, len(report.differences)
    yield f"Compared with {report.file}, {counted(days.both, 'day')} on both sides:"
    yield f"  {report.equal:>8,}  totals are the same"
    yield f"  {differing:>8,}  differ" + (", of these:" if differing else "")
    yield from counts(report.by_verdict, _VERDICT_PHRASES)
    yield from by_day("Differences:", map(_difference, report.differences))
    yield from folded("Days on record here only:", spans(days.only_ours))
    yield from folded("Days in the file only:", spans(days.only_theirs))
    yield from section("Totals here only, on days of both:", _counted(report.figures_only_ours))
    theirs = _counted(report.figures_only_theirs)
    yield from section("Totals in the file only, on days of both:", theirs)
    yield from section("Not in the file at all:", _titles(report.categories_not_in_file))
    yield from section("Columns of the file that we do not know:", report.unknown_columns)
    yield from folded("Values of the file that are left out:", _unreadable(report.unreadable))


def _difference(row: Difference) -> tuple[date, str]:
    hint = f" ({HINT_PHRASES[row.hint]})" if row.hint else ""
    name, verdict = title(row.category, load_registry()), _VERDICT_PHRASES[row.verdict]
    numbers = f"{row.ours:,} here, {row.theirs:,} in the file{hint}"
    return row.report_date, f"{name}: {numbers}: {verdict}: {row.why}"


def _counted(numbers: Mapping[str, int]) -> Iterator[str]:
    registry = load_registry()
    yield from (f"{title(name, registry)}: {number:,}" for name, number in numbers.items())


def _titles(categories: Iterable[str]) -> Iterator[str]:
    registry = load_registry()
    yield from (title(category, registry) for category in categories)


def _unreadable(values: Iterable[Unreadable]) -> Iterator[str]:
    for value in values:
        yield f"{value.report_date} {value.column}: {value.value!r}: {value.problem}"
