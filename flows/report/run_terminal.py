"""The report of a run on the terminal: a table of days that a stranger understands."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from flows.progress import is_terminal
from flows.redact import plain
from flows.report.day_summary import Day
from flows.report.phrases import (
    DISCLAIMER,
    LEGEND,
    adding_up,
    example,
    fresh,
    headline,
    hidden_days,
    nearby,
    shown_days,
    sources,
    totals,
    troubles,
)
from flows.report.run_summary import Summary
from flows.report.text_layout import NARROWEST, WIDTH

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table


def print_summary(summary: Summary, stream: TextIO | None = None) -> None:
    """Print the report; with colours and in its width on a terminal, as plain text elsewhere.

    There no line with a path in it is broken: what reads the pipe finds it whole.
    """
    stream = stream or sys.stdout
    console = _console(stream)
    with console.capture() as captured:
        _render(summary, console)
    text = captured.get()
    if not is_terminal(stream):  # the padding of table cells is of no use in a file
        text = "\n".join(line.rstrip() for line in text.split("\n"))
    stream.write(text)
    stream.flush()


def _console(stream: TextIO) -> "Console":
    from rich.console import Console

    plain_text = not is_terminal(stream)
    console = Console(
        file=stream,
        width=WIDTH if plain_text else None,
        color_system=None if plain_text else "auto",
        no_color=plain_text,
        markup=False,
        highlight=False,
        emoji=False,
    )
    console.width = max(min(console.width, WIDTH), NARROWEST)
    return console


def _render(summary: Summary, console: "Console") -> None:
    console.print(headline(summary), style="bold")
    console.print()
    if summary.days:
        console.print(_table(summary.days))
        console.print()
        for line in (hidden_days(summary.days), totals(summary.days), LEGEND, DISCLAIMER):
            if line:
                console.print(line)
        console.print()
    for trouble in troubles(summary):
        _whole(trouble, console, style="red")
        console.print()
    for line in (*sources(summary), *fresh(summary)):
        _whole(line, console)
        console.print()
    if summary.days:
        _where(summary, console)


def _table(days: list[Day]) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("Report date", no_wrap=True)
    table.add_column("Figures", justify="right", no_wrap=True)
    table.add_column("Add up", justify="right", no_wrap=True)
    table.add_column("What does not add up (!), and what could not be checked")
    for day in shown_days(days):
        table.add_row(str(day.report_date), str(day.figures), adding_up(day), _remarks(day))
    return table


def _remarks(day: Day) -> "Table":
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=1)
    grid.add_column(overflow="fold")
    for text in day.alarms:
        grid.add_row("!", Text(plain(text), style="bold yellow"))
    for note in day.notes:
        grid.add_row("", Text(plain(note.text), style="dim"))
    return grid


def _where(summary: Summary, console: "Console") -> None:
    first_page = Path(summary.lake) / "report" / "index.html"
    if first_page.exists():
        _whole(f"Pages to look at in a browser: {nearby(str(first_page))}", console)
    _whole(f"Parquet, one row per day and category: {nearby(summary.lake)}/losses", console)
    console.print("To read it (plot `daily`, never the difference of totals):")
    console.print(example(summary), soft_wrap=True)


def _whole(line: str, console: "Console", style: str = "") -> None:
    """Print a line that may hold a path: it is broken on a terminal alone."""
    console.print(line, style=style, soft_wrap=not console.color_system)
