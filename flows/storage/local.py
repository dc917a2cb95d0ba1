"""A lake in a folder of this machine: every write is atomic, every lock ends with its holder."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock

from flows import files
from flows.errors import LakeError, why
from flows.storage.storage import Storage

TEMPORARY = ".temporary"
"""The folder of what is half written apart: no reader of a table looks there."""


def _unreadable(error: OSError) -> None:
    """Raise LakeError for a folder that may not be listed: what is in it is not gone.

    One that is not there, or has just been removed, holds nothing.
    """
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        folder = str(error.filename).rstrip("/")
        raise LakeError(
            f"{folder} cannot be listed: {why(error)}. What is in it may be whole: give this user "
            "the right to read it."
        ) from error


class LocalStorage(Storage):
    """The files below the folder `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._locks: dict[tuple[int, str], FileLock] = {}

    def __str__(self) -> str:
        return str(self.root)

    def where(self, name: str) -> str:
        return str(self.root / name)

    def read(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    def read_ahead(self, names: Iterable[str]) -> None:
        """Do nothing: a disk is near."""

    @contextmanager
    def reading_once(self) -> Iterator[None]:
        """Do nothing, as `read_ahead`."""
        yield

    def exists(self, name: str) -> bool:
        return (self.root / name).exists()

    def is_empty(self) -> bool:
        if not self.root.exists():
            return True
        return all(path.name.startswith(files.TEMPORARY_PREFIX) for path in self.root.iterdir())

    def names(self, folder: str = "") -> list[str]:
        return sorted(name for name, is_file in self._below(folder) if is_file)

    def folders(self, folder: str = "") -> list[str]:
        return sorted(name for name, is_file in self._below(folder) if not is_file)

    def _below(self, folder: str) -> Iterator[tuple[str, bool]]:
        """Yield every name below a folder, and whether it is a file."""
        start = os.path.join(self.root, folder, "")  # noqa: PTH118  as text: a lake has many files
        skipped = len(os.path.join(self.root, ""))  # noqa: PTH118
        for place, folders, names in os.walk(start, onerror=_unreadable, followlinks=True):
            inside = place[skipped:].replace(os.sep, "/").rstrip("/")
            prefix = f"{inside}/" if inside else ""
            yield from ((prefix + name, False) for name in folders)
            yield from ((prefix + name, True) for name in names)

    def write_many(self, contents: Mapping[str, bytes], *, apart: bool = False) -> None:
        paths = {self.root / name: content for name, content in contents.items()}
        files.write_many(paths, self.root / TEMPORARY if apart else None)

    def touch_many(self, names: Iterable[str]) -> None:
        files.touch_many([self.root / name for name in names])

    def remove(self, name: str) -> None:
        files.remove(self.root / name)

    def remove_many(self, names: Iterable[str]) -> None:
        files.remove_many(self.root / name for name in names)

    def sweep(self, folder: str = "") -> None:
        files.sweep(self.root / folder)

    def sweep_apart(self) -> None:
        files.sweep(self.root / TEMPORARY)

    @contextmanager
    def locked(
        self, name: str, timeout: float = 60.0, guards: Sequence[str] = ("",)
    ) -> Iterator[None]:
        # One object a name: its count of how often a thread holds it makes it re-entrant. And one
        # a process: none may be used on the other side of a fork.
        lock = self._locks.setdefault((os.getpid(), name), FileLock(self.root / name))
        with files.locked(lock, timeout):
            yield
