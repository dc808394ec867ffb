"""The search finds by any word, takes any text, and ranks the newest matches."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest
from factories import a_full_session, a_resolution, a_session, a_turn
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.store import search as search_module
from bot.store import texts as texts_module
from bot.store.casebook import SqliteCasebook
from bot.store.words import excerpt, names_in, terms_of


async def ids(casebook: SqliteCasebook, words: str, limit: int = 20, offset: int = 0) -> list[str]:
    """The ids of the cases on a page, in its order."""
    page = await casebook.search(words, limit=limit, offset=offset)
    return [str(case.id) for case in page.cases]


TEXT = (
    "Can't send: Outlook says 0x800CCC0E, smtp.example.com:587 answered '535 5.7.8 Error' "
    "to a-b.example.org. Grüße, sending stopped"
)


@pytest.mark.parametrize(
    "words",
    [
        "smtp.example.com",
        "SMTP.Example.COM.",
        "smtp.example.com:587",
        "example.com",
        "smtp.example",
        "example",
        "a-b.example.org",
        "b.example.org",
        "0x800CCC0E",
        "0x800ccc0e",
        "5.7.8",
        "535 5.7.8",
        "(5.7.8)",
        "can't",
        "outlook send",
        "send outlook",
        "sends",
        "grüße",
        '"outlook"',
        "outlook*",
    ],
)
async def test_a_case_is_found_by_its_words(casebook: SqliteCasebook, words: str) -> None:
    """Hosts, parts of hosts, codes and plain words are found in any case and order."""
    await casebook.keep(a_turn(words=TEXT))
    await casebook.keep(a_turn(words="nothing of the kind", summary="other"))

    assert await ids(casebook, words) == ["1"]


@pytest.mark.parametrize(
    "words", ["thunderbird", "example.net", "ample.com", "5.7", "smtp.example.com thunderbird"]
)
async def test_a_case_is_not_found_by_other_words(casebook: SqliteCasebook, words: str) -> None:
    """All the words must be there, and a part of a word is not the word."""
    await casebook.keep(a_turn(words="outlook smtp.example.com 15.75"))

    assert await ids(casebook, words) == []


async def test_summary_and_note_are_searched_too(casebook: SqliteCasebook) -> None:
    """A case is found by what it is called and by what its resolution says."""
    await casebook.keep(a_turn(a_full_session(), summary="parrot", resolution=a_resolution()))

    assert await ids(casebook, "parrot renewed") == ["1"]
    assert (await casebook.search("renewed", limit=1, offset=0)).cases[0].matched


async def test_a_case_is_found_by_what_it_says_now(casebook: SqliteCasebook) -> None:
    """New words replace the old ones; empty ones leave them."""
    kept = await casebook.keep(a_turn(words="alpha"))
    await casebook.keep(a_turn(replace(kept, revision=2), words="", summary=""))
    empty = (await ids(casebook, "alpha"), await ids(casebook, "cannot"))
    await casebook.keep(a_turn(replace(kept, revision=3), words="beta"))

    assert empty == (["1"], ["1"])
    assert await ids(casebook, "alpha") == []
    assert await ids(casebook, "beta") == ["1"]


async def test_without_words_the_newest_cases_come(casebook: SqliteCasebook) -> None:
    """White space alone is no word; pages go on where the last one ended."""
    for _ in range(5):
        await casebook.keep(a_turn())

    assert await ids(casebook, " \n", limit=2) == ["5", "4"]
    assert await ids(casebook, "", limit=2, offset=2) == ["3", "2"]
    assert (await casebook.search("", limit=2, offset=0)).total == 5


async def test_the_better_match_is_first_and_then_the_newer(casebook: SqliteCasebook) -> None:
    """A text that is all about the word beats one that mentions it; equal ones are newest first."""
    for words in ("timeout " + "x " * 50, "timeout timeout", "timeout " + "x " * 50):
        await casebook.keep(a_turn(words=words))

    assert await ids(casebook, "timeout") == ["2", "3", "1"]
    assert await ids(casebook, "timeout", limit=1, offset=1) == ["3"]


@pytest.mark.parametrize(
    ("limit", "offset", "count"),
    [(-5, 0, 0), (0, 0, 0), (2, -7, 2), (10**30, 0, 3), (5, 10**30, 0), (5, 2, 1)],
)
@pytest.mark.parametrize("words", ["", "send"])
async def test_limit_and_offset_may_be_anything(
    casebook: SqliteCasebook, words: str, limit: int, offset: int, count: int
) -> None:
    """What is out of range is taken as the nearest sensible number; the total stays true."""
    for _ in range(3):
        await casebook.keep(a_turn())

    page = await casebook.search(words, limit=limit, offset=offset)

    assert len(page.cases) == count
    assert (page.total, page.more) == (3, False)


HOSTILE = [
    '"',
    "'",
    '""',
    "a\0b",
    "\0",
    "(",
    ")" * 5_000,
    "(" * 40_000,
    "NEAR(a b)",
    "AND",
    "OR NOT",
    "title:x -y ^z *",
    "summary : send",
    "{names}: x",
    "\ud800",
    "send\udfff",
    "x" * 40_000,
    "a.b." * 10_000,
    "word " * 8_000,
    " ".join(str(number) for number in range(8_000)),
    "%_\\;--",
    "\u202e\u0301",
    "\U0001f600",
]


@pytest.mark.parametrize("words", HOSTILE, ids=range(len(HOSTILE)))
async def test_any_text_is_a_query(casebook: SqliteCasebook, words: str) -> None:
    """Nothing in a query is syntax: every text gives a page and no error."""
    await casebook.keep(a_turn(words=words))

    page = await casebook.search(words, limit=5, offset=0)

    assert page.total <= 1


async def test_marks_alone_find_nothing(casebook: SqliteCasebook) -> None:
    """A query of which nothing can be looked for has no result, not every case."""
    await casebook.keep(a_turn(words="???"))

    assert await ids(casebook, "???") == []


async def test_any_drawn_text_is_a_query(path: Path) -> None:
    """What hypothesis draws gives a page as well."""
    casebook = await SqliteCasebook.open(path)
    await casebook.keep(a_turn(words=TEXT))
    drawn: list[str] = []

    @settings(max_examples=200, database=None, suppress_health_check=list(HealthCheck))
    @given(st.text(st.characters(), max_size=30))
    def draw(text: str) -> None:
        drawn.append(text)

    draw()
    for text in drawn:
        await casebook.search(text, limit=1, offset=0)
    await casebook.close()

    assert drawn


async def test_the_total_is_exact_up_to_its_bound(
    casebook: SqliteCasebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the bound the total is exact; beyond, it is the bound and there is more."""
    monkeypatch.setattr(search_module, "_COUNTED", 3)
    seen = []
    for _ in range(4):
        await casebook.keep(a_turn())
        for words in ("", "send"):
            page = await casebook.search(words, limit=1, offset=0)
            seen.append((page.total, page.more))

    assert seen[-4:] == [(3, False), (3, False), (3, True), (3, True)]


async def test_only_the_newest_matches_are_ranked(
    casebook: SqliteCasebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A perfect match that is older than the newest so many is not shown."""
    monkeypatch.setattr(search_module, "_RANKED", 3)
    await casebook.keep(a_turn(words="timeout timeout timeout", summary=""))
    for length in (1, 9, 5):
        await casebook.keep(a_turn(words="timeout " + "x " * length, summary=""))

    assert await ids(casebook, "timeout") == ["2", "4", "3"]


async def test_the_way_of_ranking_changes_no_match(
    casebook: SqliteCasebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With few recent cases and words that most of them hold, all matches are found, and only they.

    The common word is `send`; cases that lack the rare word or the common one stay out.
    """
    monkeypatch.setattr(texts_module, "_RECENT", 4)
    monkeypatch.setattr(search_module, "_COMMON", 3)
    for words in ("send rare", "rare", "send rare rare", "send", "send", "send", "send"):
        await casebook.keep(a_turn(words=words, summary=""))

    assert await ids(casebook, "send rare") == ["3", "1"]
    assert sorted(await ids(casebook, "rare")) == ["1", "2", "3"]
    assert sorted(await ids(casebook, "send")) == ["1", "3", "4", "5", "6", "7"]


async def test_both_indexes_stay_in_step_with_the_texts(
    casebook: SqliteCasebook, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After many changes the index is sound, and the recent one holds exactly the newest cases."""
    monkeypatch.setattr(texts_module, "_RECENT", 4)
    kept = [await casebook.keep(a_turn(words=f"word{number}")) for number in range(9)]
    for number, session in enumerate(kept):
        turn = a_turn(replace(session, revision=2), words=f"changed{number}", summary="s")
        await casebook.keep(turn)
    await casebook.close()
    connection = sqlite3.connect(path)
    connection.execute("INSERT INTO texts_index (texts_index, rank) VALUES ('integrity-check', 1)")
    recent = connection.execute("SELECT rowid, words FROM texts_recent ORDER BY rowid").fetchall()
    connection.close()

    assert recent == [(6, "changed5"), (7, "changed6"), (8, "changed7"), (9, "changed8")]


async def test_a_result_shows_where_it_matches(casebook: SqliteCasebook) -> None:
    """The excerpt holds the word, on one line, cut where it is long."""
    await casebook.keep(a_turn(words="lead " * 100 + "\nthe needle is here\n" + "tail " * 100))

    matched = (await casebook.search("needle", limit=1, offset=0)).cases[0].matched

    assert "the needle is here" in matched
    assert matched.startswith("…")
    assert matched.endswith("…")
    assert "\n" not in matched
    assert len(matched) < 200


def test_an_excerpt_finds_other_endings() -> None:
    """`sending` is shown for `sends`; without any match the beginning is shown."""
    text = "x " * 100 + "sending stopped"

    assert "sending" in excerpt(text, "sends")
    assert excerpt(text, "nothing").startswith("x x")
    assert excerpt("", "a") == ""


def test_names_are_indexed_with_their_parts() -> None:
    """Each run of two labels or more is one word; a single label adds none."""
    joiner = "\N{MODIFIER LETTER PRIME}"
    names = names_in("outlook smtp.example.com, 5.7 and again 5.7.")

    assert names.replace(joiner, "+").split() == [
        "smtp+example",
        "smtp+example+com",
        "example+com",
        "5+7",
    ]


def test_a_long_query_is_cut() -> None:
    """More than 32 words, and letters beyond the 256th of one, are not looked for."""
    assert len(terms_of(" ".join(f"w{number}" for number in range(500)))) == 32
    assert len(terms_of("x" * 40_000)[0]) == 258


async def test_a_name_of_many_labels_is_found(casebook: SqliteCasebook) -> None:
    """A name that is longer than those that are indexed whole is found all the same."""
    name = "a1.b2.c3.d4.e5.f6.g7.h8.i9.j10"
    await casebook.keep(a_turn(a_session(), words=name))

    assert await ids(casebook, name) == ["1"]
