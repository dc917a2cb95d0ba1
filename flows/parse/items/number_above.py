"""Number above: a counter whose label stands on a line below its number.

"4,823", "Tanks", "6,669 (+13)", "Artillery systems": pages that show tiles are such a run of lines.
Read as labels above their numbers, every figure would be its neighbour's.
"""

from collections.abc import Sequence

from flows.parse.items.deltas import Delta, read_delta
from flows.parse.items.item import Item
from flows.parse.items.line import LineReader, Masks
from flows.parse.items.numbers import Number, read_number
from flows.parse.lexicon.matches import LexiconMatches
from flows.parse.text.lines import Line

_BLANK = " \t.,;"


class NumbersAbove:
    """Finds the numbers that stand above their labels in the lines of a text."""

    def __init__(self, matches: LexiconMatches, lines: Sequence[Line], masks: Masks) -> None:
        self._matches, self._lines, self._masks = matches, lines, masks
        self._last = -1
        """The place of the line whose label was last found to have its number above it."""
        self._runs: dict[int, tuple[int, int]] = {}

    def whole(self, at: int, label: Item, free_from: int) -> Item | None:
        """Return the item of a label alone on a line and the number above it; None without one.

        What stands before `free_from` belongs to other items.

        The lines that follow decide: a run that begins with a number and ends with a label has its
        numbers above, one that ends with a number below. One pair alone is none.
        """
        before = self._number(at)
        if before is None or before[0].start < free_from or not label.categories:
            return None
        pairs, end = self._run(at)
        if pairs == 0 and self._last != before[2] - 1:
            return None
        if self._number_at(end) is not None:
            return None
        number, delta, top = before
        self._last = at
        return label._replace(
            total=number.value,
            delta=delta.value if delta else None,
            approximate=number.rounded,
            rounded=number.rounded,
            start=number.start,
            top=self._lines[top].index,
            listed=True,
            problem=number.problem,
        )

    def _run(self, at: int) -> tuple[int, int]:
        """Count the numbers and labels in turn behind a line, and return where they end.

        Each run is walked once: a page may be nothing but one.
        """
        if at not in self._runs:
            labels, place = [at], at + 1
            while (following := self._label_behind(place)) is not None:
                labels.append(following)
                place = following + 1
            self._runs |= {label: (n, place) for n, label in enumerate(reversed(labels))}
        return self._runs[at]

    def _label_behind(self, place: int) -> int | None:
        """Return where a label alone stands below a number, and perhaps its delta, at a place."""
        if self._number_at(place) is None:
            return None
        place += 2 if self._delta_at(place + 1) else 1
        return place if place < len(self._lines) and self._is_label(self._lines[place]) else None

    def _number(self, at: int) -> tuple[Number, Delta | None, int] | None:
        """Return the number above a line, its delta, and where it stands; None without one."""
        delta = self._delta_at(at - 1)
        top = at - 2 if delta else at - 1
        printed = self._number_at(top)
        if printed is None or (delta and printed[1]):
            return None
        return printed[0], printed[1] or delta, top

    def _number_at(self, place: int) -> tuple[Number, Delta | None] | None:
        """Return the number, and the delta behind it, that fill a line; None where they do not."""
        if not 0 <= place < len(self._lines):
            return None
        line = self._lines[place]
        number = None if line.digit is None else read_number(self._matches, line.digit, line.end)
        if line.digit is None or number is None or number.value is None:
            return None
        if self._matches.text[line.start : line.digit].strip():
            return None
        delta = read_delta(self._matches, number.end, line.end)
        end = delta.end if delta else number.end
        is_other = (delta and delta.is_total) or self._masks.touch(line.start, line.end)
        is_whole = not self._matches.text[end : line.end].strip(_BLANK)
        return (number, delta) if is_whole and not is_other else None

    def _delta_at(self, place: int) -> Delta | None:
        """Return the delta that fills a line; None where it does not."""
        if not 0 <= place < len(self._lines):
            return None
        line = self._lines[place]
        delta = None if line.digit is None else read_delta(self._matches, line.start, line.end)
        if delta is None or delta.is_total or delta.value is None:
            return None
        return None if self._matches.text[delta.end : line.end].strip(_BLANK) else delta

    def _is_label(self, line: Line) -> bool:
        found = label_alone(LineReader(line, self._matches, self._masks))
        return found is not None and bool(found.categories)


def label_alone(reader: LineReader) -> Item | None:
    """Return the label that fills the whole line, its number on the next or the one above."""
    label = reader.matches.labels.match(reader.head, reader.end)
    if not label or not reader.is_glued(label.end(), reader.end):
        return None
    alone = reader.label_alone(label.span(), reader.categories(label), label.end())
    return alone._replace(listed=True)
