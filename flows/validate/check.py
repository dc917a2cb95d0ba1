"""Checks rows against a suite, and makes findings of the rules that they break.

All rows are checked in one run: Great Expectations costs about the same for one as for a hundred.
Where a rule cannot be evaluated, halves are checked until it is known on which groups of rows.
"""

import logging
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import msgspec

from flows.redact import one_line, visible
from schemas.codes import RuleName
from schemas.records import Finding

if TYPE_CHECKING:
    from flows.validate.checkpoints import Result

Group = TypeVar("Group", bound=Hashable)
"""What a row is part of; a group is always checked as a whole."""


class SuiteResult(msgspec.Struct, frozen=True):
    """What the Checkpoint of a suite said of some rows, in short.

    `broken` has each rule of the suite in its order, with the number of `rows` that break it.
    `failed` are the rules that could not be evaluated on some of the rows.
    """

    suite: str
    rows: int
    broken: dict[RuleName, int]
    failed: tuple[RuleName, ...] = ()


Keep = Callable[[SuiteResult], None]
"""Is given what each Checkpoint said."""

MOST_DETAILS = 5
"""How many failing rows a sentence names; the finding's rows hold them all."""

MOST_CHARACTERS = 200
"""How much of an error a sentence quotes; the log has all of it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """A rule that could not be evaluated, and why."""

    rule: RuleName
    problem: str


@dataclass(frozen=True, slots=True)
class Checked(Generic[Group]):
    """What came of the rows: rules that are broken, and groups on which a rule was not evaluated.

    `broken` is in the suite's order, and its `rows` are positions in the rows that were given.
    """

    broken: "Sequence[Result]"
    failed: Mapping[Group, Failure]


def check(
    suite: str,
    rows: Sequence[object],
    groups: Sequence[Group],
    parameters: Mapping[str, Any],
    keep: Keep | None = None,
) -> Checked[Group]:
    """Check rows against the suite of that name; `groups` says of each row what it is part of.

    The rows have the suite's columns as attributes. Without rows there is nothing to check.
    """
    if not rows:
        return Checked((), {})
    results, failed = _search(suite, rows, range(len(rows)), groups, parameters)
    if keep:
        keep(_in_short(suite, len(rows), results, failed.values()))
    return Checked([result for result in results if not result.holds], failed)


def _in_short(
    suite: str, rows: int, results: "Sequence[Result]", failed: Iterable[Failure]
) -> SuiteResult:
    broken: dict[RuleName, set[int]] = {result.rule: set() for result in results}
    for result in results:  # several may be of one rule, a column each
        broken[result.rule].update(result.rows)
    return SuiteResult(
        suite,
        rows,
        {rule: len(positions) for rule, positions in broken.items()},
        tuple(sorted({failure.rule for failure in failed})),
    )


def joined(results: Iterable[SuiteResult]) -> tuple[SuiteResult, ...]:
    """Return one result a suite, of rows that were checked in parts, in the order of the suites."""
    suites: dict[str, SuiteResult] = {}
    for result in results:
        before = suites.get(result.suite)
        suites[result.suite] = _added(before, result) if before else result
    return tuple(suites.values())


def _added(first: SuiteResult, second: SuiteResult) -> SuiteResult:
    broken = {rule: first.broken.get(rule, 0) for rule in (*first.broken, *second.broken)}
    return SuiteResult(
        first.suite,
        first.rows + second.rows,
        {rule: rows + second.broken.get(rule, 0) for rule, rows in broken.items()},
        tuple(sorted({*first.failed, *second.failed})),
    )


def finding(
    result: "Result", rows: Sequence[dict[str, Any]], parameters: Mapping[str, Any]
) -> Finding:
    """Return the finding of a broken rule; its sentence names the first rows that break it.

    `rows` are what is shown of the rows that break the rule: JSON values by name.
    """
    words = [{k: "not printed" if v is None else v for k, v in row.items()} for row in rows]
    details = [result.detail.format(**parameters, **row) for row in words if result.detail]
    details = list(dict.fromkeys(details))
    named = "; ".join(details[:MOST_DETAILS])
    more = f"; and {len(details) - MOST_DETAILS} more" if len(details) > MOST_DETAILS else ""
    sentence = f"{result.sentence}: {named}{more}" if named else result.sentence
    return Finding(result.rule, result.severity, sentence, tuple(rows))


def _search(
    suite: str,
    rows: Sequence[object],
    positions: Sequence[int],
    groups: Sequence[Group],
    parameters: Mapping[str, Any],
) -> "tuple[list[Result], dict[Group, Failure]]":
    """Check the rows at these positions, in halves where a rule could not be evaluated on all.

    Where one group is left, the rule is reported for it, and its other rules count.
    """
    from flows.validate.checkpoints import evaluate
    from schemas.suites import SUITES

    evaluated = evaluate(SUITES[suite], [rows[p] for p in positions], parameters)
    failures = [result for result in evaluated if result.problem]
    present = list(dict.fromkeys(groups[p] for p in positions))
    if failures and len(present) > 1:
        half = set(present[: len(present) // 2])
        halves = (
            [p for p in positions if groups[p] in half],
            [p for p in positions if groups[p] not in half],
        )
        (left, left_failed), (right, right_failed) = (
            _search(suite, rows, part, groups, parameters) for part in halves
        )
        return list(map(_joined, left, right)), left_failed | right_failed
    results = [_placed(result, positions) for result in evaluated]
    if not failures:
        return results, {}
    (group,) = present
    first = failures[0]
    traceback = visible(first.traceback or "")
    _log.error("The rule %s could not be evaluated:\n%s", first.rule, traceback)
    problem = one_line(first.problem or "no reason given")
    return results, {group: Failure(first.rule, problem[:MOST_CHARACTERS])}


def _placed(result: "Result", positions: Sequence[int]) -> "Result":
    """Return a result of the rows at these positions with its rows as positions in all of them.

    One without a verdict counts as if it held: it is told apart as a failure. Where the frame as a
    whole breaks a rule, every row does.
    """
    if result.holds or result.problem is not None:
        return replace(result, holds=True, rows=())
    return replace(result, rows=tuple(positions[p] for p in result.rows) or tuple(positions))


def _joined(left: "Result", right: "Result") -> "Result":
    return replace(
        left,
        holds=left.holds and right.holds,
        rows=tuple(sorted((*left.rows, *right.rows))),
    )
