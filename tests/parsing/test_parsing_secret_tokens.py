"""What is made like a password goes wherever somebody speaks of signing in; what is not, stays."""

import time

import pytest

from bot.parsing.secrets import redact

# The secret stands between « and ».
SECRETS = [
    "we log in as rosa and after that «Kranich_4410_z», no luck",
    "yesterday I was typing «Kranich4410z» all day",
    "they entered «Otter$2024» twice",
    "Thunderbird asks me for the password\n\n«Kranich44Blau»",
    "password «Marder!!58yy»",
    "that must be «Kranich_4411_z»",
    "es sollte «Kranich_4411_z» sein",
    "«Kranich_4411_z»",
    "ich melde mich mit «Kranich4410z» an",
    "j'essaye «Kranich4410z» depuis hier",
    "intento con «Kranich4410z» y nada",
    "digitei «Kranich4410z» e nada",
    "ik probeer «Kranich4410z» al uren",
    'it says "535 5.7.8 Error: bad credentials" although I typed «Kranich4410z»',
    "535 when we try «Kranich4410z»",
]

DECOYS = [
    "I tried it from my LaserJet4100 and a MacBookPro16",
    "I tried to sign in as Rosa1977x",
    "we entered the server Srv01Mail and tried again",
    "tried it: 250 2.0.0 Ok: queued as 4Xk2Bz1Q9Sz5vLm",
    "I log in and get 535-5.7.8 Bad a640c23f3a-58Xm123Qz.7 - gsmtp",
    "I try and it says 550 5.7.60 Denied [AM6PR10MB1234.EURPRD10.PROD.OUTLOOK.COM]",
    "tried TLS_AES_256_GCM_SHA384 and the rest",
    "trying gives 14094410:SSL routines:ssl3_read_bytes:handshake failure",
    "tried rosa_1977@kranich.example, rosa_1977 and plain rosa",
    "I typed Outlook2021 into the search",
    "the queue id is 4Xk2Bz1Q9Sz5vLm, I tried it twice",
    "2024-05-01 10:00:00 try Kranich4410z",
    "our scanner is a Kranich4410z",
]


@pytest.mark.parametrize("marked", SECRETS)
def test_what_is_made_like_a_password_is_removed(marked: str) -> None:
    """The password is gone, every word around it stays, and a second reading changes nothing."""
    before, _, rest = marked.partition("«")
    secret, _, behind = rest.partition("»")
    text, found = redact(f"{before}{secret}{behind}")

    assert text == f"{before}[password removed]{behind}"
    assert [each.length for each in found] == [len(secret)]
    assert redact(text) == (text, ())


@pytest.mark.parametrize("text", DECOYS)
def test_what_is_made_alike_stays(text: str) -> None:
    """Devices, users, servers, ids and what servers say are no passwords."""
    assert redact(text) == (text, ())


def test_several_are_all_removed() -> None:
    """Who tried two passwords gives two away."""
    text, found = redact("tried Kranich4410z, then Kranich4411z")

    assert text == "tried [password removed], then [password removed]"
    assert len(found) == 2


@pytest.mark.parametrize("piece", ["try Kranich44x ", "try ", "535 I x\n", "Kranich44x\n", "a@b."])
def test_words_are_read_in_time_that_grows_with_length(piece: str) -> None:
    """However many there are, each is read once."""
    text = piece * (100_000 // len(piece))
    started = time.perf_counter()
    redact(text)

    assert time.perf_counter() - started < 1.5
