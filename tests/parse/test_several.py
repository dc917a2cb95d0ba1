"""A text with the bulletins of several days, one below the other: each is read by itself."""

from datetime import date
from itertools import permutations

import pytest

from flows.parse.bulletin import read_all
from schemas.codes import BulletinWarningCode
from schemas.records import Bulletin, Document

FIGURES = {
    9: ((282630, 350), (4823, 2), (9096, 10), (6706, 23), (315, 0)),
    10: ((283080, 450), (4829, 6), (9102, 6), (6713, 7), (315, 0)),
    11: ((283900, 820), (4900, 71), (9182, 80), (6753, 40), (315, 0)),
}
LANGUAGES = {
    "en": (
        "As of October {}, 2023 the General Staff counts: ",
        ("personnel", "tanks", "armored vehicles", "artillery systems", "aircraft"),
        "Two towns are still without power, and the road to the coast is closed.",
    ),
    "uk": (
        "Станом на {} жовтня 2023 року у Генштабі нарахували: ",
        (
            "особового складу",
            "танків",
            "бойових броньованих машин",
            "артилерійських систем",
            "літаків",
        ),
        "У двох містах досі немає світла, а дорога до моря закрита.",
    ),
    "de": (
        "Stand {}. Oktober 2023 zählt der Generalstab: ",
        ("Soldaten", "Panzer", "gepanzerte Fahrzeuge", "Artilleriesysteme", "Flugzeuge"),
        "In zwei Städten gibt es noch keinen Strom, und die Straße zur Küste ist gesperrt.",
    ),
}


def printed(day: int, language: str) -> str:
    opening, labels, _ = LANGUAGES[language]
    items = zip(labels, FIGURES[day], strict=True)
    return opening.format(day) + ", ".join(f"{n} {t} (+{d})" for n, (t, d) in items) + "."


def read(text: str) -> list[Bulletin]:
    day = date(2023, 10, 11)
    return list(read_all(Document("folder", "a.txt", text.encode(), "text/plain", day)))


def told(bulletins: list[Bulletin]) -> dict[int, tuple[tuple[int | None, int | None], ...]]:
    assert all(one.accepted and one.report_date for one in bulletins)
    return {
        one.report_date.day: tuple((f.total, f.delta) for f in one.figures)
        for one in bulletins
        if one.report_date
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("between", ["\n\n", " ", "\n\n{}\n\n", "\n\n{}\n\n{}\n\n{}\n\n"])
def test_each_list_is_that_of_its_date_in_any_order(language: str, between: str) -> None:
    for days in (*permutations((9, 10)), (9, 10, 11), (11, 10, 9)):
        text = between.replace("{}", LANGUAGES[language][2]).join(
            printed(day, language) for day in days
        )
        found = read(text)
        assert told(found) == {day: FIGURES[day] for day in days}, text
        for one in found:
            for figure in one.figures:
                assert str(figure.total) in text[figure.start : figure.end]


def test_a_list_without_a_date_of_its_own_leaves_nothing_out() -> None:
    """The gate blocks what prints a category twice: nobody knows which total is whose."""
    undated = printed(9, "en").replace("As of October 9, 2023", "The day before")
    (found,) = read(f"{printed(10, 'en')}\n\n{undated}")
    categories = [figure.category for figure in found.figures]
    assert len(set(categories)) < len(categories)


def test_one_list_that_repeats_its_headline_stays_one() -> None:
    (found,) = read(
        f"Russia has lost 4,829 tanks and 6,713 artillery systems\n\n{printed(10, 'en')}"
    )
    assert told([found]) == {10: FIGURES[10]}
    assert BulletinWarningCode.DATE_CONTRADICTED not in [w.code for w in found.warnings]
