"""What every source kind provides, and what it is given to reach the network."""

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING, Protocol

from flows.errors import SourceError
from flows.parse import read
from flows.settings import SourceConfig
from schemas.records import Document

if TYPE_CHECKING:  # an archive on disk is read without the HTTP client
    from flows.fetch import Fetched

Found = Document | SourceError
"""A document, or why one that should be there could not be taken; it never stops the others."""


class Fetch(Protocol):
    """How a source reaches the network: `flows.fetch.fetch`, or a Prefect task around it."""

    def __call__(self, config: SourceConfig, url: str, *, dated: bool) -> "Fetched":
        """Return the page at `url`; raise one of the errors of `flows.fetch.fetch`."""
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

    def state(self, config: SourceConfig) -> str:
        """Return in a few words whether the source can be used; opens no connection."""
        ...


def within(day: date | None, since: date | None, until: date | None) -> bool:
    """Whether `day` lies in the range, both ends inclusive; no day lies in an open range only."""
    if day is None:
        return since is None and until is None
    return (since is None or since <= day) and (until is None or day <= until)


def report_date(document: Document, otherwise: date | None) -> date | None:
    """Return the report date that an accepted document prints, else the given date."""
    bulletin = read(document)
    return bulletin.report_date if bulletin.accepted else otherwise
