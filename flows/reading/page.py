"""A page read in the language that fits it best: its dates and its groups of items."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from flows.reading.dates import Dated, decide_date, find_evidence, printed_dates, war_day_spans
from flows.reading.focus import focus
from flows.reading.items import find_items
from flows.reading.lexicon import Lexicon, Lexicons
from flows.reading.lines import Line, lines_of
from flows.reading.scope import Group, group_items
from schemas.records import Page
from schemas.registry import Registry

_ENOUGH_TO_TELL = 4_000
_SHORT = 4_000
_LANGUAGES_TRIED = 3
_FEW_WORDS = 6


@dataclass(frozen=True)
class PageReading:
    """A page read in one language: the folded text, its lines and its groups of items.

    `title` is the number of the line that is the title; `dates` and `days` are the offsets of
    the printed dates and war days, whose digits count nothing.
    """

    lexicon: Lexicon
    page: Page
    text: str
    lines: tuple[Line, ...]
    groups: tuple[Group, ...]
    dated: Dated
    title: int
    dates: tuple[tuple[int, int], ...]
    days: tuple[tuple[int, int], ...]

    @property
    def best(self) -> Group | None:
        """The group that is the bulletin: the most totals, the most labels; the first of equals."""
        fit = [group for group in self.groups if group.is_bulletin]
        return max(fit, key=lambda group: group.weight, default=None)


@lru_cache(maxsize=4)
def _lexicons(registry: Registry) -> Lexicons:
    return Lexicons(registry)


def read_page(page: Page, published: date | None, registry: Registry) -> PageReading | None:
    """Return the reading with the most categories, the languages tried in order of likelihood.

    Neighbours such as Spanish and Portuguese share labels: where one of two languages that fit
    alike says that the list is another's, the other cannot overrule it. None where the language
    is none that is known.
    """
    text = focus(page.text)
    lexicons = _lexicons(registry)
    codes, alike = _likely_languages(text, lexicons)
    best: PageReading | None = None
    for place, code in enumerate(codes):
        reading = _read_in(lexicons[code], page, text, published)
        if any(group.other and group.is_list_of_losses for group in reading.groups):
            best = best if best and best.best and place >= alike else reading
            break
        if best is None or _score(reading) > _score(best):
            best = reading
        if place + 1 >= alike and any(group.is_bulletin for group in reading.groups):
            break
    return best


def _score(reading: PageReading) -> int:
    return len(reading.best.categories) if reading.best else 0


def _likely_languages(text: str, lexicons: Lexicons) -> tuple[list[str], int]:
    """Return the likeliest languages, and how many of them fit about alike.

    They are told by how many of their frequent words the text holds. A bare list holds few: it may
    be in any language.
    """
    score = lexicons.frequencies(text.lstrip()[:_ENOUGH_TO_TELL])
    ranked = sorted(score, key=lambda code: -score[code])
    most = score[ranked[0]]
    if most < _FEW_WORDS and len(text) <= _SHORT:
        return ranked, len(ranked)
    likely = [code for code in ranked if 2 * score[code] >= most > 0][:_LANGUAGES_TRIED]
    return likely, sum(5 * score[code] >= 4 * most for code in likely)


def _read_in(lexicon: Lexicon, page: Page, text: str, published: date | None) -> PageReading:
    lines = lines_of(page.text, text)
    dates = printed_dates(text, lines, lexicon)
    days = war_day_spans(text, lines, lexicon)
    title = _title_line(page, lines)
    evidence = find_evidence(page.text, text, lines, dates, days, lexicon, published, title)
    known = published or (page.published_at.date() if page.published_at and not evidence else None)
    dated_spans = tuple((printed.start, printed.end) for printed in dates)
    day_spans = tuple((start, end) for start, end, _ in days)
    items = find_items(text, lines, (*dated_spans, *day_spans), lexicon)
    groups = group_items(items, text, lines, lexicon)
    return PageReading(
        lexicon=lexicon,
        page=page,
        text=text,
        lines=tuple(lines),
        groups=tuple(groups),
        dated=decide_date(evidence, known),
        title=title,
        dates=dated_spans,
        days=day_spans,
    )


def _title_line(page: Page, lines: Sequence[Line]) -> int:
    """Return the number of the line that is the page's title; 0 where none is."""
    if page.title:
        for line in lines:
            if page.text[line.start : line.end].strip() == page.title:
                return line.index
    return 0
