"""A lock in object storage: a small object that its holder renews, and that others may take over.

Whoever holds it writes its name there, on the condition that nobody else did in between. A holder
that is gone renews it no more, and after a while the next one takes it: it counts the generation
up, so that the first would notice if it came back. No clock of another machine is trusted for that:
who waits takes over what it saw unchanged for as long as a lease lasts, or what ran out long ago.
"""

import os
import socket
import threading
import time
import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

import msgspec

from flows.errors import LakeError, Overtaken, StorageFailed
from schemas.typed import Moment

SECONDS = 30.0
"""How long a lease lasts that is not renewed; shorter than the minute that another run waits."""

_RENEWALS = 3
"""A lease is renewed so many times before it would run out."""

_SKEW = timedelta(minutes=5)
"""By so much the clocks of two machines may differ: what ran out before that is free at once."""

_POLL = (0.05, 1.0)
"""Seconds between two looks at a lease that another holds: at first, and at most."""


def _clock() -> float:
    """Return seconds that go on while the process is stopped or the machine sleeps."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


class Version(NamedTuple):
    """An object as it was read: its content, and the entity tag that stands for it."""

    content: bytes
    e_tag: str


class Conditional(Protocol):
    """What a lease asks of its store. Both raise StorageFailed where the store does not answer."""

    def get_version(self, name: str) -> Version | None:
        """Return an object; None where there is none."""

    def put_version(self, name: str, content: bytes, old: Version | None) -> Version | None:
        """Put an object in the place of `old` (None: where none is); None: another was there."""


class LeaseRecord(msgspec.Struct, frozen=True):
    """What a lease says: `owner` is None where it is free; `generation` counts the holders.

    It ran out at `expires_at` by its holder's clock unless it was renewed; `written` makes each
    writing another one.
    """

    owner: str | None
    generation: int
    expires_at: Moment
    seconds: float
    written: str


class Lease:
    """The lease `name`; `where` is how a message names what it guards.

    One thread at a time takes and gives it back; any may check it.
    """

    def __init__(self, store: Conditional, name: str, where: str, seconds: float) -> None:
        self._store, self._name, self._where, self._seconds = store, name, where, seconds
        self._owner = f"{socket.gethostname()} {os.getpid()} {uuid.uuid4().hex[:8]}"
        self._version: Version | None = None
        self._valid_until = 0.0
        self._lost = False
        self._mutex = threading.Lock()
        self._done = threading.Event()

    def take(self, timeout: float) -> None:
        """Wait for the lease, hold it, and renew it until it is given back.

        Raises LakeError where another holds it for `timeout` seconds; StorageFailed.
        """
        until, pause = _clock() + timeout, _POLL[0]
        # Where this process gave it back last, nobody may have had it since.
        found, since = self._version or self._store.get_version(self._name), _clock()
        while not (self._is_free(found, since) and self._put(found, self._owner, 1)):
            again = self._store.get_version(self._name)
            if again != found:
                found, since = again, _clock()
                if self._is_free(found, since):
                    continue
            if _clock() >= until:
                raise LakeError(
                    f"Another run has been writing to {self._where} for more than {timeout:g} "
                    "seconds. Try again when it is done."
                )
            time.sleep(min(pause, max(0.0, until - _clock())))
            pause = min(2 * pause, _POLL[1])
        self._lost, self._done = False, threading.Event()
        keep = threading.Thread(target=self._keep, args=(self._done,), daemon=True)
        keep.start()

    def check(self) -> None:
        """Raise Overtaken where another run may have taken the lease, StorageFailed likewise.

        Costs a request only where it was not renewed in time: after a pause of this process.
        """
        if self._lost or _clock() >= self._valid_until - self._seconds / (2 * _RENEWALS):
            self._renew()

    def give_back(self) -> None:
        """Let the next one have it. Raises nothing: what is not given back runs out."""
        self._done.set()
        with self._mutex, suppress(StorageFailed):
            if self._lost or not self._put(self._version, None):
                self._version = None

    def _keep(self, done: threading.Event) -> None:
        while not done.wait(self._seconds / _RENEWALS):
            try:
                self._renew()
            except Overtaken:
                return
            except StorageFailed:
                continue  # who writes next finds out whether there is time left

    def _renew(self) -> None:
        with self._mutex:
            if self._done.is_set():
                return
            self._lost = self._lost or not self._put(self._version, self._owner)
            if self._lost:
                raise Overtaken(
                    f"Another run took over {self._where} while this one stood still: this one "
                    "writes nothing more. Run it again: what it fetched is in the archive."
                )

    def _is_free(self, found: Version | None, since: float) -> bool:
        record = found and _record(found.content)
        if not record or record.owner is None:
            return True
        if datetime.now(UTC) > record.expires_at + _SKEW:
            return True
        return _clock() - since >= record.seconds

    def _put(self, old: Version | None, owner: str | None, more: int = 0) -> bool:
        """Write the lease in the place of `old`; whether that was still there."""
        record = old and _record(old.content)
        started = _clock()
        content = LeaseRecord(
            owner=owner,
            generation=(record.generation if record else 0) + more,
            expires_at=datetime.now(UTC) + timedelta(seconds=self._seconds),
            seconds=self._seconds,
            written=uuid.uuid4().hex,
        )
        written = msgspec.json.encode(content)
        new = self._store.put_version(self._name, written, old)
        if new is None:
            # It may be what we wrote ourselves, in a request that seemed to have failed.
            found = self._store.get_version(self._name)
            if found is None or (mine := _record(found.content)) is None:
                return False
            if mine.owner == self._owner:
                new = self._store.put_version(self._name, written, found)
        if new is None:
            return False
        self._version, self._valid_until = new, started + self._seconds
        return True


def _record(content: bytes) -> LeaseRecord | None:
    """Return what a lease says; None for what is no lease: it is nobody's."""
    try:
        return msgspec.json.decode(content, type=LeaseRecord)
    except (msgspec.MsgspecError, ValueError):
        return None
