"""The command `tallybook rebuild`."""

import click

from flows.cli import options


@click.command()
@options.lake
@options.verbose
def rebuild(lake: str | None, verbose: bool) -> int:
    """Use it after an update of Tallybook; with the same version it gives the same bytes.

    \b
    Example:
      tallybook rebuild --lake data/lake
    """
    from flows.cli.flow_runs import through_flow
    from flows.lake.lake import open_lake
    from flows.settings import load_settings
    from schemas.fields import SCHEMA_VERSION

    settings = load_settings(lake=lake)
    opened = open_lake(settings.lake, older=True)
    if opened.schema_version < SCHEMA_VERSION:
        was = f"The lake {opened.storage} has tables of schema version {opened.schema_version}"
        click.echo(f"{was}; they are written anew as version {SCHEMA_VERSION}.", err=True)
    return through_flow("rebuild", opened, settings, verbose=verbose)
