"""Runs the suites over rows: one Great Expectations context a process, one checkpoint a suite.

Importing this module loads Great Expectations, which takes seconds: `flows/validate/check.py` does
so when there are rows to check.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from pathlib import Path
from threading import Lock
from typing import Any

import great_expectations as gx
import pandas as pd
from great_expectations.core import ExpectationValidationResult
from great_expectations.data_context.data_context.abstract_data_context import (
    AbstractDataContext,
)
from great_expectations.data_context.types.base import (
    DataContextConfig,
    InMemoryStoreBackendDefaults,
    ProgressBarsConfig,
)

from schemas.codes import RuleName, Severity
from schemas.fields import PANDAS_DTYPES
from schemas.suites import Suite

_RUNNING = Lock()
"""Held while a checkpoint runs: the frame that is checked is state of the shared data source."""

_DOCS = "data_docs"

# Without index columns the failing rows come as positions, at a tenth of the cost.
_RESULT_FORMAT = {"result_format": "COMPLETE", "return_unexpected_index_query": False}


@dataclass(frozen=True, slots=True)
class Result:
    """What Great Expectations says of one expectation of a suite.

    `number` is its place in the suite, from 0. `rows` are the positions of the rows that break the
    rule, from 0; empty where it `holds` or the frame as a whole breaks it. `problem` says why it
    could not be evaluated, with the `traceback`: then it neither holds nor is broken.
    """

    number: int
    rule: RuleName
    severity: Severity
    sentence: str
    detail: str
    holds: bool
    rows: tuple[int, ...] = ()
    problem: str | None = None
    traceback: str | None = None


def evaluate(
    suite: Suite, rows: Sequence[object], parameters: Mapping[str, Any]
) -> tuple[Result, ...]:
    """Check all rows against a suite in one run of its checkpoint; safe to call from any thread.

    The columns of the suite are read as attributes of the rows. `parameters` are the values of the
    suite's parameters. The results come in the suite's order; a rule that cannot be evaluated is
    one, too, never an error.
    """
    frame = _frame(suite, rows)
    with _RUNNING:
        checkpoint = _checkpoint(suite)
        run = checkpoint.run({"dataframe": frame}, dict(parameters))
        # The store of the context keeps every result in memory; here the caller does.
        for key in run.run_results:
            _context().validation_results_store.remove_key(key)  # type: ignore[no-untyped-call]
    (validation,) = run.run_results.values()
    results = {r.expectation_config.id: r for r in validation.results if r.expectation_config}
    in_order = checkpoint.validation_definitions[0].suite.expectations
    return tuple(_result(number, results[one.id]) for number, one in enumerate(in_order))


def write_data_docs(
    suites: Mapping[str, Suite],
    rows: Mapping[str, Sequence[object]],
    parameters: Mapping[str, Any],
    folder: Path,
) -> None:
    """Write Great Expectations' own pages: the suites, and what comes of the rows of some of them.

    `rows` are by the name of their suite. The pages ask outside hosts for styles and scripts.
    Raises OSError where the folder cannot be written.
    """
    site: Any = {
        "class_name": "SiteBuilder",
        "show_how_to_buttons": False,
        "store_backend": {
            "class_name": "TupleFilesystemStoreBackend",
            "base_directory": str(folder),
        },
        "site_index_builder": {"class_name": "DefaultSiteIndexBuilder"},
    }
    with _RUNNING:
        context = _context()
        context.add_data_docs_site(_DOCS, site)
        kept: list[Any] = []
        try:
            for name, suite in suites.items():
                checkpoint = _checkpoint(suite)
                if name in rows:
                    frame = _frame(suite, rows[name])
                    run = checkpoint.run({"dataframe": frame}, dict(parameters))
                    kept += run.run_results
            context.build_data_docs([_DOCS])
        finally:
            for key in kept:
                context.validation_results_store.remove_key(key)  # type: ignore[no-untyped-call]
            context.delete_data_docs_site(_DOCS)


def _frame(suite: Suite, rows: Sequence[object]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            name: _column(list(map(attrgetter(name), rows)), PANDAS_DTYPES[kind])
            for name, kind in suite.columns.items()
        }
    )


def _column(values: list[Any], dtype: Any) -> Any:
    """Return values as an Arrow-backed or masked column: a null turns no count into a float.

    Values that are not of the type stay objects: which rule cannot read them, the rule says.
    """
    try:
        return pd.array(values, dtype)
    except (TypeError, ValueError, OverflowError):
        return pd.Series(values, dtype=object)


def _result(number: int, result: ExpectationValidationResult) -> Result:
    config = result.expectation_config
    assert config
    positions = result.result.get("unexpected_index_list") or ()
    problem, traceback = _raised(result.exception_info)
    return Result(
        number=number,
        rule=RuleName(config.meta["rule"]),
        severity=Severity(config.severity.value),
        sentence=config.meta["sentence"],
        detail=config.meta["detail"],
        holds=bool(result.success),
        rows=tuple(sorted(map(int, positions))),
        problem=problem,
        traceback=traceback,
    )


def _raised(info: Mapping[str, Any]) -> tuple[str, str] | tuple[None, None]:
    """Return message and traceback of what kept a rule from being evaluated, if something did.

    The information is one entry, or one for each metric that failed.
    """
    for entry in [info] if "raised_exception" in info else info.values():
        if entry["raised_exception"]:
            return str(entry["exception_message"]), str(entry["exception_traceback"])
    return None, None


@cache
def _context() -> AbstractDataContext:
    """Return the context: it writes no files, draws no progress bars and reports to nobody."""
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    return gx.get_context(mode="ephemeral", project_config=config)


@cache
def _checkpoint(suite: Suite) -> gx.Checkpoint:
    """Return the checkpoint of a suite; the data frame comes with each run of it."""
    context = _context()
    asset = context.data_sources.add_pandas(suite.name).add_dataframe_asset("rows")
    definition = gx.ValidationDefinition(
        name=suite.name,
        data=asset.add_batch_definition_whole_dataframe("all rows"),
        suite=context.suites.add(
            gx.ExpectationSuite(suite.name, [copy(one) for one in suite.expectations])
        ),
    )
    return context.checkpoints.add(
        gx.Checkpoint(
            name=suite.name,
            validation_definitions=[context.validation_definitions.add(definition)],
            result_format=_RESULT_FORMAT,
        )
    )
