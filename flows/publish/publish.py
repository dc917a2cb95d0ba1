"""Publishing: the tables of the lake, written in an order in which a crash does no harm.

A document's row in `bulletins` is written last, and then its mark as pending is taken away. Until
then the next run does its part again, to the same bytes. `latest.json` tells consumers when the
tables are all in place. `revisions` and `losses` come before
`figures`, which tell until then what was on record before.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain

from flows.lake import latest, parquet, quarantine, rows
from flows.lake.lake import Lake
from flows.lake.window import years_of
from flows.parse.guard import broken, parser_version
from flows.reconcile.decide import Decision
from flows.reconcile.window import RunInput, figure_rows
from flows.validate.verdicts import Verdicts
from schemas.codes import BulletinWarningCode, DocumentStatus, Reason, RuleName, Severity
from schemas.records import BulletinWarning, Finding, Key, Verdict
from schemas.tables import (
    BULLETINS,
    FIGURES,
    LOSSES,
    REVISIONS,
    BulletinRow,
    FigureRow,
    LossRow,
    RevisionRow,
)

_HELD_AT_ONCE = 100
"""Documents that are put into quarantine at a time."""


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A document of which a bulletin is not published: which, why, the folder that keeps it.

    `reason_code`, a `Reason` or a `RuleName`, is that of the first such bulletin.
    """

    source: str
    sha256: str
    url: str
    reason_code: str
    reason: str
    path: str


@dataclass(frozen=True, slots=True)
class Publication:
    """What a call of `publish` left in the lake, beside the rows and revisions it was given.

    `quarantined`: the given documents that are not published. `partitions_written`: folders in the
    lake whose bytes changed, such as "losses/year=2023".
    """

    quarantined: tuple[Quarantined, ...]
    partitions_written: tuple[str, ...]


def run_input(lake: Lake, verdicts: Verdicts, *, whole: bool) -> RunInput:
    """Return the documents of a run as `reconcile` takes them, without their readings.

    `whole`: they are all archived documents, and what is on record of any other is to go.
    """
    keys = verdicts.keys
    if whole:
        gone = _on_record(lake) - lake.archive.keys()
        return RunInput(keys | gone if gone else keys, (), gone, whole)
    return RunInput(keys, (), years=years_of(lake, keys, verdicts.years))


def fitting(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts, a bulletin that no table can hold refused: it stops no other's rows.

    All rows are made at once; only where that fails, those of each bulletin alone.
    """
    try:
        _made(verdicts)
    except Exception:
        return [_fitting(verdict) for verdict in verdicts]
    return list(verdicts)


def _fitting(verdict: Verdict) -> Verdict:
    try:
        _made([verdict])
    except Exception as error:
        reading = verdict.reading
        bulletin = broken(error, reading.archived.document, "making its rows")
        finding = Finding(RuleName.UNREADABLE, Severity.CRITICAL, bulletin.reason or "")
        return Verdict(replace(reading, bulletin=bulletin), (finding,))
    return verdict


def _made(verdicts: Iterable[Verdict]) -> None:
    """Make the rows of verdicts as they will be published. Raises what that raises."""
    figures: list[FigureRow] = []
    bulletins: list[BulletinRow] = []
    for verdict in verdicts:
        bulletins.append(_bulletin_row(verdict, 1))
        if verdict.status is DocumentStatus.ACCEPTED:
            figures += figure_rows(verdict.reading)
    rows.to_arrow(FIGURES, figures)
    rows.to_arrow(BULLETINS, bulletins)


def publish(
    lake: Lake, decisions: Iterable[Decision], given: RunInput, verdicts: Verdicts
) -> Publication:
    """Write decisions on documents that are in the archive, blocked ones to quarantine.

    `decisions`, several times gone through, are those on all that is `given`. Only under the lake's
    lock, with the decisions made under it. Raises LakeError.
    """
    unfinished = latest.begin(lake.storage)
    reread: set[Key] = set()
    revisions: list[RevisionRow] = []
    dates_at_stake = []
    for decision in decisions:
        reread |= decision.reread
        revisions += decision.revisions
        dates_at_stake.append(decision.at_stake)
    # A document that reads differently now is pending again until all of it is in place.
    lake.archive.mark_pending(reread - given.gone)
    written = _append_revisions(lake, revisions)
    for decision in decisions:
        written += _write_losses(lake, decision)
    for dates in dates_at_stake:
        written += _write_figures(lake, dates, given, verdicts)
    parts, held = _write_quarantine(lake, given, verdicts)
    written += _write_bulletins(lake, given, verdicts, parts)
    if given.whole:
        lake.upgrade()
        written += _renewed_revisions(lake)
    trusted = not (given.whole or unfinished)
    latest.finish(lake, written, verdicts.newest, trusted=trusted, whole=given.whole)
    lake.archive.clear_pending(given.keys)
    return Publication(held, tuple(sorted(set(written))))


def _part(verdict: Verdict) -> tuple[Key, date | None, str | None]:
    bulletin = verdict.reading.bulletin
    return verdict.reading.key, bulletin.report_date, bulletin.reason


def _distinct(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """Return the verdicts, those on equal parts of a document once."""
    return list({_part(verdict): verdict for verdict in verdicts}.values())


def _on_record(lake: Lake) -> frozenset[Key]:
    """The documents that any table, or the quarantine, knows of."""
    figures = parquet.values(lake.storage, FIGURES, ("document_sha256",))
    bulletins = parquet.values(lake.storage, BULLETINS, ("source", "document_sha256"))
    keys = {(row["source"], row["document_sha256"]) for row in chain(figures, bulletins)}
    return frozenset(keys | quarantine.keys(lake.storage))


def _append_revisions(lake: Lake, revisions: Iterable[RevisionRow]) -> list[str]:
    added: dict[parquet.Partition, list[RevisionRow]] = defaultdict(list)
    for revision in revisions:
        added[(str(revision.report_date.year),)].append(revision)
    return parquet.exchange(lake.storage, REVISIONS, parquet.NOTHING, added, among=())


def _renewed_revisions(lake: Lake) -> list[str]:
    """Write the kept revisions as they would be written now: damage beside their pages is mended.

    Their rows are whole, or reading them raised.
    """
    return [
        parquet.partition_folder(REVISIONS, partition)
        for partition in parquet.partitions(lake.storage, REVISIONS)
        if parquet.write(
            lake.storage, REVISIONS, partition, parquet.read(lake.storage, REVISIONS, partition)
        )
    ]


def _write_losses(lake: Lake, decision: Decision) -> list[str]:
    added: dict[parquet.Partition, list[LossRow]] = defaultdict(list)
    for row in decision.rows:
        added[(str(row.report_date.year),)].append(row)
    among = parquet.partitions(lake.storage, LOSSES, {day.year for day in decision.dates})
    return parquet.exchange(lake.storage, LOSSES, parquet.on_dates(decision.dates), added, among)


def _write_figures(
    lake: Lake, dates: frozenset[date], given: RunInput, verdicts: Verdicts
) -> list[str]:
    added: dict[str, dict[parquet.Partition, list[FigureRow]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for reading in verdicts.accepted_on(dates):
        for row in figure_rows(reading):
            added[row.source][row.source, str(row.report_date.year)].append(row)
    written = []
    years = {day.year for day in dates if day.year in given.years}
    for source in sorted({source for source, _ in given.keys}) if years else ():
        documents = parquet.of_documents({sha256 for name, sha256 in given.keys if name == source})
        dropped = parquet.both(documents, parquet.on_dates(dates))
        among = parquet.partitions(lake.storage, FIGURES, years, {source})
        written += parquet.exchange(lake.storage, FIGURES, dropped, added[source], among)
    return written


def _write_quarantine(
    lake: Lake, given: RunInput, verdicts: Verdicts
) -> tuple[Mapping[Key, int], tuple[Quarantined, ...]]:
    """Keep what is blocked; return how many bulletins a document of several holds, and the blocked.

    Some documents at a time: their bytes are in memory.
    """
    parts: dict[Key, int] = {}
    quarantined: list[Quarantined] = []
    held: dict[Key, list[Verdict]] = {}
    mistakes: dict[Key, str] = {}
    for found in chain(verdicts.by_document(), [[]]):
        if len(held) == _HELD_AT_ONCE or (held and not found):
            quarantine.put(lake.storage, held.values(), mistakes, lake.archive.content)
            quarantined += (_quarantined(key, of) for key, of in held.items())
            held, mistakes = {}, {}
        of_document = _distinct(found)
        if len(of_document) > 1:
            parts[of_document[0].reading.key] = len(of_document)
        blocked = [v for v in of_document if v.status is not DocumentStatus.ACCEPTED]
        if blocked:
            key = blocked[0].reading.key
            held[key] = blocked
            if _is_mistake(blocked, len(of_document)):
                mistakes[key] = parser_version()
    quarantine.release(lake.storage, given.keys - {(one.source, one.sha256) for one in quarantined})
    return parts, tuple(sorted(quarantined, key=lambda one: (one.source, one.sha256)))


def _is_mistake(held: Sequence[Verdict], bulletins: int) -> bool:
    """Whether Tallybook makes a mistake on a document as a whole, not on one of its days."""
    return bulletins == 1 and held[0].reason_code is Reason.READER_ERROR


def _quarantined(key: Key, verdicts: Sequence[Verdict]) -> Quarantined:
    reason_code = verdicts[0].reason_code
    assert reason_code, "what is held has a reason"
    return Quarantined(
        source=key[0],
        sha256=key[1],
        url=verdicts[0].reading.archived.document.url,
        reason_code=reason_code,
        reason=quarantine.reason(verdicts),
        path=quarantine.folder(key),
    )


def _write_bulletins(
    lake: Lake, given: RunInput, verdicts: Verdicts, parts: Mapping[Key, int]
) -> list[str]:
    """Write the rows of bulletins, those of a year at a time."""
    dropped = parquet.of_keys(given.keys)
    there = parquet.partitions(lake.storage, BULLETINS, given.years)
    written = []
    for partition in sorted({*there, *((str(year),) for year in verdicts.years)}):
        rows = [
            _bulletin_row(verdict, parts.get(verdict.reading.key, 1))
            for verdict in _distinct(verdicts.of_year(int(partition[0])))
        ]
        among = {partition}.intersection(there)
        added = {partition: rows} if rows else {}
        written += parquet.exchange(lake.storage, BULLETINS, dropped, added, among)
    return written


def _bulletin_row(verdict: Verdict, bulletins: int) -> BulletinRow:
    """Return a bulletin's row of `bulletins`, one of so many in its document."""
    document, bulletin = verdict.reading.archived.document, verdict.reading.bulletin
    flags = [
        BulletinWarning(BulletinWarningCode(finding.rule), finding.sentence)
        for finding in verdict.findings
        if finding.severity == Severity.WARNING
    ]
    return BulletinRow(
        report_date=bulletin.report_date,
        war_day=bulletin.war_day,
        source=document.source,
        url=document.url,
        title=bulletin.title,
        headlines=bulletin.headlines,
        language=bulletin.language,
        complete=bulletin.complete,
        figures=len(bulletin.figures),
        bulletins=bulletins,
        published_at=bulletin.published_at,
        published_on=document.published_on,
        fetched_at=document.fetched_at,
        status=verdict.status,
        reason_code=verdict.reason_code,
        reason=verdict.reason,
        warnings=tuple(dict.fromkeys((*bulletin.warnings, *flags))),
        unrecognized=bulletin.unrecognized,
        document_sha256=document.sha256,
    )
