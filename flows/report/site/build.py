"""Builds the site: reads a lake, renders, and writes what changed, the first page last."""

import hashlib
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files as packaged
from itertools import groupby
from pathlib import Path

import msgspec

from flows import files
from flows.errors import UsageError
from flows.lake import parquet
from flows.lake.lake import Lake
from flows.report.site import pages
from flows.report.site.addresses import month_of
from flows.report.site.content import SiteContent, SiteDay, read_content
from flows.report.site.download import wide_csv
from flows.report.site.printed_words import printed_words
from flows.settings import SourceConfig, tool_version
from flows.storage.storage import Storage
from schemas.tables import TABLES

MANIFEST = "site.json"
"""What the site is made of: each file with its hash, a month's page with what it was made from."""

FIRST = "index.html"

IN_LAKE = "report"
"""The folder of a lake in which a run keeps its site."""

DOWNLOAD = "losses.csv"

_FOLDERS = ("assets", "days", "categories")
"""Where pages and what they need are, beside the first ones."""

_SINGLE = tuple(
    f"{name}.html" for name in ("audit", "findings", "rules", "sources", "about", "against")
)


_log = logging.getLogger(__name__)


class PageFile(msgspec.Struct, frozen=True):
    """A file of the site: its SHA-256, and that of what it was made from, null if not kept."""

    sha256: str
    made_of: str | None


class Manifest(msgspec.Struct, frozen=True):
    """The files of the site by their paths, but for the manifest itself."""

    files: dict[str, PageFile]


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: how many files it wrote, left as they were, and removed; bytes in all."""

    written: int
    unchanged: int
    removed: int
    size: int


def build(
    lake: Lake,
    out: Storage,
    sources: Mapping[str, SourceConfig],
    against: Path | None = None,
    *,
    folder: str = "",
) -> Built:
    """Make, or bring up to date, the site of a lake in a folder of a storage ("": all of it).

    `sources` are the configured ones, the preferred one first; `against` is a file of totals to
    compare with. Each file is whole at any moment, and the first page is written last. Raises
    UsageError where the folder holds other files than such a site, LakeError where the lake cannot
    be read or the folder not written.
    """
    with lake.storage.reading_once():
        return _build(lake, out, sources, against, f"{folder}/" if folder else "")


def _build(
    lake: Lake,
    out: Storage,
    sources: Mapping[str, SourceConfig],
    against: Path | None,
    prefix: str,
) -> Built:
    known = _manifest(out, prefix)
    out.read_ahead([prefix + path for path in known])
    tables = ((table, part) for table in TABLES for part in parquet.partitions(lake.storage, table))
    lake.storage.read_ahead([parquet.file_name(*one) for one in tables])
    content = read_content(lake, sources, against)
    rendered: pages.Pages = pages.assets() | pages.other_pages(content)
    for category in content.categories:
        rendered[f"categories/{category}.html"] = pages.category_page(content, category)
    keys = {}
    kept = {}
    for month, grouped in groupby(content.days, key=lambda day: month_of(day.report_date)):
        days, path = tuple(grouped), f"days/{month}.html"
        keys[path] = _key(content, days)
        page = _read(out, prefix + path)
        if page is not None and known.get(path) == PageFile(_sha256(page), keys[path]):
            kept[path] = page
        else:
            rendered[path] = pages.month_page(content, days, printed_words(lake, days))
    rendered["feed.xml"] = pages.feed(content)
    rendered[DOWNLOAD] = wide_csv(content)
    first = {FIRST: pages.overview_page(content)}
    every = rendered | kept | first
    made = {path: PageFile(_sha256(every[path]), keys.get(path)) for path in sorted(every)}
    manifest = {MANIFEST: files.sealed(files.as_json(Manifest(made)))}
    stale = [path for path in known if path not in every and _is_page(path)]
    out.read_ahead([prefix + path for path in every])
    changed = 0
    for batch in (rendered, manifest, first):
        if batch is manifest:  # the next build knows by the old one what a crash left
            out.remove_many(prefix + path for path in stale)
        new = {prefix + p: page for p, page in batch.items() if _read(out, prefix + p) != page}
        out.write_many(new)
        changed += len(new)
    return Built(
        written=changed,
        unchanged=len(every) + 1 - changed,
        removed=len(stale),
        size=sum(map(len, (*every.values(), *manifest.values()))),
    )


def sweep(out: Storage, folder: str = "") -> None:
    """Remove what a build that was killed left half written in the site's folders.

    Only while nobody else builds it. Raises UsageError as `build` does, LakeError.
    """
    _manifest(out, f"{folder}/" if folder else "")
    for name in ("", *_FOLDERS):
        out.sweep("/".join(part for part in (folder, name) if part))


def renew(lake: Lake, sources: Mapping[str, SourceConfig]) -> None:
    """Bring the site in the lake's own `report/` up to date; what hinders that is logged.

    The days are published by then: no mistake here may make a run look as if they were not.
    """
    try:
        with lake.storage.locked(f".{IN_LAKE}.lock", guards=(f"{IN_LAKE}/",)):
            sweep(lake.storage, IN_LAKE)
            built = build(lake, lake.storage, sources, folder=IN_LAKE)
    except Exception:
        _log.exception("The pages in %s are not brought up to date.", lake.storage.where(IN_LAKE))
    else:
        _log.debug(
            "%s: %d pages written, %d unchanged",
            lake.storage.where(f"{IN_LAKE}/{FIRST}"),
            built.written,
            built.unchanged,
        )


def _key(content: SiteContent, days: tuple[SiteDay, ...]) -> str:
    """Return what a month's page is made of, in short: days, those beside it, ourselves."""
    recorded = [day.report_date for day in content.days]
    first, last = recorded.index(days[0].report_date), recorded.index(days[-1].report_date)
    beside = recorded[max(first - 1, 0) : first] + recorded[last + 1 : last + 2]
    compared = content.against is not None  # every page leads to that of the comparison
    made_of = msgspec.json.encode((_ourselves(), compared, beside, days), enc_hook=str)
    return hashlib.sha256(made_of).hexdigest()


def _ourselves() -> str:
    """Return what our templates are, in short: a change of them changes every page."""
    folder = packaged("flows.report.site").joinpath("templates")
    templates = sorted(folder.iterdir(), key=lambda entry: entry.name)
    content = b"".join(template.read_bytes() for template in templates)
    return f"{tool_version()} {hashlib.sha256(content).hexdigest()}"


def _sha256(page: bytes) -> str:
    return hashlib.sha256(page).hexdigest()


def read_manifest(content: bytes) -> dict[str, PageFile] | None:
    """Return the files of a site from its manifest; None where that is damaged."""
    try:
        found = msgspec.json.decode(content, type=Manifest).files
        return found if files.seal_holds(content) else None
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None


def _manifest(out: Storage, prefix: str) -> dict[str, PageFile]:
    """Return the files of the site that is there; {} where there is none, or it is damaged.

    Raises UsageError where something else is there.
    """
    content = _read(out, prefix + MANIFEST)
    if content is None:
        if not all(_may_be_ours(name.removeprefix(prefix)) for name in out.names(prefix[:-1])):
            raise UsageError(
                f"{out.where(prefix[:-1])} holds other files and is no report; nothing was written "
                "there. Give an empty or a new folder."
            )
        return {}
    return read_manifest(content) or {}


def _may_be_ours(path: str) -> bool:
    """Whether a build that broke off before its manifest was written may have left this file."""
    temporary = path.rpartition("/")[2].startswith(files.TEMPORARY_PREFIX)
    return temporary or path in ("feed.xml", DOWNLOAD) or _is_page(path)


def _is_page(path: str) -> bool:
    """Whether a path of a manifest can be ours: it names what is removed."""
    inside = path.startswith(tuple(f"{name}/" for name in _FOLDERS)) and ".." not in path.split("/")
    return inside or path in _SINGLE


def _read(out: Storage, name: str) -> bytes | None:
    try:
        return out.read(name)
    except OSError:
        return None
