"""The gate's rules as plain data, built from the field table and the registry.

`schemas/expectations.py` evaluates them with Great Expectations, which lets an empty frame and
nulls pass a range or a set. So every suite also demands a row and, in each column that may not be
null, a value.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from schemas.fields import BULLETINS, FIGURES, LOSSES, Field
from schemas.records import FIRST_REPORT
from schemas.registry import Registry

CRITICAL = "critical"
WARNING = "warning"

_WHOLE_OR_ABSENT = ("int", "NoneType")
_WAR_DAY = "day {war_day} is printed, {report_date} is day {expected_war_day}"


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


def documents_suite(today: date) -> Suite:
    """Return the rules for a frame of accepted documents; `today` is today's date in Kyiv."""
    columns = (
        *_fields(BULLETINS.fields, "report_date", "war_day", "figures", required=True),
        Field("war_day_off", "int64", "Printed war day against the date's.", "days"),
        Field("missing", "int32", "Categories of that day that are not printed.", "categories"),
        Field("unrecognized", "int32", "Items whose label the registry does not know.", "items"),
    )
    rules = (
        Rule(
            "date_not_in_the_future",
            CRITICAL,
            "the report date is in the future",
            _between("report_date", None, today),
            "{report_date} is after " + str(today),
        ),
        Rule(
            "date_not_too_early",
            CRITICAL,
            "the report date is before that of the first bulletin",
            _between("report_date", FIRST_REPORT, None),
            "{report_date} is before " + str(FIRST_REPORT),
        ),
        Rule(
            "war_day_fits_date",
            CRITICAL,
            "the printed war day contradicts the report date by more than one day",
            _between("war_day_off", 0, 1),
            _WAR_DAY,
        ),
        Rule(
            "war_day_exact",
            WARNING,
            "the printed war day is not that of the report date",
            _between("war_day_off", 0, 0),
            _WAR_DAY,
        ),
        Rule("figures_found", CRITICAL, "it holds no figure", _between("figures", 1, None)),
        Rule(
            "categories_complete",
            WARNING,
            "it does not print every category of that day",
            _between("missing", 0, 0),
            "{missing_names}",
        ),
        Rule(
            "labels_recognized",
            WARNING,
            "it prints a label that the registry does not know",
            _between("unrecognized", 0, 0),
            "{unrecognized_names}",
        ),
    )
    return Suite("documents", columns, (*_demands(columns), *rules))


def figures_suite(registry: Registry) -> Suite:
    """Return the rules for a frame of all figures of the accepted documents."""
    columns = (
        Field("document", "int64", "The place of the document in the batch."),
        *_fields(FIGURES.fields, "category", "total", "delta", "approximate", "label"),
        Field("total_kind", "string", "The type of the total.", values=_WHOLE_OR_ABSENT),
        Field("delta_kind", "string", "The type of the delta.", values=_WHOLE_OR_ABSENT),
        Field("numbers", "int32", "How many of total and delta are printed.", "numbers"),
        Field("delta_size", "int64", "The delta without its sign.", "count", nullable=True),
        Field("highest_total", "int64", "The registry's bound that day.", "count", nullable=True),
        Field("in_force", "bool", "Whether that day's bulletins print it.", nullable=True),
    )
    rules = (
        Rule(
            "category_known",
            CRITICAL,
            "a category is not in the registry",
            _among("category", registry.categories),
            "{category}",
        ),
        Rule(
            "category_once",
            CRITICAL,
            "a category is printed more than once",
            Check(
                "expect_compound_columns_to_be_unique", {"column_list": ["document", "category"]}
            ),
            "{category} {total}",
        ),
        Rule(
            "number_printed",
            CRITICAL,
            "a figure has neither a total nor a delta",
            _between("numbers", 1, None),
            "{category}",
        ),
        Rule(
            "total_not_negative",
            CRITICAL,
            "a total is below zero",
            _between("total", 0, None),
            "{category} {total}",
        ),
        Rule(
            "total_possible",
            CRITICAL,
            "a total is higher than any history makes possible",
            _at_most("total", "highest_total"),
            "{category} {total}, at most {highest_total}",
        ),
        Rule(
            "delta_possible",
            CRITICAL,
            "a delta is larger than any history makes possible",
            _at_most("delta_size", "highest_total"),
            "{category} {delta}, at most {highest_total}",
        ),
        Rule(
            "total_printed",
            WARNING,
            "a figure has a delta but no total, so that it makes no row in losses",
            _present("total"),
            "{category}",
        ),
        Rule(
            "category_in_force",
            WARNING,
            "a category is printed that the bulletins of that day did not have",
            _among("in_force", [True]),
            "{category}",
        ),
    )
    return Suite("figures", columns, (*_demands(columns), *rules))


def ledger_suite() -> Suite:
    """Return the rules for rows of the published table `losses`."""
    rules = (
        Rule(
            "delta_equals_change",
            WARNING,
            "a printed delta does not equal the change in the totals",
            _equal("delta", "change"),
            "{report_date} {category} printed {delta:+}, changed by {change:+}",
        ),
        Rule(
            "total_not_falling",
            WARNING,
            "a total is lower than the one before",
            _at_most("previous_total", "total"),
            "{report_date} {category} {previous_total} -> {total}",
        ),
        Rule(
            "no_gap",
            WARNING,
            "the day before is not on record, so that a delta cannot be checked",
            _between("days_missing", 0, 0),
            "{report_date} {category}",
        ),
        Rule(
            "sources_agree",
            WARNING,
            "the sources print different totals",
            _equal("sources_agreeing", "sources_total"),
            "{report_date} {category} {sources_agreeing} of {sources_total} print {total}",
        ),
    )
    return Suite("ledger", LOSSES.fields, (*_demands(LOSSES.fields), *rules))


def _fields(fields: Sequence[Field], *names: str, required: bool = False) -> Iterator[Field]:
    """Yield the named fields of a table; `required` forbids null, whatever the table says."""
    chosen = {f.name: f for f in fields}
    for name in names:
        yield replace(chosen[name], nullable=chosen[name].nullable and not required)


def _demands(columns: Sequence[Field]) -> Iterator[Rule]:
    """Yield the rules that follow from the columns: a row, no forbidden null, no unknown code."""
    some = Check("expect_table_row_count_to_be_between", {"min_value": 1})
    yield Rule("rows_present", CRITICAL, "there is no row to check", some)
    for column in columns:
        title = column.name.replace("_", " ")
        if not column.nullable:
            present = _present(column.name)
            yield Rule(f"{column.name}_present", CRITICAL, f"the {title} is missing", present)
        if column.values:
            allowed = _among(column.name, column.values)
            sentence = f"the {title} is not one of {', '.join(column.values)}"
            yield Rule(f"{column.name}_allowed", CRITICAL, sentence, allowed, f"{{{column.name}}}")


def _present(column: str) -> Check:
    return Check("expect_column_values_to_not_be_null", {"column": column})


def _between(column: str, low: date | int | None, high: date | int | None) -> Check:
    bounds = {"column": column, "min_value": low, "max_value": high}
    return Check("expect_column_values_to_be_between", bounds)


def _among(column: str, values: Iterable[object]) -> Check:
    arguments = {"column": column, "value_set": list(values)}
    return Check("expect_column_values_to_be_in_set", arguments)


def _at_most(low: str, high: str) -> Check:
    return _pair("expect_column_pair_values_a_to_be_greater_than_b", high, low, or_equal=True)


def _equal(left: str, right: str) -> Check:
    return _pair("expect_column_pair_values_to_be_equal", left, right)


def _pair(expectation: str, a: str, b: str, **more: object) -> Check:
    """Compare two columns in the rows that have a value in both."""
    columns = {"column_A": a, "column_B": b, "ignore_row_if": "either_value_is_missing"}
    return Check(expectation, columns | more)
