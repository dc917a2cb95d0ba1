"""The reference history as an archive of documents, all forms and typographies mixed."""

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from schemas.records import war_day
from tests import reference, render

_SUFFIX = {"text/plain": "txt", "text/html": "html"}


def style_of(report_date: date) -> tuple[render.Form, render.Style]:
    """Return the form and style of a date: fixed, and no two lists run in step."""
    n = war_day(report_date)
    return render.FORMS[n % len(render.FORMS)], render.Style(
        group=render.GROUPS[n // 6 % len(render.GROUPS)],
        dash=render.DASHES[n // 5 % len(render.DASHES)],
        deltas=render.DELTAS[n // 7 % len(render.DELTAS)],
        markup=render.MARKUPS[n // 11 % len(render.MARKUPS)],
        words=n % 13 == 0,
        variant=n // 6 % 3,
    )


def write_archive(series: Mapping[date, reference.Figures], folder: Path) -> list[Path]:
    """Write one document a date into the folder, in date order, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for report_date, figures in series.items():
        form, style = style_of(report_date)
        path = folder / f"{report_date}.{_SUFFIX[render.media_type(style)]}"
        path.write_text(render.render(form, report_date, figures, style), "utf-8")
        paths.append(path)
    return paths
