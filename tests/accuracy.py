"""`make accuracy`: how exactly everything is read that is labelled, against the pinned floors.

The sets: the examples and the readings of the tree, documents rendered from official figures, and,
where they are there, the cases, official texts and portal pages of ../shared. A table by set and
kind: figures printed, read exactly, wrong, missing, invented, documents refused; and the
look-alikes that were refused. A figure is one printed total or delta. It fails under a floor of
`tests/accuracy.toml`; a set that is absent prints NOT RUN and its reason.
"""

import gzip
import json
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from flows.parse.bulletin import read
from schemas.records import Bulletin, Document
from tests import bulletins, examples, reference, seed_document
from tests.bulletins import Style
from tests.phrasing import languages
from tests.reference import Figures, Printed

SHARED = Path(__file__).resolve().parents[2] / "shared"
HERE = Path(__file__).parent
FLOORS = HERE / "accuracy.toml"
READINGS = HERE / "parse" / "readings.jsonl"

Numbers = Mapping[str, tuple[int | None, int | None]]

EVERY = 17
"""Of the official bulletins, so many days apart are printed anew: 39, of all seasons."""

MISDATED = {"2024-02-20": "2024-02-19"}
"""The portal page that was saved under another day than that of its own words."""

WALL = "2024-01-01"
"""The portal page that is a bot wall."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A document as it was read, and what it prints: nothing where it is to be refused.

    `day` is its report date, where the label names one. A label may leave out a delta of 0.
    """

    kind: str
    bulletin: Bulletin
    printed: Numbers | None
    day: str | None = None
    zeros: bool = True


@dataclass
class Score:
    """Counts of one row of the table."""

    documents: int = 0
    perfect: int = 0
    figures: int = 0
    exact: int = 0
    wrong: int = 0
    missing: int = 0
    invented: int = 0
    refused: int = 0
    lookalikes: int = 0
    lookalikes_accepted: int = 0

    def add(self, document: Labelled) -> None:
        """Count one document: what it prints against what was read."""
        got = {f.category: (f.total, f.delta) for f in document.bulletin.figures}
        accepted = document.bulletin.accepted
        if document.printed is None:
            self.lookalikes += 1
            self.lookalikes_accepted += accepted
            return
        if document.day and str(document.bulletin.report_date) != document.day:
            got = {}
        flat = _flat(document.printed, zeros=document.zeros)
        read_ = _flat(got if accepted else {}, zeros=document.zeros)
        exact = sum(read_.get(key) == value for key, value in flat.items())
        wrong = sum(key in read_ and read_[key] != value for key, value in flat.items())
        invented = sum(key not in flat for key in read_)
        self.documents += 1
        self.refused += not accepted
        self.perfect += exact == len(flat) and not invented
        self.figures += len(flat)
        self.exact += exact
        self.wrong += wrong
        self.missing += len(flat) - exact - wrong
        self.invented += invented

    def below(self, floor: Mapping[str, float]) -> list[str]:
        """Return what is worse than the floor says."""
        share = 100 * self.exact / self.figures if self.figures else 100.0
        least = {"documents": self.documents, "exact": share, "perfect": self.perfect}
        most = {
            "wrong": self.wrong,
            "invented": self.invented,
            "refused": self.refused,
            "lookalikes_accepted": self.lookalikes_accepted,
        }
        under = [f"{k} {v:g}, at least {floor[k]:g}" for k, v in least.items() if v < floor[k]]
        over = [f"{k} {v:g}, at most {floor[k]:g}" for k, v in most.items() if v > floor[k]]
        return under + over


@dataclass
class Table:
    """The rows of all sets, and the sets that were not run, with the reason."""

    rows: dict[tuple[str, str], Score] = field(default_factory=lambda: defaultdict(Score))
    absent: dict[str, str] = field(default_factory=dict)

    def add(self, name: str, documents: Iterator[Labelled]) -> None:
        """Count a set: all of it, and by kind."""
        for document in documents:
            for kind in ("all", document.kind):
                self.rows[name, kind].add(document)

    def failures(self, floors: Mapping[str, Mapping[str, float]]) -> list[str]:
        """Return what is under its floor; a set that was run and has none fails, too."""
        failed = []
        for name, kind in self.rows:
            if kind != "all":
                continue
            if name not in floors:
                failed.append(f"{name}: no floor in {FLOORS.name}")
                continue
            failed += [f"{name}: {what}" for what in self.rows[name, "all"].below(floors[name])]
        return failed


def _flat(numbers: Numbers, *, zeros: bool) -> dict[tuple[str, int], int]:
    return {
        (category, kind): value
        for category, pair in numbers.items()
        for kind, value in enumerate(pair)
        if value is not None and (zeros or not kind or value)
    }


def _examples() -> Iterator[Labelled]:
    for path in examples.paths():
        example = examples.load(path)
        expected = example.expected
        kind = f"{expected.get('language') or path.parent.name} {expected.get('shape') or ''}"
        if not example.is_bulletin:
            yield Labelled(kind, example.read(), None)
            continue
        figures = {k: (v[0], v[1]) for k, v in expected["figures"].items()}
        yield Labelled(kind, example.read(), figures, expected["report_date"])


def _readings() -> Iterator[Labelled]:
    for case in map(json.loads, READINGS.read_text("utf-8").splitlines()):
        expected = case.get("expected")
        figures = expected and {k: (v[0], v[1]) for k, v in expected.items()}
        yield _case(case, case["kind"], figures)


def _cases() -> Iterator[Labelled]:
    for case in map(json.loads, (SHARED / "cases/reading.jsonl").read_text("utf-8").splitlines()):
        if not case.get("judgment"):
            expected = case.get("expected")
            figures = expected and {k: (v["total"], v["delta"]) for k, v in expected.items()}
            yield _case(case, case["kind"].split(".")[0], figures)


def _case(case: dict[str, Any], kind: str, figures: Numbers | None) -> Labelled:
    day = date.fromisoformat(case["published"]) if case["published"] else None
    document = Document("cases", case["id"], case["text"].encode(), "text/plain", day)
    return Labelled(kind, read(document), figures, case.get("report_date"), zeros=False)


def _official() -> Iterator[Labelled]:
    for line in (SHARED / "official/bulletins.jsonl").read_text("utf-8").splitlines():
        record = json.loads(line)
        day = date.fromisoformat(record["published"])
        document = Document("official", record["id"], record["html"].encode(), "text/html", day)
        expected = {k: (v["total"], v["delta"]) for k, v in record["expected"].items()}
        yield Labelled("list", read(document), expected)


def _seed() -> Iterator[Labelled]:
    document = Document("seed", "seed", seed_document.PATH.read_bytes(), "text/plain")
    yield Labelled("news page", read(document), seed_document.FIGURES)


def _portal() -> Iterator[Labelled]:
    printed = reference.official()
    for path in sorted((SHARED / "portal").glob("*.html.gz")):
        saved = path.name[:10]
        day = MISDATED.get(saved, saved)
        content = gzip.decompress(path.read_bytes())
        document = Document("portal", saved, content, "text/html", date.fromisoformat(saved))
        if saved == WALL:
            yield Labelled("bot wall", read(document), None)
        else:
            found = printed[date.fromisoformat(day)]
            figures = {name: (f.total, f.delta) for name, f in found.items()}
            yield Labelled("page", read(document), figures, day)


def _rendered() -> Iterator[Labelled]:
    """Documents of every language and shape around official figures, their styles in turn."""
    known = list(reference.official().items())[::EVERY]
    days = [(day, figures) for day, figures in known if _with_delta(figures)]
    forms = [
        (code, shape)
        for code in sorted(languages())
        for shape in bulletins.SHAPES
        if bulletins.can_print(code, shape)
    ]
    for n, (code, shape) in enumerate(forms * 3):
        day, printed = days[n % len(days)]
        figures = printed
        if shape in bulletins.BOTH or shape == "personnel":
            figures = _with_delta(printed)
        markup = bulletins.MARKUPS[n % len(bulletins.MARKUPS)]
        style = Style(numbers=(" ", ",", ".", "")[n % 4], markup=markup)
        composed = bulletins.compose(code, shape, day, figures, style)
        expected = bulletins.printed(code, shape, figures, style)
        document = bulletins.document(composed, style, code)
        yield Labelled(f"{code} {shape}", read(document), expected, day.isoformat(), zeros=False)


def _with_delta(figures: Figures) -> dict[str, Printed]:
    """Return the figures whose delta is printed and not 0."""
    return {name: figure for name, figure in figures.items() if figure.delta}


SETS = {
    "examples": (_examples, examples.FOLDER),
    "readings": (_readings, READINGS),
    "rendered": (_rendered, reference.FACTS),
    "seed": (_seed, seed_document.PATH),
    "cases": (_cases, SHARED / "cases/reading.jsonl"),
    "official": (_official, SHARED / "official/bulletins.jsonl"),
    "portal": (_portal, SHARED / "portal"),
}
"""The sets by name: what yields their documents, and where their data lie."""


def table() -> Table:
    """Read every set that is there."""
    found = Table()
    for name, (documents, path) in SETS.items():
        if path.exists():
            found.add(name, documents())
        else:
            found.absent[name] = f"{path} does not exist"
    return found


def floors() -> Mapping[str, Mapping[str, float]]:
    """Return the floors by set."""
    return tomllib.loads(FLOORS.read_text("utf-8"))


def main() -> int:
    """Print the table; return 1 where anything is under its floor."""
    found = table()
    print(
        f"{'set':<10}{'kind':<20}{'docs':>6}{'perfect':>9}{'figures':>9}{'exact':>8}{'wrong':>7}"
        f"{'missing':>9}{'invented':>10}{'refused':>9}{'exact %':>9}{'look-alikes refused':>21}"
    )
    for (name, kind), row in sorted(found.rows.items()):
        share = 100 * row.exact / row.figures if row.figures else 100
        held = f"{row.lookalikes - row.lookalikes_accepted} of {row.lookalikes}"
        print(
            f"{name:<10}{kind:<20}{row.documents:>6}{row.perfect:>9}{row.figures:>9}{row.exact:>8}"
            f"{row.wrong:>7}{row.missing:>9}{row.invented:>10}{row.refused:>9}{share:>9.2f}"
            f"{held if row.lookalikes else '':>21}"
        )
    for name, reason in found.absent.items():
        print(f"{name}: NOT RUN: {reason}")
    failures = found.failures(floors())
    for failure in failures:
        print(f"UNDER ITS FLOOR: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
