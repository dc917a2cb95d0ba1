"""The command `tallybook config`."""

import click

from flows.cli import options


@click.command()
@options.lake
@options.as_json
def config(lake: str | None, as_json: bool) -> int:
    """A value comes from the defaults, from tallybook.toml (or the file that $TALLYBOOK_CONFIG
    names), from the environment, or from a flag: each of these outdoes the ones before it.
    Passwords and tokens are not shown.

    \b
    Examples:
      tallybook config
      TALLYBOOK_LAKE=/srv/lake tallybook config --json
    """
    from flows.cli.output import print_report
    from flows.report.settings_list import settings_report, settings_text
    from flows.settings import load_settings

    print_report(settings_report(load_settings(lake=lake)), settings_text, as_json=as_json)
    return 0
