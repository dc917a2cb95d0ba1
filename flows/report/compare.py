"""The lake compared with a file of totals: every difference, and which side the series supports."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from flows.errors import UsageError
from flows.lake.lake import Lake
from flows.reconcile.consensus import ScoredTotal
from flows.reconcile.digit_errors import slip
from flows.reconcile.series import Cell
from flows.report.compare_file import Outside, Unreadable, read_outside
from flows.report.source_conflicts import ONE_DAY, for_it, voices, weighed_in
from flows.settings import load_sources
from schemas.records import Candidate, Recency
from schemas.registry import load_registry
from schemas.tables import LossRow

VERDICTS = ("ours", "theirs", "neither", "not_decided")
"""Which side the evidence supports; neither: both differ from what the series leads to."""

FILE = "the file"
"""What speaks for the totals of the file, where no source of ours prints them."""

_NO_TIME = datetime.min.replace(tzinfo=UTC)

Report = dict[str, Any]
"""A JSON object."""

Judged = tuple[str, str]
"""A verdict and the reason for it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One total that differs: the verdict, why, and how one may have come from the other.

    `hint` is one of the values of the column `hint` of losses; None where none fits.
    """

    report_date: date
    category: str
    ours: int
    theirs: int
    verdict: str
    why: str
    hint: str | None


def against_report(lake: Lake, path: Path, since: date | None, until: date | None) -> Report:
    """Return how the published totals differ from those of a file, both dates inclusive.

    - `differences`: each with the `verdict` ("ours", "theirs", "neither" or "not_decided") and
      why; `by_verdict` counts them; `equal` counts the totals that are the same.
    - `days`: how many are on `both` sides, and which on one only; `figures_only_ours` and
      `figures_only_theirs` count by category what one side has on days that both have.
    - `categories_not_in_file`: categories on record that the file has no column for;
      `unknown_columns` of the file; `unreadable` values of it, left out.

    Raises UsageError for a file of an unknown shape, or if `since` is after `until`.
    """
    if since and until and since > until:
        raise UsageError(f"The first date, {since}, is after the last one, {until}.")
    outside = _within(read_outside(path), since or date.min, until or date.max)
    beyond = until and min(until, date.max - ONE_DAY) + ONE_DAY
    near = {(row.report_date, row.category): row for row in lake.losses(since, beyond)}
    found = differences(lake, near, outside.totals)
    rows = {cell: row for cell, row in near.items() if until is None or cell[0] <= until}
    counts = Counter(one.verdict for one in found)
    equal = sum(rows[cell].total == outside.totals[cell] for cell in rows & outside.totals.keys())
    return {
        "file": str(path),
        "since": since and since.isoformat(),
        "until": until and until.isoformat(),
        "days": _days({day for day, _ in rows}, outside.dates),
        "equal": equal,
        "by_verdict": {verdict: counts[verdict] for verdict in VERDICTS},
        "differences": [_as_json(one) for one in found],
        **_one_sided(rows.keys(), outside),
        "unknown_columns": list(outside.unknown_columns),
        "unreadable": [_as_json(one) for one in outside.unreadable],
    }


def differences(
    lake: Lake, rows: Mapping[Cell, LossRow], theirs: Mapping[Cell, int]
) -> list[Difference]:
    """Return every row whose total is another one there, judged, by date and category.

    `rows` may hold more days than `theirs`: what was said of the day after is evidence, too.
    """
    cells = sorted(c for c in rows.keys() & theirs.keys() if rows[c].total != theirs[c])
    if not cells:
        return []
    judge = _Judge(lake, rows, theirs, {day for day, _ in cells})
    return sorted(_carried([judge.difference(cell) for cell in cells]), key=_cell)


def _carried(found: Iterable[Difference]) -> Iterator[Difference]:
    """Let the days at both ends of one lasting difference decide those between.

    Between them each side continues from its own total, so that the evidence is even there.
    """
    runs: list[list[Difference]] = []
    for one in sorted(found, key=lambda one: (one.category, one.report_date)):
        if runs and _goes_on(runs[-1][-1], one):
            runs[-1].append(one)
        else:
            runs.append([one])
    for run in runs:
        ends = {run[0].verdict, run[-1].verdict}
        decided = ends.pop() if len(ends) == 1 else "not_decided"
        why = f"as on {run[0].report_date} and {run[-1].report_date}, the ends of this difference"
        for one in run:
            open_still = one.verdict == "not_decided" != decided
            yield replace(one, verdict=decided, why=why) if open_still else one


def _goes_on(last: Difference, one: Difference) -> bool:
    """Whether one differs as the day before did."""
    next_day = one.report_date - last.report_date == ONE_DAY
    same = one.theirs - one.ours == last.theirs - last.ours
    return one.category == last.category and next_day and same


def _cell(one: Difference) -> Cell:
    return one.report_date, one.category


class _Judge:
    """Weighs what both sides say, on what our sources print on the day and beside it."""

    def __init__(
        self,
        lake: Lake,
        rows: Mapping[Cell, LossRow],
        theirs: Mapping[Cell, int],
        days: Iterable[date],
    ) -> None:
        self._rows = rows
        self._theirs = theirs
        self._speaking = voices(lake, days)
        self._order = tuple(load_sources())

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

    def _verdict(self, row: LossRow, theirs: int) -> Judged:
        """What our diagnosis says decides; else who has the better evidence."""
        after = self._rows.get((row.report_date + ONE_DAY, row.category))
        if after and after.diagnosis == "revision" and row.total + _off(after) == theirs:
            return "ours", "the file has it as the General Staff revised it the day after"
        match row.diagnosis:
            case "misprinted_total" if row.suggested_total == theirs:
                return "theirs", "ours is misprinted; the days around it lead to theirs"
            case "misprinted_total":
                meant = "none" if row.suggested_total is None else f"{row.suggested_total:,}"
                return "neither", f"ours is misprinted; the days around it lead to {meant}"
            case "revision":
                return "ours", "the General Staff revised the past, and the next day agrees"
            case "misprinted_delta":
                return "ours", "only the daily change is misprinted; the totals are confirmed"
            case _:
                return self._weighed(row, theirs)

    def _weighed(self, row: LossRow, theirs: int) -> Judged:
        cell = row.report_date, row.category
        day = dict(self._speaking[cell])
        if theirs not in {one.total for one in day.values()}:
            day[FILE] = _speaker(cell, theirs)
        weighed = weighed_in(cell, {**self._speaking, cell: day}, self._order)
        ours, other = _of(row.total, weighed), _of(theirs, weighed)
        if ours.weight == other.weight:
            return "not_decided", _even(ours, other)
        if ours.weight > other.weight:
            return "ours", for_it(ours)
        return "theirs", for_it(other)

    def _hint(self, cell: Cell, verdict: str) -> str | None:
        ours, theirs = self._rows[cell].total, self._theirs[cell]
        if verdict == "theirs":
            return self._rows[cell].hint or slip(ours, theirs)
        day, category = cell
        if self._theirs.get((day - ONE_DAY, category)) == theirs:
            return "total_repeated"
        return slip(theirs, ours)


def _of(total: int, weighed: Sequence[ScoredTotal]) -> ScoredTotal:
    """The evidence of a total; none where an exact one counts it as rounded."""
    return next((one for one in weighed if one.total == total), ScoredTotal(total, ()))


def _off(row: LossRow) -> int:
    return row.discrepancy or 0


def _even(ours: ScoredTotal, theirs: ScoredTotal) -> str:
    return f"the evidence is even: for ours, {for_it(ours)}; for theirs, {for_it(theirs)}"


def _speaker(cell: Cell, total: int) -> Candidate:
    return Candidate(*cell, total, None, False, FILE, "", Recency(_NO_TIME, _NO_TIME, "", ""))


def _within(outside: Outside, since: date, until: date) -> Outside:
    return Outside(
        {cell: total for cell, total in outside.totals.items() if since <= cell[0] <= until},
        frozenset(day for day in outside.dates if since <= day <= until),
        outside.categories,
        outside.unknown_columns,
        tuple(one for one in outside.unreadable if since <= one.report_date <= until),
    )


def _days(ours: set[date], theirs: frozenset[date]) -> Report:
    return {
        "both": len(ours & theirs),
        "only_ours": [day.isoformat() for day in sorted(ours - theirs)],
        "only_theirs": [day.isoformat() for day in sorted(theirs - ours)],
    }


def _one_sided(ours: Iterable[Cell], outside: Outside) -> Report:
    registry = load_registry()
    cells, days = set(ours), {day for day, _ in ours}
    comparable = {cell for cell in cells if cell[1] in outside.categories}
    only_ours = Counter(c for day, c in comparable - outside.totals.keys() if day in outside.dates)
    only_theirs = Counter(c for day, c in outside.totals.keys() - cells if day in days)
    absent = {category for _, category in cells} - outside.categories
    order = list(registry.categories)
    return {
        "figures_only_ours": {c: only_ours[c] for c in order if c in only_ours},
        "figures_only_theirs": {c: only_theirs[c] for c in order if c in only_theirs},
        "categories_not_in_file": [category for category in order if category in absent],
    }


def _as_json(one: Difference | Unreadable) -> Report:
    return asdict(one) | {"report_date": one.report_date.isoformat()}
