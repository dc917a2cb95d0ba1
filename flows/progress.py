"""How a run says what it is doing: bars on a terminal, plain lines elsewhere, else nothing.

Several things may be followed at once, from several threads: sources are asked side by side.
"""

import os
import sys
from collections.abc import Generator, Iterable
from contextlib import closing, contextmanager
from contextvars import ContextVar
from threading import Lock
from typing import TYPE_CHECKING, Protocol, TextIO, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

T = TypeVar("T")


class Reporter(Protocol):
    """Somebody who shows progress to a person."""

    def follow(self, items: Iterable[T], text: str, total: int | None) -> Generator[T]:
        """Yield the items, showing `text` and how many of `total` (None: not known) are done."""
        ...


class _Silent:
    def follow(self, items: Iterable[T], text: str, total: int | None) -> Generator[T]:
        yield from items


class _Lines:
    def follow(self, items: Iterable[T], text: str, total: int | None) -> Generator[T]:
        size = f" ({total})" if total is not None else ""
        print(f"{text}{size} ...", file=sys.stderr, flush=True)
        yield from items


class _Bars:
    """A bar for each thing that is followed; a terminal has room for one display of them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._shown = 0
        self._display = _display()

    def follow(self, items: Iterable[T], text: str, total: int | None) -> Generator[T]:
        with self._on_display() as display:
            bar = display.add_task(text, total=total)
            try:
                for item in items:
                    yield item
                    display.advance(bar)
            finally:
                display.remove_task(bar)

    @contextmanager
    def _on_display(self) -> Generator["Progress"]:
        """Yield the display, which is there as long as anybody shows something on it."""
        with self._lock:
            if not self._shown:
                self._display = _display()
                self._display.start()
            self._shown += 1
            display = self._display
        try:
            yield display
        finally:
            with self._lock:
                self._shown -= 1
                if not self._shown:
                    display.stop()


def _display() -> "Progress":
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
    )


_reporter: ContextVar[Reporter] = ContextVar("reporter")


def is_terminal(stream: TextIO) -> bool:
    """Whether a stream is a terminal on which colours and moves are welcome.

    Not with NO_COLOR (https://no-color.org), and not where TERM says that it knows none.
    """
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@contextmanager
def shown() -> Generator[None]:
    """Show progress on standard error inside the block."""
    token = _reporter.set(_Bars() if is_terminal(sys.stderr) else _Lines())
    try:
        yield
    finally:
        _reporter.reset(token)


def follow(items: Iterable[T], text: str, total: int | None = None) -> Generator[T]:
    """Yield the items, showing `text` and how far it is; `total` is how many they are."""
    return _reporter.get(_Silent()).follow(items, text, total)


@contextmanager
def step(text: str) -> Generator[None]:
    """Show `text` while the block runs: a step that cannot say how far it is."""
    with closing(follow((None,), text)) as running:
        next(running)
        yield
