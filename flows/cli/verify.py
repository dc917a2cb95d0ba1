"""The command `tallybook verify`."""

from pathlib import Path

import click

from flows.cli import options


@click.command()
@click.option("--all", "whole", is_flag=True, help="Read every document again, not only some.")
@click.option(
    "--rules",
    metavar="[PATH]",
    is_flag=False,
    flag_value="",
    help="Hold losses against the rules of the audit instead: those of the lake, or of a Parquet "
    "file or a folder of them, wherever it came from.",
)
@options.lake
@options.as_json
def verify(whole: bool, rules: str | None, lake: str | None, as_json: bool) -> int:
    """Hashes of all files, the archive with its provenance, columns, keys, the documents of all
    rows; documents are read again and their figures compared, and losses are decided again from the
    figures. What is wrong is named with what mends it. Nothing is written.

    With --rules the same Great Expectations Checkpoint runs that a run has to pass. It needs no
    lake: give it what you have of the published Parquet.

    Exit status: 0 all is as it was published, 1 something is not (with --rules: a critical rule is
    broken).

    \b
    Examples:
      tallybook verify
      tallybook verify --all --json
      tallybook verify --rules
      tallybook verify --rules downloads/losses
    """
    from flows.cli.output import print_report
    from flows.lake.lake import open_lake
    from flows.progress import shown
    from flows.report.verification.prove import proof_text, prove
    from flows.settings import load_settings

    if rules is not None:
        if whole:
            raise click.UsageError("--all reads documents again; it does not go with --rules")
        return _by_rules(rules, lake, as_json=as_json)
    options.check_data()
    settings = load_settings(lake=lake)
    opened = open_lake(settings.lake)
    with shown():
        proof = prove(opened, order=tuple(settings.sources), whole=whole)
    print_report(proof, proof_text, as_json=as_json)
    return proof.exit_status


def _by_rules(path: str, lake: str | None, *, as_json: bool) -> int:
    from flows.cli.output import print_report
    from flows.lake.lake import open_lake
    from flows.report.rules import lake_rows, rows_in, rules_report, rules_text
    from flows.settings import load_settings

    if path:
        report = rules_report(path, rows_in(Path(path)))
    else:
        opened = open_lake(load_settings(lake=lake).lake)
        report = rules_report(str(opened.storage), lake_rows(opened))
    print_report(report, rules_text, as_json=as_json)
    return report.exit_status
