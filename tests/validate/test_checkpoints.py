"""One Great Expectations context a process: quiet, safe between threads, the same after a year."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import great_expectations as gx
import pytest
from great_expectations.expectations.metadata_types import FailureSeverity

from flows.validate import checkpoints
from flows.validate.audit import audit
from flows.validate.checkpoints import Result, evaluate
from flows.validate.gate import validate
from schemas.codes import RuleName, Severity
from schemas.expectations import ExpectNoRowsWhere
from schemas.registry import load_registry
from schemas.suites import LEDGER, SUITES, Suite
from tests.builders import DAY, bulletin, complete_figures, loss_row, reading

REGISTRY = load_registry()
TODAY = DAY + timedelta(days=1)


def check_once(n: int) -> list[list[str]]:
    """Check n sound documents, one that is not, and rows; return the rules that each breaks."""
    batch = [reading(bulletin(), str(one)) for one in range(n)]
    batch.append(reading(bulletin(figures=complete_figures(tanks=-n)), "last"))
    verdicts = validate(batch, registry=REGISTRY, today=TODAY)
    rows = [loss_row(DAY + timedelta(days=one)) for one in range(n)]
    found = audit([*rows, loss_row(DAY - timedelta(days=1), delta=n + 2)], registry=REGISTRY)
    assert [f.rows[0]["delta"] for f in found.findings] == [n + 2]
    return [[f"{f.rule} {f.rows[0]['total']}" for f in v.findings] for v in verdicts]


@pytest.mark.slow
def test_threads_do_not_see_each_others_rows() -> None:
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(check_once, range(1, 5)))
    assert found == [[*([] for _ in range(n)), [f"total_negative {-n}"]] for n in range(1, 5)]


@pytest.mark.slow
def test_running_again_adds_nothing_to_the_context() -> None:
    def held() -> list[int]:
        context = checkpoints._context()
        stores = (
            context.validation_results_store,
            context.checkpoint_store,
            context.validation_definition_store,
            context.expectations_store,
        )
        assets = [len(source.assets) for source in context.data_sources.all().values()]
        return [*(len(store.list_keys()) for store in stores), *assets]

    check_once(1)
    before = held()
    check_once(2)
    assert held() == before
    assert before[0] == 0


def test_the_context_is_made_once() -> None:
    assert checkpoints._context() is checkpoints._context()
    assert checkpoints._checkpoint(LEDGER) is checkpoints._checkpoint(LEDGER)


def test_every_expectation_of_a_suite_is_evaluated() -> None:
    for suite in SUITES.values():
        in_checkpoint = checkpoints._checkpoint(suite).validation_definitions[0].suite
        assert len(in_checkpoint.expectations) == len(suite.expectations)


def suite_of(name: str, *expectations: gx.expectations.Expectation) -> Suite:
    return Suite(name, {"a": "int64", "b": "int64"}, expectations)


def meta(rule: RuleName) -> dict[str, str]:
    return {"rule": rule, "sentence": rule.clause, "detail": ""}


def evaluated(suite: Suite, *rows: tuple[object, object]) -> Result:
    (result,) = evaluate(suite, [SimpleNamespace(a=a, b=b) for a, b in rows], {})
    return result


def test_the_severity_is_the_one_that_great_expectations_reports() -> None:
    """Whatever its code says: that of this rule is critical."""
    rule = RuleName.TOTAL_NEGATIVE
    expectation = gx.expectations.ExpectColumnValuesToBeBetween(
        column="a", min_value=0, severity=FailureSeverity.WARNING, meta=meta(rule)
    )
    result = evaluated(suite_of("severity of its own", expectation), (-1, 0))
    assert (result.rule, result.severity) == (rule, Severity.WARNING)


@pytest.mark.parametrize(
    ("condition", "column"),
    [("nowhere > 1", None), ("a > ", None), ("a > 1", "nowhere")],
    ids=["no such column", "no expression", "no such column in the frame"],
)
def test_a_rule_that_cannot_be_evaluated_neither_holds_nor_is_broken(
    condition: str, column: str | None
) -> None:
    more = meta(RuleName.TOTAL_NEGATIVE)
    expectation = (
        gx.expectations.ExpectColumnValuesToNotBeNull(column=column, meta=more)
        if column
        else ExpectNoRowsWhere(condition=condition, meta=more)
    )
    result = evaluated(suite_of(f"impossible {condition}", expectation), (1, 2))
    assert not result.holds
    assert result.rows == ()
    assert result.problem
    assert "Traceback" in (result.traceback or "")


class TestNoRowsWhere:
    SUITE = suite_of(
        "where", ExpectNoRowsWhere(condition="0 < a < b", meta=meta(RuleName.NO_FIGURE))
    )

    def test_names_the_rows_for_which_the_condition_holds(self) -> None:
        result = evaluated(self.SUITE, (1, 2), (2, 1), (0, 5), (7, 9))
        assert (result.holds, result.rows) == (False, (0, 3))

    def test_lets_a_null_pass(self) -> None:
        result = evaluated(self.SUITE, (None, 2), (2, None), (None, None))
        assert (result.holds, result.rows) == (True, ())

    def test_lets_an_empty_frame_pass(self) -> None:
        assert evaluated(self.SUITE).holds

    def test_compares_numbers_of_any_size(self) -> None:
        assert evaluated(self.SUITE, (2**70, 2**70 + 1), (2**70, 2**70)).rows == (0,)


QUIET_RUN = """
import sys
def no_network(event, args):
    if event.startswith("socket.connect") or event == "socket.getaddrinfo":
        raise RuntimeError(event)
sys.addaudithook(no_network)
from datetime import date
from flows.validate.audit import audit
from flows.validate.gate import validate
assert not {"great_expectations", "pandas", "prefect"} & set(sys.modules)
from schemas.registry import load_registry
from tests.builders import bulletin, complete_figures, loss_row, reading
registry = load_registry()
batch = [reading(bulletin()), reading(bulletin(figures=complete_figures(tanks=-1)), "b")]
verdicts = validate(batch, registry=registry, today=date(2023, 10, 10))
assert [v.blocked for v in verdicts] == [False, True]
assert not audit([loss_row()], registry=registry).findings
"""


@pytest.mark.slow
def test_great_expectations_is_loaded_late_and_leaves_no_trace(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    path = os.pathsep.join([str(root), os.environ.get("PYTHONPATH", "")])
    env = os.environ | {"HOME": str(tmp_path), "PYTHONPATH": path, "PYTHONWARNINGS": "default"}
    command = [sys.executable, "-c", QUIET_RUN]
    done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []
