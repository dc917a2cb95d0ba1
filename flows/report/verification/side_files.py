"""What lies in a lake beside its tables: marks, summaries, the archive, the quarantine."""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

import msgspec

from flows import files
from flows.archive import verify as archive_verification
from flows.archive.fetched_pages import LastFetch
from flows.errors import LakeError
from flows.lake import latest, quarantine, runs
from flows.lake.alerts import KeptAlert
from flows.lake.data_package import NAME as PACKAGE
from flows.lake.lake import Lake
from flows.lake.published import Latest
from flows.report.run_summary import RunRecord
from flows.report.site import build as site
from flows.report.verification.problems import Problems
from flows.storage.storage import Storage
from schemas.codes import Damage, Remedy
from schemas.fields import SCHEMA_VERSION
from schemas.records import Key
from schemas.tables import TABLES

_MARK = "lake.json"
_LAST_RUNS = "last_runs.json"
_RUN = re.compile(r"runs/[0-9]{8}T[0-9]{6}Z-[A-Za-z0-9-]+\.json")
_SEEN = re.compile(r"seen/([0-9a-f]{2})/(\1[0-9a-f]{62})\.json")
_HELD = re.compile(r"quarantine/([0-9a-f]{64})\.([a-z0-9_-]{1,64})/(reason\.json|document\.[a-z]+)")
_ALERT = re.compile(r"alerts/[0-9]{4}-[0-9]{2}-[0-9]{2}\.[a-z_]+\.json")
_ARCHIVED = re.compile(r"archive/([0-9a-f]{2})/\1[0-9a-f]{62}\.(gz|[a-z0-9_-]{1,64}\.json)")
_PUT_THERE = Damage.FOREIGN, Remedy.MOVE
_CHANGED = "It was changed since it was written."

_SITE = f"{site.IN_LAKE}/"

_OWN = {_MARK, _LAST_RUNS, latest.NAME, latest.UNFINISHED, PACKAGE}
_ELSEWHERE = ("archive/", ".temporary/", *(f"{table.name}/" for table in TABLES))
"""What other checks look at, and where half-written files lie."""


def check_archive(lake: Lake, problems: Problems) -> set[Key]:
    """Look at every document and its provenance record; return the documents that have both."""
    try:
        found = archive_verification.verify(lake.archive)
    except LakeError as error:
        problems.add("archive", Damage.UNREADABLE, Remedy.PERMIT, str(error))
        return lake.archive.keys()
    for problem in found.problems:
        # What was put there besides is in the way of nothing, and no document mends it.
        ours = _ARCHIVED.fullmatch(problem.path)
        code, remedy = (Damage.ARCHIVE, Remedy.TAKE_IN_AGAIN) if ours else _PUT_THERE
        problems.add(problem.path, code, remedy, f"It {problem.problem}." if ours else "")
    broken = {problem.path.rpartition("/")[2] for problem in found.problems}
    return {
        (source, sha256)
        for source, sha256 in sorted(lake.archive.keys())
        if f"{sha256}.gz" not in broken and f"{sha256}.{source}.json" not in broken
    }


def check_side_files(lake: Lake, said: Latest | None, problems: Problems) -> None:
    """Look at everything else; a file that nothing made is named."""
    storage = lake.storage
    _check_root(storage, said, problems)
    held: dict[Key, set[str]] = {}
    pages: list[str] = []
    for name in storage.names():
        last = name.rpartition("/")[2]
        hidden = last.startswith(files.TEMPORARY_PREFIX) or last.endswith(".lock")
        if name in _OWN or name.startswith(_ELSEWHERE) or hidden:
            continue
        if name.startswith(_SITE):
            pages.append(name)
        elif _ALERT.fullmatch(name):
            _check_json(storage, name, KeptAlert, Remedy.BACKUP, problems)
        elif _RUN.fullmatch(name):
            _check_json(storage, name, RunRecord, Remedy.BACKUP, problems)
        elif _SEEN.fullmatch(name):
            _check_json(storage, name, LastFetch, Remedy.RUN, problems, _names_itself)
        elif found := _HELD.fullmatch(name):
            held.setdefault((found[2], found[1]), set()).add(found[3])
        else:
            problems.add(name, Damage.FOREIGN, Remedy.MOVE)
    if storage.exists(_LAST_RUNS):
        _check_json(storage, _LAST_RUNS, runs.LastRuns, Remedy.RUN, problems)
    _check_quarantine(lake, storage, held, problems)
    _check_site(storage, pages, problems)


def _check_site(storage: Storage, pages: Collection[str], problems: Problems) -> None:
    """The pages of the site are those of its manifest, and as they were written."""
    if not pages:
        return
    manifest = f"{_SITE}{site.MANIFEST}"
    known = site.read_manifest(_read(storage, manifest) or b"")
    if known is None:
        code = Damage.DAMAGED if manifest in pages else Damage.MISSING
        problems.add(manifest, code, Remedy.RUN)
        return
    of_site = {f"{_SITE}{path}": file.sha256 for path, file in known.items()}
    for name in sorted({*pages, *of_site} - {manifest}):
        content = _read(storage, name)
        if name not in of_site:
            problems.add(name, Damage.FOREIGN, Remedy.MOVE)
        elif content is None:
            problems.add(name, Damage.MISSING, Remedy.RUN)
        elif hashlib.sha256(content).hexdigest() != of_site[name]:
            problems.add(name, Damage.DAMAGED, Remedy.RUN, _CHANGED)


def _check_root(storage: Storage, said: Latest | None, problems: Problems) -> None:
    mark = files.as_json({"format": "tallybook lake", "schema_version": SCHEMA_VERSION})
    if _read(storage, _MARK) != mark:
        problems.add(_MARK, Damage.DAMAGED, Remedy.REBUILD)
    if storage.exists(latest.UNFINISHED):
        problems.add(latest.UNFINISHED, Damage.UNFINISHED, Remedy.RUN)
    if said is None:
        missing = not storage.exists(latest.NAME)
        code = Damage.MISSING if missing else Damage.DAMAGED
        problems.add(latest.NAME, code, Remedy.REBUILD)
        return
    if said.schema_version != SCHEMA_VERSION:
        problems.add(latest.NAME, Damage.OTHER_COLUMNS, Remedy.REBUILD)
    if any(t.rows != sum(file.rows for file in t.files) for t in said.tables.values()):
        problems.add(latest.NAME, Damage.NOT_LISTED, Remedy.REBUILD, "Its rows do not add up.")
    for name, wanted in latest.content(said).items():
        content = _read(storage, name)
        if content is None:
            problems.add(name, Damage.MISSING, Remedy.REBUILD)
        elif content != wanted:
            text = "It says other things than latest.json." if name == PACKAGE else _CHANGED
            problems.add(name, Damage.DAMAGED, Remedy.REBUILD, text)


def _check_json(
    storage: Storage,
    name: str,
    kind: Any,
    remedy: Remedy,
    problems: Problems,
    fits: Callable[[str, Any], bool] = lambda name, record: True,
) -> None:
    """Look at a file of JSON: its type, its keys, its seal, and whether it fits its name."""
    content = _read(storage, name)
    if content is None:
        problems.add(name, Damage.UNREADABLE, Remedy.PERMIT)
        return
    try:
        record = msgspec.json.decode(content, type=kind)
        keys = {field.encode_name for field in msgspec.structs.fields(kind)} | {"checksum"}
        unknown = json.loads(content).keys() - keys
        whole = files.seal_holds(content) and not unknown and fits(name, record)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        whole = False
    if not whole:
        problems.add(name, Damage.DAMAGED, remedy, _CHANGED)


def _names_itself(name: str, record: LastFetch) -> bool:
    address = f"{record.source}\n{record.url}".encode("utf-8", "replace")
    return name.endswith(f"/{hashlib.sha256(address).hexdigest()}.json")


def _check_quarantine(
    lake: Lake, storage: Storage, held: Mapping[Key, set[str]], problems: Problems
) -> None:
    """Each held document is whole, has its reason, and is in the archive."""
    archived = lake.archive.keys()
    for key, names in held.items():
        folder = quarantine.folder(key)
        for name in names - {"reason.json"}:
            content = _read(storage, f"{folder}/{name}")
            if content is None or hashlib.sha256(content).hexdigest() != key[1]:
                problems.add(f"{folder}/{name}", Damage.DAMAGED, Remedy.REBUILD)
        if len(names) != 2:
            problems.add(folder, Damage.MISSING, Remedy.REBUILD, "A file of it is not there.")
        if key not in archived:
            problems.add(folder, Damage.UNKNOWN_DOCUMENT, Remedy.REBUILD)
        if "reason.json" in names:
            _check_json(storage, f"{folder}/reason.json", quarantine.Held, Remedy.REBUILD, problems)


def _read(storage: Storage, name: str) -> bytes | None:
    try:
        return storage.read(name)
    except OSError:
        return None
