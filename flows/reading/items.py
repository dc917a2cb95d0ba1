"""Items: each number of the text that stands next to a label, in list or prose order.

One mechanism for every outlet: a number belongs to the label before it ("tanks - 4823 (+2)") or to
the label after it ("4,823 tanks (+2)"), whichever adjoins it and is not yet taken.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flows.reading.deltas import Delta, read_delta
from flows.reading.lexicon import Lexicon
from flows.reading.lines import Line
from flows.reading.numbers import (
    Number,
    bare_scales,
    counted_nouns,
    number_words,
    numbers,
    read_number,
)

_BLANKS = re.compile(r"[ \t']*")
_BULLET = re.compile(r"[ \t]*(?:[^\w\n(+]{1,3}[ \t]*)?")
_JOINT = re.compile(r"[ \t]*(?:/|&|[^\W\d]{1,3}(?=[ \t]))[ \t]*")
_GLUE = re.compile(r"[ \t:=|~\-]*(?:\([^()\d\n+]{0,60}\)[ \t:=|~\-]*)?")
_DASHED = re.compile(r"[:\t|=]|-(?=[ \t\d(])|[ \t]-")
_OPEN_SIGN = re.compile(r"\([ \t]*[+-][ \t]*\Z")
_DIGIT = re.compile(r"\d")
_SPLIT = re.compile(r"\d +\d")
_PLUS = re.compile(r"(?:\A|[^\w+])\+ ?\Z")
_MINUS = re.compile(r"(?:[:=\t]|-[ \t]) *-\Z")
_SEPARATOR = re.compile(r"[ \t]*(?:,|;|\w{1,3}(?=[ \t]))?[ \t]*")
_WORDS = re.compile(r"[^\W\d][^\d,;.()\n]{1,60}")
_LONGEST_GAP = 60
_LONGEST_RAISE = 140
_SHORTEST_LEAD = 3
_WORDS_BETWEEN = 5
_LONGEST_LABEL = 120
_LONGEST_REMARK = 16
_LONGEST_LEFT = 30
_YEARS = range(2014, 2100)
_LONGEST_LIST_LINE = 200


@dataclass(frozen=True, slots=True)
class Item:
    """A labelled number: `label` are the offsets of the label, `categories` what it may stand for.

    `categories` is empty where nobody knows the label; `total` and `delta` are None where not
    printed. `top` and `line` are its first and last line, counted from 0 without blank ones;
    `listed` says that the item starts its line. `problem` is a remark on how it is printed.
    """

    categories: tuple[str, ...]
    label: tuple[int, int]
    total: int | None
    delta: int | None
    approximate: bool
    rounded: bool
    start: int
    end: int
    top: int
    line: int
    listed: bool
    problem: str | None = None


def find_items(
    text: str, lines: Sequence[Line], masked: Sequence[tuple[int, int]], lexicon: Lexicon
) -> list[Item]:
    """Return every item of the folded text, in order.

    Numbers inside `masked` spans (dates, day numbers) are passed over.
    """
    items: list[Item] = []
    waiting: Item | None = None
    for line in lines:
        if items and (whole := _with_delta_below(items[-1], text, line, lexicon)):
            items[-1] = whole
            continue
        reader = _LineReader(text, line, masked, lexicon, waiting)
        items.extend(reader.items())
        waiting = reader.waiting
    return items


def _with_delta_below(last: Item, text: str, line: Line, lexicon: Lexicon) -> Item | None:
    """Read the delta of an item that stands alone on the line below it."""
    if last.line != line.index - 1 or last.delta is not None or last.total is None:
        return None
    delta = read_delta(text, line.start, line.end, lexicon)
    if delta is None or delta.is_total or text[delta.end : line.end].strip(" \t.,;"):
        return None
    return replace(last, delta=delta.value, end=delta.end, line=line.index)


def _is_year(number: Number) -> bool:
    return number.end - number.start == 4 and number.value in _YEARS


class _LineReader:
    """Reads the items of one line from left to right; what is read is consumed."""

    def __init__(
        self,
        text: str,
        line: Line,
        masked: Sequence[tuple[int, int]],
        lexicon: Lexicon,
        waiting: Item | None,
    ) -> None:
        self.text = text
        self.line = line
        self.lexicon = lexicon
        self.masked = [span for span in masked if span[0] < line.end and span[1] > line.start]
        self.taken = line.start
        self.before = waiting
        self.waiting: Item | None = None

    def items(self) -> list[Item]:
        """Return the items of the line, and leave a label without a number in `waiting`."""
        found: list[Item] = []
        for number in self._numbers():
            if number.start < self.taken:
                continue
            if found and (more := self._completed(found[-1], number)):
                found[-1] = more
                continue
            item = self._item_of(number, found)
            if item is None and found and (rest := self._left_over(found[-1], number)):
                found[-1] = rest
            if item and (lead := self._lead(self.lexicon.including, self.taken, number)):
                item = self._as_delta(item, found, lead, number)
            if item:
                found.append(item)
                self.taken = item.end
        if not found:
            self.waiting = self._label_alone()
            unreadable = self._unreadable()
            return [unreadable] if unreadable else []
        return found

    def _numbers(self) -> list[Number]:
        line, lexicon = self.line, self.lexicon
        counts = [n for n in numbers(self.text, line.start, line.end, lexicon) if self._free(n)]
        if counts or line.end - line.start <= _LONGEST_LIST_LINE:
            words = number_words(self.text, line.start, line.end, lexicon)
            scales = bare_scales(self.text, line.start, line.end, lexicon)
            nouns = counted_nouns(self.text, line.start, line.end, lexicon)
            counts += [n for n in (*words, *scales, *nouns) if self._free(n)]
        return self._without_split(sorted(counts, key=lambda n: n.start))

    def _without_split(self, counts: list[Number]) -> list[Number]:
        """Mark numbers that only blanks part as damaged: "48 23" is neither 48 nor 23."""
        whole: list[Number] = []
        for number in counts:
            before = whole[-1] if whole else None
            if (
                before
                and not _is_year(before)
                and (_SPLIT.fullmatch(self.text, before.end - 1, number.start + 1))
            ):
                printed = self.text[before.start : number.end]
                problem = f"{printed!r} is no number"
                whole[-1] = replace(before, end=number.end, value=None, problem=problem)
            else:
                whole.append(number)
        return whole

    def _free(self, number: Number) -> bool:
        return not any(start <= number.start < end for start, end in self.masked)

    def _item_of(self, number: Number, found: Sequence[Item]) -> Item | None:
        if number.categories:
            return self._counted(number) if found else None
        return self._labelled(number, first=not found) or self._unknown(number, found)

    def _counted(self, number: Number) -> Item | None:
        """Read a noun that says its number itself, right after an item."""
        if not self._separated(self.taken, number.start):
            return None
        span = (number.start, number.end)
        return self._item(number.start, number, span, number.categories, False)

    def _left_over(self, last: Item, number: Number) -> Item | None:
        """Remark on a number of a list line that belongs to nothing: it may have been a delta."""
        near = number.start - last.end <= _LONGEST_LEFT
        if not near or not last.listed or last.delta is not None or last.problem:
            return None
        printed = self.text[last.end : number.end].strip()
        return replace(last, problem=f"{printed!r} after it is not understood")

    def _unreadable(self) -> Item | None:
        """Return a label whose numbers cannot be read, where the line is one of a list."""
        bullet = _BULLET.match(self.text, self.line.start, self.line.end)
        at = bullet.end() if bullet else self.line.start
        label = self.lexicon.labels.match(self.text, at, self.line.end)
        if not label or not self._categories(label):
            return None
        digit = _DIGIT.search(self.text, label.end(), self.line.end)
        if not digit or not self._listed(label.start(), label.end(), digit.start()):
            return None
        if not self._free(Number(digit.start(), digit.end(), None)):
            return None
        printed = self.text[digit.start() : self.line.end].strip()[:_LONGEST_LEFT]
        number = Number(digit.start(), digit.end(), None, problem=f"{printed!r} is no number")
        return self._item(label.start(), number, label.span(), self._categories(label), False)

    def _separated(self, start: int, end: int) -> bool:
        """Whether only a comma, an "and" or nothing stands between two items."""
        if self.text[end - 1 : end] in self.lexicon.glued and end - 1 > start:
            end -= 1
        return bool(_SEPARATOR.fullmatch(self.text, start, end))

    def _as_delta(self, item: Item, found: list[Item], lead: int, number: Number) -> Item | None:
        """Read "11,155 tanks, including four tanks": what is led by "including" may be a delta.

        It is one where its label stands before, too, or where the last day is named.
        """
        if item.delta is not None or not self._glued_or_dated(lead, number.start):
            return item
        if found and found[-1].categories == item.categories:
            if found[-1].delta is None:
                found[-1] = replace(found[-1], delta=item.total, end=item.end)
                self.taken = item.end
            return None
        stop = min(item.end + _LONGEST_GAP, self.line.end)
        daily = self.lexicon.daily.search(self.text, item.end, stop)
        alone = daily and not _DIGIT.search(self.text, item.end, daily.start())
        return replace(item, total=None, delta=item.total) if alone else item

    def _labelled(self, number: Number, *, first: bool) -> Item | None:
        before = self._label_first(number)
        if before and (before.listed or not self._over_words(before.label[1], number.start)):
            return before
        return (
            self._number_first(number)
            or before
            or (self._label_above(number) if first else None)
            or self._risen_to(number)
        )

    def _risen_to(self, number: Number) -> Item | None:
        """Read "the number of LABEL ... since the start of the war rose to NUMBER"."""
        for cue in (self.lexicon.raised_to, self.lexicon.since):
            lead = self._lead(cue, self.taken, number)
            if lead is not None and self._glued(lead, number.start):
                sentence, _ = self.line.sentence(number.start)
                return self._label_far_before(number, max(self.taken, sentence), lead)
        return None

    def _label_far_before(self, number: Number, start: int, lead: int) -> Item | None:
        label = None
        for found in self.lexicon.labels.finditer(self.text, start, lead):
            label = found
        if label is None or lead - label.end() > _LONGEST_RAISE or not self._categories(label):
            return None
        about = self._is_about(lead, number.start)
        return self._item(label.start(), number, label.span(), self._categories(label), about)

    def _over_words(self, start: int, end: int) -> bool:
        """Whether a verb stands between: "the air defense destroyed 50 drones" counts drones."""
        return bool(self.lexicon.filler.search(self.text, start, end))

    def _label_first(self, number: Number) -> Item | None:
        """Read "LABEL - about NUMBER unit (+DELTA)" or "LABEL - (+DELTA)"."""
        signed = _OPEN_SIGN.search(self.text, self.taken, number.start) or _PLUS.search(
            self.text, max(self.taken, number.start - 3), number.start
        )
        gap_end = signed.start() if signed else number.start
        label = self._last_label(gap_end)
        if not label:
            return None
        start, end, categories = label
        about = self._is_about(end, gap_end)
        if signed:
            return self._delta_only(label, signed.start())
        if number.value and _MINUS.search(self.text, end, number.start):
            number = replace(number, value=-number.value)
        return self._item(start, number, (start, end), categories, about)

    def _last_label(self, gap_end: int) -> tuple[int, int, tuple[str, ...]] | None:
        """Return the last label before `gap_end` that nothing but glue parts from it."""
        last = None
        start = max(self.taken, gap_end - _LONGEST_LABEL - _LONGEST_GAP)
        for found in self.lexicon.labels.finditer(self.text, start, gap_end):
            last = found
        if last is None or not self._categories(last):
            return None
        listed = self._listed(last.start(), last.end(), gap_end)
        if not listed and not self._glued(last.end(), gap_end):
            return None
        if not listed and not self._tied(last.start(), last.end(), gap_end):
            return None
        return last.start(), last.end(), self._categories(last)

    def _tied(self, label_start: int, label_end: int, number: int) -> bool:
        """Whether more than blanks tie a number to the label before it in prose.

        "Soldiers 36 ..." counts no soldiers where another word follows, as in "of 36th brigade".
        """
        if self.text[label_end:number].strip() or self.lexicon.language.spaceless:
            return True
        found = read_number(self.text, number, self.lexicon, self.line.end)
        at = found.end if found else number
        blanks = _BLANKS.match(self.text, at, self.line.end)
        after = blanks.end() if blanks else at
        if self.lexicon.unit.match(self.text, after, self.line.end):
            return True
        rest = self.line.text[after - self.line.start :][:3]
        ordinal = rest[:1] == "." and rest[1:].strip()[:1].islower()
        remark = self._starts_line(label_start) and self.line.end - after <= _LONGEST_REMARK
        return (remark or not rest[:1].isalpha()) and not ordinal

    def _categories(self, label: re.Match[str]) -> tuple[str, ...]:
        return self.lexicon.categories[label.lastindex or 0]

    def _glued(self, start: int, end: int) -> bool:
        """Whether text[start:end] is only dashes, blanks, "about", units and fillers."""
        at = start
        while at < end:
            step = _GLUE.match(self.text, at, end)
            after = step.end() if step else at
            word = (
                self.lexicon.about.match(self.text, after, end)
                or self.lexicon.unit.match(self.text, after, end)
                or self.lexicon.filler.match(self.text, after, end)
            )
            after = word.end() if word else after
            if after == at:
                return False
            at = after
        return True

    def _listed(self, label_start: int, label_end: int, end: int) -> bool:
        """Whether the line starts with the label, and a dash parts it from what is at `end`."""
        return (
            end - label_end <= _LONGEST_GAP
            and self._starts_line(label_start)
            and bool(_DASHED.search(self.text, label_end, end))
            and "," not in self.text[label_end:end]
        )

    def _starts_line(self, at: int) -> bool:
        """Whether only a bullet, and "about", stand before `at` in the line."""
        bullet = _BULLET.match(self.text, self.line.start, self.line.end)
        start = bullet.end() if bullet else self.line.start
        about = self.lexicon.about.match(self.text, start, at)
        return start >= at or bool(about and not self.text[about.end() : at].strip(" ~"))

    def _number_first(self, number: Number) -> Item | None:
        """Read "NUMBER units of LABEL (+DELTA)" or "NUMBER (+DELTA) LABEL"."""
        sign = self.text[max(number.start - 1, self.line.start) : number.start]
        if sign == "-":
            return None
        item = self._label_after(number, number.end, None)
        if item and sign == "+" and item.delta is None:
            return replace(item, total=None, delta=item.total, problem="its total is not printed")
        if item is None and (early := self._delta(number.end)):
            item = self._label_after(number, early.end, early)
        return item

    def _label_after(self, number: Number, at: int, early: Delta | None) -> Item | None:
        """Read the label after a number, few fillers and units between."""
        approximate = self._about_before(number)
        for _ in range(_WORDS_BETWEEN):
            blanks = _BLANKS.match(self.text, at, self.line.end)
            at = blanks.end() if blanks else at
            label = self.lexicon.labels.match(self.text, at, self.line.end)
            if label:
                return self._after(number, label, approximate, early)
            about = self.lexicon.about.match(self.text, at, self.line.end)
            approximate = approximate or bool(about)
            step = about or self._word_between(at)
            if not step:
                return None
            at = step.end()
        return None

    def _word_between(self, at: int) -> re.Match[str] | None:
        return self.lexicon.filler.match(self.text, at, self.line.end) or self.lexicon.unit.match(
            self.text, at, self.line.end
        )

    def _after(
        self, number: Number, label: re.Match[str], approximate: bool, early: Delta | None
    ) -> Item | None:
        categories = self._categories(label)
        if not categories:
            return None
        span = (label.start(), label.end())
        other = self._joined(label)
        if other:  # one number for two categories: nobody's total
            categories, span = (), (label.start(), other.end())
        return self._item(number.start, number, span, categories, approximate, early)

    def _joined(self, label: re.Match[str]) -> re.Match[str] | None:
        """Return the label of another category that an "and" joins to a label, or None."""
        joint = _JOINT.match(self.text, label.end(), self.line.end)
        if not joint or self.lexicon.filler.fullmatch(joint[0].strip()):
            return None
        other = self.lexicon.labels.match(self.text, joint.end(), self.line.end)
        return other if other and self._categories(other) != self._categories(label) else None

    def _is_about(self, start: int, end: int) -> bool:
        return "~" in self.text[start:end] or bool(self.lexicon.about.search(self.text, start, end))

    def _about_before(self, number: Number) -> bool:
        start = max(self.taken, number.start - _LONGEST_GAP)
        if self.text[start : number.start].rstrip().endswith("~"):
            return True
        words = list(self.lexicon.about.finditer(self.text, start, number.start))
        return bool(words) and not self.text[words[-1].end() : number.start].strip()

    def _label_above(self, number: Number) -> Item | None:
        """Read a number that starts its line, its label alone on the line above."""
        if self.before is None or self.before.line != self.line.index - 1:
            return None
        if not self._glued(self.line.start, number.start):
            return None
        above = self.before
        item = self._item(number.start, number, above.label, above.categories, False)
        return replace(item, start=above.start, top=above.top, listed=True)

    def _label_alone(self) -> Item | None:
        """Return the label that fills the whole line, to wait for its number on the next."""
        bullet = _BULLET.match(self.text, self.line.start, self.line.end)
        at = bullet.end() if bullet else self.line.start
        label = self.lexicon.labels.match(self.text, at, self.line.end)
        if not label or not self._glued(label.end(), self.line.end):
            return None
        return Item(
            categories=self._categories(label),
            label=label.span(),
            total=None,
            delta=None,
            approximate=False,
            rounded=False,
            start=label.start(),
            end=label.end(),
            top=self.line.index,
            line=self.line.index,
            listed=True,
        )

    def _item(
        self,
        start: int,
        number: Number,
        label: tuple[int, int],
        categories: tuple[str, ...],
        about: bool,
        early: Delta | None = None,
    ) -> Item:
        end = max(number.end, label[1] if label[0] > number.start else 0)
        delta = early or self._delta(end)
        if delta and not early:
            end = delta.end
        total, change = number.value, delta.value if delta else None
        if delta and delta.is_total:
            total, change = change, total
        return Item(
            categories=categories,
            label=(label[0], label[1]),
            total=total,
            delta=change,
            approximate=about or number.rounded or bool(delta and delta.approximate),
            rounded=number.rounded,
            start=start,
            end=end,
            top=self.line.index,
            line=self.line.index,
            listed=self._starts_line(start),
            problem=number.problem or self._empty_delta(delta),
        )

    @staticmethod
    def _empty_delta(delta: Delta | None) -> str | None:
        return "an empty (+) is printed for its delta" if delta and delta.value is None else None

    def _delta_only(self, label: tuple[int, int, tuple[str, ...]], at: int) -> Item | None:
        delta = self._delta(at)
        if not delta:
            return None
        return Item(
            categories=label[2],
            label=(label[0], label[1]),
            total=None,
            delta=delta.value,
            approximate=False,
            rounded=False,
            start=label[0],
            end=delta.end,
            top=self.line.index,
            line=self.line.index,
            listed=self._starts_line(label[0]),
            problem="its total is not printed",
        )

    def _delta(self, at: int) -> Delta | None:
        return read_delta(self.text, at, self.line.end, self.lexicon)

    def _completed(self, last: Item, number: Number) -> Item | None:
        """Add to the item before a number without a label of its own: its delta, or its total."""
        gap = number.start - last.end
        completed = self._raised_to(last, number) if gap <= _LONGEST_RAISE else None
        if completed is None and gap <= _LONGEST_GAP:
            completed = (
                self._total_after(last, number)
                or self._including(last, number)
                or self._trailing(last, number)
            )
        if completed:
            self.taken = completed.end
        return completed

    def _total_after(self, last: Item, number: Number) -> Item | None:
        """Read the total after "LABEL (+DELTA) - "."""
        if last.total is not None or last.delta is None:
            return None
        if not self._glued(last.end, number.start):
            return None
        return replace(last, total=number.value, end=number.end, problem=number.problem)

    def _raised_to(self, last: Item, number: Number) -> Item | None:
        """Read the total after "DELTA LABEL, bringing the total to"."""
        if last.delta is not None or not self._led_by(self.lexicon.raised_to, last.end, number):
            return None
        own = self._label_after(number, number.end, None)
        if own and own.categories != last.categories:
            return None
        return replace(
            last,
            total=number.value,
            delta=last.total,
            end=number.end,
            approximate=number.rounded or self._about_before(number),
            rounded=number.rounded,
        )

    def _trailing(self, last: Item, number: Number) -> Item | None:
        """Read the delta of "TOTAL LABEL, 410 in the last 24 hours", "410 of them yesterday"."""
        gap = self.text[last.end : number.start].rstrip()
        if last.delta is not None or not gap.endswith((",", ";", "(", "-")):
            return None
        blanks = _BLANKS.match(self.text, number.end, self.line.end)
        at = blanks.end() if blanks else number.end
        said = self.lexicon.daily.match(self.text, at) or self.lexicon.more.match(self.text, at)
        if not said and (part := self.lexicon.including.match(self.text, at)):
            stop = min(part.end() + _LONGEST_GAP, self.line.end)
            said = self.lexicon.daily.search(self.text, part.end(), stop)
        return replace(last, delta=number.value, end=said.end()) if said else None

    def _including(self, last: Item, number: Number) -> Item | None:
        """Read the delta after "TOTAL LABEL, including", if it is the last day's."""
        lead = self._lead(self.lexicon.including, last.end, number)
        if last.delta is not None or lead is None:
            return None
        end = self._daily_around(lead, number)
        return replace(last, delta=number.value, end=end) if end else None

    def _daily_around(self, lead: int, number: Number) -> int | None:
        """Return where the passage ends that makes a number the last day's, or None."""
        daily = self.lexicon.daily.search(self.text, lead, number.start)
        if daily:
            glued = self._glued(lead, daily.start()) and self._glued(daily.end(), number.start)
            return number.end if glued else None
        stop = min(number.end + _LONGEST_GAP, self.line.end)
        says = self.lexicon.daily.search(self.text, number.end, stop)
        says = says or self.lexicon.more.search(self.text, number.end, stop)
        return says.end() if says and self._glued(lead, number.start) else None

    def _led_by(self, cue: re.Pattern[str], start: int, number: Number) -> bool:
        lead = self._lead(cue, start, number)
        return lead is not None and self._glued_or_dated(lead, number.start)

    def _glued_or_dated(self, start: int, end: int) -> bool:
        """Whether only glue stands between, or a date with glue around it."""
        for a, b in self.masked:
            if start <= a and b <= end:
                return self._glued(b, end)
        return self._glued(start, end)

    def _lead(self, cue: re.Pattern[str], start: int, number: Number) -> int | None:
        """Return where the last such cue before a number ends."""
        if number.start - start < _SHORTEST_LEAD:
            return None
        lead = None
        start = max(start, number.start - 2 * _LONGEST_RAISE)
        for found in cue.finditer(self.text, start, number.start):
            lead = found
        return lead.end() if lead else None

    def _unknown(self, number: Number, found: Sequence[Item]) -> Item | None:
        """Read an item whose label nobody knows, where its place says that it is one."""
        if self.lexicon.number_words.match(self.text, number.start):
            return None
        return self._unknown_in_list(number) if not found else self._unknown_in_prose(number, found)

    def _unknown_in_list(self, number: Number) -> Item | None:
        """Read "WORDS - NUMBER (+DELTA)" that fills its line."""
        bullet = _BULLET.match(self.text, self.line.start, self.line.end)
        start = bullet.end() if bullet else self.line.start
        if number.start - start > 2 * _LONGEST_GAP:
            return None
        words = self.text[start : number.start]
        if not words.strip():
            return self._unknown_number_first(number)
        dash = list(_DASHED.finditer(self.text, start, number.start + 1))
        stop = dash[-1].start() if dash else start + len(words.rstrip())
        if not 1 < stop - start <= _LONGEST_GAP or not self._glued(stop, number.start):
            return None
        if any(c.isdigit() or c in ".!?" for c in words):
            return None
        item = self._item(start, number, (start, stop), (), False)
        sure = dash or item.delta is not None
        return item if sure and self._ends_line(item.end) else None

    def _unknown_number_first(self, number: Number) -> Item | None:
        """Read "NUMBER WORDS (+DELTA)" that fills its line."""
        blanks = _BLANKS.match(self.text, number.end, self.line.end)
        words = _WORDS.match(self.text, blanks.end() if blanks else number.end, self.line.end)
        if not words or words[0].count(" ") > _WORDS_BETWEEN:
            return None
        label_end = words.start() + len(words[0].rstrip())
        item = self._item(number.start, number, (words.start(), label_end), (), False)
        return item if self._ends_line(item.end) else None

    def _ends_line(self, at: int) -> bool:
        rest = self.text[at : self.line.end]
        unit = self.lexicon.unit.match(rest.lstrip())
        return not (rest.lstrip()[unit.end() :] if unit else rest).strip(" \t.,;")

    def _unknown_in_prose(self, number: Number, found: Sequence[Item]) -> Item | None:
        """Read ", NUMBER WORDS (+DELTA)," right after an item of the same order."""
        if self.lexicon.language.spaceless:
            return None
        joint = self._separated(self.taken, number.start)
        lone = found[-1].listed and len(found) < 3
        if not joint or not found[-1].categories or lone:
            return None
        early = self._delta(number.end)
        at = early.end if early else number.end
        blanks = _BLANKS.match(self.text, at, self.line.end)
        words = _WORDS.match(self.text, blanks.end() if blanks else at, self.line.end)
        if not words or self.lexicon.daily.search(self.text, words.start(), words.end()):
            return None
        label_end = words.start() + len(words[0].rstrip())
        return self._item(number.start, number, (words.start(), label_end), (), False, early)
