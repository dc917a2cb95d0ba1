"""A lake in object storage, through obstore: S3 and what speaks its language; GCS and Azure alike.

An object appears whole. One writer at a time holds a lease; what it read under it is remembered
with its entity tag, and is replaced only where that is still there. So whoever was stopped for so
long that another took over cannot undo what that one wrote.
"""

import errno
import re
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    PreconditionError,
    UnauthenticatedError,
)

from flows.errors import Overtaken, StorageFailed
from flows.storage import lease
from flows.storage.lease import Lease, Version
from flows.storage.storage import Storage

if TYPE_CHECKING:
    from obstore import PutMode
    from obstore.store import ObjectStore

T = TypeVar("T")

_AT_ONCE = 16
"""Requests under way at a time: a batch of documents is not a batch of round trips."""

_STATUS = re.compile(r"status code: (\d{3})")
_CODE = re.compile(r"<Code>(\w{1,60})</Code>")
"""What may be told of an answer: the rest of it can hold the name of a key, or a signature."""

_NO_BUCKET = "NoSuchBucket"
_CONFLICT = ("ConditionalRequestConflict", "OperationAborted")
"""How S3 answers when two conditional writes of one object meet: one of them may have been done."""

_CREDENTIALS = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT_KEY or AZURE_STORAGE_SAS_TOKEN",
}
"""The variables of each service that say who asks."""

_READING = "reading"
"""In the place of a lock's name: no lock is held."""


class _NoAnswer(StorageFailed):
    """A request that nobody answered: what it asked for may have been done."""


@dataclass(slots=True)
class _View:
    """What was read and written under a lease: objects (None: none is there), and listings.

    Without a lease: what was read inside `reading_once`.
    """

    lease: Lease | None
    guards: tuple[str, ...]
    objects: dict[str, Version | None] = field(default_factory=dict)
    listings: dict[str, set[str]] = field(default_factory=dict)

    def note(self, name: str, version: Version | None) -> None:
        """Remember what is there now."""
        self.objects[name] = version
        for folder, names in self.listings.items():
            if version is None:
                names.discard(name)
            elif name.startswith(f"{folder}/" if folder else ""):
                names.add(name)


class ObjectStorage(Storage):
    """The objects below the address `uri`, in `store`, which names them without its prefix."""

    def __init__(self, uri: str, store: "ObjectStore") -> None:
        self._uri = uri
        self._credentials = _CREDENTIALS[uri.partition("://")[0].lower()]
        self._store = store
        self._locks: dict[str, threading.RLock] = defaultdict(threading.RLock)
        self._leases: dict[str, Lease] = {}
        self._views: dict[str, _View] = {}

    def __str__(self) -> str:
        return self._uri

    def where(self, name: str) -> str:
        return f"{self._uri}/{name}"

    def read(self, name: str) -> bytes:
        view = self._view(name)
        if view is None or name not in view.objects:
            version = self.get_version(name)
            if view:
                view.note(name, version)
        else:
            version = view.objects[name]
        if version is None:
            raise FileNotFoundError(errno.ENOENT, "there is no such object", self.where(name))
        return version.content

    def read_ahead(self, names: Iterable[str]) -> None:
        wanted = [n for n in names if (view := self._view(n)) and n not in view.objects]

        def fetch(name: str) -> None:
            with suppress(FileNotFoundError):
                self.read(name)

        self._at_once(fetch, wanted)

    @contextmanager
    def reading_once(self) -> Iterator[None]:
        if _READING in self._views:
            yield
            return
        self._views[_READING] = _View(None, ("",))
        try:
            yield
        finally:
            del self._views[_READING]

    def exists(self, name: str) -> bool:
        view = self._view(name)
        if view and name in view.objects:
            return view.objects[name] is not None
        try:
            self._ask("look for", name, lambda: obstore.head(self._store, name))
        except FileNotFoundError:
            return False
        return True

    def is_empty(self) -> bool:
        return self._ask("list", "", lambda: not any(obstore.list(self._store, chunk_size=1)))

    def names(self, folder: str = "") -> list[str]:
        view = self._view(f"{folder}/")
        if view and folder in view.listings:
            return sorted(view.listings[folder])
        found = self._ask(
            "list", folder, lambda: obstore.list(self._store, folder or None).collect()
        )
        names = {one["path"] for one in found}
        if view:
            view.listings[folder] = names
        return sorted(names)

    def folders(self, folder: str = "") -> list[str]:
        return []

    def write_many(self, contents: Mapping[str, bytes], *, apart: bool = False) -> None:
        self._at_once(lambda name: self._write(name, contents[name]), list(contents))

    def touch_many(self, names: Iterable[str]) -> None:
        self._at_once(lambda name: self.put_version(name, b"", None), list(names))

    def remove(self, name: str) -> None:
        view = self._checked(name)
        known = view and view.objects.get(name)
        with suppress(FileNotFoundError):
            if known:  # a removal takes no condition: look, and then remove
                found = self._ask("look for", name, lambda: obstore.head(self._store, name))
                if found["e_tag"] != known.e_tag:
                    raise self._overtaken(name)
            self._ask("remove", name, lambda: obstore.delete(self._store, name))
        if view:
            view.note(name, None)

    def remove_many(self, names: Iterable[str]) -> None:
        self._at_once(self.remove, list(names))

    def sweep(self, folder: str = "") -> None:
        """Do nothing: an object is never half written."""

    def sweep_apart(self) -> None:
        """Do nothing, as `sweep`."""

    @contextmanager
    def locked(
        self, name: str, timeout: float = 60.0, guards: Sequence[str] = ("",)
    ) -> Iterator[None]:
        with self._locks[name]:
            if name in self._views:
                yield
                return
            held = self._leases.setdefault(name, Lease(self, name, self._uri, lease.SECONDS))
            held.take(timeout)
            self._views[name] = _View(held, tuple(guards))
            try:
                yield
            finally:
                del self._views[name]
                held.give_back()

    def get_version(self, name: str) -> Version | None:
        """Return an object as it is now; None where there is none. Raises StorageFailed."""

        def get() -> Version:
            found = obstore.get(self._store, name)
            return Version(found.bytes().to_bytes(), found.meta["e_tag"] or "")

        try:
            return self._ask("read", name, get)
        except FileNotFoundError:
            return None

    def put_version(self, name: str, content: bytes, old: Version | None) -> Version | None:
        """Put an object in the place of `old` (None: where none is); None where another was there.

        What stands there with this content was put by us, in a request whose answer was lost, or
        by another run to the same end. Raises StorageFailed.
        """
        mode: PutMode = {"e_tag": old.e_tag} if old else "create"
        try:
            done = self._ask(
                "write", name, lambda: obstore.put(self._store, name, content, mode=mode)
            )
        except (AlreadyExistsError, PreconditionError):
            found = self.get_version(name)
            return found if found and found.content == content else None
        return Version(content, done["e_tag"] or "")

    def _write(self, name: str, content: bytes) -> None:
        view = self._checked(name)
        if view is None or name not in view.objects:
            done = self._ask(
                "write",
                name,
                lambda: obstore.put(self._store, name, content, use_multipart=False),
            )
            version: Version | None = Version(content, done["e_tag"] or "")
        else:
            version = self.put_version(name, content, view.objects[name])
            if version is None:
                raise self._overtaken(name)
        if view:
            view.note(name, version)

    def _view(self, name: str) -> _View | None:
        """Return what is held of a name: under the lease that guards it most closely."""
        guarding = (
            (len(prefix), view)
            for view in list(self._views.values())
            for prefix in view.guards
            if name.startswith(prefix)
        )
        return max(guarding, key=lambda pair: pair[0], default=(0, None))[1]

    def _checked(self, name: str) -> _View | None:
        """Return what is held of a name, before it is changed. Raises Overtaken, StorageFailed."""
        view = self._view(name)
        if view and view.lease:
            view.lease.check()
        return view

    def _overtaken(self, name: str) -> Overtaken:
        return Overtaken(
            f"{self.where(name)} was changed by another run while this one stood still: this one "
            "writes nothing more. Run it again: what it fetched is in the archive."
        )

    def _at_once(self, call: Callable[[str], object], names: Sequence[str]) -> None:
        """Call with each name, several at a time; all are done before the first error is raised."""
        if len(names) < 2:
            for name in names:
                call(name)
            return
        with ThreadPoolExecutor(min(_AT_ONCE, len(names))) as pool:
            for future in [pool.submit(call, name) for name in names]:
                future.result()

    def _ask(self, what: str, name: str, request: Callable[[], T]) -> T:
        """Make a request; once more where nobody answered, or the answer broke off.

        obstore tries again what was refused, and not all of these. Each may be done twice: a
        condition that the first has made false is told apart by who asks. Raises StorageFailed for
        what obstore raises, but for what others tell apart.
        """
        for last in (False, True):
            try:
                return request()
            except (AlreadyExistsError, PreconditionError):
                raise
            except (FileNotFoundError, BaseError) as error:
                text = str(error)
                if isinstance(error, FileNotFoundError) and _NO_BUCKET not in text:
                    raise
                if any(code in text for code in _CONFLICT):
                    raise PreconditionError(what) from None
                failed = self._failed(what, name, error)
                if last or not isinstance(failed, _NoAnswer):
                    # The text of the error is not shown: it can hold parts of a key or a signature.
                    raise failed from None
        raise AssertionError("the last attempt returns or raises")

    def _failed(self, what: str, name: str, error: Exception) -> StorageFailed:
        text = str(error)
        status, code = _STATUS.search(text), _CODE.search(text)
        answer = " ".join(found[1] for found in (status, code) if found)
        place = self.where(name) if name else self._uri
        if _NO_BUCKET in text or "InvalidBucketName" in text:
            return StorageFailed(
                f"Cannot {what} {place}: there is no such bucket ({answer}). Check its name, and "
                "AWS_ENDPOINT_URL and AWS_REGION where it is not on AWS; Tallybook makes none."
            )
        if isinstance(error, PermissionDeniedError | UnauthenticatedError):
            return StorageFailed(
                f"Cannot {what} {place}: access is denied ({answer}). Check the credentials "
                f"({self._credentials} or the machine's role) and their rights: to list the "
                "bucket, and to get, put and delete objects."
            )
        if "169.254." in text or "credential" in text.lower():
            return StorageFailed(
                f"Cannot {what} {place}: no credentials were found. Set {self._credentials}, or "
                "give this machine a role."
            )
        said = f"it answers {answer}" if answer else "it does not answer"
        return (StorageFailed if answer else _NoAnswer)(
            f"Cannot {what} {place}: {said}, after several attempts. Nothing is half written: "
            "run it again when the object storage is well."
        )
