"""`make accuracy`: how exactly the examples, the official bulletins and the seed are read.

A table by language and shape: figures printed, read exactly, wrong, missing, invented; and the
look-alikes that were refused. A figure is one printed total or delta.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from flows.parse.bulletin import read
from schemas.records import Bulletin, Document
from tests import examples, seed_document

SHARED = Path(__file__).resolve().parents[2] / "shared"
Numbers = Mapping[str, tuple[int | None, int | None]]


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

    def add(self, expected: Numbers, got: Numbers) -> None:
        """Count one document: what it prints against what was read."""
        flat = _flat(expected)
        read_ = _flat(got)
        exact = sum(read_.get(key) == value for key, value in flat.items())
        wrong = sum(key in read_ and read_[key] != value for key, value in flat.items())
        invented = sum(key not in flat for key in read_)
        self.documents += 1
        self.perfect += exact == len(flat) and not invented
        self.figures += len(flat)
        self.exact += exact
        self.wrong += wrong
        self.missing += len(flat) - exact - wrong
        self.invented += invented


def _flat(numbers: Numbers) -> dict[tuple[str, int], int]:
    return {
        (category, kind): value
        for category, pair in numbers.items()
        for kind, value in enumerate(pair)
        if value is not None
    }


def _read(bulletin: Bulletin) -> Numbers:
    return {f.category: (f.total, f.delta) for f in bulletin.figures}


def _official() -> Iterator[tuple[str, Numbers, Numbers]]:
    path = SHARED / "official/bulletins.jsonl"
    if not path.is_file():
        return
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        day = date.fromisoformat(record["published"])
        document = Document("official", record["id"], record["html"].encode(), "text/html", day)
        expected = {k: (v["total"], v["delta"]) for k, v in record["expected"].items()}
        yield "official", expected, _read(read(document))


def _seed() -> Iterator[tuple[str, Numbers, Numbers]]:
    if seed_document.PATH.is_file():
        document = Document("seed", "seed", seed_document.PATH.read_bytes(), "text/plain")
        yield "seed", seed_document.FIGURES, _read(read(document))


def _examples() -> Iterator[tuple[str, str, Numbers | None, Bulletin]]:
    for path in examples.paths():
        example = examples.load(path)
        expected = None
        if example.is_bulletin:
            expected = {k: (v[0], v[1]) for k, v in example.expected["figures"].items()}
        yield example.expected["language"], example.expected["shape"], expected, example.read()


def main() -> None:
    """Print the table."""
    rows: dict[tuple[str, str], Score] = defaultdict(Score)
    refused: dict[str, list[bool]] = defaultdict(list)
    for name, expected, got in (*_seed(), *_official()):
        rows[name, "list"].add(expected, got)
    for language, shape, numbers, bulletin in _examples():
        if numbers is None:
            refused[language].append(not bulletin.accepted)
        else:
            rows[language, shape].add(numbers, _read(bulletin))
            rows[language, "all"].add(numbers, _read(bulletin))
            rows["all examples", ""].add(numbers, _read(bulletin))
    _print(rows, refused)


def _print(rows: Mapping[tuple[str, str], Score], refused: Mapping[str, list[bool]]) -> None:
    print(
        f"{'language':<14}{'shape':<14}{'docs':>6}{'perfect':>9}{'figures':>9}"
        f"{'exact':>8}{'wrong':>7}{'missing':>9}{'invented':>10}{'exact %':>9}"
    )
    for (language, shape), row in sorted(rows.items()):
        share = 100 * row.exact / row.figures if row.figures else 100
        print(
            f"{language:<14}{shape:<14}{row.documents:>6}{row.perfect:>9}{row.figures:>9}"
            f"{row.exact:>8}{row.wrong:>7}{row.missing:>9}{row.invented:>10}{share:>9.2f}"
        )
    held = sum(sum(r) for r in refused.values())
    print(f"look-alikes refused: {held} of {sum(len(r) for r in refused.values())}")
    for language, results in sorted(refused.items()):
        if not all(results):
            print(f"  {language}: {sum(results)} of {len(results)}")


if __name__ == "__main__":
    main()
