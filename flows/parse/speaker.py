"""Speaker: whose figures a text's items are, the bulletin's or somebody else's."""

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence

from flows.parse.items.item import FEWEST_CATEGORIES, Item
from flows.parse.items.line import Masks
from flows.parse.lexicon.matches import LexiconMatches
from flows.parse.losses import says_lost
from flows.parse.text.lines import Line
from schemas.records import WAR_START

_DIGIT = re.compile(r"\d")

_LARGE = re.compile(r"(?<!\d)(?!20\d\d\b)\d{1,3}[ .,']?\d{3}(?!\d)")
"""Thousands, and no year: what is counted, whatever it is called."""

_LONGEST_MONTH = 20

_CELLS = 2
"""A line with so many separators is one of a table with several columns of numbers."""

_LONGEST_ASIDE = 60
"""So long an aside may be, and so far before it stands its number."""

_PLUS = re.compile(r"\+ ?\d")

_LINES_OF_HEAD = 2
_LINES_TO_FRONT = 3
"""A front is named in the title or the lead, or in so many lines above its losses."""

_MOST_NAMED = 50
"""So many speakers before an item are asked: in a long text "Russia lost" is said in every line."""

_FEW_SENTENCES = 4
"""So many sentences above a list may say what period it counts."""

_LINES_ABOVE = 2
"""They stand in so many lines: a lead, and a paragraph before it."""


def other_passage(
    matches: LexiconMatches,
    start: int,
    end: int,
    offset: int,
    asides: Callable[[], Masks] | None = None,
) -> str | None:
    """Return what a sentence says against a number of it at `offset`, or None.

    What stands in an aside of a figure, such as "(+2,900 in a week)", says nothing of the others;
    `asides` are those that are known.

    Russia's own admission speaks of what follows it, where something is counted there: "17,000
    soldiers, says Kyiv, while Moscow has confirmed 1,351 dead".
    """
    if not matches.not_the_bulletin.any(start, end):
        return None
    passage = _passage(matches, start, end, asides)
    concession = matches.concession.search(start, end) if passage else None
    if concession is None or passage is None:
        return passage[0] if passage else None
    if concession.start() < offset:
        return concession[0]
    digit = _DIGIT.search(matches.text, concession.end(), end)
    if digit and (
        matches.labels.search(concession.end(), end)
        or _LARGE.search(matches.text, concession.end(), end)
    ):
        passage = _passage(matches, start, concession.start(), asides)
    return passage[0] if passage else None


def _passage(
    matches: LexiconMatches, start: int, end: int, asides: Callable[[], Masks] | None
) -> re.Match[str] | None:
    """Return the first passage that is not of the bulletin; no year behind its first day.

    "Since 24 February last year" says since when is counted.
    """
    for passage in matches.not_the_bulletin.within(start, end):
        before = matches.text[max(passage.start() - _LONGEST_ASIDE, 0) : passage.start()]
        if "(" in before or "+" in before:  # "(+31 in a week)", ", +31 in a week"
            if asides and asides().touch(*passage.span()):
                continue
            if _is_aside(matches, passage):
                continue
        month = matches.months.last(max(start, passage.start() - _LONGEST_MONTH), passage.start())
        number = matches.lexicon.month_numbers[month.lastgroup] if month else None
        if not month or number != WAR_START.month:
            return passage
        if matches.text[month.end() : passage.start()].strip(" ,"):
            return passage
    return None


def _is_aside(matches: LexiconMatches, passage: re.Match[str]) -> bool:
    """Whether a passage stands in brackets with a plus, behind a number: "4,823 (week: +31)"."""
    text = matches.text
    start = text.rfind("(", max(passage.start() - _LONGEST_ASIDE, 0), passage.start())
    if start < 0 or ")" in text[start : passage.start()]:
        return False
    end = text.find(")", passage.end(), passage.end() + _LONGEST_ASIDE)
    if end < 0 or not _PLUS.search(text, start, end):
        return False
    return _DIGIT.search(text, max(start - _LONGEST_ASIDE, 0), start) is not None


def of_other_war(matches: LexiconMatches, start: int, end: int, *, is_possible: bool) -> bool:
    """Whether soldiers of a sentence are those of another war that it names: of Afghanistan.

    "Since 24 February Russia has lost 27,700, more than the Soviet Union in Afghanistan" counts
    this one's, where the envelope allows the number (`is_possible`).
    """
    if not matches.other_wars.any(start, end) or not matches.other_wars.search(start, end):
        return False
    told = matches.enemy.search(start, end) and matches.since.search(start, end)
    return not (is_possible and told)


class Speaker:
    """Tells whose figures the items of one text are. Who is named is looked up once."""

    def __init__(
        self, lines: Sequence[Line], matches: LexiconMatches, items: Sequence[Item]
    ) -> None:
        self._text = matches.text
        self._items = items
        self._figures: Masks | None = None
        self._lines = lines
        self._matches = matches
        self._speakers: list[int] | None = None
        self._said_up_to: dict[int, list[str | None]] = {}

    def claims(self, run: Sequence[Item]) -> str | None:
        """Return what says that the other side speaks, or somebody else counts, or None.

        Who was named last speaks, be it paragraphs ago. Whoever prints "(+2)" is the bulletin.
        """
        few = len({item.categories for item in run if item.categories}) < FEWEST_CATEGORIES
        if few or any(item.delta is not None for item in run):
            return None
        count = self._named_before(run[0])
        if not count:
            return None
        last = self._named()[count - 1]
        other = self._matches.other_speaker.match(last, len(self._text))
        return other[0] if other else None

    def period(self, run: Sequence[Item]) -> str | None:
        """Return what the sentences above a list say that it counts, or None.

        "Over the week 8,000 were killed. Losses of equipment: 79 tanks, ...": only for a list
        that could be so, without deltas and without a number beyond a day's.
        """
        first, beyond = run[0], self._matches.lexicon.beyond_a_day
        if not first.listed or not first.line:
            return None
        if any(item.delta is not None or beyond(item.categories, item.total) for item in run):
            return None
        lines = self._lines[max(first.line - _LINES_ABOVE, 0) : first.line]
        above = [sentence for line in lines for sentence in line.sentences]
        for start, end in reversed(above[-_FEW_SENTENCES:]):
            if passage := self._other_passage(start, end):
                return passage
            if self._speaks_of_bulletin(start, end):
                return None
        return None

    def front(self, run: Sequence[Item]) -> str | None:
        """Return what says above a day's losses, or in the title, that they are one front's.

        The losses of all fronts are the General Staff's; where it is named, they are those.
        """
        first, fronts = run[0], self._matches.fronts
        if self._matches.general_staff.search(0, len(self._text)):
            return None
        head = self._lines[min(_LINES_OF_HEAD, len(self._lines)) - 1].end
        above = self._lines[max(first.line - _LINES_TO_FRONT, 0)].start
        named = fronts.search(0, min(head, first.start)) or fronts.search(above, first.start)
        return named[0] if named else None

    def attributed(self, run: Sequence[Item]) -> bool:
        """Whether the bulletin's source was named last before some items: no mere "Russia lost"."""
        matches, far = self._matches, len(self._text)
        count = self._named_before(run[-1])
        for start in reversed(self._named()[max(count - _MOST_NAMED, 0) : count]):
            speaker = matches.bulletin_speaker.match(start, far)
            if speaker is None or not matches.enemy.any(*speaker.span()):
                return speaker is not None
        return False

    def _named_before(self, item: Item) -> int:
        """Return how many passages up to an item, its sentence included, name who speaks."""
        end = item.start if item.listed else self._lines[item.line].sentence(item.start)[1]
        return bisect_left(self._named(), end)

    def _named(self) -> list[int]:
        """The offsets of the passages that name who speaks."""
        if self._speakers is None:
            far = len(self._text)
            others = (o for o in self._matches.other_speaker.within(0, far) if not self._aside(o))
            own = self._matches.bulletin_speaker.within(0, far)
            self._speakers = sorted(speaker.start() for speaker in (*others, *own))
        return self._speakers

    def _aside(self, speaker: re.Match[str]) -> bool:
        """Whether a speaker is named only in what ends a sentence of the bulletin: "which contrasts
        with the 6,000 that the minister admits"."""
        if not self._matches.concession.any(0, speaker.start()):
            return False
        line = self._lines[bisect_left(self._lines, speaker.end(), key=lambda one: one.end)]
        start, end = line.sentence(speaker.start())
        return self._conceded_from(start, end) <= speaker.start()

    def introduces(self, item: Item) -> str | None:
        """Return the passage that says that an item's figures are not the bulletin's, or None.

        It stands in the sentence, or above a list; or, where the sentence itself has no cue of a
        bulletin, in the sentence before it.
        """
        not_the_bulletin = self._matches.not_the_bulletin
        if not not_the_bulletin.possible:
            return None
        line = self._lines[item.line]
        if item.listed:
            above = self._lines[max(item.line - 1, 0)]
            if not not_the_bulletin.any(above.start, item.start):
                return None
            own = self._other_passage(line.start, item.start)
            return own or self._other_passage(*self._lead_above(item.line))
        start, end = line.sentence(item.start)
        own = other_passage(self._matches, start, end, item.start, self._asides)
        own = own or self._not_lost(item, (start, end))
        if own or self._speaks_of_bulletin(start, end):
            return own
        before = bisect_left(line.sentences, (start, end))
        if not before and item.line:
            line = self._lines[item.line - 1]
            before = len(line.sentences)
        passage = self._passage_before(line, before)
        return None if passage and self._names_source(start, end) else passage

    def _not_lost(self, item: Item, sentence: tuple[int, int]) -> str | None:
        """Return what says that figures without deltas are there, and not lost: "has deployed"."""
        if item.delta is not None or not self._matches.not_lost.any(*sentence):
            return None
        if says_lost(self._matches, sentence, (item.start, item.end)) is not False:
            return None
        passage = self._matches.not_lost.search(*sentence)
        return passage[0] if passage else None

    def _names_source(self, start: int, end: int) -> bool:
        """Whether a sentence names the bulletin's source: no mere "Russia lost"."""
        speakers = self._matches.bulletin_speaker.within(start, end)
        return any(not self._matches.enemy.any(*speaker.span()) for speaker in speakers)

    def _passage_before(self, line: Line, count: int) -> str | None:
        """Return what the nearest of a line's first sentences says, up to one about the bulletin.

        What was said up to each sentence is kept: a line may have thousands.
        """
        said = self._said_up_to.setdefault(line.index, [None])
        for start, end in line.sentences[len(said) - 1 : count]:
            passage = self._other_passage(start, self._conceded_from(start, end))
            said.append(passage if passage or self._speaks_of_bulletin(start, end) else said[-1])
        return said[count]

    def _conceded_from(self, start: int, end: int) -> int:
        """Return where a sentence goes over to what the other side admits; its end if nowhere.

        What follows a sentence that counts something before is the bulletin's again.
        """
        conceded = self._matches.concession.search(start, end)
        counts = conceded is not None and _DIGIT.search(self._text, start, conceded.start())
        return conceded.start() if conceded and counts else end

    def _lead_above(self, index: int) -> tuple[int, int]:
        """Return the last sentence above a list, if it leads in and is no statement of its own."""
        above = self._lines[index - 1]
        if not index or not self._matches.not_the_bulletin.any(above.start, above.end):
            return 0, 0
        if above.text.count("|") + above.text.count("\t") >= _CELLS:
            return 0, 0  # the head of a table names its columns
        start, end = above.sentences[-1]
        sentence = self._text[start:end].rstrip()
        # Every sentence of a language without blanks is a line, its stop left out.
        spaceless = self._matches.lexicon.language.spaceless
        ended = sentence.endswith((".", "!", "?")) or (spaceless and sentence[-1:] != ":")
        states = ended and any(c.isdigit() for c in sentence)
        return (0, 0) if states else (start, end)

    def _other_passage(self, start: int, end: int) -> str | None:
        if not self._matches.not_the_bulletin.any(start, end):
            return None
        passage = _passage(self._matches, start, end, self._asides)
        return passage[0] if passage else None

    def _asides(self) -> Masks:
        """Return the figures with what is printed behind them: "4823 (+31 in a week)"."""
        if self._figures is None:
            self._figures = Masks((item.start, item.end) for item in self._items)
        return self._figures

    def _speaks_of_bulletin(self, start: int, end: int) -> bool:
        return any(cue.search(start, end) for cue in (self._matches.since, self._matches.daily))
