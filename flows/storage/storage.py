"""What every kind of storage can do; a file of the lake is named by its path inside it."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager


class Storage(ABC):
    """The files of one lake by their names, such as "losses/year=2023/part-0.parquet".

    `str()` of it is the lake's address, which opens it again. A reader sees each file whole, as it
    was or as it is. Reading raises FileNotFoundError for a file that is not there, another OSError
    for one that cannot be opened; writing raises LakeError. Object storage that does not answer, or
    refuses, raises StorageFailed whatever it was asked.
    """

    @abstractmethod
    def __str__(self) -> str: ...

    @abstractmethod
    def where(self, name: str) -> str:
        """Return how a message names a file: the path or address that a person would open."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """Return a file's content. Raises OSError."""

    @abstractmethod
    def read_ahead(self, names: Iterable[str]) -> None:
        """Say what will be read one by one under the lock that is held, so that it comes at once.

        Or inside `reading_once`. What is not there, or cannot be opened, is told when it is read.
        """

    @abstractmethod
    def reading_once(self) -> AbstractContextManager[None]:
        """Ask for nothing twice inside the block: what is read and listed is remembered.

        For who reads all of a lake, and holds no lock of what he reads; also he may `read_ahead`.
        """

    @abstractmethod
    def exists(self, name: str) -> bool:
        """Whether there is a file of this name."""

    @abstractmethod
    def is_empty(self) -> bool:
        """Whether it holds nothing yet, but what a crash left half written. Raises OSError."""

    @abstractmethod
    def names(self, folder: str = "") -> list[str]:
        """Return the names of all files below a folder, at any depth, sorted; its own included.

        A folder that is not there holds none. Raises LakeError for one that may not be listed.
        """

    @abstractmethod
    def folders(self, folder: str = "") -> list[str]:
        """Return the names of all folders below a folder, sorted; else as `names`."""

    def write(self, name: str, content: bytes, *, apart: bool = False) -> None:
        """Put `content` in place, whole and durable; see `write_many`."""
        self.write_many({name: content}, apart=apart)

    @abstractmethod
    def write_many(self, contents: Mapping[str, bytes], *, apart: bool = False) -> None:
        """Put files in place, each whole; on return all are durable. Raises LakeError.

        `apart`: what is half written does not lie beside them, where a reader of the folder looks.
        """

    @abstractmethod
    def touch_many(self, names: Iterable[str]) -> None:
        """Make empty files, durably; one that is there stays as it is. Raises LakeError."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a file, and folders that are empty then; a missing one is no error.

        Raises LakeError where that is not permitted.
        """

    @abstractmethod
    def remove_many(self, names: Iterable[str]) -> None:
        """Remove files and leave their folders; else as `remove`."""

    @abstractmethod
    def sweep(self, folder: str = "") -> None:
        """Remove what a crashed run left half written in a folder. Raises LakeError.

        Only under the lock that guards the folder's writers.
        """

    @abstractmethod
    def sweep_apart(self) -> None:
        """Remove what a crashed run left half written apart; else as `sweep`."""

    @abstractmethod
    def locked(
        self, name: str, timeout: float = 60.0, guards: Sequence[str] = ("",)
    ) -> AbstractContextManager[None]:
        """Hold the lock of this name, alone among all processes; re-entrant within one thread.

        It guards the files whose names begin with one of `guards`, but for those that another lock
        guards more closely. It ends with its holder. Raises LakeError where another holds it for
        `timeout` seconds. In object storage a file is replaced as it was read under the lock, or
        not at all: Overtaken is raised where another run has changed it, or taken the lock.
        """
