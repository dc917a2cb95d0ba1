"""robots.txt: what a host lets programs fetch, and how slowly."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

NAME = "Tallybook"
"""The name that a robots.txt would address us by."""

LARGEST = 512 * 2**10
"""Bytes of a robots.txt that are read (RFC 9309 asks for 500 KiB at least)."""

LONGEST_DELAY = 30.0
"""A crawl delay above this many seconds is meant for crawlers, not for a page a day."""


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules of one host; without a file everything is allowed."""

    parsed: Protego | None = None

    def allow(self, url: str) -> bool:
        """Whether this address of the host may be fetched."""
        return self.parsed is None or bool(self.parsed.can_fetch(url, NAME))

    @property
    def delay(self) -> float:
        """Seconds to leave between two requests, as far as they are asked within reason."""
        delay = self.parsed.crawl_delay(NAME) if self.parsed else None
        return min(delay or 0.0, LONGEST_DELAY)


def address(url: str) -> str:
    """Return where the robots.txt lies that an address is subject to."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{host}/robots.txt"


def rules(content: bytes) -> Rules:
    """Return the rules of a robots.txt; what is no such file has none."""
    return Rules(Protego.parse(content[:LARGEST].decode("utf-8-sig", "replace")))
