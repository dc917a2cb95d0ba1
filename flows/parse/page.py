"""A page read in the language that fits it best: its dates and its groups of items."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import compress, islice

from flows.parse.blocks import Group, group_items
from flows.parse.dates.decision import Dated, decide_date
from flows.parse.dates.evidence import find_evidence, is_war_start
from flows.parse.dates.named_day import with_named_day
from flows.parse.dates.printed import printed_dates, war_day_spans
from flows.parse.items.find import find_items
from flows.parse.items.item import FEWEST_CATEGORIES
from flows.parse.lexicon.lexicon import Lexicon, Lexicons
from flows.parse.lexicon.matches import LexiconMatches, find_matches, glued_words, words_of
from flows.parse.other_language import other_language
from flows.parse.settle import Bands, settled
from flows.parse.text.lines import Line, lines_of
from flows.parse.text.own import own_text
from flows.parse.text.windows import windows_of
from schemas.envelope import load_envelope
from schemas.records import FIRST_REPORT, Page
from schemas.registry import Registry

_ENOUGH_TO_TELL = 650
"""Words by which the language is told: twice a usual article."""

_FEW_WORDS = 6
"""A text no longer than that with fewer frequent words of any language is a bare list, tried in
all."""

_LEAST_FREQUENT = 0.1
"""A text with fewer frequent words of any language may be in one that is not read."""

_LANGUAGES_TRIED = 3
"""Neighbours that share most of their words come in threes: Czech, Slovak, Polish."""


_LEAST_OF_TITLE = 20
"""So much of a title may stand in the text where the name of the site is left out."""

_LINES_OF_OPENING = 2
"""A heading above a list, and the sentence that leads in."""


@dataclass(frozen=True)
class PageReading:
    """A page read in one language: the matches in its normalized text, its lines, its groups.

    `title` is the number of the line that is the title; `dates` and `days` are the offsets of
    the printed dates and war days, whose digits count nothing. `war_starts` is where the first day
    of the war is printed.
    """

    page: Page
    matches: LexiconMatches
    lines: tuple[Line, ...]
    groups: tuple[Group, ...]
    dated: Dated
    title: int
    dates: tuple[tuple[int, int], ...]
    days: tuple[tuple[int, int], ...]
    war_starts: tuple[int, ...]

    @property
    def text(self) -> str:
        """The normalized text."""
        return self.matches.text

    @property
    def lexicon(self) -> Lexicon:
        """The lexicon of the language."""
        return self.matches.lexicon

    @cached_property
    def best(self) -> Group | None:
        """The group that is the bulletin: the most totals, the most labels; the first of equals."""
        return _best(self.groups)


def _best(groups: Iterable[Group]) -> Group | None:
    fit = [group for group in groups if group.is_bulletin]
    if len(fit) == 1:
        return fit[0]
    return max(fit, key=lambda group: group.weight, default=None)


def _opening(group: Group | None, lines: Sequence[Line]) -> tuple[int, int]:
    """Return the offsets of what opens a list: the lines above it; of prose its own lines, too."""
    if group is None:
        return 0, 0
    first, last = group.items[0][0], group.items[-1][0]
    start = lines[max(first.top - _LINES_OF_OPENING, 0)].start
    return start, first.start if first.listed else lines[last.line].end


@lru_cache(maxsize=4)
def _lexicons(registry: Registry) -> Lexicons:
    return Lexicons(registry)


def read_page(
    page: Page, published: date | None, registry: Registry, *, with_quotes: bool = False
) -> PageReading | None:
    """Return the reading of a page's own text with the most categories, and of its quotes if asked.

    None where the language is none that is known. Languages are tried in order of likelihood.

    Neighbours such as Spanish and Portuguese share labels: where one of two languages that fit
    alike says that the list is another's, the other cannot overrule it.
    """
    own = own_text(page, with_quotes=with_quotes)
    reader = _PageReader(page, own, published, registry)
    lexicons = _lexicons(registry)
    codes, alike = reader.likely_languages(lexicons)
    if reader.is_strange and other_language(page.text):
        return None
    best: PageReading | None = None
    for rank, code in enumerate((*codes, *reader.others)):
        if rank >= len(codes) and not (best and best.best and best.best.has_unknown):
            break
        if best is not None and not reader.may_list_losses(lexicons[code]):
            continue
        reading = reader.read_in(lexicons[code])
        if any(group.introduced_by and group.is_list_of_losses for group in reading.groups):
            best = best if best and best.best and rank >= alike else reading
            break
        if best is None or _score(reading) > _score(best):
            best = reading
        found = any(group.is_bulletin for group in reading.groups)
        if found and rank + 1 >= alike and not (best.best and best.best.has_unknown):
            break
    return best


def _score(reading: PageReading) -> int:
    return len(reading.best.categories) if reading.best else 0


class _PageReader:
    """Reads one page in several languages: its lines and words are the same in all of them.

    Known when the likely ones are: `is_strange`, it has hardly a frequent word of any; `others`,
    languages that it has words of, for a list whose labels are of two.
    """

    def __init__(self, page: Page, own: str, published: date | None, registry: Registry) -> None:
        windows = windows_of(own)
        self._page = page
        self._text = windows.text
        self._published = published
        self._registry = registry
        self._lines = lines_of(own, windows.text, windows.spans)
        self._words = words_of(windows.text, windows.spans)
        self._title = _title_line(page, self._lines)
        self.is_strange = False
        self.others: Sequence[str] = ()

    def likely_languages(self, lexicons: Lexicons) -> tuple[list[str], int]:
        """Return the likeliest languages, and how many of them fit about alike.

        They are told by how many of their frequent words the text holds: half as many as the best
        has are likely, four in five about alike. A bare list holds few: it may be in any language.
        """
        text, words = self._text, self._words.found
        end = words[_ENOUGH_TO_TELL].start() if len(words) > _ENOUGH_TO_TELL else len(text)
        first = self._words.up_to(_ENOUGH_TO_TELL)
        score = lexicons.frequencies(text, first.found, first.spelled, end)
        ranked = sorted(score, key=score.__getitem__, reverse=True)
        most = score[ranked[0]]
        self.is_strange = most < _LEAST_FREQUENT * min(len(words), _ENOUGH_TO_TELL)
        if most < _FEW_WORDS and len(words) <= _ENOUGH_TO_TELL:
            return ranked, len(ranked)
        likely = [code for code in ranked if 2 * score[code] >= most > 0][:_LANGUAGES_TRIED]
        self.others = [code for code in ranked if score[code] and code not in likely]
        return likely, sum(5 * score[code] >= 4 * most for code in likely)

    def may_list_losses(self, lexicon: Lexicon) -> bool:
        """Whether the text has as many words that may be labels as a list of losses has."""
        labels, text = lexicon.own_labels, self._text
        if lexicon.language.spaceless:
            first = islice(labels.letters.finditer(text), FEWEST_CATEGORIES)
            return sum(1 for _ in first) == FEWEST_CATEGORIES
        counts = self._beginnings
        if lexicon.glued:
            counts = counts + glued_words(text, self._words, lexicon).beginnings()
        told = map(labels.__getitem__, counts)
        return sum(compress(counts.values(), told)) >= FEWEST_CATEGORIES

    @cached_property
    def _beginnings(self) -> Counter[str]:
        """How often each beginning of a word stands in the text."""
        return self._words.beginnings()

    def read_in(self, lexicon: Lexicon) -> PageReading:
        """Read the page in one language."""
        page, lines = self._page, self._lines
        matches = find_matches(self._text, self._words, lexicon)
        dates = printed_dates(matches, lines)
        days = war_day_spans(matches, lines)
        dated_spans = tuple((printed.start, printed.end) for printed in dates)
        day_spans = tuple((start, end) for start, end, _ in days)
        items = find_items(matches, lines, (*dated_spans, *day_spans))
        groups = tuple(group_items(items, lines, matches))
        war_starts = tuple(printed.start for printed in dates if is_war_start(printed))
        opening = _opening(_best(groups), lines)
        found = find_evidence(
            page.text, matches, lines, dates, days, self._published, self._title, opening
        )
        evidence = with_named_day(page.text, matches, lines, found, self._published)
        undated = page.published_at is not None and evidence == []
        on_page = page.published_at.date() if page.published_at and undated else None
        dated = decide_date(evidence, self._published or on_page)
        if dated.report_date and dated.report_date >= FIRST_REPORT:
            day = dated.report_date - timedelta(days=1)
            of_losses = tuple(d.start for d in dates if d.in_year(d.year or day.year) == day)
            bands = Bands(load_envelope(), self._registry, dated.report_date, of_losses, war_starts)
            groups = settled(groups, bands, matches, lines)
        return PageReading(
            page=page,
            matches=matches,
            lines=lines,
            groups=groups,
            dated=dated,
            title=self._title,
            dates=dated_spans,
            days=day_spans,
            war_starts=war_starts,
        )


def _title_line(page: Page, lines: Sequence[Line]) -> int:
    """Return the number of the line that is the page's title; 0 where none is."""
    if page.title:
        for line in lines:
            if page.text[line.start : line.end].strip() == page.title:
                return line.index
        for line in lines:
            printed = page.text[line.start : line.end].strip()
            if len(printed) >= _LEAST_OF_TITLE and printed in page.title:
                return line.index
    return 0
