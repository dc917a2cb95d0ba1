"""What there was to tell people of a day, whom it was sent to and whom not: the folder `alerts/`.

A file holds one cause of one report date, so that nobody is told the same twice, and what could not
be sent is sent later. It may be removed at any time: then it is told again if a run finds it again.
"""

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date

import msgspec

from flows import files
from flows.errors import LakeError
from flows.lake import runs
from flows.storage.storage import Storage
from schemas.codes import AlertCause
from schemas.typed import Moment

_FOLDER = "alerts"
_FILE = re.compile(rf"{_FOLDER}/[0-9-]+\.[a-z_]+\.json")

Key = tuple[date, AlertCause]
"""A report date and a cause: what is told once."""

_log = logging.getLogger(__name__)


class Alert(msgspec.Struct, frozen=True):
    """What people are to be told of a report date: the cause, and a sentence each case.

    Of a source that is silent the date is that of its last success. `url` is a document's address
    without secrets, null where none is known. What comes from the web is one printable line.
    """

    cause: AlertCause
    report_date: date
    sentences: tuple[str, ...]
    url: str | None = None

    @property
    def key(self) -> Key:
        """What it is about."""
        return self.report_date, self.cause


class KeptAlert(msgspec.Struct, frozen=True):
    """An alert as it is kept in `alerts/DATE.CAUSE.json`: who was told, and when.

    `run_id` is the run that found it first, `found_at` when that ended. `sent` and `unsent` have
    the addressees by the place of their address ("env:SLACK_URL"): since when they know, or why
    they could not be told. Both are empty while alerts are switched off.
    """

    alert: Alert
    run_id: str
    found_at: Moment
    sent: Mapping[str, Moment] = {}
    unsent: Mapping[str, str] = {}


@contextmanager
def locked(storage: Storage) -> Iterator[None]:
    """Hold the lock of the alerts while they are sent and kept. Raises LakeError."""
    with storage.locked(".alerts.lock", guards=(f"{_FOLDER}/",)):
        storage.sweep(_FOLDER)
        yield


def kept(storage: Storage, keys: Iterable[Key], since: date) -> dict[Key, KeptAlert]:
    """Return what is kept of these, and of all report dates from `since` on.

    A file that is damaged is named in the log and passed over.
    """
    wanted = {_name(key) for key in keys}
    first = f"{_FOLDER}/{since}"
    names = [name for name in storage.names(_FOLDER) if _FILE.fullmatch(name)]
    found = (_read(storage, name) for name in names if name in wanted or name >= first)
    return {one.alert.key: one for one in found if one}


def write(storage: Storage, alerts: Iterable[KeptAlert]) -> None:
    """Keep alerts, in the place of what is kept of the same. Raises LakeError."""
    storage.write_many({_name(one.alert.key): files.sealed(files.as_json(one)) for one in alerts})


def sweep(storage: Storage, before: date) -> int:
    """Remove what is kept of report dates before one; return how many. Raises LakeError."""
    first = f"{_FOLDER}/{before}"
    old = [name for name in storage.names(_FOLDER) if _FILE.fullmatch(name) and name < first]
    with locked(storage):
        storage.remove_many(old)
    return len(old)


def _name(key: Key) -> str:
    day, cause = key
    return f"{_FOLDER}/{day}.{cause}.json"


def _read(storage: Storage, name: str) -> KeptAlert | None:
    try:
        return msgspec.convert(runs.json_object(storage, name), KeptAlert)
    except (LakeError, msgspec.ValidationError) as error:
        _log.warning("%s is damaged and passed over: %s", storage.where(name), error)
        return None
