"""The command `tallybook run`."""

from datetime import date

import click

from flows.cli import options
from flows.errors import UsageError


@click.command()
@click.option("--date", "day", type=options.Day(), help="The report date. Default: today in Kyiv.")
@options.sources
@options.archive
@click.option(
    "--url", type=options.Given(), help='A page to read; "{date}" in it stands for the report date.'
)
@options.lake
@options.verbose
def run(
    day: date | None,
    sources: tuple[str, ...],
    archive: str | None,
    url: str | None,
    lake: str | None,
    verbose: bool,
) -> int:
    """Also takes up archived documents that an interrupted run left unpublished.

    Exit status: 0 if the day is on record; 1 if it is late, the sources fail, or a document is
    refused or quarantined; 75 if it is not published yet.

    \b
    Examples:
      tallybook run
      tallybook run --date 2023-10-09 --source novinite
      tallybook run --date 2023-10-09 --archive downloads/
    """
    from flows.cli.flow_runs import through_flow
    from flows.lake.lake import open_lake
    from flows.settings import load_settings
    from flows.sources import choose
    from flows.sources.folder import check_archive
    from schemas.records import FIRST_REPORT

    if day and day < FIRST_REPORT:
        raise UsageError(f"--date {day}: the first bulletin is that of {FIRST_REPORT}")
    settings = load_settings(lake=lake)
    choose(settings.sources, sources, archive=archive, url=url)
    check_archive(archive)
    return through_flow(
        "daily",
        open_lake(settings.lake, create=True),
        settings,
        verbose=verbose,
        date=day,
        sources=list(sources) or None,
        archive=archive,
        url=url,
    )
