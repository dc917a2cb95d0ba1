"""What the `tallybook archive` commands do: verify, export, import."""

import json
import sys
from pathlib import Path

import click

from flows.archive import verify as verification
from flows.archive import warc_file
from flows.errors import EXIT_FAILED
from flows.lake.lake import Lake, open_lake
from flows.report.phrases import nearby
from flows.settings import default_lake


def verify(lake: str | None, as_json: bool) -> int:
    """Print what is wrong with the archive; return 1 if anything is. Raises LakeError."""
    opened = _opened(lake)
    found = verification.verify(opened.archive)
    if as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
        return EXIT_FAILED if found.problems else 0
    for problem in found.problems:
        click.echo(f"{nearby(opened.root / problem.path)}: {problem.problem}")
    whole = f"{found.documents:,} documents ({found.size:,} bytes), {found.records:,} records"
    if found.problems:
        click.echo(f"Problems: {len(found.problems):,}. Whole are {whole}.")
        return EXIT_FAILED
    click.echo(f"The archive is whole: {whole}; every SHA-256 fits.")
    return 0


def export(out: str, lake: str | None) -> int:
    """Write the archive to a WARC file. Raises LakeError or UsageError."""
    documents = warc_file.export(_opened(lake).archive, Path(out))
    click.echo(f"{out}: {documents:,} documents with their provenance.")
    return 0


def take_in(file: str, lake: str | None) -> int:
    """Put the documents of an exported WARC file into the archive; return 1 if it is damaged."""
    opened = open_lake(lake or default_lake(), create=True, older=True)
    found = warc_file.take_in(opened.archive, Path(file))
    for problem in found.problems:
        print(f"tallybook: {problem}", file=sys.stderr)
    click.echo(f"{found.documents:,} documents, {found.new:,} of them new in {opened.root}.")
    if found.new:
        click.echo("To publish them: tallybook rebuild")
    return EXIT_FAILED if found.problems else 0


def _opened(lake: str | None) -> Lake:
    return open_lake(lake or default_lake(), older=True)
