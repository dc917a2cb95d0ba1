"""Sources that disagree: what each printed for a day and category, and why one is published."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flows.lake.lake import Lake
from flows.lake.window import candidates_on
from flows.reconcile.consensus import NOBODY, LatestBySource, ScoredTotal, latest_by_source, weigh
from flows.reconcile.series import Cell
from schemas.records import Candidate
from schemas.tables import LossRow

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Dispute:
    """One published row that not all sources agree with.

    `weighed` are the totals that they print, the best evidence first; `why` is the reason of the
    choice in words.
    """

    row: LossRow
    weighed: tuple[ScoredTotal, ...]
    why: str


def around(dates: Iterable[date]) -> set[date]:
    """Return the dates and the days beside them."""
    return {day + step for day in dates for step in (-ONE_DAY, timedelta(), ONE_DAY)}


def voices(lake: Lake, dates: Iterable[date]) -> dict[Cell, dict[str, Candidate]]:
    """Return who speaks on these report dates and on the days beside them, by cell."""
    return {
        cell: latest_by_source(found) for cell, found in candidates_on(lake, around(dates)).items()
    }


def weighed_in(
    cell: Cell, speaking: Mapping[Cell, LatestBySource], source_order: Sequence[str]
) -> list[ScoredTotal]:
    """Return the totals that are printed for a cell with their evidence, the best first."""
    report_date, category = cell
    day, before, after = (
        speaking.get((report_date + step, category), NOBODY)
        for step in (timedelta(), -ONE_DAY, ONE_DAY)
    )
    return weigh(day, before, after, source_order) if day else []


def disputes(lake: Lake, rows: Iterable[LossRow], source_order: Sequence[str]) -> list[Dispute]:
    """Return the rows that a source contradicts, in their order; reads who prints what."""
    disputed = [row for row in rows if row.sources_agreeing < row.sources_total]
    if not disputed:
        return []
    speaking = voices(lake, {row.report_date for row in disputed})
    return [_dispute(row, speaking, source_order) for row in disputed]


def dispute_words(one: Dispute) -> str:
    """Say in words which total is published, who prints what, and why it is that one."""
    others = [
        f"{named(value.sources)} {_verb(value.sources, 'print')} {value.total:,}"
        for value in one.weighed
        if value.total != one.row.total
    ]
    return f"{one.row.total:,} is published ({one.row.source}), {'; '.join(others)}; {one.why}"


def for_it(one: ScoredTotal) -> str:
    """Say in words what supports a total, its sources named."""
    found = [f"{named(one.sources)} {_verb(one.sources, 'print')} it"]
    if one.rounding:
        found.append(f"{named(one.rounding)} {_verb(one.rounding, 'round')} to it")
    found += _from_days(one)
    return ", ".join(found)


def _from_days(one: ScoredTotal) -> list[str]:
    said = {
        "the days before and after lead to it": one.day_before and one.day_after,
        "the day before leads to it": one.day_before and not one.day_after,
        "the day after leads to it": one.day_after and not one.day_before,
        "it lies between the totals of the days beside it": one.between
        and not (one.day_before or one.day_after),
    }
    return [words for words, holds in said.items() if holds]


def _dispute(
    row: LossRow, speaking: Mapping[Cell, LatestBySource], source_order: Sequence[str]
) -> Dispute:
    weighed = weighed_in((row.report_date, row.category), speaking, source_order)
    return Dispute(row, tuple(weighed), _why(row, weighed))


def _why(row: LossRow, weighed: Sequence[ScoredTotal]) -> str:
    if not weighed or weighed[0].total != row.total:
        return (
            "another total would be chosen today: the order of the sources has changed; "
            "`tallybook rebuild` decides it anew"
        )
    best, others = weighed[0], weighed[1:]
    if others and others[0].weight == best.weight:
        first = best.sources[0]
        return f"the evidence is even; of the sources {first} comes first in the order"
    return f"the evidence is better: {for_it(best)}"


def named(sources: Sequence[str]) -> str:
    """Return names as in "a, b and c"."""
    return " and ".join(filter(None, (", ".join(sources[:-1]), sources[-1])))


def _verb(sources: Sequence[str], verb: str) -> str:
    return verb if len(sources) > 1 else f"{verb}s"
