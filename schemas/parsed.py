"""What `tallybook parse` prints of a bulletin: the documented shape of what a document says."""

from datetime import date

import msgspec

from schemas.codes import Reason
from schemas.records import Bulletin, BulletinWarning, Figure, Unrecognized


class ParsedBulletin(msgspec.Struct, frozen=True):
    """A bulletin as it is read in a document: `status` is "accepted" or "refused".

    `reason_code` and `reason` are null where it is accepted; a refused one may carry what was read
    before. `complete`: every category in force that day is printed. Of a figure `delta` is null
    where none is printed and 0 where a zero is, `total` null where only a delta is printed;
    `start` and `end` are offsets, in characters, of the passage in the extracted text.
    `unrecognized` are items whose label nobody knows. With --jsonl the "id" of the line comes
    first.
    """

    status: str
    reason_code: Reason | None
    reason: str | None
    report_date: date | None
    date_evidence: tuple[str, ...]
    war_day: int | None
    language: str | None
    complete: bool
    headlines: tuple[str, ...]
    figures: tuple[Figure, ...]
    unrecognized: tuple[Unrecognized, ...]
    warnings: tuple[BulletinWarning, ...]


def parsed(bulletin: Bulletin) -> ParsedBulletin:
    """Return what is printed of a bulletin."""
    names = ParsedBulletin.__struct_fields__
    return ParsedBulletin(**{name: getattr(bulletin, name) for name in names})
