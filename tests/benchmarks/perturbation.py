"""How many misprints the ledger finds, names and outvotes: the table of the docs.

`python -m tests.benchmarks perturbation` misprints one day of the real series at a time, at
random but repeatably, and prints the shares in per cent.
"""

from collections import Counter
from collections.abc import Iterator

from tests.perturb import KINDS
from tests.trials import Outcome, Trial, judge, judge_two, trials

HEADER = (
    "slip",
    "detected",
    "right the next day",
    "right 3 days later",
    "wrongly named",
    "guessed on the first or last day",
    "two sources: right total published",
    "two sources: all said right",
    "second source without deltas: right total",
)


def table(count: int) -> Iterator[str]:
    """Yield the lines of the table (Markdown), from so many trials for each kind of slip."""
    yield f"{count} trials a line, in per cent:"
    yield _line(HEADER)
    yield _line("---" for _ in HEADER)
    for kind, slip in KINDS.items():
        shares = Counter[str]()
        for trial in trials(slip, count, kind):
            shares.update(_points(trial))
        yield _line((kind, *(f"{100 * shares[name] / count:.1f}" for name in HEADER[1:])))


def _points(trial: Trial) -> Iterator[str]:
    """Yield the columns that a trial counts for."""
    next_day, later = judge(trial, 1), judge(trial, 3)
    edges: tuple[Outcome, ...] = (judge(trial, 0), judge(trial, 3, before=0))
    two, bare = judge_two(trial), judge_two(trial, deltas=False)
    points = (
        next_day.detected,
        next_day.right,
        later.right,
        later.guessed,
        any(edge.guessed for edge in edges),
        not two.guessed,
        two.right,
        not bare.guessed,
    )
    return (name for name, holds in zip(HEADER[1:], points, strict=True) if holds)


def _line(cells: "Iterator[str] | tuple[str, ...]") -> str:
    return f"| {' | '.join(cells)} |"
