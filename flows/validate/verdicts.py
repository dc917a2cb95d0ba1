"""What the gate said of a run's documents, kept so that memory does not grow with their number."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby
from sys import intern

from flows.aside import Aside, Place
from schemas.codes import DocumentStatus
from schemas.records import Finding, Key, Reading, Verdict


class Verdicts:
    """Verdicts in the order in which they were added; those on one document follow each other.

    `keys` are their documents, `years` those of `Reading.filed_on`; `figures` says how many figures
    the accepted bulletins of each report date have, one at least; `newest` is when the newest
    document was archived, None where there is none; `refused` has the finding of each day that was
    refused. Adding and reading raise StorageFailed: see `Aside`.
    """

    def __init__(self, verdicts: Sequence[Verdict] = ()) -> None:
        self.keys: set[Key] = set()
        self.years: set[int] = set()
        self.figures: Counter[date] = Counter()
        self.newest: datetime | None = None
        self._all = Aside(_place)
        self._length = 0
        self.refused: dict[date, Finding] = {}
        self.add(verdicts)

    def add(self, verdicts: Sequence[Verdict]) -> None:
        """Add the verdicts on some documents, all of each."""
        for verdict in verdicts:
            source, sha256 = verdict.reading.key
            self.keys.add((intern(source), sha256))
            self.years.add(verdict.reading.filed_on.year)
            archived = verdict.reading.archived.archived_at
            self.newest = max(self.newest or archived, archived)
            if verdict.status is DocumentStatus.ACCEPTED:
                figures = len(verdict.reading.bulletin.figures)
                self.figures[verdict.reading.report_date] += max(figures, 1)
        self._all.add(verdicts)
        self._length += len(verdicts)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Iterator[Verdict]:
        return map(self._as_it_stands, self._all)

    def by_document(self) -> Iterator[list[Verdict]]:
        """Yield the verdicts on each document."""
        for _, verdicts in groupby(self, lambda verdict: verdict.reading.key):
            yield list(verdicts)

    def of_year(self, year: int) -> Iterator[Verdict]:
        """Yield those that are filed in a year."""
        return map(self._as_it_stands, self._all.of_year(year))

    def accepted_on(self, days: Collection[date]) -> list[Reading]:
        """Return the readings of the accepted bulletins of these report dates."""
        if not days:
            return []
        found = self._all.between(min(days).toordinal(), max(days).toordinal())
        return [
            verdict.reading
            for verdict in map(self._as_it_stands, found)
            if verdict.status is DocumentStatus.ACCEPTED and verdict.reading.report_date in days
        ]

    def refuse(self, days: Mapping[date, Finding]) -> bool:
        """Block the accepted bulletins of these report dates, each with the finding of its day.

        Returns whether any of them was not blocked before.
        """
        new = self.figures.keys() & days.keys()
        self.refused |= {day: days[day] for day in new}
        for day in new:
            del self.figures[day]
        return bool(new)

    def _as_it_stands(self, verdict: Verdict) -> Verdict:
        day = verdict.reading.bulletin.report_date
        if day not in self.refused or verdict.status is not DocumentStatus.ACCEPTED:
            return verdict
        return replace(verdict, findings=(*verdict.findings, self.refused[day]))


def _place(verdict: Verdict) -> Place:
    day = verdict.reading.bulletin.report_date
    return day.toordinal() if day else None, verdict.reading.filed_on.year
