"""The printed words that a figure came from: a short passage, the figure in it told apart."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from flows.errors import LakeError
from flows.extract.refusal import NotABulletin
from flows.extract.text import contents
from flows.lake.lake import Lake
from flows.redact import one_line
from flows.report.site.content import SiteDay
from schemas.records import Cell, Key
from schemas.tables import FigureRow

MOST = 120
"""Characters of a document that are shown with a figure: enough to find it, no copy of the text."""

_AROUND = 12
"""Characters on either side of a figure's passage, cut at a word."""


_NUMBERS = re.compile(r"[-+−~≈(]*\d(?:.*\d)?[)%]?")
"""From the first digit of a passage to the last: total and delta, as they are printed."""


class PrintedWords(NamedTuple):
    """A passage in one line of printable characters: before the figure, itself, behind it.

    Blanks stand where they are printed, one at most. A figure that is printed in words is its whole
    passage.
    """

    before: str
    figure: str
    after: str


def printed_words(lake: Lake, days: Iterable[SiteDay]) -> dict[Cell, PrintedWords]:
    """Return the printed words of the rows of some days, by cell; each document is read once.

    A row without a figure, or whose document cannot be read any more, has none.
    """
    texts: dict[Key, str] = {}
    found = {}
    figures = [one.figure for day in days for one in day.rows if one.figure]
    lake.archive.read_ahead({figure.key for figure in figures}, contents=True)
    for figure in figures:
        if figure.key not in texts:
            texts[figure.key] = _text(lake, figure)
        if _prints(texts[figure.key], figure):
            found[figure.report_date, figure.category] = passage(texts[figure.key], figure)
    return found


def passage(text: str, figure: FigureRow) -> PrintedWords:
    """Return what a text prints of a figure, `MOST` characters at most, the figure marked."""
    printed = one_line(text[figure.start : figure.end])
    if len(printed) > MOST:
        return PrintedWords("", printed[: MOST - 1] + "…", "")
    around = min(_AROUND, (MOST - len(printed)) // 2)
    before = text[max(figure.start - around, 0) : figure.start].rpartition("\n")
    after = text[figure.end : figure.end + around].partition("\n")
    # A word that is cut is left out; what begins or ends with its line is whole.
    left = before[2] if before[1] or figure.start <= around else before[2].partition(" ")[2]
    right = (
        after[0] if after[1] or figure.end + around >= len(text) else after[0].rpartition(" ")[0]
    )
    numbers = _NUMBERS.search(printed)
    start, end = numbers.span() if numbers else (0, len(printed))
    blank = " " if left.strip() and left[-1].isspace() else ""
    space = " " if right.strip() and right[0].isspace() else ""
    return PrintedWords(
        f"{one_line(left)}{blank}{printed[:start]}",
        printed[start:end],
        f"{printed[end:]}{space}{one_line(right)}",
    )


def _text(lake: Lake, figure: FigureRow) -> str:
    """Return the text that a figure's offsets point into; "" where there is none any more.

    Where the article alone held no bulletin, the whole page was read.
    """
    try:
        document = lake.archive.load(figure.key).document
        text = contents(document).page.text
        return text if _prints(text, figure) else contents(document, whole=True).page.text
    except (LakeError, NotABulletin):
        return ""


def _prints(text: str, figure: FigureRow) -> bool:
    return figure.label in text[figure.start : figure.end]
