"""The commands of two checkouts in turn, by their smallest CPU times: no slower than before?

`python -m tests.benchmarks --against PATH [COMMAND ...]`, PATH another checkout of Tallybook, with
its .venv or without. Both are given the same documents, and each works on a lake of its own.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import count
from pathlib import Path

from tests import history, reference
from tests.benchmarks.timing import HERE, ROOT, Checkout, in_turn, prefect_server

AIM = 1.10
SAMPLES = ROOT / "data" / "bulletins"
LINES = 1_000
"""Documents that `parse --jsonl` is given."""

_DAY = ("run", "--date", "2023-10-10", "--archive", str(SAMPLES), "--lake", "{new}")

COMMANDS: Mapping[str, tuple[str, ...]] = {
    "cold": _DAY,
    "run": _DAY,
    "backfill": ("backfill", "--archive", "{war}", "--lake", "{new}"),
    "rebuild": ("rebuild", "--lake", "{lake}"),
    "show": ("show", "--lake", "{lake}"),
    "status": ("status", "--lake", "{lake}"),
    "check": ("check", "--lake", "{lake}"),
    "parse": ("parse", str(SAMPLES / "2023-10-08-enemy-losses.html")),
    "jsonl": ("parse", "--jsonl", "{jsonl}"),
}
"""What is measured; `cold` starts Prefect's embedded server, the others find one running.

{new} is a lake that is not there yet, {lake} one of the whole war, {war} and {jsonl} its documents.
"""

_STATUSES = {"check": (0, 1)}
"""`check` ends with 1 while something is undecided; any other command with 0."""


def compare(work: Path, there: Path, repeats: int, names: Iterable[str]) -> Iterator[str]:
    """Yield a line for each command of `names`; `there` is the other checkout."""
    documents = history.write_archive(reference.load(), work / "war")
    (work / "documents.jsonl").write_text("".join(map(_line, documents[:LINES])), "utf-8")
    sides = {side: _Side(Checkout(root), work, work / side) for side, root in
             {"here": HERE.root, "there": there.resolve()}.items()}  # fmt: skip
    with prefect_server(work / "server") as api:
        for name in names:
            jobs: dict[str, Callable[[], float]] = {
                side: partial(one.seconds, name, api) for side, one in sides.items()
            }
            least = {side: min(found) for side, found in in_turn(jobs, repeats).items()}
            ratio = least["here"] / least["there"]
            yield (
                f"{name:<8} {least['here']:7.2f} s of CPU here, {least['there']:7.2f} s there: "
                f"ratio {ratio:.2f} (aim: at most {AIM:.2f}){' ABOVE' * (ratio > AIM)}"
            )


def _line(path: Path) -> str:
    kind = "html" if path.suffix == ".html" else "text"
    return json.dumps({"id": path.name, kind: path.read_text("utf-8")}) + "\n"


class _Side:
    """One of the two checkouts, with its lakes and its home."""

    def __init__(self, checkout: Checkout, work: Path, folder: Path) -> None:
        self._checkout = checkout
        self._home = folder / "home"
        self._lakes = (folder / f"lake-{n}" for n in count())
        self._lake = folder / "lake"
        self._documents = {"war": str(work / "war"), "jsonl": str(work / "documents.jsonl")}

    def seconds(self, name: str, api: str) -> float:
        """Run a command, on the Prefect server at `api` unless cold; the CPU seconds it took."""
        template = COMMANDS[name]
        served = {} if name == "cold" else {"PREFECT_API_URL": api}
        if "{lake}" in template and not self._lake.exists():
            filling = ("backfill", "--archive", self._documents["war"], "--lake", str(self._lake))
            self._checkout.tallybook(filling, self._home, served)
        places = self._documents | {"new": str(next(self._lakes)), "lake": str(self._lake)}
        arguments = [argument.format_map(places) for argument in template]
        return self._checkout.tallybook(arguments, self._home, served, _STATUSES.get(name, (0,)))
