"""The web preview of a Telegram channel: many posts on a page, few of them the bulletin."""

from collections.abc import Callable
from datetime import UTC, datetime

from resiliparse.extract.html2text import extract_plain_text
from resiliparse.parse.html import ElementNode, HTMLTree

from flows.extract.multi_day.base import Contents, Part, assemble, moved_passages
from flows.extract.passages import marked, unmarked

_POST = "tgme_widget_message"
"""The class of a post on t.me/s/CHANNEL, with which those of its parts begin."""

_QUOTED = "reply_text"
"""In the class of the text that a post quotes, because it replies to it."""


def is_channel(markup: str) -> bool:
    """Whether a page is the preview of a channel."""
    return f"{_POST}_wrap" in markup and "data-post=" in markup


def channel(markup: str, clean: Callable[[str], str]) -> Contents:
    """Return the posts that have a text, each below its name "CHANNEL/ID" and its time in UTC.

    `clean` is what is done to the text of every page. A post may be about anything.
    """
    body = HTMLTree.parse(markup).body
    posts = body.query_selector_all(f".{_POST}[data-post]") if body else ()
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
    try:
        moment = datetime.fromisoformat(str(element.getattr("datetime")) if element else "")
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None
