"""Every code has its phrase, and a sentence about a row says who is right."""

from typing import Any

import pytest

from flows.report.day_summary import STATUS_PHRASES, days, revision_words
from flows.report.diagnosis_phrases import DIAGNOSIS_PHRASES, HINT_PHRASES, odd_words
from schemas.codes import DeltaStatus, Diagnosis, Hint, RevisionCause, RevisionField
from schemas.registry import load_registry
from schemas.tables import RevisionRow
from tests.builders import DAY, NOW, loss_row


def test_every_code_of_the_columns_has_a_phrase() -> None:
    assert set(STATUS_PHRASES) == set(DeltaStatus)
    assert set(DIAGNOSIS_PHRASES) == set(Diagnosis)
    assert set(HINT_PHRASES) == set(Hint)


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


def revision(field: RevisionField, **changes: Any) -> RevisionRow:
    return RevisionRow(
        report_date=DAY,
        category="tanks",
        field=field,
        old_value=changes.get("old_value"),
        new_value=changes.get("new_value"),
        old_text=changes.get("old_text"),
        new_text=changes.get("new_text"),
        seen_at=NOW,
        cause=changes.get("cause", RevisionCause.NEIGHBOUR_CHANGED),
        old_document_sha256="0" * 64,
        new_document_sha256="1" * 64,
    )


def test_a_changed_diagnosis_is_told_in_words() -> None:
    registry = load_registry()
    changed = revision(
        RevisionField.DIAGNOSIS, old_text=Diagnosis.UNDECIDED, new_text=Diagnosis.REVISION
    )
    assert revision_words(changed, registry) == (
        "Tanks: so far not decided; the days beside it changed that to: the General Staff revised "
        "the past"
    )
    back = revision(
        RevisionField.DIAGNOSIS, old_text=Diagnosis.UNDECIDED, cause=RevisionCause.NEWER_DOCUMENT
    )
    assert revision_words(back, registry).endswith("a newer document changed that to: in order")


@pytest.mark.parametrize("cause", RevisionCause)
def test_every_cause_has_words(cause: RevisionCause) -> None:
    changed = revision(RevisionField.TOTAL, old_value=1, new_value=2, cause=cause)
    words = revision_words(changed, load_registry())
    assert words.startswith("Tanks: the total was 1, ")
    assert "_" not in words
