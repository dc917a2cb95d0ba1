"""The command `tallybook report`."""

from pathlib import Path

import click

from flows.cli import options


@click.command()
@click.option(
    "--out", metavar="DIR", required=True, help="The folder of the site; made if need be."
)
@click.option(
    "--against",
    metavar="FILE",
    help="Compare the totals with those of a community file, JSON or CSV, on a page of its own.",
)
@options.lake
def report(out: str, against: str | None, lake: str | None) -> int:
    """The pages work from disk, offline, and ask nothing of any server. What has not changed since
    the last time is not written again.

    Exit status: 0.

    \b
    Examples:
      tallybook report --out site
      tallybook report --out site --against russia_losses_equipment.json
    """
    from flows import files
    from flows.lake.lake import open_lake
    from flows.report.site.build import build, sweep
    from flows.settings import load_settings
    from flows.storage.local import LocalStorage

    settings = load_settings(lake=lake)
    folder, other = Path(out), Path(against) if against else None
    site = LocalStorage(folder.absolute())
    opened = open_lake(settings.lake)
    files.make_folders([site.root])
    with files.joining(site.root, lambda: sweep(site)):
        built = build(opened, site, settings.sources, other)
    click.echo(
        f"{folder / 'index.html'}: {built.written:,} files written, {built.unchanged:,} unchanged, "
        f"{built.removed:,} removed; {built.size / 1e6:.1f} MB in all"
    )
    return 0
