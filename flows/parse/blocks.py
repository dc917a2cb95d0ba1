"""Blocks: which of a text's items are the bulletin, and which are something else."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from operator import attrgetter
from typing import TypeAlias

from flows.parse.items.item import FEWEST_CATEGORIES, Item
from flows.parse.lexicon.matches import LexiconMatches
from flows.parse.roles import Role, Roles
from flows.parse.speaker import Speaker
from flows.parse.text.lines import Line

_FAR_LINES = 2
"""Items further apart than this are not side by side: one line of remarks may stand between."""

_FAR_CHARACTERS = 400
"""So far a paragraph of prose reaches from figure to figure; 280 is the most that is known."""

_LETTER = re.compile(r"[^\W\d_]")
_REMARK = re.compile(r"\([^()\d\n]{1,60}\)")
"""A remark behind the items of a line: "tanks - 4823 (+2) (of all types)"."""

_FEW_LETTERS = 20
_LETTERS_OF_REMARK = 40
"""More letters beside the items of a line are a sentence; behind a label they may be a remark."""

Span: TypeAlias = tuple[int, int]

_LINE = attrgetter("line")  # of an item


@dataclass(frozen=True)
class Group:
    """Items that stand side by side, each with the role of its number.

    `introduced_by` is the passage that says that they are not the bulletin's, or None. The envelope
    has decided the role of those items that start at `by_envelope`; `is_below` says that most of
    the group lies far below the totals of the report date.
    """

    items: tuple[tuple[Item, Role], ...]
    introduced_by: str | None
    by_envelope: frozenset[int] = frozenset()
    is_below: bool = False

    @cached_property
    def categories(self) -> frozenset[tuple[str, ...]]:
        """The distinct known labels."""
        return frozenset(item.categories for item, _ in self.items if item.categories)

    @property
    def is_list_of_losses(self) -> bool:
        """Whether the group has enough labels for a list of losses, whosever they are."""
        return len(self.categories) >= FEWEST_CATEGORIES

    @property
    def is_bulletin(self) -> bool:
        """Whether the group may be the bulletin: enough labels, and nothing says otherwise."""
        return self.is_own and self.is_list_of_losses

    @property
    def is_own(self) -> bool:
        """Whether neither the wording nor the envelope says that it is not the bulletin's."""
        return self.introduced_by is None and not self.is_below

    @property
    def has_unknown(self) -> bool:
        """Whether it is a list with lines whose labels nobody knows: they may be in a language."""
        return any(i.listed and not i.categories and i.delta is not None for i, _ in self.items)

    @property
    def weight(self) -> tuple[int, int]:
        """How much of a bulletin the group is: its labels with a total, and all its labels."""
        totals = {i.categories for i, role in self.items if i.categories and role == "total"}
        return len(totals), len(self.categories)


def group_items(
    items: Sequence[Item], lines: Sequence[Line], matches: LexiconMatches
) -> list[Group]:
    """Return the groups of items that stand side by side, in order.

    A list is a run of lines that each start with an item; prose is a run of sentences that are full
    of items. A sentence with a lone number is nobody's neighbour.
    """
    text = matches.text
    runs: list[list[Item]] = []
    others: list[str | None] = []
    speaker = Speaker(lines, matches, items)
    for sentence in _by_sentence(_with_lines(items, text, lines), lines, matches):
        other = speaker.introduces(sentence[0])
        beside = runs and _is_beside(runs[-1], sentence, matches)
        if beside and _same_side(others[-1], other, sentence[0]):
            runs[-1].extend(sentence)
        else:
            runs.append(list(sentence))
            others.append(other)
    roles = Roles(lines, matches)
    runs = [_without_tail(run, text) for run in runs]
    groups: list[Group] = []
    for run, introduced in zip(runs, others, strict=True):
        with_roles = [(item, roles.of(item, run)) for item in run]
        other = introduced or speaker.claims(run) or speaker.period(run)
        if other is None and all(role == "daily" for _, role in with_roles):
            other = speaker.front(run)
        if other is None and any(role == "unclear" for _, role in with_roles):
            attributed = speaker.attributed(run)
            with_roles = _settled(with_roles, lines, matches, attributed=attributed)
        groups.append(Group(tuple(with_roles), other))
    return groups


def _settled(
    items: Sequence[tuple[Item, Role]],
    lines: Sequence[Line],
    matches: LexiconMatches,
    *,
    attributed: bool,
) -> list[tuple[Item, Role]]:
    """Take for totals what no wording decides, where no single day can have brought it about.

    That holds beside other totals, or where the text names the bulletin's source before.
    """

    def sentence(item: Item) -> Span:
        return lines[item.line].sentence(item.start)

    beyond_a_day = matches.lexicon.beyond_a_day
    beyond = Counter(sentence(i) for i, _ in items if beyond_a_day(i.categories, i.total))
    among_totals = any(role == "total" for _, role in items)
    sure = {span for span, n in beyond.items() if among_totals or (attributed and n > 1)}
    return [
        (item, "total" if role == "unclear" and sentence(item) in sure else role)
        for item, role in items
    ]


def _without_tail(run: list[Item], text: str) -> list[Item]:
    """Leave out what nobody knows below a list, set apart from it: "Shared: 48" is no item.

    One that prints a delta is an item of the bulletin all the same, and has to be reported.
    """
    last = run[-1]
    gaps = [text.count("\n", a.end, b.start) for a, b in pairwise(run)]
    apart = len(gaps) > 1 and gaps[-1] > max(gaps[:-1])
    furniture = last.listed and not last.categories and last.delta is None
    return run[:-1] if apart and furniture else run


def _same_side(run: str | None, other: str | None, first: Item) -> bool:
    """Whether a sentence is introduced as its neighbour is; a list's lead-in holds to its end."""
    return (first.listed and other is None) or (run is None) == (other is None)


def _with_lines(items: Sequence[Item], text: str, lines: Sequence[Line]) -> list[Item]:
    """Return the items, `listed` set for every item of a line that is a line of a list."""
    known: list[Item] = []
    for index, group in groupby(items, key=_LINE):
        of_line = list(group)
        listed = _is_list_line(of_line, text, lines[index])
        known += (
            item if item.listed == listed else item._replace(listed=listed) for item in of_line
        )
    return known


def _is_list_line(items: Sequence[Item], text: str, line: Line) -> bool:
    """Whether little but items stands in the line: a second label or a remark, no sentence."""
    first = items[0]
    label_first = first.label[0] == first.start
    if first.listed and label_first:
        return True
    after = _REMARK.sub("", text[items[-1].end : line.end], count=1)
    around = text[line.start : first.start] + after
    if not (first.listed or label_first) and _LETTER.search(around):
        return False
    between = (text[a.end : b.start] for a, b in pairwise(items))
    letters = sum(len(_LETTER.findall(part)) for part in (around, *between))
    if label_first:
        return letters <= _LETTERS_OF_REMARK
    return letters <= (_FEW_LETTERS if first.listed else 0)


def _by_sentence(
    items: Sequence[Item], lines: Sequence[Line], matches: LexiconMatches
) -> Iterator[list[Item]]:
    """Yield the items of each line of a list, and of each sentence of prose.

    What follows Russia's own admission in a sentence stands apart.
    """

    def place(item: Item) -> tuple[int, int, bool]:
        if item.listed:
            return item.line, -1, False
        start, end = lines[item.line].sentence(item.start)
        if start not in admitted:  # looked up once: a sentence may have thousands of items
            found = matches.concession.search(start, end)
            admitted[start] = found.end() if found else end
        return item.line, start, admitted[start] <= item.start

    admitted: dict[int, int] = {}
    for _, group in groupby(items, key=place):
        yield list(group)


def _is_beside(run: Sequence[Item], items: Sequence[Item], matches: LexiconMatches) -> bool:
    last, first = run[-1], items[0]
    if last.listed != first.listed or first.top - last.line > _FAR_LINES:
        return False
    if first.listed:
        return True
    near = first.line == last.line or first.line - last.line == 1
    close = near and first.start - last.end <= _FAR_CHARACTERS
    return close and _is_full(run, matches) and _is_full(items, matches)


def _is_full(items: Sequence[Item], matches: LexiconMatches) -> bool:
    """Whether a sentence is part of a bulletin by itself: many labels, or totals with deltas.

    Two numbers are not enough: "shot down 29 drones and 3 cruise missiles" stands beside many a
    bulletin. They are where no single day can have brought one of them about.
    """
    known = [item for item in items if item.categories]
    if len({item.categories for item in known}) >= FEWEST_CATEGORIES:
        return True
    if known and all(i.total is not None and i.delta is not None for i in known):
        return True
    return any(matches.lexicon.beyond_a_day(i.categories, i.total) for i in known)
