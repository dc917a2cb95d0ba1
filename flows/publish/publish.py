"""Publishing: the tables of the lake, written in an order in which a crash does no harm.

A document's row in `bulletins` is written last: it says that all the rest is in place. Until then
the document is pending, and the next run does its part again, to the same bytes. `revisions` and
`losses` come before `figures`, which tell until then what was on record before.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flows.archive.store import Key
from flows.lake import parquet, quarantine, rows
from flows.lake.lake import Lake
from flows.reconcile.decide import Decision, settle
from flows.reconcile.revisions import unrecorded
from flows.reconcile.window import Given, gather
from schemas.fields import BULLETINS, FIGURES, LOSSES, REVISIONS, Table
from schemas.records import LossRow, RevisionRow, Verdict
from schemas.registry import Registry


@dataclass(frozen=True, slots=True)
class Quarantined:
    """A document of which a bulletin is not published: which, why, the folder that keeps it."""

    source: str
    sha256: str
    url: str
    reason: str
    path: str


@dataclass(frozen=True, slots=True)
class Publication:
    """What a call of `publish` left in the lake.

    `rows`: the losses rows of the documents' report dates and the later rows that were decided
    again, sorted by (report_date, category). `revisions`: the ones appended by this call.
    `quarantined`: the given documents that are not published. `partitions_written`: folders in the
    lake whose bytes changed, such as "losses/year=2023".
    """

    rows: tuple[LossRow, ...]
    revisions: tuple[RevisionRow, ...]
    quarantined: tuple[Quarantined, ...]
    partitions_written: tuple[str, ...]


def pending(lake: Lake) -> list[Key]:
    """Return the archived documents that are not in `bulletins` yet, or not with all, sorted.

    A run that crashed left them: every run loads, reads and publishes them along with its own.
    Raises LakeError.
    """
    return sorted(lake.archive.keys() - _in_bulletins(lake))


def publish(
    lake: Lake,
    verdicts: Sequence[Verdict],
    *,
    registry: Registry,
    source_order: Sequence[str],
    now: datetime,
) -> Publication:
    """Publish documents that are in the archive, blocked ones to quarantine; takes the lock itself.

    The same documents in any order, in one call or many, give the same bytes. `source_order` names
    the sources, the most trusted first. `now` is an aware UTC datetime, kept only as the time of
    revisions that no new document caused. Raises LakeError.
    """
    return _publish(lake, verdicts, registry, source_order, now, whole=False)


def rebuild(
    lake: Lake,
    verdicts: Sequence[Verdict],
    *,
    registry: Registry,
    source_order: Sequence[str],
    now: datetime,
) -> Publication:
    """Publish all archived documents anew, and remove what is on record of any other.

    Gives the same bytes as `publish`, one by one or not; `revisions` is kept and only grows.
    """
    return _publish(lake, verdicts, registry, source_order, now, whole=True)


def _publish(
    lake: Lake,
    verdicts: Sequence[Verdict],
    registry: Registry,
    source_order: Sequence[str],
    now: datetime,
    whole: bool,
) -> Publication:
    verdicts = list({_part(verdict): verdict for verdict in verdicts}.values())
    accepted = [verdict.reading for verdict in verdicts if rows.status(verdict) == "accepted"]
    with lake.lock():
        gone = _gone(lake) if whole else frozenset()
        given = Given(gone | {v.reading.key for v in verdicts}, accepted, gone, whole)
        evidence = gather(lake, given)
        decision = settle(lake, evidence, registry, source_order, now)
        revisions = unrecorded(decision.revisions, _recorded(lake, decision))
        # A document that reads differently now is pending again until all of it is in place.
        written = _drop_bulletins(lake, evidence.changed)
        written += _append_revisions(lake, revisions)
        written += _write_losses(lake, decision)
        written += _write_figures(lake, given)
        held = _write_quarantine(lake, given, verdicts)
        written += _write_bulletins(lake, given, verdicts)
    return Publication(
        rows=tuple(decision.touched),
        revisions=tuple(revisions),
        quarantined=held,
        partitions_written=tuple(sorted(set(written))),
    )


def _part(verdict: Verdict) -> tuple[Key, date | None, str | None]:
    bulletin = verdict.reading.bulletin
    return verdict.reading.key, bulletin.report_date, bulletin.reason


def _in_bulletins(lake: Lake) -> set[Key]:
    """The documents of which every bulletin is there: years are written one after the other."""
    columns = ("source", "document_sha256", "bulletins")
    found = Counter(row for _, row in parquet.select(lake.root, BULLETINS, columns))
    return {(source, sha256) for (source, sha256, whole), n in found.items() if n == whole}


def _gone(lake: Lake) -> frozenset[Key]:
    """The documents on record that are not in the archive any more."""
    figures = parquet.select(lake.root, FIGURES, ("document_sha256",))
    printed = {(partition[0], row[0]) for partition, row in figures}
    on_record = printed | _in_bulletins(lake) | quarantine.keys(lake.root)
    return frozenset(on_record - lake.archive.keys())


def _drop_bulletins(lake: Lake, keys: frozenset[Key]) -> list[str]:
    return _exchange(lake, BULLETINS, parquet.of_keys(keys), {}) if keys else []


def _recorded(lake: Lake, decision: Decision) -> list[RevisionRow]:
    days = [row.report_date for row in decision.revisions]
    return lake.revisions(min(days), max(days)) if days else []


def _append_revisions(lake: Lake, revisions: Iterable[RevisionRow]) -> list[str]:
    added: dict[parquet.Partition, list[rows.Row]] = defaultdict(list)
    for revision in revisions:
        added[(str(revision.report_date.year),)].append(rows.revisions_row(revision))
    return parquet.exchange(lake.root, REVISIONS, parquet.NOTHING, added, among=())


def _write_losses(lake: Lake, decision: Decision) -> list[str]:
    added: dict[parquet.Partition, list[rows.Row]] = defaultdict(list)
    for row in decision.rows:
        added[(str(row.report_date.year),)].append(rows.losses_row(row))
    return _exchange(lake, LOSSES, parquet.on_dates(decision.dates), added)


def _write_figures(lake: Lake, given: Given) -> list[str]:
    written = []
    for source in sorted({source for source, _ in given.keys}):
        added: dict[parquet.Partition, list[rows.Row]] = defaultdict(list)
        for reading in given.accepted:
            if reading.key[0] == source:
                for row in rows.figures_rows(reading):
                    added[source, str(row[0].year)].append(row)
        dropped = parquet.of_documents({sha256 for name, sha256 in given.keys if name == source})
        among = [p for p in parquet.partitions(lake.root, FIGURES) if p[0] == source]
        written += parquet.exchange(lake.root, FIGURES, dropped, added, among)
    return written


def _write_quarantine(
    lake: Lake, given: Given, verdicts: Iterable[Verdict]
) -> tuple[Quarantined, ...]:
    held: dict[Key, list[Verdict]] = defaultdict(list)
    for verdict in verdicts:
        if rows.status(verdict) != "accepted":
            held[verdict.reading.key].append(verdict)
    quarantine.release(lake.root, given.keys - held.keys())
    quarantine.put(lake.root, held.values(), parquet.temporary_folder(lake.root))
    return tuple(_quarantined(key, held[key]) for key in sorted(held))


def _quarantined(key: Key, verdicts: Sequence[Verdict]) -> Quarantined:
    return Quarantined(
        source=key[0],
        sha256=key[1],
        url=verdicts[0].reading.archived.document.url,
        reason=quarantine.reason(verdicts),
        path=quarantine.folder(key),
    )


def _write_bulletins(lake: Lake, given: Given, verdicts: Iterable[Verdict]) -> list[str]:
    verdicts = list(verdicts)
    parts = Counter(verdict.reading.key for verdict in verdicts)
    added: dict[parquet.Partition, list[rows.Row]] = defaultdict(list)
    for verdict in verdicts:
        row = rows.bulletins_row(verdict, parts[verdict.reading.key])
        added[(rows.bulletins_year(verdict),)].append(row)
    return _exchange(lake, BULLETINS, parquet.of_keys(given.keys), added)


def _exchange(
    lake: Lake,
    table: Table,
    dropped: parquet.Condition,
    added: Mapping[parquet.Partition, Sequence[rows.Row]],
) -> list[str]:
    among = parquet.partitions(lake.root, table)
    return parquet.exchange(lake.root, table, dropped, added, among)
