"""Misprints in windows of the real series: found, named, outvoted, and never guessed.

A few hundred of the trials that `python -m tests.benchmarks perturbation` prints the table of.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import cache
from random import Random

import pytest

from flows.reconcile.misprints import Explained
from tests import perturb, reference
from tests.memory import reconcile, told
from tests.trials import BEFORE, Outcome, Trial, judge, judge_two, trials
from tests.tries import tries

COUNT = tries(40)
ONE_DAY = timedelta(days=1)
DIGITS = [kind for kind in perturb.TOTALS if "digit" in kind]
ONE_FIGURE = [kind for kind in perturb.KINDS if kind not in perturb.ROWS]


@cache
def tried(kind: str) -> Sequence[Trial]:
    """Return the trials of a kind."""
    return list(trials(perturb.KINDS[kind], COUNT, f"test {kind}"))


@cache
def judged(kind: str, after: int, before: int = BEFORE) -> Sequence[Outcome]:
    """Return what is said of the trials of a kind with one source, so many days later."""
    return [judge(trial, after, before) for trial in tried(kind)]


@cache
def judged_of_two(kind: str) -> Sequence[Outcome]:
    """Return what is said of the trials of a kind with a second source that is right."""
    return [judge_two(trial) for trial in tried(kind)]


def share(held: Sequence[bool]) -> float:
    """Return for how many in a hundred trials it holds."""
    return 100 * sum(held) / len(held)


@pytest.mark.slow
@pytest.mark.parametrize("kind", perturb.KINDS)
def test_every_misprint_is_detected_by_the_next_day(kind: str) -> None:
    assert all(one.detected for one in judged(kind, 1))


@pytest.mark.slow
@pytest.mark.parametrize("kind", perturb.TOTALS)
def test_a_misprinted_total_is_named_and_the_right_one_suggested(kind: str) -> None:
    """The next day, one beside a revision some days later; of forty, one may stay undecided."""
    assert share([one.right for one in judged(kind, 1)]) >= 94
    assert share([one.right for one in judged(kind, 3)]) >= 97
    assert not any(one.guessed for one in judged(kind, 3))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ONE_FIGURE)
def test_on_the_first_or_the_last_day_nothing_is_guessed(kind: str) -> None:
    assert not any(one.guessed for one in (*judged(kind, 0), *judged(kind, 3, before=0)))


@pytest.mark.parametrize("kind", perturb.KINDS)
def test_of_two_sources_the_right_total_is_published(kind: str) -> None:
    assert not any(one.guessed for one in judged_of_two(kind))


@pytest.mark.parametrize("kind", perturb.DELTAS)
def test_with_two_sources_a_misprinted_delta_is_named(kind: str) -> None:
    """But on a day of a revision, when neither delta is the change."""
    assert share([one.right for one in judged_of_two(kind)]) >= 95


def test_of_one_source_a_delta_that_was_typed_twice_shows() -> None:
    assert share([one.right for one in judged("delta: digit doubled", 1)]) >= 95


def test_a_mistyped_digit_of_a_delta_looks_like_a_revision_and_is_called_so() -> None:
    """One source cannot tell: 18 of the 86 real corrections differ from the delta by one digit."""
    assert share([one.right for one in judged("delta: digit mistyped", 3)]) <= 10


@pytest.mark.slow
def test_beside_a_revision_most_digits_that_slipped_show_and_none_is_guessed() -> None:
    """The day before each real revision is misprinted: neither neighbour alone can be believed."""
    truth, random = reference.load(), Random("beside")
    outcomes = []
    for day, category in sorted(reference.corrected()):
        for kind in DIGITS:
            eve = day - timedelta(days=1)
            before = truth[eve - timedelta(days=1)]
            misprinted = perturb.TOTALS[kind](random, category, truth[eve], before)
            if misprinted:
                outcomes.append(judge(Trial(eve, category, truth, misprinted), 3))
    assert sum(one.right for one in outcomes) > 0.6 * len(outcomes)
    assert sum(one.guessed for one in outcomes) < 0.01 * len(outcomes)


def test_a_bulletin_that_is_printed_again_is_recognized() -> None:
    kind = "whole bulletin copied from the day before"
    assert share([one.right for one in judged(kind, 1)]) >= 90


@pytest.mark.slow
@pytest.mark.parametrize("days_late", [1, 2, 5])
def test_a_series_that_is_a_day_late_is_no_revision(days_late: int) -> None:
    """From a bulletin that is printed again on, until one is left out."""
    truth, random = reference.load(), Random(f"{days_late} days late")
    said: dict[int, list[Explained]] = {0: [], days_late + 1: []}
    for first in random.sample(sorted(truth)[120:-30], 40):
        around = {n: first + timedelta(days=n) for n in range(-5, days_late + 8)}
        if any(day - ONE_DAY not in truth for day in around.values()):
            continue
        late = {
            day: truth[day - ONE_DAY if 0 <= n <= days_late else day] for n, day in around.items()
        }
        found = reconcile(told(late))
        for n, explained in said.items():
            explained += [found.explained[c] for c in found.mismatches if c[0] == around[n]]
    begins, ends = said.values()
    assert not [one for one in begins if one.diagnosis == "revision"]
    for explained in (begins, ends):
        shifted = [one for one in explained if one.hint == "date_shifted"]
        assert {one.diagnosis for one in shifted} == {"undecided"}
        assert len(shifted) > 0.95 * len(explained) > 100


@pytest.mark.slow
def test_no_revision_of_the_real_history_is_taken_for_anything_else() -> None:
    found = reconcile(told(reference.load())).explained
    assert {cell: said.diagnosis for cell, said in found.items()} == dict.fromkeys(
        reference.corrected(), "revision"
    )


@pytest.mark.parametrize("kind", perturb.KINDS)
def test_a_slip_is_what_it_is_called(kind: str) -> None:
    """The trials do change a figure of the day, and the same seed gives the same trials."""
    reference.load()
    once, again = (list(trials(perturb.KINDS[kind], 5, "same")) for _ in range(2))
    assert once == again
    assert all(trial.changed for trial in once)


def test_the_digits_slip_as_they_say() -> None:
    random = Random(1)
    assert {perturb.swapped(random, "12") for _ in range(9)} == {"21"}
    assert {perturb.lost(random, "12") for _ in range(30)} == {"1", "2"}
    assert {perturb.doubled(random, "12") for _ in range(30)} == {"112", "122"}
    assert {perturb.misread(random, "12345") for _ in range(30)} == {"12", "345"}
    assert all(len(perturb.mistyped(random, "12")) == 2 for _ in range(9))
