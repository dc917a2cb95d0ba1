"""Slips of the pen, made on purpose: one day of a real series with a figure misprinted.

Every kind gives what the day's bulletin prints after the slip, or None where the slip changes no
number or the figures have no room for it. The random generator is passed in, so that it repeats.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import TypeAlias

from tests.reference import Figures, Printed

Slip: TypeAlias = Callable[[Random, str, Figures, Figures], "Figures | None"]
"""(random, category, the day's figures, those of the day before) -> the misprinted day."""

_Digits: TypeAlias = Callable[[Random, str], str]


def swapped(random: Random, digits: str) -> str:
    """Two neighbouring digits in each other's place."""
    place = random.randrange(len(digits) - 1) if len(digits) > 1 else 0
    return digits[:place] + digits[place : place + 2][::-1] + digits[place + 2 :]


def lost(random: Random, digits: str) -> str:
    """One digit left out; the number itself where there is no other."""
    place = random.randrange(len(digits))
    return digits[:place] + digits[place + 1 :] or digits


def doubled(random: Random, digits: str) -> str:
    """One digit typed twice."""
    place = random.randrange(len(digits))
    return digits[:place] + digits[place] + digits[place:]


def mistyped(random: Random, digits: str) -> str:
    """One digit replaced by another."""
    place = random.randrange(len(digits))
    other = random.choice([digit for digit in "0123456789" if digit != digits[place]])
    return digits[:place] + other + digits[place + 1 :]


def misread(random: Random, digits: str) -> str:
    """The number ends, or begins, at its thousands separator."""
    if len(digits) < 4:
        return digits
    return random.choice([digits[:-3], digits[-3:]])


def _total(slip: _Digits) -> Slip:
    def perturbed(random: Random, category: str, day: Figures, _: Figures) -> Figures | None:
        figure = day[category]
        return _with(day, {category: replace(figure, total=_number(slip, random, figure.total))})

    return perturbed


def _delta(slip: _Digits) -> Slip:
    def perturbed(random: Random, category: str, day: Figures, _: Figures) -> Figures | None:
        figure = day[category]
        if figure.delta is None:
            return None
        return _with(day, {category: replace(figure, delta=_number(slip, random, figure.delta))})

    return perturbed


def _number(slip: _Digits, random: Random, number: int) -> int:
    return int(slip(random, str(number)))


def _total_repeated(_: Random, category: str, day: Figures, before: Figures) -> Figures | None:
    return _with(day, {category: replace(day[category], total=before[category].total)})


def _row_repeated(_: Random, category: str, day: Figures, before: Figures) -> Figures | None:
    return _with(day, {category: before[category]})


def _bulletin_repeated(_: Random, __: str, day: Figures, before: Figures) -> Figures | None:
    return _with(day, {category: before.get(category, figure) for category, figure in day.items()})


def _totals_exchanged(random: Random, category: str, day: Figures, _: Figures) -> Figures | None:
    other = _other(random, category, day)
    one, two = day[category], day[other]
    return _with(
        day, {category: replace(one, total=two.total), other: replace(two, total=one.total)}
    )


def _rows_exchanged(random: Random, category: str, day: Figures, _: Figures) -> Figures | None:
    other = _other(random, category, day)
    return _with(day, {category: day[other], other: day[category]})


def _other(random: Random, category: str, day: Figures) -> str:
    return random.choice([name for name in day if name != category])


def _with(day: Figures, changed: Mapping[str, Printed]) -> Figures | None:
    misprinted = {**day, **changed}
    return misprinted if misprinted != day else None


TOTALS: Mapping[str, Slip] = {
    "total: digits swapped": _total(swapped),
    "total: digit lost": _total(lost),
    "total: digit doubled": _total(doubled),
    "total: digit mistyped": _total(mistyped),
    "total: separator misread": _total(misread),
    "total of the day before repeated": _total_repeated,
    "two categories exchanged, totals": _totals_exchanged,
    "two categories exchanged, totals and deltas": _rows_exchanged,
}
ROWS: Mapping[str, Slip] = {
    "row copied from the day before": _row_repeated,
    "whole bulletin copied from the day before": _bulletin_repeated,
}
DELTAS: Mapping[str, Slip] = {
    "delta: digits swapped": _delta(swapped),
    "delta: digit lost": _delta(lost),
    "delta: digit doubled": _delta(doubled),
    "delta: digit mistyped": _delta(mistyped),
}
KINDS: Mapping[str, Slip] = {**TOTALS, **ROWS, **DELTAS}
