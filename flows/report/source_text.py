"""The report of `tallybook sources` as text for a person."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta

from flows.report.freshness import freshness_words
from flows.report.phrases import counted, kyiv_time
from flows.report.source_list import ListedSource, SourcesReport
from flows.report.text_layout import Part, Table, Tone, Toned, as_plain, on_days, section
from schemas.codes import SUCCEEDED, WAITING


def sources_text(report: SourcesReport) -> str:
    """Return the report as two lines a source, the second where the lake knows of it."""
    return as_plain(_parts(report))


def _parts(report: SourcesReport) -> Iterator[Part]:
    for source in report.sources:
        yield from _lines(source)
    yield from _fresh(report)


def terminal_parts(
    report: SourcesReport, printed: Mapping[str, Collection[date]], number: int
) -> Iterator[Part]:
    """Yield the report as a terminal shows it.

    `printed` are the report dates of each source, of which the last `number` of days is shown.
    """
    known = [one for one in report.sources if one.last_run or one.latest_report_date]
    if known and report.freshness:
        yield _table(known, printed, report.freshness.today, number)
        yield Toned("■ a bulletin of that report date, · none", Tone.QUIET)
    listed = (f"{one.source}  {one.where or '-'}  ({one.state})" for one in report.sources)
    yield from section("The sources, the preferred one first:", listed)
    yield from _fresh(report)


def _table(
    known: Sequence[ListedSource],
    printed: Mapping[str, Collection[date]],
    today: date,
    number: int,
) -> Table:
    since = today - timedelta(days=number)
    days = [since + timedelta(days=n) for n in range(number)]
    rows = []
    for one in known:
        missing = [day for day in days if day not in printed.get(one.source, ())]
        strip = on_days(number, today, since, missing)
        rows.append((one.source, _latest(one), strip, _last(one)))
    headings = ("Source", "Latest bulletin", f"{number} days to {days[-1]}", "Last run")
    return Table(headings, tuple(rows))


def _latest(one: ListedSource) -> str:
    if one.latest_report_date is None:
        return "no bulletin yet"
    behind = f", {counted(one.days_behind, 'day')} behind the newest" if one.days_behind else ""
    return f"{one.latest_report_date}{behind}"


def _last(one: ListedSource) -> str | Toned:
    if one.last_run is None or one.last_outcome is None:
        return "not asked yet"
    good, waiting = one.last_outcome in SUCCEEDED, one.last_outcome in WAITING
    tone = Tone.GOOD if good else Tone.QUIET if waiting else Tone.BAD
    sign = "✓" if good else "·" if waiting else "!"
    text = f"{sign} {one.last_outcome.words}, {kyiv_time(one.last_run)}"
    success = "" if good else f"; last success: {kyiv_time(one.last_success)}"
    return Toned(f"{text}{success}", tone)


def _fresh(report: SourcesReport) -> Iterator[Part]:
    if report.freshness:
        yield ""
        tone = Tone.BAD if report.freshness.stale else Tone.GOOD
        yield Toned(freshness_words(report.freshness), tone)


def _lines(source: ListedSource) -> Iterator[str]:
    language, where = source.language or "-", source.where or "-"
    yield f"{source.source:<12}  {source.kind:<11}  {language:<3}  {where}  ({source.state})"
    if source.last_run and source.last_outcome:
        latest = "latest bulletin " * bool(source.latest_report_date) + _latest(source)
        success, last = kyiv_time(source.last_success), source.last_outcome.words
        yield f"{'':<12}  {latest}; last success: {success}; last: {last}"
