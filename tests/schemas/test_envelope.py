"""The envelope: generated from the public series, no true total of which is outside."""

from datetime import date, timedelta

import pytest

from schemas.envelope import PATH, Envelope, envelope_of, load_envelope, parse_envelope
from schemas.registry import load_registry
from tests import reference

LAST = date(2026, 6, 30)


def series() -> dict[str, dict[date, int]]:
    found: dict[str, dict[date, int]] = {}
    for day, figures in reference.load().items():
        for category, figure in figures.items():
            found.setdefault(category, {})[day] = figure.total
    return found


def test_the_file_is_what_the_public_series_gives() -> None:
    assert envelope_of(series()) == PATH.read_text("utf-8")


def test_no_true_total_is_outside_in_any_year() -> None:
    envelope = load_envelope()
    outside = [
        (category, day, total)
        for category, totals in series().items()
        for day, total in totals.items()
        if not (band := envelope.band(category, day)) or not band.holds(total)
    ]
    assert outside == []


@pytest.mark.parametrize("until", [date(2023, 12, 31), date(2024, 12, 31), date(2025, 6, 30)])
def test_nor_in_the_year_after_the_last_anchor(until: date) -> None:
    """An envelope of the series up to a day holds what came after it; drones outgrow any."""
    early = {c: {d: n for d, n in t.items() if d <= until} for c, t in series().items()}
    envelope = parse_envelope(envelope_of({c: t for c, t in early.items() if len(t) > 90}))
    later = {until + timedelta(days) for days in range(1, 366)}
    outside = {
        category
        for category, totals in series().items()
        for day, total in totals.items()
        if day in later and (band := envelope.band(category, day)) and not band.holds(total)
    }
    assert outside <= {"uavs"}


def test_every_category_of_today_has_a_band_that_grows() -> None:
    envelope, registry = load_envelope(), load_registry()
    for category in registry.in_force(LAST):
        now, later = (envelope.band(category, LAST + timedelta(days)) for days in (0, 100))
        assert now
        assert later
        assert later.low == now.low
        assert later.high >= now.high


def test_before_the_first_total_and_for_an_unknown_category_there_is_no_band() -> None:
    envelope: Envelope = load_envelope()
    assert envelope.band("tanks", date(2022, 2, 24)) is None
    assert envelope.band("submarines", date(2023, 9, 13)) is None
    assert envelope.band("hovercraft", LAST) is None


def test_what_it_tells_apart() -> None:
    tanks = load_envelope().band("tanks", date(2024, 6, 25))
    assert tanks
    assert tanks.holds(8035)
    assert not tanks.holds(12)
    assert tanks.is_far_below(12)
    assert not tanks.is_far_below(7000)
