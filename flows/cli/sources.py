"""The command `tallybook sources`."""

from datetime import date
from pathlib import Path

import click

from flows.cli import options
from flows.errors import UsageError


@click.command()
@click.option("--test", "name", metavar="NAME", help="Ask this source now; nothing is stored.")
@click.option(
    "--date", "day", type=options.Day(), help="With --test: the report date. Default: today."
)
@options.lake
@options.as_json
def sources(name: str | None, day: date | None, lake: str | None, as_json: bool) -> int:
    """With --test one of them is asked: what it has for a day, the figures, and how fresh it is.
    The exit status is then that of a run: 0, 1 failed, 75 not published yet.

    \b
    Examples:
      tallybook sources
      tallybook sources --test novinite --date 2023-10-09
    """
    from flows.cli.output import WIDE, columns, print_report
    from flows.lake.lake import open_lake
    from flows.settings import load_settings

    settings = load_settings(lake=lake)
    if name is not None:
        from flows.report.source_probe import trial, trial_text

        options.check_data()
        tried = trial(settings, name, day)
        print_report(tried, trial_text, as_json=as_json)
        return tried.exit_status
    if day is not None:
        raise UsageError("--date goes with --test NAME")
    from flows.report.source_list import printed_days, sources_report
    from flows.report.source_text import sources_text, terminal_parts

    # Without a lake there is nothing to tell of their past; the sources are listed all the same.
    nowhere = settings.origins["lake"] == "default" and not Path(settings.lake).exists()
    opened = None if nowhere else open_lake(settings.lake)
    today = options.today()
    report = sources_report(settings.sources, opened, today, settings.stale_after_days)
    print_report(
        report,
        sources_text,
        as_json=as_json,
        on_terminal=lambda: terminal_parts(
            report, printed_days(opened) if opened else {}, 30 if columns() >= WIDE else 14
        ),
    )
    return 0
