"""Delta lines: deltas that stand alone on a line, below the figure that they belong to or above it.

All figures of a page have them on the same side: which, a run of such lines tells at its ends.
"""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from flows.parse.items.deltas import Delta, read_delta
from flows.parse.items.item import Item
from flows.parse.items.line import no_delta
from flows.parse.lexicon.matches import LexiconMatches
from flows.parse.text.lines import Line
from schemas.codes import BulletinWarningCode
from schemas.records import BulletinWarning

DELTA_STARTS = frozenset("+([,/| \t")
"""With what a line begins that may be a delta and nothing else."""

_BLANK = " \t.,;|"

_BELOW = re.compile("I(?:I|DI)*D?")
_ABOVE = re.compile("(?:DI+){2,}")
"""Runs of items and deltas that begin, or end, with an item. Of one delta above nothing is known:
it may be of anything."""

_DELTA = -1
"""Stands for a delta where an item has its place in the list."""


def delta_alone(matches: LexiconMatches, line: Line) -> Delta | None:
    """Return the delta that fills a line; None where it does not."""
    delta = read_delta(matches, line.start, line.end)
    if delta is None or delta.is_total or matches.text[delta.end : line.end].strip(_BLANK):
        return None
    return delta


def with_deltas(
    items: Sequence[Item], deltas: Mapping[int, Delta], lines: Sequence[Line]
) -> list[Item]:
    """Return the items with the deltas that stand alone on the lines beside them.

    `deltas` are those by their lines. Where it is not plain on which side they stand, none is
    taken, and the items say so.
    """
    found = list(items)
    places = [(item.top, item.line, n) for n, item in enumerate(items)]
    places += [(line, line, _DELTA) for line in deltas]
    run: list[tuple[int, int]] = []
    last = -1
    for top, line, n in sorted(places):
        is_whole = n != _DELTA and (items[n].total is None or items[n].delta is not None)
        if top > last + 1 or is_whole:
            _settle(found, run, deltas, lines)
            run = []
        if top == last and run:
            run.pop()  # of several items on a line the last one is beside the next line
        if not is_whole:
            run.append((line, n))
        last = line
    _settle(found, run, deltas, lines)
    return found


def _settle(
    items: list[Item],
    run: Sequence[tuple[int, int]],
    deltas: Mapping[int, Delta],
    lines: Sequence[Line],
) -> None:
    """Give the deltas of a run of lines, each with its place among the items, to their figures."""
    kinds = "".join("D" if n == _DELTA else "I" for _, n in run)
    if "D" not in kinds or "I" not in kinds:
        return
    is_below, is_above = _BELOW.fullmatch(kinds), _ABOVE.fullmatch(kinds)
    for first, second in pairwise(run):
        if (first[1] == _DELTA) == (second[1] == _DELTA):
            continue
        (line, _), (_, n) = (second, first) if second[1] == _DELTA else (first, second)
        follows = line > items[n].line
        if is_above and follows:
            continue  # it is the next figure's
        item, printed, remark = items[n], lines[line].text.strip(), None
        if not (is_below or is_above):
            text = f"{printed!r} on the line beside it may be another figure's"
            remark = BulletinWarning(BulletinWarningCode.NUMBER_LEFT_OVER, text)
        elif is_below and not follows:
            continue  # it is the figure's before
        elif deltas[line].value is None:
            remark = no_delta(printed)
        else:
            item = item._replace(delta=deltas[line].value)
        if follows:
            item = item._replace(end=deltas[line].end, line=line)
        items[n] = item._replace(problem=item.problem or remark)
