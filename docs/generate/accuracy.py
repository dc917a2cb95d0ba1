"""How exactly is read what is labelled, from the floors of `make accuracy`, and the languages."""

import json
import re
import tomllib
from collections import Counter
from pathlib import Path

from docs.generate.markdown import GENERATED, grid

ROOT = Path(__file__).parents[2]

_INTRODUCTION = """\
# Accuracy

`make accuracy` reads all documents whose figures are known, and prints for each set and kind how
many printed numbers are read exactly. It fails below the floors of `tests/accuracy.toml`, which
only rise; this page shows those floors. A number is one printed total or delta.
"""

_SETS = {
    "examples": "the examples of the tree: wording of our own around real figures",
    "readings": "single sentences of the tree, each of a kind of wording",
    "rendered": "documents of every language and shape, made of official figures",
    "seed": "one page of news as people paste it",
    "cases": "texts of others with a label (not in the tree)",
    "official": "official bulletins, as the Ministry of Defence printed them (not in the tree)",
    "portal": "whole pages of a news portal (not in the tree)",
}
"""The sets by name: what they are made of."""

_REMARKS = """\
- A set that is not in the tree is read where its files are there; else the command says NOT RUN.
- Of the rendered documents, those fall short in which a day's losses are the total, as on the
  first day of a category: the number is taken once.
- The one invented number of the official bulletins is a delta that is printed without its total,
  which the label leaves out.
- The language data was tuned on these documents. **Real pages have forms that no example has**,
  and of those not seen before a few in a hundred are still read with an error. `tallybook parse
  --explain` shows in the text what was taken, and why the rest was not.

## What is known to be read wrongly, or not at all

- Some weekly round-ups are taken for the day's bulletin. Their totals are right.
- An unknown label in Chinese prose is not reported, and neither is one in a line that has no dash
  and no delta. `NOT_YET` in `tests/parse/test_languages.py` lists both.
- "um 500 gestiegen" beside a total that is an estimate is not read.

## Languages

An example is a whole document with a reviewed expectation; a look-alike is one that has to be
refused. Languages without examples of their own are held by the rendered documents and the
readings.
"""

_NAME = re.compile(r"^# (.+?)\. The keys", re.MULTILINE)
"""How the file of a language says which it is."""


def accuracy_page() -> str:
    """Return the page of the floors and of the languages."""
    floors = tomllib.loads((ROOT / "tests" / "accuracy.toml").read_text("utf-8"))
    sets = [
        (
            name,
            _SETS[name],
            *(f"{floor[key]:g}" for key in ("documents", "exact", "perfect", "wrong", "invented")),
        )
        for name, floor in floors.items()
    ]
    header = ("set", "what it is", "documents", "exact %", "perfect", "wrong", "invented")
    languages = grid(("code", "language", "examples", "look-alikes"), _languages())
    return "\n".join([GENERATED + _INTRODUCTION, grid(header, sets), _REMARKS, languages])


def _languages() -> list[tuple[str, ...]]:
    statuses = Counter(
        (path.parent.name, json.loads(path.read_text("utf-8"))["status"])
        for path in (ROOT / "tests" / "examples").rglob("*.json")
    )
    rows = []
    for path in sorted((ROOT / "schemas" / "languages").glob("*.toml")):
        name = _NAME.search(path.read_text("utf-8"))
        assert name, path
        counts = (statuses[path.stem, status] for status in ("accepted", "refused"))
        rows.append((path.stem, name[1], *map(str, counts)))
    return rows
