"""How one number can have been misprinted as another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.reconcile.digit_errors import slip, telling_slip
from schemas.codes import Hint

COUNTS = st.integers(0, 2_000_000)


@pytest.mark.parametrize(
    ("printed", "meant", "hint"),
    [
        (4832, 4823, "digits_swapped"),
        (963720, 963270, "digits_swapped"),
        (4382, 4823, None),
        (482, 4823, "digit_lost"),
        (48233, 4823, "digit_doubled"),
        (41823, 4823, "digit_doubled"),
        (5669, 5969, "digit_mistyped"),
        (4923, 4824, None),
        (4, 4823, "separator_misread"),
        (823, 4823, "separator_misread"),
        (4823000, 4823, "separator_misread"),
        (282, 282630, "separator_misread"),
        (630, 282630, "separator_misread"),
        (384, 413, None),
        (4823, 4823, None),
        (7, 3, None),
        (33, 3, "digit_doubled"),
        (37, 3, None),
        (-5, 5, None),
        (0, 4823, None),
    ],
)
def test_the_slips(printed: int, meant: int, hint: str | None) -> None:
    assert slip(printed, meant) == hint


def test_only_some_slips_are_evidence_by_themselves() -> None:
    assert telling_slip(41, 14) == "digits_swapped"
    assert telling_slip(1, 14) is None
    assert telling_slip(24, 14) is None


@given(COUNTS, COUNTS)
def test_a_slip_has_a_name_of_the_column_hint(printed: int, meant: int) -> None:
    found = slip(printed, meant)
    assert found is None or found in Hint
    assert telling_slip(printed, meant) in (None, found)
    assert slip(printed, printed) is None


@given(st.integers(10, 2_000_000), st.data())
def test_a_slip_is_recognized(meant: int, data: st.DataObject) -> None:
    digits = str(meant)
    place = data.draw(st.integers(0, len(digits) - 2))
    swapped = digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]
    if swapped[0] != "0" and swapped != digits:
        assert slip(int(swapped), meant) == "digits_swapped"
    doubled = digits[:place] + digits[place] + digits[place:]
    assert slip(int(doubled), meant) in ("digit_doubled", "separator_misread")
    lost = digits[:place] + digits[place + 1 :]
    if lost[0] != "0":
        assert slip(int(lost), meant) in ("digit_lost", "separator_misread")
