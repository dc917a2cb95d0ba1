"""The first look: the words of the language files are seen in text and bytes; others are not."""

import pytest

from flows.extract.prefilter import may_hold_bulletin
from flows.extract.prefilter_bytes import may_be_bulletins
from schemas.languages import load_languages

ENDINGS = [
    (anchor, ending)
    for language in load_languages().values()
    for anchor, endings in language.anchor_endings.items()
    for ending in endings
]


def looks(page: str) -> set[bool]:
    """What both looks say of a page."""
    return {may_hold_bulletin(page), *may_be_bulletins([page.encode()])}


@pytest.mark.parametrize("code", sorted(load_languages()))
def test_the_anchors_of_a_language_are_seen(code: str) -> None:
    language = load_languages()[code]
    for anchor in language.anchors:
        for ending in language.anchor_endings.get(anchor, ("",)):
            word = anchor + ending.removesuffix("~")
            assert looks(f"<p>5 {word} 6</p>") == {True}, word
            assert looks(f"<p>5 {word.upper()}, 6</p>") == {True}, word


@pytest.mark.parametrize(("anchor", "ending"), sorted(set(ENDINGS)))
def test_an_anchor_that_every_page_holds_counts_as_a_whole_word_alone(
    anchor: str, ending: str
) -> None:
    word = anchor + ending.removesuffix("~")
    assert looks(f"<p>dis{word}</p>") == {False}
    assert looks(f"<p>{word}x</p>") == {ending.endswith("~")}


def test_what_every_page_holds_is_no_word_of_a_bulletin() -> None:
    assert looks('<meta charset="utf-8"> a long distance, a carrier, a character') == {False}


def test_a_text_of_letters_written_as_numbers_may_be_anything() -> None:
    assert may_hold_bulletin("".join(f"&#{ord(letter)};" for letter in "бетон" * 40))
    assert not may_hold_bulletin("&#8217;" * 20)
