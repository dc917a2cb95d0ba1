"""What bears on a run: the figures around its report dates, on record and arriving.

A figure counts for the choice of its own day and of the two beside it, those for the rows after
them, and those for the diagnoses of some days around. So a run reads and decides the days around
its own, and leaves the rest of the ledger alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from flows.archive.store import Key
from flows.lake import parquet, rows
from flows.lake.lake import Lake
from flows.reconcile.diagnose import REACH as DIAGNOSED
from flows.reconcile.series import Cell
from schemas.fields import BULLETINS, FIGURES, LOSSES, Table
from schemas.records import Candidate, Reading

REACH = DIAGNOSED + 2
"""Days on either side of a report date that are decided anew with it: its figures may change the
choice of the day beside it, and that the row after, and those rows what `diagnose` says."""

_SIGHT = 2 * REACH
"""Days on either side whose figures are read for that: enough for the outermost decision."""

_BEGINNING = datetime.min.replace(tzinfo=UTC)

Candidates = dict[Cell, list[Candidate]]
Printed = Mapping[Key, Sequence[rows.Row]]
"""Rows of `figures` by document."""

Part = tuple[Key, date]
"""One report date of a document."""


@dataclass(frozen=True, slots=True)
class Given:
    """The documents of a run: the keys of all, the readings of the accepted bulletins in them.

    `gone` are those of the keys that are on record, but not in the archive any more. `whole`: all
    that is on record is decided anew.
    """

    keys: frozenset[Key]
    accepted: Sequence[Reading]
    gone: frozenset[Key] = frozenset()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """The candidates for the report dates at stake and around, in the three parts of a `Story`.

    `given` are the dates at stake, `dates` those that are decided anew, `seen` those whose figures
    were read. `changed` are the documents whose rows in `figures` are not what they are to be.
    `whole`: all that is on record is decided anew.
    """

    given: frozenset[date]
    dates: frozenset[date]
    seen: frozenset[date]
    before: Candidates
    settled: Candidates
    arriving: Candidates
    changed: frozenset[Key]
    whole: bool


def gather(lake: Lake, given: Given) -> Evidence:
    """Read what is on record around the report dates that the given documents touch."""
    at_stake = _dates_at_stake(lake, given)
    seen = around(at_stake, _SIGHT)
    printed = _printed(lake, seen)
    reading: dict[Key, list[rows.Row]] = defaultdict(list)
    for one in given.accepted:
        reading[one.key] += rows.figures_rows(one)
    recency = _recency(lake, printed, seen, given)
    recency |= {
        (one.key, rows.report_date(one.bulletin)): rows.recency_of(one) for one in given.accepted
    }
    settled, arriving = _told_apart(printed, reading, given.keys)
    return Evidence(
        given=at_stake,
        dates=around(at_stake, REACH),
        seen=seen,
        before=_by_cell(printed, recency),
        settled=_by_cell(settled, recency),
        arriving=_by_cell({key: arriving[key] for key in _arrival(recency, arriving)}, recency),
        changed=frozenset(
            key for key in given.keys if set(printed.get(key, ())) != set(reading.get(key, ()))
        ),
        whole=given.whole,
    )


def candidates_on(lake: Lake, dates: Collection[date]) -> Candidates:
    """Return every figure that the documents on record print for these report dates, by cell."""
    printed = _printed(lake, frozenset(dates))
    return _by_cell(printed, _recency(lake, printed, frozenset(dates), Given(frozenset(), ())))


def around(dates: frozenset[date], reach: int) -> frozenset[date]:
    """Return the dates and those up to so many days before and after each."""
    steps = [timedelta(days=step) for step in range(-reach, reach + 1)]
    return frozenset(day + step for day in dates for step in steps)


def _told_apart(
    printed: Printed, reading: Printed, given: frozenset[Key]
) -> tuple[Printed, Printed]:
    """The figures of documents on record as they read now, and those of the documents that arrive.

    A run that crashed may have put some years of a document's figures on record and not the
    others: those days are still arriving.
    """
    settled = {key: found for key, found in printed.items() if key not in given}
    arriving = {}
    for key in given:
        on_record, reads = printed.get(key, ()), reading.get(key, ())
        days = {row[0] for row in on_record}
        if not set(on_record) <= set(reads):
            days |= {row[0] for row in reads}
        settled[key] = [row for row in reads if row[0] in days]
        arriving[key] = [row for row in reads if row[0] not in days]
    return settled, arriving


def _arrival(recency: Mapping[Part, rows.Recency], reading: Iterable[Key]) -> list[Key]:
    """The keys in the order in which the documents came in."""
    first: dict[Key, rows.Recency] = {}
    for (key, _), when in recency.items():
        first[key] = min(first.get(key, when), when)
    known = [key for key in reading if key in first]
    return sorted(known, key=lambda key: (first[key][1], first[key], key))


def _dates_at_stake(lake: Lake, given: Given) -> frozenset[date]:
    """The dates that the given documents are about, or were about as they lie in `figures`."""
    columns = ("report_date", "document_sha256")
    dates = {rows.report_date(reading.bulletin) for reading in given.accepted}
    if given.whole:
        dates |= {row[0] for _, row in parquet.select(lake.root, FIGURES, columns)}
        dates |= {row[0] for _, row in parquet.select(lake.root, LOSSES, columns)}
        return frozenset(dates)
    condition = parquet.of_documents({sha256 for _, sha256 in given.keys})
    recorded = parquet.select(lake.root, FIGURES, columns, condition)
    return frozenset(dates | {row[0] for part, row in recorded if (part[0], row[1]) in given.keys})


def _printed(lake: Lake, dates: frozenset[date]) -> dict[Key, list[rows.Row]]:
    """The rows of `figures` on these dates, by document."""
    found: dict[Key, list[rows.Row]] = defaultdict(list)
    for partition, row in on_dates(lake, FIGURES, FIGURES.columns, dates):
        found[partition[0], row[-1]].append(row)
    return dict(found)


def _recency(
    lake: Lake, printed: Printed, dates: frozenset[date], given: Given
) -> dict[Part, rows.Recency]:
    """The place in time of bulletins on record, as far as they are not read in this run."""
    columns = ("source", "document_sha256", "published_at", "report_date")
    known = {
        ((row[0], row[1]), row[3]): row[2] for _, row in on_dates(lake, BULLETINS, columns, dates)
    }
    read = {(reading.key, rows.report_date(reading.bulletin)) for reading in given.accepted}
    found = {}
    for key, figures in printed.items():
        days = [day for day in {row[0] for row in figures} if (key, day) not in read]
        first = lake.archive.provenance(key) if days and key not in given.gone else None
        for day in days:
            found[key, day] = rows.recency(
                day,
                known.get((key, day)),
                first.published_on if first else None,
                first.last_seen_at if first else _BEGINNING,
                first.url if first else "",
                key[1],
            )
    return found


def _by_cell(printed: Printed, recency: Mapping[Part, rows.Recency]) -> Candidates:
    cells: Candidates = defaultdict(list)
    for key, figures in printed.items():
        for row in figures:
            candidate = rows.candidate(row, key[0], recency[key, row[0]])
            cells[candidate.report_date, candidate.category].append(candidate)
    return dict(cells)


def on_dates(
    lake: Lake, table: Table, columns: Sequence[str], dates: frozenset[date]
) -> Iterator[tuple[parquet.Partition, rows.Row]]:
    """Yield the rows of a table on these dates, and their partitions. Raises LakeError."""
    years = {day.year for day in dates}
    return parquet.select(lake.root, table, columns, parquet.on_dates(dates), years)
