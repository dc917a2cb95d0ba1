"""Limits that come before the work that they limit: the same on every machine, whatever its load.

Reading takes time in proportion to a document's length, but for a few shapes that no page has.
These are refused as `too_complex` before anything is built of them; each check is a look over the
text that costs next to nothing on an ordinary page.
"""

import re
import unicodedata

from flows.extract.refusal import NotABulletin
from schemas.codes import Reason

MOST_TAGS = 60_000
"""Tags of a page; long ones, with hundreds of comments, have some 20,000."""

MOST_ATTRIBUTES = 500
"""Attributes of a tag, each of which is compared with the ones before it; pages have up to 40."""

MAX_BESIDE = 2_000_000
"""Characters beside an article that are looked at; what has more may hold anything."""

MOST_MARKS = 30
"""Combining marks on one letter, which are put in order; the languages of the world need five."""

MOST_POSTS = 200
"""Posts of a channel's page, each of which is a text of its own; the preview shows 20."""

MOST_ROOTS = 20
"""Tags of `html` or `body`: the attributes of further ones are added to the first, each compared
with all before it. Pages that were put together of some have five."""

_LONG_TAG = 1_000
"""Characters of a tag from which on it could have too many attributes."""

_QUOTED = re.compile(r'"[^"]*+"|\'[^\']*+\'')
"""The value of an attribute: what stands in it are no attributes."""

_FORMATTING = re.compile(
    r"<(/?)(?=[bcefinstu])"
    r"(?:b(?:ig)?|code|em|font|i|nobr|s(?:mall|trike|trong)?|tt|u)(?=[\s/>])",
    re.IGNORECASE,
)
"""The tags of formatting elements but for links, of which only one is open at a time.

Most tags begin with another letter: that is asked first.
"""

_ROOT = re.compile(r"<(?:html|body)[\s/]", re.IGNORECASE)

_SIGNS = re.compile(rf"[^\w\s\x00-\x7f]{{{MOST_MARKS + 1},}}+")
"""A run that may be one of combining marks; it may be one of dots or lines as well."""


def check_markup(markup: str) -> None:
    """Raise NotABulletin for HTML with more tags, or attributes of one, than a page has."""
    pieces = markup.split("<")
    if len(pieces) > MOST_TAGS:
        raise too_complex(f"more than {MOST_TAGS} tags")
    if len(_ROOT.findall(markup)) > MOST_ROOTS:
        raise too_complex(f"more than {MOST_ROOTS} tags of html or body")
    if max(map(len, pieces)) <= _LONG_TAG:
        return
    for piece in pieces[1:]:
        tag = piece.partition(">")[0]
        if len(tag) <= _LONG_TAG or not tag[0].isalpha():
            continue
        if len(_QUOTED.sub(" ", tag).replace("/", " ").split()) > MOST_ATTRIBUTES:
            raise too_complex(f"a tag with more than {MOST_ATTRIBUTES} attributes")


def unformatted(markup: str) -> str:
    """Return the markup with formatting elements (`b`, `font` ...) made plain `span`.

    The text is the same. HTML opens formatting elements that were left open anew in every block
    behind, and disentangles those that overlap blocks (13.2.4.3, 13.2.6.4.7): a page of 60 kB can
    keep a parser busy for minutes with it.
    """
    return _FORMATTING.sub(_as_span, markup)


def _as_span(tag: re.Match[str]) -> str:
    return "</span" if tag[1] else "<span"


def composed(text: str) -> str:
    """Return a text with its letters composed (NFC).

    Raises NotABulletin where more combining marks follow each other than any writing needs: to put
    them in order takes time that grows with the square of their number.
    """
    if unicodedata.is_normalized("NFC", text):
        return text
    for signs in _SIGNS.finditer(text):
        run = 0
        for sign in signs[0]:
            run = run + 1 if unicodedata.combining(sign) else 0
            if run > MOST_MARKS:
                raise too_complex(f"more than {MOST_MARKS} combining marks on a letter")
    return unicodedata.normalize("NFC", text)


def too_complex(what: str) -> NotABulletin:
    """Return the refusal of a document that is made of too many of something."""
    return NotABulletin(Reason.TOO_COMPLEX, f"not a bulletin: {what}, which no bulletin has")
