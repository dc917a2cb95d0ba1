"""Decision: the one report date that the evidence supports, or the reason why there is none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flows.parse.dates.evidence import LATE, MOST_DATES, Evidence
from schemas.codes import BulletinWarningCode, Reason
from schemas.records import BulletinWarning, war_day

_PAST = timedelta(days=7)
"""A date further back is an older day, no misprint: "on 25 March Moscow admitted 1,351 dead"."""

_ENOUGH = 2
"""More passages than this outweigh one that contradicts them."""


_TOO_MANY = f"no report date: the text names more than {MOST_DATES} dates"


@dataclass(frozen=True, slots=True)
class Dated:
    """What the evidence says together: the date, or the reason why there is none."""

    report_date: date | None
    war_day: int | None
    evidence: tuple[str, ...]
    warnings: tuple[BulletinWarning, ...]
    reason: str | None = None
    reason_code: Reason | None = None


def decide_date(evidence: Sequence[Evidence] | None, published: date | None) -> Dated:
    """Decide by where the dates stand: one report date, or the reason why there is none.

    What opens the list and the title decide; where they agree, nothing else can contradict them.
    Where they do not, or say nothing, all that the text says is weighed. A date alone in the line
    below the title is that of the publication; so it decides only where the text says nothing.
    Where it names too many dates (None), none is taken.
    """
    if evidence is None or len(evidence) > MOST_DATES:
        return Dated(None, None, (), (), _TOO_MANY, Reason.TOO_COMPLEX)
    if not evidence:
        return _from_publication(published)
    datelines = [e for e in evidence if e.place == "dateline"]
    published = published or next((e.report_date for e in datelines), None)
    said = [
        e
        for e in evidence
        if e.place != "dateline" and not _is_day_of_losses(e, evidence, published)
    ] or datelines
    if not said:  # only the day of the losses is named
        return _from_publication(published)
    first = [e for e in said if e.place in ("list", "title")]
    if ambiguous := next((e for e in first or said if e.other), None):
        return _ambiguous(ambiguous)
    dated = _weighed(first, published) if first else None
    if dated is None or dated.report_date is None:
        dated = _weighed(said, published)
    if dated.report_date is None and (opening := _opening(said, published)):
        dated = _weighed(opening, published)
    return _with_others(dated, evidence)


def _ambiguous(evidence: Evidence) -> Dated:
    reason = (
        f"the report date is ambiguous: {evidence.text!r} is {evidence.report_date} or "
        f"{evidence.other}, and neither the publication nor a war day says which"
    )
    return Dated(None, None, (evidence.text,), (), reason, Reason.DATE_AMBIGUOUS)


def _is_day_of_losses(
    evidence: Evidence, others: Sequence[Evidence], published: date | None
) -> bool:
    """Whether a date without a cue is the day before the report: "on September 1 it lost".

    It is where the text was published, or says that it is of, soon after.
    """
    later = [e.report_date for e in others if e is not evidence and e.place != "lead"]
    later += [published] if published else []
    return evidence.place == "lead" and any(
        timedelta(0) < day - evidence.report_date <= LATE for day in later
    )


def _opening(evidence: Sequence[Evidence], published: date | None) -> list[Evidence]:
    """Return what opens the list, if it agrees with itself, with the publication and war day."""
    opening = [e for e in evidence if e.place == "list" and e.day is None]
    agreed = {e.report_date for e in opening}
    if len(agreed) != 1 or published not in agreed:
        return []
    days = [e for e in evidence if e.day is not None]
    return opening if all(_supports(e, opening[0].report_date) for e in days) else []


def _with_others(dated: Dated, evidence: Sequence[Evidence]) -> Dated:
    """Add what the passages say that did not decide: support, or a warning."""
    best = dated.report_date
    if best is None:
        return dated
    others = [e for e in evidence if e.text not in dated.evidence]
    support = [e.text for e in others if _supports(e, best)]
    against = [e for e in others if not _supports(e, best) and e.place == "text"]
    warnings = [
        BulletinWarning(
            BulletinWarningCode.DATE_CONTRADICTED,
            f"{e.text!r} contradicts {best}, which the title or the opening of the list says",
        )
        for e in against
    ]
    return replace(
        dated,
        evidence=tuple(dict.fromkeys((*dated.evidence, *support))),
        warnings=tuple(dict.fromkeys((*dated.warnings, *warnings))),
    )


def _weighed(evidence: Sequence[Evidence], published: date | None) -> Dated:
    """Weigh passages: one date that all of them support, or the reason why there is none.

    A war day that is off by one supports the date with a warning. A date that only one passage
    contradicts stands, with a warning, where three or more support it, or two and the publication
    date; that date alone is enough against a day more than a week before. Where the text says
    nothing, the publication date decides.
    """
    passages = tuple(dict.fromkeys(e.text for e in evidence))
    best = _best_supported(evidence)
    day = next((e.day for e in evidence if e.day is not None), None)
    against = [e for e in evidence if not _supports(e, best)]
    supports = len({e.text for e in evidence}) - len({e.text for e in against})
    supports += supports > 1 and published == best
    sure = supports > _ENOUGH or (
        published == best and all(best - e.report_date > _PAST for e in against)
    )
    if any(e.day is not None for e in against) or (against and (not sure or len(against) > 1)):
        reason = _contradiction(best, evidence, against)
        return Dated(None, day, passages, (), reason, Reason.DATE_CONFLICT)
    warnings = [
        BulletinWarning(
            BulletinWarningCode.WAR_DAY_OFF,
            f"the text prints {e.text!r}, but {best} is war day {war_day(best)}",
        )
        for e in evidence
        if e.day is not None and e.day != war_day(best)
    ]
    warnings += [
        BulletinWarning(
            BulletinWarningCode.DATE_CONTRADICTED,
            f"{e.text!r} contradicts {best}, which {supports} passages support",
        )
        for e in against
    ]
    return _with_publication(Dated(best, day, passages, tuple(dict.fromkeys(warnings))), published)


def _best_supported(evidence: Sequence[Evidence]) -> date:
    """Return the date that most passages name; a printed date weighs more than a day number."""
    votes: Counter[date] = Counter()
    for passage in {(e.text, e.report_date): e for e in evidence}.values():
        votes[passage.report_date] += 2 if passage.day is None else 1
    return max(votes, key=lambda d: (votes[d], d))


def _supports(evidence: Evidence, best: date) -> bool:
    if evidence.day is not None:
        return abs(evidence.day - war_day(best)) <= 1
    return evidence.report_date == best


def _contradiction(best: date, evidence: Sequence[Evidence], against: Sequence[Evidence]) -> str:
    wrong = against[0]
    supporting = next((e.text for e in evidence if e not in against), str(best))
    return (
        f"the evidence for the report date conflicts: {supporting!r} says {best} "
        f"(war day {war_day(best)}), {wrong.text!r} says {wrong.report_date} "
        f"(war day {war_day(wrong.report_date)})"
    )


def _from_publication(published: date | None) -> Dated:
    if published is None:
        reason = "no report date: the text names none and none was given"
        return Dated(None, None, (), (), reason, Reason.DATE_MISSING)
    return Dated(published, None, (f"published {published}",), ())


def _with_publication(dated: Dated, published: date | None) -> Dated:
    """Add what the publication date says: support, or a warning, or a contradiction."""
    if published is None or dated.report_date is None:
        return dated
    late = published - dated.report_date
    if late < timedelta(days=-1):
        reason = f"published {published}, before the report date {dated.report_date} that it names"
        return replace(
            dated, report_date=None, reason=reason, reason_code=Reason.PUBLISHED_BEFORE_DATE
        )
    evidence = (*dated.evidence, f"published {published}")
    if timedelta(0) <= late <= LATE:
        return replace(dated, evidence=evidence)
    when = f"{late.days} days after" if late > LATE else "the day before"
    warning = BulletinWarning(
        BulletinWarningCode.PUBLISHED_LATE,
        f"published {published}, {when} the report date {dated.report_date}",
    )
    return replace(dated, warnings=(*dated.warnings, warning))
