"""The lake compared with a file of totals: every difference, and which side the series supports."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import msgspec

from flows.errors import UsageError
from flows.lake.lake import Lake
from flows.reconcile.consensus import ScoredTotal
from flows.reconcile.digit_errors import slip
from flows.report.compare_file import Outside, Unreadable, read_outside
from flows.report.day_summary import counted
from flows.report.source_conflicts import evidence_words, scored_totals, speaking_on
from schemas.codes import ComparisonVerdict, Diagnosis, Hint
from schemas.records import EARLIEST, Candidate, Cell, Recency
from schemas.registry import load_registry
from schemas.tables import LossRow

ONE_DAY = timedelta(days=1)

FILE = "the file"
"""What speaks for the totals of the file, where no source of ours prints them."""

Reasoned = tuple[ComparisonVerdict, str]
"""A verdict and the reason for it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One total that differs: the verdict, why, and how one may have come from the other.

    `hint` is None where none fits.
    """

    report_date: date
    category: str
    ours: int
    theirs: int
    verdict: ComparisonVerdict
    why: str
    hint: Hint | None


class ComparedDays(msgspec.Struct, frozen=True):
    """How many days are on both sides, and which on one only."""

    both: int
    only_ours: tuple[date, ...]
    only_theirs: tuple[date, ...]


class Comparison(msgspec.Struct, frozen=True):
    """How the published totals differ from those of a file, from `since` to `until`, inclusive.

    - `differences`: each with the `verdict` (see `ComparisonVerdict`) and why; `by_verdict` counts
      them; `equal` counts the totals that are the same.
    - `days`: how many are on `both` sides, and which on one only; `figures_only_ours` and
      `figures_only_theirs` count by category what one side has on days that both have.
    - `categories_not_in_file`: categories on record that the file has no column for;
      `unknown_columns` of the file; `unreadable` values of it, left out.
    """

    file: str
    since: date | None
    until: date | None
    days: ComparedDays
    equal: int
    by_verdict: dict[ComparisonVerdict, int]
    differences: tuple[Difference, ...]
    figures_only_ours: dict[str, int]
    figures_only_theirs: dict[str, int]
    categories_not_in_file: tuple[str, ...]
    unknown_columns: tuple[str, ...]
    unreadable: tuple[Unreadable, ...]


def against_report(
    lake: Lake, path: Path, since: date | None, until: date | None, *, order: Sequence[str]
) -> Comparison:
    """Return how the published totals differ from those of a file, both dates inclusive.

    `order` names the sources, the preferred one first. Raises UsageError for a file of an unknown
    shape, or if `since` is after `until`.
    """
    if since and until and since > until:
        raise UsageError(f"The first date, {since}, is after the last one, {until}.")
    first, last = since or date.min, until or date.max
    outside = _within(read_outside(path), first, last)
    before = since and max(since, date.min + ONE_DAY) - ONE_DAY
    beyond = until and min(until, date.max - ONE_DAY) + ONE_DAY
    near = {(row.report_date, row.category): row for row in lake.losses(before, beyond)}
    differing = differences(lake, near, outside.totals, order)
    rows = {cell: row for cell, row in near.items() if first <= cell[0] <= last}
    equal = sum(rows[cell].total == outside.totals[cell] for cell in rows & outside.totals.keys())
    only_ours, only_theirs = _one_sided(rows.keys(), outside)
    absent = {category for _, category in rows} - outside.categories
    return Comparison(
        file=str(path),
        since=since,
        until=until,
        days=_days({day for day, _ in rows}, outside.dates),
        equal=equal,
        by_verdict=counted(ComparisonVerdict, (difference.verdict for difference in differing)),
        differences=tuple(differing),
        figures_only_ours=only_ours,
        figures_only_theirs=only_theirs,
        categories_not_in_file=tuple(c for c in load_registry().categories if c in absent),
        unknown_columns=tuple(outside.unknown_columns),
        unreadable=tuple(outside.unreadable),
    )


def differences(
    lake: Lake, rows: Mapping[Cell, LossRow], theirs: Mapping[Cell, int], order: Sequence[str]
) -> list[Difference]:
    """Return every row whose total is another one there, judged, by date and category.

    `rows` may hold more days than `theirs`: what was said of the days beside is evidence, too.
    `order` names the sources, the preferred one first.
    """
    cells = sorted(c for c in rows.keys() & theirs.keys() if rows[c].total != theirs[c])
    if not cells:
        return []
    judge = _Judge(lake, rows, theirs, {day for day, _ in cells}, order)
    decided = _decided_by_ends(judge.difference(cell) for cell in cells)
    return sorted(decided, key=lambda difference: (difference.report_date, difference.category))


def _decided_by_ends(differences: Iterable[Difference]) -> Iterator[Difference]:
    """Let the days at both ends of one lasting difference decide those between.

    Between them each side continues from its own total, so that the evidence is even there.
    """
    lasting: list[list[Difference]] = []
    for difference in sorted(differences, key=lambda one: (one.category, one.report_date)):
        if lasting and _goes_on(lasting[-1][-1], difference):
            lasting[-1].append(difference)
        else:
            lasting.append([difference])
    undecided = ComparisonVerdict.NOT_DECIDED
    for run in lasting:
        first, last = run[0], run[-1]
        verdict = first.verdict if first.verdict == last.verdict else undecided
        why = f"as on {first.report_date} and {last.report_date}, the ends of this difference"
        for difference in run:
            if difference.verdict is undecided and verdict is not undecided:
                yield replace(difference, verdict=verdict, why=why)
            else:
                yield difference


def _goes_on(before: Difference, difference: Difference) -> bool:
    """Whether a category differs as it did the day before."""
    next_day = difference.report_date - before.report_date == ONE_DAY
    same = difference.theirs - difference.ours == before.theirs - before.ours
    return difference.category == before.category and next_day and same


class _Judge:
    """Weighs what both sides say, on what our sources print on the day and beside it."""

    def __init__(
        self,
        lake: Lake,
        rows: Mapping[Cell, LossRow],
        theirs: Mapping[Cell, int],
        days: Iterable[date],
        order: Sequence[str],
    ) -> None:
        self._rows = rows
        self._theirs = theirs
        self._speakers = speaking_on(lake, days)
        self._order = order

    def difference(self, cell: Cell) -> Difference:
        row, theirs = self._rows[cell], self._theirs[cell]
        verdict, why = self._verdict(row, theirs)
        return Difference(
            *cell,
            ours=row.total,
            theirs=theirs,
            verdict=verdict,
            why=why,
            hint=self._hint(cell, verdict),
        )

    def _verdict(self, row: LossRow, theirs: int) -> Reasoned:
        """What our diagnosis says decides; else who has the better evidence."""
        after = self._rows.get((row.report_date + ONE_DAY, row.category))
        revised = after is not None and after.diagnosis == Diagnosis.REVISION
        if after and revised and row.total + (after.discrepancy or 0) == theirs:
            why = "the file has it as the General Staff revised it the day after"
            return ComparisonVerdict.OURS, why
        match row.diagnosis:
            case Diagnosis.MISPRINTED_TOTAL if row.suggested_total == theirs:
                why = "ours is misprinted; the days around it lead to theirs"
                return ComparisonVerdict.THEIRS, why
            case Diagnosis.MISPRINTED_TOTAL:
                meant = "none" if row.suggested_total is None else f"{row.suggested_total:,}"
                why = f"ours is misprinted; the days around it lead to {meant}"
                return ComparisonVerdict.NEITHER, why
            case Diagnosis.REVISION:
                why = "the General Staff revised the past, and the next day agrees"
                return ComparisonVerdict.OURS, why
            case Diagnosis.MISPRINTED_DELTA:
                why = "only the daily change is misprinted; the totals are confirmed"
                return ComparisonVerdict.OURS, why
            case _:
                return self._not_decided(row) or self._by_evidence(row, theirs)

    def _not_decided(self, row: LossRow) -> Reasoned | None:
        """No verdict where a row beside is undecided: what led there may be the wrong total."""
        for day in (row.report_date - ONE_DAY, row.report_date, row.report_date + ONE_DAY):
            beside = self._rows.get((day, row.category))
            if beside and beside.diagnosis == Diagnosis.UNDECIDED:
                why = f"the row of {day} is not decided, and this one hangs on it"
                return ComparisonVerdict.NOT_DECIDED, why
        return None

    def _by_evidence(self, row: LossRow, theirs: int) -> Reasoned:
        cell = row.report_date, row.category
        day = dict(self._speakers[cell])
        if theirs not in {candidate.total for candidate in day.values()}:
            unknown = Recency(EARLIEST, EARLIEST, "", "")
            day[FILE] = Candidate(*cell, theirs, None, False, FILE, "", unknown)
        scored = scored_totals(cell, day, self._speakers, self._order)
        ours, other = _evidence(row.total, scored), _evidence(theirs, scored)
        if ours.weight == other.weight:
            for_ours, for_theirs = evidence_words(ours), evidence_words(other)
            why = f"the evidence is even: for ours, {for_ours}; for theirs, {for_theirs}"
            return ComparisonVerdict.NOT_DECIDED, why
        if ours.weight > other.weight:
            return ComparisonVerdict.OURS, evidence_words(ours)
        return ComparisonVerdict.THEIRS, evidence_words(other)

    def _hint(self, cell: Cell, verdict: ComparisonVerdict) -> Hint | None:
        ours, theirs = self._rows[cell].total, self._theirs[cell]
        if verdict is ComparisonVerdict.THEIRS:
            return self._rows[cell].hint or slip(ours, theirs)
        day, category = cell
        if self._theirs.get((day - ONE_DAY, category)) == theirs:
            return Hint.TOTAL_REPEATED
        return slip(theirs, ours)


def _evidence(total: int, scored: Sequence[ScoredTotal]) -> ScoredTotal:
    """The evidence of a total; none where an exact one counts it as rounded."""
    return next((one for one in scored if one.total == total), ScoredTotal(total, ()))


def _within(outside: Outside, since: date, until: date) -> Outside:
    return Outside(
        {cell: total for cell, total in outside.totals.items() if since <= cell[0] <= until},
        frozenset(day for day in outside.dates if since <= day <= until),
        outside.categories,
        outside.unknown_columns,
        tuple(value for value in outside.unreadable if since <= value.report_date <= until),
    )


def _days(ours: set[date], theirs: frozenset[date]) -> ComparedDays:
    return ComparedDays(
        both=len(ours & theirs),
        only_ours=tuple(sorted(ours - theirs)),
        only_theirs=tuple(sorted(theirs - ours)),
    )


def _one_sided(ours: Iterable[Cell], outside: Outside) -> tuple[dict[str, int], dict[str, int]]:
    """Return by category how many totals only we, and only they, have on days of both."""
    cells, days = set(ours), {day for day, _ in ours}
    comparable = {cell for cell in cells if cell[1] in outside.categories}
    only_ours = Counter(c for day, c in comparable - outside.totals.keys() if day in outside.dates)
    only_theirs = Counter(c for day, c in outside.totals.keys() - cells if day in days)
    order = load_registry().categories
    return (
        {category: only_ours[category] for category in order if category in only_ours},
        {category: only_theirs[category] for category in order if category in only_theirs},
    )
