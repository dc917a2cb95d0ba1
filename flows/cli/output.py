"""How a command prints what it found: as text for people, or as JSON."""

from collections.abc import Callable
from typing import TypeVar

import click

from flows.files import json_text
from flows.redact import visible

Report = TypeVar("Report")


def print_report(report: Report, as_text: Callable[[Report], str], *, as_json: bool) -> None:
    """Print a typed report: its text, or the JSON that its schema in docs/reference describes.

    What could command a terminal is spelled out in either.
    """
    text = json_text(report, indent=2) if as_json else as_text(report)
    click.echo(visible(text.rstrip("\n")))
