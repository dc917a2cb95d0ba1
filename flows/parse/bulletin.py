"""Parse: from a page's text to the figures of the bulletin, or to the reason why it is none."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from flows.extract.multi_day import Contents, Part, moved, moved_passages, one_a_day
from flows.extract.refusal import NotABulletin
from flows.extract.text import contents, extract, may_hold_more
from flows.parse.blocks import Group
from flows.parse.guard import broken
from flows.parse.items.item import FEWEST_CATEGORIES
from flows.parse.other_language import other_language
from flows.parse.page import PageReading, read_page
from flows.parse.several import may_be_several, parted, second_list
from flows.parse.tell import FIRST_WEEKS, Teller, may_be_sourced
from flows.parse.text.own import quotes_numbers
from flows.parse.unread import unread_numbers
from flows.settings import kyiv_date
from schemas.codes import OTHER_TEXTS, Reason
from schemas.records import Bulletin, Document, Figure, Page, war_day
from schemas.registry import Registry, load_registry

_NO_LIST = "not the bulletin: no list of losses stands in the text"
_ROUNDED = "not the bulletin: all its totals are rounded, as those of a review are"
_BELOW = "not the bulletin: most of the list lies far below the totals of {}"
_UNSUPPORTED = "not the bulletin: its language{} is none that Tallybook reads"
_AMBIGUOUS = "ambiguous: the text does not say whether its numbers are totals or one day's losses"

_TWO_NUMBERS = re.compile(r"\d\D+\d")
"""A text without two numbers is no list: most pages of other news end here."""

_LINES_TO_TITLE = 3
"""A title that introduces headlines is one of so many lines: a date or a place may stand above."""

_LONGEST_HEADLINE = 200
"""A longer line is a paragraph; the longest headline that is known has 79 characters."""


_SEVERAL_DAYS = 2
"""Lists of so many days make several bulletins of a text."""


def read(document: Document) -> Bulletin:
    """Extract and parse a document that is one bulletin; bad content gives a refused one.

    Where the article holds no bulletin, the whole page is read, menus and sidebars too. A document
    that holds several days is refused: they are for `read_all`.
    """
    bulletins = read_all(document)
    if len(bulletins) == 1:
        return bulletins[0]
    sentence = f"not one bulletin, but those of {len(bulletins)} days"
    return Bulletin("refused", sentence, Reason.MANY_DAYS)


def read_all(document: Document) -> tuple[Bulletin, ...]:
    """Extract and parse a document, whatever it is: one bulletin for each report date, the first
    of the text first; one alone for an ordinary document, and never none.

    A day of the document that cannot be read gives a refused bulletin in its place, with its date
    if that is known. Offsets of figures are those of the whole document's extracted text.
    """
    try:
        return read_contents(contents(document), document)
    except NotABulletin as error:
        return (refusal(error),)


def read_contents(extracted: Contents, document: Document) -> tuple[Bulletin, ...]:
    """Parse the contents of a document, as `read_all` does. Raises NotABulletin."""
    if not extracted.parts:
        return _lists(extracted.page, document, _read_page(extracted.page, document))
    bulletins = one_a_day(_read_parts(extracted, document))
    if bulletins:
        return bulletins
    sentence = f"not the bulletin: none of its {len(extracted.parts)} parts is one"
    return (Bulletin("refused", sentence, Reason.NO_LIST),)


def refusal(error: NotABulletin) -> Bulletin:
    """Return the refused bulletin of a document that no text can be taken from."""
    return Bulletin("refused", str(error), error.reason_code)


def _read_parts(extracted: Contents, document: Document) -> Iterator[Bulletin]:
    """Yield what each part says; one that cannot be read for a mistake of ours stops no other."""
    for part in extracted.parts:
        try:
            bulletin = part.bulletin or _read_part(extracted.page, part)
        except Exception as error:
            what = broken(error, document, f"reading the part at {part.start}")
            bulletin = replace(what, report_date=part.day, published_at=part.published_at)
        if not (part.optional and bulletin.reason_code in OTHER_TEXTS):
            yield bulletin


def _read_part(page: Page, part: Part) -> Bulletin:
    own = Page(
        page.text[part.start : part.end],
        published_at=None if part.forwarded else part.published_at,
        passages=moved_passages(part.passages, -part.start),
    )
    published = part.day or (part.published_at and kyiv_date(part.published_at))
    return moved(parse(own, published), part.start)


def _lists(page: Page, document: Document, bulletin: Bulletin) -> tuple[Bulletin, ...]:
    """Return the bulletins of a text that reads as one: several, if it has lists of several days.

    Lists that cannot be told apart by their dates stay together; the gate knows what to do.
    """
    reading = None
    if may_be_several(bulletin):
        reading = read_page(page, document.published_on, load_registry())
    at = second_list(reading) if reading else None
    if at is None:
        return (bulletin,)
    above, below = parted(page, at)
    first = parse(above, document.published_on)
    rest = _lists(below, document, parse(below, document.published_on))
    parts = (first, *(moved(one, at) for one in rest))
    dated = {part.report_date for part in parts if part.accepted and _names_its_day(part, page)}
    if len(dated) < _SEVERAL_DAYS or len(dated) < len(parts):
        return (bulletin,)
    return parts


def _names_its_day(bulletin: Bulletin, page: Page) -> bool:
    """Whether the text itself says of what day a bulletin is, not only when it was published."""
    return any(quote in page.text for quote in bulletin.date_evidence)


def _read_page(page: Page, document: Document) -> Bulletin:
    bulletin = parse(page, document.published_on)
    if bulletin.reason_code is not Reason.NO_LIST or not may_hold_more(document):
        return bulletin
    whole = extract(document, whole=True)
    beside = parse(whole, document.published_on)
    return beside if beside.accepted else bulletin


def parse(page: Page, published: date | None = None, registry: Registry | None = None) -> Bulletin:
    """Read the bulletin in a page's text.

    `published` is the publication date that the caller knows; it dates a text that names no date
    and is evidence beside one that does. The result is refused, with the reason as a code and in a
    sentence, where the text is not this bulletin or its date is not determined.
    """
    registry = registry or load_registry()
    if not _TWO_NUMBERS.search(page.text):
        return Bulletin("refused", _NO_LIST, Reason.NO_LIST, title=page.title)
    reading = read_page(page, published, registry)
    bulletin = bulletin_of(reading, registry) if reading else unknown_language(page)
    if bulletin.accepted and len(bulletin.figures) >= FEWEST_CATEGORIES:
        return bulletin
    return _with_quotes(page, published, registry, bulletin) if quotes_numbers(page) else bulletin


def _with_quotes(page: Page, published: date | None, registry: Registry, own: Bulletin) -> Bulletin:
    """Return the bulletin that a page quotes, where its own text has none of that date, or less.

    "The General Staff said:" above a quoted list; but no list of the day before below a note.
    """
    reading = read_page(page, published, registry, with_quotes=True)
    quoted = bulletin_of(reading, registry) if reading else own
    more = len(quoted.figures) > len(own.figures)
    same = not own.accepted or (own.report_date == quoted.report_date and _agree(own, quoted))
    return quoted if quoted.accepted and more and same else own


def _agree(bulletin: Bulletin, other: Bulletin) -> bool:
    totals = {figure.category: figure.total for figure in other.figures}
    return all(totals.get(f.category, f.total) in (f.total, None) for f in bulletin.figures)


def unknown_language(page: Page) -> Bulletin:
    """Return the refused bulletin of a page in a language that is not read, named where known."""
    name = other_language(page.text)
    sentence = _UNSUPPORTED.format(f", {name}," if name else "")
    return Bulletin("refused", sentence, Reason.LANGUAGE_UNSUPPORTED, title=page.title)


def bulletin_of(reading: PageReading, registry: Registry) -> Bulletin:
    """Return what a page reads as: the bulletin, or the reason why it is none."""
    page, dated, group = reading.page, reading.dated, reading.best
    refused = Bulletin(
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
    if reading.lexicon.language.spaceless and other_language(page.text):
        return unknown_language(page)  # Japanese shares signs with Chinese
    if dated.report_date is None:
        code, sentence = (dated.reason_code, dated.reason) if group else _why_not(reading)
        return replace(refused, reason=sentence, reason_code=code)
    if group and not _is_beside_period(reading, group):
        bulletin = _with_figures(refused, reading, group, dated.report_date, registry)
        if bulletin.reason_code is not Reason.AMBIGUOUS_NUMBERS:
            return bulletin
    else:
        code, sentence = _why_not(reading)
        bulletin = replace(refused, reason=sentence, reason_code=code)
    return _note(refused, reading, dated.report_date, registry) or bulletin


def _note(
    refused: Bulletin, reading: PageReading, report_date: date, registry: Registry
) -> Bulletin | None:
    """Return the bulletin of a text that tells few figures: of soldiers alone, or both sides.

    It has to name the source or the day since when is counted, and its totals lie within the
    envelope; a rounded total alone is a review's, as is one without a day's losses below a title
    about a month. None where it is no such text.
    """
    if not may_be_sourced(reading):
        return None
    collector = Teller(reading, registry, report_date)
    collector.take_note()
    figures = collector.figures()
    of_a_day = any(figure.delta is not None for figure in figures)
    of_period = war_day(report_date) > FIRST_WEEKS and _is_of_period(reading, _head(reading))
    if not figures or (of_period and not of_a_day):
        return None
    return _accepted(refused, collector, report_date, registry)


def _is_beside_period(reading: PageReading, group: Group) -> bool:
    """Whether a longer list of a week or a month stands beside a day's losses.

    "Over the week ...: 62 tanks, ... On Sunday it lost 930 soldiers, four tanks."
    """
    introduced = [other for other in reading.groups if other.introduced_by]
    if not introduced or any(role == "total" for _, role in group.items):
        return False
    return any(
        other.introduced_by
        and len(other.categories) > len(group.categories)
        and not _speaks(reading, other.introduced_by)
        for other in introduced
    )


def _is_of_period(reading: PageReading, span: tuple[int, int]) -> bool:
    """Whether a passage says that a text is about a week or a month."""
    passages = reading.matches.not_the_bulletin.within(*span)
    return any(not _speaks(reading, passage[0]) for passage in passages)


def _speaks(reading: PageReading, passage: str) -> bool:
    """Whether a passage names who speaks, the other side say, and no period."""
    index = reading.lexicon.index
    return any(index.anywhere(name).search(passage) for name in ("other_speaker", "concession"))


def _head(reading: PageReading) -> tuple[int, int]:
    """Return the offsets of the title: a sentence, where it is a paragraph."""
    return reading.lines[reading.title].sentences[0]


def _why_not(reading: PageReading) -> tuple[Reason, str]:
    for group in reading.groups:
        if group.introduced_by and group.is_list_of_losses:
            passage = group.introduced_by
            sentence = f"not the bulletin: the list of losses is introduced by {passage!r}"
            return Reason.OTHER_LIST, sentence
    if any(group.is_below and group.is_list_of_losses for group in reading.groups):
        return Reason.BELOW_ENVELOPE, _BELOW.format(reading.dated.report_date)
    if (name := other_language(reading.page.text)) is not None:
        named = f", {name}," if name else ""
        return Reason.LANGUAGE_UNSUPPORTED, _UNSUPPORTED.format(named)
    return Reason.NO_LIST, _NO_LIST


def _with_figures(
    refused: Bulletin, reading: PageReading, group: Group, report_date: date, registry: Registry
) -> Bulletin:
    """Return the bulletin with its figures, accepted unless they are none of the bulletin's."""
    collector = Teller(reading, registry, report_date)
    collector.take(group)
    collector.take_elsewhere(group)
    collector.take_approximate()
    collector.take_statements()
    figures = collector.figures()
    if not figures or (collector.unclear and len(figures) < FEWEST_CATEGORIES):
        return replace(
            refused,
            reason=_AMBIGUOUS,
            reason_code=Reason.AMBIGUOUS_NUMBERS,
            warnings=tuple(collector.warnings),
        )
    if _all_rounded(figures, registry):
        return replace(refused, reason=_ROUNDED, reason_code=Reason.ROUNDED)
    return _accepted(refused, collector, report_date, registry)


def _accepted(
    refused: Bulletin, collector: Teller, report_date: date, registry: Registry
) -> Bulletin:
    """Return the accepted bulletin with what was collected."""
    figures = collector.figures()
    printed = registry.required(report_date)
    unread = unread_numbers(collector.reading, collector.bands, printed, figures)
    figures = _with_totals(figures, unread.figures)
    missing = printed - {figure.category for figure in figures if figure.total is not None}
    return replace(
        refused,
        status="accepted",
        war_day=refused.war_day if refused.war_day is not None else war_day(report_date),
        complete=not missing,
        figures=figures,
        unrecognized=tuple(collector.unrecognized),
        warnings=(*refused.warnings, *dict.fromkeys((*collector.warnings, *unread.warnings))),
    )


def _with_totals(figures: Sequence[Figure], totals: Sequence[Figure]) -> tuple[Figure, ...]:
    """Add totals that stood apart; a category whose delta is known without a total keeps that."""
    deltas = {figure.category: figure.delta for figure in figures if figure.total is None}
    added = [
        total if total.delta is not None else replace(total, delta=deltas.get(total.category))
        for total in totals
    ]
    whole = {total.category for total in totals}
    kept = [figure for figure in figures if figure.category not in whole]
    return tuple(sorted((*kept, *added), key=lambda figure: figure.start))


def _all_rounded(figures: Sequence[Figure], registry: Registry) -> bool:
    """Whether there is no exact figure: "over 3,000 tanks, 6,000 vehicles, 2,000 guns, 420 MLRS".

    The bulletin's totals are printed to the last digit, its soldiers to the nearest ten.
    """
    totals = [(f.total, f.approximate) for f in figures if f.total is not None]
    if len(totals) <= FEWEST_CATEGORIES or any(f.delta is not None for f in figures):
        return False
    estimates = [f.total for f in figures if f.category in registry.approximate and f.total]
    if any(total % 1000 for total in estimates):
        return False
    if any(total % 10 and not about for total, about in totals):
        return False
    return 2 * sum(about or total % 100 == 0 for total, about in totals) >= len(totals)


def _line(reading: PageReading, index: int) -> str | None:
    if index >= len(reading.lines):
        return None
    line = reading.lines[index]
    return reading.page.text[line.start : line.end].strip()


def _headlines(reading: PageReading) -> tuple[str, ...]:
    """Return the summary headlines: the lines, no sentences, that follow a title ending in ":"."""
    heads = range(reading.title, min(reading.title + _LINES_TO_TITLE, len(reading.lines)))
    head = next((n for n in heads if (_line(reading, n) or "").endswith(":")), None)
    if head is None:
        return ()
    headlines: list[str] = []
    for index in range(head + 1, len(reading.lines)):
        line = _line(reading, index) or ""
        if line.endswith((".", "!", "?", ":", ";", '"', "”")) or len(line) > _LONGEST_HEADLINE:
            break
        headlines.append(line)
    return tuple(headlines)
