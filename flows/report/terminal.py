"""Shows the parts of a report on a terminal: in its width, with colours, paths left whole.

Importing this module loads Rich, 50 ms: nobody who reads a pipe needs it.
"""

import sys
import textwrap
from collections.abc import Iterable

from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from flows.redact import visible
from flows.report.text_layout import NARROWEST, WIDTH, Part, Table, Tone, Toned

_STYLES = {Tone.GOOD: "green", Tone.ODD: "yellow", Tone.BAD: "bold red", Tone.QUIET: "dim"}
_HEADING = "bold"


def print_parts(parts: Iterable[Part]) -> None:
    """Print parts on the terminal that stdout is."""
    console = Console(file=sys.stdout, markup=False, highlight=False, emoji=False)
    narrow, console.width = max(console.width, 1), max(console.width, NARROWEST)
    for part in parts:
        if isinstance(part, Table):
            console.print(_grid(part, 1 if console.width < WIDTH else 2))
        else:
            text = visible(str(part))
            style = _STYLES[part.tone] if isinstance(part, Toned) and part.tone else ""
            if not style and text.endswith(":") and not text.startswith(" "):
                style = _HEADING
            # The terminal itself breaks what is too long in one word: copied, it is whole.
            console.print(Text(_fitting(text, min(narrow, WIDTH)), style), soft_wrap=True)


def _fitting(text: str, width: int) -> str:
    """Return a line as lines of a width, the others as far in as the first; no word is cut."""
    indent = " " * (len(text) - len(text.lstrip(" ")))
    return textwrap.fill(
        text.strip(" "),
        width,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _grid(table: Table, between: int) -> Grid:
    grid = Grid(box=None, pad_edge=False, padding=(0, between, 0, 0), header_style="dim")
    for place, heading in enumerate(table.headings):
        right = place in table.right
        grid.add_column(heading, justify="right" if right else "left", no_wrap=right)
    for row in table.rows:
        grid.add_row(*map(_cell, row))
    return grid


def _cell(cell: str | Toned) -> Text:
    style = _STYLES[cell.tone] if isinstance(cell, Toned) and cell.tone else ""
    return Text(visible(str(cell)), style)
