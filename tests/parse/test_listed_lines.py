"""A line with a label and a number, no dash between: a figure, or the start of a sentence."""

import pytest

from flows.parse.bulletin import read
from schemas.records import Document

HEAD = "Losses of the enemy as of 9 October 2023\n"
OTHERS = "MLRS - 808 (+1)\naircraft - 315 (+1)\nhelicopters - 316\n"


def tanks(line: str) -> tuple[int | None, int | None] | None:
    """Return what a list with this line says of tanks."""
    text = f"{HEAD}{OTHERS}{line}\n"
    bulletin = read(Document("folder", "page", text.encode(), "text/plain"))
    assert bulletin.accepted
    found = {figure.category: (figure.total, figure.delta) for figure in bulletin.figures}
    return found.get("tanks")


@pytest.mark.parametrize(
    ("line", "delta"),
    [
        ("tanks 4823", None),
        ("tanks 4823.", None),
        ("tanks 4823 (+2)", 2),
        ("tanks: 4823", None),
        ("- tanks 4823", None),
        ("about 4823 tanks", None),
        ("tanks about 4823 (+2)", 2),
        ("tanks 4823 lost", None),
        ("tanks 4823 burned this week", None),  # as long as a remark may be
        ("tanks 4823, and they burned all of the last week", None),
        ("tanks 4823 units and all of them burned somewhere", None),
        ("tanks 4823 (in all of the east and the south of the country)", None),
        ("tanks - 4823 and all of them burned somewhere", None),
    ],
)
def test_it_is_a_figure(line: str, delta: int | None) -> None:
    assert tanks(line) == (4823, delta)


@pytest.mark.parametrize(
    "line",
    [
        "tanks 4823 burned these days",
        "Tanks 36 of the brigade came from the far east of the country",
        "tanks 36. brigade of the far east of the country",
        "Tanks of the type T-72 burned",
        "tanks 4823/4900",
        "tanks 4823 %",
    ],
)
def test_it_is_none(line: str) -> None:
    found = tanks(line)
    assert found is None or found[0] not in (36, 4823)
