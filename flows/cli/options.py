"""What several commands take: dates and moments, and the options that mean the same everywhere."""

from datetime import UTC, date, datetime, time
from typing import Any

import click


class Day(click.ParamType[date]):
    """A date as YYYY-MM-DD."""

    name = "YYYY-MM-DD"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Return the date, or fail with a sentence."""
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a date; write it as in 2023-10-09", param, ctx)


class Given(click.ParamType[str]):
    """A text that is not empty: a variable of a script that is not set is no value."""

    name = "TEXT"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the text, or fail with a sentence."""
        if not str(value).strip():
            self.fail("it is empty; leave the option out, or give a value", param, ctx)
        return str(value)


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


def now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """Return the date in Kyiv."""
    from flows.settings import kyiv_date

    return kyiv_date(now())


def check_data() -> None:
    """Load the data that documents are read by: what is wrong with it is no fault of a document.

    Raises NotValid, naming file and key.
    """
    from schemas.languages import load_languages, load_other_languages
    from schemas.registry import load_registry

    load_registry()
    load_languages()
    load_other_languages()


lake = click.option(
    "--lake",
    type=Given(),
    metavar="URI",
    help="The lake: a folder, file:// or s3://bucket/prefix. Default: $TALLYBOOK_LAKE, `lake` in "
    "tallybook.toml, else data/lake.",
)
sources = click.option(
    "--source",
    "sources",
    metavar="NAME",
    multiple=True,
    help="A configured source (see tallybook sources); may be given several times. Default: all.",
)
archive = click.option(
    "--archive",
    type=Given(),
    metavar="PATH",
    help="A folder of documents (*.txt *.html *.htm *.json *.warc *.warc.gz, nested at will), "
    "or one file.",
)
verbose = click.option(
    "--verbose",
    is_flag=True,
    help="Show Prefect's messages, and where in the code an error came up.",
)
workers = click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(min=1),
    help="Let N processes beside this one read the documents (needs the extra dask).",
)
dask = click.option(
    "--dask",
    metavar="ADDRESS",
    help="Let the workers of a Dask cluster read them: the scheduler's address, tcp://HOST:8786.",
)
as_json = click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print JSON instead of text, as its JSON Schema in the documentation says.",
)
since = click.option("--since", type=Day(), help="The first report date. Default: no limit.")
until = click.option("--until", type=Day(), help="The last report date. Default: no limit.")
