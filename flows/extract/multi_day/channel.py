"""The web preview of a Telegram channel: many posts on a page, few of them the bulletin."""

import re
from collections.abc import Callable
from datetime import datetime

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import ElementNode, HTMLTree

from flows.extract.limits import MOST_POSTS, check_markup, too_complex
from flows.extract.multi_day.base import Contents, Part, assemble, moved_passages
from flows.extract.passages import marked, unmarked
from flows.moments import iso_moment

_POST = "tgme_widget_message"
"""The class of a post on t.me/s/CHANNEL, with which those of its parts begin."""

_POSTS = re.compile("data-post=", re.IGNORECASE)
"""What each post has."""

_QUOTED = "reply_text"
"""In the class of the text that a post quotes, because it replies to it."""


def is_channel(markup: str) -> bool:
    """Whether a page is the preview of a channel."""
    return f"{_POST}_wrap" in markup and "data-post=" in markup


def channel(markup: str, clean: Callable[[str], str]) -> Contents:
    """Return the posts that have a text, each below its name "CHANNEL/ID" and its time in UTC.

    `clean` is what is done to the text of every page. A post may be about anything. Raises
    NotABulletin for more posts than a page shows.
    """
    if len(_POSTS.findall(markup)) > MOST_POSTS:
        raise too_complex(f"more than {MOST_POSTS} posts of a channel")
    check_markup(markup)
    body = HTMLTree.parse(markup).body
    # As a slice: to step through the list itself costs the length of the list at each step.
    posts = body.query_selector_all(f".{_POST}[data-post]")[:] if body else ()
    return assemble(_piece(post, clean) for post in posts)


def _piece(post: ElementNode, clean: Callable[[str], str]) -> tuple[str, Part]:
    time = _time(post)
    name = clean(post.getattr("data-post", "") or "")
    head = f"{name} {time:%Y-%m-%d %H:%M} UTC\n" if time else f"{name}\n"
    own, passages = unmarked(clean(_text(post)))
    text = f"{head}{own}\n"
    part = Part(
        len(head),
        len(text),
        published_at=time,
        optional=True,
        forwarded=post.query_selector(f".{_POST}_forwarded_from") is not None,
        passages=moved_passages(passages, len(head)),
    )
    return text + "\n", part


def _text(post: ElementNode) -> str:
    """Return the text of a post itself: what it replies to has a place of its own before it."""
    texts = post.query_selector_all(f".{_POST}_text")
    body = next((text for text in texts if _QUOTED not in (text.class_name or "")), None)
    if not body:
        return ""
    return extract_plain_text(marked(body.html), preserve_formatting=True, list_bullets=False)


def _time(post: ElementNode) -> datetime | None:
    """Return when a post was published; None where it names no moment with its offset."""
    element = post.query_selector(f".{_POST}_date time[datetime]")
    moment = iso_moment(element.getattr("datetime")) if element else None
    return moment if moment and moment.tzinfo else None
