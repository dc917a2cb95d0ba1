"""What a server's answer means: which status is which outcome, and which types are pages."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from flows.errors import NotPublishedYet, NotThePage, RateLimited, Refused, SourceError, Unreachable
from flows.moments import header_moment
from flows.redact import plain

_TYPES = frozenset({"text/html", "text/plain", "text/xml", "application/json", "application/xml"})
_SUFFIXES = ("+xml", "+json")
"""Pages, text, feeds and data: what the parser can read; the suffixes are those of RFC 6839."""

_REDIRECTS = (301, 302, 303, 307, 308)
"""The answers whose Location is followed (RFC 9110, 15.4); a 300 leaves the choice to a person."""

KEPT_REQUEST = ("user-agent", "accept", "accept-encoding", "if-none-match", "if-modified-since")
KEPT_RESPONSE = (
    "content-type",
    "content-encoding",
    "content-language",
    "content-location",
    "date",
    "age",
    "etag",
    "last-modified",
    "expires",
    "cache-control",
)
"""The headers that matter for the provenance; none of them is secret, as cookies are."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said: the status, its headers by lower-case name, the body of a 200.

    `seconds` is how long the exchange took.
    """

    status: int
    reason: str
    headers: Mapping[str, str]
    content: bytes = field(default=b"", repr=False)
    seconds: float = 0.0

    @property
    def location(self) -> str | None:
        """Where a redirect points to; None for any other answer."""
        return self.headers.get("location") if self.status in _REDIRECTS else None


def is_readable(media_type: str) -> bool:
    """Whether a content type is that of a page, a text, JSON or a feed."""
    essence = media_type.partition(";")[0].strip().lower()
    return essence in _TYPES or essence.endswith(_SUFFIXES)


def kept(headers: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Return those of the headers, in the order of `names`."""
    return {name: headers[name] for name in names if name in headers}


def failure(answer: Answer, where: str, now: datetime, *, dated: bool = False) -> SourceError:
    """Return the error of an answer that is neither a page nor a redirect, got `now` (aware).

    `where` begins the message, `dated` says whether the address holds one date's page.
    """
    message = f"{where}: the server answered {answer.status} {plain(answer.reason)}".rstrip()
    error = _error_of(answer.status, dated)(message)
    error.retry_after = retry_after(answer.headers.get("retry-after"), now)
    return error


def _error_of(code: int, dated: bool) -> type[SourceError]:
    if code in (404, 410):
        return NotPublishedYet if dated else NotThePage
    if code == 429:
        return RateLimited
    if code in (401, 403, 407, 451):
        return Refused
    return Unreachable if code >= 500 else NotThePage


def retry_after(value: str | None, now: datetime) -> float | None:
    """Return the seconds of a Retry-After header, a number or a date; None where it says nothing.

    `now` is an aware datetime.
    """
    if value is None:
        return None
    seconds = value.strip()
    if seconds.isascii() and seconds.isdigit():
        return float(seconds)
    moment = header_moment(value)
    if moment is None or moment.tzinfo is None:
        return None
    return max(0.0, (moment - now).total_seconds())
