"""The guard of a document: what reading it raises refuses it, and stops nothing else."""

import hashlib
import logging
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from flows.redact import shown
from schemas.codes import Reason
from schemas.records import Bulletin, Document
from schemas.typed import NotValid

_log = logging.getLogger(__name__)

_PACKAGES = ("flows.extract", "flows.parse", "schemas")
"""What decides how a document is read."""


def broken(error: Exception, document: Document, doing: str = "reading it") -> Bulletin:
    """Return the refused bulletin of a document that Tallybook makes a mistake on.

    The traceback is logged; the sentence names the class of the error alone, so that it is the same
    wherever the document is read. Raises the error itself where it is NotValid: data that documents
    are read by is wrong, and no document to blame.
    """
    if isinstance(error, NotValid):
        raise error
    _log.error(
        "%s: %s (SHA-256 %s): %s raised %s; please report it",
        document.source,
        shown(document.url),
        document.sha256,
        doing,
        type(error).__name__,
        exc_info=error,
    )
    sentence = (
        f"{doing} ended in {type(error).__name__}, a mistake of Tallybook: please report it; "
        "another version of the parser reads it again"
    )
    return Bulletin("refused", sentence, Reason.READER_ERROR)


@cache
def parser_version() -> str:
    """Return what tells one version of the parser from another: a hash of what it is made of."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for name, content in _contents(files(package), package):
            digest.update(f"{name}\n{len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def _contents(folder: Traversable, path: str) -> list[tuple[str, bytes]]:
    """Return the name and content of every file of a package that is code or data, in order."""
    found: list[tuple[str, bytes]] = []
    for item in sorted(folder.iterdir(), key=lambda item: item.name):
        name = f"{path}/{item.name}"
        if item.is_dir() and item.name != "__pycache__":
            found += _contents(item, name)
        elif item.name.endswith((".py", ".toml")):
            found.append((name, item.read_bytes()))
    return found
