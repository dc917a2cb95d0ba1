"""Each rule of Great Expectations with its sentence and what the last runs' Checkpoints said."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from flows.lake.lake import Lake
from flows.report.phrases import kyiv_time
from flows.validate.check import SuiteResult
from schemas.codes import DayState, RuleName, Severity
from schemas.typed import Moment

MOST_RUNS = 30
"""The last runs that are shown."""

_SUITES = {
    "documents": "Documents",
    "figures": "Figures of the documents",
    "ledger": "Rows of losses",
}
"""What is checked, in the order of a run: the gate checks the first two, the audit the last."""


class RunRules(msgspec.Struct, frozen=True):
    """A run that checked something: which, when, and what the Checkpoint of each suite said."""

    kind: str
    started_at: Moment
    rules: tuple[SuiteResult, ...]


@dataclass(frozen=True, slots=True)
class ResultCell:
    """What one run said of a rule: a state that colours it, a sign, and words."""

    state: DayState
    sign: str
    words: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule: `last` is what the newest run with rows said, `cells` are one a run, oldest first."""

    rule: RuleName
    last: str
    cells: tuple[ResultCell, ...]


@dataclass(frozen=True, slots=True)
class SuiteLines:
    """The rules of a suite in its order."""

    name: str
    title: str
    lines: tuple[RuleLine, ...]


def last_rules(lake: Lake) -> tuple[RunRules, ...]:
    """Return what the rules said in the last runs, the oldest first; runs that say nothing not."""
    return tuple(_with_rules(lake.runs(MOST_RUNS)))[::-1]


def _with_rules(records: Iterable[dict[str, Any]]) -> Iterator[RunRules]:
    for record in records:
        try:
            run = msgspec.convert(record, RunRules)
        except msgspec.ValidationError:
            continue  # of an older version, or damaged, which `status` tells
        if run.rules:
            yield run


def suite_lines(runs: Sequence[RunRules]) -> list[SuiteLines]:
    """Return the rules of each suite that the runs know, and what each run said of them."""
    said = [{one.suite: one for one in run.rules} for run in runs]
    found = []
    for name, title in _SUITES.items():
        results = [suites.get(name) for suites in said]
        rules = dict.fromkeys(rule for one in reversed(results) if one for rule in one.broken)
        lines = tuple(_line(rule, runs, results) for rule in rules)
        if lines:
            found.append(SuiteLines(name, title, lines))
    return found


def _line(
    rule: RuleName, runs: Sequence[RunRules], results: Sequence[SuiteResult | None]
) -> RuleLine:
    cells = [
        _cell(rule, f"{run.kind}, {kyiv_time(run.started_at)}", result)
        for run, result in zip(runs, results, strict=True)
    ]
    last = next((one for one in reversed(results) if one and rule in one.broken), None)
    return RuleLine(rule, _words(rule, last), tuple(cells))


def _cell(rule: RuleName, run: str, result: SuiteResult | None) -> ResultCell:
    words = f"{run}: {_words(rule, result)}"
    if result is None or rule not in result.broken:
        return ResultCell(DayState.MISSING, "", words)
    if rule in result.failed:
        return ResultCell(DayState.UNDECIDED, "?", words)
    if not result.broken[rule]:
        return ResultCell(DayState.OK, "", words)
    if rule.severity is Severity.CRITICAL:
        return ResultCell(DayState.UNDECIDED, "!", words)
    return ResultCell(DayState.EXPLAINED, "×", words)


def _words(rule: RuleName, result: SuiteResult | None) -> str:
    if result is None or rule not in result.broken:
        return "nothing was checked"
    if rule in result.failed:
        return f"not evaluated on all of {result.rows:,}"
    broken = result.broken[rule]
    return f"{broken:,} of {result.rows:,} break it" if broken else f"holds on all {result.rows:,}"
