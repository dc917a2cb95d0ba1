"""How often a property is tried: on some random examples, on more for `make test-full`."""

from hypothesis import settings


def tries(few: int) -> int:
    """Return this number for `make test`, four times as many for `make test-full`.

    The profiles say how many times (`tests/conftest.py`): what `make test` tries is the same
    every time, so that only a change of the code can find something new in more of it.
    """
    return few * settings().max_examples // settings.get_profile("same").max_examples
