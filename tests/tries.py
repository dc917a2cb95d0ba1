"""How often a property is tried: on some random examples, on eight times as many in test-full."""

from hypothesis import settings

_AS_WRITTEN = 50
"""The number of examples of a profile under which a property is tried as often as it says."""


def tries(few: int) -> int:
    """Return half of this number for `make test`, four times this number for `make test-full`.

    The profiles say how many times (`tests/conftest.py`): what `make test` tries is the same
    every time, so that only a change of the code can find something new in more of it.
    """
    return max(2, few * settings().max_examples // _AS_WRITTEN)
