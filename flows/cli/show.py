"""The command `tallybook show`."""

from datetime import date, datetime

import click

from flows.cli import options


@click.command()
@click.argument("day", metavar="[DATE]", type=options.Day(), required=False)
@click.option(
    "--as-of",
    type=options.Moment(),
    help="Show what this lake had published of it at that moment: 2023-10-09T12:30+03:00, in UTC "
    "where no zone is given, or 2023-10-09 for the end of that day (UTC).",
)
@options.lake
@options.as_json
def show(day: date | None, as_of: datetime | None, lake: str | None, as_json: bool) -> int:
    """With --as-of all that this lake took in, read better or corrected later is taken back: the
    day is shown as somebody saw it who looked then.

    Exit status: 0, or 1 if the day is not (or with --as-of was not yet) on record.

    \b
    Examples:
      tallybook show
      tallybook show 2023-10-09 --json
      tallybook show 2023-10-09 --as-of 2023-10-09T12:30+03:00
    """
    from flows.cli.output import WIDE, columns, print_report
    from flows.errors import LakeError
    from flows.lake.lake import open_lake
    from flows.report.lake_text import show_parts, show_text
    from flows.report.show import daily_curves, show_day
    from flows.settings import load_settings

    today = options.today()
    if day and day > today:
        raise LakeError(f"{day} is in the future: today, in Kyiv, is {today}.")
    if as_of:
        as_of = _past(as_of)
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


def _past(moment: datetime) -> datetime:
    """Return a moment, or now for one that is left of this day. Raises UsageError for others."""
    from flows.errors import UsageError
    from schemas.records import FIRST_REPORT

    now = options.now()
    if moment.date() < FIRST_REPORT:
        raise UsageError(f"--as-of {moment.date()}: the first bulletin is that of {FIRST_REPORT}")
    if moment <= now:
        return moment
    if moment.date() > max(now.date(), options.today()):
        raise UsageError(f"--as-of {moment.date()} is in the future; without it, show tells of now")
    return now
