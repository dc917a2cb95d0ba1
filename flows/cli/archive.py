"""What the `tallybook archive` commands do: verify, export, import."""

import json
import sys
from pathlib import Path

import click

from flows.archive import verify as verification
from flows.archive import warc_file
from flows.errors import EXIT_FAILED
from flows.lake.lake import open_lake
from flows.redact import one_line, visible
from flows.report.phrases import nearby
from flows.settings import default_lake


def verify(lake: str | None, as_json: bool) -> int:
    """Print what is wrong with the archive; return 1 if anything is. Raises LakeError."""
    opened = open_lake(lake or default_lake())
    result = verification.verify(opened.archive)
    if as_json:
        click.echo(visible(json.dumps(result.to_json(), ensure_ascii=False, indent=2)))
        return EXIT_FAILED if result.problems else 0
    for problem in result.problems:
        click.echo(visible(f"{nearby(opened.root / problem.path)}: {one_line(problem.problem)}"))
    whole = f"{result.documents:,} documents ({result.size:,} bytes), {result.records:,} records"
    if result.problems:
        click.echo(f"Problems: {len(result.problems):,}. Whole are {whole}.")
        return EXIT_FAILED
    click.echo(f"The archive is whole: {whole}; every SHA-256 fits.")
    return 0


def export(out: str, lake: str | None) -> int:
    """Write the archive to a WARC file. Raises LakeError or UsageError."""
    documents = warc_file.export(open_lake(lake or default_lake()).archive, Path(out))
    click.echo(f"{out}: {documents:,} documents with their provenance.")
    return 0


def import_file(file: str, lake: str | None) -> int:
    """Put the documents of an exported WARC file into the archive; return 1 if it is damaged."""
    opened = open_lake(lake or default_lake(), create=True)
    result = warc_file.import_file(opened.archive, Path(file))
    for problem in result.problems:
        print(f"tallybook: {one_line(problem)}", file=sys.stderr)
    click.echo(f"{result.documents:,} documents, {result.new:,} of them new in {opened.root}.")
    if result.new:
        click.echo("The next run publishes them; at once does: tallybook rebuild")
    return EXIT_FAILED if result.problems else 0
