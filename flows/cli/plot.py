"""The command `tallybook plot`."""

from datetime import date
from pathlib import Path

import click

from flows.cli import options


@click.command()
@click.argument("category")
@click.option(
    "--out", type=options.Given(), metavar="FILE", required=True, help="An .svg or a .png file."
)
@options.since
@options.until
@options.lake
def plot(category: str, out: str, since: date | None, until: date | None, lake: str | None) -> int:
    """The total and the daily losses of a category, with the source line and the disclaimer in the
    picture. It needs the extra `report`.

    Exit status: 0; 2 for an unknown category, and where nothing is on record for it.

    \b
    Examples:
      tallybook plot tanks --out tanks.svg
      tallybook plot personnel --since 2024-01-01 --out personnel.png
    """
    from flows import files
    from flows.errors import UsageError
    from flows.lake.lake import open_lake
    from flows.report.exports.target import check_outside
    from flows.report.site.picture import format_of, picture
    from flows.settings import load_settings
    from schemas.registry import load_registry
    from schemas.typed import unknown

    registry, path = load_registry(), Path(out)
    if category not in registry.categories:
        raise UsageError(unknown(category, registry.categories, "category"))
    kind = format_of(path)
    opened = open_lake(load_settings(lake=lake).lake)
    check_outside(path, opened.storage)
    if since and until and since > until:
        raise UsageError(f"The first date, {since}, is after the last one, {until}.")
    rows = opened.losses(since, until)
    of_category = [row for row in rows if row.category == category]
    known = registry.categories[category]
    drawn = picture(of_category, known.title, known.unit, kind)
    with files.writing(path.absolute()) as file:
        file.write(drawn)
    click.echo(path)
    return 0
