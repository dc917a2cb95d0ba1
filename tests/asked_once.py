"""Asks Great Expectations once of the same rows: half a second, and most of what a run costs.

Tests publish the same samples again and again. What a suite says depends on nothing but the columns
that it reads and its parameters; `tests/validate` asks every time, and so does a command in a
process of its own.
"""

import hashlib
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import wraps
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import pytest

from flows.validate import check

if TYPE_CHECKING:
    from flows.validate.checkpoints import Result
    from schemas.suites import Suite

ask = check._search
"""What is asked where nothing is kept."""


@contextmanager
def asked_once() -> Iterator[None]:
    """Keep in this process what a suite says of rows, and say it again of the same ones.

    Where a rule could not be evaluated nothing is kept.
    """
    kept: dict[tuple[Suite, bytes], list[Result]] = {}

    @wraps(ask)
    def search(
        suite: str,
        rows: Sequence[object],
        positions: Sequence[int],
        groups: Sequence[Hashable],
        parameters: Mapping[str, Any],
    ) -> "tuple[list[Result], Mapping[Hashable, check.Failure]]":
        from schemas.suites import SUITES  # it imports Great Expectations: only where that is asked

        asked = [list(map(attrgetter(name), rows)) for name in SUITES[suite].columns]
        text = repr((asked, list(positions), parameters))
        question = SUITES[suite], hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
        if question in kept:
            return list(kept[question]), {}
        results, failed = ask(suite, rows, positions, groups, parameters)
        if not failed:
            kept[question] = list(results)
        return results, failed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "_search", search)
        yield
