"""Times as pages, data, feeds and headers print them: aware, in UTC, of years that can be meant."""

import re
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

YEARS = range(1990, 2100)
"""The years of a time that a server or a page can mean.

Frameworks print the year 1 or 9999 for "no date", and neither can be moved to another zone.
"""

_LONGEST = 64
"""Characters of a printed time; the longest forms of RFC 5322 and ISO 8601 have some 40."""


_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
"""A date, with its dashes and in plain digits."""


def iso_moment(printed: object) -> datetime | None:
    """Return a time as ISO 8601 prints it; one without an offset stays naive.

    None for what is no text, no time, or a time of a year that nobody means.
    """
    if not isinstance(printed, str) or len(printed) > _LONGEST:
        return None
    try:
        moment = datetime.fromisoformat(printed.strip())
    except ValueError:
        return None
    if moment.year not in YEARS:
        return None
    return moment if moment.tzinfo is None else moment.astimezone(UTC)


def iso_date(printed: object) -> date | None:
    """Return a date as in 2023-10-09; None for anything else, and for years that nobody means."""
    if not isinstance(printed, str) or not _DATE.fullmatch(printed):
        return None
    try:
        day = date.fromisoformat(printed)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def in_utc(moment: datetime | None) -> datetime | None:
    """Return a time in UTC; what names no offset is taken as UTC."""
    return moment and (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def header_moment(printed: str) -> datetime | None:
    """Return a time as headers and feeds print it (RFC 5322), as `iso_moment` does."""
    if len(printed) > _LONGEST:
        return None
    try:
        moment = parsedate_to_datetime(printed)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if moment.year not in YEARS:
        return None
    return moment if moment.tzinfo is None else moment.astimezone(UTC)
