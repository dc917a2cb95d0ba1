"""One bulletin for each report date, where a document says several things of one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from schemas.codes import OTHER_TEXTS, BulletinWarningCode
from schemas.records import FIRST_REPORT, Bulletin, BulletinWarning

_EARLIEST = datetime.min.replace(tzinfo=UTC)


def one_a_day(bulletins: Iterable[Bulletin]) -> tuple[Bulletin, ...]:
    """Return the bulletins with one for each report date, in the order of their first appearance.

    Of several accepted ones the one published last stands, the first of equals, and warns where
    another differs; it warns of refused ones, too. Refused ones alone become one with all reasons:
    the first of those that are not about something else, if any is not, so that an unreadable
    bulletin is never taken for another text. What some places have of a day before the first
    bulletin is left out, with a warning at the first day after it.
    """
    by_date: dict[date | None, list[Bulletin]] = {}
    for bulletin in bulletins:
        by_date.setdefault(bulletin.report_date, []).append(bulletin)
    return _from_the_first([_merged(same_date) for same_date in by_date.values()])


def _from_the_first(bulletins: Sequence[Bulletin]) -> tuple[Bulletin, ...]:
    kept = [b for b in bulletins if not b.report_date or b.report_date >= FIRST_REPORT]
    if not kept or len(kept) == len(bulletins):
        return tuple(bulletins)
    first = min(kept, key=lambda bulletin: bulletin.report_date or date.max)
    warning = BulletinWarning(
        BulletinWarningCode.BEFORE_FIRST_REPORT,
        f"figures of a day before the first bulletin, that of {FIRST_REPORT}, are left out",
    )
    warned = replace(first, warnings=(*first.warnings, warning))
    return tuple(warned if bulletin is first else bulletin for bulletin in kept)


def _merged(same_date: Sequence[Bulletin]) -> Bulletin:
    accepted = [bulletin for bulletin in same_date if bulletin.accepted]
    if not accepted:
        return _refused(same_date)
    latest = max(accepted, key=lambda bulletin: bulletin.published_at or _EARLIEST)
    reasons = dict.fromkeys(bulletin.reason for bulletin in same_date if bulletin.reason)
    warnings = [
        BulletinWarning(
            BulletinWarningCode.READ_AGAIN_UNREADABLE,
            f"printed again and not readable there: {reason}",
        )
        for reason in reasons
    ]
    differing = sum(_numbers(bulletin) != _numbers(latest) for bulletin in accepted)
    if differing:
        warnings.append(_differs(latest, differing))
    return replace(latest, warnings=(*latest.warnings, *warnings))


def _refused(refused: Sequence[Bulletin]) -> Bulletin:
    """Return one refused bulletin for several, its reason first and then those of the others."""
    unreadable = (bulletin for bulletin in refused if bulletin.reason_code not in OTHER_TEXTS)
    first = next(unreadable, refused[0])
    reasons = dict.fromkeys(bulletin.reason for bulletin in (first, *refused) if bulletin.reason)
    return replace(first, reason="; ".join(reasons))


def _differs(latest: Bulletin, differing: int) -> BulletinWarning:
    which = f"that of {latest.published_at:%H:%M} UTC" if latest.published_at else "the first"
    return BulletinWarning(
        BulletinWarningCode.LISTS_DIFFER,
        f"the document has {differing + 1} different lists for this date; {which} is taken",
    )


def _numbers(bulletin: Bulletin) -> dict[str, tuple[int | None, int | None]]:
    return {figure.category: (figure.total, figure.delta) for figure in bulletin.figures}
