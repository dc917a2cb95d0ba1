"""Slips of the pen: how one printed number can have come from another."""

from schemas.codes import Hint

_TELLING = frozenset(
    {Hint.DIGITS_SWAPPED, Hint.DIGIT_LOST, Hint.DIGIT_DOUBLED, Hint.SEPARATOR_MISREAD}
)
"""Slips that hardly come about by chance; a revision by ten looks like one mistyped digit."""


def slip(printed: int, meant: int) -> Hint | None:
    """Return the hint that names how `meant` was misprinted as `printed`; None where none fits.

    The names are those of the column `hint`. Both are counts; None too where they are equal. A
    single digit is a slip away from any other, so it is doubled or nothing.
    """
    digits, right = str(printed), str(meant)
    if printed == meant or min(printed, meant) < 0:
        return None
    if len(right) == 1:
        return Hint.DIGIT_DOUBLED if digits == right * 2 else None
    if _is_group(printed, meant):
        return Hint.SEPARATOR_MISREAD
    if len(digits) == len(right):
        return _same_length(digits, right)
    if len(digits) == len(right) - 1 and digits in _without_one(right):
        return Hint.DIGIT_LOST
    if len(digits) == len(right) + 1 and right in _without_one(digits):
        return Hint.DIGIT_DOUBLED
    return None


def telling_slip(printed: int, meant: int) -> Hint | None:
    """Return the hint where the digits alone are evidence of a slip; None where it may be chance.

    A printed number of one digit is no evidence: too many others lose a digit to become it.
    """
    hint = slip(printed, meant)
    return hint if hint in _TELLING and printed > 9 else None


def _same_length(digits: str, right: str) -> Hint | None:
    differing = sum(1 for pair in zip(digits, right, strict=True) if len({*pair}) > 1)
    if differing == 1:
        return Hint.DIGIT_MISTYPED
    if differing == 2 and sorted(digits) == sorted(right):
        return Hint.DIGITS_SWAPPED
    return None


def _is_group(printed: int, meant: int) -> bool:
    """Whether one is what stands on one side of a thousands separator of the other, or 1000-fold.

    The separator was taken for a decimal point or for the end of the number.
    """
    small, large = sorted((printed, meant))
    if large < 1000 or not small:
        return False
    return small == large // 1000 or large == small * 1000 or printed == meant % 1000


def _without_one(digits: str) -> set[str]:
    return {digits[:place] + digits[place + 1 :] for place in range(len(digits))}
