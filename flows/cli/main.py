"""The command line: the names of the commands, and how a call of one ends.

Each command is declared once, in a module of its own that is imported only when it is called; what
it needs beside click is imported when it runs, so that its help does not wait for it.
"""

import atexit
import errno
import gc
import os
import sys
from collections.abc import Mapping
from functools import cache
from importlib import import_module

import click

from flows.errors import EXIT_FAILED, EXIT_USAGE, TallybookError
from flows.orchestration.environment import GC_THRESHOLD
from flows.redact import one_line, redacted

INTERRUPTED = 130

_NO_OUTPUT = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What writing to standard output can fail with; errors of files of the lake name the file."""

_REFUSED = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR)
"""What the system says of a path that was given and leads nowhere: no mistake of ours."""

COMMANDS: Mapping[str, str] = {
    "run": "Process one day: find, check and publish its bulletin.",
    "backfill": "Process many days at once, such as an archive of downloads.",
    "parse": "Read one document and print what it says as JSON.",
    "show": "Show one day as published; by default the latest.",
    "status": "Say what the lake holds and how the last run ended.",
    "check": "Say what does not add up in the published days, and why.",
    "verify": "Prove that the lake is whole, from its files to its figures.",
    "export": "Write the published days as CSV, Excel, SQLite and other files.",
    "report": "Write the published days as a site of pages that work offline.",
    "plot": "Draw one category as a picture for an article, SVG or PNG.",
    "rebuild": "Write all tables anew from the archived documents, offline.",
    "sources": "List the sources, the preferred one first, and how each did.",
    "archive": "Verify the archived documents, or export and import them.",
    "alerts": "Try who is told what went wrong, or have a server tell it.",
    "config": "Print the settings in force, and where each of them came from.",
    "serve": "Run the daily flow every morning, Kyiv time, until interrupted.",
}
"""The commands, the daily ones first, with the first sentence of their help.

`flows/cli/NAME.py` holds the command NAME and the rest of it.
"""


@cache
def _command(name: str) -> click.Command:
    from inspect import cleandoc  # the list of the commands has no use for it

    command: click.Command = getattr(import_module(f"flows.cli.{name}"), name)
    command.help = f"{COMMANDS[name]}\n\n{cleandoc(command.help or '')}"
    return command


class Commands(click.Group):
    """Imports a command when it is asked for: the others cost nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command; None where there is none of this name."""
        return _command(cmd_name) if cmd_name in COMMANDS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name; an unknown one is told with its like."""
        name = args[0]
        if not name.startswith("-") and name not in COMMANDS:
            from schemas.typed import unknown

            ctx.fail(unknown(name, COMMANDS, "command"))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of the commands, none of them imported."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tallybook", message="tallybook %(version)s")
def cli() -> None:
    """Keep the books on the daily bulletin of reported Russian losses.

    Tallybook fetches the bulletin, parses it, checks that each reported daily figure equals the
    change in the totals, and publishes Parquet that says, row by row, whether it adds up. The
    figures are one belligerent's claims and cannot be verified independently.

    Exit status: 0 done (flags included), 1 the day failed or was quarantined, 2 wrong usage,
    75 not published yet.
    """


def _complain(sentence: str) -> None:
    click.echo(f"tallybook: {one_line(redacted(sentence))}", err=True)


def call(arguments: list[str]) -> int:
    """Run one command and return its exit status; every error becomes one line on stderr."""
    try:
        done = cli.main(arguments or ["--help"], prog_name="tallybook", standalone_mode=False)
        sys.stdout.flush()
        return done if isinstance(done, int) else 0
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.ctx.get_help() if error.ctx else error.message, err=True)
        return EXIT_USAGE
    except click.ClickException as error:
        _complain(error.format_message())
        return EXIT_USAGE
    except TallybookError as error:
        _complain(str(error))
        return error.exit_status
    except (KeyboardInterrupt, click.Abort):
        _complain("interrupted; run it again to go on")
        return INTERRUPTED
    except Exception as error:
        if _is_of_the_data(error):
            _complain(str(error))
            return EXIT_FAILED
        if isinstance(error, OSError) and error.errno in _REFUSED and error.filename:
            _complain(f"{error.filename}: {error.strerror}")
            return EXIT_FAILED
        if isinstance(error, OSError) and error.errno in _NO_OUTPUT and error.filename is None:
            _complain(f"the output cannot be written: {error.strerror}; what else was done stays")
            return EXIT_FAILED
        if "--verbose" in arguments:
            raise
        _complain(f"unexpected error, please report it: {type(error).__name__}: {error}")
        return EXIT_FAILED


def _is_of_the_data(error: Exception) -> bool:
    """Whether it tells what is wrong with a file of `schemas/`, as who edits one has to know."""
    from schemas.typed import NotValid

    return isinstance(error, NotValid)


def _open_streams() -> None:
    """Open those of stdin, stdout and stderr that are closed, on nothing.

    Some services and shells (`<&-`) start a program so: Python has None in their place, and the
    next file or socket would get their number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123


def main() -> None:
    """Run the installed command `tallybook`."""
    _open_streams()
    gc.set_threshold(GC_THRESHOLD)
    atexit.register(gc.freeze)  # taking all modules apart at the end takes a second
    sys.exit(call(sys.argv[1:]))
