"""One picture of a category for an article: both curves, the source line and the disclaimer in it.

Vega-Lite by vl-convert, which renders SVG and PNG without a browser; it is 33 MB, so that it is an
extra, `report`, and imported when a picture is drawn.
"""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from flows.errors import UsageError
from flows.report.day_summary import is_odd, span
from flows.report.phrases import DISCLAIMER
from flows.report.site.series import marks_of
from schemas.tables import LossRow

FORMATS = ("svg", "png")

ONE_DAY = timedelta(days=1)

_VEGA_LITE = "5.20"
"""The version of the language that the picture is written in; vl-convert brings several."""

_WIDTH = 860
_CROSS = "M-.7,-1L-1,-.7L-.3,0L-1,.7L-.7,1L0,.3L.7,1L1,.7L.3,0L1,-.7L.7,-1L0,-.3Z"
_FONT = "DejaVu Sans, Verdana, Arial, sans-serif"
_BLUE, _BARS, _GREY, _REVISION, _MISPRINT = "#0a559f", "#8fb6dc", "#59636e", "#7a2f8f", "#c03a00"


def format_of(path: Path) -> str:
    """Return the format that the ending of a file asks for. Raises UsageError for another."""
    kind = path.suffix.lower().removeprefix(".")
    if kind not in FORMATS:
        raise UsageError(f"{path}: a picture is an .svg or a .png file.")
    return kind


def picture(rows: Sequence[LossRow], title: str, unit: str, kind: str) -> bytes:
    """Return the picture of a category's rows, oldest first, in one of `FORMATS`.

    Raises UsageError where there is no row, or vl-convert is not installed.
    """
    if not rows:
        raise UsageError(f"{title}: nothing is on record for these dates; there is no picture.")
    try:
        import vl_convert
    except ImportError as error:
        raise UsageError(
            "Pictures need vl-convert, which is not installed here: pip install 'tallybook[report]'"
        ) from error
    spec = specification(rows, title, unit)
    if kind == "svg":
        return str(vl_convert.vegalite_to_svg(spec, vl_version=_VEGA_LITE)).encode()
    return bytes(vl_convert.vegalite_to_png(spec, vl_version=_VEGA_LITE, scale=2))


def specification(rows: Sequence[LossRow], title: str, unit: str) -> dict[str, Any]:
    """Return the picture in Vega-Lite: totals above, the column `daily` below, marks on both."""
    last = rows[-1]
    kinds = {mark.row.report_date: mark.kind for mark in marks_of(rows)}
    values = [
        {
            "date": row.report_date.isoformat(),
            "total": row.total,
            "daily": row.daily,
            "mark": kinds.get(row.report_date) if is_odd(row) else None,
        }
        for row in rows
    ]
    days = [
        {"year": day.year, "month": day.month, "date": day.day, "utc": True}
        for day in (rows[0].report_date - ONE_DAY, last.report_date + ONE_DAY)
    ]
    width = _WIDTH / ((last.report_date - rows[0].report_date).days + 2)
    bars = {"type": "bar", "color": _BARS, "width": round(min(max(0.85 * width, 0.5), 40), 2)}
    sources = sorted({row.source for row in rows})
    named = ", ".join(sources) if len(sources) < 6 else f"{len(sources)} sources"
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "background": "white",
        "padding": 16,
        "title": {
            "text": f"Reported Russian losses: {title}",
            "subtitle": f"{last.total:,} in all on {last.report_date}, counted in {unit}; "
            f"report dates {span(rows[0].report_date, last.report_date)}",
            "anchor": "start",
            "fontSize": 18,
            "subtitleFontSize": 13,
            "subtitleColor": _GREY,
            "offset": 14,
        },
        "data": {"values": values},
        "config": {"font": _FONT, "view": {"stroke": None}, "axis": {"labelColor": _GREY}},
        "vconcat": [
            _panel(f"Total, {unit}", "total", {"type": "line", "color": _BLUE}, 260, days),
            _panel(f"Daily, {unit}", "daily", bars, 150, days),
            _notes(
                "Daily losses as printed where that adds up; a revision of the past is no loss. "
                "▲ revision   ✕ misprint or undecided",
                f"Source: General Staff of Ukraine, as printed by {named}; checked by Tallybook.",
                DISCLAIMER,
            ),
        ],
    }


def _panel(
    label: str, field: str, mark: dict[str, Any], height: int, days: Sequence[dict[str, int]]
) -> dict[str, Any]:
    scale = {"type": "utc", "domain": days, "nice": False}
    x = {"field": "date", "type": "temporal", "title": None, "scale": scale}
    y = {
        "field": field,
        "type": "quantitative",
        "title": label,
        "axis": {"format": ",d", "tickMinStep": 1},
        "scale": {"zero": mark["type"] == "bar"},
    }
    revised = "datum.mark === 'revision'"
    return {
        "width": _WIDTH,
        "height": height,
        "layer": [
            {"mark": mark, "encoding": {"x": x, "y": y}},
            {
                "transform": [{"filter": "datum.mark !== null"}],
                "mark": {"type": "point", "filled": True, "size": 45, "yOffset": -9, "opacity": 1},
                "encoding": {
                    "x": x,
                    "y": y,
                    "shape": {
                        "condition": {"test": revised, "value": "triangle-up"},
                        "value": _CROSS,
                    },
                    "color": {
                        "condition": {"test": revised, "value": _REVISION},
                        "value": _MISPRINT,
                    },
                },
            },
        ],
    }


def _notes(*lines: str) -> dict[str, Any]:
    """Return a panel of small text, a line under the other."""
    return {
        "width": _WIDTH,
        "height": 15 * len(lines),
        "data": {"values": [{}]},
        "layer": [
            {
                "mark": {
                    "type": "text",
                    "align": "left",
                    "baseline": "top",
                    "x": 0,
                    "y": 15 * place,
                    "fontSize": 11,
                    "color": _GREY,
                    "text": line,
                }
            }
            for place, line in enumerate(lines)
        ],
    }
