"""Which of several printed totals is published: agreement, the days beside it, then the order."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.reconcile.consensus import ScoredTotal, choose, weigh
from flows.reconcile.series import ConsensusFigure
from flows.reconcile.speakers import (
    LASTING,
    NOBODY,
    Beside,
    LatestBySource,
    Speakers,
    latest_by_source,
)
from flows.report.source_conflicts import evidence_words
from schemas.records import Candidate, Recency
from tests import verdicts

DAY = date(2023, 10, 9)
ONE_DAY = timedelta(days=1)
ARCHIVED = datetime(2023, 10, 10, tzinfo=UTC)


def candidate(
    total: int | None,
    source: str = "first",
    hour: int = 6,
    *,
    delta: int | None = None,
    about: bool = False,
    url: str = "u",
    sha256: str | None = None,
) -> Candidate:
    """Return a candidate for the tanks of one day, published at that hour."""
    sha256 = sha256 or f"{source}{hour}"
    recency = Recency(datetime(2023, 10, 9, hour, tzinfo=UTC), ARCHIVED, url, sha256)
    return Candidate(DAY, "tanks", total, delta, about, source, sha256, recency)


def chosen(
    candidates: Sequence[Candidate],
    order: Sequence[str] = (),
    *,
    before: LatestBySource = NOBODY,
    after: LatestBySource = NOBODY,
) -> ConsensusFigure:
    found = choose(
        latest_by_source(candidates), between(latest_by_source(candidates), before, after), order
    )
    assert found
    return found


def between(day: LatestBySource, before: LatestBySource, after: LatestBySource) -> Beside:
    """Return the days beside a difference that lasts one day."""
    return Beside(before, frozenset(c.delta for c in day.values() if c.delta is not None), after)


ALONE = between(NOBODY, NOBODY, NOBODY)


def says(total: int, delta: int | None = None, source: str = "first") -> LatestBySource:
    """Return one speaker of a day beside it."""
    return {source: candidate(total, source, delta=delta)}


class TestSpeakers:
    def test_nothing_is_chosen_where_nobody_prints_a_total(self) -> None:
        assert choose(latest_by_source([]), ALONE, ("first",)) is None
        assert choose(latest_by_source([candidate(None, delta=2)]), ALONE, ("first",)) is None

    def test_the_newest_document_of_a_source_speaks(self) -> None:
        found = chosen([candidate(2, hour=8), candidate(1, hour=6)])
        assert (found.total, found.sources_agreeing, found.sources_total) == (2, 1, 1)

    def test_a_newer_document_without_the_total_drops_nothing(self) -> None:
        assert chosen([candidate(None, hour=8), candidate(1, hour=6)]).total == 1

    def test_ties_in_time_are_broken_the_same_way_in_any_order(self) -> None:
        tied = [candidate(1, sha256="x"), candidate(2, sha256="y"), candidate(3, url="a")]
        assert chosen(tied) == chosen(tied[::-1])

    def test_of_documents_that_print_the_same_the_time_makes_no_difference(self) -> None:
        same = [candidate(1, hour=8, sha256="b"), candidate(1, hour=9, sha256="c")]
        assert chosen([*same, candidate(1, sha256="a")]).document_sha256 == "a"


class TestOrder:
    @pytest.mark.parametrize(
        ("order", "source"),
        [(("a", "b", "c"), "a"), (("c", "a", "b"), "c"), (("b",), "b"), ((), "a"), (("x",), "a")],
    )
    def test_of_even_evidence_the_order_decides_then_the_names(
        self, order: tuple[str, ...], source: str
    ) -> None:
        assert chosen([candidate(n, s) for n, s in enumerate("cab")], order).source == source

    def test_agreement_is_counted_by_source(self) -> None:
        given_ones = [candidate(5, "a", 9), candidate(7, "a", 7), candidate(None, "d")]
        found = chosen([*given_ones, candidate(5, "b"), candidate(6, "c")], ("c",))
        assert (found.total, found.sources_agreeing, found.sources_total) == (5, 2, 3)

    def test_a_document_that_prints_the_delta_too_is_taken_first(self) -> None:
        found = chosen([candidate(5, "a"), candidate(5, "b", delta=2)], ("a", "b"))
        assert (found.source, found.delta) == ("b", 2)


class TestDaysBeside:
    """The first source prints 4,832, the second 4,823; the first comes first in the order."""

    @pytest.mark.parametrize(
        ("before", "after", "total"),
        [
            (NOBODY, NOBODY, 4832),
            (says(4821), NOBODY, 4823),
            (says(4821), says(4825, 2), 4823),
            (NOBODY, says(4825, 2), 4823),
            (NOBODY, says(4834, 2), 4832),
            (NOBODY, says(4825), 4832),
            (says(4800), says(4825), 4823),
            (says(4830), says(4840), 4832),
            (says(4821), says(4834, 2), 4832),
        ],
    )
    def test_a_total_that_the_days_lead_to_is_better(
        self, before: LatestBySource, after: LatestBySource, total: int
    ) -> None:
        printed = [candidate(4832, "first", delta=2), candidate(4823, "second", delta=2)]
        assert chosen(printed, ("first", "second"), before=before, after=after).total == total

    def test_two_sources_and_no_day_stand_against_one_source_and_one_day(self) -> None:
        printed = [candidate(4823, "a", delta=2), candidate(4832, "b"), candidate(4832, "c")]
        assert chosen(printed, ("b",), before=says(4821)).total == 4832
        assert chosen(printed, ("b",), before=says(4821), after=says(4825, 2)).total == 4823

    def test_a_day_that_adds_nothing_is_weaker_evidence(self) -> None:
        """A stale copy of the day before leads from it to itself."""
        printed = [candidate(4821, "a", delta=0), candidate(4823, "b", delta=2)]
        assert chosen(printed, ("a", "b"), before=says(4821), after=says(4830)).total == 4823


class TestRounded:
    """Round figures support the exact ones that they can stand for."""

    def test_many_round_figures_do_not_beat_the_exact_one(self) -> None:
        rounded = [candidate(4800, source, about=True) for source in "abc"]
        found = chosen([*rounded, candidate(4823, "z")], ("a", "b", "c"))
        assert (found.total, found.source, found.sources_agreeing) == (4823, "z", 4)

    def test_a_round_figure_tells_which_of_two_exact_ones_it_is(self) -> None:
        printed = [candidate(4932, "a"), candidate(4823, "b"), candidate(4800, "c", about=True)]
        assert chosen(printed, ("a", "b", "c")).total == 4823

    def test_alone_it_is_what_is_printed(self) -> None:
        assert chosen([candidate(4800, about=True)]).total == 4800

    def test_one_that_stands_for_no_exact_one_is_another_total(self) -> None:
        printed = [candidate(4823, "a"), candidate(3000, "b", about=True)]
        found = chosen([*printed, candidate(3000, "c", about=True)], ("a",))
        assert (found.total, found.sources_agreeing, found.sources_total) == (3000, 2, 3)

    @pytest.mark.parametrize("about", [True, False])
    def test_about_marks_an_exact_figure_too(self, about: bool) -> None:
        printed = [candidate(282630, "a", about=True), candidate(282630, "b", about=about)]
        assert chosen(printed).sources_agreeing == 2

    def test_a_round_figure_that_the_deltas_lead_to_is_exact(self) -> None:
        printed = [candidate(15000, "a", delta=400, about=True), candidate(15040, "b")]
        assert chosen(printed, ("b",), before=says(14600)).total == 15000


def test_the_evidence_is_told_in_words() -> None:
    assert evidence_words(ScoredTotal(5, ("a",))) == "a prints it"
    assert evidence_words(ScoredTotal(5, ("a", "b", "c"), ("d",), day_before=True)) == (
        "a, b and c print it, d rounds to it, the day before leads to it"
    )
    assert evidence_words(
        ScoredTotal(5, ("a",), day_before=True, day_after=True, between=True)
    ) == ("a prints it, the days before and after lead to it")
    assert evidence_words(ScoredTotal(5, ("a",), between=True)) == (
        "a prints it, it lies between the totals of the days beside it"
    )


TOTALS = st.integers(4700, 4900)
CANDIDATES = st.lists(
    st.builds(
        candidate,
        st.none() | TOTALS | st.just(4800),
        st.sampled_from("abcd"),
        st.integers(0, 3),
        delta=st.none() | st.integers(0, 9),
        about=st.booleans(),
        sha256=st.sampled_from(["x", "y", "z"]),
    ),
    max_size=8,
    unique_by=lambda one: (one.source, one.document_sha256),
)


@given(CANDIDATES, CANDIDATES, CANDIDATES, st.randoms())
def test_the_choice_does_not_depend_on_the_order_of_arrival(
    day: list[Candidate], before: list[Candidate], after: list[Candidate], random: Random
) -> None:
    order = ("b", "a")
    expected = chosen_beside(day, before, after, order)
    for one in (day, before, after):
        random.shuffle(one)
    assert chosen_beside(day, before, after, order) == expected


def chosen_beside(
    day: list[Candidate], before: list[Candidate], after: list[Candidate], order: Sequence[str]
) -> ConsensusFigure | None:
    speakers = Speakers(
        {
            (DAY + step * ONE_DAY, "tanks"): found
            for step, found in ((-1, before), (0, day), (1, after))
        }
    )
    voices = speakers[DAY, "tanks"]
    return choose(voices, speakers.beside((DAY, "tanks"), voices), order)


@given(CANDIDATES, CANDIDATES, CANDIDATES)
def test_what_is_published_was_printed_and_the_counts_add_up(
    day: list[Candidate], before: list[Candidate], after: list[Candidate]
) -> None:
    voices = latest_by_source(day)
    beside = between(voices, latest_by_source(before), latest_by_source(after))
    found = choose(voices, beside, ())
    weighed = weigh(voices, beside, ()) if voices else []
    assert (found is None) == (not voices)
    if found:
        assert found.total in {one.total for one in voices.values()}
        assert found.total == weighed[0].total
        assert 1 <= found.sources_agreeing <= found.sources_total == len(voices)


@given(st.integers(1001, 900_000), st.integers(1, 6), st.integers(2, 4), CANDIDATES)
def test_a_rounded_total_never_beats_the_exact_one(
    exact: int, sources: int, zeros: int, order: list[Candidate]
) -> None:
    rounded = exact // 10**zeros * 10**zeros
    if not rounded or rounded == exact:
        return
    said = [candidate(rounded, f"r{n}", about=True) for n in range(sources)]
    found = chosen([*said, candidate(exact, "z")], [one.source for one in order])
    assert (found.total, found.sources_agreeing) == (exact, sources + 1)


def test_a_series_of_days_is_chosen_day_by_day() -> None:
    """A misprint in the first source, day after day, never makes it into what is published."""
    right = [4819 + 2 * n for n in range(6)]
    wrong = [4918, 4182, 4832, 4852, 4728, 4892]
    days = [
        [candidate(w, "a", delta=2), candidate(r, "b", delta=2)]
        for r, w in zip(right, wrong, strict=True)
    ]
    assert published(days, ("a",)) == right


def published(days: Sequence[Sequence[Candidate]], order: Sequence[str]) -> list[int]:
    """Return the totals that are chosen on one day after another."""
    cells = [(DAY + n * ONE_DAY, "tanks") for n in range(len(days))]
    speakers = Speakers(dict(zip(cells, days, strict=True)))
    found = [choose(speakers[cell], speakers.beside(cell, speakers[cell]), order) for cell in cells]
    return [one.total for one in found if one]


class TestLasting:
    """The first source goes on printing another series than the second, which prints deltas."""

    @pytest.mark.parametrize("days", [1, 2, 3, 7, LASTING, 2 * LASTING])
    @pytest.mark.parametrize("daily", [0, 2])
    @pytest.mark.parametrize("deltas_too", [False, True])
    def test_the_published_total_does_not_jump_to_and_fro(
        self, days: int, daily: int, deltas_too: bool
    ) -> None:
        if deltas_too:
            days = min(days, LASTING)  # both begin with a delta of their own: the end decides
        second = [3938, *(3981 + daily * n for n in range(days + 2))]
        deltas = [2, 43, *([daily] * (days + 1))]
        first = [3938, *(3940 + daily * n for n in range(days)), *second[days + 1 :]]
        printed = [
            [candidate(a, "a", delta=daily if deltas_too else None), candidate(b, "b", delta=delta)]
            for a, b, delta in zip(first, second, deltas, strict=True)
        ]
        assert published(printed, ("a", "b")) == second

    def test_where_the_second_comes_back_to_the_first_that_was_right(self) -> None:
        first, second = [3938, 3940, 3942, 3944, 3946], [3938, 3981, 3983, 3985, 3946]
        printed = [
            [candidate(a, "a"), candidate(b, "b", delta=2)]
            for a, b in zip(first, second, strict=True)
        ]
        assert published(printed, ("b", "a")) == first

    def test_one_that_goes_on_to_this_day_is_decided_by_its_beginning(self) -> None:
        first, second = [3938, 3940, 3942, 3944], [3938, 3981, 3983, 3985]
        printed = [
            [candidate(a, "a", delta=2), candidate(b, "b", delta=2)]
            for a, b in zip(first, second, strict=True)
        ]
        for order in (("a", "b"), ("b", "a")):
            assert published(printed, order) == first


class TestConfirmed:
    """A source prints a day twice, the newer document with another total."""

    @staticmethod
    def days(older: Candidate, newer: Candidate) -> list[list[Candidate]]:
        return [[candidate(4821, delta=2)], [newer, older], [candidate(4825, delta=2)]]

    @pytest.mark.parametrize("delta", [2, None])
    @pytest.mark.parametrize(("newer", "printed"), [(5201, 7), (5201, None), (4300, 1), (4830, 2)])
    def test_the_newer_replaces_nothing_that_the_days_on_both_sides_confirm(
        self, newer: int, printed: int | None, delta: int | None
    ) -> None:
        given = self.days(candidate(4823, delta=delta), candidate(newer, hour=9, delta=printed))
        if delta is None:
            given[2] = [candidate(4825)]
        assert published(given, ()) == [4821, 4823, 4825]

    def test_the_newer_speaks_where_it_is_confirmed_or_nothing_is(self) -> None:
        slip, right = candidate(4832, delta=2), candidate(4823, hour=9, delta=2)
        assert published(self.days(slip, right), ()) == [4821, 4823, 4825]
        neither = self.days(candidate(4832, delta=3), candidate(4833, hour=9, delta=3))
        assert published(neither, ()) == [4821, 4833, 4825]
        assert published(neither[1:], ()) == [4833, 4825]


def test_an_end_of_every_lasting_difference_of_the_public_copies_is_in_sight() -> None:
    """The reason for LASTING, from all places where the two public copies disagree."""
    lengths: list[int] = []
    last: tuple[str, date, int] | None = None
    for one in sorted(verdicts.recorded(), key=lambda one: (one.category, one.report_date)):
        day, difference = date.fromisoformat(one.report_date), one.community - one.index
        if last == (one.category, day - ONE_DAY, difference):
            lengths[-1] += 1
        else:
            lengths.append(1)
        last = one.category, day, difference
    *others, longest = sorted(lengths)
    assert (longest, others[-1]) == (39, 4)
    assert longest <= 2 * LASTING
