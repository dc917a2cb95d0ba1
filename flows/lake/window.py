"""Reads from a lake what a decision is made from; `flows.reconcile.window` says what that is."""

import logging
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Container, Iterable, Mapping, Set
from datetime import date, datetime

from flows.archive.provenance import Provenance
from flows.errors import LakeError
from flows.lake import parquet
from flows.lake.lake import Lake
from flows.reconcile.decide import candidates_by_cell
from flows.reconcile.neighbours import cell_of
from flows.reconcile.window import (
    SIGHT,
    Candidates,
    Part,
    RunInput,
    Stretch,
    Totals,
    Window,
    around,
)
from schemas.records import EARLIEST, Key, Recency, recency
from schemas.registry import Registry
from schemas.tables import BULLETINS, FIGURES, LOSSES, FigureRow

_log = logging.getLogger(__name__)


def read_window(lake: Lake, given: RunInput, registry: Registry, stretch: Stretch) -> Window:
    """Return what is on record around the report dates at stake in a stretch.

    Only under the lake's lock. Raises LakeError.
    """
    seen = around(stretch.at_stake, SIGHT)
    figures = figures_on(lake, seen)
    totals = _totals(lake, given, seen, registry) if seen else {}
    leaning = _leaning(totals, seen, registry) | {day for day, _ in stretch.leaning}
    published = lake.losses_on(seen | leaning)
    first, last = min(seen | leaning, default=None), max(seen | leaning, default=None)
    return Window(
        stretch=stretch,
        seen=seen,
        figures=figures,
        recency=_recency(lake, figures, seen, given),
        totals=totals,
        published={cell_of(row): row for row in published},
        revisions=lake.revisions(first, last) if first else (),
    )


def years_of(lake: Lake, keys: Set[Key], near: set[int]) -> Container[int]:
    """Return the years whose partitions of `figures` and `bulletins` may hold rows of documents.

    `near` are those of the bulletins that are in them now. Only under the lake's lock. A document
    that was not archived before has no rows. Of another the rows are in those years if as many are
    there as it has bulletins, unless a run that published it was broken off. Raises LakeError.
    """
    marked = lake.archive.marked()
    known = keys - (lake.archive.first_stored & marked)
    if known & marked:
        return parquet.ANY_YEAR
    found: Counter[Key] = Counter()
    expected: dict[Key, int] = {}
    rows = parquet.values(
        lake.storage,
        BULLETINS,
        ("source", "document_sha256", "bulletins"),
        parquet.of_keys(known),
        parquet.partitions(lake.storage, BULLETINS, near),
    )
    for row in rows:
        key = row["source"], row["document_sha256"]
        found[key] += 1
        expected[key] = row["bulletins"]
    return near if found == expected and found.keys() == known else parquet.ANY_YEAR


def candidates_on(lake: Lake, dates: Collection[date]) -> Candidates:
    """Return every figure that the documents on record print for these report dates, by cell."""
    figures = figures_on(lake, frozenset(dates))
    places = _recency(lake, figures, frozenset(dates), RunInput(frozenset(), ()))
    return candidates_by_cell(
        (figure, places[key, figure.report_date])
        for key, rows in figures.items()
        for figure in rows
    )


def recorded_days(lake: Lake, given: RunInput) -> Counter[date]:
    """Return the dates that the given documents are about on record, with their figures there.

    Where all is decided anew, every date on record. Only under the lake's lock. Raises LakeError.
    """
    if given.whole:
        (figures,) = parquet.counts(lake.storage, FIGURES, ("report_date",))
        (losses,) = parquet.counts(lake.storage, LOSSES, ("report_date",))
        return figures | losses
    recorded = parquet.values(
        lake.storage,
        FIGURES,
        ("report_date", "document_sha256"),
        parquet.of_documents({sha256 for _, sha256 in given.keys}),
        parquet.partitions(lake.storage, FIGURES, given.years, {source for source, _ in given.keys})
        if given.keys
        else (),
    )
    return Counter(
        r["report_date"] for r in recorded if (r["source"], r["document_sha256"]) in given.keys
    )


def documents_on(lake: Lake, dates: frozenset[date]) -> set[Key]:
    """Return the documents with rows of `figures` on these dates."""
    among = parquet.partitions(lake.storage, FIGURES, {day.year for day in dates})
    columns = ("report_date", "document_sha256")
    rows = parquet.values(lake.storage, FIGURES, columns, parquet.on_dates(dates), among)
    return {(row["source"], row["document_sha256"]) for row in rows}


def figures_on(
    lake: Lake, dates: frozenset[date], keys: Collection[Key] | None = None
) -> dict[Key, list[FigureRow]]:
    """Return the rows of `figures` on these dates, by document: of all, or of those with `keys`."""
    figures: dict[Key, list[FigureRow]] = defaultdict(list)
    among = parquet.partitions(lake.storage, FIGURES, {day.year for day in dates})
    wanted = parquet.on_dates(dates)
    if keys is not None:
        wanted = parquet.both(wanted, parquet.of_documents({sha256 for _, sha256 in keys}))
    for row in parquet.records(lake.storage, FIGURES, wanted, among):
        if keys is None or row.key in keys:
            figures[row.key].append(row)
    return dict(figures)


def _recency(
    lake: Lake, figures: Mapping[Key, Iterable[FigureRow]], dates: frozenset[date], given: RunInput
) -> dict[Part, Recency]:
    """The place in time of bulletins on record, as far as they are not read in this run."""
    published = {
        ((row["source"], row["document_sha256"]), row["report_date"]): row
        for row in parquet.values(
            lake.storage,
            BULLETINS,
            (
                *("source", "document_sha256", "report_date"),
                *("published_at", "published_on", "fetched_at", "url"),
            ),
            parquet.on_dates(dates),
            parquet.partitions(lake.storage, BULLETINS, {day.year for day in dates}),
        )
    }
    read = {(reading.key, reading.report_date) for reading in given.accepted}
    places = {}
    unread = {key for key, rows in figures.items() if {(key, r.report_date) for r in rows} - read}
    lake.archive.read_ahead(unread - given.gone)
    for key, rows in figures.items():
        days = {row.report_date for row in rows if (key, row.report_date) not in read}
        first = _record(lake, key) if days and key not in given.gone else None
        for day in days:
            row = published.get((key, day), {})
            told: tuple[date | None, datetime, str] = (None, EARLIEST, "")
            if first:
                told = (first.published_on, first.last_seen_at, first.url)
            elif key not in given.gone:
                seen = row.get("fetched_at") or EARLIEST
                told = (row.get("published_on"), seen, row.get("url", ""))
            places[key, day] = recency(day, row.get("published_at"), *told, key[1])
    return places


def _record(lake: Lake, key: Key) -> Provenance | None:
    """Return a document's record; None for a damaged one: what is published of it still counts."""
    try:
        return lake.archive.provenance(key)
    except LakeError as error:
        _log.warning("%s Its place in time is taken from the published tables.", error)
        return None


def _totals(lake: Lake, given: RunInput, seen: frozenset[date], registry: Registry) -> Totals:
    """The totals on record on the dates seen, and each category's nearest before and after those.

    Only as many years are read as that takes.
    """
    first, last = min(seen), max(seen)
    on_record = sorted(int(year) for (year,) in parquet.partitions(lake.storage, LOSSES))
    totals: dict[str, dict[date, int]] = defaultdict(dict)
    _add_years(lake, totals, {year for year in on_record if first.year <= year <= last.year})
    printed = {figure.category for r in given.accepted for figure in r.bulletin.figures}
    present = totals.keys() | printed
    for year in reversed([year for year in on_record if year < first.year]):
        if all(min(totals[category], default=first) < first for category in present):
            break
        _add_years(lake, totals, {year})
    continued = {p for category in registry.categories.values() for p in category.predecessors}
    for year in (year for year in on_record if year > last.year):
        if not present & continued and all(
            max(totals[category], default=last) > last for category in present
        ):
            break
        _add_years(lake, totals, {year})
    return totals


def _add_years(lake: Lake, totals: dict[str, dict[date, int]], years: set[int]) -> None:
    columns = ("report_date", "category", "total")
    among = parquet.partitions(lake.storage, LOSSES, years)
    for row in parquet.values(lake.storage, LOSSES, columns, among=among):
        totals[row["category"]][row["report_date"]] = row["total"]


def _leaning(totals: Totals, seen: frozenset[date], registry: Registry) -> frozenset[date]:
    """The dates not seen whose rows come next after a date seen, or begin a successor's series."""
    last_seen = [day for day in seen if date.fromordinal(day.toordinal() + 1) not in seen]
    leaning = set()
    for category, days in totals.items():
        beyond = sorted(days.keys() - seen)
        places = {bisect_right(beyond, day) for day in last_seen}
        if category in registry.categories and registry.categories[category].predecessors:
            places.add(0)
        leaning |= {beyond[place] for place in places if place < len(beyond)}
    return frozenset(leaning)
