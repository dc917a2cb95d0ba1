"""The Atom feed: new days with what is to be said of them, and published values that changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from flows.report.day_summary import CHECKED, revision_words
from flows.report.site.addresses import day_address
from flows.report.site.content import SiteContent, SiteDay
from schemas.codes import DeltaStatus

MOST_REVISIONS = 100
"""Changed values that the feed tells of, the latest: a newer parser may change thousands."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the feed; `address` is relative to the site, `updated` aware, in UTC."""

    id: str
    title: str
    updated: datetime
    address: str
    text: str


def entries(content: SiteContent) -> list[Entry]:
    """Return the entries, the newest first."""
    found = [*_days(content), *_revisions(content)]
    return sorted(found, key=lambda entry: (entry.updated, entry.id), reverse=True)


def _days(content: SiteContent) -> Iterator[Entry]:
    for day in content.days:
        if day.known_since:
            yield Entry(
                id=f"urn:tallybook:day:{day.report_date}",
                title=f"{day.report_date}: {_adding_up(day)}",
                updated=day.known_since,
                address=day_address(day.report_date),
                text="; ".join(day.remarks) or "Nothing is to be said of this day.",
            )


def _adding_up(day: SiteDay) -> str:
    checked = [one.row for one in day.rows if one.row.delta_status in CHECKED]
    if not checked:
        return "no figure could be checked"
    adding_up = sum(row.delta_status is not DeltaStatus.MISMATCH for row in checked)
    return f"{adding_up} of {len(checked)} figures add up"


def _revisions(content: SiteContent) -> Iterator[Entry]:
    for one in content.revisions[-MOST_REVISIONS:]:
        what = f"{one.report_date}:{one.category}:{one.field}"
        yield Entry(
            id=f"urn:tallybook:revision:{what}:{one.seen_at:%Y%m%dT%H%M%S%f}",
            title=f"{one.report_date} changed: {one.category.replace('_', ' ')}",
            updated=one.seen_at,
            address=day_address(one.report_date),
            text=revision_words(one, content.registry),
        )
