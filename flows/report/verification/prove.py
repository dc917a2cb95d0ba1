"""One verification, from the files to the figures.

Every byte is as it was written, every row has its document, the documents read as published, and
the figures lead to the published losses.
"""

from collections.abc import Sequence

import msgspec

from flows.errors import EXIT_FAILED
from flows.lake import latest
from flows.lake.lake import Lake
from flows.redact import one_line
from flows.report.phrases import nearby
from flows.report.verification.problems import LakeProblem, Problems
from flows.report.verification.rederived import check_figures, check_losses
from flows.report.verification.rows import check_rows
from flows.report.verification.side_files import check_archive, check_side_files
from flows.report.verification.table_files import check_table_files
from schemas.codes import Remedy

SAMPLE = 40
"""So many documents are read again unless all are: a second or two."""


class Proof(msgspec.Struct, frozen=True):
    """What was proved of a lake, and what is wrong with it.

    `generation` is that of latest.json, null where there is none. `files` and `rows` are those of
    the tables, `documents` those of the archive; `documents_read` of them were read again, all with
    `--all`, and their figures compared. `exit_status` is 1 where there is any problem.
    """

    lake: str
    exit_status: int
    generation: int | None
    files: int
    rows: int
    documents: int
    documents_read: int
    problems: tuple[LakeProblem, ...]


def prove(lake: Lake, *, order: Sequence[str], whole: bool = False) -> Proof:
    """Verify a lake; `whole`: all documents are read again, else some, always the same.

    `order` names the sources, the preferred one first. Nothing is written. Raises LakeError where
    the lake cannot be read at all.
    """
    problems = Problems()
    said = latest.read(lake.storage)
    documents = check_archive(lake, problems)
    check_side_files(lake, said, problems)
    files, readable = check_table_files(lake, said, problems)
    keys = sorted(documents, key=lambda key: (key[1], key[0]))
    read = keys[:: 1 if whole else max(1, -(-len(keys) // SAMPLE))]
    rows = 0
    if readable:
        rows = check_rows(lake, documents, problems)
        check_figures(lake, read, problems)
        check_losses(lake, order, problems)
    return Proof(
        lake=str(lake.storage),
        exit_status=EXIT_FAILED if problems.found else 0,
        generation=said.generation if said else None,
        files=files,
        rows=rows,
        documents=len(keys),
        documents_read=len(read) if readable else 0,
        problems=problems.found,
    )


def proof_text(proof: Proof) -> str:
    """Return a line for each problem with what mends it, and what was proved."""
    lines = [
        f"{one_line(problem.path)}: {problem.text} {_remedy(problem.remedy, proof.lake)}"
        for problem in proof.problems
    ]
    what = (
        f"{proof.files:,} files of tables with {proof.rows:,} rows, {proof.documents:,} documents, "
        f"{proof.documents_read:,} of them read again"
    )
    if lines:
        return "\n".join([*lines, f"Problems: {len(lines):,}. Looked at: {what}."])
    return f"The lake is whole (generation {proof.generation}): {what}; all as published."


def _remedy(remedy: Remedy, lake: str) -> str:
    """Return a remedy's sentence, its commands with the lake that they are for."""
    place = nearby(lake)
    said = remedy.meaning.replace("`tallybook rebuild`", f"`tallybook rebuild --lake {place}`")
    return said.replace("archive import`", f"archive import FILE --lake {place}`")
