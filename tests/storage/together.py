"""Runs at the same time: `python -m tests.storage.together KIND ADDRESS ROUNDS`.

Each round is a lake of its own, ADDRESS/0, ADDRESS/1, ..., in which RUNS processes work at once;
ADDRESS/serial is what one process makes of the same documents, one run after the other. KIND is
"days" (each process publishes other days of one year) or "page" (each archives the same page).
"""

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from functools import partial

from flows.lake.lake import open_lake
from schemas.records import Document
from tests.ledger import NOW, days, take_in

RUNS = 8
DAYS_EACH = 3
FIRST = date(2023, 5, 1)

Step = Callable[[], object]


def by_days(lake: str) -> list[Step]:
    """Return what each process does: a run for every day that is its own."""
    documents = days(FIRST, *range(100, 100 + RUNS * DAYS_EACH))
    return [partial(_each_day, lake, documents[n::RUNS]) for n in range(RUNS)]


def _each_day(lake: str, documents: Sequence[Document]) -> None:
    for document in documents:
        take_in(lake, [document])


def of_a_page(lake: str) -> list[Step]:
    """Return what each process does: it has fetched a page, half of them for another source."""
    return [partial(_archive, lake, n) for n in range(RUNS)]


def _archive(lake: str, number: int) -> None:
    moment = NOW + timedelta(seconds=number)
    source = ("one", "two")[number % 2]
    page = Document(
        source, "https://outlet.example/a", b"<p>a page", "text/html", fetched_at=moment
    )
    open_lake(lake, create=True).archive.store([page], moment)


KINDS = {"days": by_days, "page": of_a_page}


def main(kind: str, address: str, rounds: int) -> None:
    """Leave the lakes."""
    importlib.import_module("pandas")  # pyarrow wants it; here it is loaded once for all children
    for step in KINDS[kind](f"{address}/serial"):
        _wait([_started(step)])
    for number in range(rounds):
        ready, go = os.pipe()
        steps = KINDS[kind](f"{address}/{number}")
        children = [_started(partial(_at_the_signal, ready, go, step)) for step in steps]
        os.close(go)  # whoever waits for it goes
        os.close(ready)
        _wait(children)


def _at_the_signal(ready: int, go: int, step: Step) -> None:
    os.close(go)
    os.read(ready, 1)
    step()


def _started(step: Step) -> int:
    """Start a process that does a step; object storage may be used on this side of a fork only."""
    child = os.fork()
    if not child:
        try:
            step()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return child


def _wait(children: Sequence[int]) -> None:
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    if any(codes):
        raise SystemExit(f"processes ended with {codes}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
