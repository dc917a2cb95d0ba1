"""The command line: what each command is called and takes; `flows.cli.commands` does the work."""

import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any, TypeVar

import click

from flows.errors import EXIT_FAILED, EXIT_USAGE, TallybookError
from flows.redact import one_line, redacted

INTERRUPTED = 130

Function = TypeVar("Function", bound=Callable[..., Any])


class Day(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the date, or fail with a sentence."""
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date; write it as in 2023-10-09", param, ctx)


class Moment(click.ParamType[datetime]):
    """A moment as an aware datetime: UTC where no offset is given, a date alone is its end."""

    name = "WHEN"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Return the moment, or fail with a sentence."""
        try:
            return datetime.combine(date.fromisoformat(value), time.max, UTC)
        except ValueError:
            pass
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is no moment; write 2023-10-09 or 2023-10-09T12:30+03:00", param, ctx
            )
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


class Commands(click.Group):
    """Lists the commands in the order of their definition: the daily ones first."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return list(self.commands)


def _lake(function: Function) -> Function:
    text = "The lake: a folder or file:// address. Default: $TALLYBOOK_LAKE, else data/lake."
    return click.option("--lake", metavar="URI", help=text)(function)


def _sources(function: Function) -> Function:
    text = "A configured source (see tallybook sources); may be given several times. Default: all."
    return click.option("--source", "sources", metavar="NAME", multiple=True, help=text)(function)


def _archive(function: Function) -> Function:
    text = (
        "A folder of documents (*.txt *.html *.htm *.json *.warc *.warc.gz, nested at will), "
        "or one file."
    )
    return click.option("--archive", metavar="PATH", help=text)(function)


def _verbose(function: Function) -> Function:
    text = "Show Prefect's messages, and where in the code an error came up."
    return click.option("--verbose", is_flag=True, help=text)(function)


def _json(function: Function) -> Function:
    text = "Print JSON instead of text; its keys are documented in the README."
    return click.option("--json", "as_json", is_flag=True, help=text)(function)


def _range(function: Function) -> Function:
    until = click.option("--until", type=Day(), help="The last report date. Default: no limit.")
    since = click.option("--since", type=Day(), help="The first report date. Default: no limit.")
    return since(until(function))


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


@cli.command()
@click.option("--date", "day", type=Day(), help="The report date. Default: today in Kyiv.")
@_sources
@_archive
@click.option("--url", help='A page to read; "{date}" in it stands for the report date.')
@_lake
@_verbose
def run(**given: Any) -> int:
    """Process one day: find, check and publish its bulletin.

    Also takes up archived documents that an interrupted run left unpublished.
    """
    from flows.cli.commands import run as do

    return do(**given)


@cli.command()
@_range
@_sources
@_archive
@_lake
@_verbose
def backfill(**given: Any) -> int:
    """Process many days at once, such as an archive of downloads.

    Running it again with the same documents changes nothing, and their order does not matter.
    """
    from flows.cli.commands import backfill as do

    return do(**given)


@cli.command()
@click.argument("where", metavar="[PATH|URL|-]", default="-")
@click.option("--published", type=Day(), help="When the text was published, if it does not say.")
@click.option("--jsonl", is_flag=True, help="Read JSON lines, write one result a line, in order.")
@click.option(
    "--explain", is_flag=True, help="Show in the text what is taken, and why the rest is not."
)
def parse(**given: Any) -> int:
    """Read one document and print what it says as JSON.

    A document that holds several days (a page of a month, a channel, an API's list) gives one
    object a line, one for each day; it is accepted if all of them are. Nothing is stored.

    With --jsonl each input line is an object with "id", "text" or "html", and
    "published" where it is known; each output line is the result with that "id" first. A line
    that cannot be used gives a refused result in its place.

    Exit status: 0 accepted, 1 refused; with --jsonl 0 when every line was answered.
    """
    from flows.cli.parse import parse as do

    return do(**given)


@cli.command()
@click.argument("day", metavar="[DATE]", type=Day(), required=False)
@click.option("--as-of", type=Moment(), help="How it stood then; a date is the end of that day.")
@_lake
@_json
def show(**given: Any) -> int:
    """Show one day as published; by default the latest.

    Exit status: 0, or 1 if the day is not (or with --as-of was not yet) on record.
    """
    from flows.cli.commands import show as do

    return do(**given)


@cli.command()
@_lake
@_json
def status(**given: Any) -> int:
    """Say what the lake holds and how the last run ended.

    Exit status: 0; 1 if Tallybook makes a mistake on a document (reader_error), which is a bug.
    """
    from flows.cli.commands import status as do

    return do(**given)


@cli.command()
@_range
@click.option(
    "--against",
    metavar="FILE",
    help="Compare the totals with those of a community file, JSON or CSV, instead.",
)
@_lake
@_json
def check(**given: Any) -> int:
    """Say what does not add up in the published days, and why.

    With --against, list every difference from a file of totals and say which side the series
    supports.

    Exit status: 0 if everything is explained; 1 if something is undecided for more than two days,
    a known error of a source (schemas/corrections.toml) does not fit any more, or Tallybook makes a
    mistake on a document (reader_error).
    """
    from flows.cli.commands import check as do

    return do(**given)


@cli.command()
@_lake
@_verbose
def rebuild(**given: Any) -> int:
    """Write all tables anew from the archived documents, offline.

    Use it after an update of Tallybook; with the same version it gives the same bytes.
    """
    from flows.cli.commands import rebuild as do

    return do(**given)


@cli.command()
@click.option("--test", "name", metavar="NAME", help="Ask this source now; nothing is stored.")
@click.option("--date", "day", type=Day(), help="With --test: the report date. Default: today.")
@_lake
@_json
def sources(**given: Any) -> int:
    """List the sources, the preferred one first, and how each did.

    With --test one of them is asked: what it has for a day, the figures, and how fresh it is. The
    exit status is then that of a run: 0, 1 failed, 75 not published yet.
    """
    from flows.cli.commands import sources as do

    return do(**given)


@cli.group(cls=Commands)
def archive() -> None:
    """Verify the archived documents, or export and import them."""


@archive.command("verify")
@_lake
@_json
def archive_verify(**given: Any) -> int:
    """Check every archived document and its provenance record.

    Exit status: 0 everything is whole, 1 something is damaged, missing or left over.
    """
    from flows.cli.archive import verify as do

    return do(**given)


@archive.command("export")
@click.option("--out", metavar="FILE", required=True, help="The file: *.warc.gz or *.warc.")
@_lake
def archive_export(**given: Any) -> int:
    """Write the archive to a WARC file.

    It holds all documents with their provenance, and other tools read it too.
    """
    from flows.cli.archive import export as do

    return do(**given)


@archive.command("import")
@click.argument("file", metavar="FILE")
@_lake
def archive_import(**given: Any) -> int:
    """Take in the documents of an exported WARC file.

    They get the provenance that they had; what is archived already stays as it is. The next run
    publishes them, or at once `tallybook rebuild`.
    """
    from flows.cli.archive import import_file as do

    return do(**given)


@cli.command()
@_sources
@_lake
def serve(**given: Any) -> int:
    """Run the daily flow every morning, Kyiv time, until interrupted.

    Starts a Prefect server beside it unless PREFECT_API_URL names one.
    """
    from flows.cli.commands import serve as do

    return do(**given)


def _complain(sentence: str) -> None:
    click.echo(f"tallybook: {one_line(redacted(sentence))}", err=True)


def call(arguments: list[str]) -> int:
    """Run one command and return its exit status; every error becomes one line on stderr."""
    try:
        done = cli.main(arguments or ["--help"], prog_name="tallybook", standalone_mode=False)
        sys.stdout.flush()
        return done if isinstance(done, int) else 0
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
        if "--verbose" in arguments:
            raise
        _complain(f"unexpected error, please report it: {type(error).__name__}: {error}")
        return EXIT_FAILED


def main() -> None:
    """Run the installed command `tallybook`."""
    sys.exit(call(sys.argv[1:]))
