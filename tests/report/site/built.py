"""Lakes and their sites for the tests: small ones, and pages as a browser would take them apart."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from html.parser import HTMLParser
from pathlib import Path

from flows.lake.lake import open_lake
from flows.report.site.build import Built, build
from flows.settings import SourceConfig
from flows.storage.local import LocalStorage
from schemas.records import war_day
from tests.plain_runs import folder, run_job

FIRST = date(2023, 10, 2)


def bulletin(day: date, tanks: int, delta: int | None, heading: str = "") -> str:
    """Return a short bulletin of three categories in plain text, the tanks' numbers as given."""
    n = war_day(day)
    change = "" if delta is None else f" (+{delta})"
    return (
        f"{heading}\nThe enemy's losses as of {day:%B} {day.day}, {day.year}. Day {n}\n"
        f"tanks - {tanks}{change}\nartillery systems - {6500 + n} (+1)\nMLRS - 800 (+0)\n"
        "aircraft - 315 (+0)\nhelicopters - 316 (+0)\n"
    )


def lake_of(root: Path, texts: Mapping[str, str]) -> Path:
    """Publish documents, by the names of their files, in a lake below `root`; return its path."""
    archive = root / "archive"
    archive.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (archive / name).write_text(text, "utf-8")
    run_job("backfill", root / "lake", folder(archive))
    return root / "lake"


def days_of(totals: Iterable[tuple[int, int | None]], first: date = FIRST) -> dict[str, str]:
    """Return a document a day with the tanks' (total, delta)."""
    days = ((first + timedelta(days=n), *numbers) for n, numbers in enumerate(totals))
    return {f"{day}.txt": bulletin(day, total, delta) for day, total, delta in days}


def site_of(lake: Path, out: Path, against: Path | None = None) -> Built:
    """Build the site of a lake whose one source is a folder."""
    sources = {"folder": SourceConfig("folder", "folder")}
    return build(open_lake(lake), LocalStorage(out), sources, against)


def pages_of(out: Path) -> dict[str, "Parsed"]:
    """Return every page of a site, parsed, by its path."""
    return {
        path.relative_to(out).as_posix(): Parsed(path.read_text("utf-8"))
        for path in sorted(out.rglob("*.html"))
    }


class Parsed(HTMLParser):
    """A page: its elements with their attributes, the ids, its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element."""
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data

    @property
    def ids(self) -> set[str]:
        """The ids of the elements."""
        return {attributes["id"] or "" for _, attributes in self.elements if "id" in attributes}

    @property
    def links(self) -> list[str]:
        """Where the page links to, and what it loads."""
        return [
            value
            for _, attributes in self.elements
            for name in ("href", "src")
            if (value := attributes.get(name))
        ]
