"""Scope: which of a text's items are the bulletin, and which are something else."""

from collections.abc import Sequence
from dataclasses import dataclass

from flows.reading.items import Item, Line, sentence_around
from flows.reading.lexicon import Lexicon

FEWEST_CATEGORIES = 3
"""Fewer labelled figures side by side are a passing mention, not a bulletin."""
_FAR_LINES = 2
_FAR_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Group:
    """Items that stand side by side; `daily` says that their numbers are those of one day."""

    items: tuple[Item, ...]
    daily: bool
    other: str | None

    @property
    def categories(self) -> frozenset[tuple[str, ...]]:
        """The distinct known labels."""
        return frozenset(item.categories for item in self.items if item.categories)


def group_items(
    items: Sequence[Item], text: str, lines: Sequence[Line], lexicon: Lexicon
) -> list[Group]:
    """Return the groups of items that stand side by side, in order."""
    runs: list[list[Item]] = []
    for item in items:
        if runs and _beside(runs[-1][-1], item):
            runs[-1].append(item)
        else:
            runs.append([item])
    return [_group(run, text, lines, lexicon) for run in runs]


def _beside(last: Item, item: Item) -> bool:
    return item.line - last.line <= _FAR_LINES and item.start - last.end <= _FAR_CHARACTERS


def _group(run: Sequence[Item], text: str, lines: Sequence[Line], lexicon: Lexicon) -> Group:
    lead = _lead_in(run[0], text, lines)
    other = lexicon.other.search(lead)
    daily = bool(lexicon.daily.search(lead)) and not lexicon.since.search(lead)
    daily = daily and all(item.delta is None for item in run)
    return Group(tuple(run), daily, other[0] if other else None)


def _lead_in(first: Item, text: str, lines: Sequence[Line]) -> str:
    """Return what introduces a group: its sentence, or for a list the line above it as well."""
    line = lines[first.line]
    start, end = sentence_around(text, line, first.start)
    if not first.listed:
        return text[start:end]
    above = text[lines[line.index - 1].start : lines[line.index - 1].end] if line.index else ""
    return f"{above}\n{text[start : first.start]}"


def split_by_role(
    group: Group, text: str, lines: Sequence[Line], lexicon: Lexicon
) -> tuple[list[Item], list[Item]]:
    """Return (items with totals, items whose bare number is a daily one) of a group."""
    totals, daily = [], []
    for item in group.items:
        (daily if group.daily or is_daily(item, text, lines, lexicon) else totals).append(item)
    return totals, daily


def is_daily(item: Item, text: str, lines: Sequence[Line], lexicon: Lexicon) -> bool:
    """Whether the item's sentence is about the last day and not about totals."""
    if item.delta is not None or item.listed:
        return False
    sentence = sentence_text(item, text, lines)
    return bool(lexicon.daily.search(sentence)) and not lexicon.since.search(sentence)


def sentence_text(item: Item, text: str, lines: Sequence[Line]) -> str:
    """Return the folded sentence that holds the item."""
    start, end = sentence_around(text, lines[item.line], item.start)
    return text[start:end]
