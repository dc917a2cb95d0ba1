"""The command `tallybook serve`."""

import click

from flows.cli import options


@click.command()
@options.sources
@options.lake
def serve(sources: tuple[str, ...], lake: str | None) -> int:
    """Starts a Prefect server beside it unless PREFECT_API_URL names one.

    \b
    Examples:
      tallybook serve
      tallybook serve --source novinite --source minfin --lake /srv/lake
    """
    from flows.lake.lake import open_lake
    from flows.orchestration import environment
    from flows.settings import load_settings
    from flows.sources import choose

    settings = load_settings(lake=lake)
    choose(settings.sources, sources)
    environment.prepare(verbose=True)
    from flows.serve import serve_all

    serve_all(sources, str(open_lake(settings.lake, create=True).storage))
    return 0
