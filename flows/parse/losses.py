"""Losses: whether what a sentence counts is lost, or only there: deployed, called up, feared for.

"Russia has 300,000 soldiers in Ukraine" may lie within the envelope, and is no loss.
"""

import re
from collections.abc import Sequence

from flows.parse.lexicon.matches import LexiconMatches, MatchPositions
from flows.parse.text.lines import Line

Span = tuple[int, int]

_FARTHEST = 1_000
"""Characters to either side of a number in which its words stand: a sentence has any length."""

_COUNT = re.compile(r"\d[ .,']?\d{3}(?!\d)|[(+]\d")
"""Thousands, or a delta: a sentence with one counts something."""


def says_lost(matches: LexiconMatches, sentence: Span, number: Span) -> bool | None:
    """Return whether a sentence says of a number that it is lost, that it is not, or neither.

    Of both the nearer decides: "281,700 of the troops that it sent were killed".
    """
    lost = _nearest(matches.lost, sentence, number)
    other = _nearest(matches.not_lost, sentence, number)
    if other is not None and (lost is None or other <= lost):
        return False
    return None if lost is None else True


def _nearest(cue: MatchPositions, sentence: Span, number: Span) -> int | None:
    """Return how far the nearest such cue of a sentence is from a number; None without one."""
    start, end = number
    near = max(sentence[0], start - _FARTHEST), min(sentence[1], end + _FARTHEST)
    found = cue.within(*near) if cue.any(*near) else ()
    return min((max(m.start() - end, start - m.end(), 0) for m in found), default=None)


def lead_says_lost(
    matches: LexiconMatches, lines: Sequence[Line], index: int, sentence: Span
) -> bool:
    """Whether what stands right before a sentence says that losses are counted, as a heading does.

    A sentence that counts something itself leads to nothing.
    """
    line = lines[index]
    if sentence[0] > line.start:
        start = max(a for a, _ in line.sentences if a < sentence[0])
        lead = start, sentence[0]
    elif index:
        lead = lines[index - 1].sentences[-1]
    else:
        return False
    counts = matches.labels.any(*lead) and _COUNT.search(matches.text, *lead)
    return not counts and matches.lost.search(*lead) is not None
