"""The command `tallybook rebuild`."""

import click

from flows.cli import options


@click.command()
@click.option("--dry-run", is_flag=True, help="Only print which published values would change.")
@options.as_json
@options.workers
@options.dask
@options.lake
@options.verbose
def rebuild(
    dry_run: bool,
    as_json: bool,
    workers: int | None,
    dask: str | None,
    lake: str | None,
    verbose: bool,
) -> int:
    """Use it after an update of Tallybook; with the same version it gives the same bytes. What
    another version reads otherwise is recorded in revisions/.

    Exit status: 0, with --dry-run always; 1 if a document of the archive is refused or quarantined,
    also one that was so before: all tables are written anew all the same, and the report names each
    such document. `tallybook verify` says whether the lake is whole.

    \b
    Examples:
      tallybook rebuild --lake data/lake
      tallybook rebuild --dry-run
    """
    if as_json and not dry_run:
        raise click.UsageError("--json goes with --dry-run")
    if dry_run and (workers or dask):
        raise click.UsageError("--dry-run reads here: leave --workers and --dask out")
    from flows.cli.flow_runs import through_flow
    from flows.lake.lake import open_lake
    from flows.orchestration.worker_choice import check_workers
    from flows.settings import load_settings
    from schemas.fields import SCHEMA_VERSION

    check_workers(workers, dask)
    settings = load_settings(lake=lake)
    opened = open_lake(settings.lake, older=True)
    if dry_run:
        from datetime import UTC, datetime

        from flows.cli.output import print_report
        from flows.job import Job
        from flows.pipeline import preview
        from flows.progress import shown
        from flows.report.rebuild_preview import preview_text

        options.check_data()
        job = Job("rebuild", "dry run", datetime.now(UTC), order=tuple(settings.sources))
        with shown():
            report = preview(job, opened)
        print_report(report, preview_text, as_json=as_json)
        return 0
    if 0 < opened.schema_version < SCHEMA_VERSION:
        was = f"The lake {opened.storage} has tables of schema version {opened.schema_version}"
        click.echo(f"{was}; they are written anew as version {SCHEMA_VERSION}.", err=True)
    return through_flow("rebuild", opened, settings, verbose=verbose, workers=workers, dask=dask)
