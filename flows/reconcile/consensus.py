"""Which printed total is published for a day, where sources disagree: the evidence, weighed.

Pure functions over records. The evidence for a total is who prints it, who rounds to it, and
whether the days beside it, with the deltas that are printed, lead to it. A difference that goes on
alike for days is weighed as a whole, by the days beside its ends: so the published total does not
jump to and fro between two sources. What is weighed lies within `speakers.CHOICE_REACH` days, and
does not depend on the order in which documents arrive.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from flows.reconcile.series import ConsensusFigure
from flows.reconcile.speakers import Beside, LatestBySource, may_be_rounded, total_of


@dataclass(frozen=True, slots=True)
class ScoredTotal:
    """A printed total and what supports it.

    `sources` print it, `rounding` print a round figure that it rounds to. `day_before`: a total of
    the day before plus a delta printed that day gives it; `day_after`: a total of the day after
    less its delta does; `between`: it can stand between the totals of both days. `unchanged`: it
    is a total of the day before, as a stale copy has it too. Of a difference that lasts they are
    the days before its first and after its last.
    """

    total: int
    sources: tuple[str, ...]
    rounding: tuple[str, ...] = ()
    day_before: bool = False
    day_after: bool = False
    between: bool = False
    unchanged: bool = False

    @property
    def weight(self) -> int:
        """How strong the evidence is: a source and a day that leads to it count alike."""
        return (
            2 * (len(self.sources) + self.day_before + self.day_after)
            + len(self.rounding)
            + self.between
            - self.unchanged
        )


def weigh(day: LatestBySource, beside: Beside, source_order: Sequence[str]) -> list[ScoredTotal]:
    """Return the totals printed for a day and category with their evidence, the best first.

    Of equal evidence the total of the source that comes first in `source_order` is better, unknown
    sources after the known, by name.
    """
    totals: dict[int, list[str]] = {}
    for source in sorted(day, key=lambda source: _rank(source, source_order)):
        totals.setdefault(total_of(day[source]), []).append(source)
    if len(totals) == 1:
        return [ScoredTotal(total, tuple(sources)) for total, sources in totals.items()]
    from_before = {
        total_of(earlier) + delta for earlier in beside.before.values() for delta in beside.deltas
    }
    from_after = _from_after(beside.after)
    weighed = [
        ScoredTotal(
            total,
            tuple(sources),
            day_before=total in from_before,
            day_after=total in from_after,
            between=_between(total, beside),
        )
        for total, sources in totals.items()
    ]
    compared = _rounded(_compared(weighed, beside), day)
    return sorted(compared, key=lambda scored: -scored.weight)


def choose(
    day: LatestBySource, beside: Beside, source_order: Sequence[str]
) -> ConsensusFigure | None:
    """Return the figure to publish for a day and category; None where nobody prints a total.

    It is the total with the best evidence (see `weigh`), from the document of the first source in
    the order that prints it, one that prints a delta too before one that does not.
    """
    if not day:
        return None
    best = weigh(day, beside, source_order)[0]
    chosen = next(
        (day[source] for source in best.sources if day[source].delta is not None),
        day[best.sources[0]],
    )
    return ConsensusFigure(
        report_date=chosen.report_date,
        category=chosen.category,
        total=best.total,
        delta=chosen.delta,
        approximate=chosen.approximate,
        source=chosen.source,
        sources_agreeing=len(best.sources) + len(best.rounding),
        sources_total=len(day),
        url=chosen.recency.url,
        document_sha256=chosen.document_sha256,
    )


def _from_after(after: LatestBySource) -> set[int]:
    deltas = {candidate.delta for candidate in after.values() if candidate.delta is not None}
    return {total_of(later) - delta for later in after.values() for delta in deltas}


def _between(total: int, beside: Beside) -> bool:
    """Whether it is above some total of the day before and below one of the day after.

    Where these are in dispute themselves, none is held against it.
    """
    if not beside.before or not beside.after:
        return False
    earlier, later = beside.before.values(), beside.after.values()
    return min(map(total_of, earlier)) <= total <= max(map(total_of, later))


def _compared(weighed: list[ScoredTotal], beside: Beside) -> list[ScoredTotal]:
    """Mark the totals that repeat the day before, which is no news where the sources disagree.

    Those that nothing leads to are let be, unless another could stand in their place; and all,
    where the sources go on to disagree: a total of one after one of another is no series.
    """
    if len({total_of(candidate) for candidate in beside.after.values()}) > 1:
        return weighed
    earlier = {total_of(candidate) for candidate in beside.before.values()}
    contested = any(scored.between for scored in weighed if scored.total not in earlier)
    return [
        replace(scored, unchanged=scored.total in earlier and (contested or scored.day_before))
        for scored in weighed
    ]


def _rounded(weighed: Collection[ScoredTotal], day: LatestBySource) -> list[ScoredTotal]:
    """Let rounded totals support the exact ones that they can stand for, and beat none of them."""
    rounded = {scored.total: scored for scored in weighed if _may_be_rounded(scored, day)}
    exact = [scored for scored in weighed if scored.total not in rounded]
    supported, used = [], set[int]()
    for scored in exact:
        near = [other for other in rounded.values() if _rounds_to(scored.total, other.total)]
        used.update(other.total for other in near)
        rounding = tuple(source for other in near for source in other.sources)
        supported.append(replace(scored, rounding=rounding))
    return [*supported, *(scored for total, scored in rounded.items() if total not in used)]


def _may_be_rounded(scored: ScoredTotal, day: LatestBySource) -> bool:
    """Whether all who print it mark it approximate, it is round, and no day beside it leads to it.

    In the first months the General Staff itself printed round totals: the deltas fit those.
    """
    if scored.day_before or scored.day_after:
        return False
    return all(may_be_rounded(day[source]) for source in scored.sources)


def _rounds_to(exact: int, round_total: int) -> bool:
    zeros = len(str(round_total)) - len(str(round_total).rstrip("0"))
    return abs(exact - round_total) < int(10**zeros)


def _rank(source: str, source_order: Sequence[str]) -> tuple[int, str]:
    place = source_order.index(source) if source in source_order else len(source_order)
    return place, source
