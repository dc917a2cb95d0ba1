"""Who speaks for a report date and category, and what is looked at beside it.

Pure functions over records. Each source speaks through one document, its newest, unless the days on
both sides confirm an older one.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from schemas.records import Candidate, Cell

LatestBySource = Mapping[str, Candidate]
"""Each source's document that speaks for a report date and category: all have a total."""

NOBODY: LatestBySource = {}

LASTING = 20
"""So many days before and after a day a difference between sources is followed to its ends. Of the
differences between the public copies one went on alike for 39 days, the others for up to four: so
from every day of them at least one end is in sight."""

CHOICE_REACH = LASTING + 2
"""A document has a say in the choice for so many days before and after its own: a difference is
looked at with the day beyond its end, and who speaks there depends on one day more."""

_ROUNDED_TO = 100
"""A figure marked approximate that ends in two zeros may be a rounded one; "about 282,630" is how
the General Staff marks its own exact total of personnel."""


@dataclass(frozen=True, slots=True)
class Overruled:
    """A printed figure that does not count, as another document of its source does: `by`.

    `figure` is the older of the two, unless the days on both sides confirm the older one.
    """

    figure: Candidate
    by: Candidate

    @property
    def is_newest(self) -> bool:
        """Whether it is the newest of its source, which the days on both sides contradict."""
        return self.figure.recency > self.by.recency


@dataclass(frozen=True, slots=True)
class Beside:
    """The days beside a difference between sources, which may last for several days.

    `before` speaks on the day before the first of them, `deltas` are those printed on the first;
    `after` speaks on the day after the last. Totals are as they would be on the day at stake: the
    series that differ went on alike from day to day, and by so much they are moved. Nobody speaks
    where a difference goes on beyond what is looked at.
    """

    before: LatestBySource
    deltas: frozenset[int]
    after: LatestBySource


_NOTHING_BESIDE = Beside(NOBODY, frozenset(), NOBODY)


class Speakers:
    """Who speaks for every cell of some days, by source."""

    def __init__(self, candidates: Mapping[Cell, Sequence[Candidate]]) -> None:
        self._newest = {cell: latest_by_source(found) for cell, found in candidates.items()}
        self._confirmed = {
            cell: speaking
            for cell, found in candidates.items()
            if (speaking := self.among(cell, found)) != self._newest[cell]
        }

    def __getitem__(self, cell: Cell) -> LatestBySource:
        """Return who speaks for a cell; nobody where it is not on record."""
        newest = self._newest.get(cell, NOBODY)
        return self._confirmed.get(cell, newest)

    def among(self, cell: Cell, candidates: Sequence[Candidate]) -> LatestBySource:
        """Return who would speak for a cell if these were all the documents that print it.

        It is each source's newest document with a total. An older one speaks where the days on
        both sides confirm it and not the newest: that was dated wrongly, or has a misprint.
        """
        newest = latest_by_source(candidates)
        if len(newest) == len(candidates):  # one of each source: there is no older one
            return newest
        before, after = (self._newest.get(_moved(cell, step), NOBODY) for step in (-1, 1))
        if len(newest) == len({_values(one) for one in candidates}) or not (before and after):
            return newest
        return {
            source: _confirmed(one, candidates, before, after) for source, one in newest.items()
        }

    def overruled(self, cell: Cell) -> list[Overruled]:
        """Return the newest documents that do not speak, as older ones are confirmed."""
        speaking = self[cell]
        newest = self._newest.get(cell, NOBODY)
        return [Overruled(one, speaking[s]) for s, one in newest.items() if speaking[s] != one]

    def replaced(self, cell: Cell, candidates: Iterable[Candidate]) -> list[Overruled]:
        """Return those of some documents that print another figure than a newer one that speaks.

        Of documents of a source that print the same figure it is that with the lowest hash.
        """
        speaking, found = self[cell], dict[tuple[str, int | None, int | None], Overruled]()
        for one in sorted(candidates, key=lambda candidate: candidate.document_sha256):
            by = speaking.get(one.source)
            figure = (one.total, one.delta)
            older = by is not None and by.recency > one.recency
            if by and older and one.total is not None and figure != (by.total, by.delta):
                found.setdefault((one.source, *figure), Overruled(one, by))
        return list(found.values())

    def beside(self, cell: Cell, day: LatestBySource) -> Beside:
        """Return what stands beside the difference between those who speak on a day.

        One who speaks alone differs from nobody: then nothing is looked for.
        """
        if len(day) < 2:
            return _NOTHING_BESIDE
        first, before = self._end(cell, day, -1)
        _, after = self._end(cell, day, 1)
        deltas = frozenset(one.delta for one in first.values() if one.delta is not None)
        return Beside(before, deltas, after)

    def _end(
        self, cell: Cell, day: LatestBySource, step: int
    ) -> tuple[LatestBySource, LatestBySource]:
        """Who speaks on the last day of the difference, in one direction, and on the next."""
        moved = 0
        for distance in range(1, LASTING + 1):
            beyond = self[_moved(cell, step * distance)]
            change = _common_change(day, beyond)
            if change is None:
                return day, _plus(beyond, moved)
            day, moved = beyond, moved - change
        return day, NOBODY


def latest_by_source(candidates: Iterable[Candidate]) -> dict[str, Candidate]:
    """Return each source's newest candidate with a total.

    Of documents that print the same it is the one with the lowest hash: which of them came last
    makes no difference.
    """
    by_source: dict[str, list[Candidate]] = {}
    for candidate in candidates:
        if candidate.total is not None:
            by_source.setdefault(candidate.source, []).append(candidate)
    return {
        source: found[0] if len(found) == 1 else _newest(found)
        for source, found in by_source.items()
    }


def total_of(candidate: Candidate) -> int:
    """Return the total of a candidate that speaks: it has one."""
    assert candidate.total is not None
    return candidate.total


def may_be_rounded(candidate: Candidate) -> bool:
    """Whether a total is marked approximate and round."""
    total = total_of(candidate)
    return candidate.approximate and total > 0 and total % _ROUNDED_TO == 0


def _moved(cell: Cell, days: int) -> Cell:
    report_date, category = cell
    return report_date + timedelta(days=days), category


def _plus(speaking: LatestBySource, moved: int) -> LatestBySource:
    if not moved:
        return speaking
    return {source: replace(one, total=total_of(one) + moved) for source, one in speaking.items()}


def _common_change(day: LatestBySource, beyond: LatestBySource) -> int | None:
    """How much all totals change to the next day, if they differ among themselves.

    None where the difference does not go on: the sources agree, or do not change alike. A rounded
    total has no say.
    """
    both = [
        (total_of(one), total_of(beyond[source]))
        for source, one in day.items()
        if source in beyond and not may_be_rounded(one) and not may_be_rounded(beyond[source])
    ]
    changes = {next_one - one for one, next_one in both}
    differ = len({one for one, _ in both}) > 1
    return changes.pop() if differ and len(changes) == 1 else None


def _newest(candidates: Sequence[Candidate]) -> Candidate:
    newest = max(candidates, key=lambda candidate: (candidate.recency, str(_values(candidate))))
    alike = [c for c in candidates if _values(c) == _values(newest)]
    return min(alike, key=lambda candidate: candidate.document_sha256)


def _values(candidate: Candidate) -> tuple[str, int | None, int | None, bool]:
    return candidate.source, candidate.total, candidate.delta, candidate.approximate


def _confirmed(
    newest: Candidate,
    candidates: Sequence[Candidate],
    before: LatestBySource,
    after: LatestBySource,
) -> Candidate:
    """The newest document of a source, or the newest one that the days on both sides confirm."""
    fitting = [
        one
        for one in candidates
        if one.source == newest.source and one.total is not None and _fits(one, before, after)
    ]
    return _newest(fitting) if fitting and not _fits(newest, before, after) else newest


def _fits(candidate: Candidate, before: LatestBySource, after: LatestBySource) -> bool:
    """Whether the days beside it lead to a total: by deltas, or where none is printed, by size."""
    total, delta = total_of(candidate), candidate.delta
    earlier = {total_of(one) for one in before.values()}
    led = total - delta in earlier if delta is not None else min(earlier) <= total
    later = {total_of(one) - one.delta for one in after.values() if one.delta is not None}
    goes_on = total in later if later else total <= max(map(total_of, after.values()))
    return led and goes_on
