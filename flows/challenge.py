"""Tell a page that holds text from an empty shell and from a challenge ("are you a robot")."""

import re

LEAST_TEXT = 100
"""Fewer visible characters than this are no bulletin, however short."""

MOST_CHALLENGE_TEXT = 1500
"""A challenge page says little; a longer text that speaks of captchas is an article."""

_HIDDEN = re.compile(
    rb"<(script|style|template|svg)\b.*?(</\1\s*>|\Z)|<!--.*?(-->|\Z)", re.I | re.S
)
_TAG = re.compile(rb"<[^<>]*>")
_SPACE = re.compile(rb"\s+")
_CHALLENGE = re.compile(
    rb"just a moment|captcha|checking (if the site|your browser)|are you a robot|not a robot"
    rb"|verify(ing)? (that )?you are (a )?human|enable javascript|unusual traffic|ddos protection"
    rb"|attention required|access denied",
    re.I,
)


def is_article(content: bytes) -> bool:
    """Whether a page's bytes (HTML, text or JSON) show enough text, and none that asks for a proof.

    It is a coarse sieve in front of the archive; whether the text is a bulletin is for the parser.
    """
    visible = _SPACE.sub(b" ", _TAG.sub(b" ", _HIDDEN.sub(b" ", content))).strip()
    if len(visible) < LEAST_TEXT:
        return False
    return len(visible) > MOST_CHALLENGE_TEXT or not _CHALLENGE.search(visible)
