"""Tiles: counters whose label, number and delta stand on lines of their own.

"Tanks", "4,823", "+2", or "+2", "Tanks", "4,823": a page prints all its tiles in one order, and a
tile may lack its delta. Which order it is the whole run of lines tells; read in another one, every
figure would be its neighbour's.
"""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from flows.parse.items.deltas import Delta, read_delta
from flows.parse.items.item import Item
from flows.parse.items.line import LineReader, Masks
from flows.parse.items.numbers import Number, read_number
from flows.parse.lexicon.matches import LexiconMatches
from flows.parse.text.lines import Line
from schemas.codes import BulletinWarningCode
from schemas.records import BulletinWarning

_BLANK = " \t.,;|"

_LONGEST_UNKNOWN = 40
"""A longer line without digits is no label of a tile."""

_SENTENCE = (".", "!", "?", ":", ",", ";")
"""What ends a line that is no label."""

_Kind: TypeAlias = Literal["L", "U", "T", "t", "D"]
"""A label, a line that may be an unknown one, a number, a number with its delta, a delta."""

_Order: TypeAlias = str

_ORDERS: dict[_Order, re.Pattern[str]] = {
    "LTD": re.compile("[LU](?:TD?|t)"),
    "LDT": re.compile("[LU](?:D?T|t)"),
    "DLT": re.compile("D?[LU]T|[LU]t"),
    "TDL": re.compile("(?:TD?|t)[LU]"),
    "TLD": re.compile("T[LU]D?|t[LU]"),
    "DTL": re.compile("D?T[LU]|t[LU]"),
}
"""One tile in each order; the usual one first."""

_COLUMNS = re.compile("[LU]{2}.*[Tt]{2}|[Tt]{2}.*[LU]{2}")
"""All labels, and then all numbers: nothing says which belongs to which."""

_MISSING = BulletinWarning(
    BulletinWarningCode.TOTAL_MISSING, "which of the numbers on the lines beside it is its total?"
)


class _Part(NamedTuple):
    """A line of a run: what it holds, and where in the lines of the text it is."""

    kind: _Kind
    place: int
    number: Number | None = None
    delta: Delta | None = None


class _Tile(NamedTuple):
    """The parts of one tile: its label, its number, and its delta where it has one."""

    label: int
    total: Number
    delta: Delta | None
    first: int
    last: int


class Run(NamedTuple):
    """The items of a run of tiles, and the place of the line behind it."""

    items: list[Item]
    end: int


class Tiles:
    """Finds the tiles in the lines of a text."""

    def __init__(self, matches: LexiconMatches, lines: Sequence[Line], masks: Masks) -> None:
        self._matches, self._lines, self._masks = matches, lines, masks
        self._none_up_to = 0
        """Where the last run ended that was none of tiles: it is walked once."""

    def run(self, at: int, free_from: int) -> Run | None:
        """Return the tiles around a line that is a label; None where it is no run of them.

        What stands before `free_from` belongs to other items. One label alone has its number below.
        """
        if at < self._none_up_to:
            return None
        parts = self._parts(at, free_from)
        end = parts[-1].place + 1
        kinds = "".join(part.kind for part in parts)
        if kinds.count("L") < 2:
            self._none_up_to = end
            return None
        if found := self._settled(self._readings(parts, kinds)):
            return Run([self._item(tile, remark) for tile, remark in found], end)
        if _COLUMNS.search(kinds) or self._is_above(parts, kinds):
            return Run([self._nameless(part) for part in parts if part.kind == "L"], end)
        self._none_up_to = end
        return None

    def _is_above(self, parts: Sequence[_Part], kinds: str) -> bool:
        """Whether a run starts with a number that is a total: it is the first label's, or lost."""
        first = kinds.index(kinds.lstrip("U")[0])
        label = parts[kinds.index("L")]
        return kinds[first] in "Tt" and not self._is_stray(parts[first], label)

    def _readings(self, parts: Sequence[_Part], kinds: str) -> dict[_Order, list[_Tile]]:
        """Return the tiles in each order that all lines of a run are in.

        At its ends an unknown label may be none, and so may a number above the first label that
        is no more than a day's losses, or one below the last label where they stand above theirs.
        """
        found: dict[_Order, list[_Tile]] = {}
        stripped = kinds.strip("U")
        first = kinds.index(stripped)
        last = first + len(stripped)
        spans = {(first, last), (first, min(last + 1, len(kinds))), (max(first - 1, 0), last)}
        for order, tile in _ORDERS.items():
            for start, end in sorted(spans):
                if tiles := self._cut(parts[start:end], kinds[start:end], tile):
                    found.setdefault(order, tiles)
        if stripped[0] not in "Tt":
            return found
        if self._is_stray(parts[first], parts[kinds.index("L")]):
            tiles = self._cut(parts[first + 1 : last], kinds[first + 1 : last], _ORDERS["LTD"])
            return {"LTD": tiles} if tiles else found
        end = kinds.rindex("L") + 1
        if not found and (end == last or self._is_stray(parts[end], parts[end - 1])):
            cuts = {o: self._cut(parts[first:end], kinds[first:end], t) for o, t in _ORDERS.items()}
            return {order: tiles for order, tiles in cuts.items() if tiles}
        return found

    def _is_stray(self, part: _Part, label: _Part) -> bool:
        """Whether what stands beside a label may be no total of it."""
        categories = self._label(label.place).categories
        value = part.number.value if part.number else None
        return not self._matches.lexicon.beyond_a_day(categories, value)

    @staticmethod
    def _cut(parts: Sequence[_Part], kinds: str, tile: re.Pattern[str]) -> list[_Tile]:
        """Return the tiles that a run is made of in one order; none where something is left."""
        tiles: list[_Tile] = []
        start = 0
        while start < len(kinds):
            cut = tile.match(kinds, start)
            if cut is None:
                return []
            own = parts[start : cut.end()]
            label = next(part.place for part in own if part.kind in "LU")
            counted = next(part for part in own if part.number)
            apart = next((part.delta for part in own if part.kind == "D"), None)
            assert counted.number
            delta = apart or counted.delta
            tiles.append(_Tile(label, counted.number, delta, own[0].place, own[-1].place))
            start = cut.end()
        return tiles

    def _settled(
        self, readings: dict[_Order, list[_Tile]]
    ) -> list[tuple[_Tile, BulletinWarning | None]]:
        """Return the tiles on which all orders agree; nothing where they give other totals.

        Where they differ in the deltas, the usual order decides, and the tile says so.
        """
        possible = {o: tiles for o, tiles in readings.items() if self._is_possible(tiles)}
        readings = possible or readings
        if not readings:
            return []
        totals = [{t.label: t.total.value for t in tiles} for tiles in readings.values()]
        labels = set.intersection(*(set(of_order) for of_order in totals))
        if any(len({of_order[label] for of_order in totals}) > 1 for label in labels):
            return []
        deltas = [{t.label: t.delta and t.delta.value for t in r} for r in readings.values()]
        chosen = next(iter(readings.values()))
        is_usual = "LTD" in readings
        found: list[tuple[_Tile, BulletinWarning | None]] = []
        for tile in chosen:
            said = {of_order.get(tile.label) for of_order in deltas}
            remark = None
            if len(said) > 1:
                text = "the number on the line beside it may be its neighbour's"
                remark = BulletinWarning(BulletinWarningCode.NUMBER_LEFT_OVER, text)
                tile = tile if is_usual else tile._replace(delta=None)
            found.append((tile, remark))
        return found

    def _is_possible(self, tiles: Sequence[_Tile]) -> bool:
        """Whether no delta is more than a day's losses can be."""
        beyond = self._matches.lexicon.beyond_a_day
        return not any(
            tile.delta and beyond(self._label(tile.label).categories, tile.delta.value)
            for tile in tiles
        )

    def _item(self, tile: _Tile, remark: BulletinWarning | None) -> Item:
        lines, number = self._lines, tile.total
        label = self._label(tile.label)
        return label._replace(
            total=number.value,
            delta=tile.delta.value if tile.delta else None,
            approximate=number.rounded,
            rounded=number.rounded,
            start=label.start if tile.first == tile.label else lines[tile.first].start,
            end=lines[tile.last].end,
            top=lines[tile.first].index,
            line=lines[tile.last].index,
            listed=True,
            problem=number.problem or remark,
        )

    def _nameless(self, part: _Part) -> Item:
        return self._label(part.place)._replace(problem=_MISSING)

    def _label(self, place: int) -> Item:
        line = self._lines[place]
        reader = LineReader(line, self._matches, self._masks)
        found = label_alone(reader)
        return found or reader.label_alone((line.start, line.end), (), line.end)

    def _parts(self, at: int, free_from: int) -> list[_Part]:
        """Return the lines around a label that may be a run of tiles, in order.

        A line that may be an unknown label is one of them beside a number.
        """
        parts = [_Part("L", at)]
        while part := self._part(parts[-1].place + 1):
            if part.kind == parts[-1].kind == "U":
                break
            parts.append(part)
        before: list[_Part] = []
        while part := self._part((before[-1] if before else parts[0]).place - 1):
            if self._lines[part.place].start < free_from:
                break
            if part.kind == "U" and (not before or before[-1].kind == "U"):
                break
            before.append(part)
        return [*reversed(before), *parts]

    def _part(self, place: int) -> _Part | None:
        if not 0 <= place < len(self._lines):
            return None
        line = self._lines[place]
        if line.digit is None:
            found = label_alone(LineReader(line, self._matches, self._masks))
            if found:
                return _Part("L", place) if found.categories else None
            printed = line.text.strip()
            is_short = len(printed) <= _LONGEST_UNKNOWN and not printed.endswith(_SENTENCE)
            return _Part("U", place) if is_short else None
        if self._masks.touch(line.start, line.end):
            return None
        return self._number(line, place) or self._delta(line, place)

    def _number(self, line: Line, place: int) -> _Part | None:
        """Return the number, and the delta behind it, that fill a line; None where they do not."""
        text = self._matches.text
        number = read_number(self._matches, line.digit or 0, line.end)
        if number is None or number.value is None or text[line.start : line.digit].strip(_BLANK):
            return None
        delta = read_delta(self._matches, number.end, line.end)
        end = delta.end if delta else number.end
        if (delta and delta.is_total) or text[end : line.end].strip(_BLANK):
            return None
        return _Part("t" if delta else "T", place, number, delta)

    def _delta(self, line: Line, place: int) -> _Part | None:
        """Return the delta that fills a line; None where it does not."""
        delta = read_delta(self._matches, line.start, line.end)
        if delta is None or delta.is_total or delta.value is None:
            return None
        is_whole = not self._matches.text[delta.end : line.end].strip(_BLANK)
        return _Part("D", place, None, delta) if is_whole else None


def label_alone(reader: LineReader) -> Item | None:
    """Return the label that fills the whole line, its number on the next or the one above."""
    label = reader.matches.labels.match(reader.head, reader.end)
    if not label or not reader.is_glued(label.end(), reader.end):
        return None
    alone = reader.label_alone(label.span(), reader.categories(label), label.end())
    return alone._replace(listed=True)
