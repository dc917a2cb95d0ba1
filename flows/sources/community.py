"""The `community` source: the community data set, two files of JSON that hold every day."""

from collections.abc import Iterator
from datetime import date

from flows.errors import SourceError
from flows.settings import SourceConfig
from flows.sources.base import (
    DocumentReader,
    Fetch,
    Found,
    address_of,
    check_days,
    ready_with_url,
)

PLACEHOLDER = "{part}"
PARTS = ("equipment", "personnel")
"""What stands in the address for the two files, and where."""

state = ready_with_url


def find(
    config: SourceConfig,
    since: date | None,
    until: date | None,
    fetch: Fetch,
    reader: DocumentReader,
) -> Iterator[Found]:
    """Yield the files that have a day of the range; see `base.Kind.find`."""
    url = address_of(config)
    for address in dict.fromkeys(url.replace(PLACEHOLDER, part) for part in PARTS):
        try:
            document = fetch(config, address).document(config.name)
            check_days(document, since, until, reader)
        except SourceError as error:
            yield error
        else:
            yield document


def expected(config: SourceConfig, since: date | None, until: date) -> int:
    """Return how many files there are; see `base.Kind.expected`."""
    return len(PARTS)
