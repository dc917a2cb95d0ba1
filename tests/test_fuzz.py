"""The fuzz of everything that comes from outside, bounded; `make fuzz` goes on for longer."""

import random

import pytest

from tests import fuzz
from tests.fuzz import KINDS


@pytest.mark.slow
@pytest.mark.parametrize("name", KINDS)
def test_whatever_comes_from_outside_is_read_or_refused_by_name(name: str) -> None:
    for seed in range(40):
        try:
            KINDS[name](random.Random(seed))
        except Exception as error:
            pytest.fail(f"{name}, seed {seed}: {type(error).__name__}: {error}")


def test_a_mistake_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(*_: object) -> None:
        raise OverflowError("date value out of range")

    monkeypatch.setattr("flows.parse.reader.read_contents", mistaken)
    with pytest.raises(fuzz.Broken, match="OverflowError"):
        KINDS["documents"](random.Random(1))


@pytest.mark.parametrize("text", ['{"a": NaN}', '{"a": Infinity}', '"\x7f"', '"\u202e"', "{"])
def test_what_is_no_json_for_a_terminal_is_found(text: str) -> None:
    with pytest.raises((fuzz.Broken, ValueError)):
        fuzz.strict(text)


@pytest.mark.full
@pytest.mark.parametrize("name", KINDS)
def test_others_each_time(name: str) -> None:
    first = random.randrange(2**32)
    for seed in range(first, first + 1_000):
        try:
            KINDS[name](random.Random(seed))
        except Exception as error:
            pytest.fail(f"{name}, seed {seed}: {type(error).__name__}: {error}")
