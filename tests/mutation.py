"""`make mutate`: makes small mistakes in the code, one at a time, and says which no test notices.

A mutant is one function with one comparison turned round, a boundary moved by one, `and` for `or`,
a `not` left out, a constant changed, a sum for a difference, or a result dropped. The tests are
collected once; for each mutant a child process gets the changed function and runs the tests that
pass through the changed line, the quickest first, until one fails. Module constants and defaults
are not changed: they are made when a module is imported.

mutmut 3.8.1 and cosmic-ray 8.7 do more and cost more: the one writes every mutant of a file into it
and spent five minutes on that alone, the other starts pytest anew for each.
"""

import argparse
import ast
import copy
import inspect
import itertools
import os
import pickle
import random
import resource
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import TypeAlias

import coverage
import hypothesis
import pytest
from _pytest.runner import runtestprotocol

ROOT = Path(__file__).resolve().parents[1]
MODULES = ("flows/reconcile", "flows/parse/items")
TESTS = ("tests/reconcile", "tests/parse", "tests/publish")

CHOSEN_SECONDS = 20.0
"""What the tests of one mutant take at most, without it: all but a few property tests."""

HANGS = 60
"""Seconds of the processor after which a mutant is noticed: it does not end."""

_Located: TypeAlias = ast.stmt | ast.expr

FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}


EMPTY = frozenset({"None", "False"})
"""Results that None is as good as: only whether they are true is asked."""

NOT_APPLIED = 3
"""What a child says that cannot put the mutant in place."""

Place: TypeAlias = tuple[str, int]
"""A module's file and a line."""

Reached: TypeAlias = Mapping[Place, Sequence[int]]
"""The numbers of the tests that pass through each line."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One mistake: its module's file, what it does, and the module's code with it.

    `lines` are those of its statement up to where it ends; a test that passes one of them counts.
    """

    path: str
    lines: range
    what: str
    code: CodeType

    @property
    def line(self) -> int:
        """Where it ends."""
        return self.lines[-1]


def mutations(node: ast.AST) -> Iterator[tuple[str, _Located]]:
    """Yield what may be wrong about a node: a description, and the node that stands there then."""
    match node:
        case ast.Compare(ops=[*ops]):
            for place, operator in enumerate(ops):
                changed = copy.deepcopy(node)
                changed.ops[place] = FLIPPED[type(operator)]()
                yield "compared otherwise", changed
        case ast.BoolOp(op=operator, values=values):
            other = ast.Or() if isinstance(operator, ast.And) else ast.And()
            yield "`and` for `or`, or the reverse", ast.BoolOp(other, values)
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield "without `not`", operand
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as operator, right=right):
            sign = ast.Sub() if isinstance(operator, ast.Add) else ast.Add()
            yield "+ for -, or the reverse", ast.BinOp(left, sign, right)
        case ast.Constant(value=bool(value)):
            yield f"{not value} for {value}", ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield f"{value + 1} for {value}", ast.Constant(value + 1)
        case ast.Return(value=ast.expr() as value) if ast.unparse(value) not in EMPTY:
            yield "returns None", ast.Return(ast.Constant(None))


def mutants(path: Path) -> list[Mutant]:
    """Return all mutants of a module."""
    tree = ast.parse(path.read_text("utf-8"))
    name = path.relative_to(ROOT).as_posix()
    made = []
    for parent, field, place, node, statement in _places(tree):
        for what, changed in mutations(node):
            _put(parent, field, place, ast.fix_missing_locations(ast.copy_location(changed, node)))
            code = compile(tree, str(path), "exec")
            _put(parent, field, place, node)
            text = ast.unparse(node).splitlines()[0]
            lines = range(statement.lineno, (node.end_lineno or statement.lineno) + 1)
            made.append(Mutant(name, lines, f"{what}: {text}", code))
    return made


def _places(tree: ast.Module) -> list[tuple[ast.AST, str, int | None, _Located, ast.stmt]]:
    """Return each node in the bodies of functions, where it hangs, and its statement."""
    found: list[tuple[ast.AST, str, int | None, _Located, ast.stmt]] = []

    def walk(node: ast.AST, statement: ast.stmt | None) -> None:
        for field, value in ast.iter_fields(node):
            if field in {"annotation", "returns", "decorator_list"} or isinstance(
                value, ast.arguments
            ):
                continue
            children = value if isinstance(value, list) else [value]
            for place, child in enumerate(children):
                if not isinstance(child, ast.AST):
                    continue
                inside = statement or isinstance(node, ast.FunctionDef)
                at = child if isinstance(child, ast.stmt) and inside else statement
                if at is not None and isinstance(child, ast.stmt | ast.expr):
                    found.append((node, field, place if value is children else None, child, at))
                walk(child, at)

    walk(tree, None)
    return found


def _put(parent: ast.AST, field: str, place: int | None, node: ast.AST) -> None:
    if place is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[place] = node


def _codes(code: CodeType) -> Iterator[CodeType]:
    """Yield the code of a module's functions and methods."""
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield constant
            if not constant.co_flags & inspect.CO_NEWLOCALS:  # the body of a class
                yield from _codes(constant)


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    """Yield the functions and methods of a module, out of their decorators; caches are emptied."""
    members = list(vars(module).values())
    members += [
        member
        for kind in members
        if isinstance(kind, type) and kind.__module__ == module.__name__
        for member in vars(kind).values()
    ]
    for member in members:
        if hasattr(member, "cache_clear"):
            member.cache_clear()
        for name in ("fget", "func", "__func__"):
            member = getattr(member, name, member)
        while hasattr(member, "__wrapped__"):
            member = member.__wrapped__
        if isinstance(member, FunctionType) and member.__module__ == module.__name__:
            yield member


def apply(mutant: Mutant) -> bool:
    """Put the mutant's code into the functions of its module; whether any of them changed."""
    module = import_module(mutant.path.removesuffix(".py").replace("/", "."))
    by_name = {code.co_qualname: code for code in _codes(mutant.code)}
    changed = False
    for function in _functions(module):
        code = by_name.get(function.__code__.co_qualname)
        if code is not None and code != function.__code__:
            function.__code__ = code
            changed = True
    return changed


class Trial:
    """The plugin of pytest that tries mutants in place of running the tests once."""

    def __init__(self, chosen: Sequence[Mutant], seconds: float) -> None:
        self._chosen = chosen
        self._seconds = seconds
        self.outcomes: list[tuple[Mutant, str]] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Measure once which tests reach which lines, then try one mutant after the other."""
        items = session.items
        duration, reached = _measured(items)
        print(f"{len(items)} tests; {len(self._chosen)} mutants", flush=True)
        until = time.monotonic() + self._seconds
        for mutant in self._chosen:
            if time.monotonic() > until:
                break
            numbers = {number for line in mutant.lines for number in reached[mutant.path, line]}
            quickest = sorted(numbers, key=duration.__getitem__)
            spent = itertools.accumulate(duration[number] for number in quickest)
            tests = [
                items[number]
                for number, seconds in zip(quickest, spent, strict=True)
                if seconds < CHOSEN_SECONDS
            ]
            outcome = _try(mutant, tests) if tests else "not reached"
            self.outcomes.append((mutant, outcome))
            if outcome != "killed":
                print(
                    f"{len(self.outcomes)} {outcome}: {mutant.path}:{mutant.line}: {mutant.what}",
                    flush=True,
                )
        return True


def _measured(items: Sequence[pytest.Item]) -> tuple[dict[int, float], Reached]:
    """Run all tests in a child process; what each takes, and which of them reach each line."""
    with tempfile.TemporaryFile() as answer:
        child = os.fork()
        if child == 0:
            status = 1
            try:
                pickle.dump(_measure(items), answer)
                answer.flush()
                status = 0
            finally:
                os._exit(status)
        if os.waitpid(child, 0)[1]:
            raise pytest.UsageError("a test fails without any mutant")
        answer.seek(0)
        duration, reached = pickle.load(answer)
        return duration, defaultdict(list, reached)


def _measure(items: Sequence[pytest.Item]) -> tuple[dict[int, float], dict[Place, list[int]]]:
    measured = coverage.Coverage(
        data_file=None, include=[f"{ROOT}/{folder}/*" for folder in MODULES], config_file=False
    )
    duration: dict[int, float] = {}
    measured.start()
    for number, item in enumerate(items):
        measured.switch_context(str(number))
        began = time.process_time()
        if not _passes(item, items[number + 1] if number + 1 < len(items) else None):
            os.write(2, f"{item.nodeid} fails\n".encode())
            raise AssertionError
        duration[number] = time.process_time() - began
    measured.stop()
    reached: dict[Place, list[int]] = defaultdict(list)
    data = measured.get_data()
    for file in data.measured_files():
        name = Path(file).relative_to(ROOT).as_posix()
        for line, contexts in data.contexts_by_lineno(file).items():
            reached[name, line] = [int(context) for context in contexts if context]
    return duration, dict(reached)


def _try(mutant: Mutant, tests: Sequence[pytest.Item]) -> str:
    """Run the tests against a mutant in a child process, until one fails."""
    child = os.fork()
    if child == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (HANGS, HANGS))
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        status = NOT_APPLIED
        try:
            if apply(mutant):
                status = 1
                status = 0 if all(map(_passes, tests, [*tests[1:], None])) else 1
        finally:
            os._exit(status)
    status = os.waitpid(child, 0)[1]
    return {0: "survived", NOT_APPLIED << 8: "not applied"}.get(status, "killed")


def _passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))


def main() -> int:
    """Try a sample of the mutants, print the survivors and a table by module."""
    options = argparse.ArgumentParser(
        prog="python -m tests.mutation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    options.add_argument("--sample", type=int, metavar="N", help="try so many, at random")
    options.add_argument("--seed", type=int, default=0, help="another one, another sample")
    options.add_argument("--seconds", type=float, default=2400, help="begin no mutant after these")
    options.add_argument("paths", nargs="*", default=MODULES, help="folders or modules")
    given = options.parse_args()
    found = [
        mutant
        for folder in given.paths
        for path in sorted((ROOT / folder).rglob("*.py") or [ROOT / folder])
        for mutant in mutants(path)
    ]
    chosen = random.Random(given.seed).sample(found, min(given.sample or len(found), len(found)))
    # A failure is not made smaller: that it fails is all that is asked.
    hypothesis.settings.register_profile(
        "mutation",
        max_examples=50,
        deadline=None,
        derandomize=True,
        phases=(hypothesis.Phase.explicit, hypothesis.Phase.generate),
    )
    trial = Trial(chosen, given.seconds)
    quiet = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "--hypothesis-profile", "mutation"]
    status = pytest.main([*quiet, "-m", "not slow and not full", *TESTS], plugins=[trial])
    if not trial.outcomes:
        return int(status)
    by_module: dict[str, Counter[str]] = defaultdict(Counter)
    for mutant, outcome in trial.outcomes:
        by_module[mutant.path][outcome] += 1
        by_module["all"][outcome] += 1
    kinds = ("killed", "survived", "not reached", "not applied")
    print(f"{'module':<40}" + "".join(f"{kind:>13}" for kind in kinds))
    for path, counts in sorted(by_module.items(), key=lambda one: (one[0] == "all", one[0])):
        print(f"{path:<40}" + "".join(f"{counts[kind]:>13}" for kind in kinds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
