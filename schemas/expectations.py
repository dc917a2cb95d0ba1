"""The one expectation that Great Expectations lacks: no row for which a condition holds.

Its own `UnexpectedRowsExpectation` asks that of a database; this one asks it of a data frame.
"""

from typing import Any, ClassVar

from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.execution_engine import ExecutionEngine, PandasExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_value
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

_METRIC = "table.rows_where"


class RowsWhere(TableMetricProvider):
    """The index labels of the rows for which a condition holds; not where a null leaves it open."""

    metric_name = _METRIC
    value_keys = ("condition",)

    @metric_value(engine=PandasExecutionEngine)
    def _pandas(
        cls,  # noqa: N805 - Great Expectations makes it a class method
        execution_engine: PandasExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> list[int]:
        frame, _, _ = execution_engine.get_compute_domain(
            metric_domain_kwargs, domain_type=MetricDomainTypes.TABLE
        )
        # numexpr, which pandas prefers where it is installed, knows no nullable types.
        holds: Any = frame.eval(metric_value_kwargs["condition"], engine="python")
        return [int(label) for label in frame.index[holds.astype("boolean").fillna(False)]]


class ExpectNoRowsWhere(BatchExpectation):
    """Expect no row for which `condition` holds: an expression over columns, as pandas reads it.

    A row where a column of the condition is null passes, unless the condition asks for that.
    """

    condition: str

    metric_dependencies: ClassVar[tuple[str, ...]] = (_METRIC,)
    success_keys: ClassVar[tuple[str, ...]] = ("condition",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: ExecutionEngine[Any] | None = None,
    ) -> dict[str, Any]:
        rows = metrics[_METRIC]
        return {
            "success": not rows,
            "result": {"unexpected_count": len(rows), "unexpected_index_list": rows},
        }
