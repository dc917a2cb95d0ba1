"""The rules of the gate and of the ledger, built from the field table and the registry.

A critical rule blocks a document, a warning flags it; `schemas/gate.md` says what follows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from schemas.fields import Field
from schemas.records import FIRST_REPORT
from schemas.registry import Registry
from schemas.rules import (
    CRITICAL,
    WARNING,
    Rule,
    Suite,
    among,
    at_most,
    between,
    demands,
    equal,
    present,
    unique,
)
from schemas.tables import BULLETINS, FIGURES, LOSSES

INCOMPLETE = "it does not print every category of that day"
"""The sentence of `categories_complete`; reports say the same of the day's rows."""

UNKNOWN_LABEL = "it prints a label that the registry does not know"
"""The sentence of `labels_recognized`; the items with their values follow it."""

_WHOLE_OR_ABSENT = ("int", "NoneType")
_WAR_DAY = "day {war_day} is printed, {report_date} is day {expected_war_day}"


def documents_suite(today: date) -> Suite:
    """Return the rules for a frame of accepted documents; `today` is today's date in Kyiv."""
    columns = (
        *_fields(BULLETINS.fields, "report_date", "figures", required=True),
        Field("war_day_off", "int64", "Printed war day against the date's.", "days"),
        Field("missing", "int32", "Categories of that day that are not printed.", "categories"),
        Field("unrecognized", "int32", "Items whose label the registry does not know.", "items"),
    )
    rules = (
        Rule(
            "date_not_in_the_future",
            CRITICAL,
            "the report date is in the future",
            between("report_date", None, today),
            "{report_date} is after " + str(today),
        ),
        Rule(
            "date_not_too_early",
            CRITICAL,
            "the report date is before that of the first bulletin",
            between("report_date", FIRST_REPORT, None),
            "{report_date} is before " + str(FIRST_REPORT),
        ),
        Rule(
            "war_day_fits_date",
            CRITICAL,
            "the printed war day contradicts the report date by more than one day",
            between("war_day_off", 0, 1),
            _WAR_DAY,
        ),
        Rule(
            "war_day_exact",
            WARNING,
            "the printed war day is not that of the report date",
            between("war_day_off", 0, 0),
            _WAR_DAY,
        ),
        Rule("figures_found", CRITICAL, "it holds no figure", between("figures", 1, None)),
        Rule(
            "categories_complete",
            WARNING,
            INCOMPLETE,
            between("missing", 0, 0),
            "{missing}",
        ),
        Rule(
            "labels_recognized",
            WARNING,
            UNKNOWN_LABEL,
            between("unrecognized", 0, 0),
            "{unrecognized}",
        ),
    )
    return Suite("documents", columns, (*demands(columns), *rules))


def figures_suite(registry: Registry) -> Suite:
    """Return the rules for a frame of all figures of the accepted documents."""
    columns = (
        Field("document", "int64", "The place of the document in the batch."),
        *_fields(FIGURES.fields, "category", "total"),
        Field("total_kind", "string", "The type of the total as read."),
        Field("delta_kind", "string", "The type of the delta as read."),
        Field("numbers", "int32", "How many of total and delta are printed.", "numbers"),
        Field("delta_size", "int64", "The delta without its sign.", "count", nullable=True),
        Field("delta_in_total", "int64", "The delta, beside a total above zero.", nullable=True),
        Field("highest_total", "int64", "The registry's bound that day.", "count", nullable=True),
        Field("in_force", "bool", "Whether that day's bulletins print it.", nullable=True),
    )
    rules = (
        _known_category(registry),
        Rule(
            "category_once",
            CRITICAL,
            "a category is printed more than once",
            unique("document", "category"),
            "{category}, total {total}",
        ),
        Rule(
            "total_whole",
            CRITICAL,
            "a total is not a whole number",
            among("total_kind", _WHOLE_OR_ABSENT),
            "{category} {total}",
        ),
        Rule(
            "delta_whole",
            CRITICAL,
            "a delta is not a whole number",
            among("delta_kind", _WHOLE_OR_ABSENT),
            "{category} {delta}",
        ),
        Rule(
            "number_printed",
            CRITICAL,
            "a figure has neither a total nor a delta",
            between("numbers", 1, None),
            "{category}",
        ),
        Rule(
            "total_not_negative",
            CRITICAL,
            "a total is below zero",
            between("total", 0, None),
            "{category} {total}",
        ),
        Rule(
            "total_possible",
            CRITICAL,
            "a total is higher than any history makes possible",
            at_most("total", "highest_total"),
            "{category} {total}, at most {highest_total}",
        ),
        Rule(
            "total_not_below_delta",
            WARNING,
            "a total is lower than its delta: one of the two is misprinted",
            at_most("delta_in_total", "total"),
            "{category} {total} (+{delta})",
        ),
        Rule(
            "delta_possible",
            CRITICAL,
            "a delta is larger than any history makes possible",
            at_most("delta_size", "highest_total"),
            "{category} {delta}, at most {highest_total}",
        ),
        Rule(
            "total_printed",
            WARNING,
            "a figure has a delta but no total, so that it makes no row in losses",
            present("total"),
            "{category}",
        ),
        Rule(
            "category_in_force",
            WARNING,
            "a category is printed that the bulletins of that day did not have",
            among("in_force", [True]),
            "{category}",
        ),
    )
    return Suite("figures", columns, (*demands(columns), *rules))


def ledger_suite(registry: Registry) -> Suite:
    """Return the rules for rows of the published table `losses`."""
    columns = tuple(
        _fields(
            LOSSES.fields,
            *("report_date", "category", "total", "delta", "previous_total", "days_missing"),
            *("change", "delta_status", "diagnosis", "sources_agreeing", "sources_total"),
        )
    )
    rules = (
        _known_category(registry),
        Rule(
            "delta_equals_change",
            WARNING,
            "a printed delta does not equal the change in the totals",
            equal("delta", "change"),
            "{report_date} {category} printed {delta:+}, changed by {change:+}",
        ),
        Rule(
            "total_not_falling",
            WARNING,
            "a total is lower than the one before",
            at_most("previous_total", "total"),
            "{report_date} {category} {previous_total} -> {total}",
        ),
        Rule(
            "no_gap",
            WARNING,
            "the day before is not on record, so that a delta cannot be checked",
            between("days_missing", 0, 0),
            "{report_date} {category}",
        ),
        Rule(
            "sources_agree",
            WARNING,
            "the sources print different totals",
            equal("sources_agreeing", "sources_total"),
            "{report_date} {category} {sources_agreeing} of {sources_total} print {total}",
        ),
    )
    return Suite("ledger", columns, (*demands(columns), *rules))


def _known_category(registry: Registry) -> Rule:
    return Rule(
        "category_known",
        CRITICAL,
        "a category is not in the registry",
        among("category", registry.categories),
        "{category}",
    )


def _fields(fields: Sequence[Field], *names: str, required: bool = False) -> Iterator[Field]:
    """Yield the named fields of a table; `required` forbids null, whatever the table says."""
    chosen = {f.name: f for f in fields}
    for name in names:
        yield replace(chosen[name], nullable=chosen[name].nullable and not required)
