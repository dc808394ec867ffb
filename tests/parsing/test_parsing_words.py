"""Words and phrases, as the lexicon spells them."""

import pytest

from bot.parsing.context import last_sign, word_before
from bot.parsing.words import PhraseBook, fold, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Can't send E-Mails!", ["cant", "send", "e", "mails"]),
        ("\u00c9chec d\u2019envoi".replace("\u2019", "'"), ["echec", "denvoi"]),
        ("Stra\u00dfe 1&1 at&t", ["strasse", "1&1", "at&t"]),
        ("smtp_port=587", ["smtp", "port", "587"]),
        ("", []),
        ("... !!! \U0001f600", []),
        ("a" * 41 + " b", ["b"]),
    ],
)
def test_text_is_taken_apart_into_folded_words(text: str, words: list[str]) -> None:
    """Case, accents and apostrophes are gone, and what is too long for a word is left out."""
    assert [word.text for word in words_of(text)] == words


def found_in(text: str, *phrases: str) -> list[str]:
    """The phrases that are found in `text`."""
    book: PhraseBook[str] = PhraseBook()
    for phrase in phrases:
        book.add(phrase, phrase)
    return sorted(found.payload for found in book.find(words_of(text)))


@pytest.mark.parametrize(
    ("text", "phrase", "is_found"),
    [
        ("I cannot send", "cannot send", True),
        ("I cannot really send", "cannot send", False),
        ("I cannot for now send it", "cannot * send", True),
        ("I cannot send", "cannot * send", True),
        ("cannot one two three four send", "cannot * send", True),
        ("cannot one two three four five send", "cannot * send", False),
        ("I cannot. You send", "cannot * send", False),
        ("I cannot\nsend it", "cannot * send", False),
        ("it bounces", "bounc*", True),
        ("it bounc", "bounc*", True),
        ("it boun", "bounc*", False),
        ("l\u00e4uft wieder", "lauft wieder", True),
        ("It can't", "can't", True),
        ("It cant", "can't", True),
    ],
)
def test_phrases_are_found_as_documented(text: str, phrase: str, is_found: bool) -> None:
    """A star is a gap of up to four words within a sentence, or an open end."""
    assert found_in(text, phrase) == ([phrase] if is_found else [])


def test_phrases_within_phrases_are_all_found() -> None:
    """A short phrase does not hide behind a long one."""
    phrases = ("not working", "working", "still not working", "work*")

    assert found_in("still not working", *phrases) == sorted(phrases)


def test_fold_keeps_plain_text() -> None:
    """What is plain stays."""
    assert fold("Mail 587") == "mail 587"


@pytest.mark.parametrize(
    ("text", "at", "word", "sign"),
    [
        ("Port: 587", 6, "port", ":"),
        ('"port": "25"', 9, "port", '"'),
        ("587", 0, "", ""),
        ("a\n587", 2, "a", ""),
        ("smtp_port = 25", 12, "smtp_port", "="),
        ("don't 25", 6, "don't", "t"),
    ],
)
def test_context_is_read_backwards(text: str, at: int, word: str, sign: str) -> None:
    """The word and the sign before a place are found without reading far."""
    assert word_before(text, at) == word
    assert last_sign(text, at) == sign
