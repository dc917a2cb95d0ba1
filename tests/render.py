"""Renderers: the printed forms of the sample archive, for any date, figures and typography.

`render` gives a whole document; `printed` says which figures that document prints, so that
`parse(render(x)) == printed(x)` is a property. Forms: an English news summary, the General
Staff's Ukrainian list, English prose, an English list, tables of two and of three columns.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Literal, TypeAlias, get_args

from schemas.records import war_day
from schemas.registry import load_registry
from tests.reference import Figures, Printed
from tests.wording import ENGLISH, ENGLISH_NOISE, UKRAINIAN, UKRAINIAN_NOISE

Form: TypeAlias = Literal["summary", "official", "prose", "list", "table", "wide_table"]
Deltas: TypeAlias = Literal["all", "nonzero", "explained"]
Markup: TypeAlias = Literal["text", "p", "br", "ul"]

FORMS: tuple[Form, ...] = get_args(Form)
DELTAS: tuple[Deltas, ...] = get_args(Deltas)
MARKUPS: tuple[Markup, ...] = get_args(Markup)
GROUPS = ("", " ", "\u00a0", "\u202f", ",", ".", "'", "\u2019")
"""What stands between groups of three digits."""
DASHES = (
    *(f" {dash} " for dash in "-\u2013\u2014\u2012\u2212"),
    *(f"{dash}" for dash in "-\u2013\u2014\u2012\u2212"),
    " \u2012",
    "\u2013 ",
    ": ",
    " ",
)
"""What stands between a label and its number: dashes loose, glued, half glued, and none."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a document is typed. `variant` picks among the labels; `words` prints "one submarine".

    `deltas` "nonzero" leaves zeros out, "explained" adds "for the last 24 hours".
    """

    group: str = ""
    dash: str = " \u2012 "
    deltas: Deltas = "all"
    markup: Markup = "text"
    about: bool = True
    units: bool = False
    words: bool = False
    noise: bool = True
    variant: int = 0


PlainFigure: TypeAlias = tuple[int, int | None, bool]
"""(total, delta, approximate) as printed."""


def language(form: Form) -> str:
    """Return the ISO 639-1 code of a form's language."""
    return "uk" if form == "official" else "en"


def printed(form: Form, figures: Figures, style: Style) -> dict[str, PlainFigure]:
    """Return, by category, what `render` prints of these figures in that form and style."""
    return {
        category: (
            figure.total,
            _printed_delta(form, category, figure, style),
            style.about and category == "personnel",
        )
        for category, figure in figures.items()
        if category in ENGLISH
    }


def render(form: Form, report_date: date, figures: Figures, style: Style) -> str:
    """Return a document that prints the figures, in the order in which they are given."""
    known = {c: f for c, f in figures.items() if c in ENGLISH}
    title, lead, body = _CONTENT[form](form, report_date, known, style)
    noise = _noise(form, style)
    lead = [*lead[:-1], *noise[:1], *lead[-1:]]
    if style.markup == "text":
        return "\n\n".join([title, *lead, "\n".join(body), *noise[1:]]) + "\n"
    inner = [f"<h1>{escape(title)}</h1>", *_paragraphs(lead)]
    inner += [*_marked_up(form, body, style.markup), *_paragraphs(noise[1:])]
    return _page(form, report_date, title, inner)


Content: TypeAlias = tuple[str, list[str], list[str]]
"""Title, paragraphs before the figures, and the lines (or rows, or the sentence) of figures."""


def number(value: int, group: str) -> str:
    """Return a count with its groups of three digits set apart."""
    return f"{value:,}".replace(",", group)


def _printed_delta(form: Form, category: str, figure: Printed, style: Style) -> int | None:
    in_prose = form == "summary" and category == "personnel"
    leaves_zero_out = in_prose or style.deltas == "nonzero"
    return None if figure.delta == 0 and leaves_zero_out else figure.delta


def _delta(form: Form, category: str, figure: Printed, style: Style) -> str:
    """Return " (+2)" in the style asked for, or "" where no delta is printed."""
    value = _printed_delta(form, category, figure, style)
    if value is None:
        return ""
    words = "за добу" if language(form) == "uk" else "for the last 24 hours"
    explained = f" {words}" if style.deltas == "explained" else ""
    return f" (+{number(value, style.group)}{explained})"


def _label(form: Form, category: str, style: Style) -> str:
    variants = (UKRAINIAN if language(form) == "uk" else ENGLISH)[category]
    return variants[style.variant % len(variants)]


def _about(form: Form, category: str, style: Style) -> str:
    if category != "personnel" or not style.about:
        return ""
    return "близько " if language(form) == "uk" else "about "


def _unit(form: Form, category: str, style: Style) -> str:
    if category == "personnel":
        return " осіб" if language(form) == "uk" else " persons"
    if not style.units:
        return ""
    return " од" if language(form) == "uk" else " pcs."


def _line(form: Form, category: str, figure: Printed, style: Style) -> str:
    """Return one list item without its end: label, dash, total, delta, unit."""
    dash = style.dash
    about = _about(form, category, style)
    if about and not dash[-1].isspace():
        dash += " "
    amount = about + number(figure.total, style.group)
    change = _delta(form, category, figure, style)
    unit = _unit(form, category, style)
    tail = change + unit if language(form) == "uk" or category == "personnel" else unit + change
    return _label(form, category, style) + dash + amount + tail


def _lines(form: Form, figures: Figures, style: Style) -> list[str]:
    lines = [_line(form, category, figure, style) for category, figure in figures.items()]
    return [line + ";" for line in lines[:-1]] + [line + "." for line in lines[-1:]]


def _official(form: Form, report_date: date, figures: Figures, style: Style) -> Content:
    until = report_date.strftime("%d.%m.%y")
    lead = [
        "Це оцінка Генерального штабу, незалежного підтвердження вона не має.",
        f"Загальні бойові втрати противника з 24.02.22 по {until} (орієнтовно):",
    ]
    title = f"Втрати противника: {war_day(report_date)}-та доба"
    return title, lead, _lines(form, figures, style)


def _list(form: Form, report_date: date, figures: Figures, style: Style) -> Content:
    until = report_date.strftime("%d.%m.%y")
    lead = [
        "The figures are claims of the General Staff and cannot be verified.",
        f"Combat losses of the enemy from 24.02.22 to {until}, approximately:",
    ]
    return f"General Staff update, day {war_day(report_date)}", lead, _lines(form, figures, style)


def _summary(form: Form, report_date: date, figures: Figures, style: Style) -> Content:
    """The personnel stand in prose above the list; "and others" where the list is not whole."""
    day = war_day(report_date)
    title = f"date {report_date} Day {day} of the invasion of Ukraine. The last 24 hours:"
    lead = ["Ships leave the port again", "The grid operator asks for patience"]
    if personnel := figures.get("personnel"):
        lead += _personnel_prose(personnel, style)
    month_day = f"{report_date:%B} {report_date.day}"
    lead.append(f"The General Staff, whose claims cannot be verified, lists as of {month_day}:")
    lines = _lines(form, {c: f for c, f in figures.items() if c != "personnel"}, style)
    if not load_registry().required(report_date) <= set(figures):
        lines[-1] = lines[-1].removesuffix(".") + " and others."
    return title, lead, lines


def _personnel_prose(personnel: Printed, style: Style) -> list[str]:
    total = ("about " if style.about else "") + number(personnel.total, style.group)
    sentences = [f"In all, Russia's losses amount to {total} people, the General Staff claims."]
    if personnel.delta:
        daily = number(personnel.delta, style.group)
        sentences.insert(0, f"In the last 24 hours Russia lost {daily} soldiers, Kyiv says.")
    return sentences


def _prose(form: Form, report_date: date, figures: Figures, style: Style) -> Content:
    items = [_prose_item(form, category, figure, style) for category, figure in figures.items()]
    day = f"{report_date.day} {report_date:%B %Y}"
    sentence = (
        f"As of the morning of {day}, the General Staff puts Russia's total losses at "
        + ", ".join(items[:-1])
        + f" and {items[-1]}, a claim that cannot be verified."
    )
    return f"Morning briefing, day {war_day(report_date)}", [], [sentence]


def _prose_item(form: Form, category: str, figure: Printed, style: Style) -> str:
    in_words = style.words and figure.total == 1
    total = "one" if in_words else number(figure.total, style.group)
    label = _label(form, category, style)
    if in_words:
        label = label.removesuffix("s")
    about = _about(form, category, style)
    return f"{about}{total} {label}{_delta(form, category, figure, style)}"


def _table(form: Form, report_date: date, figures: Figures, style: Style) -> Content:
    """Rows are cells with tabs between them; the three-column table has a header."""
    day = f"{report_date.day} {report_date:%B %Y}"
    lead = [f"Claimed by the General Staff as of {day} (day {war_day(report_date)}), unverified."]
    header = ["Category\tTotal\tLast 24 hours"] if form == "wide_table" else []
    rows = [_row(form, category, figure, style) for category, figure in figures.items()]
    return f"Reported Russian losses, {day}", lead, header + rows


def _row(form: Form, category: str, figure: Printed, style: Style) -> str:
    total = _about(form, category, style) + number(figure.total, style.group)
    label = _label(form, category, style).capitalize()
    if form == "table":
        return f"{label}\t{total}{_delta(form, category, figure, style)}"
    value = _printed_delta(form, category, figure, style)
    return f"{label}\t{total}\t" + ("" if value is None else f"+{number(value, style.group)}")


_CONTENT = {
    "summary": _summary,
    "official": _official,
    "prose": _prose,
    "list": _list,
    "table": _table,
    "wide_table": _table,
}


def _noise(form: Form, style: Style) -> tuple[str, ...]:
    if not style.noise:
        return ()
    return UKRAINIAN_NOISE if language(form) == "uk" else ENGLISH_NOISE


def _paragraphs(texts: Sequence[str]) -> list[str]:
    return [f"<p>{escape(text)}</p>" for text in texts]


def _marked_up(form: Form, lines: Sequence[str], markup: Markup) -> list[str]:
    if form in ("table", "wide_table"):
        rows = ("".join(f"<td>{escape(cell)}</td>" for cell in r.split("\t")) for r in lines)
        return ["<table>", *(f"<tr>{row}</tr>" for row in rows), "</table>"]
    if markup == "br":
        return ["<div>", "<br>\n".join(escape(line) for line in lines), "</div>"]
    if markup == "ul" and len(lines) > 1:
        return ["<ul>", *(f"<li>{escape(line)}</li>" for line in lines), "</ul>"]
    return _paragraphs(lines)


def _page(form: Form, report_date: date, title: str, inner: Sequence[str]) -> str:
    """Return a page with what pages have around an article, another day's headline among it."""
    sidebar = f"<aside><ul><li>Day {war_day(report_date) - 1}: 5 things to know</li></ul></aside>"
    return "\n".join(
        [
            f'<!DOCTYPE html>\n<html lang="{language(form)}">\n<head><meta charset="utf-8">',
            f"<title>{escape(title)} | The Sample</title></head>\n<body>",
            '<nav><ul><li><a href="/">Home</a></li><li><a href="/24">24/7</a></li></ul></nav>',
            "<article>",
            *inner,
            "</article>",
            sidebar,
            "<footer>The Sample, 1998-2026. Page 1 of 3.</footer>\n</body>\n</html>\n",
        ]
    )


def media_type(style: Style) -> str:
    """Return the media type of what `render` gives in that style."""
    return "text/plain" if style.markup == "text" else "text/html"


def shuffled(figures: Figures, order: Sequence[str]) -> Mapping[str, Printed]:
    """Return the same figures in another printing order."""
    return {category: figures[category] for category in order}
