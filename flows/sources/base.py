"""What every source kind provides, and what it is handed to reach the network and read a page."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol, TypeVar

from flows.errors import NotThePage, SourceError, Unreachable, UsageError, WrongDay, why
from flows.settings import SourceConfig, kyiv_date
from schemas.records import WAR_START, Bulletin, Document

T = TypeVar("T")
R = TypeVar("R")

PLACEHOLDERS = {"{date}": "%Y-%m-%d", "{year}": "%Y", "{month}": "%m", "{day}": "%d"}
"""What may stand in an address for a part of the date, and how it is written."""

LATE = timedelta(days=3)
"""A bulletin is published, corrected or re-posted on its report date or up to this much later."""

Found = Document | SourceError
"""A document, or why one that should be there could not be taken; it never stops the others."""


class FetchedPage(Protocol):
    """A page that was fetched, as far as a source has to know it."""

    @property
    def content(self) -> bytes:
        """Its decoded body."""
        ...

    @property
    def fetched_at(self) -> datetime:
        """The moment at which it was as it is (aware, UTC): earlier for a copy of the archive."""
        ...

    def document(self, source: str, published_on: date | None = None) -> Document:
        """Return the page as a document of a source, with its provenance."""
        ...


class Fetch(Protocol):
    """How a source reaches the network: `flows.fetch.fetcher.Fetcher`, or a task around it."""

    def __call__(
        self, config: SourceConfig, url: str, *, dated: bool = False, final: bool = False
    ) -> FetchedPage:
        """Return the page at `url`; raise a SourceError, or UsageError for a wrong configuration.

        `dated` says that the address holds one date's page: not found is not published yet.
        `final` says that the page does not change any more: what the archive holds of it since
        it was final is returned without a request. Make the document that is archived with
        `FetchedPage.document`: it carries what the next request needs to know.
        """
        ...


class ContentPart(Protocol):
    """One day, record or post of a document that holds many."""

    @property
    def published_at(self) -> datetime | None:
        """Its own time of publication (aware, UTC), None where it names none."""
        ...


class Contents(Protocol):
    """What a document is taken apart into."""

    @property
    def parts(self) -> Sequence[ContentPart]:
        """Its days, records or posts in the order of the text; none of an ordinary document."""
        ...


class DocumentReader(Protocol):
    """What a source may ask of what it has found: `flows.parse.reader.DocumentReader`.

    A source decides by the dates which documents a run needs; what else they say is none of its
    business. It may be used from several threads.
    """

    def report_dates(self, document: Document) -> tuple[date, ...]:
        """Return the report dates of the bulletins that can be read, in order; none is no error."""
        ...

    def breaks(self, document: Document) -> bool:
        """Whether the reader makes a mistake on it, so that nobody knows which dates it holds."""
        ...

    def read_all(self, document: Document) -> tuple[Bulletin, ...]:
        """Return a bulletin for each report date, refused where it cannot be read; never none."""
        ...

    def contents(self, document: Document) -> Contents:
        """Take a document apart. Raises NotThePage for one that is no text."""
        ...

    def may_be_bulletins(self, pages: Sequence[bytes]) -> list[bool]:
        """Return of each page, in any encoding, whether it can hold the list of a bulletin.

        It is quick, and never says no to a page that does.
        """
        ...

    @property
    def has_workers(self) -> bool:
        """Whether others read for this reader, in other processes: whether `search` works."""
        ...

    def ahead(self, items: Iterable[T], document_of: Callable[[T], Document | None]) -> Iterator[T]:
        """Yield the items in order, their documents read by then where there are workers."""
        ...

    def search(
        self, work: "Callable[[T, DocumentReader], R]", parts: Iterable[tuple[str, T]]
    ) -> Iterator[R]:
        """Yield what the work returns of each named part, in order; workers do it.

        Each has a reader of its own. The work is a function of a module, or a `partial` of one, and
        can be pickled, as the parts and what it returns can.
        """
        ...


class Kind(Protocol):
    """A module of `flows.sources`: it knows where documents are, and nothing else."""

    def find(
        self,
        config: SourceConfig,
        since: date | None,
        until: date | None,
        fetch: Fetch,
        reader: DocumentReader,
    ) -> Iterator[Found]:
        """Yield the documents for the report dates from `since` to `until`, both inclusive.

        None is no bound; a day's run asks for one day. Raises SourceError where the source as
        a whole gives nothing, UsageError where it is not configured. Any other error is a mistake
        of the module: it is not caught here, so that whoever runs the source can log it.
        """
        ...

    def expected(self, config: SourceConfig, since: date | None, until: date) -> int | None:
        """Return about how many documents `find` will yield, for a progress bar; None: who knows.

        `until` is the last report date of the range, today where the range has no end.
        """
        ...

    def state(self, config: SourceConfig) -> str:
        """Return in a few words whether the source can be used; opens no connection."""
        ...


def within(day: date | None, since: date | None, until: date | None) -> bool:
    """Whether `day` lies in the range, both ends inclusive; no day lies in an open range only."""
    if day is None:
        return since is None and until is None
    return (since is None or since <= day) and (until is None or day <= until)


def check_days(
    document: Document, since: date | None, until: date | None, reader: DocumentReader
) -> None:
    """Raise WrongDay or NotThePage, naming what it holds, unless a day of the range is in it.

    A document without any bulletin passes: it is archived and refused with the reason.
    """
    days = reader.report_dates(document)
    if not days or any(within(day, since, until) for day in days):
        return
    if since is not None and days[-1] < since:
        raise WrongDay(f"{document.url}: the latest bulletin is that of {days[-1]}")
    held = f"the bulletin of {days[0]}"
    if len(days) > 1:
        held = f"{len(days)} bulletins of {days[0]} to {days[-1]}"
    raise NotThePage(f"{document.url}: holds {held}; for that use --date {days[-1]}")


def is_final(day: date, now: datetime) -> bool:
    """Whether what was published for `day` does not change any more at an aware moment."""
    return day + LATE < kyiv_date(now)


def some_days_after(day: date) -> date:
    """Return the last day on which what belongs to `day` may be published; see `LATE`."""
    return day + min(LATE, date.max - day)


def fill_date(url: str, day: date) -> str:
    """Return an address with {date}, {year}, {month} and {day} replaced, as in 2023-10-09."""
    for placeholder, form in PLACEHOLDERS.items():
        url = url.replace(placeholder, day.strftime(form))
    return url


def depends_on_date(url: str) -> bool:
    """Whether an address has a part that stands for the date."""
    return any(placeholder in url for placeholder in PLACEHOLDERS)


def address_of(config: SourceConfig) -> str:
    """Return the configured url. Raises UsageError where there is none."""
    if config.url is None:
        raise UsageError(f"the source {config.name!r} needs a url in sources.toml")
    return config.url


def unknown_number(config: SourceConfig, since: date | None, until: date) -> None:
    """Say that nobody knows how many documents there will be; see `Kind.expected`."""


def days_of(since: date | None, until: date) -> int:
    """Return how many days a range has, from the first day of the war at the earliest."""
    return max((until - max(since or WAR_START, WAR_START)).days + 1, 0)


def ready_with_url(config: SourceConfig) -> str:
    """Return the state of a source of which nothing but its url can be said offline."""
    return "ready" if config.url else "needs a url in sources.toml"


def root_of(config: SourceConfig, what: str = "folder") -> Path:
    """Return where a source on disk lies, which is a `what`.

    Raises UsageError where no path is configured, Unreachable if nothing is there.
    """
    if config.path is None:
        raise UsageError(f"the source {config.name!r} needs a path in sources.toml")
    root = Path(config.path)
    if not root.exists():
        raise Unreachable(f"{root}: there is no such {what}")
    return root


def files_below(root: Path, wanted: Callable[[Path], bool]) -> Iterator[Path]:
    """Yield the files below a folder that are wanted, sorted; a file is itself.

    Only names are kept of those to come. Raises UsageError, before it yields any, for a folder that
    may not be listed: what is in it would be missing silently.
    """

    def unreadable(error: OSError) -> None:
        raise UsageError(f"{error.filename}: cannot be listed: {why(error)}") from error

    if root.is_file():
        yield root
        return
    listed = {
        Path(folder): (set(folders), sorted([*folders, *names]))
        for folder, folders, names in os.walk(root, onerror=unreadable)
    }

    folders, names = listed.pop(root)
    open_folders = [(folders, map(root.joinpath, names))]
    while open_folders:
        folders, paths = open_folders[-1]
        path = next(paths, None)
        if path is None:
            open_folders.pop()
        elif path.name not in folders:
            if wanted(path):
                yield path
        elif path in listed:  # and not what a link leads to
            folders, names = listed.pop(path)
            open_folders.append((folders, map(path.joinpath, names)))
