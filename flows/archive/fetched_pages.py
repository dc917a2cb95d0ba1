"""What is remembered of each fetched address: its last document, and what to ask the server with.

It spares requests and tells when a page goes back to an older version. It can be lost without
harm: the archive is what counts, and the next fetch of an address writes it anew.
"""

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from flows import files


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

    def __init__(self, lake_root: Path) -> None:
        self._root = lake_root / "seen"
        self._swept = False

    def get(self, source: str, url: str) -> LastFetch | None:
        """Return what is remembered of an address; None for nothing, or nothing that is whole."""
        try:
            last = msgspec.json.decode(self._path(source, url).read_bytes(), type=LastFetch)
        except (OSError, ValueError, RecursionError, msgspec.MsgspecError):
            return None
        return last if (last.source, last.url) == (source, url) else None

    def put(self, fetches: Iterable[LastFetch]) -> None:
        """Remember these; what is known already is not written again.

        Only under the archive's lock, which guards these files, too. Raises LakeError.
        """
        new = [fetch for fetch in fetches if self.get(fetch.source, fetch.url) != fetch]
        contents = {self._path(one.source, one.url): files.as_json(one) for one in new}
        if contents and not self._swept:
            for folder in self._root.glob("??"):
                files.sweep(folder)
            self._swept = True
        files.write_many(contents)

    def _path(self, source: str, url: str) -> Path:
        name = hashlib.sha256(f"{source}\n{url}".encode("utf-8", "replace")).hexdigest()
        return self._root / name[:2] / f"{name}.json"
