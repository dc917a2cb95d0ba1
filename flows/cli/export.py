"""The command `tallybook export`."""

from datetime import date
from pathlib import Path

import click

from flows.cli import options
from schemas.tables import TABLES

FORMATS = ("csv", "jsonl", "xlsx", "parquet", "wide", "community", "sqlite", "duckdb")


@click.command()
@click.argument("format_name", metavar="FORMAT", type=click.Choice(FORMATS))
@click.option(
    "--out",
    type=options.Given(),
    metavar="PATH",
    required=True,
    help="The file, for community the folder.",
)
@click.option(
    "--table",
    type=click.Choice([table.name for table in TABLES]),
    help="The table, for csv, jsonl, xlsx and parquet. Default: losses.",
)
@options.since
@options.until
@click.option("--force", is_flag=True, help="Replace what is there.")
@options.lake
@options.as_json
def export(
    format_name: str,
    out: str,
    table: str | None,
    since: date | None,
    until: date | None,
    force: bool,
    lake: str | None,
    as_json: bool,
) -> int:
    """A file appears whole, and replaces none unless --force is given. The lake is only read.

    \b
    csv, jsonl, xlsx, parquet   one table as one file
    wide                        losses with one row a day, CSV or Parquet as --out ends
    community                   the three JSON files of the community data set, in a folder
    sqlite, duckdb              all tables in one file, with views losses_daily and mismatches

    xlsx and duckdb need two more packages: pip install 'tallybook[export]'.

    \b
    Examples:
      tallybook export csv --out losses.csv
      tallybook export wide --out daily.parquet --since 2024-01-01
      tallybook export community --out community/ --force
    """
    from flows.cli.output import print_report
    from flows.lake.lake import open_lake
    from flows.report.exports import export as exports
    from flows.settings import load_settings

    opened = open_lake(load_settings(lake=lake).lake)
    done = exports.export(
        opened, format_name, Path(out), table=table, since=since, until=until, force=force
    )
    print_report(done, exports.export_text, as_json=as_json)
    return 0
