"""The command `tallybook verify`."""

import click

from flows.cli import options


@click.command()
@click.option("--all", "whole", is_flag=True, help="Read every document again, not only some.")
@options.lake
@options.as_json
def verify(whole: bool, lake: str | None, as_json: bool) -> int:
    """Hashes of all files, the archive with its provenance, columns, keys, the documents of all
    rows; documents are read again and their figures compared, and losses are decided again from the
    figures. What is wrong is named with what mends it. Nothing is written.

    Exit status: 0 all is as it was published, 1 something is not.

    \b
    Examples:
      tallybook verify
      tallybook verify --all --json
    """
    from flows.cli.output import print_report
    from flows.lake.lake import open_lake
    from flows.progress import shown
    from flows.report.verification.prove import proof_text, prove
    from flows.settings import load_settings

    settings = load_settings(lake=lake)
    opened = open_lake(settings.lake)
    with shown():
        proof = prove(opened, order=tuple(settings.sources), whole=whole)
    print_report(proof, proof_text, as_json=as_json)
    return proof.exit_status
