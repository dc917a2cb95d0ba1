"""`lake.json`, the mark of a lake: what makes a folder one, and the schema version of its tables.

It is written when a lake is made, before all else, and when a rebuild brings one up to date. Where
it is lost or damaged, what else is there tells that it is a lake; a rebuild writes it anew.
"""

from contextlib import suppress

import msgspec

from flows import files
from flows.archive import store
from flows.errors import LakeError
from flows.lake import parquet, runs
from flows.storage.storage import Storage
from schemas.fields import SCHEMA_VERSION
from schemas.tables import TABLES

NAME = "lake.json"

_LATEST = "latest.json"


def write(storage: Storage) -> None:
    """Mark a lake as one of the present schema version. Raises LakeError."""
    content = {"format": "tallybook lake", "schema_version": SCHEMA_VERSION}
    storage.write(NAME, files.as_json(content))


def version(storage: Storage, *, older: bool) -> int:
    """Return the schema version of a lake's tables.

    `older`: an older one will do, and 0 is that of a lake whose mark is lost or damaged. Raises
    LakeError for any other than the present one.
    """
    found = _named(storage)
    if found is None:
        if not is_lake_without(storage):
            raise LakeError(
                f"{storage.where(NAME)} is no mark of a lake, and there is no document and no "
                "table beside it. Remove it, and `tallybook run` makes a new lake there; or give "
                "another folder."
            )
        if not older:
            raise lost(storage, "is damaged")
        found = _told_elsewhere(storage)
    if found > SCHEMA_VERSION:
        raise LakeError(
            f"The lake {storage} was written by a newer Tallybook (schema {found}; this one "
            f"knows up to {SCHEMA_VERSION}). Update Tallybook, or use another lake."
        )
    if found < SCHEMA_VERSION and not older:
        raise LakeError(
            f"The lake {storage} was written by an older Tallybook (schema {found}; this one "
            f"writes {SCHEMA_VERSION}). `tallybook rebuild --lake {storage}` brings it up to "
            "date: from its own archive, offline, its revisions kept."
        )
    return found


def lost(storage: Storage, how: str) -> LakeError:
    """Return the error of a lake whose mark is lost or damaged; it says what brings it back."""
    return LakeError(
        f"{storage.where(NAME)}, the mark of a lake, {how}. If this is your lake, "
        f"`tallybook rebuild --lake {storage}` writes it anew, and the tables with it, from the "
        "archive."
    )


def is_lake_without(storage: Storage) -> bool:
    """Whether what lies there is a lake, whatever its mark says: it has documents, or tables."""
    if any(parquet.partitions(storage, table) for table in TABLES):
        return True
    return any(store.RECORD_NAME.fullmatch(n.rpartition("/")[2]) for n in storage.names("archive"))


def _named(storage: Storage) -> int | None:
    """Return the schema version that the mark names; None where it is lost or damaged.

    Raises LakeError where the system does not let us open it.
    """
    try:
        return msgspec.convert(runs.json_object(storage, NAME)["schema_version"], int)
    except LakeError as error:
        if isinstance(error.__cause__, PermissionError):
            raise
    except (KeyError, msgspec.ValidationError):
        pass
    return None


def _told_elsewhere(storage: Storage) -> int:
    """Return a newer schema version than ours where the tables are of one, else 0."""
    told = [
        parquet.schema_version(storage, table, partition)
        for table in TABLES
        for partition in parquet.partitions(storage, table)
    ]
    with suppress(LakeError, KeyError, msgspec.ValidationError):
        told.append(msgspec.convert(runs.json_object(storage, _LATEST)["schema_version"], int))
    newest = max(told, default=0)
    return newest if newest > SCHEMA_VERSION else 0
