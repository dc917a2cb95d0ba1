"""What a rule is, and the checks that rules are made of, as plain data.

A check names an expectation of Great Expectations and its arguments; `schemas/expectations.py`
evaluates it. The checks of values let nulls and an empty frame pass: `demands` covers those.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from schemas.fields import Field

CRITICAL = "critical"
WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Check:
    """What must hold: the name of a Great Expectations expectation and its arguments."""

    expectation: str
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its name, whether breaking it blocks or flags, and the sentence for a person.

    `detail` is a format string over a row that breaks the rule: what that row holds.
    """

    name: str
    severity: str
    sentence: str
    check: Check
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """The columns of one kind of frame and the rules for it."""

    name: str
    columns: tuple[Field, ...]
    rules: tuple[Rule, ...]


def present(column: str) -> Check:
    """Demand a value in every row."""
    return Check("expect_column_values_to_not_be_null", {"column": column})


def between(column: str, low: date | int | None, high: date | int | None) -> Check:
    """Demand values from `low` to `high`, both included; None leaves that side open."""
    bounds = {"column": column, "min_value": low, "max_value": high}
    return Check("expect_column_values_to_be_between", bounds)


def among(column: str, values: Iterable[object]) -> Check:
    """Demand one of the values."""
    arguments = {"column": column, "value_set": list(values)}
    return Check("expect_column_values_to_be_in_set", arguments)


def unique(*columns: str) -> Check:
    """Demand that no two rows have the same values in all these columns."""
    return Check("expect_compound_columns_to_be_unique", {"column_list": list(columns)})


def at_most(low: str, high: str) -> Check:
    """Demand that column `low` is not above column `high`, where both have a value."""
    return _pair("expect_column_pair_values_a_to_be_greater_than_b", high, low, or_equal=True)


def equal(left: str, right: str) -> Check:
    """Demand that two columns are equal, where both have a value."""
    return _pair("expect_column_pair_values_to_be_equal", left, right)


def demands(columns: Sequence[Field]) -> Iterator[Rule]:
    """Yield the rules that follow from the columns: a row, no forbidden null, no unknown code."""
    some = Check("expect_table_row_count_to_be_between", {"min_value": 1})
    yield Rule("rows_present", CRITICAL, "there is no row to check", some)
    for column in columns:
        name, title = column.name, column.name.replace("_", " ")
        if not column.nullable:
            yield Rule(f"{name}_present", CRITICAL, f"the {title} is missing", present(name))
        if column.values:
            sentence = f"the {title} is not one of {', '.join(column.values)}"
            allowed = among(name, column.values)
            yield Rule(f"{name}_allowed", CRITICAL, sentence, allowed, f"{{{name}}}")


def _pair(expectation: str, a: str, b: str, **more: object) -> Check:
    columns = {"column_A": a, "column_B": b, "ignore_row_if": "either_value_is_missing"}
    return Check(expectation, columns | more)
