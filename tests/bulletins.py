"""Bulletins: a generated bulletin in any language and shape, and the figures that it prints.

`compose` gives its paragraphs, so that tests can shuffle lines and insert sentences; `document`
types them as plain text or HTML.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from typing import Literal, TypeAlias, get_args

from schemas.records import Document
from tests.phrasing import Phrases, load
from tests.reference import Figures, Printed

Shape: TypeAlias = Literal[
    "list", "prose", "personnel", "two_sentences", "raised", "inverted", "daily", "table", "wide"
]
Deltas: TypeAlias = Literal["all", "none", "nonzero", "explained", "glued", "empty", "including"]
Numbers: TypeAlias = Literal["", " ", "\u00a0", "\u202f", ",", ".", "'", "\u2019", "scaled", "own"]
Markup: TypeAlias = Literal["text", "p", "br", "ul"]
SHAPES: tuple[Shape, ...] = get_args(Shape)
DELTAS: tuple[Deltas, ...] = get_args(Deltas)
NUMBERS: tuple[Numbers, ...] = get_args(Numbers)
MARKUPS: tuple[Markup, ...] = get_args(Markup)
BOTH: frozenset[Shape] = frozenset({"two_sentences", "raised", "inverted", "daily"})
"""Shapes in which every item prints a daily number that is not 0."""

Pair: TypeAlias = tuple[int | None, int | None]
"""(total, delta) as printed."""


@dataclass(frozen=True, slots=True)
class Style:
    """How a bulletin is typed.

    `numbers` is what parts groups of three digits, or "scaled" (8 thousand 815), or "own" (the
    language's own digits). `deltas` "nonzero" leaves zeros out, "explained" adds "over the past
    day", "glued" prints no blank before the parenthesis, "empty" prints "(+)" for a delta that
    is not known, "including" prints words. `early` prints a delta before the label in prose.
    """

    numbers: Numbers = ""
    deltas: Deltas = "all"
    dash: str = " \u2013 "
    markup: Markup = "text"
    about: bool = False
    early: bool = False
    words: bool = False
    variant: int = 0


@dataclass(frozen=True, slots=True)
class Composed:
    """Title, paragraphs before the figures, lines of figures (a list or a table), paragraphs."""

    title: str
    before: tuple[str, ...]
    lines: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    rows: bool = False


def can_print(code: str, shape: Shape) -> bool:
    """Whether the language's wording has that shape."""
    return shape != "raised" or bool(load(code).raised)


def printed(code: str, shape: Shape, figures: Figures, style: Style) -> dict[str, Pair]:
    """Return, by category, what `compose` prints of these figures in that shape and style."""
    return {c: _pair(shape, c, f, style) for c, f in _known(code, figures).items()}


def _known(code: str, figures: Figures) -> dict[str, Printed]:
    return {c: figure for c, figure in figures.items() if c in load(code).labels}


def _pair(shape: Shape, category: str, figure: Printed, style: Style) -> Pair:
    if shape == "daily":
        return None, figure.delta
    if shape == "personnel":
        return figure.total, figure.delta if category == "personnel" else None
    if shape in BOTH:
        return figure.total, figure.delta
    return figure.total, None if _leaves_out(shape, figure, style) else figure.delta


def _leaves_out(shape: Shape, figure: Printed, style: Style) -> bool:
    """Whether a figure is printed without its delta."""
    in_words = style.words and shape == "prose" and figure.total == 1
    return style.deltas == "none" or in_words or (style.deltas == "nonzero" and figure.delta == 0)


def compose(code: str, shape: Shape, day: date, figures: Figures, style: Style) -> Composed:
    """Return a bulletin of that day with these figures, in the order in which they are given."""
    writer = _Writer(load(code), shape, style)
    title = writer.phrases.title.format(date=writer.phrases.print_date(day))
    return _COMPOSERS[shape](writer, title, _known(code, figures))


class _Writer:
    """Prints numbers, deltas, labels and items in one language, shape and style."""

    def __init__(self, phrases: Phrases, shape: Shape, style: Style) -> None:
        self.phrases = phrases
        self.shape = shape
        self.style = style

    def number(self, value: int) -> str:
        if self.style.numbers == "scaled":
            return self.phrases.scaled(value) or str(value)
        if self.style.numbers == "own":
            return str(value).translate(str.maketrans("0123456789", self.phrases.digits))
        return f"{value:,}".replace(",", self.style.numbers)

    def about(self, category: str) -> str:
        return self.phrases.about if self.style.about and category == "personnel" else ""

    def label(self, category: str) -> str:
        return self.phrases.counted(category, self.style.variant)

    def delta(self, figure: Printed) -> str:
        """Return " (+2)" in the style asked for, or "" where no delta is printed."""
        deltas = self.style.deltas
        if deltas == "empty" and figure.delta is None:
            return " (+)"
        if figure.delta is None or _leaves_out(self.shape, figure, self.style):
            return ""
        value = self.number(figure.delta)
        if deltas == "including" and self.phrases.including and self.shape == "list":
            return self.phrases.including.format(delta=value)
        explained = f" {self.phrases.past_day}" if deltas == "explained" else ""
        return f"{'' if deltas == 'glued' else ' '}(+{value}{explained})"

    def line(self, category: str, figure: Printed) -> str:
        about = self.about(category)
        dash = self.style.dash
        dash += " " if about and not dash[-1].isspace() else ""
        amount = about + self.number(figure.total)
        return self.phrases.listed(category) + dash + amount + self.delta(figure)

    def item(self, category: str, figure: Printed) -> str:
        """Return "4,823 tanks (+2)" or "4,823 (+2) tanks"."""
        if category == "submarines" and self.style.words and figure.total == 1:
            return self.phrases.one_submarine
        early, late = (self.delta(figure), "") if self.style.early else ("", self.delta(figure))
        number = self.about(category) + self.number(figure.total) + early
        return self.phrases.item.format(number=number, label=self.label(category)) + late

    def daily_item(self, category: str, figure: Printed) -> str:
        number = self.number(figure.delta or 0)
        return self.phrases.item.format(number=number, label=self.label(category))

    def total_item(self, category: str, figure: Printed) -> str:
        number = self.number(figure.total)
        return self.phrases.item.format(number=number, label=self.label(category))

    def filled(self, template: str, category: str, figure: Printed) -> str:
        """Return a template with a figure's total, delta and label."""
        return template.format(
            total=self.number(figure.total),
            delta=self.number(figure.delta or 0),
            label=self.label(category),
            listed=self.phrases.listed(category),
        )

    def joined(self, items: Callable[[str, Printed], str], figures: Mapping[str, Printed]) -> str:
        """Return the items with commas, and "and" before the last."""
        *head, last = [items(category, figure) for category, figure in figures.items()]
        return self.phrases.joint.join([self.phrases.comma.join(head), last]) if head else last


def _list(writer: _Writer, title: str, figures: Figures) -> Composed:
    lines = tuple(writer.line(category, figure) for category, figure in figures.items())
    return Composed(title, (writer.phrases.lead,), lines)


def _prose(writer: _Writer, title: str, figures: Figures) -> Composed:
    items = writer.joined(writer.item, figures)
    return Composed(title, (writer.phrases.prose.format(items=items),))


def _personnel(writer: _Writer, title: str, figures: Figures) -> Composed:
    """Personnel in a sentence of its own, with the day's number; then the other totals."""
    rest = {c: figure for c, figure in figures.items() if c != "personnel"}
    before = [writer.phrases.prose.format(items=writer.joined(writer.total_item, rest))]
    if personnel := figures.get("personnel"):
        before.insert(0, writer.filled(writer.phrases.personnel, "personnel", personnel))
    return Composed(title, tuple(before))


def _two_sentences(writer: _Writer, title: str, figures: Figures) -> Composed:
    daily = writer.phrases.daily.format(items=writer.joined(writer.daily_item, figures))
    total = writer.phrases.prose.format(items=writer.joined(writer.total_item, figures))
    return Composed(title, (daily, total))


def _raised(writer: _Writer, title: str, figures: Figures) -> Composed:
    phrases = writer.phrases
    return Composed(title, tuple(writer.filled(phrases.raised, c, f) for c, f in figures.items()))


def _inverted(writer: _Writer, title: str, figures: Figures) -> Composed:
    lines = tuple(writer.filled(writer.phrases.inverted, c, f) for c, f in figures.items())
    return Composed(title, (writer.phrases.inverted_lead,), lines)


def _daily(writer: _Writer, title: str, figures: Figures) -> Composed:
    items = writer.joined(writer.daily_item, figures)
    return Composed(title, (writer.phrases.daily.format(items=items),))


def _table(writer: _Writer, title: str, figures: Figures) -> Composed:
    rows = tuple(
        f"{writer.phrases.listed(c)}\t{writer.number(f.total)}{writer.delta(f)}"
        for c, f in figures.items()
    )
    return Composed(title, (writer.phrases.lead,), rows, rows=True)


def _wide(writer: _Writer, title: str, figures: Figures) -> Composed:
    header = "\t".join(writer.phrases.header)
    rows = tuple(_wide_row(writer, c, figure) for c, figure in figures.items())
    return Composed(title, (writer.phrases.lead,), (header, *rows), rows=True)


def _wide_row(writer: _Writer, category: str, figure: Printed) -> str:
    bare = figure.delta is None or _leaves_out("wide", figure, writer.style)
    delta = "" if bare else f"+{writer.number(figure.delta or 0)}"
    return f"{writer.phrases.listed(category)}\t{writer.number(figure.total)}\t{delta}"


_COMPOSERS: Mapping[Shape, Callable[[_Writer, str, Figures], Composed]] = {
    "list": _list,
    "prose": _prose,
    "personnel": _personnel,
    "two_sentences": _two_sentences,
    "raised": _raised,
    "inverted": _inverted,
    "daily": _daily,
    "table": _table,
    "wide": _wide,
}


def document(composed: Composed, style: Style, code: str) -> Document:
    """Return the bulletin as a page's bytes, plain text or HTML."""
    if style.markup == "text":
        parts = [composed.title, *composed.before, "\n".join(composed.lines), *composed.after]
        text = "\n\n".join(part for part in parts if part) + "\n"
        return Document("folder", "page", text.encode(), "text/plain")
    body = [f"<h1>{escape(composed.title)}</h1>", *_paragraphs(composed.before)]
    body += [*_marked_up(composed, style.markup), *_paragraphs(composed.after)]
    html = f'<!DOCTYPE html><html lang="{code}"><head><meta charset="utf-8"></head><body>'
    html += "<article>" + "\n".join(body) + "</article></body></html>"
    return Document("folder", "page", html.encode(), "text/html")


def _paragraphs(texts: Sequence[str]) -> list[str]:
    return [f"<p>{escape(text)}</p>" for text in texts]


def _marked_up(composed: Composed, markup: Markup) -> list[str]:
    lines = [escape(line) for line in composed.lines]
    if composed.rows:
        rows = ("".join(f"<td>{cell}</td>" for cell in line.split("\t")) for line in lines)
        return ["<table>", *(f"<tr>{row}</tr>" for row in rows), "</table>"]
    if markup == "br":
        return ["<div>", "<br>\n".join(lines), "</div>"]
    if markup == "ul" and len(lines) > 1:
        return ["<ul>", *(f"<li>{line}</li>" for line in lines), "</ul>"]
    return _paragraphs(composed.lines)
