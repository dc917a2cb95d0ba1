"""Writing files so that a reader, or a rerun after a crash, sees the old or the new, never half."""

import glob
import hashlib
import json
import os
import re
import shutil
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from filelock import BaseFileLock, Timeout

from flows.errors import LakeError

TEMPORARY_PREFIX = ".tallybook-"
"""How the names of temporary files begin, so that leftovers of a crash can be told apart."""

OUTSIDE_PREFIX = f"{TEMPORARY_PREFIX}out-"
"""The same outside a lake: what is swept there can be none of a lake, whose lock is another."""

_END = b"\n}\n"
_SEAL = b'\n "checksum":'
"""How a JSON object of `as_json` ends, and what its seal is called."""

_SEALED = re.compile(rb'"[0-9a-f]{64}"\s*\}\s*$')
"""How an object with a seal ends, though the name of the key be damaged."""

_BULK = 32
"""From this many files on, one sync of the whole system is cheaper than a flush of each file."""

_NAME_KEPT = 80
"""Characters of a file's name in that of its temporary file: most systems allow 255 bytes."""


def write(path: Path, content: bytes, temporary_folder: Path | None = None) -> None:
    """Put `content` at `path`: temporary file, fsync, rename, fsync of the folder.

    The temporary file lies beside `path`, or in `temporary_folder` (same file system). Raises
    LakeError, naming the path, where it cannot be written.
    """
    write_many({path: content}, temporary_folder)


def write_many(files: Mapping[Path, bytes], temporary_folder: Path | None = None) -> None:
    """Put many files in place, each whole; on return all are durable. Folders are made.

    Temporary files as in `write`. Raises LakeError, naming a path, where they cannot be written.
    """
    if not files:
        return
    folders = sorted({path.parent for path in files})
    make_folders([*folders, *([temporary_folder] if temporary_folder else [])])
    temporaries: dict[Path, Path] = {}
    try:
        for path, content in files.items():
            name = f"{TEMPORARY_PREFIX}{uuid.uuid4().hex}-{path.name[:_NAME_KEPT]}"
            temporaries[path] = (temporary_folder or path.parent) / name
            temporaries[path].write_bytes(content)
        sync(list(temporaries.values()))
        for path, temporary in temporaries.items():
            temporary.replace(path)
        sync(folders)
    except BaseException as error:
        for temporary in temporaries.values():  # a full disk has no room for them
            with suppress(OSError):
                temporary.unlink()
        if isinstance(error, OSError):
            raise _unwritable(Path(error.filename or next(iter(files))), error) from error
        raise


def touch_many(paths: Sequence[Path]) -> None:
    """Make empty files, durably; one that is there stays. Folders are made. Raises LakeError."""
    folders = sorted({path.parent for path in paths})
    make_folders(folders)
    try:
        for path in paths:
            path.touch()
        sync(folders)
    except OSError as error:
        raise _unwritable(Path(error.filename or paths[0]), error) from error


@contextmanager
def writing(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to that appears at `path`, whole, when the block ends without error.

    For a place outside a lake. Raises LakeError, naming the path, where it cannot be written.
    """
    try:
        with beside(path) as temporary:
            with temporary.open("wb") as file:
                yield file
            sync([temporary])
            temporary.replace(path)
            sync([path.parent])
    except OSError as error:
        raise _unwritable(path, error) from error


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Give the path of a temporary file beside `path`, in a folder outside a lake, which is made.

    What is left of it when the block ends goes, and what a library leaves beside its file, such as
    a log; before that goes what dead writers left in the folder. Raises LakeError.
    """
    make_folders([path.parent])
    name = f"{OUTSIDE_PREFIX}{uuid.uuid4().hex}-{path.name[:_NAME_KEPT]}"
    with joining(path.parent, lambda: sweep(path.parent, OUTSIDE_PREFIX)):
        try:
            yield path.with_name(name)
        finally:
            with suppress(LakeError):
                sweep(path.parent, name)


@contextmanager
def joining(folder: Path, clean: Callable[[], None]) -> Iterator[None]:
    """Write into a folder that has no lock file, beside others; the first who comes cleans it.

    All who write there share a lock on the folder itself, which leaves no file and ends with its
    holder. `clean` is called while nobody shares it: what is temporary then was left by a crash.
    Where the system has no such lock, nothing is cleaned.
    """
    with ExitStack() as stack:
        with suppress(ImportError, OSError):
            from fcntl import LOCK_EX, LOCK_NB, LOCK_SH, flock

            descriptor = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, descriptor)
            with suppress(BlockingIOError):
                flock(descriptor, LOCK_EX | LOCK_NB)
                with suppress(LakeError):
                    clean()
            flock(descriptor, LOCK_SH)
        yield


def make_folders(folders: Iterable[Path]) -> None:
    """Make folders and their missing parents, durably. Raises LakeError."""
    parents = set()
    try:
        for folder in folders:
            for missing in [path for path in (folder, *folder.parents) if not path.is_dir()][::-1]:
                missing.mkdir(exist_ok=True)
                parents.add(missing.parent)
        sync(sorted(parents))
    except OSError as error:
        raise _unwritable(Path(error.filename or folder), error) from error


def remove(path: Path) -> None:
    """Remove a file, then the folders above it that are empty now; missing ones are no error.

    Raises LakeError where that is not permitted.
    """
    try:
        path.unlink(missing_ok=True)
        for folder in (path.parent, path.parent.parent):
            if not folder.is_dir() or any(folder.iterdir()):
                break
            folder.rmdir()
    except OSError as error:
        raise _unwritable(path, error) from error


def remove_many(paths: Iterable[Path]) -> None:
    """Remove files and leave their folders; missing ones are no error.

    Raises LakeError where that is not permitted.
    """
    for path in paths:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritable(path, error) from error


def sweep(folder: Path, prefix: str = TEMPORARY_PREFIX) -> None:
    """Remove the temporary files that a crashed run left in a folder. Raises LakeError.

    Only under the lock that guards the folder's writers. A temporary folder goes with its content.
    """
    left = [*folder.glob(f"{glob.escape(prefix)}*")]
    for path in (path for path in left if path.is_dir()):
        shutil.rmtree(path, ignore_errors=True)
    remove_many(path for path in left if not path.is_dir())


@contextmanager
def locked(lock: BaseFileLock, timeout: float = 60.0) -> Iterator[None]:
    """Hold a lock file. Raises LakeError after `timeout` seconds, or where it cannot be made."""
    path = Path(lock.lock_file)
    try:
        make_folders([path.parent])
        lock.acquire(timeout=timeout)
    except Timeout as error:
        raise LakeError(
            f"Another run has been writing to {path.parent} for more than {timeout:g} seconds. "
            "Try again when it is done."
        ) from error
    except OSError as error:
        raise _unwritable(path, error) from error
    try:
        yield
    finally:
        lock.release()


def json_text(value: object, indent: int | None = None) -> str:
    """Return records, mappings and sequences as JSON; dates and times become ISO strings."""
    plain = json_value(value)
    # Moments as Python writes them, "+00:00" and not "Z", as in all that older versions wrote.
    return json.dumps(plain, indent=indent, ensure_ascii=False, default=datetime.isoformat)


def json_value(value: object) -> Any:
    """Return records, mappings and sequences as what JSON has, and moments as they are."""
    return msgspec.to_builtins(value, builtin_types=(datetime,), str_keys=True, enc_hook=str)


def as_json(value: object) -> bytes:
    """Return what is kept as JSON in a file, for people and programs."""
    return json_text(value, indent=1).encode("utf-8", "replace") + b"\n"


def sealed(content: bytes) -> bytes:
    """Return a JSON object as `as_json` writes it with a last key, the SHA-256 of the rest.

    So a changed byte is found, whatever it says now; who reads the object passes the key over.
    """
    return content.removesuffix(_END) + _seal(content) + _END


def seal_holds(content: bytes) -> bool:
    """Whether nothing was changed in what `sealed` returned; older files without a seal hold."""
    if _SEAL not in content and not _SEALED.search(content):
        return True
    rest, _, _ = content.rpartition(_SEAL)
    unsealed = rest.removesuffix(b",") + _END
    return content == sealed(unsealed)


def _seal(content: bytes) -> bytes:
    return b"," + _SEAL + b' "' + hashlib.sha256(content).hexdigest().encode() + b'"'


def sync(paths: Sequence[Path]) -> None:
    """Wait until the contents of these files or folders are on the disk. Raises OSError."""
    if len(paths) >= _BULK and sys.platform == "linux":
        os.sync()  # On Linux it returns only when everything is written.
        return
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unwritable(path: Path, error: OSError) -> LakeError:
    return LakeError(
        f"Cannot write {path}: {error.strerror or error}. Check the permissions and the free space."
    )
