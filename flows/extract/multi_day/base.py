"""What a document that holds many days is taken apart into, and how its text is put together."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from schemas.records import Bulletin, Page, Passage


@dataclass(frozen=True, slots=True)
class Part:
    """One day, record or post: `start` and `end` are the offsets of its text in the page.

    `bulletin` is what it says, its offsets those of the page; None: its text is yet to be read.
    `day` is the date that it stands under, `published_at` its own time of publication (aware, UTC),
    if it has one. `optional`: it may be about something else, and is no error then. `forwarded`: it
    is somebody else's, and yields to what the document says itself. `passages` are those of its
    text, their offsets those of the page.
    """

    start: int
    end: int
    bulletin: Bulletin | None = None
    day: date | None = None
    published_at: datetime | None = None
    optional: bool = False
    forwarded: bool = False
    passages: tuple[Passage, ...] = ()


@dataclass(frozen=True, slots=True)
class Contents:
    """A document's text and its parts in the order of the text; no parts: an ordinary document."""

    page: Page
    parts: tuple[Part, ...] = ()


def assemble(pieces: Iterable[tuple[str, Part]]) -> Contents:
    """Put a text together from (text, part) pieces whose offsets count from their own beginning."""
    texts: list[str] = []
    parts: list[Part] = []
    offset = 0
    for text, part in pieces:
        texts.append(text)
        parts.append(_shifted(part, offset))
        offset += len(text)
    return Contents(Page("".join(texts)), tuple(parts))


def _shifted(part: Part, by: int) -> Part:
    """Return a part with all its offsets moved by as many characters."""
    bulletin = part.bulletin and moved(part.bulletin, by)
    passages = moved_passages(part.passages, by)
    return replace(
        part, start=part.start + by, end=part.end + by, bulletin=bulletin, passages=passages
    )


def moved_passages(passages: Iterable[Passage], by: int) -> tuple[Passage, ...]:
    """Return passages with their offsets moved by as many characters."""
    return tuple(Passage(kind, start + by, end + by) for kind, start, end in passages)


def moved(bulletin: Bulletin, by: int) -> Bulletin:
    """Return a bulletin with the offsets of its figures moved by as many characters."""
    figures = (replace(f, start=f.start + by, end=f.end + by) for f in bulletin.figures)
    return replace(bulletin, figures=tuple(figures))
