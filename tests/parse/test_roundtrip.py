"""Property: whatever form and typography prints the figures, they are read as printed."""

from collections.abc import Mapping
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.parse.bulletin import read
from schemas.records import Bulletin, Document, war_day
from schemas.registry import load_registry
from tests import render, strategies
from tests.reference import Printed
from tests.render import PlainFigure, Style
from tests.tries import tries

patient = settings(
    max_examples=tries(25),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
any_form = pytest.mark.parametrize("form", render.FORMS)

DAY = date(2024, 3, 5)
PLAIN: Mapping[str, Printed] = {
    "personnel": Printed(419860, 1150),
    "tanks": Printed(6682, 13),
    "armored_vehicles": Printed(12781, 30),
    "artillery": Printed(10289, 0),
    "mlrs": Printed(1007, None),
    "cruise_missiles": Printed(1912, 1),
}


def _read(form: render.Form, day: date, figures: Mapping[str, Printed], style: Style) -> Bulletin:
    text = render.render(form, day, figures, style)
    return read(Document("folder", "page", text.encode(), render.media_type(style)))


def _plain(bulletin: Bulletin) -> dict[str, PlainFigure]:
    """The figures by category; a category printed twice would be lost, so it is counted."""
    assert bulletin.accepted, bulletin.reason
    plain: dict[str, PlainFigure] = {}
    for figure in bulletin.figures:
        assert figure.total is not None
        plain[figure.category] = (figure.total, figure.delta, figure.approximate)
    assert len(plain) == len(bulletin.figures)
    return plain


@pytest.mark.slow
@any_form
@patient
@given(data=st.data(), day=strategies.dates, style=strategies.styles)
def test_what_is_rendered_is_read(
    form: render.Form, data: st.DataObject, day: date, style: Style
) -> None:
    figures = data.draw(strategies.figures(day))
    bulletin = _read(form, day, figures, style)
    assert _plain(bulletin) == render.printed(form, figures, style)
    assert (bulletin.report_date, bulletin.war_day) == (day, war_day(day))
    assert bulletin.language == render.language(form)
    assert bulletin.complete == (load_registry().required(day) <= set(figures))
    assert not bulletin.unrecognized


@any_form
@patient
@given(order=st.permutations(sorted(PLAIN)), style=strategies.styles)
def test_the_order_of_the_lines_changes_nothing(
    form: render.Form, order: list[str], style: Style
) -> None:
    bulletin = _read(form, DAY, render.shuffled(PLAIN, order), style)
    assert _plain(bulletin) == render.printed(form, PLAIN, style)


@pytest.mark.slow
@pytest.mark.parametrize("group", render.GROUPS)
@any_form
@settings(patient, max_examples=tries(10))
@given(
    people=st.integers(3000, 3_000_000), tanks=st.integers(2, 60_000), delta=st.integers(0, 2000)
)
def test_every_number_format_gives_the_same_number(
    form: render.Form, group: str, people: int, tanks: int, delta: int
) -> None:
    figures = {
        **PLAIN,
        "personnel": Printed(people, delta),
        "tanks": Printed(tanks, min(delta, tanks)),
    }
    style = Style(group=group)
    assert _plain(_read(form, DAY, figures, style)) == render.printed(form, figures, style)


@pytest.mark.parametrize("dash", render.DASHES)
@pytest.mark.parametrize("form", ["official", "list", "summary"])
def test_every_dash_is_a_dash_and_no_minus(form: render.Form, dash: str) -> None:
    style = Style(dash=dash)
    assert _plain(_read(form, DAY, PLAIN, style)) == render.printed(form, PLAIN, style)


@any_form
@pytest.mark.parametrize("about", [True, False])
def test_about_marks_the_figure_that_it_stands_before_and_no_other(
    form: render.Form, about: bool
) -> None:
    plain = _plain(_read(form, DAY, PLAIN, Style(about=about)))
    assert {c for c, figure in plain.items() if figure[2]} == ({"personnel"} if about else set())


@any_form
def test_every_figure_is_traced_to_its_place_in_the_text(form: render.Form) -> None:
    """The passage holds the printed total; in a text document the offsets are the text's own."""
    text = render.render(form, DAY, PLAIN, Style())
    for figure in _read(form, DAY, PLAIN, Style()).figures:
        assert str(figure.total) in text[figure.start : figure.end]
