"""Speaker: whose figures a text's items are, the bulletin's or somebody else's."""

from bisect import bisect_left
from collections.abc import Sequence

from flows.parse.items.item import FEWEST_CATEGORIES, Item
from flows.parse.lexicon.matches import Cues
from flows.parse.text.lines import Line

_MOST_NAMED = 50
_FEW_SENTENCES = 4


class Speaker:
    """Tells whose figures the items of one text are. Passages are looked up once."""

    def __init__(self, lines: Sequence[Line], cues: Cues) -> None:
        self._text = cues.text
        self._lines = lines
        self._cues = cues
        self._named: list[int] = []
        self._looked = False
        self._told: dict[int, list[str | None]] = {}

    def claims(self, run: Sequence[Item]) -> str | None:
        """Return what says that the other side speaks, or somebody else counts, or None.

        Who was named last speaks, be it paragraphs ago. Whoever prints "(+2)" is the bulletin.
        """
        few = len({item.categories for item in run if item.categories}) < FEWEST_CATEGORIES
        if few or any(item.delta is not None for item in run):
            return None
        place = self._named_before(run[0])
        if not place:
            return None
        claimant = self._cues.claimant.match(self._named[place - 1], len(self._text))
        return claimant[0] if claimant else None

    def period(self, run: Sequence[Item]) -> str | None:
        """Return what the sentences above a list say that it counts, or None.

        "Over the week 8,000 were killed. Losses of equipment: 79 tanks, ...": only for a list
        that could be so, without deltas and without a number beyond a day's.
        """
        first, beyond = run[0], self._cues.lexicon.beyond_a_day
        if not first.listed or not first.line:
            return None
        if any(item.delta is not None or beyond(item.categories, item.total) for item in run):
            return None
        lines = self._lines[max(first.line - 2, 0) : first.line]
        above = [sentence for line in lines for sentence in line.sentences]
        for start, end in reversed(above[-_FEW_SENTENCES:]):
            if found := self._search(start, end):
                return found
            if self._speaks_of_bulletin(start, end):
                return None
        return None

    def attributed(self, run: Sequence[Item]) -> bool:
        """Whether the bulletin's source was named last before some items: no mere "Russia lost"."""
        cues, far = self._cues, len(self._text)
        place = self._named_before(run[-1])
        for at in reversed(self._named[max(place - _MOST_NAMED, 0) : place]):
            source = cues.source.match(at, far)
            if source is None or not cues.enemy.any(*source.span()):
                return source is not None
        return False

    def _named_before(self, item: Item) -> int:
        """Return how many passages up to an item, its sentence included, name who speaks."""
        if not self._looked:
            far = len(self._text)
            said = (*self._cues.claimant.within(0, far), *self._cues.source.within(0, far))
            self._named, self._looked = sorted(found.start() for found in said), True
        end = item.start if item.listed else self._lines[item.line].sentence(item.start)[1]
        return bisect_left(self._named, end)

    def introduces(self, item: Item) -> str | None:
        """Return the passage that says that an item's figures are not the bulletin's, or None.

        It stands in the sentence, or above a list; or, where the sentence itself has no cue of a
        bulletin, in the sentence before it.
        """
        line = self._lines[item.line]
        if item.listed:
            return self._search(line.start, item.start) or self._search(*self._above(item.line))
        start, end = line.sentence(item.start)
        found = self._search(start, end)
        if found or self._speaks_of_bulletin(start, end):
            return found
        before = bisect_left(line.sentences, (start, end))
        if not before and item.line:
            line = self._lines[item.line - 1]
            before = len(line.sentences)
        said = self._said(line, before)
        return None if said and self._names_source(start, end) else said

    def _names_source(self, start: int, end: int) -> bool:
        """Whether a sentence names the bulletin's source: no mere "Russia lost"."""
        found = self._cues.source.within(start, end)
        return any(not self._cues.enemy.any(*source.span()) for source in found)

    def _said(self, line: Line, count: int) -> str | None:
        """Return what the nearest of a line's first sentences says, up to one about the bulletin.

        What was said up to each sentence is kept: a line may have thousands.
        """
        known = self._told.setdefault(line.index, [None])
        for start, end in line.sentences[len(known) - 1 : count]:
            found = self._search(start, end)
            known.append(found if found or self._speaks_of_bulletin(start, end) else known[-1])
        return known[count]

    def _above(self, index: int) -> tuple[int, int]:
        """Return the last sentence above a list, if it leads in and is no statement of its own."""
        above = self._lines[index - 1]
        if not index or not self._cues.other.any(above.start, above.end):
            return 0, 0
        start, end = above.sentences[-1]
        sentence = self._text[start:end].rstrip()
        states = sentence.endswith((".", "!", "?")) and any(c.isdigit() for c in sentence)
        return (0, 0) if states else (start, end)

    def _search(self, start: int, end: int) -> str | None:
        found = self._cues.other.search(start, end)
        return found[0] if found else None

    def _speaks_of_bulletin(self, start: int, end: int) -> bool:
        return any(cue.search(start, end) for cue in (self._cues.since, self._cues.daily))
