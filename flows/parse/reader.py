"""The reader of a run: every document is extracted once and parsed once, whoever asks for it.

A source asks which report dates a document holds, and the run reads what is taken: both have the
same reader. It may be used from several threads. Where the run has workers in other processes, they
read ahead of whoever asks; what a document says is the same wherever it is read.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import groupby
from threading import RLock
from typing import Generic, Protocol, TypeVar

from flows.aside import Remembered
from flows.extract.multi_day import Contents, Part
from flows.extract.prefilter_bytes import may_be_bulletins
from flows.extract.refusal import NotABulletin
from flows.extract.text import contents
from flows.parse.apart import interrupted, is_unusual, read_apart
from flows.parse.bulletin import read_contents, refusal
from flows.parse.guard import broken
from schemas.codes import OTHER_TEXTS, Reason
from schemas.records import Bulletin, ContentKey, Document

T = TypeVar("T")
R = TypeVar("R")

MOST_UNREAD = 8_000_000
"""So many characters of text wait to be parsed: some 200 pages of a month, 16 MB."""

MOST_REMEMBERED = 2_000
"""What so many documents say is kept in memory, more than a source has of the whole war: 40 MB."""

MOST_AHEAD = 400
AHEAD_BYTES = 8 * 2**20
"""Documents, and bytes of them, that a worker is given at a time: seconds of work, beside the third
of a second that Prefect and Dask take for a task."""


class Spread(Protocol):
    """`map` for work that is done elsewhere: the results come in the order of the items.

    An item comes with a name for people. The work is a function of a module, or a `partial` of one,
    and can be pickled, as items and results can; what it raises is raised here.
    """

    def __call__(self, work: Callable[[T], R], items: Iterable[tuple[str, T]]) -> Iterator[R]:
        """Yield what the work returns of each item; few items are taken ahead of the results."""
        ...


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


@dataclass(frozen=True, slots=True)
class _Ahead(Generic[T]):
    """Some items, and those of their documents that nobody has read yet."""

    items: list[T] = field(default_factory=list)
    unread: dict[ContentKey, Document] = field(default_factory=dict)


def _outcome_of(extracted: Contents, bulletins: tuple[Bulletin, ...]) -> _Outcome:
    dates = _dates_of_parts(extracted.parts)
    return _Outcome(bulletins, _dates_of(bulletins) if dates is None else dates)


class DocumentReader:
    """Remembers by content, type and date of publication what documents say: nothing else counts.

    Texts are forgotten as soon as they are parsed; bulletins are kept, older ones in a file.
    One thread reads at a time: Python would not parse two texts at once, and the lexicons remember
    words as they are read.
    """

    def __init__(
        self,
        known: Callable[[ContentKey], Bulletin | None] = lambda key: None,
        given_up: Collection[str] = (),
        spread: Spread | None = None,
    ) -> None:
        """`known` gives a refusal of this very version of the parser, by content: not read again.

        `given_up` are the hashes of documents whose reading was broken off too often to try again.
        `spread` has workers read ahead; None: there are none.
        """
        self._lock = RLock()
        self._spread = spread
        self._given_up = given_up
        self._apart: dict[ContentKey, Contents] = {}
        self._unread: dict[ContentKey, _Unread] = {}
        self._unread_characters = 0
        self._known = known
        self._outcomes: Remembered[ContentKey, _Outcome] = Remembered(MOST_REMEMBERED)

    @property
    def has_workers(self) -> bool:
        """Whether `search` can be asked: others read for this reader."""
        return self._spread is not None

    def ahead(self, items: Iterable[T], document_of: Callable[[T], Document | None]) -> Iterator[T]:
        """Yield the items in order, their documents read by then where there are workers.

        `document_of` gives the document of an item, its bytes included, or None. Without workers
        nothing is read here, nor taken before it is asked for.
        """
        if self._spread is None:
            yield from items
            return
        batches = self._batches(items, document_of)
        for has_unread, stretch in groupby(batches, key=lambda batch: bool(batch.unread)):
            for batch in self._read_elsewhere(self._spread, stretch) if has_unread else stretch:
                yield from batch.items

    def search(
        self, work: "Callable[[T, DocumentReader], R]", parts: Iterable[tuple[str, T]]
    ) -> Iterator[R]:
        """Yield what the work returns of each named part, in order; workers do it.

        Each has a reader of its own. Of what that reads, this one knows afterwards what may be
        bulletins. `work` is as `Spread` wants it.
        """
        assert self._spread
        searching = partial(_search, work, frozenset(self._given_up))
        for found, outcomes in self._spread(searching, parts):
            with self._lock:
                for key, outcome in outcomes.items():
                    if not self._outcomes.get(key):
                        self._outcomes[key] = outcome
            yield found

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
            outcome = self._known_outcome(key)
            if not outcome and is_unusual(document):
                outcome = self._outcomes[key] = self._read_apart(key, document)
            if outcome and (why := outcome.unread):
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
            if not outcome:
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
            if not self._known_outcome(key):
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

    def _batches(
        self, items: Iterable[T], document_of: Callable[[T], Document | None]
    ) -> Iterator[_Ahead[T]]:
        """Yield the items in batches for the workers; what comes before an error comes first."""
        batch: _Ahead[T] = _Ahead()
        size = 0
        try:
            for item in items:
                batch.items.append(item)
                if document := document_of(item):
                    size += len(document.content)
                    with self._lock:
                        if not self._known_outcome(key := content_key(document)):
                            batch.unread[key] = document
                if len(batch.items) >= MOST_AHEAD or size >= AHEAD_BYTES:
                    yield batch
                    batch, size = _Ahead(), 0
        except Exception:
            if batch.items:
                yield batch
            raise
        if batch.items:
            yield batch

    def _read_elsewhere(self, spread: Spread, batches: Iterable[_Ahead[T]]) -> Iterator[_Ahead[T]]:
        """Yield the batches in order, as their documents have been read by workers."""
        sent: deque[_Ahead[T]] = deque()

        def named() -> Iterator[tuple[str, list[Document]]]:
            first = 1
            for batch in batches:
                sent.append(batch)
                last = first + len(batch.unread) - 1
                yield f"read documents {first}-{last}", list(batch.unread.values())
                first = last + 1

        for outcomes in spread(partial(_read, frozenset(self._given_up)), named()):
            batch = sent.popleft()
            with self._lock:
                for key, outcome in zip(batch.unread, outcomes, strict=True):
                    self._take(key)
                    self._outcomes[key] = outcome
            yield batch

    def _outcome(self, document: Document) -> _Outcome:
        key = content_key(document)
        outcome = self._known_outcome(key)
        if outcome is None:
            outcome = self._outcomes[key] = self._parsed(key, document)
        return outcome

    def _known_outcome(self, key: ContentKey) -> _Outcome | None:
        outcome = self._outcomes.get(key)
        if outcome is None and (refused := self._known(key)):
            outcome = self._outcomes[key] = _Outcome((refused,), ())
        return outcome

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


_TURN = RLock()
"""A worker with several threads reads in one of them at a time, as a run does."""


def _read(given_up: frozenset[str], documents: Sequence[Document]) -> list[_Outcome]:
    """Read documents for another process."""
    reader = DocumentReader(given_up=given_up)
    with _TURN:
        return [reader._outcome(document) for document in documents]


def _search(
    work: Callable[[T, DocumentReader], R], given_up: frozenset[str], part: T
) -> tuple[R, Mapping[ContentKey, _Outcome]]:
    """Do the work for another process; return what was read, but for texts that are no bulletin."""
    reader = DocumentReader(given_up=given_up)
    with _TURN:
        found = work(part, reader)
    return found, {
        key: outcome
        for key, outcome in reader._outcomes.items()
        if any(bulletin.reason_code not in OTHER_TEXTS for bulletin in outcome.bulletins)
    }


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
