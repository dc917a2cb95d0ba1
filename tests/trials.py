"""Trials of the diagnosis: a window of the real series, one day of it misprinted on purpose."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from schemas.records import Candidate, Cell
from tests import reference
from tests.memory import Reconciled, reconcile, told
from tests.perturb import Slip
from tests.reference import Figures

BEFORE = 4
"""Days of the series before the misprinted one."""

ORDER = ("first", "second")


@dataclass(frozen=True, slots=True)
class Trial:
    """A day of the real series, its bulletin as printed, and as misprinted."""

    day: date
    category: str
    truth: Mapping[date, Figures]
    misprinted: Figures

    @property
    def changed(self) -> set[Cell]:
        """The cells that the slip changed."""
        whole = self.truth[self.day]
        return {(self.day, name) for name, found in self.misprinted.items() if whole[name] != found}

    def window(self, before: int, after: int, *, slip: bool = True) -> dict[date, Figures]:
        """Return the figures of so many days before and after, with the slip or without."""
        days = [self.day + timedelta(days=n) for n in range(-before, after + 1)]
        found = {day: self.truth[day] for day in days if day in self.truth}
        return {**found, self.day: self.misprinted} if slip else found


def trials(slip: Slip, count: int, seed: str) -> Iterator[Trial]:
    """Yield so many trials of one kind of slip, on random days and categories of the reference."""
    random = Random(seed)
    truth = reference.load()
    days = sorted(truth)[BEFORE + 1 : -4]
    while count:
        day = random.choice(days)
        before = truth[day - timedelta(days=1)]
        category = random.choice(sorted(truth[day].keys() & before.keys()))
        misprinted = slip(random, category, truth[day], before)
        if misprinted:
            count -= 1
            yield Trial(day, category, truth, misprinted)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the ledger says of a trial.

    `detected`: something is flagged that is not without the slip; `right`: every cell that the slip
    changed is diagnosed as what it is, with the right total suggested, and nothing else is accused;
    `guessed`: something is said that is wrong.
    """

    detected: bool
    right: bool
    guessed: bool


def judge(trial: Trial, after: int, before: int = BEFORE) -> Outcome:
    """Return what the ledger makes of a trial with one source, so many days later.

    With no day before, the misprinted one is the first on record.
    """
    found = reconcile(told(trial.window(before, after)))
    usual = reconcile(told(trial.window(before, after, slip=False)))
    accused = _accused(trial, found, usual)
    rights = [_right(trial, found, cell) for cell in trial.changed]
    return Outcome(
        detected=found.flags != usual.flags,
        right=all(rights) and not accused,
        guessed=bool(accused) or any(_guessed(trial, found, cell) for cell in trial.changed),
    )


def judge_two(trial: Trial, *, deltas: bool = True) -> Outcome:
    """Return what the ledger makes of a trial the next day, with a second source that is right.

    The misprinted source comes first in the order; with `deltas` the second prints deltas too.
    `right`: the right total is published, and a misprinted delta beside it is diagnosed.
    """
    one = told(trial.window(BEFORE, 1), "first")
    other = told(trial.window(BEFORE, 1, slip=False), "second", deltas=deltas)
    found = reconcile([*one, *other], ORDER)
    wrong = [cell for cell in trial.changed if found.rows[cell].total != _meant(trial, cell)]
    unsaid = [cell for cell in trial.changed if not _settled(trial, found, cell)]
    return Outcome(
        detected=all(
            len({_figures(v) for v in found.voices[cell].values()}) > 1 for cell in trial.changed
        ),
        right=not wrong and not unsaid,
        guessed=bool(wrong),
    )


def _accused(trial: Trial, found: Reconciled, usual: Reconciled) -> set[Cell]:
    """The cells that are no part of the slip and are explained otherwise than without it."""
    shadow = {(day + timedelta(days=1), name) for day, name in trial.changed}
    return {
        cell
        for cell, said in found.explained.items()
        if usual.explained.get(cell) != said and said.diagnosis != "undecided"
    } - (trial.changed | shadow)


def _right(trial: Trial, found: Reconciled, cell: Cell) -> bool:
    said = found.explained.get(cell)
    if said is None:
        return False
    if found.rows[cell].total == _meant(trial, cell):
        return said.diagnosis == "misprinted_delta"
    return (said.diagnosis, said.suggested_total) == ("misprinted_total", _meant(trial, cell))


def _guessed(trial: Trial, found: Reconciled, cell: Cell) -> bool:
    said = found.explained.get(cell)
    decided = said is not None and said.diagnosis != "undecided"
    return decided and not _right(trial, found, cell)


def _settled(trial: Trial, found: Reconciled, cell: Cell) -> bool:
    """Whether the published delta is right too, or said to be wrong."""
    right = trial.truth[cell[0]][cell[1]].delta
    return found.rows[cell].delta in (right, None) or _right(trial, found, cell)


def _meant(trial: Trial, cell: Cell) -> int:
    return trial.truth[cell[0]][cell[1]].total


def _figures(candidate: Candidate) -> tuple[int | None, int | None]:
    return candidate.total, candidate.delta
