"""The command `tallybook backfill`."""

from datetime import date

import click

from flows.cli import options
from flows.errors import UsageError


@click.command()
@options.since
@options.until
@options.sources
@options.archive
@options.workers
@options.dask
@options.lake
@options.verbose
def backfill(
    since: date | None,
    until: date | None,
    sources: tuple[str, ...],
    archive: str | None,
    workers: int | None,
    dask: str | None,
    lake: str | None,
    verbose: bool,
) -> int:
    """Running it again with the same documents changes nothing, and their order does not matter.

    Exit status: 0; 1 if a document is refused or quarantined, or could not be had: the others are
    published all the same; 75 if no source has anything.

    \b
    Examples:
      tallybook backfill --archive downloads/
      tallybook backfill --since 2023-01-01 --until 2023-12-31 --source minfin
      tallybook backfill --archive crawl/ --workers 4
    """
    from flows.cli.flow_runs import through_flow
    from flows.lake.lake import open_lake
    from flows.orchestration.worker_choice import check_workers
    from flows.settings import load_settings
    from flows.sources import choose
    from flows.sources.folder import check_archive
    from schemas.records import FIRST_REPORT

    if since and until and since > until:
        raise UsageError(f"--since {since} is after --until {until}")
    if until and until < FIRST_REPORT:
        raise UsageError(f"--until {until}: the first bulletin is that of {FIRST_REPORT}")
    settings = load_settings(lake=lake)
    choose(settings.sources, sources, archive=archive)
    check_archive(archive)
    check_workers(workers, dask)
    return through_flow(
        "backfill",
        open_lake(settings.lake, create=True),
        settings,
        verbose=verbose,
        # The flow takes report dates alone; a bound before the first of them is none.
        since=since and max(since, FIRST_REPORT),
        until=until,
        sources=list(sources) or None,
        archive=archive,
        workers=workers,
        dask=dask,
    )
