"""The command `tallybook report`."""

from pathlib import Path

import click

from flows.cli import options


@click.command()
@click.option(
    "--out", type=options.Given(), metavar="DIR", help="The folder of the site; made if need be."
)
@click.option(
    "--against",
    type=options.Given(),
    metavar="FILE",
    help="Compare the totals with another copy on a page of its own: a JSON or CSV file, or "
    "Parquet such as the folder losses of a lake.",
)
@click.option(
    "--data-docs",
    "docs",
    type=options.Given(),
    metavar="DIR",
    help="Great Expectations' own pages of the rules and of losses held against them, in a folder "
    "of their own: they load styles and scripts from outside hosts.",
)
@options.lake
def report(out: str | None, against: str | None, docs: str | None, lake: str | None) -> int:
    """The pages of --out work from disk, offline, and ask nothing of any server. What has not
    changed since the last time is not written again.

    Exit status: 0.

    \b
    Examples:
      tallybook report --out site
      tallybook report --out site --against russia_losses_equipment.json
      tallybook report --data-docs rules
    """
    from flows import files
    from flows.errors import UsageError
    from flows.lake.lake import open_lake
    from flows.report.exports.target import check_outside
    from flows.report.site.build import IN_LAKE, build, sweep
    from flows.settings import load_settings
    from flows.storage.local import LocalStorage

    if out is None and docs is None:
        raise UsageError("Missing option '--out' or '--data-docs'.")
    settings = load_settings(lake=lake)
    opened = open_lake(settings.lake)
    for place in filter(None, (out, docs)):
        check_outside(Path(place), opened.storage, but=IN_LAKE if place == out else None)
    if out is not None:
        folder, other = Path(out), Path(against) if against else None
        site = LocalStorage(folder.absolute())
        files.make_folders([site.root])
        with files.joining(site.root, lambda: sweep(site)):
            built = build(opened, site, settings.sources, other)
        click.echo(
            f"{folder / 'index.html'}: {built.written:,} files written, {built.unchanged:,} "
            f"unchanged, {built.removed:,} removed; {built.size / 1e6:.1f} MB in all"
        )
    if docs is not None:
        from flows.report.rules import lake_rows, write_data_docs

        click.echo(write_data_docs(lake_rows(opened), Path(docs)))
    return 0
