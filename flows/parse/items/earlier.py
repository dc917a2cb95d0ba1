"""Earlier: numbers that another one has taken the place of, by what the text says.

"Rose from 281,270 to 281,700", "281,270 → 281,700": the first is an older one, and no figure. Of
"from 10 to 15 tanks", where nothing rises, neither is one: it is a range.
"""

import re
from collections.abc import Sequence

from flows.parse.items.numbers import Number, damaged
from flows.parse.lexicon.matches import LexiconMatches

_ARROW = re.compile(
    r"[^\d\n]{0,24}?(?:(?P<on>[-=]+>|[\u2192\u279c\u2794\u21d2\u27f6\u27a1]\ufe0f?)"
    r"|(?P<back><[-=]+|[\u2190\u21d0\u27f5\u2b05]\ufe0f?))[ \t~]*"
)
"""What joins two numbers, from the end of the first to the second; every dash is "-"."""

_ARROW_SIGN = re.compile("[<>\u2190\u2192\u21d0\u21d2\u27f5\u27f6\u2794\u279c\u27a1\u2b05]")
"""What every arrow has: cheap to look for."""

_NEAR = 1.05
"""Numbers so close are a total and the one of the day before, whatever the verb."""

_AROUND = 90
"""So far around two numbers the verb stands that says that something rises."""

_LABEL_BEHIND = 30
"""So far behind the second number its own label may begin."""


def without_earlier(
    matches: LexiconMatches, printed: Sequence[Number], start: int, end: int
) -> Sequence[Number]:
    """Return the numbers of a passage, each pair of them as one with the value that holds now.

    A range has no value.
    """
    text, ending = matches.text, matches.lexicon.earlier_ending
    firsts = {lead.end() for lead in matches.earlier.within(start, end)}
    if ending:
        firsts.update(n.start for n in printed if ending.match(text, n.start, end))
    if _ARROW_SIGN.search(text, start, end):
        printed = _without_arrows(matches, printed)
    return _without_firsts(matches, printed, firsts, start, end) if firsts else printed


def _without_arrows(matches: LexiconMatches, printed: Sequence[Number]) -> Sequence[Number]:
    """Take two numbers that an arrow joins for one, unless the arrow is a bullet."""
    left = [printed[0]]
    for second in printed[1:]:
        first = left[-1]
        arrow = _ARROW.fullmatch(matches.text, first.end, second.start)
        if arrow and not _has_labels(matches, first, second):
            newer = second if arrow["on"] else first
            left[-1] = newer._replace(start=first.start, end=second.end)
        else:
            left.append(second)
    return left


def _has_labels(matches: LexiconMatches, first: Number, second: Number) -> bool:
    """Whether each of two numbers counts something else: "316 helicopters → 315 aircraft"."""
    labels, categories = matches.labels, matches.lexicon.categories
    own = labels.search(first.end, second.start)
    next_one = labels.search(second.end, second.end + _LABEL_BEHIND)
    if own is None or next_one is None:
        return False
    return categories[own.lastgroup] != categories[next_one.lastgroup]


def _without_firsts(
    matches: LexiconMatches, printed: Sequence[Number], firsts: set[int], start: int, end: int
) -> Sequence[Number]:
    """Take each first number and the next one for one, without a value where nothing rises."""
    left: list[Number] = []
    open_firsts = set(firsts)
    for number in printed:
        first = left[-1] if left and left[-1].start in open_firsts else None
        if first is None or first.value is None or number.value is None:
            left.append(number)
            continue
        open_firsts.discard(first.start)
        if _rises(matches, first, number, start, end):
            left[-1] = number._replace(start=first.start)
        else:
            problem = damaged(f"{matches.text[first.start : number.end]!r} is a range")
            left[-1] = Number(first.start, number.end, None, problem=problem)
    return left


def _rises(matches: LexiconMatches, first: Number, second: Number, start: int, end: int) -> bool:
    """Whether a passage says that the first number has become the second."""
    low, high = sorted((first.value or 0, second.value or 0))
    if high <= _NEAR * low:
        return True
    start, end = max(start, first.start - _AROUND), min(end, second.end + _AROUND)
    rises = matches.lexicon.rare.anywhere("rises").search(matches.text, start, end)
    return (second.value or 0) > (first.value or 0) and rises is not None
