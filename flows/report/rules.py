"""What is published held against the rules of the audit, by the same Checkpoint.

It is for anyone who has the Parquet, with a lake around it or without: `tallybook verify --rules`.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from flows.errors import EXIT_FAILED, LakeError, UsageError, why
from flows.lake import parquet
from flows.lake.lake import Lake
from flows.lake.rows import python_values
from flows.redact import plain
from flows.report.day_summary import span
from flows.report.phrases import counted
from flows.validate.audit import audit
from schemas.codes import RuleName, Severity
from schemas.registry import load_registry
from schemas.tables import LOSSES, LossRow


class RuleVerdict(msgspec.Struct, frozen=True):
    """A rule, how many rows break it, and a sentence that names the first of them (null: none).

    `evaluated`: it could be evaluated on every day; where not, rows of some days are not counted.
    """

    rule: RuleName
    severity: Severity
    meaning: str
    broken: int
    evaluated: bool
    sentence: str | None


class RulesReport(msgspec.Struct, frozen=True):
    """Rows of `losses` held against the rules of the audit; `exit_status` is 1 if one fails.

    A rule fails that could not be evaluated, or is critical and broken. Warnings flag what the
    bulletins print. `place` is the lake, or the file or folder that was read.
    """

    place: str
    exit_status: int
    rows: int
    first_date: date | None
    last_date: date | None
    rules: tuple[RuleVerdict, ...]


def rules_report(place: str, rows: Sequence[LossRow]) -> RulesReport:
    """Hold rows of `losses` against the rules."""
    checked = audit(rows, registry=load_registry())
    sentences = {finding.rule: finding.sentence for finding in checked.findings}
    failed = {failure.rule for failure in checked.failed.values()}
    dates = [row.report_date for row in rows if row.report_date]  # who knows what stands there
    verdicts = tuple(
        RuleVerdict(
            rule=rule,
            severity=rule.severity,
            meaning=rule.meaning,
            broken=broken,
            evaluated=rule not in failed,
            sentence=sentences.get(rule),
        )
        for said in checked.rules
        for rule, broken in said.broken.items()
    )
    fails = any(
        not one.evaluated or (one.broken and one.severity is Severity.CRITICAL) for one in verdicts
    )
    return RulesReport(
        place=place,
        exit_status=EXIT_FAILED if fails or not rows else 0,
        rows=len(rows),
        first_date=min(dates, default=None),
        last_date=max(dates, default=None),
        rules=verdicts,
    )


def rules_text(report: RulesReport) -> str:
    """Return a line for each rule, and what the exit status says."""
    return "\n".join(_lines(report))


def _lines(report: RulesReport) -> Iterator[str]:
    if not report.rows:
        yield f"There is no row of losses in {plain(report.place)}."
        return
    first, last = report.first_date, report.last_date
    days = span(first, last) if first and last else "none dated"
    yield f"{counted(report.rows, 'row')} of losses, {days}, in {plain(report.place)}."
    yield "Each rule is named after what would break it:"
    for one in report.rules:
        what = "not evaluated" if not one.evaluated else "broken" if one.broken else "not broken"
        yield f"  {what:<13}  {one.severity:<8}  {one.rule}: {one.meaning}"
        if one.sentence:
            yield f"{'':<27}{counted(one.broken, 'row')}: {plain(one.sentence)}"
    if report.exit_status:
        yield "A critical rule is broken, or one could not be evaluated: this is not as published."
    else:
        yield "No critical rule is broken; what the warnings name is published as it was printed."


def write_data_docs(rows: Sequence[LossRow], folder: Path) -> Path:
    """Write Great Expectations' Data Docs of all suites and of these rows; return the first page.

    Raises UsageError for a folder that holds anything else, or cannot be written.
    """
    from flows.validate import checkpoints
    from schemas.suites import LEDGER, SUITES

    first = folder / "index.html"
    try:
        if folder.exists() and any(folder.iterdir()) and not (folder / "expectations").is_dir():
            raise UsageError(f"{folder} holds other files and no Data Docs: give a new folder.")
        given = {LEDGER.name: rows} if rows else {}
        parameters = {"categories": list(load_registry().categories)}
        checkpoints.write_data_docs(SUITES, given, parameters, folder.absolute())
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {why(error)}.") from error
    return first


def lake_rows(lake: Lake) -> list[LossRow]:
    """Return the rows of `losses` in a lake, whatever they hold. Raises DamagedTable."""
    return [
        row
        for partition in parquet.partitions(lake.storage, LOSSES)
        for row in _as_rows(parquet.read(lake.storage, LOSSES, partition))
    ]


def rows_in(path: Path) -> list[LossRow]:
    """Return the rows of a Parquet file of `losses`, or of all such files in a folder.

    Raises UsageError where there is none, LakeError for one that is damaged.
    """
    files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
    if not files:
        raise UsageError(f"there is no Parquet file in {path}; name the folder `losses`.")
    return [row for file in files for row in _rows_of(file)]


def _rows_of(file: Path) -> Iterator[LossRow]:
    try:
        with pq.ParquetFile(file, page_checksum_verification=True) as opened:
            if lacking := [n for n in LOSSES.columns if n not in opened.schema_arrow.names]:
                raise UsageError(f"{file} is no file of losses: it has no column {lacking[0]}.")
            data = opened.read(list(LOSSES.columns))
    except FileNotFoundError as error:
        raise UsageError(f"there is no such file or folder: {file}") from error
    except (OSError, pa.ArrowException) as error:
        raise LakeError(f"{file} cannot be read: {plain(why(error))}.") from error
    return _as_rows(data)


def _as_rows(data: pa.Table) -> Iterator[LossRow]:
    """Yield rows as they stand there: an unknown code or a null is for the rules to find."""
    columns = [python_values(data[name]) for name in LOSSES.columns]
    for values in zip(*columns, strict=True):
        yield LossRow(**dict(zip(LOSSES.columns, values, strict=True)))
