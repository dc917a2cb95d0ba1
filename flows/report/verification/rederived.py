"""What follows again: figures from archived documents, losses from figures."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import date
from functools import partial
from typing import Any

from flows.errors import LakeError
from flows.lake import parquet
from flows.lake.lake import Lake
from flows.parse.guard import parser_version
from flows.parse.reader import DocumentReader
from flows.progress import follow
from flows.publish.stretches import decisions
from flows.reconcile.decide import reconcile
from flows.reconcile.neighbours import cell_of
from flows.reconcile.window import RunInput, figure_rows
from flows.report.verification.problems import Problems
from flows.validate.verdicts import Verdicts
from schemas.codes import Damage, DocumentStatus, Remedy
from schemas.records import EARLIEST, Archived, Key, Reading
from schemas.registry import load_registry
from schemas.tables import BULLETINS, FIGURES, LOSSES, FigureRow

MOST_TOLD = 20
"""So many rows that differ are named one by one."""


def check_figures(lake: Lake, keys: Collection[Key], problems: Problems) -> None:
    """Read documents again, and compare their figures with those that are published.

    `keys` are whole in the archive. What the gate put into quarantine has none.
    """
    wanted = {sha256 for _, sha256 in keys}
    recorded: dict[Key, set[FigureRow]] = defaultdict(set)
    for row in parquet.records(lake.storage, FIGURES, parquet.of_documents(wanted)):
        recorded[row.key].add(row)
    accepted: dict[Key, set[date]] = defaultdict(set)
    columns = ("source", "document_sha256", "report_date", "status")
    of_documents = parquet.of_documents(wanted)
    for bulletin in parquet.values(lake.storage, BULLETINS, columns, of_documents):
        if bulletin["status"] == DocumentStatus.ACCEPTED:
            key = bulletin["source"], bulletin["document_sha256"]
            accepted[key].add(bulletin["report_date"])
    parser = parser_version()
    reader = DocumentReader(lake.reader_errors(parser), lake.archive.attempts.given_up(parser))
    for key in follow(keys, "Reading documents again", len(keys)):
        try:
            read = _figures(lake.archive.load(key), accepted[key], reader)
        except LakeError as error:
            source, sha256 = key
            name = f"archive/{sha256[:2]}/{sha256}.{source}.json"
            problems.add(name, Damage.ARCHIVE, Remedy.TAKE_IN_AGAIN, str(error))
            continue
        if read != recorded[key]:
            _tell(key, read ^ recorded[key], problems)


def _figures(archived: Archived, days: set[date], reader: DocumentReader) -> set[FigureRow]:
    readings = (Reading(archived, one) for one in reader.read_all(archived.document))
    return {
        row
        for reading in readings
        if reading.bulletin.accepted and reading.report_date in days
        for row in figure_rows(reading)
    }


def _tell(key: Key, differing: set[FigureRow], problems: Problems) -> None:
    source, sha256 = key
    first = min(differing, key=lambda row: (row.report_date, row.category))
    text = (
        f"{Damage.FIGURES_DIFFER.meaning} {len(differing):,} figures differ, the first is "
        f"{first.category} of {first.report_date}."
    )
    name = f"archive/{sha256[:2]}/{sha256}.{source}.json"
    problems.add(name, Damage.FIGURES_DIFFER, Remedy.REBUILD, text)


def check_losses(lake: Lake, order: Sequence[str], problems: Problems) -> None:
    """Decide all that is on record anew, from the published figures, and compare the rows.

    `order` names the sources, the preferred one first.
    """
    given = RunInput(frozenset(), (), whole=True)
    registry = load_registry()
    # Revisions are not looked at: the moment of those that it would make does not matter.
    decide = partial(reconcile, registry=registry, source_order=order, now=EARLIEST)
    differing = 0
    for decision in decisions(lake, given, Verdicts(), registry, decide):
        wanted = {cell_of(row): row for row in decision.rows}
        published = {cell_of(row): row for row in lake.losses_on(decision.dates)}
        for cell in sorted(wanted.keys() | published.keys()):
            if wanted.get(cell) == published.get(cell):
                continue
            differing += 1
            if differing <= MOST_TOLD:
                day, category = cell
                columns = _columns(wanted.get(cell), published.get(cell))
                name = parquet.file_name(LOSSES, (str(day.year),))
                text = f"{Damage.LOSSES_DIFFER.meaning} {category} of {day}: {columns}."
                problems.add(name, Damage.LOSSES_DIFFER, Remedy.REBUILD, text)
    if differing > MOST_TOLD:
        text = f"{Damage.LOSSES_DIFFER.meaning} {differing - MOST_TOLD:,} more rows differ."
        problems.add(LOSSES.name, Damage.LOSSES_DIFFER, Remedy.REBUILD, text)


def _columns(wanted: Any, published: Any) -> str:
    if wanted is None:
        return "no figure is on record for it"
    if published is None:
        return "it is not there"
    names = (field.name for field in fields(wanted))
    return ", ".join(n for n in names if getattr(wanted, n) != getattr(published, n))
