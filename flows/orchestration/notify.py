"""Sends one message to one addressee, through apprise or a notification block of Prefect.

What comes back, and what is logged, holds no address: in apprise's URLs tokens stand anywhere.
"""

import logging
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any
from urllib.parse import unquote

from apprise import Apprise, AppriseAsset, LogCapture, NotifyFormat

from flows.redact import HIDDEN, shown

_PARTS = re.compile(r"[\s,/:@?&=;#]+")
"""What stands between the parts of an apprise URL: each of them may be a token."""

_SHORTEST = 3
"""Characters of a part that is masked: shorter ones stand in every word."""


def deliver(to: str, title: str, body: str) -> str | None:
    """Send a message to "env:NAME" or "block:TYPE/NAME"; return why it was not sent, else None.

    It is tried once, apprise waiting some seconds for an answer. Raises nothing.
    """
    kind, _, name = to.partition(":")
    try:
        if kind == "env":
            urls = os.environ.get(name, "").strip()
            if not urls:
                return f"the environment variable {name} is not set"
            return _by_apprise(urls, title, body)
        return _by_block(name, title, body)
    except Exception as error:  # any sender, of any block: its text may hold the address
        return f"sending it raised {type(error).__name__}"


def _by_apprise(urls: str, title: str, body: str) -> str | None:
    asset = AppriseAsset(app_id="Tallybook", app_desc="Tallybook", app_url="")
    client = Apprise(asset=asset)
    with _apprise_log() as said:
        if not client.add(urls):
            return "what is kept there is no apprise URL"
        if client.notify(title=title, body=body, body_format=NotifyFormat.TEXT):
            return None
    return _without(urls, said.getvalue()) or "the addressee did not take it"


def _by_block(name: str, title: str, body: str) -> str | None:
    # Prefect's import takes 1.5 s, and the class of a block is known once it is imported.
    import prefect.blocks.notifications  # noqa: F401
    from prefect.blocks.abstract import NotificationBlock, NotificationError
    from prefect.blocks.core import Block
    from prefect.blocks.system import Secret

    try:
        block = Block.load(name)  # without a coroutine: flows are ordinary functions here
    except ValueError:
        return f"there is no Prefect block {name} that can be loaded"
    if isinstance(block, Secret):
        return _by_apprise(block.value.get_secret_value(), title, body)
    if not isinstance(block, NotificationBlock):
        return f"the Prefect block {name} sends no notifications"
    sender: Any = block
    with _apprise_log():
        try:
            with sender.raise_on_failure():
                sender.notify(body, subject=title)
        except NotificationError:  # its text may hold the address
            return f"the Prefect block {name} could not send it"
    return None


@contextmanager
def _apprise_log() -> Iterator[StringIO]:
    """Collect what apprise warns of inside the block; it goes nowhere else."""
    logger = logging.getLogger("apprise")
    propagate = logger.propagate
    logger.propagate = False
    try:
        with LogCapture(level=logging.WARNING, fmt="%(message)s") as said:  # type: ignore[no-untyped-call]
            yield said
    finally:
        logger.propagate = propagate


def _without(secret: str, text: str) -> str:
    """Return a text as one line without any part of what is secret."""
    parts = {part for whole in (secret, unquote(secret)) for part in _PARTS.split(whole)}
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SHORTEST:
            text = text.replace(part, HIDDEN)
    return shown(text)
