"""Markdown as the generated pages are made of it."""

from collections.abc import Iterable, Sequence

GENERATED = (
    "<!-- Written by `python -m docs.generate`; change what it is made of, not this page. -->\n"
)
"""The first line of a page that is generated as a whole."""


def escaped(text: str) -> str:
    """Return a text whose asterisks are no emphasis."""
    return text.replace("*", "\\*")


def grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a bar in a cell is escaped."""
    lines = [header, ["---"] * len(header), *rows]
    cells = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)
