"""What of a lake cannot be made anew from its documents, to be kept with them in a backup."""

import re
from collections.abc import Iterable, Iterator

from flows.lake.lake import Lake
from flows.lake.latest import NAME as LATEST
from flows.storage.storage import Storage

_KEPT = re.compile(
    r"revisions/year=[0-9]{1,4}/part-0\.parquet|runs/[0-9]{8}T[0-9]{6}Z-[A-Za-z0-9-]{1,200}\.json"
    rf"|{re.escape(LATEST)}"
)
"""`revisions/` and `runs/` are memory; latest.json has the generation, which only counts up."""


def files_beside(storage: Storage) -> Iterator[tuple[str, bytes]]:
    """Yield the files that a backup holds beside the documents, by name, sorted."""
    names = [*storage.names("revisions"), *storage.names("runs"), LATEST]
    for name in sorted(names):
        if _KEPT.fullmatch(name) and storage.exists(name):
            yield name, storage.read(name)


def restore(lake: Lake, files: Iterable[tuple[str, bytes]]) -> int:
    """Put back those of the files of a backup that are not there; return how many.

    Other names are passed over: a backup comes from outside. Raises LakeError.
    """
    with lake.lock():
        new = {
            name: content
            for name, content in files
            if _KEPT.fullmatch(name) and not lake.storage.exists(name)
        }
        lake.storage.write_many(new)
    return len(new)
