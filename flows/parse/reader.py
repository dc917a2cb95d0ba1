"""The reader of a run: every document is extracted once and parsed once, whoever asks for it.

A source asks which report dates a document holds, and the run reads what is taken: both have the
same reader. It may be used from several threads.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date
from threading import RLock

from flows.extract.multi_day import Contents, Part
from flows.extract.prefilter_bytes import may_be_bulletins
from flows.extract.refusal import NotABulletin
from flows.extract.text import contents
from flows.parse.apart import interrupted, is_unusual, read_apart
from flows.parse.bulletin import read_contents, refusal
from flows.parse.guard import broken
from schemas.codes import Reason
from schemas.records import Bulletin, ContentKey, Document

MOST_UNREAD = 8_000_000
"""So many characters of text wait to be parsed: some 200 pages of a month, 16 MB."""


@dataclass(frozen=True, slots=True)
class _Unread:
    """What was extracted, because somebody asked for its parts, and is not parsed yet."""

    document: Document
    contents: Contents


@dataclass(frozen=True, slots=True)
class _Outcome:
    bulletins: tuple[Bulletin, ...]
    dates: tuple[date, ...]

    @property
    def unread(self) -> tuple[Reason, str] | None:
        """Why the document as a whole could not be read, for no fault of its own; else None."""
        alone = self.bulletins[0] if len(self.bulletins) == 1 else None
        if alone is None or alone.reason_code not in _UNREAD:
            return None
        return alone.reason_code, alone.reason or ""


_UNREAD = (Reason.READER_ERROR, Reason.INTERRUPTED)
"""The reasons that say nothing of a document, but of its reading."""


def _outcome_of(extracted: Contents, bulletins: tuple[Bulletin, ...]) -> _Outcome:
    dates = _dates_of_parts(extracted.parts)
    return _Outcome(bulletins, _dates_of(bulletins) if dates is None else dates)


class DocumentReader:
    """Remembers by content, type and date of publication what documents say: nothing else counts.

    Texts are forgotten as soon as they are parsed; bulletins are kept, for the run has them anyway.
    One thread reads at a time: Python would not parse two texts at once, and the lexicons remember
    words as they are read.
    """

    def __init__(
        self,
        known: Callable[[ContentKey], Bulletin | None] = lambda key: None,
        given_up: Collection[str] = (),
    ) -> None:
        """`known` gives a refusal of this very version of the parser, by content: not read again.

        `given_up` are the hashes of documents whose reading was broken off too often to try again.
        """
        self._lock = RLock()
        self._given_up = given_up
        self._apart: dict[ContentKey, Contents] = {}
        self._unread: dict[ContentKey, _Unread] = {}
        self._unread_characters = 0
        self._known = known
        self._outcomes: dict[ContentKey, _Outcome] = {}

    def may_be_bulletins(self, pages: Sequence[bytes]) -> list[bool]:
        """Return of each page, in any encoding, whether it can hold the list of a bulletin.

        It is quick, and never says no to a page that does.
        """
        return may_be_bulletins(pages)

    def contents(self, document: Document) -> Contents:
        """Return the text of a document and its parts.

        Raises NotABulletin where it has none, or none that can be read.
        """
        key = content_key(document)
        with self._lock:
            if key in self._unread:
                return self._unread[key].contents
            if not self._is_known(key) and is_unusual(document):
                self._outcomes[key] = self._read_apart(key, document)
            if key in self._outcomes and (why := self._outcomes[key].unread):
                raise NotABulletin(*why)
            if key in self._apart:
                return self._apart[key]
            try:
                extracted = contents(document)
            except NotABulletin as error:
                self._outcomes[key] = _Outcome((refusal(error),), ())
                raise
            except Exception as error:
                refused = broken(error, document)
                self._outcomes[key] = _Outcome((refused,), ())
                raise NotABulletin(Reason.READER_ERROR, refused.reason or "") from error
            if key not in self._outcomes:
                self._keep(key, _Unread(document, extracted))
            return extracted

    def read_all(self, document: Document) -> tuple[Bulletin, ...]:
        """Return what `flows.parse.bulletin.read_all` does, and never raise for the document.

        One that it makes a mistake on gives a refused bulletin, `reader_error`.
        """
        with self._lock:
            return self._outcome(document).bulletins

    def report_dates(self, document: Document) -> tuple[date, ...]:
        """Return the report dates of the bulletins in a document, in order; those that can be read.

        Where the parts of a document stand under their dates, these are taken as they are, and
        nothing is parsed yet. A document that holds no text has none.
        """
        key = content_key(document)
        with self._lock:
            if not self._is_known(key):
                try:
                    dates = _dates_of_parts(self.contents(document).parts)
                except NotABulletin:
                    return ()
                if dates is not None:
                    return dates
            return self._outcome(document).dates

    def breaks(self, document: Document) -> bool:
        """Whether the document, or a part of it, could not be read for no fault of its own."""
        with self._lock:
            bulletins = self._outcome(document).bulletins
            return any(bulletin.reason_code in _UNREAD for bulletin in bulletins)

    def _outcome(self, document: Document) -> _Outcome:
        key = content_key(document)
        if not self._is_known(key):
            self._outcomes[key] = self._parsed(key, document)
        return self._outcomes[key]

    def _is_known(self, key: ContentKey) -> bool:
        if key not in self._outcomes and (refused := self._known(key)):
            self._outcomes[key] = _Outcome((refused,), ())
        return key in self._outcomes

    def _read_apart(self, key: ContentKey, document: Document) -> _Outcome:
        if document.sha256 in self._given_up:
            return _Outcome((interrupted(),), ())
        read = read_apart(document)
        if read.contents is None:
            return _Outcome(read.bulletins, ())
        self._apart[key] = read.contents
        return _outcome_of(read.contents, read.bulletins)

    def _parsed(self, key: ContentKey, document: Document) -> _Outcome:
        if key not in self._unread and is_unusual(document):
            return self._read_apart(key, document)
        try:
            extracted = self._take(key) or contents(document)
            bulletins = read_contents(extracted, document)
        except NotABulletin as error:
            return _Outcome((refusal(error),), ())
        except Exception as error:
            return _Outcome((broken(error, document),), ())
        return _outcome_of(extracted, bulletins)

    def _keep(self, key: ContentKey, unread: _Unread) -> None:
        """Keep an extracted text until it is parsed; where they are too many, parse the oldest."""
        self._unread[key] = unread
        self._unread_characters += len(unread.contents.page.text)
        while self._unread_characters > MOST_UNREAD:
            self._outcome(next(iter(self._unread.values())).document)

    def _take(self, key: ContentKey) -> Contents | None:
        unread = self._unread.pop(key, None)
        if unread is None:
            return None
        self._unread_characters -= len(unread.contents.page.text)
        return unread.contents


def content_key(document: Document) -> ContentKey:
    """Return what decides how a document reads: its content, its type, when it was published."""
    return document.sha256, document.media_type, document.published_on


def _dates_of_parts(parts: Sequence[Part]) -> tuple[date, ...] | None:
    """Return the dates that the parts of a document stand under; None where they do not."""
    if not parts or not all(part.day or part.bulletin for part in parts):
        return None
    dated = {part.day for part in parts if part.day}
    read = _dates_of([part.bulletin for part in parts if part.bulletin and not part.day])
    return tuple(sorted(dated.union(read)))


def _dates_of(bulletins: Sequence[Bulletin]) -> tuple[date, ...]:
    return tuple(sorted({b.report_date for b in bulletins if b.accepted and b.report_date}))
