"""The commands `tallybook alerts test` and `install`."""

import click

from flows.errors import EXIT_FAILED, UsageError
from flows.redact import one_line


@click.group()
def alerts() -> None:
    """Runs tell by themselves: one line switches that on, such as `to = ["env:SLACK_URL"]` under
    [alerts] in tallybook.toml. The documentation says more ("Alerts").

    \b
    Examples:
      tallybook alerts test
      tallybook alerts install
    """


@alerts.command()
def test() -> int:
    """Send a message to everybody whom the settings name.

    Exit status: 0 all were sent, 1 one was not, 2 the settings name nobody.

    \b
    Example:
      SLACK_URL=slack://... TALLYBOOK_ALERTS_TO=env:SLACK_URL tallybook alerts test
    """
    from flows.orchestration import environment
    from flows.settings import load_settings

    to = load_settings().alerts.to
    if not to:
        raise UsageError('nobody is named: set to = ["env:NAME"] under [alerts] in tallybook.toml')
    environment.prepare()
    from flows.orchestration.notify import deliver

    title, body = "Tallybook: a test", "Alerts reach you: a run that has something to tell will."
    problems = {one: deliver(one, title, body) for one in to}
    for one, problem in problems.items():
        click.echo(f"{one}: {f'not sent: {one_line(problem)}' if problem else 'sent'}")
    return EXIT_FAILED if any(problems.values()) else 0


@alerts.command()
def install() -> int:
    """Have the Prefect server tell what no run can report.

    That is a run that crashed, is late, or never began. The server that PREFECT_API_URL names
    carries it out, and tells those whose addresses are in its blocks. Called again, it renews what
    is there.

    \b
    Example:
      PREFECT_API_URL=http://127.0.0.1:4200/api tallybook alerts install
    """
    from flows.orchestration import environment
    from flows.settings import load_settings

    to = load_settings().alerts.to
    environment.prepare()
    from flows.orchestration.automations import install as install_automations

    for name, new in install_automations(to).items():
        click.echo(f"{name}: {'made' if new else 'renewed'}")
    return 0
