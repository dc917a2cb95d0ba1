"""Parse: from a page's text to the figures of the bulletin, or to the reason why it is none."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache

from flows.errors import NotThePage
from flows.extract import extract
from flows.reading.dates import Dated, decide_date, find_evidence, printed_dates, war_day_spans
from flows.reading.fold import fold
from flows.reading.items import Item, Line, find_items, lines_of
from flows.reading.lexicon import Lexicon, Lexicons
from flows.reading.scope import (
    FEWEST_CATEGORIES,
    Group,
    group_items,
    is_daily,
    sentence_text,
    split_by_role,
)
from schemas.records import Bulletin, Document, Figure, Page, Unrecognized, war_day
from schemas.registry import Registry, load_registry

NOT_THE_BULLETIN = "not the bulletin: no list of losses stands in the text"
UNKNOWN_LANGUAGE = "not the bulletin: its language is none that Tallybook reads"
_LONGEST_HEADLINE = 200


@dataclass(frozen=True)
class _Reading:
    """A page read in one language: the folded text, its lines and its groups of items.

    `title` is the number of the line that is the title.
    """

    lexicon: Lexicon
    page: Page
    text: str
    lines: tuple[Line, ...]
    groups: tuple[Group, ...]
    dated: Dated
    title: int

    @property
    def best(self) -> Group | None:
        """The group that is the bulletin: the most categories; the first of equals."""
        fit = [g for g in self.groups if g.other is None and len(g.categories) >= FEWEST_CATEGORIES]
        return max(fit, key=lambda g: len(g.categories), default=None)


@cache
def _lexicons() -> Lexicons:
    return Lexicons(load_registry())


def read(document: Document) -> Bulletin:
    """Extract and parse a document. Bad content gives a refused bulletin with the reason."""
    try:
        page = extract(document)
    except NotThePage as error:
        return Bulletin(status="refused", reason=str(error))
    return parse(page, document.published_on)


def parse(page: Page, published: date | None = None) -> Bulletin:
    """Read the bulletin in a page's text.

    `published` is the publication date that the caller knows; it dates a text that names no date
    and is evidence beside one that does. The result is refused, with the reason in a sentence,
    where the text is not this bulletin or its date is not determined.
    """
    reading = _read_best_language(page, published)
    if reading is None:
        return Bulletin(status="refused", reason=UNKNOWN_LANGUAGE, title=page.title)
    return _bulletin(reading)


def _read_best_language(page: Page, published: date | None) -> _Reading | None:
    """Return the reading with the most categories, the languages tried in order of likelihood."""
    text = fold(page.text)
    best: _Reading | None = None
    for code in _likely_languages(text):
        reading = _read_in(code, page, text, published)
        if best is None or _score(reading) > _score(best):
            best = reading
        if _score(best) >= FEWEST_CATEGORIES:
            break
    return best


def _score(reading: _Reading) -> int:
    return len(reading.best.categories) if reading.best else 0


def _likely_languages(text: str) -> list[str]:
    """Return the known languages, by how many of their frequent words the text holds."""
    words = Counter(text[:20_000].split())
    lexicons = _lexicons()
    score = {code: sum(words[w] for w in lexicons.words(code)) for code in lexicons}
    return sorted(score, key=lambda code: -score[code])


def _read_in(code: str, page: Page, text: str, published: date | None) -> _Reading:
    lexicon = _lexicons()[code]
    lines = lines_of(text)
    dates = printed_dates(text, lexicon)
    days = war_day_spans(text, lexicon)
    title = _title_line(page, lines)
    evidence = find_evidence(page.text, text, lines, dates, days, lexicon, published, title)
    known = published or (page.published_at.date() if page.published_at and not evidence else None)
    masked = [(d.start, d.end) for d in dates] + [(start, end) for start, end, _ in days]
    items = find_items(text, lines, masked, lexicon)
    groups = group_items(items, text, lines, lexicon)
    dated = decide_date(evidence, known)
    return _Reading(lexicon, page, text, tuple(lines), tuple(groups), dated, title)


def _title_line(page: Page, lines: Sequence[Line]) -> int:
    """Return the number of the line that is the page's title; 0 where none is."""
    if page.title:
        for line in lines:
            if page.text[line.start : line.end].strip() == page.title:
                return line.index
    return 0


def _bulletin(reading: _Reading) -> Bulletin:
    page, dated, group = reading.page, reading.dated, reading.best
    found = Bulletin(
        status="refused",
        report_date=dated.report_date,
        date_evidence=dated.evidence,
        war_day=dated.war_day,
        language=reading.lexicon.language.code,
        title=page.title or _line(reading, reading.title),
        published_at=page.published_at,
        headlines=_headlines(reading),
        warnings=dated.warnings,
    )
    if group is None:
        return replace(found, reason=_why_not(reading))
    if dated.report_date is None:
        return replace(found, reason=dated.reason)
    return _accept(found, reading, group, dated.report_date)


def _why_not(reading: _Reading) -> str:
    for group in reading.groups:
        if group.other and len(group.categories) >= FEWEST_CATEGORIES:
            return f"not the bulletin: the list of losses is introduced by {group.other!r}"
    return NOT_THE_BULLETIN


def _accept(found: Bulletin, reading: _Reading, group: Group, report_date: date) -> Bulletin:
    registry = load_registry()
    collector = _Collector(reading, registry, report_date)
    collector.take(group)
    collector.take_daily_elsewhere(group)
    collector.take_personnel()
    figures = collector.figures()
    printed = {figure.category for figure in figures if figure.total is not None}
    missing = registry.required(report_date) - printed
    return replace(
        found,
        status="accepted",
        war_day=found.war_day if found.war_day is not None else war_day(report_date),
        complete=not missing,
        figures=figures,
        unrecognized=tuple(collector.unrecognized),
        warnings=(*found.warnings, *dict.fromkeys(collector.warnings)),
    )


class _Collector:
    """Gathers the figures of a bulletin from its main group and what belongs to it elsewhere."""

    def __init__(self, reading: _Reading, registry: Registry, report_date: date) -> None:
        self._reading = reading
        self._date = report_date
        self._in_force = registry.in_force(report_date)
        self._found: list[Figure] = []
        self.unrecognized: list[Unrecognized] = []
        self.warnings: list[str] = []

    def figures(self) -> tuple[Figure, ...]:
        """Return the figures in the order of the text."""
        return tuple(sorted(self._found, key=lambda figure: figure.start))

    def take(self, group: Group) -> None:
        """Take every item of the main group."""
        reading = self._reading
        totals, daily = split_by_role(group, reading.text, reading.lines, reading.lexicon)
        for item in totals:
            self._take_item(item)
        for item in daily:
            self._take_daily(item)

    def take_daily_elsewhere(self, main: Group) -> None:
        """Take the deltas of another group whose sentence or lead-in speaks of the last day."""
        reading = self._reading
        for group in reading.groups:
            if group is main or group.other or len(group.categories) < FEWEST_CATEGORIES:
                continue
            _, daily = split_by_role(group, reading.text, reading.lines, reading.lexicon)
            for item in daily:
                self._take_daily(item)

    def take_personnel(self) -> None:
        """Take the personnel figures that stand in sentences of their own."""
        reading = self._reading
        totals, daily = [], []
        for group in reading.groups:
            for item in group.items:
                if item.categories != ("personnel",) or not self._about_enemy(item):
                    continue
                if is_daily(item, group, reading.text, reading.lines, reading.lexicon):
                    daily.append(item)
                elif self._counts_up(item):
                    totals.append(item)
        self._take_one(totals, "total")
        self._take_one(daily, "delta")

    def _about_enemy(self, item: Item) -> bool:
        """Whether the sentence, or the line before it, names whose losses are counted."""
        reading = self._reading
        sentence = sentence_text(item, reading.text, reading.lines)
        start = reading.lines[max(item.line - 1, 0)].start
        names = reading.lexicon.enemy.search(reading.text, start, item.end)
        return bool(names or reading.lexicon.enemy.search(sentence)) and not (
            reading.lexicon.other.search(sentence)
        )

    def _counts_up(self, item: Item) -> bool:
        sentence = sentence_text(item, self._reading.text, self._reading.lines)
        return bool(self._reading.lexicon.since.search(sentence))

    def _take_one(self, items: Sequence[Item], kind: str) -> None:
        """Take the one value that the sentences agree on, a rounded one only where no other is."""
        known = next((f for f in self._found if f.category == "personnel"), None)
        if known and getattr(known, kind) is not None:
            return
        exact = [item for item in items if not item.rounded] or list(items)
        values = dict.fromkeys(item.total for item in exact if item.total is not None)
        if len(values) > 1:
            printed = ", ".join(map(str, values))
            self.warnings.append(f"personnel: {kind} not taken, the text gives several: {printed}")
        elif values and kind == "delta":
            self._take_daily(exact[0])
        elif values:
            self._take_total(exact[0])

    def _take_total(self, item: Item) -> None:
        self._found = [
            replace(self._figure("personnel", item), delta=item.delta or figure.delta)
            if figure.category == "personnel"
            else figure
            for figure in self._found
        ]
        if not any(figure.category == "personnel" for figure in self._found):
            self._found.append(self._figure("personnel", item))

    def _take_item(self, item: Item) -> None:
        category = self._category(item)
        label = self._print(item.label)
        if item.problem:
            self.warnings.append(f"{label}: {item.problem}")
        if category is None:
            self._take_unknown(item, label)
        elif item.total is not None or item.delta is not None:
            figure = self._figure(category, item)
            if not any(_same(figure, other) for other in self._found):
                self._found.append(figure)

    def _take_unknown(self, item: Item, label: str) -> None:
        self.unrecognized.append(Unrecognized(label, item.total, item.delta))
        if item.categories:
            self.warnings.append(f"{label}: not a category of {self._date}")

    def _take_daily(self, item: Item) -> None:
        """Take a bare daily number as the delta of its category."""
        category = self._category(item)
        if category is None:
            self._take_unknown(replace(item, total=None, delta=item.total), self._print(item.label))
            return
        known = [figure for figure in self._found if figure.category == category]
        if not known:
            figure = self._figure(category, item)
            self._found.append(replace(figure, total=None, delta=item.total))
        elif known[0].delta is None and item.total is not None:
            at = self._found.index(known[0])
            self._found[at] = replace(known[0], delta=item.total)

    def _category(self, item: Item) -> str | None:
        """Return the category in force that day that the label stands for; None without any."""
        return next((name for name in item.categories if name in self._in_force), None)

    def _figure(self, category: str, item: Item) -> Figure:
        return Figure(
            category=category,
            total=item.total,
            delta=item.delta,
            approximate=item.approximate,
            label=self._print(item.label),
            start=item.start,
            end=item.end,
        )

    def _print(self, span: tuple[int, int]) -> str:
        return self._reading.page.text[span[0] : span[1]].strip()


def _same(figure: Figure, other: Figure) -> bool:
    return (figure.category, figure.total, figure.delta) == (
        other.category,
        other.total,
        other.delta,
    )


def _line(reading: _Reading, index: int) -> str | None:
    if index >= len(reading.lines):
        return None
    line = reading.lines[index]
    return reading.page.text[line.start : line.end].strip()


def _headlines(reading: _Reading) -> tuple[str, ...]:
    """Return the summary headlines: the lines without a full stop that follow a title ending in ":"."""
    heads = range(reading.title, min(reading.title + 3, len(reading.lines)))
    head = next((n for n in heads if _introduces(reading, n)), None)
    if head is None:
        return ()
    headlines: list[str] = []
    for index in range(head + 1, len(reading.lines)):
        line = _line(reading, index) or ""
        if line.endswith((".", "!", "?", ":", ";", '"', "”")) or len(line) > _LONGEST_HEADLINE:
            break
        headlines.append(line)
    return tuple(headlines)


def _introduces(reading: _Reading, index: int) -> bool:
    return (_line(reading, index) or "").endswith(":")
