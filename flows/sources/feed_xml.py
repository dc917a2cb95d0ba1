"""Feeds and sitemaps as lists of addresses: RSS, RDF, Atom, sitemap, read without any entity.

The shapes are those of RSS 2.0 and RSS 1.0 (RDF), RFC 4287 (Atom) and sitemaps.org.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urljoin, urlsplit
from xml.parsers import expat

from flows.errors import NotThePage
from flows.moments import header_moment, in_utc, iso_moment
from flows.redact import shown

_ITEMS = frozenset({"item", "entry", "url", "sitemap"})
"""The elements of RSS and RDF, Atom, a sitemap, and an index of sitemaps."""

_LINKS = frozenset({"link", "loc", "guid", "id"})
"""Where the address stands; a guid or id is one only where no link follows."""

_TIMES = frozenset({"pubDate", "date", "published", "updated", "lastmod", "publication_date"})
"""When an item appeared; the first of an item counts."""

_DEEPEST = 50
"""Elements inside each other: real feeds have some 5, a hostile one may have millions."""


class _Unreadable(Exception):
    """The document does what no feed needs."""


@dataclass(slots=True)
class Item:
    """One item of a feed or a sitemap; `published_at` is aware, None where it is not told.

    `index`: its link is that of another sitemap.
    """

    link: str = ""
    title: str = ""
    published_at: datetime | None = None
    index: bool = False


def read_items(content: bytes, url: str) -> tuple[Item, ...]:
    """Return the items that have a web address, in the order of the feed at `url`.

    Raises NotThePage for what is no XML, or declares entities: no feed needs them, and they can
    unfold to any size or name files.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(content, True)
    except (expat.ExpatError, _Unreadable) as error:
        raise NotThePage(f"{shown(url)}: neither a feed nor a sitemap: {error}") from error
    except (ValueError, LookupError) as error:
        if reader.began:
            raise  # a mistake of this module
        # The encoding that it declares is none, or one that expat cannot read.
        raise NotThePage(f"{shown(url)}: neither a feed nor a sitemap: {error}") from error
    return tuple(_with_address(reader.items, url))


def _with_address(items: list[Item], url: str) -> Iterator[Item]:
    for item in items:
        try:
            item.link = urljoin(url, item.link.strip())
            usable = urlsplit(item.link).scheme in ("http", "https")
        except ValueError:
            usable = False
        if usable:
            item.title = " ".join(item.title.split())
            yield item


@dataclass
class _Reader:
    """Collects the items while expat walks through the document."""

    items: list[Item] = field(default_factory=list)
    path: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    item: Item | None = None
    began: bool = False
    parser: expat.XMLParserType = field(init=False)

    def __post_init__(self) -> None:
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.text.append
        self.parser.EntityDeclHandler = self.refuse
        self.parser.ExternalEntityRefHandler = self.refuse

    def refuse(self, *_: object) -> int:
        """Stop at a declaration of an entity: they can unfold to any size or name files."""
        raise _Unreadable("it declares entities, which are not read")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Begin an element; an Atom link has its address in an attribute."""
        self.began = True
        if len(self.path) >= _DEEPEST:
            raise _Unreadable("its elements are nested too deeply")
        local = name.rpartition(" ")[2]
        self.path.append(local)
        self.text.clear()
        if local in _ITEMS:
            self.item = Item(index=local == "sitemap")
        elif self.item and local == "link" and attributes.get("rel", "alternate") == "alternate":
            self.item.link = attributes.get("href", self.item.link)

    def end(self, name: str) -> None:
        """Take what an element of an item says; the text of other elements is passed over."""
        local = self.path.pop()
        text = "".join(self.text).strip()
        self.text.clear()
        if self.item is None or not text:
            pass
        elif local == "link" or (local in _LINKS and not self.item.link):
            self.item.link = text
        elif local == "title":
            self.item.title = self.item.title or text
        elif local in _TIMES:
            self.item.published_at = self.item.published_at or _moment(text)
        if self.item and local in _ITEMS:
            self.items.append(self.item)
            self.item = None


def _moment(text: str) -> datetime | None:
    """Return a time as RFC 822 or ISO 8601 print it; without an offset it is taken as UTC."""
    return in_utc(iso_moment(text) or header_moment(text))
