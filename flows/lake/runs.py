"""The summaries of the runs, and what `status` and `sources` ask of them, kept in short.

`runs/` grows by a file a run. `last_runs.json` holds the last run, and of each source the first and
the last run that asked it and the last that succeeded, so that nobody reads the files of years for
that. It is made anew from `runs/` where it is missing or damaged, and may be removed at any time.
"""

import json
import logging
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import msgspec

from flows import files
from flows.errors import LakeError, why
from flows.storage.storage import Storage
from schemas.codes import SUCCEEDED, Outcome, RunState
from schemas.typed import Moment

Record = dict[str, Any]
"""One JSON object."""

_LAST_RUNS = "last_runs.json"
_FOLDER = "runs"
_SUMMARY = re.compile(rf"{_FOLDER}/([0-9][^/]*\.json)")

_RENAMED = {"not the page we know": Outcome.NOT_THE_PAGE}
"""Older summaries name outcomes and states in words: the codes with blanks in them, and this."""

_DAMAGED = (
    LakeError,
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    msgspec.ValidationError,
)
"""What reading a file raises that is none, or is not made as one of these."""


class LastRun(msgspec.Struct, frozen=True):
    """How a run ended; `finished_at` is null where its summary does not say."""

    run_id: str
    kind: str
    state: RunState
    exit_status: int
    started_at: Moment
    finished_at: Moment | None
    error: str | None


class SourceRun(msgspec.Struct, frozen=True):
    """What a source did in a run: the name of the run's file, the outcome, when the run ended."""

    file: str
    outcome: Outcome
    finished_at: Moment | None


class LastRuns(msgspec.Struct, frozen=True):
    """The run that began last, and by source the first and the last run that asked it.

    `succeeded` has a source's last success. `last` is of the summary in the file `last_file`;
    before the first run None and empty.
    """

    last: LastRun | None
    last_file: str
    first_asked: Mapping[str, SourceRun]
    asked: Mapping[str, SourceRun]
    succeeded: Mapping[str, SourceRun]


_log = logging.getLogger(__name__)

NO_RUNS = LastRuns(None, "", {}, {}, {})
"""What is known before the first run."""


def write(storage: Storage, summary: object) -> str:
    """Write runs/<started_at>-<run_id>.json; see `Lake.write_run`.

    Several processes may end a run at the same time. `last_runs.json` is written first, under a
    lock of its own: it knows of every run that has a file, and a crash in between leaves there what
    is true. Where it cannot be written it is removed, so that it never tells less than the files.
    """
    content = files.sealed(files.as_json(summary))
    values = json.loads(content)
    started = datetime.fromisoformat(values["started_at"]).astimezone(UTC)
    run_id = re.sub(r"[^A-Za-z0-9-]+", "-", values["run_id"])
    name = f"{started:%Y%m%dT%H%M%SZ}-{run_id}.json"
    path = f"{_FOLDER}/{name}"
    try:
        with storage.locked(".last_runs.lock", guards=(_LAST_RUNS, f"{_FOLDER}/")):
            renewed = _with(last_runs(storage), name, values)
            for folder in ("", _FOLDER):
                storage.sweep(folder)
            storage.write(_LAST_RUNS, files.sealed(files.as_json(renewed)))
            storage.write(path, content)
    except LakeError:
        with suppress(LakeError):
            storage.remove(_LAST_RUNS)
        storage.write(path, content)
    return storage.where(path)


def sweep(storage: Storage, before: datetime) -> int:
    """Remove the summaries of runs that began before a moment; return how many. Raises LakeError.

    What `last_runs.json` keeps of them stays.
    """
    limit = f"{before.astimezone(UTC):%Y%m%dT%H%M%SZ}"
    old = [f"{_FOLDER}/{name}" for name in _names(storage) if name < limit]
    with storage.locked(".last_runs.lock", guards=(_LAST_RUNS, f"{_FOLDER}/")):
        storage.write(_LAST_RUNS, files.sealed(files.as_json(last_runs(storage))))
        storage.remove_many(old)
    return len(old)


def summaries(storage: Storage, limit: int | None = None) -> list[Record]:
    """Return the summaries of the runs, the newest first, `limit` of them at most.

    One that is damaged is named in the log and passed over.
    """
    found: list[Record] = []
    for name in _names(storage):
        if limit is not None and len(found) >= limit:
            break
        try:
            found.append(json_object(storage, f"{_FOLDER}/{name}"))
        except LakeError as error:
            _log.warning("%s It is passed over.", error)
    return found


def last_runs(storage: Storage) -> LastRuns:
    """Return what is kept of the last runs; where it is not, what the files of the runs say.

    A file among them that is damaged says nothing, and stops no run.
    """
    try:
        return msgspec.convert(json_object(storage, _LAST_RUNS), LastRuns)
    except _DAMAGED:
        known = NO_RUNS
        for name in _names(storage):
            with suppress(*_DAMAGED):
                known = _with(known, name, json_object(storage, f"{_FOLDER}/{name}"))
        return known


def damage(storage: Storage, file: str) -> str | None:
    """Return what is wrong with the summary of a run in a file of `runs/`; None for nothing."""
    try:
        _with(NO_RUNS, file, json_object(storage, f"{_FOLDER}/{file}"))
    except LakeError as error:
        cause = error.__cause__
        return f"cannot be read: {why(cause)}" if isinstance(cause, OSError) else "is damaged"
    except _DAMAGED:
        return "is damaged: it is no summary of a run"
    return None


def json_object(storage: Storage, name: str) -> Record:
    """Return the JSON object in a file. Raises LakeError if it cannot be read or is none."""
    try:
        content = json.loads(storage.read(name))
    except (OSError, ValueError, RecursionError) as error:
        raise LakeError(f"{storage.where(name)} cannot be read: {why(error)}.") from error
    if not isinstance(content, dict):
        raise LakeError(f"{storage.where(name)} is damaged: a JSON object was expected.")
    return content


def _names(storage: Storage) -> list[str]:
    """Return the names of the files of the runs in their folder, the newest first."""
    found = map(_SUMMARY.fullmatch, storage.names(_FOLDER))
    return sorted((name[1] for name in found if name), reverse=True)


def _with(known: LastRuns, file: str, summary: Mapping[str, Any]) -> LastRuns:
    """Return what is known together with a run, whichever of them began first."""
    first, asked = dict(known.first_asked), dict(known.asked)
    succeeded = dict(known.succeeded)
    # Reversed, so that of a source that was asked twice the first answer counts.
    for source in reversed(summary.get("sources", ())):
        outcome, finished_at = _code(source["outcome"]), summary.get("finished_at")
        run = msgspec.convert(
            {"file": file, "outcome": outcome, "finished_at": finished_at}, SourceRun
        )
        first[source["source"]] = min(
            run, first.get(source["source"], run), key=lambda one: one.file
        )
        places = (asked, succeeded) if run.outcome in SUCCEEDED else (asked,)
        for place in places:
            place[source["source"]] = max(
                run, place.get(source["source"], run), key=lambda one: one.file
            )
    if known.last_file > file:
        return LastRuns(known.last, known.last_file, first, asked, succeeded)
    state = {"state": _code(summary["state"])}
    last = msgspec.convert({"finished_at": None, "error": None, **summary} | state, LastRun)
    return LastRuns(last, file, first, asked, succeeded)


def _code(words: str) -> str:
    return _RENAMED.get(words, words.replace(" ", "_"))
