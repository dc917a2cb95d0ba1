"""Decides what a run publishes a stretch of report dates at a time, so that memory stays level."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from flows.lake.lake import Lake
from flows.lake.window import documents_on, figures_on, read_window, recorded_days
from flows.reconcile.decide import Decision
from flows.reconcile.window import REACH, SIGHT, RunInput, Stretch, Window, around, figure_rows
from flows.validate.verdicts import Verdicts
from schemas.records import Cell, Key
from schemas.registry import Registry
from schemas.tables import FigureRow

MOST_FIGURES = 30_000
"""Figures that are decided in one go: some 2,000 bulletins, of one source all of the war so far.
Where there are more, stretches of half as many do: what memory that takes is in
docs/explanation/cost.md."""

LEAST_DAYS = 2 * SIGHT
"""Days in a stretch, however many figures they have: so many around it are read for it, too."""

Decide = Callable[[Window, RunInput], Decision]


def decisions(
    lake: Lake, given: RunInput, verdicts: Verdicts, registry: Registry, decide: Decide
) -> Iterator[Decision]:
    """Yield what is decided of each stretch of a run, in their order; one where there is nothing.

    `given` are the run's documents, with no readings yet: those are among `verdicts`. However many
    stretches there are, together they decide what one would. Nothing is written. Only under the
    lake's lock. Raises LakeError, and what `decide` raises.
    """
    found = stretches(recorded_days(lake, given) | verdicts.figures)
    if len(found) > 1:
        given = replace(given, reread=_reread(lake, given, verdicts, found))
    leaning: set[Cell] = set()
    told: set[Cell] = set()
    before = _Before(registry)
    for stretch in found:
        stretch = replace(
            stretch,
            leaning=frozenset(cell for cell in leaning if stretch.holds(cell[0])),
            told=frozenset(cell for cell in told if stretch.holds(cell[0])),
        )
        seen = around(stretch.at_stake, SIGHT)
        own = replace(given, accepted=verdicts.accepted_on(seen))
        window = before.added_to(read_window(lake, own, registry, stretch))
        of_window = {reading.key for reading in own.accepted} | window.figures.keys()
        decision = decide(window, replace(own, keys=given.keys & of_window))
        leaning |= decision.leaning
        told |= decision.told
        before.add(decision)
        del own, window  # what one stretch takes is not kept while the next is read
        yield decision
        del decision


def stretches(weights: Mapping[date, int]) -> list[Stretch]:
    """Divide the report dates at stake, each with its number of figures, into stretches.

    At least one; the first begins with all time, and the last has no end.
    """
    days = sorted(weights)
    begins = [date.min]
    most = MOST_FIGURES if sum(weights.values()) <= MOST_FIGURES else MOST_FIGURES // 2
    figures = 0
    for day in days:
        first = begins[-1] if begins[-1] > date.min else days[0]
        if figures >= most and (day - first).days >= LEAST_DAYS:
            begins.append(day)
            figures = 0
        figures += weights[day]
    reach = timedelta(days=REACH)
    found = []
    for first, end in zip(begins, [*begins[1:], None], strict=True):
        since = first - reach if first > date.min else first
        near = [day for day in days if since <= day and (end is None or day < end + reach)]
        found.append(Stretch(frozenset(near), first, end))
    return found


def _reread(
    lake: Lake, given: RunInput, verdicts: Verdicts, found: Sequence[Stretch]
) -> frozenset[Key]:
    """Those of the documents with days in several stretches that are read otherwise than before.

    They do not print all of what is on record of them any more: no stretch sees all of that.
    """
    days = [frozenset(filter(stretch.holds, stretch.at_stake)) for stretch in found]
    once: set[Key] = set()
    several: set[Key] = set()
    for own in days:
        keys = documents_on(lake, own) & given.keys
        keys |= {reading.key for reading in verdicts.accepted_on(own)}
        several |= keys & once
        once |= keys
    reread: set[Key] = set()
    for own in days if several else ():
        now: dict[Key, set[FigureRow]] = defaultdict(set)
        for reading in verdicts.accepted_on(own):
            if reading.key in several:
                now[reading.key].update(figure_rows(reading))
        before = figures_on(lake, own, several).items()
        reread |= {key for key, rows in before if not now[key].issuperset(rows)}
    return frozenset(reread)


class _Before:
    """The totals that are decided already, as far as those after them lean on them.

    Of most categories that is the last one. A category that continues others leans on the last day
    that these have in common: of those all are kept.
    """

    def __init__(self, registry: Registry) -> None:
        of_all = registry.categories.values()
        self._continued = {name for category in of_all for name in category.predecessors}
        self._dates: set[date] = set()
        self._totals: dict[str, dict[date, int]] = defaultdict(dict)

    def add(self, decision: Decision) -> None:
        """Take in what is decided of a stretch."""
        self._dates |= decision.dates
        for row in decision.rows:
            self._totals[row.category][row.report_date] = row.total
        for category in self._totals.keys() - self._continued:
            last = max(self._totals[category])
            self._totals[category] = {last: self._totals[category][last]}

    def added_to(self, window: Window) -> Window:
        """Return the window, its totals those that are decided instead of those on record."""
        if not self._dates:
            return window
        totals = {
            category: {day: total for day, total in days.items() if day not in self._dates}
            for category, days in window.totals.items()
        }
        for category, days in self._totals.items():
            totals[category] = totals.get(category, {}) | days
        return replace(window, totals=totals)
