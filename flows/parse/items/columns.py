"""Columns: a table whose head says which number of a row is the total, and which the day's.

"Category | Week | Day | Total", "Tanks | +31 | +2 | 4823": without the head the first number behind
the label would be its delta.
"""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from flows.parse.items.item import Item
from flows.parse.items.line import LineReader, Masks
from flows.parse.items.numbers import Number, read_number
from flows.parse.lexicon.matches import LexiconMatches
from flows.parse.text.lines import Line
from schemas.codes import BulletinWarningCode
from schemas.records import BulletinWarning

_SEPARATOR = re.compile(r"[|\t]")
_RULE = re.compile(r"[|\t :=-]*")
"""A line between the head and the rows of a table in plain text."""

_BODY = re.compile(r"[|\t] ?[(+-]{0,2} ?\d[\d.,' ]{0,14}[ )]{0,3}(?:[|\t]|\Z)")
"""A cell that is a number: it stands in no head."""

_FEWEST_CELLS = 3
_LONGEST_CELL = 50
"""A longer cell is no head of a column."""

_SIGNED = re.compile(r"[ (\[]*(?P<sign>[+-]?) ?(?=\d)")
_END = " )].;"

_Kind: TypeAlias = Literal["total", "day", "period"]

_NO_TOTAL = BulletinWarning(BulletinWarningCode.TOTAL_MISSING, "its total is not printed")


class _Cell(NamedTuple):
    start: int
    end: int


class _Row(NamedTuple):
    """What a row says: its total and its day's losses, and a remark on a number of neither."""

    total: Number | None
    day: int | None
    remark: BulletinWarning | None


class Columns:
    """Reads the rows below the head of a table, while there are any."""

    def __init__(self, matches: LexiconMatches, masks: Masks) -> None:
        self._matches, self._masks = matches, masks
        self._kinds: Sequence[_Kind | None] = ()

    def row(self, line: Line) -> Item | None:
        """Return the item of a row; None for any other line, the head of a table among them."""
        if not self._kinds and _BODY.search(self._matches.text, line.start, line.end):
            return None
        cells = self._cells(line)
        if len(cells) < _FEWEST_CELLS:
            self._kinds = ()
            return None
        if not self._kinds:
            self._kinds = self._head(cells) if self._may_be_head(line) else ()
            return None
        if len(cells) != len(self._kinds):
            self._kinds = ()
            return None
        if _RULE.fullmatch(self._matches.text, line.start, line.end):
            return None
        return self._item(line, cells)

    def _cells(self, line: Line) -> list[_Cell]:
        """Return the cells of a line; without the empty ones at its ends."""
        text, place, cells = self._matches.text, line.start, list[_Cell]()
        for separator in _SEPARATOR.finditer(text, line.start, line.end):
            cells.append(_Cell(place, separator.start()))
            place = separator.end()
        cells.append(_Cell(place, line.end))
        if text.startswith("|", line.start):
            del cells[0]
        if cells and text.endswith("|", line.start, line.end):
            del cells[-1]
        return cells

    def _may_be_head(self, line: Line) -> bool:
        """Whether a word stands in a line that says what a column holds: cheap, and often wrong."""
        matches = self._matches
        cues = (matches.column_heads, matches.not_the_bulletin, matches.daily, matches.since)
        return any(cue.any(line.start, line.end) for cue in cues)

    def _head(self, cells: Sequence[_Cell]) -> Sequence[_Kind | None]:
        """Return what the columns hold; nothing where that need not, or cannot, be known."""
        if any(cell.end - cell.start > _LONGEST_CELL for cell in cells):
            return ()
        kinds = [self._kind(cell) for cell in cells]
        if kinds[0] is not None or kinds.count("total") > 1 or kinds.count("day") > 1:
            return ()
        others = len(kinds) - 1 - kinds.count("total")
        known = kinds.count("day") + kinds.count("period")
        return kinds if "period" in kinds or ("total" in kinds and (known or others > 1)) else ()

    def _kind(self, cell: _Cell) -> _Kind | None:
        """Return what a cell says that its column holds."""
        matches, columns = self._matches, self._matches.lexicon.columns
        kinds: tuple[_Kind, ...] = ("period", "day", "total")
        cues = (matches.not_the_bulletin, matches.daily, matches.since)
        for kind, cue in zip(kinds, cues, strict=True):
            named = columns.get(kind)
            if (named and named.search(matches.text, *cell)) or cue.search(*cell):
                return kind
        return None

    def _item(self, line: Line, cells: Sequence[_Cell]) -> Item | None:
        """Return the item of a row: a label, and a number or nothing in every other cell."""
        reader = LineReader(line, self._matches, self._masks)
        label = self._matches.labels.match(reader.skip_blanks(cells[0].start), cells[0].end)
        if label is None or not reader.categories(label):
            return None
        if self._matches.text[label.end() : cells[0].end].strip(" .:"):
            return None
        row = self._numbers(cells)
        if row is None or not (row.total or row.day is not None):
            return None
        item = reader.label_alone(label.span(), reader.categories(label), line.end)
        if row.total is None:
            return item._replace(delta=row.day, problem=_NO_TOTAL, listed=True)
        return item._replace(
            total=row.total.value,
            delta=row.day,
            approximate=row.total.rounded,
            rounded=row.total.rounded,
            problem=row.total.problem or row.remark,
            listed=True,
        )

    def _numbers(self, cells: Sequence[_Cell]) -> _Row | None:
        """Return the numbers of a row; None where a cell behind the label holds something else."""
        row = _Row(None, None, None)
        for cell, kind in zip(cells[1:], self._kinds[1:], strict=True):
            if cell.start == cell.end:
                continue
            number = self._number(cell)
            if number is None:
                if self._printed(cell).strip("-"):
                    return None
            elif kind == "total":
                row = row._replace(total=number)
            elif kind == "day":
                row = row._replace(day=number.value)
            elif kind is None:
                text = f"{self._printed(cell)!r} is not understood"
                remark = BulletinWarning(BulletinWarningCode.NUMBER_LEFT_OVER, text)
                row = row._replace(remark=remark)
        return row

    def _printed(self, cell: _Cell) -> str:
        return self._matches.text[cell.start : cell.end].strip()

    def _number(self, cell: _Cell) -> Number | None:
        """Return the number, signed or not, that fills a cell."""
        text = self._matches.text
        sign = _SIGNED.match(text, *cell)
        number = read_number(self._matches, sign.end(), cell.end) if sign else None
        if sign is None or number is None or text[number.end : cell.end].strip(_END):
            return None
        if sign["sign"] == "-" and number.value:
            return number._replace(value=-number.value)
        return number
