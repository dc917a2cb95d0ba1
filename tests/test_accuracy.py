"""The accuracy table: what is in the tree reaches its floors, and a worse reading would not."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from flows.parse.bulletin import read
from schemas.records import Document
from tests import accuracy

LIST = b"Losses of the enemy as of 9 October 2023:\ntanks - 4823 (+2)\nMLRS - 808\naircraft - 315\n"
DOCUMENT = Document("folder", "page", LIST, "text/plain")
PRINTED = {"tanks": (4823, 2), "mlrs": (808, None), "aircraft": (315, None)}
FLOOR = {
    **dict.fromkeys(("wrong", "invented", "refused", "lookalikes_accepted"), 0.0),
    "documents": 1,
    "exact": 100,
    "perfect": 1,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["examples", "readings", "rendered"])
def test_the_sets_of_the_tree_reach_their_floors(name: str) -> None:
    documents, path = accuracy.SETS[name]
    assert path.exists()
    found = accuracy.Table()
    found.add(name, documents())
    assert found.failures(accuracy.floors()) == []


def failures(printed: accuracy.Numbers | None, day: str = "2023-10-09") -> list[str]:
    found = accuracy.Table()
    found.add("own", iter([accuracy.Labelled("list", read(DOCUMENT), printed, day)]))
    return found.failures({"own": FLOOR})


def test_what_is_read_exactly_reaches_the_floor() -> None:
    assert failures(PRINTED) == []


@pytest.mark.parametrize(
    ("printed", "what"),
    [
        ({**PRINTED, "tanks": (4824, 2)}, "wrong"),
        ({**PRINTED, "helicopters": (316, None)}, "exact"),
        ({"tanks": (4823, 2), "mlrs": (808, None)}, "invented"),
        (None, "lookalikes_accepted"),
    ],
)
def test_what_is_read_worse_does_not(printed: accuracy.Numbers | None, what: str) -> None:
    assert any(f": {what} " in failure for failure in failures(printed))


def test_the_right_figures_under_a_wrong_date_do_not_count() -> None:
    assert failures(PRINTED, day="2023-10-10")


def test_a_set_without_a_floor_fails() -> None:
    found = accuracy.Table()
    found.add("new", iter([accuracy.Labelled("list", read(DOCUMENT), PRINTED)]))
    assert found.failures({}) == ["new: no floor in accuracy.toml"]


def test_an_absent_set_is_told_and_no_failure(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def nothing() -> Iterator[accuracy.Labelled]:
        yield from ()

    sets: Mapping[str, tuple[object, Path]] = {"portal": (nothing, tmp_path / "portal")}
    monkeypatch.setattr(accuracy, "SETS", sets)
    assert accuracy.main() == 0
    assert "portal: NOT RUN: " in capsys.readouterr().out


def test_floors_are_pinned_for_every_set() -> None:
    assert set(accuracy.floors()) == set(accuracy.SETS)
    assert all(floor.keys() == FLOOR.keys() for floor in accuracy.floors().values())


def test_a_label_may_leave_out_a_delta_of_zero() -> None:
    labelled = accuracy.Labelled("list", read(DOCUMENT), {**PRINTED, "mlrs": (808, 0)})
    for zeros, exact in ((True, 4), (False, 4)):
        score = accuracy.Score()
        score.add(replace(labelled, zeros=zeros))
        assert (score.exact, score.figures) == (exact, 5 if zeros else 4)
