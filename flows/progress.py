"""How a run says what it is doing: a bar on a terminal, plain lines elsewhere, else nothing."""

import sys
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Protocol, TypeVar

T = TypeVar("T")


class Reporter(Protocol):
    """Somebody who shows progress to a person."""

    def follow(self, items: Iterable[T], text: str, total: int | None) -> Iterator[T]:
        """Yield the items, showing `text` and how many of `total` (None: not known) are done."""
        ...


class _Silent:
    def follow(self, items: Iterable[T], text: str, total: int | None) -> Iterator[T]:
        yield from items


class _Lines:
    def follow(self, items: Iterable[T], text: str, total: int | None) -> Iterator[T]:
        size = f" ({total})" if total is not None else ""
        print(f"{text}{size} ...", file=sys.stderr, flush=True)
        yield from items


class _Bar:
    def follow(self, items: Iterable[T], text: str, total: int | None) -> Iterator[T]:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn())
        counted = (MofNCompleteColumn(), TimeRemainingColumn()) if total != 1 else ()
        with Progress(*columns, *counted, console=Console(stderr=True), transient=True) as progress:
            yield from progress.track(items, total=total, description=text)


_reporter: ContextVar[Reporter] = ContextVar("reporter")


@contextmanager
def shown() -> Generator[None]:
    """Show progress on standard error inside the block."""
    token = _reporter.set(_Bar() if sys.stderr.isatty() else _Lines())
    try:
        yield
    finally:
        _reporter.reset(token)


def follow(items: Iterable[T], text: str, total: int | None = None) -> Iterator[T]:
    """Yield the items, showing `text` and how far it is; `total` is how many they are."""
    return _reporter.get(_Silent()).follow(items, text, total)


@contextmanager
def step(text: str) -> Generator[None]:
    """Show `text` while the block runs: a step that cannot say how far it is."""
    running = follow((None,), text, None)
    next(running)
    yield
    for _ in running:
        pass
