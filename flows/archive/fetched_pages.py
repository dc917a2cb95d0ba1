"""What is remembered of each fetched address: its last document, and what to ask the server with.

It spares requests and tells when a page goes back to an older version. It can be lost without
harm: the archive is what counts, and the next fetch of an address writes it anew.
"""

import hashlib
from collections.abc import Iterable, Mapping

import msgspec

from flows.files import as_json
from flows.storage.storage import Storage

FOLDER = "seen"
"""The folder of what is remembered in the lake."""


class LastFetch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The last document of one address of one source, and the validators of that answer.

    `etag` and `last_modified` are the header's text, None where there was none; `final` whether
    the page did not change any more when it was fetched ("settled" in the files, as older versions
    have it).
    """

    source: str
    url: str
    sha256: str
    etag: str | None = None
    last_modified: str | None = None
    final: bool = msgspec.field(default=False, name="settled")

    @property
    def validators(self) -> Mapping[str, str]:
        """The request headers that ask for the page only if it has changed; maybe none."""
        headers = {"if-none-match": self.etag, "if-modified-since": self.last_modified}
        return {name: value for name, value in headers.items() if value}


class FetchedPages:
    """The `seen/` folder of a lake: one small file an address, found by its name."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._swept = False

    def get(self, source: str, url: str) -> LastFetch | None:
        """Return what is remembered of an address; None for nothing, or nothing that is whole."""
        try:
            last = msgspec.json.decode(self._storage.read(_name(source, url)), type=LastFetch)
        except (OSError, ValueError, RecursionError, msgspec.MsgspecError):
            return None
        return last if (last.source, last.url) == (source, url) else None

    def put(self, fetches: Iterable[LastFetch]) -> None:
        """Remember these; what is known already is not written again.

        Only under the archive's lock, which guards these files, too. Raises LakeError.
        """
        new = [fetch for fetch in fetches if self.get(fetch.source, fetch.url) != fetch]
        contents = {_name(one.source, one.url): as_json(one) for one in new}
        if contents and not self._swept:
            for folder in self._storage.folders(FOLDER):
                self._storage.sweep(folder)
            self._swept = True
        self._storage.write_many(contents)


def _name(source: str, url: str) -> str:
    name = hashlib.sha256(f"{source}\n{url}".encode("utf-8", "replace")).hexdigest()
    return f"{FOLDER}/{name[:2]}/{name}.json"
