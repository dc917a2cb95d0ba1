"""How a command prints what it found: as text for people, or as JSON."""

import shutil
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TextIO, TypeVar

import click

from flows.files import json_text
from flows.progress import is_terminal
from flows.redact import visible

if TYPE_CHECKING:
    from flows.report.text_layout import Part

WIDE = 100
"""Columns of a terminal that has room for a month, a sign a day."""

Report = TypeVar("Report")


def print_report(
    report: Report,
    as_text: Callable[[Report], str],
    *,
    as_json: bool,
    on_terminal: "Callable[[], Iterable[Part]] | None" = None,
) -> None:
    """Print a typed report: its text, or the JSON that its schema in docs/reference describes.

    `on_terminal` gives what is shown of it in its place where stdout is a terminal. What could
    command a terminal is spelled out in either.
    """
    if on_terminal and not as_json and _shows_signs(sys.stdout):
        from flows.report.terminal import print_parts

        print_parts(on_terminal())
        return
    text = json_text(report, indent=2) if as_json else as_text(report)
    click.echo(visible(text.rstrip("\n")))


def _shows_signs(stream: TextIO) -> bool:
    """Whether a stream is a terminal that has colours, and the letters for curves and signs."""
    return is_terminal(stream) and (stream.encoding or "").lower().startswith("utf")


def columns() -> int:
    """Return the width of the terminal."""
    return shutil.get_terminal_size().columns
