"""One bulletin for each report date, where a document says several things of one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from schemas.records import FIRST_REPORT, Bulletin

_EARLIEST = datetime.min.replace(tzinfo=UTC)


def one_a_day(bulletins: Iterable[Bulletin]) -> tuple[Bulletin, ...]:
    """Return the bulletins with one for each report date, in the order of their first appearance.

    Of several accepted ones the one published last stands, the first of equals, and warns where
    another differs; it warns of refused ones, too. Refused ones alone become one with all reasons.
    What some places have of a day before the first bulletin is left out, with a warning at the
    first day after it.
    """
    days: dict[date | None, list[Bulletin]] = {}
    for bulletin in bulletins:
        days.setdefault(bulletin.report_date, []).append(bulletin)
    return _from_the_first([_one(found) for found in days.values()])


def _from_the_first(bulletins: Sequence[Bulletin]) -> tuple[Bulletin, ...]:
    kept = [b for b in bulletins if not b.report_date or b.report_date >= FIRST_REPORT]
    if not kept or len(kept) == len(bulletins):
        return tuple(bulletins)
    first = min(kept, key=lambda bulletin: bulletin.report_date or date.max)
    warning = f"figures of a day before the first bulletin, that of {FIRST_REPORT}, are left out"
    told = replace(first, warnings=(*first.warnings, warning))
    return tuple(told if bulletin is first else bulletin for bulletin in kept)


def _one(found: Sequence[Bulletin]) -> Bulletin:
    accepted = [bulletin for bulletin in found if bulletin.accepted]
    reasons = dict.fromkeys(b.reason for b in found if b.reason)
    if not accepted:
        return replace(found[0], reason="; ".join(reasons))
    taken = max(accepted, key=lambda bulletin: bulletin.published_at or _EARLIEST)
    differing = sum(_numbers(bulletin) != _numbers(taken) for bulletin in accepted)
    warnings = [f"printed again and not readable there: {reason}" for reason in reasons]
    if differing:
        warnings.append(_differs(taken, differing))
    return replace(taken, warnings=(*taken.warnings, *warnings))


def _differs(taken: Bulletin, differing: int) -> str:
    which = f"that of {taken.published_at:%H:%M} UTC" if taken.published_at else "the first"
    return f"the document has {differing + 1} different lists for this date; {which} is taken"


def _numbers(bulletin: Bulletin) -> dict[str, tuple[int | None, int | None]]:
    return {figure.category: (figure.total, figure.delta) for figure in bulletin.figures}
