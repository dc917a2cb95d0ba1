"""Every diagnosis and hint has its words, and a sentence that says who is right."""

from dataclasses import replace
from typing import Any

import pytest

from flows.report.day_summary import days, revision_words
from flows.report.diagnosis_phrases import DIAGNOSIS_WORDS, HINT_WORDS, odd_words
from schemas.codes import Diagnosis, Hint, RevisionCause
from schemas.registry import load_registry
from schemas.tables import RevisionRow
from tests.builders import DAY, NOW, loss_row


def test_every_value_of_the_columns_has_words() -> None:
    assert set(DIAGNOSIS_WORDS) == set(Diagnosis)
    assert set(HINT_WORDS) == set(Hint)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"diagnosis": None}, "printed +2, total changed by +11 (4,821 -> 4,832)"),
        (
            {"diagnosis": "misprinted_total", "suggested_total": 4823, "hint": "digits_swapped"},
            "printed +2, total changed by +11 (4,821 -> 4,832): the total is misprinted: 4,832 "
            "should be 4,823 (digits swapped); the days before and after agree on it",
        ),
        (
            {"diagnosis": "misprinted_total", "suggested_total": 4826, "hint": None},
            "printed +2, total changed by +11 (4,821 -> 4,832): the total is misprinted: 4,832 "
            "should be 4,826; the days after lead back to it",
        ),
        (
            {"diagnosis": "misprinted_total", "suggested_total": 4823, "delta": None},
            "no daily change printed, total changed by +11 (4,821 -> 4,832): the total is "
            "misprinted: 4,832 should be 4,823; the days after lead back to it",
        ),
        (
            {"diagnosis": "misprinted_delta", "hint": "digit_lost", "delta": 1},
            "printed +1, total changed by +11 (4,821 -> 4,832): the daily change is misprinted: "
            "+1 should be +11 (a digit lost); the totals are confirmed",
        ),
        (
            {"diagnosis": "revision", "delta": 0, "discrepancy": 11},
            "printed 0, total changed by +11 (4,821 -> 4,832): the General Staff revised the past "
            "by +11; the next day agrees",
        ),
    ],
)
def test_a_row_is_explained_in_a_sentence(changes: dict[str, Any], sentence: str) -> None:
    odd: dict[str, Any] = {
        "total": 4832,
        "change": 11,
        "discrepancy": 9,
        "delta_status": "mismatch",
    }
    assert odd_words(loss_row(**(odd | changes))) == sentence


def test_a_misprint_is_an_alarm_though_nothing_contradicts_the_row_itself() -> None:
    row = loss_row(
        delta=None,
        discrepancy=None,
        delta_status="not_printed",
        diagnosis="misprinted_total",
        suggested_total=4821,
    )
    (day,) = days([row], load_registry())
    assert any("4,823 should be 4,821" in alarm for alarm in day.alarms)


def revision(field: str, **changes: Any) -> RevisionRow:
    found = RevisionRow(
        *(DAY, "tanks", field, None, None, None, None),
        *(NOW, "days_beside", "0" * 64, "1" * 64),
    )
    return replace(found, **changes)


def test_a_changed_diagnosis_is_told_in_words() -> None:
    registry = load_registry()
    changed = revision("diagnosis", old_text="undecided", new_text="revision")
    assert revision_words(changed, registry) == (
        "Tanks: so far not decided; the days beside it changed that to: the General Staff revised "
        "the past"
    )
    back = revision("diagnosis", old_text="undecided", cause="newer_document")
    assert revision_words(back, registry).endswith("a newer document changed that to: in order")


@pytest.mark.parametrize("cause", RevisionCause)
def test_every_cause_has_words(cause: str) -> None:
    told = revision_words(revision("total", old_value=1, new_value=2, cause=cause), load_registry())
    assert told.startswith("Tanks: the total was 1, ")
    assert "_" not in told
