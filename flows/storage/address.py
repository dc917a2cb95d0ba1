"""From the address of a lake to its storage: a path, file://, s3://, gs:// or az://."""

import os
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from flows.errors import UsageError
from flows.storage.local import LocalStorage
from flows.storage.storage import Storage

if TYPE_CHECKING:
    from obstore.store import ObjectStore

    from flows.storage.objects import ObjectStorage

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://")

OBJECT_SCHEMES = ("s3", "gs", "az")
"""Object storage; only S3 is tested, the others come with the same library."""

_HALF_TYPED = re.compile(r"(?i:file|s3|gs|az):|[A-Za-z][A-Za-z0-9+.-]+:/")
"""How an address begins that lacks a slash: as a path it would be a new folder called "s3:"."""

ANSWER_WITHIN = timedelta(seconds=20)
"""How long one request may take: a partition is some 100 kB, a document 10 MB at most."""

GIVE_UP_AFTER = timedelta(seconds=20)
"""After so long no request is tried again: less than the time of a lease, which outlives it."""

ATTEMPTS = 6
"""How often a request that failed is tried again, with growing pauses."""


def is_address(text: str) -> bool:
    """Whether a text is an address and no path."""
    return _SCHEME.match(text) is not None


def check_address(text: str) -> None:
    """Raise UsageError for a text that is neither a path nor an address that a lake can have.

    Nothing is looked up and no library is needed.
    """
    if not text.strip() or "\0" in unquote(text):
        raise UsageError("The lake needs a path, such as data/lake.")
    if not is_address(text):
        if _HALF_TYPED.match(text):
            raise _no_lake(text)
        return
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise _no_lake(text) from error
    if parts.scheme in OBJECT_SCHEMES:
        _check_bucket(text)
    elif parts.scheme != "file" or parts.netloc not in ("", "localhost") or not parts.path:
        raise _no_lake(text)


def storage_at(uri: str | Path) -> Storage:
    """Return the storage of the lake at a path or an address; nothing is looked up there yet.

    In a text `~` is the home folder, as in a shell. Raises UsageError for what is no such address,
    and for object storage without its library.
    """
    if isinstance(uri, Path):
        return LocalStorage(uri.absolute())
    check_address(uri)
    if not is_address(uri):
        return LocalStorage(Path(os.path.expanduser(uri)).absolute())  # noqa: PTH111  never raises
    parts = urlsplit(uri)
    if parts.scheme in OBJECT_SCHEMES:
        return _object_storage(uri)
    return LocalStorage(Path(unquote(parts.path)))


def _no_lake(text: str) -> UsageError:
    return UsageError(
        f"{text} cannot be a lake. Give a folder, file:///path/to/folder, or an address in object "
        "storage: s3://bucket/prefix, gs://bucket/prefix or az://account/container/prefix."
    )


def _check_bucket(uri: str) -> None:
    """Raise UsageError for an address in object storage with more or less than it may have."""
    parts = urlsplit(uri)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path} holds more than a "
            "bucket and a prefix. Credentials do not belong in an address: they come from the "
            "environment, a profile or the machine's role."
        )
    if not parts.netloc:
        raise UsageError(f"{uri} names no bucket; write {parts.scheme}://bucket/prefix")


def _object_storage(uri: str) -> "ObjectStorage":
    try:
        import obstore.store

        from flows.storage.objects import ObjectStorage
    except ImportError as error:
        raise UsageError(
            f"{uri} is in object storage, which needs the extra s3: pip install 'tallybook[s3]'"
        ) from error
    from flows.storage import credentials

    parts = urlsplit(uri)
    address = f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")
    config = credentials.s3_config() if parts.scheme == "s3" else {}
    from_url: Callable[..., ObjectStore] = obstore.store.from_url  # it is typed for one service
    try:
        store = from_url(
            address,
            config=config,
            client_options={
                "allow_http": credentials.plain_http(config),
                "timeout": ANSWER_WITHIN,
                "connect_timeout": timedelta(seconds=5),
            },
            retry_config={
                "max_retries": ATTEMPTS,
                "retry_timeout": GIVE_UP_AFTER,
                "backoff": {
                    "init_backoff": timedelta(milliseconds=100),
                    "max_backoff": timedelta(seconds=8),
                    "base": 2,
                },
            },
        )
    except Exception as error:  # obstore raises several kinds; none of their texts is for people
        raise UsageError(
            f"{address} cannot be used as an address of object storage: {type(error).__name__}. "
            "Check it, and the variables of its service (AWS_..., GOOGLE_..., AZURE_...)."
        ) from None
    return ObjectStorage(address, store)
