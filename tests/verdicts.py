"""Where the two public copies disagree: which one the series supports, how surely, and why.

`python -m tests.verdicts` writes the list to `tests/disagreements.csv`, to be reviewed.
"""

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields
from datetime import timedelta
from pathlib import Path

from flows.reconcile.consensus import ScoredTotal, weigh
from flows.reconcile.digit_errors import slip, telling_slip
from schemas.records import Candidate, Cell
from tests import copies, reference
from tests.memory import Reconciled, reconcile, said

FILE = Path(__file__).with_name("disagreements.csv")
_COPIES = ("community", "index")
ONE_DAY = timedelta(days=1)
WHOLE_ROW = 4
"""A copy that repeats so many categories of the day before at once has not been filled in."""

REASONS = {
    "printed": "the bulletin of that day prints it",
    "leads_to_it": "the printed deltas of the days beside it lead to it",
    "restated": "the index has what the day after starts from: the past as it was revised then",
    "slip": "the other cannot stand between its neighbours, and is a slip of it",
    "row_repeated": "the other copy repeats the day before in several categories at once",
    "repeated": "the other repeats the day before, and this one can stand too",
    "order": "the other cannot stand between its neighbours",
    "in_step": "the copies differ on several days in a row and each is in order by itself",
    "even": "both can stand",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One place where the copies disagree.

    `supported` is "community", "index" or "neither"; `surety` is "sure", "likely" or "open".
    `official` is the total of that day's bulletin, empty where it is not at hand.
    """

    report_date: str
    category: str
    community: int
    index: int
    official: str
    supported: str
    surety: str
    why: str


def verdicts(found: Reconciled) -> list[Verdict]:
    """Return the verdict on every place where the two copies disagree, by date and category."""
    disputed = [cell for cell in sorted(found.rows) if _disagree(found, cell)]
    judge = _Judge(found, disputed)
    return [judge.verdict(cell) for cell in disputed]


def three_sources(official: Iterable[Candidate]) -> Reconciled:
    """Return both copies, totals only, and the official bulletins, reconciled in memory."""
    community = [said(cell, total, None, "community") for cell, total in copies.community().items()]
    index = [said(cell, total, None, "index") for cell, total in copies.index().items()]
    return reconcile([*community, *index, *official], copies.ORDER)


def recorded() -> list[Verdict]:
    """Return the reviewed list."""
    with FILE.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))[1:]
    return [
        Verdict(day, category, int(community), int(index), *more)
        for day, category, community, index, *more in rows
    ]


def _disagree(found: Reconciled, cell: Cell) -> bool:
    voices = found.voices[cell]
    return len({voices[name].total for name in _COPIES if name in voices}) > 1


class _Judge:
    """Weighs the disputed places, each with its neighbours and the other categories of its day."""

    def __init__(self, found: Reconciled, disputed: Sequence[Cell]) -> None:
        self._found = found
        self._disputed = set(disputed)
        self._printed = reference.load()
        self._revised = found.mismatches | reference.corrected().keys()
        self._stale = Counter(
            (cell[0], name) for cell in disputed for name in _COPIES if self._repeats(cell, name)
        )

    def verdict(self, cell: Cell) -> Verdict:
        official = self._found.voices[cell].get("official")
        supported, surety, why = self._judged(cell)
        return Verdict(
            report_date=cell[0].isoformat(),
            category=cell[1],
            community=self._total(cell, "community"),
            index=self._total(cell, "index"),
            official="" if official is None else str(official.total),
            supported=supported,
            surety=surety,
            why=why,
        )

    def _judged(self, cell: Cell) -> tuple[str, str, str]:
        best, other = self._weighed(cell)
        name, loser = _copy(best), _copy(other)
        printed = "official" in best.sources
        margin = best.weight - other.weight
        if self._restated(cell) and not (printed and name == "index"):
            # Not decided by that alone: where the bulletin is known, the index was right once.
            return ("community", "sure", "restated") if printed else ("neither", "open", "restated")
        if margin > 1:
            return name, "sure", "printed" if printed else "leads_to_it"
        if recorded_one := self._led_to(cell):
            return recorded_one, "likely", "leads_to_it"
        if self._in_step(cell):
            return "neither", "open", "in_step"
        if margin and best.between and not other.between:
            slipped = _is_slip(other.total, best.total)
            return (name, "sure", "slip") if slipped else (name, "likely", "order")
        if self._stale[cell[0], loser] >= WHOLE_ROW:
            return name, "sure", "row_repeated"
        return (name, "likely", "repeated") if margin else ("neither", "open", "even")

    def _weighed(self, cell: Cell) -> tuple[ScoredTotal, ScoredTotal]:
        """The totals of the two copies, the better supported first."""
        voices = self._found.voices
        weighed = weigh(voices[cell], voices.beside(cell, voices[cell]), copies.ORDER)
        best, other = (one for one in weighed if _copy(one))
        return best, other

    def _restated(self, cell: Cell) -> bool:
        """Whether the index has what the day after starts from, and the past was revised that day.

        On the days before, too, as long as the copies go on to differ and the index stands still.
        """
        after = cell[0] + ONE_DAY, cell[1]
        if after in self._disputed:
            same = self._total(cell, "index") == self._total(after, "index")
            return same and self._restated(after)
        if after not in self._revised:
            return False
        return self._total(after, "index") - self._delta(after) == self._total(cell, "index")

    def _led_to(self, cell: Cell) -> str | None:
        """The copy that a day of corrections starts from: its printed deltas are on record."""
        after = cell[0] + ONE_DAY, cell[1]
        if after in self._disputed or after[0] not in {day for day, _ in self._revised}:
            return None
        start = self._total(after, "community") - self._delta(after)
        return next((name for name in _COPIES if self._total(cell, name) == start), None)

    def _delta(self, cell: Cell) -> int:
        """What the bulletin printed, as far as it is at hand, else as the corrections imply."""
        bulletin = self._found.voices[cell].get("official")
        delta = bulletin.delta if bulletin else self._printed[cell[0]][cell[1]].delta
        return delta or 0

    def _in_step(self, cell: Cell) -> bool:
        beside_it = {(cell[0] + step, cell[1]) for step in (-ONE_DAY, ONE_DAY)}
        return bool(beside_it & self._disputed)

    def _repeats(self, cell: Cell, name: str) -> bool:
        before = self._found.voices[cell[0] - ONE_DAY, cell[1]].get(name)
        return before is not None and before.total == self._total(cell, name)

    def _total(self, cell: Cell, name: str) -> int:
        total = self._found.voices[cell][name].total
        assert total is not None
        return total


def _copy(one: ScoredTotal) -> str:
    """The copy that prints a total; "" where only the bulletin does."""
    return next((name for name in one.sources if name != "official"), "")


def _is_slip(printed: int, meant: int) -> bool:
    """Whether the digits show it; one mistyped digit does not if it is the last."""
    return bool(telling_slip(printed, meant)) or (
        slip(printed, meant) is not None and abs(printed - meant) > 9
    )


def main() -> None:
    """Write the list as it comes out now."""
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(field.name for field in fields(Verdict))
        writer.writerows(astuple(one) for one in verdicts(three_sources(copies.official())))


if __name__ == "__main__":
    main()
