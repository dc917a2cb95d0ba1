"""The commands `tallybook archive verify`, `export` and `import`."""

import sys
from pathlib import Path

import click

from flows.cli import options
from flows.errors import EXIT_FAILED, UsageError
from flows.redact import one_line


@click.group()
def archive() -> None:
    """Nothing in it is ever changed; all tables can be written anew from it."""


@archive.command()
@options.lake
@options.as_json
def verify(lake: str | None, as_json: bool) -> int:
    """Check every archived document and its provenance record.

    Exit status: 0 everything is whole, 1 something is damaged, missing or left over.

    \b
    Example:
      tallybook archive verify --json
    """
    from flows.archive import verify as verification
    from flows.cli.output import print_report
    from flows.lake.lake import open_lake
    from flows.report.archive_text import archive_text
    from flows.settings import load_settings

    opened = open_lake(load_settings(lake=lake).lake)
    result = verification.verify(opened.archive)
    print_report(result, lambda found: archive_text(found, str(opened.storage)), as_json=as_json)
    return EXIT_FAILED if result.problems else 0


@archive.command()
@click.option(
    "--out",
    type=options.Given(),
    metavar="FILE",
    required=True,
    help="The file: *.warc.gz or *.warc.",
)
@options.lake
def export(out: str, lake: str | None) -> int:
    """Write the archive to a WARC file: a backup of the lake.

    It holds all documents with their provenance, and other tools read it too; beside them what no
    document gives anew: revisions/, runs/ and latest.json. Imported into an empty folder it is the
    same lake after a `tallybook rebuild`.

    \b
    Example:
      tallybook archive export --out documents.warc.gz
    """
    from flows.archive import warc_file
    from flows.lake import backup
    from flows.lake.lake import open_lake
    from flows.report.exports.target import check_outside
    from flows.settings import load_settings

    opened = open_lake(load_settings(lake=lake).lake)
    check_outside(Path(out), opened.storage)
    documents = warc_file.export(opened.archive, Path(out), backup.files_beside(opened.storage))
    click.echo(f"{out}: {documents:,} documents with their provenance, revisions and runs.")
    return 0


@archive.command("import")
@click.argument("file", metavar="FILE")
@options.lake
def import_file(file: str, lake: str | None) -> int:
    """Take in the documents of an exported WARC file.

    They get the provenance that they had, and revisions, runs and latest.json are put back where
    they are not there; what is there stays as it is. `tallybook rebuild` then writes the tables.

    \b
    Example:
      tallybook archive import documents.warc.gz
    """
    from flows.archive import warc_file
    from flows.lake import backup
    from flows.lake.lake import open_lake
    from flows.report.phrases import nearby
    from flows.settings import load_settings

    if not Path(file).is_file():  # or a mistyped name would leave an empty lake
        raise UsageError(f"{file}: there is no such file")
    opened = open_lake(load_settings(lake=lake).lake, create=True)
    result = warc_file.import_file(opened.archive, Path(file))
    for problem in result.problems:
        print(f"tallybook: {one_line(problem)}", file=sys.stderr)
    click.echo(f"{result.documents:,} documents, {result.new:,} of them new in {opened.storage}.")
    if restored := backup.restore(opened, warc_file.lake_files(Path(file))):
        click.echo(f"{restored:,} files of revisions and runs were put back.")
    if result.new:
        place = nearby(str(opened.storage))
        click.echo(f"The next run publishes them; at once does: tallybook rebuild --lake {place}")
    return EXIT_FAILED if result.problems else 0
