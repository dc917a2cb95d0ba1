"""What waits in a temporary file comes back as it was, in its order, whatever its number."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.aside import Aside, Remembered
from flows.errors import StorageFailed

Value = tuple[int | None, int, str]

VALUES = st.lists(
    st.tuples(st.none() | st.integers(1, 9), st.integers(2022, 2024), st.text(max_size=3))
)


def aside(parts: Sequence[Sequence[Value]]) -> Aside[Value]:
    found: Aside[Value] = Aside(lambda value: (value[0], value[1]))
    for part in parts:
        found.add(part)
    return found


@given(st.lists(VALUES, max_size=4), st.integers(1, 9), st.integers(1, 9))
def test_values_are_found_in_their_order(parts: list[list[Value]], first: int, last: int) -> None:
    every = [value for part in parts for value in part]
    found = aside(parts)
    assert list(found) == list(found) == every
    days = [value for value in every if value[0] is not None and first <= value[0] <= last]
    assert list(found.between(first, last)) == days
    for year in (2022, 2023, 2025):
        assert list(found.of_year(year)) == [value for value in every if value[1] == year]


def test_half_a_surrogate_pair_and_a_large_number_come_back() -> None:
    odd = (3, 2022, "\ud83d"), (None, 2023, str(10**30))
    assert list(aside([odd, odd])) == [*odd, *odd]


def test_what_is_added_first_is_the_same_object() -> None:
    value = (1, 2022, "one")
    (found,) = aside([[value]])
    assert found is value


@given(st.lists(st.tuples(st.integers(0, 12), st.text(max_size=3))), st.integers(1, 5))
def test_the_last_value_of_a_key_is_remembered(pairs: list[tuple[int, str]], most: int) -> None:
    remembered: Remembered[int, str] = Remembered(most)
    for key, value in pairs:
        remembered[key] = value
    known = dict(pairs)
    assert {key: remembered.get(key) for key in range(13)} == {
        key: known.get(key) for key in range(13)
    }
    items = list(remembered.items())
    assert (len(items), dict(items)) == (len(known), known)


def test_a_file_that_cannot_be_used_is_told() -> None:
    found = aside([[(1, 2022, "one")], [(2, 2022, "two")]])
    assert found._file
    found._file._connection.close()
    with pytest.raises(StorageFailed, match="TMPDIR names another folder"):
        list(found)
    with pytest.raises(StorageFailed, match="A temporary file cannot be used"):
        found.add([(3, 2022, "three")])
