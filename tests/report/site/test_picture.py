"""`tallybook plot`: one picture of a category, its source line and the disclaimer in it."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from flows.report.phrases import DISCLAIMER
from flows.report.site.picture import specification
from schemas.codes import DeltaStatus, Diagnosis
from tests.builders import DAY, loss_row
from tests.conftest import Command
from tests.report.site.built import days_of, lake_of

pytestmark = pytest.mark.slow  # The pipeline publishes what is shown.

ROWS = [
    loss_row(),
    loss_row(
        DAY + timedelta(days=1),
        total=4840,
        delta=2,
        daily=2,
        change=17,
        discrepancy=15,
        delta_status=DeltaStatus.MISMATCH,
        diagnosis=Diagnosis.REVISION,
    ),
]


def test_the_picture_is_of_daily_and_never_of_differences() -> None:
    values = specification(ROWS, "Tanks", "tanks")["data"]["values"]
    assert [one["daily"] for one in values] == [2, 2]
    assert [one["mark"] for one in values] == [None, "revision"]


def test_the_picture_names_its_source_and_says_what_the_figures_are() -> None:
    text = json.dumps(specification(ROWS, "Tanks", "tanks"))
    assert "General Staff of Ukraine, as printed by folder" in text
    assert DISCLAIMER in text


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return lake_of(tmp_path_factory.mktemp("lake"), days_of([(4700, 10), (4710, 10)]))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["tank", "--out", "a.svg"], "did you mean 'tanks'"),
        (["tanks", "--out", "a.jpg"], "an .svg or a .png file"),
        (["submarines", "--out", "a.svg"], "nothing is on record"),
    ],
)
def test_what_cannot_be_drawn_is_said_in_a_sentence(
    lake: Path, in_process: Command, arguments: list[str], said: str
) -> None:
    done = in_process("plot", *arguments, "--lake", lake)
    assert done.returncode == 2
    assert said in done.stderr


@pytest.mark.parametrize(("name", "begins"), [("a.svg", b"<svg"), ("a.png", b"\x89PNG")])
def test_a_picture_is_written_and_its_bytes_are_the_same_again(
    lake: Path, in_process: Command, tmp_path: Path, name: str, begins: bytes
) -> None:
    pytest.importorskip("vl_convert", reason="the extra `report` is not installed")
    drawn = []
    for _ in range(2):
        assert in_process("plot", "tanks", "--out", name, "--lake", lake).returncode == 0
        drawn.append((tmp_path / name).read_bytes())
    assert drawn[0].startswith(begins)
    assert drawn[0] == drawn[1]
    if name == "a.svg":
        assert (
            DISCLAIMER.replace("'", "&#39;") in drawn[0].decode() or DISCLAIMER in drawn[0].decode()
        )
