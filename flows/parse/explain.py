"""Explain: the text with each figure marked and named, and why each other number was left."""

import re
from collections.abc import Iterable, Iterator

from flows.extract.refusal import NotABulletin
from flows.extract.text import contents
from flows.parse.blocks import Group
from flows.parse.bulletin import parse, read_all, unknown_language
from flows.parse.items.item import Item
from flows.parse.page import PageReading, read_page
from schemas.records import Bulletin, Document, Figure
from schemas.registry import load_registry

_NUMBER = re.compile(r"\d[\d.,' \u00a0\u202f]*\d|\d")
"""A number as printed, grouped or not."""

_AROUND = 30
"""So much text is shown on either side of a number that was not taken."""

_PASSAGE = 26
"""So much of what introduces a list fits the column of reasons."""


def explain(document: Document) -> str:
    """Return how a document is read, for people.

    First the text, each figure as `[[passage]]<category total delta>`; then what was read of the
    date, the labels that nobody knows, and each number that was not taken, with the reason.
    """
    try:
        extracted = contents(document)
    except NotABulletin as error:
        return f"refused ({error.reason_code}): {error}\n"
    page = extracted.page
    if extracted.parts:
        bulletins = read_all(document)
        of_all = sorted((f for b in bulletins for f in b.figures), key=lambda figure: figure.start)
        return "\n".join([_marked(page.text, of_all), "", *map(_of_day, bulletins)]) + "\n"
    registry = load_registry()
    reading = read_page(page, document.published_on, registry)
    if reading is None:
        return f"{page.text}\n\n{_status(unknown_language(page))}\n"
    bulletin = parse(page, document.published_on, registry)
    marked = _marked(page.text, bulletin.figures)
    return "\n".join([marked, "", *_findings(bulletin, reading)]) + "\n"


def _status(bulletin: Bulletin) -> str:
    if bulletin.accepted:
        return bulletin.status
    return f"{bulletin.status} ({bulletin.reason_code}): {bulletin.reason}"


def _of_day(bulletin: Bulletin) -> str:
    status = _status(bulletin)
    if bulletin.accepted:
        status += f", {len(bulletin.figures)} figures"
    warnings = [warning.text for warning in bulletin.warnings]
    unknown = [f"unrecognized label {item.label!r}" for item in bulletin.unrecognized]
    return f"{bulletin.report_date}: " + "; ".join([status, *warnings, *unknown])


def _marked(text: str, figures: Iterable[Figure]) -> str:
    parts, done = [], 0
    for figure in figures:
        if figure.start >= done:
            passage = text[figure.start : figure.end]
            parts += [text[done : figure.start], f"[[{passage}]]<{_numbers(figure)}>"]
            done = figure.end
    return "".join([*parts, text[done:]])


def _numbers(figure: Figure) -> str:
    about = "about " if figure.approximate else ""
    total = "-" if figure.total is None else f"{about}{figure.total}"
    delta = "" if figure.delta is None else f" {figure.delta:+}"
    return f"{figure.category} {total}{delta}"


def _findings(bulletin: Bulletin, reading: PageReading) -> Iterator[str]:
    yield _status(bulletin)
    yield f"language: {bulletin.language}   report date: {bulletin.report_date}"
    yield f"evidence for the date: {'; '.join(bulletin.date_evidence) or 'none'}"
    for warning in bulletin.warnings:
        yield f"warning ({warning.code}): {warning.text}"
    for item in bulletin.unrecognized:
        yield f"unrecognized label: {item.label!r}, total {item.total}, delta {item.delta}"
    yield "numbers not taken:"
    yield from _not_taken(bulletin, reading)


def _not_taken(bulletin: Bulletin, reading: PageReading) -> Iterator[str]:
    text = reading.page.text
    for number in _NUMBER.finditer(text):
        if not any(f.start <= number.start() < f.end for f in bulletin.figures):
            context = text[max(number.start() - _AROUND, 0) : number.end() + _AROUND]
            reason = _reason(number.start(), bulletin, reading)
            yield f"  {number[0]:<12} {reason:<44} ...{' '.join(context.split())}..."


def _reason(offset: int, bulletin: Bulletin, reading: PageReading) -> str:
    """Return why the number at an offset is no figure."""
    if any(start <= offset < end for start, end in reading.dates):
        return "a date"
    if any(start <= offset < end for start, end in reading.days):
        return "a day of the war"
    for group in reading.groups:
        for item, _ in group.items:
            if item.start <= offset < item.end:
                return _delta_of(bulletin, item) or _reason_of_group(bulletin, reading, group)
    return "no label of a category beside it"


def _delta_of(bulletin: Bulletin, item: Item) -> str | None:
    """Say so where the number was taken after all, as the delta of a total elsewhere."""
    for figure in bulletin.figures:
        if figure.category in item.categories and figure.delta in (item.total, item.delta):
            return f"taken as the delta of {figure.category}" if figure.delta else None
    return None


def _reason_of_group(bulletin: Bulletin, reading: PageReading, group: Group) -> str:
    if group.introduced_by:
        return f"introduced by {group.introduced_by[:_PASSAGE]!r}"
    if group is reading.best:
        return "its label is unknown, or its role unclear" if bulletin.accepted else "refused"
    return "too few labels beside it" if reading.best is None else "not part of the list taken"
