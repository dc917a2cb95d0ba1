"""Why a row does not add up, in one sentence: the diagnosis and the hint in words."""

from collections.abc import Mapping

from schemas.codes import Diagnosis, Hint
from schemas.tables import LossRow

DIAGNOSIS_PHRASES: Mapping[Diagnosis, str] = {
    Diagnosis.REVISION: "the General Staff revised the past",
    Diagnosis.MISPRINTED_TOTAL: "the total is misprinted",
    Diagnosis.PREVIOUS_MISPRINTED: "the total of the day before is misprinted",
    Diagnosis.MISPRINTED_DELTA: "the printed daily change is misprinted",
    Diagnosis.UNDECIDED: "not decided",
}
"""How a sentence names a diagnosis; what each means is `schemas/codes.py`."""

HINT_PHRASES: Mapping[Hint, str] = {
    Hint.DIGITS_SWAPPED: "digits swapped",
    Hint.DIGIT_LOST: "a digit lost",
    Hint.DIGIT_DOUBLED: "a digit too many",
    Hint.DIGIT_MISTYPED: "a digit mistyped",
    Hint.SEPARATOR_MISREAD: "a thousands separator misread",
    Hint.TOTAL_REPEATED: "the total of the day before repeated",
    Hint.ROW_REPEATED: "total and change of the day before repeated",
    Hint.EXCHANGED: "exchanged with another category",
    Hint.ROW_COPIED: "copied from another category",
    Hint.DATE_SHIFTED: "the whole series looks shifted by a day",
}
"""How a sentence says in brackets how a misprint came about."""


def odd_words(row: LossRow) -> str:
    """Say how a row's printed delta differs from the change in the totals, and why.

    For a row with a mismatch or a diagnosis.
    """
    text = f"printed {signed(row.delta)}, total changed by {step(row)}"
    if row.delta is None:
        text = f"no daily change printed, total changed by {step(row)}"
    return f"{text}: {_explanation(row)}" if row.diagnosis else text


def step(row: LossRow) -> str:
    """Say how far the total lies from the one before: "+20 (4,710 -> 4,730)"."""
    before = row.previous_total or 0
    return f"{signed(row.total - before)} ({before:,} -> {row.total:,})"


def signed(number: int | None) -> str:
    """Return a change with its sign; "0" for none."""
    return f"{number:+,}" if number else "0"


def _explanation(row: LossRow) -> str:
    match row.diagnosis:
        case Diagnosis.REVISION:
            phrase = DIAGNOSIS_PHRASES[row.diagnosis]
            return f"{phrase} by {signed(row.discrepancy)}; the next day agrees"
        case Diagnosis.MISPRINTED_TOTAL:
            leads = row.previous_total is not None and row.delta is not None
            led_to = (row.previous_total or 0) + (row.delta or 0)
            agreed = leads and led_to == row.suggested_total
            who = (
                "the days before and after agree on it"
                if agreed
                else "the days after lead back to it"
            )
            meant = f"{row.suggested_total:,}" if row.suggested_total is not None else "another"
            phrase = DIAGNOSIS_PHRASES[row.diagnosis]
            return f"{phrase}: {row.total:,} should be {meant}{_in_brackets(row.hint)}; {who}"
        case Diagnosis.MISPRINTED_DELTA:
            meant = f"{signed(row.delta)} should be {signed(row.change)}{_in_brackets(row.hint)}"
            return f"the daily change is misprinted: {meant}; the totals are confirmed"
        case Diagnosis.PREVIOUS_MISPRINTED:
            return "this total is in order, that of the day before is misprinted"
        case _ if row.hint:
            return f"not decided: {HINT_PHRASES[row.hint]}"
        case _:
            return "not decided: the next day is not on record, or the figures around conflict"


def _in_brackets(hint: Hint | None) -> str:
    return f" ({HINT_PHRASES[hint]})" if hint else ""
