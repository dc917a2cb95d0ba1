"""Parse: from a page's text to the figures of the bulletin, or to the reason why it is none."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from flows.errors import NotThePage
from flows.extract import extract
from flows.reading.collect import Collector, PageReading
from flows.reading.dates import decide_date, find_evidence, printed_dates, war_day_spans
from flows.reading.fold import fold
from flows.reading.items import find_items
from flows.reading.lexicon import Lexicons
from flows.reading.lines import Line, lines_of
from flows.reading.scope import FEWEST_CATEGORIES, Group, group_items
from schemas.records import Bulletin, Document, Page, war_day
from schemas.registry import load_registry

NOT_THE_BULLETIN = "not the bulletin: no list of losses stands in the text"
AMBIGUOUS = "ambiguous: the text does not say whether its numbers are totals or one day's losses"
UNKNOWN_LANGUAGE = "not the bulletin: its language is none that Tallybook reads"
_ENOUGH_TO_TELL = 10_000
_SHORT = 4_000
_LANGUAGES_TRIED = 3
_FEW_WORDS = 6
_FEWEST_NUMBERS = 2
_NUMBER = re.compile(r"\d+")
_LONGEST_HEADLINE = 200


@cache
def _lexicons() -> Lexicons:
    return Lexicons(load_registry())


def read(document: Document) -> Bulletin:
    """Extract and parse a document. Bad content gives a refused bulletin with the reason."""
    try:
        page = extract(document)
    except NotThePage as error:
        return Bulletin(status="refused", reason=str(error))
    return parse(page, document.published_on)


def parse(page: Page, published: date | None = None) -> Bulletin:
    """Read the bulletin in a page's text.

    `published` is the publication date that the caller knows; it dates a text that names no date
    and is evidence beside one that does. The result is refused, with the reason in a sentence,
    where the text is not this bulletin or its date is not determined.
    """
    text = fold(page.text)
    if len(_NUMBER.findall(text)) < _FEWEST_NUMBERS:
        return Bulletin(status="refused", reason=NOT_THE_BULLETIN, title=page.title)
    reading = _read_best_language(page, text, published)
    if reading is None:
        return Bulletin(status="refused", reason=UNKNOWN_LANGUAGE, title=page.title)
    return _bulletin(reading)


def _read_best_language(page: Page, text: str, published: date | None) -> PageReading | None:
    """Return the reading with the most categories, the languages tried in order of likelihood.

    Neighbours such as Spanish and Portuguese share labels: where one of two languages that fit
    alike says that the list is another's, the other cannot overrule it.
    """
    codes, alike = _likely_languages(text)
    best: PageReading | None = None
    for place, code in enumerate(codes):
        reading = _read_in(code, page, text, published)
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


def _likely_languages(text: str) -> tuple[list[str], int]:
    """Return the likeliest languages, and how many of them fit about alike.

    They are told by how many of their frequent words the text holds. A bare list holds few: it may
    be in any language.
    """
    score = _lexicons().frequencies(text[:_ENOUGH_TO_TELL])
    ranked = sorted(score, key=lambda code: -score[code])
    most = score[ranked[0]]
    if most < _FEW_WORDS and len(text) <= _SHORT:
        return ranked, len(ranked)
    likely = [code for code in ranked if 2 * score[code] >= most > 0][:_LANGUAGES_TRIED]
    return likely, sum(5 * score[code] >= 4 * most for code in likely)


def _read_in(code: str, page: Page, text: str, published: date | None) -> PageReading:
    lexicon = _lexicons()[code]
    lines = lines_of(page.text, text)
    dates = printed_dates(text, lexicon)
    days = war_day_spans(text, lines, lexicon)
    title = _title_line(page, lines)
    evidence = find_evidence(page.text, text, lines, dates, days, lexicon, published, title)
    known = published or (page.published_at.date() if page.published_at and not evidence else None)
    masked = [(d.start, d.end) for d in dates] + [(start, end) for start, end, _ in days]
    items = find_items(text, lines, masked, lexicon)
    groups = group_items(items, text, lines, lexicon)
    dated = decide_date(evidence, known)
    return PageReading(lexicon, page, text, tuple(lines), tuple(groups), dated, title)


def _title_line(page: Page, lines: Sequence[Line]) -> int:
    """Return the number of the line that is the page's title; 0 where none is."""
    if page.title:
        for line in lines:
            if page.text[line.start : line.end].strip() == page.title:
                return line.index
    return 0


def _bulletin(reading: PageReading) -> Bulletin:
    page, dated, group = reading.page, reading.dated, reading.best
    found = Bulletin(
        status="refused",
        report_date=dated.report_date,
        date_evidence=dated.evidence,
        war_day=dated.war_day,
        language=reading.lexicon.language.code,
        title=page.title or _line(reading, reading.title),
        published_at=page.published_at,
        headlines=_headlines(reading),
        warnings=dated.warnings,
    )
    if group is None:
        return replace(found, reason=_why_not(reading))
    if dated.report_date is None:
        return replace(found, reason=dated.reason)
    return _accept(found, reading, group, dated.report_date)


def _why_not(reading: PageReading) -> str:
    for group in reading.groups:
        if group.other and len(group.categories) >= FEWEST_CATEGORIES:
            return f"not the bulletin: the list of losses is introduced by {group.other!r}"
    return NOT_THE_BULLETIN


def _accept(found: Bulletin, reading: PageReading, group: Group, report_date: date) -> Bulletin:
    registry = load_registry()
    collector = Collector(reading, registry, report_date)
    collector.take(group)
    collector.take_elsewhere(group)
    collector.take_personnel()
    figures = collector.figures()
    if not figures or (collector.unclear and len(figures) < FEWEST_CATEGORIES):
        return replace(found, reason=AMBIGUOUS, warnings=tuple(collector.warnings))
    printed = {figure.category for figure in figures if figure.total is not None}
    missing = registry.required(report_date) - printed
    return replace(
        found,
        status="accepted",
        war_day=found.war_day if found.war_day is not None else war_day(report_date),
        complete=not missing,
        figures=figures,
        unrecognized=tuple(collector.unrecognized),
        warnings=(*found.warnings, *dict.fromkeys(collector.warnings)),
    )


def _line(reading: PageReading, index: int) -> str | None:
    if index >= len(reading.lines):
        return None
    line = reading.lines[index]
    return reading.page.text[line.start : line.end].strip()


def _headlines(reading: PageReading) -> tuple[str, ...]:
    """Return the summary headlines: the lines, no sentences, that follow a title ending in ":"."""
    heads = range(reading.title, min(reading.title + 3, len(reading.lines)))
    head = next((n for n in heads if _introduces(reading, n)), None)
    if head is None:
        return ()
    headlines: list[str] = []
    for index in range(head + 1, len(reading.lines)):
        line = _line(reading, index) or ""
        if line.endswith((".", "!", "?", ":", ";", '"', "”")) or len(line) > _LONGEST_HEADLINE:
            break
        headlines.append(line)
    return tuple(headlines)


def _introduces(reading: PageReading, index: int) -> bool:
    return (_line(reading, index) or "").endswith(":")
