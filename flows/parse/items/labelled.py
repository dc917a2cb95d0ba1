"""Labelled: a number with the label before it, after it, above it or far before it.

One mechanism for every outlet: a number belongs to the label before it ("tanks - 4823 (+2)") or to
the label after it ("4,823 tanks (+2)"), whichever adjoins it and is not yet taken.
"""

import re

from flows.parse.items.deltas import Delta
from flows.parse.items.item import Item
from flows.parse.items.line import DASHED, LONGEST_GAP, LONGEST_RAISE, Categories, Sight, Span
from flows.parse.items.numbers import Number, read_number
from schemas.codes import BulletinWarningCode
from schemas.records import BulletinWarning

_JOINT = re.compile(r"[ \t]*(/|&|[^\W\d]{1,3}(?=[ \t]))[ \t]*")
_PLUS = re.compile(r"(?:\A|[^\w+])\+ ?\Z")
_MINUS = re.compile(r"(?:[:=\t]|-[ \t]) *-\Z")
_YEAR = re.compile(r"20[12]\d")  # "since the 2022 invasion"
_TEENS = 20
_LONGEST_LABEL = 120
_LONGEST_REMARK = 16
_OWN_NUMBER = re.compile(r" ?[:=] ?\d[\d ,.']*(?:\([^()\n]*\))?[ \t.,;]*\Z")
_WORDS_BETWEEN = 5
_NO_TOTAL = BulletinWarning(BulletinWarningCode.TOTAL_MISSING, "its total is not printed")


def labelled(sight: Sight, number: Number, taken: int, above: Item | None) -> Item | None:
    """Return the item of a number whose label is known, or None.

    What stands before `taken` belongs to other items. `above` is the label that fills the line
    above, where the number is the first of its line.
    """
    if not sight.cues.labels.any(taken, sight.end):
        return _label_above(sight, number, above) if above else None
    before = _label_first(sight, number, taken)
    if before and not _over_words(sight, before, number):
        return before
    if not sight.text[number.start].isdigit():
        before = None  # "drones are now one part of ..." counts nothing
    after = _number_first(sight, number, taken)
    if after and before and before.listed and after.categories == before.categories:
        return before  # "Personnel liquidated 980 persons"
    return (
        after
        or before
        or (_label_above(sight, number, above) if above else None)
        or _risen_to(sight, number, taken)
    )


def _over_words(sight: Sight, item: Item, number: Number) -> bool:
    """Whether a verb stands between: "the air defense destroyed 50 drones" counts drones.

    In a list a dash has to be missing too: "Tanks destroyed: 10".
    """
    start, end = item.label[1], number.start
    if item.listed and DASHED.search(sight.text, start, end):
        return False
    return bool(sight.cues.fillers.search(start, end))


def _label_first(sight: Sight, number: Number, taken: int) -> Item | None:
    """Read "LABEL - about NUMBER unit (+DELTA)" or "LABEL - (+DELTA)"."""
    signed = _signed(sight.text, number, taken)
    gap_end = number.start if signed is None else signed
    label = label_before(sight, taken, gap_end)
    if not label:
        return None
    span, categories = label
    if signed is not None:
        return _delta_only(sight, span, categories, signed)
    if number.value and is_negative(sight.text, span[1], number.start):
        number = number._replace(value=-number.value)
    return sight.item(span[0], number, span, categories, about=sight.about(span[1], gap_end))


def is_negative(text: str, start: int, end: int) -> bool:
    """Whether a minus stands before a number at `end`, apart from the dash after its label."""
    return text[end - 1] == "-" and bool(_MINUS.search(text, start, end))


def _signed(text: str, number: Number, taken: int) -> int | None:
    """Return where the sign of a delta without a total starts, "(+" or "+"; None without one."""
    sign = _before_blanks(text, number.start, taken)
    if sign < taken or text[sign] not in "+-":
        return None
    bracket = _before_blanks(text, sign, taken)
    if bracket >= taken and text[bracket] == "(":
        return bracket
    found = _PLUS.search(text, max(taken, number.start - 3), number.start)
    return found.start() if found else None


def _before_blanks(text: str, end: int, start: int) -> int:
    """Return the offset of the last character before `end` that is no blank, or `start` - 1."""
    at = end - 1
    while at >= start and text[at] in " \t":
        at -= 1
    return at


def _delta_only(sight: Sight, label: Span, categories: Categories, at: int) -> Item | None:
    delta = sight.delta(at)
    if not delta:
        return None
    alone = sight.alone(label, categories, delta.end)
    return alone._replace(delta=delta.value, problem=_NO_TOTAL)


def label_before(sight: Sight, taken: int, gap_end: int) -> tuple[Span, Categories] | None:
    """Return the last label before `gap_end` that nothing but glue parts from it."""
    start = max(taken, gap_end - _LONGEST_LABEL - LONGEST_GAP)
    last = sight.cues.labels.last(start, gap_end)
    categories = sight.categories(last) if last else ()
    if last is None or not categories:
        return None
    span = last.span()
    if sight.listed(span, gap_end) or (
        sight.glued(span[1], gap_end) and _tied(sight, span, gap_end)
    ):
        return span, categories
    return None


def _tied(sight: Sight, label: Span, number: int) -> bool:
    """Whether more than blanks tie a number to the label before it in prose.

    "Soldiers 36 ..." counts no soldiers where another word follows, as in "of 36th brigade".
    """
    if sight.text[label[1] : number].strip() or sight.cues.lexicon.language.spaceless:
        return True
    found = read_number(sight.cues, number, sight.end)
    after = sight.blanks(found.end if found else number)
    if sight.cues.units.match(after, sight.end):
        return True
    rest = sight.line.text[after - sight.start :][:3]
    ordinal = rest[:1] == "." and rest[1:].strip()[:1].islower()
    remark = sight.starts_line(label[0]) and sight.end - after <= _LONGEST_REMARK
    return (remark or not rest[:1].isalpha()) and not ordinal


def _number_first(sight: Sight, number: Number, taken: int) -> Item | None:
    """Read "NUMBER units of LABEL (+DELTA)" or "NUMBER (+DELTA) LABEL"."""
    sign = sight.text[max(number.start - 1, sight.start) : number.start]
    if sign == "-":
        return None
    item = label_after(sight, number, taken, number.end, None)
    if item and sign == "+" and item.delta is None:
        return item._replace(total=None, delta=item.total, problem=_NO_TOTAL)
    if item is None and (early := sight.delta(number.end)):
        item = label_after(sight, number, taken, early.end, early)
    return None if item and _repeated(sight, number, item) else item


def _repeated(sight: Sight, number: Number, item: Item) -> bool:
    """Whether a number that starts its line is a line's above, and the label has its own.

    "233 Helicopters: 196" where the line above says "Aircraft: 233".
    """
    if sight.head < number.start or sight.end - item.label[1] > LONGEST_GAP:
        return False
    return bool(_OWN_NUMBER.match(sight.text[item.label[1] : sight.end]))


def label_after(
    sight: Sight, number: Number, taken: int, at: int, early: Delta | None
) -> Item | None:
    """Read the label after a number, few fillers and units between."""
    cues, approximate = sight.cues, False
    for _ in range(_WORDS_BETWEEN):
        at = sight.blanks(at)
        label = cues.labels.match(at, sight.end)
        if label:
            approximate = approximate or sight.about_before(number, taken)
            return _after(sight, number, label, approximate, early)
        about = cues.about.match(at, sight.end)
        approximate = approximate or bool(about)
        step = about or cues.fillers.match(at, sight.end) or cues.units.match(at, sight.end)
        if not step:
            return None
        at = step.end()
    return None


def _after(
    sight: Sight, number: Number, label: re.Match[str], about: bool, early: Delta | None
) -> Item | None:
    categories = sight.categories(label)
    if not categories:
        return None
    span = label.span()
    other = _joined(sight, label)
    if other:  # one number for two categories: nobody's total
        categories, span = (), (label.start(), other.end())
    return sight.item(number.start, number, span, categories, about=about, early=early)


def _joined(sight: Sight, label: re.Match[str]) -> re.Match[str] | None:
    """Return the label of another category that an "and" joins to a label, or None."""
    joint = _JOINT.match(sight.text, label.end(), sight.end)
    if not joint:
        return None
    other = sight.cues.labels.match(joint.end(), sight.end)
    if not other or sight.cues.fillers.fullmatch(*joint.span(1)):
        return None
    return other if sight.categories(other) != sight.categories(label) else None


def _label_above(sight: Sight, number: Number, above: Item) -> Item | None:
    """Read a number that starts its line, its label alone on the line above."""
    if above.line != sight.line.index - 1 or not sight.glued(sight.start, number.start):
        return None
    item = sight.item(number.start, number, above.label, above.categories)
    return item._replace(start=above.start, top=above.top, listed=True)


def _risen_to(sight: Sight, number: Number, taken: int) -> Item | None:
    """Read "the number of LABEL ... since the start of the war rose to NUMBER"."""
    if (
        number.value is not None
        and number.value < _TEENS
        and not sight.text[number.start].isdigit()
    ):
        return None  # "have reached an impressive number"
    year = _YEAR.fullmatch(sight.text, number.start, number.end)
    for cue in (sight.cues.raised_to,) if year else (sight.cues.raised_to, sight.cues.since):
        lead = sight.lead(cue, taken, number)
        if lead is not None and sight.glued(lead, number.start):
            sentence, _ = sight.line.sentence(number.start)
            return _label_far_before(sight, number, max(taken, sentence), lead)
    return None


def _label_far_before(sight: Sight, number: Number, start: int, lead: int) -> Item | None:
    label = sight.cues.labels.last(start, lead)
    if label is None or lead - label.end() > LONGEST_RAISE:
        return None
    categories = sight.categories(label)
    if not categories:
        return None
    about = sight.about(lead, number.start)
    return sight.item(label.start(), number, label.span(), categories, about=about)
