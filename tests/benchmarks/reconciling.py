"""What reconciling costs: the full history in memory, and one more day on a full lake."""

import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median

from flows.lake.lake import open_lake
from flows.lake.window import read_window
from flows.reconcile import decide
from flows.reconcile.window import RunInput, Stretch
from schemas.records import Document
from schemas.registry import load_registry
from tests import reference
from tests.ledger import document, take_in, verdicts
from tests.memory import reconcile, told

SOURCES = ("first", "second", "third")
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def compare(work: Path, repeats: int) -> Iterator[str]:
    """Yield the lines to print: both costs for half of the history and for all of it."""
    series = reference.load()
    halves = {"half of it": dict(list(series.items())[: len(series) // 2]), "all": dict(series)}
    whole = {name: _in_memory(part, repeats) for name, part in halves.items()}
    more = {
        name: _one_more_day(work / name.split()[0], part, repeats) for name, part in halves.items()
    }
    yield _line(
        f"reconciling: {len(series)} days, three sources, in memory", whole, "aim: well under 1 s"
    )
    yield _line(
        "reconciling: one more day on a lake of three sources",
        more,
        "the figures around the day and the totals of its year are read",
    )


def _line(what: str, seconds: Mapping[str, float], aim: str) -> str:
    half, every = seconds.values()
    return f"{what}: {every:.2f} s; half of it {half:.2f} s, ratio {every / half:.2f} ({aim})"


def _in_memory(series: Mapping[date, reference.Figures], repeats: int) -> float:
    candidates = [one for name in SOURCES for one in told(series, name)]
    return _seconds(lambda: reconcile(candidates, SOURCES), repeats)


def _one_more_day(root: Path, series: Mapping[date, reference.Figures], repeats: int) -> float:
    """The seconds that the ledger takes for the last day's bulletin of one source."""
    *before, last = series
    days = [_documents(day, series[day]) for day in before]
    take_in(root, [one for day in days for one in day], order=SOURCES)
    lake = open_lake(root)
    (archived,) = lake.archive.store(_documents(last, series[last])[:1], NOW)
    (reading,) = (one.reading for one in verdicts(archived))
    given = RunInput(frozenset({reading.key}), (reading,))
    registry = load_registry()

    def one_more() -> None:
        window = read_window(lake, given, registry, Stretch(frozenset({last})))
        decide.reconcile(window, given, registry=registry, source_order=SOURCES, now=NOW)

    return _seconds(one_more, repeats)


def _documents(day: date, figures: reference.Figures) -> list[Document]:
    printed = {category: (figure.total, figure.delta) for category, figure in figures.items()}
    return [document(day, printed, source) for source in SOURCES]


def _seconds(job: Callable[[], object], repeats: int) -> float:
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        job()
        taken.append(time.perf_counter() - start)
    return median(taken)
