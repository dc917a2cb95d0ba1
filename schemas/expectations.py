"""Great Expectations at work: evaluates a suite of `schemas/suites.py` over rows, in one run.

Importing this module costs seconds, so `flows/validate/gate.py` loads it only when it is needed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.expectation_configuration import ExpectationConfiguration
from great_expectations.expectations.metadata_types import FailureSeverity

from schemas.fields import PANDAS_DTYPES
from schemas.rules import Rule, Suite

Row = Mapping[str, object]
"""One row to check: a value for each column of the suite; other keys are ignored."""

# Without index columns the failing rows come as positions, at a tenth of the cost.
_RESULT_FORMAT = {"result_format": "COMPLETE", "return_unexpected_index_query": False}


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that does not hold, and the positions of the rows that break it, from 0.

    `rows` is empty where the frame as a whole breaks the rule.
    """

    rule: Rule
    rows: tuple[int, ...]


def broken_rules(suite: Suite, rows: Sequence[Row]) -> list[Broken]:
    """Check all rows in one run; return the rules that do not hold, in the suite's order.

    Raises RuntimeError if Great Expectations could not evaluate a rule: that is no verdict.
    """
    results = _evaluate(suite, _frame(suite, rows))
    broken = []
    for rule in suite.rules:
        result = results[rule.name]
        if result.exception_info.get("raised_exception", True):
            problem = str(result.exception_info)[-500:]
            raise RuntimeError(f"the rule {rule.name} could not be evaluated: {problem}")
        if not result.success:
            positions = result.result.get("unexpected_index_list") or ()
            broken.append(Broken(rule, tuple(int(p) for p in positions)))
    return broken


def _frame(suite: Suite, rows: Sequence[Row]) -> pd.DataFrame:
    """Return the rows as Arrow-backed columns, so that a null turns no count into a float."""
    dtypes = {column.name: PANDAS_DTYPES[column.type] for column in suite.columns}
    return pd.DataFrame(list(rows), columns=list(dtypes), dtype=object).astype(dtypes)


def _evaluate(suite: Suite, frame: pd.DataFrame) -> dict[str, ExpectationValidationResult]:
    """Return the result of each rule by its name."""
    asset = _quiet_context().data_sources.add_pandas("rows").add_dataframe_asset(suite.name)
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame})
    expectations = [_expectation(rule) for rule in suite.rules]
    outcome = batch.validate(
        gx.ExpectationSuite(name=suite.name, expectations=expectations),
        result_format=_RESULT_FORMAT,
    )
    return {r.expectation_config.meta["rule"]: r for r in outcome.results if r.expectation_config}


def _quiet_context() -> AbstractDataContext:
    """Return a context that writes no files, draws no progress bars and reports to nobody."""
    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    return gx.get_context(mode="ephemeral", project_config=config)


def _expectation(rule: Rule) -> Expectation:
    """Return the rule as Great Expectations knows it.

    Made one by one, as a suite logs and drops a configuration that it cannot use.
    """
    return ExpectationConfiguration(
        type=rule.check.expectation,
        kwargs=dict(rule.check.arguments),
        meta={"rule": rule.name},
        severity=FailureSeverity(rule.severity),
    ).to_domain_obj()
