"""What there was to tell people of a day, whom it was sent to and whom not: the folder `alerts/`.

A file holds one cause of one report date, so that nobody is told the same twice, and what could not
be sent is sent later. It may be removed at any time: then it is told again if a run finds it again.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import msgspec
from filelock import FileLock

from flows import files
from flows.errors import LakeError
from flows.lake import runs
from schemas.codes import AlertCause
from schemas.typed import Moment

_FOLDER = "alerts"

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
def locked(root: Path) -> Iterator[None]:
    """Hold the lock of the alerts while they are sent and kept. Raises LakeError."""
    with files.locked(FileLock(root / ".alerts.lock")):
        files.sweep(root / _FOLDER)
        yield


def kept(root: Path, keys: Iterable[Key], since: date) -> dict[Key, KeptAlert]:
    """Return what is kept of these, and of all report dates from `since` on.

    A file that is damaged is named in the log and passed over.
    """
    names = {_name(key) for key in keys}
    paths = (root / _FOLDER).glob("[0-9]*.json")
    found = (_read(path) for path in paths if path.name in names or path.name >= since.isoformat())
    return {one.alert.key: one for one in sorted(filter(None, found), key=lambda k: k.alert.key)}


def write(root: Path, alerts: Iterable[KeptAlert]) -> None:
    """Keep alerts, in the place of what is kept of the same. Raises LakeError."""
    content = {root / _FOLDER / _name(one.alert.key): files.as_json(one) for one in alerts}
    files.write_many(content)


def _name(key: Key) -> str:
    day, cause = key
    return f"{day}.{cause}.json"


def _read(path: Path) -> KeptAlert | None:
    try:
        return msgspec.convert(runs.json_object(path), KeptAlert)
    except (LakeError, msgspec.ValidationError) as error:
        _log.warning("%s is damaged and passed over: %s", path, error)
        return None
