"""What every source kind provides, and what it is given to reach the network."""

import os
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from flows.errors import NotThePage, SourceError, Unreachable, UsageError, WrongDay
from flows.extract.text import contents
from flows.parse.bulletin import read_all
from flows.settings import SourceConfig, kyiv_date
from schemas.records import WAR_START, Bulletin, Document

if TYPE_CHECKING:  # an archive on disk is read without the HTTP client
    from flows.fetch.fetcher import Fetched

PLACES = {"{date}": "%Y-%m-%d", "{year}": "%Y", "{month}": "%m", "{day}": "%d"}
"""What may stand in an address for a part of the date, and how it is written."""

LATE = timedelta(days=3)
"""A bulletin is published, corrected or re-posted on its report date or up to this much later."""

Found = Document | SourceError
"""A document, or why one that should be there could not be taken; it never stops the others."""


class Fetch(Protocol):
    """How a source reaches the network: `flows.fetch.Fetcher`, or a Prefect task around it."""

    def __call__(
        self, config: SourceConfig, url: str, *, dated: bool = False, settled: bool = False
    ) -> "Fetched":
        """Return the page at `url`; raise one of the errors of `flows.fetch.fetcher.fetch`.

        `dated` says that the address holds one date's page: not found is not published yet.
        `settled` says that the page does not change any more: what the archive holds of it since
        it was settled is returned without a request. Make the document that is archived with
        `Fetched.document`: it carries the provenance, and what the next request needs to know.
        """
        ...


class Kind(Protocol):
    """A module of `flows.sources`: it knows where documents are, and nothing else."""

    def find(
        self, config: SourceConfig, since: date | None, until: date | None, fetch: Fetch
    ) -> Iterator[Found]:
        """Yield the documents for the report dates from `since` to `until`, both inclusive.

        None is no bound; a day's run asks for one day. Raises SourceError where the source as
        a whole gives nothing, UsageError where it is not configured.
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


def report_dates(document: Document) -> tuple[date, ...]:
    """Return the report dates of the bulletins in a document, in order; those that can be read.

    Where the parts of a document stand under their dates, these are taken as they are.
    """
    try:
        parts = contents(document).parts
    except NotThePage:
        return ()
    if parts and all(part.day or part.bulletin for part in parts):
        dates = [part.day or _date(part.bulletin) for part in parts]
    else:
        dates = [_date(bulletin) for bulletin in read_all(document)]
    return tuple(sorted({day for day in dates if day}))


def _date(bulletin: Bulletin | None) -> date | None:
    return bulletin.report_date if bulletin and bulletin.accepted else None


def check_days(document: Document, since: date | None, until: date | None) -> None:
    """Raise WrongDay or NotThePage, naming what was found, unless a day of the range is in it.

    A document without any bulletin passes: it is archived and refused with the reason.
    """
    days = report_dates(document)
    if not days or any(within(day, since, until) for day in days):
        return
    if since is not None and days[-1] < since:
        raise WrongDay(f"{document.url}: the latest bulletin is that of {days[-1]}")
    raise NotThePage(f"{document.url}: holds {_shown(days)}; for that use --date {days[-1]}")


def _shown(days: tuple[date, ...]) -> str:
    if len(days) == 1:
        return f"the bulletin of {days[0]}"
    return f"{len(days)} bulletins of {days[0]} to {days[-1]}"


def is_settled(day: date, now: datetime) -> bool:
    """Whether what was published for `day` does not change any more at an aware moment."""
    return day + LATE < kyiv_date(now)


def fill(url: str, day: date) -> str:
    """Return an address with {date}, {year}, {month} and {day} replaced, as in 2023-10-09."""
    for place in PLACES:
        url = url.replace(place, day.strftime(PLACES[place]))
    return url


def has_place(url: str) -> bool:
    """Whether an address depends on the date."""
    return any(place in url for place in PLACES)


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
    """Yield the files below a folder that are wanted, sorted; a file is itself."""
    if root.is_file():
        yield root
        return
    found = (Path(folder, name) for folder, _, names in os.walk(root) for name in names)
    yield from sorted(path for path in found if wanted(path))
