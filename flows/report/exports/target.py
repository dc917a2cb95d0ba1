"""Where an export goes: a file that appears whole, and replaces nothing unless that is wanted."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows import files
from flows.errors import LakeError, UsageError
from flows.storage.local import LocalStorage
from flows.storage.storage import Storage


@contextmanager
def appearing(out: Path, *, force: bool) -> Iterator[Path]:
    """Give the path of a file to write beside `out`, which it becomes when the block ends well.

    A symbolic link stays one: the file that it leads to is replaced. Raises UsageError where `out`
    exists and `force` is not given; LakeError, naming the path, where it cannot be written.
    """
    place = Path(os.path.realpath(out))
    check_free([out], force=force)
    try:
        with files.beside(place) as temporary:
            yield temporary
            files.sync([temporary])
            check_free([out], force=force)  # it may have come meanwhile
            temporary.replace(place)
            files.sync([place.parent])
    except OSError as error:
        raise LakeError(
            f"Cannot write {out}: {error.strerror or error}. "
            "Check the permissions and the free space."
        ) from error


def check_free(paths: list[Path], *, force: bool) -> None:
    """Raise UsageError for what is no place for a file that appears whole.

    That is a folder, a device or a pipe, and a file that is there unless `force` is given.
    """
    for path in paths:
        if str(path) == "-" or (path.exists() and not (path.is_file() or path.is_dir())):
            raise UsageError(f"{path} is no file: an export appears whole, as a file; name one")
        if path.is_dir():
            raise UsageError(f"{path} is a folder; --out names the file to write")
        if path.exists() and not force:
            raise UsageError(f"{path} exists already; --force replaces it")


def check_outside(out: Path, storage: Storage, but: str | None = None) -> None:
    """Raise UsageError for a place inside the lake: who reads a table there would read it too.

    `but` is a folder of the lake that is meant to hold it, None for no such.
    """
    if not isinstance(storage, LocalStorage):
        return
    place, root = Path(os.path.realpath(out)), Path(os.path.realpath(storage.root))
    if place.is_relative_to(root) and not (but and place.is_relative_to(root / but)):
        raise UsageError(f"{out} lies inside the lake {storage}; write it elsewhere")
