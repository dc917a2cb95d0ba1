"""The command `tallybook show`."""

from datetime import date, datetime

import click

from flows.cli import options


@click.command()
@click.argument("day", metavar="[DATE]", type=options.Day(), required=False)
@click.option(
    "--as-of", type=options.Moment(), help="How it stood then; a date is the end of that day."
)
@options.lake
@options.as_json
def show(day: date | None, as_of: datetime | None, lake: str | None, as_json: bool) -> int:
    """Exit status: 0, or 1 if the day is not (or with --as-of was not yet) on record.

    \b
    Examples:
      tallybook show
      tallybook show 2023-10-09 --json
      tallybook show 2023-10-09 --as-of 2023-10-09T12:30+03:00
    """
    from flows.cli.output import WIDE, columns, print_report
    from flows.lake.lake import open_lake
    from flows.report.lake_text import show_parts, show_text
    from flows.report.show import daily_curves, show_day
    from flows.settings import load_settings

    settings = load_settings(lake=lake)
    opened, days = open_lake(settings.lake), 14 if columns() >= WIDE else 7
    report = show_day(opened, day, as_of, order=tuple(settings.sources))
    print_report(
        report,
        show_text,
        as_json=as_json,
        on_terminal=lambda: show_parts(report, daily_curves(opened, report, days), days),
    )
    return 0
