"""Damaged bulletins: whatever is done to a text, reading it ends, and what is read stands in it.

`python -m tests.parse.test_fuzz SECONDS` runs longer and prints how many documents it tried.
"""

import random
import re
import sys
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flows.extract.text import extract
from flows.parse.bulletin import read
from schemas.records import Document
from schemas.registry import load_registry
from tests import examples
from tests.tries import tries

PATHS = examples.paths()
PIECES = (
    *"0123456789(+)-.,:; \n\t<>&\u00a0\u202f\u2012\u200f\ud800٣",
    *("tanks", "1,000", "(+0)", "million", "тис.", "since", "over the past day", "</p>", "&nbsp;"),
    *("24.02.22", "Day 9999", "0" * 30, "١٢"),
)


def damaged(text: str, rng: random.Random) -> str:
    """Return the text with a few pieces cut, doubled, swapped or put in."""
    for _ in range(rng.randint(1, 8)):
        a, b = sorted(rng.randrange(len(text) + 1) for _ in range(2))
        b = min(b, a + rng.choice((1, 2, 5, 40)))
        kind = rng.randrange(4)
        if kind == 0:
            text = text[:a] + text[b:]
        elif kind == 1:
            text = text[:b] + text[a:b] + text[b:]
        elif kind == 2:
            text = text[:a] + rng.choice(PIECES) + text[a:]
        else:
            text = text[:a] + text[a:b][::-1] + text[b:]
    return text


def check(document: Document) -> None:
    """Read a document: every figure is of a known category and stands, label and all, in its place.

    A page whose article holds no bulletin is read whole; places are offsets into that text then.
    """
    bulletin = read(document)
    texts = [extract(document, whole=whole).text for whole in (False, True) if bulletin.figures]
    for figure in bulletin.figures:
        assert figure.category in load_registry().categories
        assert any(figure.label in text[figure.start : figure.end] for text in texts)
        assert figure.total is not None or figure.delta is not None
    assert bulletin.accepted == (bulletin.reason is None) == (bulletin.reason_code is None)
    assert not bulletin.figures or bulletin.accepted


def read_damaged(path: Path, seed: int) -> None:
    """Damage a document and read it."""
    text = damaged(path.read_text("utf-8"), random.Random(seed))
    content = text.encode("utf-8", "surrogatepass")
    check(Document("folder", "x", content, examples.MEDIA_TYPES[path.suffix], date(2024, 3, 5)))


@pytest.mark.slow
@pytest.mark.skipif(not PATHS, reason="there are no examples")
@settings(max_examples=tries(100), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(PATHS), seed=st.integers(0, 2**32))
def test_a_damaged_document_is_read_or_refused(path: Path, seed: int) -> None:
    read_damaged(path, seed)


@pytest.mark.full
@pytest.mark.skipif(not PATHS, reason="there are no examples")
def test_any_of_many_damaged_documents_is_read_or_refused() -> None:
    """Others each time; a failure shows the seed."""
    first = random.randrange(2**32)
    for seed in range(first, first + 50 * len(PATHS)):
        read_damaged(PATHS[seed % len(PATHS)], seed)


@settings(max_examples=tries(60), deadline=None)
@given(text=st.text(max_size=400))
def test_any_text_is_read_or_refused(text: str) -> None:
    check(Document("folder", "x", text.encode("utf-8", "surrogatepass"), "text/plain"))


SIZE = 300_000
HOSTILE = {
    "digits": "1" * SIZE,
    "parentheses": "(" * SIZE,
    "labels": "tanks " * (SIZE // 6),
    "labels and numbers": "tanks 5 " * 4_000,
    "blanks": "tanks" + " " * SIZE + "5",
    "deep markup": "<div>" * (SIZE // 5) + "5 6 7",
    "lines": "5\n" * 4_000 + "\n" * SIZE,
    "lists": "tanks - 5 (+2);\n" * 2_000,
    "open signs": "(+" * (SIZE // 2) + "5 6",
    "dates": "24.02.22 " * 1_500,
    "thousands": "5 thousand " * 4_000,
    "fillers": "5 6 7 " + "russian " * (SIZE // 8),
    "abouts": "about " * (SIZE // 6) + "5 6 tanks",
    "sentences": "A. b 5 C. " * 4_000,
    "sentences of items": "Russia lost 5 tanks, 6 planes. " * 9_000,
    "sentences of cues": "Russian artillery. Russia lost 5 soldiers today since 24 February. "
    * 5_000,
    "dates and items": "5 May tanks. " * 19_000,
    "mixed spaces": "5\u2003\u3000\u00a0\u2009" * 4_000,
}


@pytest.mark.slow
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_costs_no_more_than_its_length(name: str) -> None:
    """A quadratic reading takes minutes, and four times as long as that of half of the text."""
    text = HOSTILE[name]
    seconds = seconds_to_read(text)
    assert seconds < 5 or seconds < 3 * seconds_to_read(text[: len(text) // 2])


def seconds_to_read(text: str) -> float:
    """Check a text and return the seconds of CPU that it took."""
    started = time.process_time()
    check(Document("folder", "x", text.encode(), "text/html"))
    return time.process_time() - started


def main(seconds: float) -> None:
    """Read damaged examples for a while and print how many."""
    until, seed = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        read_damaged(PATHS[seed % len(PATHS)], seed)
        seed += 1
    print(f"{seed} damaged documents read, no exception, every figure in its place")


if __name__ == "__main__":
    main(float(re.sub(r"\D", "", sys.argv[1])) if len(sys.argv) > 1 else 60)
