"""Why a row does not add up, in one sentence: the diagnosis and the hint in words."""

from schemas.tables import LossRow

DIAGNOSIS_WORDS = {
    "revision": "the General Staff revised the past",
    "misprinted_total": "the total is misprinted",
    "previous_misprinted": "the total of the day before is misprinted",
    "misprinted_delta": "the printed daily change is misprinted",
    "undecided": "not decided",
}

HINT_WORDS = {
    "digits_swapped": "digits swapped",
    "digit_lost": "a digit lost",
    "digit_doubled": "a digit too many",
    "digit_mistyped": "a digit mistyped",
    "separator_misread": "a thousands separator misread",
    "total_repeated": "the total of the day before repeated",
    "row_repeated": "total and change of the day before repeated",
    "exchanged": "exchanged with another category",
    "row_copied": "copied from another category",
}


def odd_words(row: LossRow) -> str:
    """Say how a row's printed delta differs from the change in the totals, and why.

    For a row with a mismatch or a diagnosis.
    """
    text = f"printed {signed(row.delta)}, total changed by {step(row)}"
    if row.delta is None:
        text = f"no daily change printed, total changed by {step(row)}"
    why = _explained(row)
    return f"{text}: {why}" if why else text


def step(row: LossRow) -> str:
    """Say how far the total lies from the one before: "+20 (4,712 -> 4,732)"."""
    before = row.previous_total or 0
    return f"{signed(row.total - before)} ({before:,} -> {row.total:,})"


def signed(number: int | None) -> str:
    """Return a change with its sign; "0" for none."""
    return f"{number:+,}" if number else "0"


def _explained(row: LossRow) -> str:
    match row.diagnosis:
        case None:
            return ""
        case "revision":
            return (
                f"{DIAGNOSIS_WORDS['revision']} by {signed(row.discrepancy)}; the next day agrees"
            )
        case "misprinted_total":
            meant = f"{row.suggested_total:,}" if row.suggested_total is not None else "another"
            return f"the total is misprinted: {row.total:,} should be {_meant(row, meant)}"
        case "misprinted_delta":
            text = f"the daily change is misprinted: {signed(row.delta)} should be "
            return text + _hinted(row, signed(row.change)) + "; the totals are confirmed"
        case "previous_misprinted":
            return "this total is in order, that of the day before is misprinted"
        case _:
            return "not decided: the next day is not on record, or the figures around conflict"


def _meant(row: LossRow, meant: str) -> str:
    """The number that was meant, how it was misprinted, and who says so."""
    leads = row.previous_total is not None and row.delta is not None
    agreed = leads and (row.previous_total or 0) + (row.delta or 0) == row.suggested_total
    who = "the days before and after agree on it" if agreed else "the days after lead back to it"
    return f"{_hinted(row, meant)}; {who}"


def _hinted(row: LossRow, meant: str) -> str:
    return f"{meant} ({HINT_WORDS.get(row.hint, row.hint)})" if row.hint else meant
