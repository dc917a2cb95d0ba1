"""The command `tallybook check`."""

from datetime import date
from pathlib import Path

import click

from flows.cli import options


@click.command()
@options.since
@options.until
@click.option(
    "--against",
    type=options.Given(),
    metavar="FILE",
    help="Compare the totals with another copy instead: a JSON or CSV file, or Parquet such as "
    "the folder losses of a lake.",
)
@click.option(
    "--no-freshness",
    "past",
    is_flag=True,
    help="Do not mind how old the newest day is: for an archive of the past.",
)
@options.lake
@options.as_json
def check(
    since: date | None,
    until: date | None,
    against: str | None,
    past: bool,
    lake: str | None,
    as_json: bool,
) -> int:
    """With --against, list every difference from a file of totals and say which side the series
    supports.

    Exit status: 0 if everything is explained; 1 if the newest day on record is older than the
    setting stale_after_days (without --until), something is undecided for more than two days,
    a known error of a source (schemas/corrections.toml) does not fit any more, or Tallybook makes a
    mistake on a document (reader_error).

    \b
    Examples:
      tallybook check
      tallybook check --no-freshness
      tallybook check --since 2023-01-01 --until 2023-12-31 --json
      tallybook check --against russia_losses_equipment.json
    """
    from flows.cli.output import print_report
    from flows.lake.lake import open_lake
    from flows.settings import load_settings

    settings = load_settings(lake=lake)
    opened, order = open_lake(settings.lake), tuple(settings.sources)
    if against is not None:
        from flows.report.compare import against_report
        from flows.report.compare_text import against_parts, against_text

        compared = against_report(opened, Path(against), since, until, order=order)
        print_report(
            compared, against_text, as_json=as_json, on_terminal=lambda: against_parts(compared)
        )
        return 0
    from flows.report.check import check_report
    from flows.report.check_text import check_parts, check_text
    from flows.report.freshness import lake_freshness

    today = options.today()
    fresh = None if past or until else lake_freshness(opened, today, settings.stale_after_days)
    report = check_report(opened, since, until, order=order, freshness=fresh)
    print_report(
        report,
        check_text,
        as_json=as_json,
        on_terminal=lambda: check_parts(report, curves=True),
    )
    return report.exit_status
