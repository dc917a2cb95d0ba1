"""One bulletin for each report date, where a document says several things of one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from schemas.codes import OTHER_TEXTS, BulletinWarningCode, Reason
from schemas.envelope import load_envelope
from schemas.records import FIRST_REPORT, Bulletin, BulletinWarning

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_DAY = timedelta(days=1)

_FEWEST_DIFFERING = 3
"""Two totals that differ may be corrections."""

_REPEATED = "the document prints {} twice with other totals: the date of this list is not advanced"
_MISDATED = Bulletin("refused", reason_code=Reason.DATE_REPEATED)


def one_a_day(bulletins: Iterable[Bulletin]) -> tuple[Bulletin, ...]:
    """Return the bulletins with one for each report date, in the order of their first appearance.

    Of several accepted ones the one published last stands, the first of equals, and warns where
    another differs; it warns of refused ones, too. Where most of their totals differ, one of them
    is of another day, its date not advanced: the one stands that the days beside it and the
    envelope support, and the others come last, refused. Refused ones alone become one with all
    reasons: the first of those that are not about something else, if any is not, so that an
    unreadable bulletin is never taken for another text. What some places have of a day before the
    first bulletin is left out, with a warning at the first day after it.
    """
    by_date: dict[date | None, list[Bulletin]] = {}
    for bulletin in bulletins:
        by_date.setdefault(bulletin.report_date, []).append(bulletin)
    misdated: list[Bulletin] = []
    for day, same_date in by_date.items():
        if day and len(same_date) > 1:
            beside = [by_date.get(day + step, ()) for step in (-_DAY, _DAY)]
            others = _misdated(same_date, *beside)
            misdated += [replace(_MISDATED, reason=_REPEATED.format(day)) for _ in others]
            by_date[day] = [bulletin for bulletin in same_date if bulletin not in others]
    if misdated:
        by_date[None] = [*by_date.get(None, ()), *misdated]
    return _from_the_first([_merged(same_date) for same_date in by_date.values()])


def _misdated(
    same_date: Sequence[Bulletin], before: Sequence[Bulletin], after: Sequence[Bulletin]
) -> list[Bulletin]:
    """Return those of a date whose totals contradict the one that fits best."""
    accepted = [bulletin for bulletin in same_date if bulletin.accepted]
    latest = max(accepted, key=_published, default=None)
    rivals = [b for b in accepted if latest and _contradicts(b, latest)]
    if latest is None or not rivals:
        return []

    def worth(bulletin: Bulletin) -> tuple[int, int, datetime]:
        return _fit(bulletin, before, after), _inside(bulletin), _published(bulletin)

    best = max((latest, *rivals), key=worth)
    return [bulletin for bulletin in accepted if _contradicts(bulletin, best)]


def _published(bulletin: Bulletin) -> datetime:
    return bulletin.published_at or _EARLIEST


def _contradicts(bulletin: Bulletin, other: Bulletin) -> bool:
    """Whether most of the totals that both print differ: no correction of a figure or two."""
    totals, others = _totals(bulletin), _totals(other)
    shared = totals.keys() & others.keys()
    differing = sum(totals[category] != others[category] for category in shared)
    return differing >= _FEWEST_DIFFERING and 2 * differing > len(shared)


def _fit(bulletin: Bulletin, before: Sequence[Bulletin], after: Sequence[Bulletin]) -> int:
    """Return how many figures lead on from the day before, or to the day after."""
    own = _numbers(bulletin)
    links = [(own, _totals(other)) for other in before]
    links += [(_numbers(other), _totals(bulletin)) for other in after]
    return sum(
        total is not None and delta is not None and earlier.get(category) == total - delta
        for numbers, earlier in links
        for category, (total, delta) in numbers.items()
    )


def _inside(bulletin: Bulletin) -> int:
    """Return how many totals lie within the envelope of the date."""
    day, envelope = bulletin.report_date, load_envelope()
    bands = ((total, day and envelope.band(name, day)) for name, total in _totals(bulletin).items())
    return sum(band.holds(total) for total, band in bands if band)


def _totals(bulletin: Bulletin) -> dict[str, int]:
    return {f.category: f.total for f in bulletin.figures if f.total is not None}


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
    latest = max(accepted, key=_published)
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
