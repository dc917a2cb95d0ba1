"""Workers without a cluster: work and results are packed and unpacked, as if they were sent."""

import pickle
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


class Sent:
    """A `flows.parse.reader.Spread` that does the work here; `names` are those of the items."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, work: Callable[[T], R], items: Iterable[tuple[str, T]]) -> Iterator[R]:
        for name, item in items:
            self.names.append(name)
            there, given = pickle.loads(pickle.dumps((work, item)))
            result: R = pickle.loads(pickle.dumps(there(given)))
            yield result
