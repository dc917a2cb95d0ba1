"""The files beside the tables that are damaged or were not made here: named, and passed over."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec

from flows.archive.fetched_pages import LastFetch
from flows.errors import why
from flows.files import TEMPORARY_PREFIX
from flows.lake import runs

MOST_LOOKED_INTO = 100
"""Of so many files of a folder the content is looked at, the newest runs among them; the names of
all are. A lake of years has 20,000 runs, and whoever asks how it is should not wait for them."""

_MADE = {
    "runs": r"[0-9].*\.json",
    "seen": r"[0-9a-f]{2}/[0-9a-f]{64}\.json",
    "quarantine": r"[0-9a-f]{64}\.[a-z0-9_-]{1,64}/(?:reason\.json|document\.[a-z]{3,4})",
}
"""What is made in each folder, by the path in it."""


class OddFile(msgspec.Struct, frozen=True):
    """A file by its path in the lake, and what is odd about it, with what to do."""

    path: str
    problem: str


def odd_files(root: Path) -> list[OddFile]:
    """Return what is odd in `runs/`, `seen/` and `quarantine/`, sorted by its path.

    A damaged `reason.json` is told with its document (`quarantine.reasons`), strays in the folders
    of the tables by `parquet.strays`, damage in the archive by `archive verify`.
    """
    return sorted(_odd_files(root), key=lambda odd: odd.path)


def _odd_files(root: Path) -> Iterator[OddFile]:
    made: dict[str, list[str]] = {}
    for folder, pattern in _MADE.items():
        names = _names(root / folder)
        made[folder] = [*filter(re.compile(pattern).fullmatch, names)]
        for name in sorted({*names} - {*made[folder]}):
            yield OddFile(f"{folder}/{name}", "was not made by Tallybook")
    for name in sorted(made["runs"], reverse=True)[:MOST_LOOKED_INTO]:
        if problem := runs.damage(root, name):
            said = f"{problem}; without it nothing but this account of a run is missing"
            yield OddFile(f"runs/{name}", said)
    for name in sorted(made["seen"])[:MOST_LOOKED_INTO]:
        if problem := _damage_of_fetch(root / "seen" / name):
            said = f"{problem}; it can be removed: the next fetch writes it anew"
            yield OddFile(f"seen/{name}", said)
    yield from _without_reason(made["quarantine"])


def _names(folder: Path) -> list[str]:
    """Return the files below a folder by their path in it, but for those being written."""
    found: list[str] = []
    for below, _, names in os.walk(folder):  # paths as objects would take ten times as long
        inside = below[len(str(folder)) + 1 :]
        path = f"{inside.replace(os.sep, '/')}/" if inside else ""
        found += (path + name for name in names if not name.startswith(TEMPORARY_PREFIX))
    return found


def _damage_of_fetch(path: Path) -> str | None:
    try:
        msgspec.json.decode(path.read_bytes(), type=LastFetch)
    except OSError as error:
        return f"cannot be read: {why(error)}"
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return "is damaged"
    return None


def _without_reason(names: list[str]) -> Iterator[OddFile]:
    reasons = {name.partition("/")[0] for name in names if name.endswith("/reason.json")}
    for name in names:
        if name.partition("/")[0] not in reasons:
            said = "no reason.json stands beside it; `tallybook rebuild` writes one, if it is held"
            yield OddFile(f"quarantine/{name}", said)
