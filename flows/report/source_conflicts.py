"""Sources that disagree: what each printed for a day and category, and why one is published."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from flows.lake.lake import Lake
from flows.lake.window import candidates_on
from flows.reconcile.consensus import ScoredTotal, weigh
from flows.reconcile.neighbours import cell_of
from flows.reconcile.speakers import CHOICE_REACH, LatestBySource, Overruled, Speakers
from flows.reconcile.window import around
from schemas.records import Cell
from schemas.tables import LossRow


@dataclass(frozen=True, slots=True)
class Dispute:
    """One published row that not all sources agree with.

    `scored` are the totals that they print, the best evidence first; `why` is the reason of the
    choice in words.
    """

    row: LossRow
    scored: tuple[ScoredTotal, ...]
    why: str


def speaking_on(lake: Lake, dates: Iterable[date]) -> Speakers:
    """Return who speaks on these report dates, with all that the choice for them looks at."""
    return Speakers(candidates_on(lake, around(frozenset(dates), CHOICE_REACH)))


def overruled_on(lake: Lake, day: date, was_there: Callable[[str], bool]) -> list[Overruled]:
    """Return the figures of a day that do not count, as another document of their source does.

    `was_there` says of the hash of a document whether it is to be looked at.
    """
    candidates = {
        cell: [one for one in found if was_there(one.document_sha256)]
        for cell, found in candidates_on(lake, around(frozenset({day}), CHOICE_REACH)).items()
    }
    speakers = Speakers(candidates)
    return [
        one
        for cell in sorted(cell for cell in candidates if cell[0] == day)
        for one in (*speakers.overruled(cell), *speakers.replaced(cell, candidates[cell]))
    ]


def scored_totals(
    cell: Cell, day: LatestBySource, speakers: Speakers, source_order: Sequence[str]
) -> list[ScoredTotal]:
    """Return the totals that those who speak on a day print with their evidence, the best first."""
    return weigh(day, speakers.beside(cell, day), source_order) if day else []


def disputes(lake: Lake, rows: Iterable[LossRow], source_order: Sequence[str]) -> list[Dispute]:
    """Return the rows that a source contradicts, in their order; reads who prints what."""
    disputed = [row for row in rows if row.sources_agreeing < row.sources_total]
    if not disputed:
        return []
    speakers = speaking_on(lake, {row.report_date for row in disputed})
    return [_dispute(row, speakers, source_order) for row in disputed]


def dispute_words(dispute: Dispute) -> str:
    """Say in words which total is published, who prints what, and why it is that one."""
    published = dispute.row
    others = [
        f"{_names(scored.sources)} {_verb(scored.sources, 'print')} {scored.total:,}"
        for scored in dispute.scored
        if scored.total != published.total
    ]
    return (
        f"{published.total:,} is published ({published.source}), {'; '.join(others)}; {dispute.why}"
    )


def evidence_words(scored: ScoredTotal) -> str:
    """Say in words what supports a total, its sources named."""
    evidence = [f"{_names(scored.sources)} {_verb(scored.sources, 'print')} it"]
    if scored.rounding:
        evidence.append(f"{_names(scored.rounding)} {_verb(scored.rounding, 'round')} to it")
    evidence += _evidence_of_days(scored)
    return ", ".join(evidence)


def _evidence_of_days(scored: ScoredTotal) -> list[str]:
    led_to = scored.day_before or scored.day_after
    phrases = {
        "the days before and after lead to it": scored.day_before and scored.day_after,
        "the day before leads to it": scored.day_before and not scored.day_after,
        "the day after leads to it": scored.day_after and not scored.day_before,
        "it lies between the totals of the days beside it": scored.between and not led_to,
    }
    return [phrase for phrase, holds in phrases.items() if holds]


def _dispute(row: LossRow, speakers: Speakers, source_order: Sequence[str]) -> Dispute:
    cell = cell_of(row)
    scored = scored_totals(cell, speakers[cell], speakers, source_order)
    return Dispute(row, tuple(scored), _why(row, scored))


def _why(row: LossRow, scored: Sequence[ScoredTotal]) -> str:
    if not scored or scored[0].total != row.total:
        return (
            "another total would be chosen today: the order of the sources has changed; "
            "`tallybook rebuild` decides it anew"
        )
    best, others = scored[0], scored[1:]
    if others and others[0].weight == best.weight:
        first = best.sources[0]
        return f"the evidence is even; of the sources {first} comes first in the order"
    return f"the evidence is better: {evidence_words(best)}"


def _names(sources: Sequence[str]) -> str:
    """Return names as in "a, b and c"."""
    return " and ".join(filter(None, (", ".join(sources[:-1]), sources[-1])))


def _verb(sources: Sequence[str], verb: str) -> str:
    return verb if len(sources) > 1 else f"{verb}s"
