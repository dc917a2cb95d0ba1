"""The markers of documents that are not published, and how often reading one was broken off."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress

from flows.storage.storage import Storage
from schemas.records import Key

PENDING = "archive/.pending"
"""The folder of the markers: a file for each document that is not published.

It is empty, or says which version of the parser was broken off reading it, and how often.
"""

MOST_ATTEMPTS = 3
"""So often a document whose reading is broken off is tried by the same version of the parser."""

_NAME = re.compile(r"([0-9a-f]{64})\.([a-z0-9_-]+)")
"""The name of a marker: SHA-256 and source."""


def marker(key: Key) -> str:
    """Return the name of a document's marker in the lake."""
    source, sha256 = key
    return f"{PENDING}/{sha256}.{source}"


def marked(storage: Storage) -> Iterator[Key]:
    """Yield what is marked, a document that never came to be archived among it, perhaps."""
    for path in storage.names(PENDING):
        if name := _NAME.fullmatch(path.removeprefix(f"{PENDING}/")):
            yield name[2], name[1]


class Attempts:
    """How often each version of the parser was broken off reading a document that is pending."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def note(self, keys: Iterable[Key], parser: str) -> None:
        """Note, durably, that a version was broken off once more; the documents are pending.

        Raises LakeError.
        """
        known = self._known(parser)
        notes = {key: f"{parser} {known.get(key, 0) + 1}".encode() for key in keys}
        self._storage.write_many({marker(key): note for key, note in notes.items()})

    def given_up(self, parser: str) -> frozenset[str]:
        """Return the hashes of documents that this version of the parser is not to try again."""
        known = self._known(parser)
        return frozenset(sha256 for (_, sha256), n in known.items() if n >= MOST_ATTEMPTS)

    def _known(self, parser: str) -> dict[Key, int]:
        known = {}
        for key in marked(self._storage):
            with suppress(OSError):  # another run may have published it by now
                note = self._storage.read(marker(key)).decode("ascii", "replace")
                version, _, number = note.partition(" ")
                if version == parser and number.isdecimal():
                    known[key] = int(number[:4])
        return known
