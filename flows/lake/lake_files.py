"""The files of a lake by their names inside it."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from flows import files


class LakeFiles:
    """The files of one lake, such as "losses/year=2023/part-0.parquet".

    Reading raises FileNotFoundError for a file that is not there, another OSError for one that
    cannot be opened; writing raises LakeError.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def __str__(self) -> str:
        return str(self._root)

    def where(self, name: str) -> str:
        """Return how a message names a file."""
        return str(self._root / name)

    def read(self, name: str) -> bytes:
        """Return a file's content. Raises OSError."""
        return (self._root / name).read_bytes()

    def exists(self, name: str) -> bool:
        """Whether there is a file of this name."""
        return (self._root / name).is_file()

    def names(self, folder: str = "") -> list[str]:
        """Return the names of all files below a folder, at any depth, sorted."""
        paths = (self._root / folder).rglob("*")
        return sorted(p.relative_to(self._root).as_posix() for p in paths if p.is_file())

    def write_many(self, contents: Mapping[str, bytes]) -> None:
        """Put files in place, each whole and durable. Raises LakeError."""
        files.write_many({self._root / name: content for name, content in contents.items()})

    def write(self, name: str, content: bytes) -> None:
        """Put `content` in place, whole and durable. Raises LakeError."""
        self.write_many({name: content})

    def touch_many(self, names: Iterable[str]) -> None:
        """Make empty files, durably. Raises LakeError."""
        files.touch_many([self._root / name for name in names])

    def remove_many(self, names: Iterable[str]) -> None:
        """Remove files; missing ones are no error. Raises LakeError."""
        files.remove_many(self._root / name for name in names)
