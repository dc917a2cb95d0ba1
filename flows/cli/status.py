"""The command `tallybook status`."""

import click

from flows.cli import options


@click.command()
@options.lake
@options.as_json
def status(lake: str | None, as_json: bool) -> int:
    """Exit status: 0; 1 if Tallybook makes a mistake on a document (reader_error), which is a bug.

    \b
    Examples:
      tallybook status
      tallybook status --lake data/lake --json
    """
    from flows.cli.output import print_report
    from flows.lake.lake import open_lake
    from flows.report.lake_text import status_parts, status_text
    from flows.report.status import status_report
    from flows.settings import load_settings

    settings, today = load_settings(lake=lake), options.today()
    report = status_report(open_lake(settings.lake), today, settings.stale_after_days)
    print_report(
        report,
        status_text,
        as_json=as_json,
        on_terminal=lambda: status_parts(report, strip=True),
    )
    return report.exit_status
