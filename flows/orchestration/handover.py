"""What a command and the flow that it starts hand each other, in one process and outside Prefect.

A flow's parameters are plain values that a form can show, and its state holds sentences: neither
carries an opened lake or a summary.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from flows.lake.lake import Lake
from flows.report.run_summary import Summary
from flows.settings import Settings


@dataclass(slots=True)
class Handover:
    """The lake, opened, and the settings; then the summary of the run that used them.

    `url` is the address of a page as it was given: the flow's parameter has it without secrets.
    """

    lake: Lake
    settings: Settings
    url: str | None = None
    summary: Summary | None = None


_current: ContextVar[Handover | None] = ContextVar("handover", default=None)


@contextmanager
def handing_over(lake: Lake, settings: Settings, url: str | None = None) -> Generator[Handover]:
    """Hand these to the flow that runs inside the block; its summary is there afterwards."""
    handover = Handover(lake, settings, url)
    token = _current.set(handover)
    try:
        yield handover
    finally:
        _current.reset(token)


def handed_over() -> Handover | None:
    """Return what the command has handed to the running flow; None where a server started it."""
    return _current.get()
