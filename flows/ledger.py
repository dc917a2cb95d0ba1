"""The ledger of a run: what is on record for the report dates at stake, and what that becomes."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from flows import rows, tables
from flows.archive import Key
from flows.lake import Lake
from flows.reconcile import Cell, Chosen, Series, choose, decide
from flows.revisions import Story, revisions
from schemas.fields import BULLETINS, FIGURES, LOSSES, Table
from schemas.records import Candidate, LossRow, Reading, RevisionRow
from schemas.registry import Registry

_BEGINNING = datetime.min.replace(tzinfo=UTC)

Candidates = dict[Cell, list[Candidate]]
Totals = dict[str, dict[date, int]]


@dataclass(frozen=True, slots=True)
class Given:
    """The documents of a run: the keys of all, the readings of the accepted ones.

    `gone` are those of the keys that are on record, but not in the archive any more. `whole`: all
    that is on record is decided anew.
    """

    keys: frozenset[Key]
    accepted: Sequence[Reading]
    gone: frozenset[Key] = frozenset()
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """The candidates for the report dates at stake, in the three parts of a `Story`.

    `changed` are the documents whose rows in `figures` are not what they are to be.
    """

    dates: frozenset[date]
    before: Candidates
    settled: Candidates
    arriving: Candidates
    changed: frozenset[Key]


@dataclass(frozen=True, slots=True)
class Decision:
    """What a run publishes: every row of `losses` on the `dates`, and the revisions it makes.

    `touched` are the rows at stake and those after them that were decided again.
    """

    dates: frozenset[date]
    rows: Sequence[LossRow]
    touched: Sequence[LossRow]
    revisions: Sequence[RevisionRow]


def gather(lake: Lake, given: Given) -> Evidence:
    """Read what is on record for the report dates that the given documents touch."""
    dates = _dates_at_stake(lake, given)
    printed = _printed(lake, dates)
    reading = {reading.key: rows.figures_rows(reading) for reading in given.accepted}
    recency = _recency(lake, printed, dates, given)
    recency |= {reading.key: rows.recency_of(reading) for reading in given.accepted}
    settled = {
        key: reading.get(key, []) if key in given.keys else found for key, found in printed.items()
    }
    order = sorted(reading, key=lambda key: (recency[key][1], recency[key], key))
    arriving = {key: reading[key] for key in order if key not in printed}
    reads = {**arriving, **settled}
    return Evidence(
        dates=dates,
        before=_by_cell(printed, recency),
        settled=_by_cell(settled, recency),
        arriving=_by_cell(arriving, recency),
        changed=frozenset(
            key for key in given.keys if set(printed.get(key, ())) != set(reads.get(key, ()))
        ),
    )


def settle(
    lake: Lake, evidence: Evidence, registry: Registry, source_order: Sequence[str], now: datetime
) -> Decision:
    """Decide the rows at stake, and those that come after them, anew."""
    totals = _totals(lake)
    at_stake = {(d, c) for c, days in totals.items() for d in evidence.dates & days.keys()}
    at_stake |= evidence.before.keys() | evidence.settled.keys() | evidence.arriving.keys()
    chosen = _choices(evidence, source_order)
    series = Series(_renewed(totals, evidence.dates, chosen), registry)
    affected = series.affected(at_stake)
    dates = evidence.dates | {day for day, _ in affected}
    published = {_cell(row): row for row in _losses(lake, dates)}
    kept = [Chosen.of(row) for cell, row in published.items() if cell[0] not in evidence.dates]
    decided = sorted(decide([*chosen, *kept], series), key=_cell)
    return Decision(
        dates=dates,
        rows=decided,
        touched=[row for row in decided if _cell(row) in affected],
        revisions=[
            revision
            for cell in sorted(at_stake)
            for revision in revisions(_story(cell, published, evidence), source_order, now)
        ],
    )


def _cell(row: LossRow) -> Cell:
    return row.report_date, row.category


def _choices(evidence: Evidence, source_order: Sequence[str]) -> list[Chosen]:
    settled, arriving = evidence.settled, evidence.arriving
    choices = (
        choose([*settled.get(cell, ()), *arriving.get(cell, ())], source_order)
        for cell in settled.keys() | arriving.keys()
    )
    return [choice for choice in choices if choice]


def _story(cell: Cell, published: Mapping[Cell, LossRow], evidence: Evidence) -> Story:
    return Story(
        published=Chosen.of(published[cell]) if cell in published else None,
        before=evidence.before.get(cell, ()),
        settled=evidence.settled.get(cell, ()),
        arriving=evidence.arriving.get(cell, ()),
    )


def _dates_at_stake(lake: Lake, given: Given) -> frozenset[date]:
    """The dates that the given documents are about, or were about as they lie in `figures`."""
    columns = ("report_date", "document_sha256")
    dates = {rows.report_date(reading.bulletin) for reading in given.accepted}
    if given.whole:
        dates |= {row[0] for _, row in tables.select(lake.root, FIGURES, columns)}
        dates |= {row[0] for _, row in tables.select(lake.root, LOSSES, columns)}
        return frozenset(dates)
    condition = tables.of_documents({sha256 for _, sha256 in given.keys})
    recorded = tables.select(lake.root, FIGURES, columns, condition)
    return frozenset(dates | {row[0] for part, row in recorded if (part[0], row[1]) in given.keys})


def _printed(lake: Lake, dates: frozenset[date]) -> dict[Key, list[rows.Row]]:
    """The rows of `figures` on these dates, by document."""
    found: dict[Key, list[rows.Row]] = defaultdict(list)
    for partition, row in _on_dates(lake, FIGURES, FIGURES.columns, dates):
        found[partition[0], row[-1]].append(row)
    return dict(found)


def _recency(
    lake: Lake, printed: Mapping[Key, Sequence[rows.Row]], dates: frozenset[date], given: Given
) -> dict[Key, rows.Recency]:
    """The place in time of documents on record, as far as they are not read in this run."""
    columns = ("source", "document_sha256", "published_at", "report_date")
    known = {(row[0], row[1]): row[2] for _, row in _on_dates(lake, BULLETINS, columns, dates)}
    read = {reading.key for reading in given.accepted}
    found = {}
    for key in printed.keys() - read:
        day, published_at, sha256 = printed[key][0][0], known.get(key), key[1]
        if key in given.gone:
            found[key] = rows.recency(day, published_at, None, _BEGINNING, "", sha256)
        else:
            first = lake.archive.provenance(key)
            found[key] = rows.recency(
                day, published_at, first.published_on, first.archived_at, first.url, sha256
            )
    return found


def _by_cell(
    printed: Mapping[Key, Sequence[rows.Row]], recency: Mapping[Key, rows.Recency]
) -> Candidates:
    cells: Candidates = defaultdict(list)
    for key, figures in printed.items():
        for candidate in rows.candidates(figures, key[0], recency[key]) if figures else ():
            cells[candidate.report_date, candidate.category].append(candidate)
    return dict(cells)


def _totals(lake: Lake) -> Totals:
    totals: Totals = defaultdict(dict)
    columns = ("report_date", "category", "total")
    for _, (day, category, total) in tables.select(lake.root, LOSSES, columns):
        totals[category][day] = total
    return totals


def _renewed(totals: Totals, dates: frozenset[date], chosen: Iterable[Chosen]) -> Totals:
    """The totals, with those on the dates at stake replaced by the figures chosen now."""
    renewed: Totals = defaultdict(dict)
    for category, days in totals.items():
        renewed[category] = {day: total for day, total in days.items() if day not in dates}
    for figure in chosen:
        renewed[figure.category][figure.report_date] = figure.total
    return renewed


def _losses(lake: Lake, dates: frozenset[date]) -> Iterator[LossRow]:
    return (LossRow(*row) for _, row in _on_dates(lake, LOSSES, rows.LOSSES_COLUMNS, dates))


def _on_dates(
    lake: Lake, table: Table, columns: Sequence[str], dates: frozenset[date]
) -> Iterator[tuple[tables.Partition, rows.Row]]:
    years = {day.year for day in dates}
    return tables.select(lake.root, table, columns, tables.on_dates(dates), years)
