"""Fetching as the pipeline does it: with the parser's look at the words of a page."""

from functools import partial

from flows.extract.prefilter import may_hold_bulletin
from flows.fetch import blocked_page
from flows.fetch import fetcher as fetching

fetcher = partial(fetching.Fetcher, may_hold_bulletin=may_hold_bulletin)
"""Makes a `Fetcher`."""

fetch = partial(fetching.fetch, may_hold_bulletin=may_hold_bulletin)
"""Fetches a page at the first attempt."""


def what_instead(content: bytes, media_type: str = "text/html") -> str | None:
    """Say what a page is instead of an article."""
    return blocked_page.what_instead(content, media_type, may_hold_bulletin)
