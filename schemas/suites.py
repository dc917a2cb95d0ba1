"""The rules of the gate and of the audit: a Great Expectations suite for each kind of row.

Every expectation carries its rule's name, severity and sentence (`schemas/codes.py`), and `detail`:
a format string over what is shown of a row that breaks it. Expectations about values let nulls and
an empty frame pass, so each suite also asks for a row and for the values that no row may lack.

What differs from run to run is a parameter (`TODAY`, `CATEGORIES`): suites are made once.
Importing this module loads Great Expectations, which takes seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import great_expectations as gx
from great_expectations.expectations.expectation import Expectation
from great_expectations.expectations.metadata_types import FailureSeverity

from schemas.codes import RuleName
from schemas.expectations import ExpectNoRowsWhere
from schemas.fields import Field
from schemas.records import FIRST_REPORT
from schemas.tables import LOSSES

expect = gx.expectations

TODAY = {"$PARAMETER": "today"}
"""Today's date in Kyiv, given with each run."""

CATEGORIES = {"$PARAMETER": "categories"}
"""The ids of the registry's categories, given with each run."""

LATEST = 3
"""So many days after its report date a bulletin is still published as the day's."""

_WHOLE = r"^-?[0-9]+$"
"""A whole number as Python writes it; "4823.0", "True" and "'4823'" are none."""


@dataclass(frozen=True, eq=False)
class Suite:
    """Rules, and the columns they read: name to type, one of `schemas.fields.PANDAS_DTYPES`.

    A suite equals itself alone: its checkpoint is made once.
    """

    name: str
    columns: Mapping[str, str]
    expectations: tuple[Expectation, ...]


def _rule(name: RuleName, detail: str = "") -> dict[str, Any]:
    return {
        "severity": FailureSeverity(name.severity),
        "meta": {"rule": name, "sentence": name.clause, "detail": detail},
    }


def _a_row() -> Expectation:
    return expect.ExpectTableRowCountToBeBetween(min_value=1, **_rule(RuleName.ROWS_MISSING))


def _a_value(column: str, rule: RuleName = RuleName.VALUE_MISSING) -> Expectation:
    detail = "" if rule is not RuleName.VALUE_MISSING else column
    return expect.ExpectColumnValuesToNotBeNull(column=column, **_rule(rule, detail))


def _a_known_category() -> Expectation:
    return expect.ExpectColumnValuesToBeInSet(
        column="category", value_set=CATEGORIES, **_rule(RuleName.CATEGORY_UNKNOWN, "{category}")
    )


def _a_known_code(field: Field) -> Expectation:
    return expect.ExpectColumnValuesToBeInSet(
        column=field.name,
        value_set=[str(code) for code in field.values],
        **_rule(RuleName.CODE_UNKNOWN, f"{field.name} {{{field.name}}}"),
    )


_WAR_DAY = "day {war_day} is printed, {report_date} is day {expected_war_day}"

DOCUMENTS = Suite(
    "documents",
    {
        "report_date": "date32",
        "war_day": "int64",
        "expected_war_day": "int64",
        "days_late": "int64",
        "totals": "int32",
        "outside": "int32",
        "figures": "int32",
        "missing": "string",
        "unrecognized": "string",
    },
    (
        _a_row(),
        _a_value("report_date", RuleName.REPORT_DATE_MISSING),
        _a_value("figures"),
        expect.ExpectColumnValuesToBeBetween(
            column="report_date",
            max_value=TODAY,
            **_rule(RuleName.DATE_IN_THE_FUTURE, "{report_date} is after {today}"),
        ),
        expect.ExpectColumnValuesToBeBetween(
            column="report_date",
            min_value=FIRST_REPORT,
            **_rule(RuleName.DATE_TOO_EARLY, f"{{report_date}} is before {FIRST_REPORT}"),
        ),
        ExpectNoRowsWhere(
            condition="abs(war_day - expected_war_day) > 1",
            **_rule(RuleName.WAR_DAY_CONTRADICTS_DATE, _WAR_DAY),
        ),
        expect.ExpectColumnPairValuesToBeEqual(
            column_A="war_day",
            column_B="expected_war_day",
            ignore_row_if="either_value_is_missing",
            **_rule(RuleName.WAR_DAY_OFF, _WAR_DAY),
        ),
        ExpectNoRowsWhere(
            condition=f"days_late > {LATEST} and 2 * outside > totals",
            **_rule(
                RuleName.DATE_OUTSIDE_ENVELOPE,
                "dated {report_date}, published {days_late} days later, {outside} of {totals} "
                "totals are outside",
            ),
        ),
        expect.ExpectColumnValuesToBeBetween(
            column="figures", min_value=1, **_rule(RuleName.NO_FIGURE)
        ),
        expect.ExpectColumnValuesToBeNull(
            column="missing", **_rule(RuleName.CATEGORIES_MISSING, "{missing}")
        ),
        expect.ExpectColumnValuesToBeNull(
            column="unrecognized", **_rule(RuleName.LABEL_UNRECOGNIZED, "{unrecognized}")
        ),
    ),
)
"""The accepted documents of a run, a row each.

`war_day` is the printed one, null where none is. `days_late` is how long after its report date it
was published, null where that is not known or the document holds several days; `outside` counts
those of its `totals` with a band that lie outside it. `missing` lists the categories that the
document lacks, `unrecognized` the items whose label nobody knows: null where there are none.
"""

FIGURES = Suite(
    "figures",
    {
        "document": "int64",
        "category": "string",
        "total": "int64",
        "delta": "int64",
        "total_as_read": "string",
        "delta_as_read": "string",
        "report_date": "date32",
        "highest_total": "int64",
        "valid_from": "date32",
        "valid_until": "date32",
    },
    (
        _a_row(),
        _a_value("category"),
        _a_known_category(),
        expect.ExpectCompoundColumnsToBeUnique(
            column_list=["document", "category"],
            **_rule(RuleName.CATEGORY_REPEATED, "{category}, total {total}"),
        ),
        expect.ExpectColumnValuesToMatchRegex(
            column="total_as_read",
            regex=_WHOLE,
            **_rule(RuleName.TOTAL_NOT_WHOLE, "{category} {total}"),
        ),
        expect.ExpectColumnValuesToMatchRegex(
            column="delta_as_read",
            regex=_WHOLE,
            **_rule(RuleName.DELTA_NOT_WHOLE, "{category} {delta}"),
        ),
        ExpectNoRowsWhere(
            condition="total_as_read.isnull() and delta_as_read.isnull()",
            **_rule(RuleName.NUMBER_MISSING, "{category}"),
        ),
        expect.ExpectColumnValuesToBeBetween(
            column="total", min_value=0, **_rule(RuleName.TOTAL_NEGATIVE, "{category} {total}")
        ),
        expect.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="highest_total",
            column_B="total",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            **_rule(RuleName.TOTAL_IMPOSSIBLE, "{category} {total}, at most {highest_total}"),
        ),
        ExpectNoRowsWhere(
            condition="0 < total < delta",
            **_rule(RuleName.TOTAL_BELOW_DELTA, "{category} {total} (+{delta})"),
        ),
        ExpectNoRowsWhere(
            condition="abs(delta) > highest_total",
            **_rule(RuleName.DELTA_IMPOSSIBLE, "{category} {delta}, at most {highest_total}"),
        ),
        expect.ExpectColumnValuesToNotBeNull(
            column="total", **_rule(RuleName.TOTAL_MISSING, "{category}")
        ),
        ExpectNoRowsWhere(
            condition="report_date < valid_from or report_date > valid_until",
            **_rule(RuleName.CATEGORY_NOT_IN_FORCE, "{category}"),
        ),
    ),
)
"""All figures of the accepted documents of a run, a row each.

`document` is the place of the figure's document in the run. `total` and `delta` are null where none
is printed or what was read is no whole number; `..._as_read` is what was read. `highest_total`,
`valid_from` and `valid_until` are the registry's for the category and day, null where unknown.
"""

_LEDGER_FIELDS = [
    field
    for field in LOSSES.fields
    if field.name
    in {
        *("report_date", "category", "total", "delta", "daily", "daily_basis"),
        *("previous_total", "days_missing", "change", "discrepancy", "delta_status", "diagnosis"),
        *("sources_agreeing", "sources_total"),
    }
]
"""The columns of `losses` that a rule reads."""

_CONTRADICTION = " or ".join(
    (
        "change != total - previous_total",
        "discrepancy != change - delta",
        "(delta_status == 'ok' and discrepancy != 0)",
        "(delta_status == 'mismatch' and discrepancy == 0)",
        "(daily_basis == 'printed' and daily != delta)",
    )
)
"""What cannot be in a row as it is computed: whoever alters one of its numbers brings it about."""

LEDGER = Suite(
    "ledger",
    {field.name: field.type for field in _LEDGER_FIELDS},
    (
        _a_row(),
        *(_a_value(field.name) for field in _LEDGER_FIELDS if not field.nullable),
        *(_a_known_code(field) for field in _LEDGER_FIELDS if field.codes),
        _a_known_category(),
        expect.ExpectColumnPairValuesToBeEqual(
            column_A="delta",
            column_B="change",
            ignore_row_if="either_value_is_missing",
            **_rule(
                RuleName.DELTA_DIFFERS,
                "{report_date} {category} printed {delta:+}, changed by {change:+}",
            ),
        ),
        expect.ExpectColumnPairValuesAToBeGreaterThanB(
            column_A="total",
            column_B="previous_total",
            or_equal=True,
            ignore_row_if="either_value_is_missing",
            **_rule(RuleName.TOTAL_FALLING, "{report_date} {category} {previous_total} -> {total}"),
        ),
        expect.ExpectColumnValuesToBeBetween(
            column="days_missing",
            max_value=0,
            **_rule(RuleName.DAY_BEFORE_MISSING, "{report_date} {category}"),
        ),
        expect.ExpectColumnPairValuesToBeEqual(
            column_A="sources_agreeing",
            column_B="sources_total",
            ignore_row_if="either_value_is_missing",
            **_rule(
                RuleName.SOURCES_DISAGREE,
                "{report_date} {category} {sources_agreeing} of {sources_total} print {total}",
            ),
        ),
        expect.ExpectCompoundColumnsToBeUnique(
            column_list=["report_date", "category"],
            **_rule(RuleName.CATEGORY_REPEATED, "{report_date} {category}"),
        ),
        ExpectNoRowsWhere(
            condition=_CONTRADICTION,
            **_rule(
                RuleName.ROW_CONTRADICTS_ITSELF,
                "{report_date} {category} total {total}, before {previous_total}, printed {delta}, "
                "{delta_status}",
            ),
        ),
    ),
)
"""The rows of `losses` that a run would publish, or that are published."""

SUITES = {suite.name: suite for suite in (DOCUMENTS, FIGURES, LEDGER)}
