"""The markers of documents that are not published, and how often reading one was broken off."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from flows import files
from schemas.records import Key

PENDING = ".pending"
"""The folder of the markers in `archive/`: a file for each document that is not published.

It is empty, or says which version of the parser was broken off reading it, and how often.
"""

MOST_ATTEMPTS = 3
"""So often a document whose reading is broken off is tried by the same version of the parser."""

_NAME = re.compile(r"([0-9a-f]{64})\.([a-z0-9_-]+)")
"""The name of a marker: SHA-256 and source."""


def marker(archive: Path, key: Key) -> Path:
    """Return the marker of a document; `archive` is the folder of that name in the lake."""
    source, sha256 = key
    return archive / PENDING / f"{sha256}.{source}"


def marked(archive: Path) -> Iterator[Key]:
    """Yield what is marked, a document that never came to be archived among it, perhaps."""
    for path in (archive / PENDING).glob("*"):
        if name := _NAME.fullmatch(path.name):
            yield name[2], name[1]


class Attempts:
    """How often each version of the parser was broken off reading a document that is pending."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive

    def note(self, keys: Iterable[Key], parser: str) -> None:
        """Note, durably, that a version was broken off once more; the documents are pending.

        Raises LakeError.
        """
        known = self._known(parser)
        notes = {key: f"{parser} {known.get(key, 0) + 1}".encode() for key in keys}
        files.write_many({marker(self._archive, key): note for key, note in notes.items()})

    def given_up(self, parser: str) -> frozenset[str]:
        """Return the hashes of documents that this version of the parser is not to try again."""
        known = self._known(parser)
        return frozenset(sha256 for (_, sha256), n in known.items() if n >= MOST_ATTEMPTS)

    def _known(self, parser: str) -> dict[Key, int]:
        known = {}
        for key in marked(self._archive):
            with suppress(OSError):  # another run may have published it by now
                path = marker(self._archive, key)
                if path.stat().st_size:
                    version, _, number = path.read_text("ascii", "replace").partition(" ")
                    if version == parser and number.isdecimal():
                        known[key] = int(number[:4])
        return known
