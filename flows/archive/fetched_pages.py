"""What is remembered of each fetched address: its last document, and what to ask the server with.

It spares requests and tells when a page goes back to an older version. It can be lost without
harm: the archive is what counts, and the next fetch of an address writes it anew.
"""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from flows import files


@dataclass(frozen=True, slots=True)
class Seen:
    """The last document of one address of one source, and the validators of that answer.

    `etag` and `last_modified` are the header's text, None where there was none; `settled` whether
    the page did not change any more when it was fetched.
    """

    source: str
    url: str
    sha256: str
    etag: str | None = None
    last_modified: str | None = None
    settled: bool = False


class SeenPages:
    """The `seen/` folder of a lake: one small file an address, found by its name."""

    def __init__(self, lake_root: Path) -> None:
        self._root = lake_root / "seen"

    def get(self, source: str, url: str) -> Seen | None:
        """Return what is remembered of an address; None for nothing, or nothing that is whole."""
        try:
            found = Seen(**json.loads(self._path(source, url).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None
        return found if (found.source, found.url) == (source, url) else None

    def put(self, pages: list[Seen]) -> None:
        """Remember these; what is known already is not written again. Raises LakeError."""
        known = {self._path(page.source, page.url): page for page in pages}
        new = {
            path: page for path, page in known.items() if self.get(page.source, page.url) != page
        }
        files.write_many({path: files.as_json(asdict(page)) for path, page in new.items()})

    def _path(self, source: str, url: str) -> Path:
        name = hashlib.sha256(f"{source}\n{url}".encode("utf-8", "replace")).hexdigest()
        return self._root / name[:2] / f"{name}.json"
