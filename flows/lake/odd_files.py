"""The files beside the tables that are damaged or were not made here: named, and passed over."""

import re
from collections.abc import Iterator

import msgspec

from flows.archive.fetched_pages import LastFetch
from flows.errors import why
from flows.files import TEMPORARY_PREFIX
from flows.lake import runs
from flows.storage.storage import Storage

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


def odd_files(storage: Storage) -> list[OddFile]:
    """Return what is odd in `runs/`, `seen/` and `quarantine/`, sorted by its path.

    A damaged `reason.json` is told with its document (`quarantine.reasons`), strays in the folders
    of the tables by `parquet.strays`, damage in the archive by `archive verify`.
    """
    return sorted(_odd_files(storage), key=lambda odd: odd.path)


def _odd_files(storage: Storage) -> Iterator[OddFile]:
    made: dict[str, list[str]] = {}
    for folder, pattern in _MADE.items():
        names = _names(storage, folder)
        made[folder] = [*filter(re.compile(pattern).fullmatch, names)]
        for name in sorted({*names} - {*made[folder]}):
            yield OddFile(f"{folder}/{name}", "was not made by Tallybook")
    for name in sorted(made["runs"], reverse=True)[:MOST_LOOKED_INTO]:
        if problem := runs.damage(storage, name):
            said = f"{problem}; without it nothing but this account of a run is missing"
            yield OddFile(f"runs/{name}", said)
    for name in sorted(made["seen"])[:MOST_LOOKED_INTO]:
        if problem := _damage_of_fetch(storage, f"seen/{name}"):
            said = f"{problem}; it can be removed: the next fetch writes it anew"
            yield OddFile(f"seen/{name}", said)
    yield from _without_reason(made["quarantine"])


def _names(storage: Storage, folder: str) -> list[str]:
    """Return the files below a folder by their path in it, but for those being written."""
    names = (name.removeprefix(f"{folder}/") for name in storage.names(folder))
    return [name for name in names if f"/{TEMPORARY_PREFIX}" not in f"/{name}"]


def _damage_of_fetch(storage: Storage, name: str) -> str | None:
    try:
        msgspec.json.decode(storage.read(name), type=LastFetch)
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
