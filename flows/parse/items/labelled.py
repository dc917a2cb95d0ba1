"""Labelled: a number with the label before it, after it, above it or far before it.

One mechanism for every outlet: a number belongs to the label before it ("tanks - 4823 (+2)") or to
the label after it ("4,823 tanks (+2)"), whichever adjoins it and is not yet taken. What stands
before `free_from` belongs to other items.
"""

import re

from flows.parse.items.deltas import Delta
from flows.parse.items.item import Item
from flows.parse.items.line import (
    DASHED,
    LONGEST_GAP,
    LONGEST_RAISE,
    Categories,
    LineReader,
    Span,
)
from flows.parse.items.numbers import Number, read_number
from schemas.codes import BulletinWarningCode
from schemas.records import BulletinWarning

_JOINT = re.compile(r"[ \t]*(/|&|[^\W\d]{1,3}(?=[ \t]))[ \t]*")
"""What joins two labels to one number: "aircraft and helicopters", "ships / boats", "и", "und"."""

_PLUS = re.compile(r"(?:\A|[^\w+])\+ ?\Z")
"""A plus right before a number, no "C++"."""

_MINUS = re.compile(r"(?:[:=\t]|-[ \t]) *-\Z")
"""A minus behind the sign that parts label and number: "tanks: -4823", "tanks - -4823"."""

_YEAR = re.compile(r"20[12]\d")  # "since the 2022 invasion"

_TEENS = 20
"""No total that losses have risen to is spelled below this; "an impressive number" is 1."""

_LONGEST_LABEL = 120
"""Twice what the longest label that is known takes (61)."""

_LONGEST_REMARK = 16
"""What may follow the number of a line "Soldiers 282630 pers. killed" that is no sentence."""

_OWN_NUMBER = re.compile(r" ?[:=] ?\d[\d ,.']*(?:\([^()\n]*\))?[ \t.,;]*\Z")
"""`: 196` or `: 196 (+2)` behind a label, to the end of the line."""

_WORDS_BETWEEN = 5
"""Steps from a number to the label after it: "4,823 units of destroyed enemy tanks" takes five."""

_NO_TOTAL = BulletinWarning(BulletinWarningCode.TOTAL_MISSING, "its total is not printed")


def labelled(reader: LineReader, number: Number, free_from: int, above: Item | None) -> Item | None:
    """Return the item of a number whose label is known, or None.

    `above` is the label that fills the line above, where the number is the first of its line.
    """
    labels = reader.matches.labels
    may_follow = labels.any(free_from, number.start)  # no label on either side of most numbers
    before = _label_first(reader, number, free_from) if may_follow else None
    if before and not _over_words(reader, before, number):
        return before
    if not reader.text[number.start].isdigit() and not (before and _is_raised(reader, number)):
        before = None  # "drones are now one part of ..." counts nothing
    may_lead = labels.any(number.end, reader.end)
    after = _number_first(reader, number, free_from) if may_lead else None
    if after and before and before.listed and after.categories == before.categories:
        return before  # "Personnel liquidated 980 persons"
    return (
        after
        or before
        or (_label_above(reader, number, above) if above else None)
        or (_risen_to(reader, number, free_from) if may_follow else None)
    )


def _is_raised(reader: LineReader, number: Number) -> bool:
    """Whether a total follows in the sentence: "artillery: three more, 804 in all"."""
    end = reader.line.sentence(number.start)[1]
    matches = reader.matches
    return matches.raised_to.any(number.end, end) or matches.since.any(number.end, end)


def _over_words(reader: LineReader, item: Item, number: Number) -> bool:
    """Whether a verb stands between: "the air defense destroyed 50 drones" counts drones.

    In a list a dash has to be missing too: "Tanks destroyed: 10".
    """
    start, end = item.label[1], number.start
    if item.listed and DASHED.search(reader.text, start, end):
        return False
    return bool(reader.matches.fillers.search(start, end))


def _label_first(reader: LineReader, number: Number, free_from: int) -> Item | None:
    """Read "LABEL - about NUMBER unit (+DELTA)" or "LABEL - (+DELTA)"."""
    signed = _signed(reader.text, number, free_from)
    gap_end = number.start if signed is None else signed
    label = label_before(reader, free_from, gap_end)
    if not label:
        return None
    span, categories = label
    if signed is not None:
        return _delta_only(reader, span, categories, signed)
    if number.value and is_negative(reader.text, span[1], number.start):
        number = number._replace(value=-number.value)
    about = reader.says_about(span[1], gap_end)
    return reader.item(span[0], number, span, categories, about=about)


def is_negative(text: str, start: int, end: int) -> bool:
    """Whether a minus stands before a number at `end`, apart from the dash after its label."""
    return text[end - 1] == "-" and bool(_MINUS.search(text, start, end))


def _signed(text: str, number: Number, free_from: int) -> int | None:
    """Return where the sign of a delta without a total starts, "(+" or "+"; None without one."""
    sign = _before_blanks(text, number.start, free_from)
    if sign < free_from or text[sign] not in "+-":
        return None
    bracket = _before_blanks(text, sign, free_from)
    if bracket >= free_from and text[bracket] == "(":
        return bracket
    plus = _PLUS.search(text, max(free_from, number.start - 3), number.start)
    return plus.start() if plus else None


def _before_blanks(text: str, end: int, start: int) -> int:
    """Return the offset of the last character before `end` that is no blank, or `start` - 1."""
    last = end - 1
    while last >= start and text[last] in " \t":
        last -= 1
    return last


def _delta_only(reader: LineReader, label: Span, categories: Categories, start: int) -> Item | None:
    delta = reader.delta(start)
    if not delta:
        return None
    alone = reader.label_alone(label, categories, delta.end)
    return alone._replace(delta=delta.value, problem=_NO_TOTAL)


def label_before(
    reader: LineReader, free_from: int, gap_end: int
) -> tuple[Span, Categories] | None:
    """Return the last label before `gap_end` that nothing but glue parts from it."""
    start = max(free_from, gap_end - _LONGEST_LABEL - LONGEST_GAP)
    last = reader.matches.labels.last(start, gap_end)
    categories = reader.categories(last) if last else ()
    if last is None or not categories:
        return None
    span = last.span()
    if reader.is_listed(span, gap_end) or (
        reader.is_glued(span[1], gap_end) and _is_tied(reader, span, gap_end)
    ):
        return span, categories
    return None


def _is_tied(reader: LineReader, label: Span, number: int) -> bool:
    """Whether more than blanks tie a number to the label before it in prose.

    "Soldiers 36 ..." counts no soldiers where another word follows, as in "of 36th brigade".
    """
    if reader.text[label[1] : number].strip() or reader.matches.lexicon.language.spaceless:
        return True
    printed = read_number(reader.matches, number, reader.end)
    after = reader.skip_blanks(printed.end if printed else number)
    if reader.matches.units.match(after, reader.end):
        return True
    rest = reader.line.text[after - reader.start :][:3]
    ordinal = rest[:1] == "." and rest[1:].strip()[:1].islower()
    remark = reader.starts_line(label[0]) and reader.end - after <= _LONGEST_REMARK
    return (remark or not rest[:1].isalpha()) and not ordinal


def _number_first(reader: LineReader, number: Number, free_from: int) -> Item | None:
    """Read "NUMBER units of LABEL (+DELTA)" or "NUMBER (+DELTA) LABEL"."""
    sign = reader.text[max(number.start - 1, reader.start) : number.start]
    if sign == "-":
        return None
    item = label_after(reader, number, free_from, number.end, None)
    if item and sign == "+" and item.delta is None:
        return item._replace(total=None, delta=item.total, problem=_NO_TOTAL)
    if item is None and (early := reader.delta(number.end)):
        item = label_after(reader, number, free_from, early.end, early)
    return None if item and _is_repeated(reader, number, item) else item


def _is_repeated(reader: LineReader, number: Number, item: Item) -> bool:
    """Whether a number that starts its line is a line's above, and the label has its own.

    "233 Helicopters: 196" where the line above says "Aircraft: 233".
    """
    if reader.head < number.start or reader.end - item.label[1] > LONGEST_GAP:
        return False
    return bool(_OWN_NUMBER.match(reader.text[item.label[1] : reader.end]))


def label_after(
    reader: LineReader, number: Number, free_from: int, start: int, early: Delta | None
) -> Item | None:
    """Read the label after a number, few fillers and units between.

    It is looked for from `start` on, behind the number or the delta (`early`) that follows it.
    """
    matches, approximate = reader.matches, False
    for _ in range(_WORDS_BETWEEN):
        start = reader.skip_blanks(start)
        label = matches.labels.match(start, reader.end)
        if label:
            approximate = approximate or reader.says_about_before(number, free_from)
            return _with_label(reader, number, label, approximate, early)
        about = matches.about.match(start, reader.end)
        approximate = approximate or bool(about)
        word = (
            about
            or matches.fillers.match(start, reader.end)
            or matches.units.match(start, reader.end)
        )
        if not word:
            return None
        start = word.end()
    return None


def _with_label(
    reader: LineReader, number: Number, label: re.Match[str], about: bool, early: Delta | None
) -> Item | None:
    categories = reader.categories(label)
    if not categories:
        return None
    span = label.span()
    other = _joined(reader, label)
    if other:  # one number for two categories: nobody's total
        categories, span = (), (label.start(), other.end())
    return reader.item(number.start, number, span, categories, about=about, early=early)


def _joined(reader: LineReader, label: re.Match[str]) -> re.Match[str] | None:
    """Return the label of another category that an "and" joins to a label, or None."""
    joint = _JOINT.match(reader.text, label.end(), reader.end)
    if not joint:
        return None
    other = reader.matches.labels.match(joint.end(), reader.end)
    if not other or reader.matches.fillers.fullmatch(*joint.span(1)):
        return None
    return other if reader.categories(other) != reader.categories(label) else None


def _label_above(reader: LineReader, number: Number, above: Item) -> Item | None:
    """Read a number that starts its line, its label alone on the line above."""
    if above.line != reader.line.index - 1 or not reader.is_glued(reader.start, number.start):
        return None
    item = reader.item(number.start, number, above.label, above.categories)
    return item._replace(start=above.start, top=above.top, listed=True)


def _risen_to(reader: LineReader, number: Number, free_from: int) -> Item | None:
    """Read "the number of LABEL ... since the start of the war rose to NUMBER"."""
    is_spelled = not reader.text[number.start].isdigit()
    if is_spelled and number.value is not None and number.value < _TEENS:
        return None  # "have reached an impressive number"
    matches = reader.matches
    year = _YEAR.fullmatch(reader.text, number.start, number.end)
    for cue in (matches.raised_to,) if year else (matches.raised_to, matches.since):
        lead = reader.lead(cue, free_from, number)
        if lead is not None and reader.is_glued(lead, number.start):
            sentence, _ = reader.line.sentence(number.start)
            return _label_far_before(reader, number, max(free_from, sentence), lead)
    return None


def _label_far_before(reader: LineReader, number: Number, start: int, lead: int) -> Item | None:
    label = reader.matches.labels.last(start, lead)
    if label is None or lead - label.end() > LONGEST_RAISE:
        return None
    categories = reader.categories(label)
    if not categories:
        return None
    about = reader.says_about(lead, number.start)
    return reader.item(label.start(), number, label.span(), categories, about=about)
