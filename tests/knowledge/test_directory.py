"""Who is behind a name, and what a misspelt server was meant to be."""

from datetime import date

import pytest

from bot.knowledge.directory import Directory, directory_of
from bot.knowledge.memo import OncePerKnowledge
from bot.knowledge.schema import Client, Knowledge, Lexicon, Provider, ProviderServer
from bot.model.target import Security

DAY = date(2026, 11, 1)


def a_provider(
    name: str, domains: tuple[str, ...], host: str, mx: tuple[str, ...] = ()
) -> Provider:
    """A provider with one server for sending."""
    server = ProviderServer(host=host, port=587, security=Security.STARTTLS, auth=("password",))
    return Provider(
        id=name,
        name=name.title(),
        domains=domains,
        hosts=(),
        names=(f"{name} mail",),
        outgoing=(server,),
        incoming=(),
        notes=(),
        sources=(),
        valid_from=DAY,
        checked_on=DAY,
        review_by=DAY,
        mx=mx,
    )


def a_client(name: str) -> Client:
    """A mail program without any action."""
    return Client(id=name, name=name, names=(name,), actions={}, source="", checked_on=DAY)


def some_knowledge(*clients: str) -> Knowledge:
    """Two providers, one of them below the other's domain, and some clients."""
    providers = (
        a_provider("north", ("north.example",), "smtp.north.example", ("mx.north.example",)),
        a_provider("south", ("pro.north.example",), "mail.pro.north.example"),
    )
    return Knowledge(
        version="1",
        trees={},
        questions={},
        rules=(),
        decoders=(),
        advice={},
        clients={name: a_client(name) for name in clients},
        providers={provider.id: provider for provider in providers},
        faq=(),
        lexicon=Lexicon(),
        texts={},
    )


@pytest.fixture
def directory() -> Directory:
    """The look-ups of `some_knowledge`."""
    return directory_of(some_knowledge("outlook", "generic"))


def id_of(provider: Provider | None) -> str | None:
    """The provider's id, if there is one."""
    return provider.id if provider else None


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("north.example", "north"),
        ("NORTH.example.", "north"),
        ("pro.north.example", "south"),
        ("sub.north.example", None),
        ("example", None),
    ],
)
def test_addresses_are_known_by_their_very_domain(
    directory: Directory, domain: str, expected: str | None
) -> None:
    """Somebody's own sub-domain is not the provider's."""
    assert id_of(directory.by_domain(domain)) == expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("smtp.north.example", "north"),
        ("eu.smtp.north.example", "north"),
        ("other.north.example", "north"),
        ("x.pro.north.example", "south"),
        ("north.example.org", None),
        ("notnorth.example", None),
        ("", None),
    ],
)
def test_hosts_are_known_by_the_longest_suffix(
    directory: Directory, host: str, expected: str | None
) -> None:
    """The nearest domain decides, and a name that merely ends alike is nobody's."""
    assert id_of(directory.by_host(host)) == expected


def test_mx_is_known_by_suffix(directory: Directory) -> None:
    """A domain whose mail is taken in by a provider's MX is with that provider."""
    assert id_of(directory.by_mx("eu1.mx.north.example.")) == "north"
    assert directory.by_mx("mx.elsewhere.example") is None


@pytest.mark.parametrize("name", ["north", "North", " north   MAIL "])
def test_providers_are_known_by_what_people_call_them(directory: Directory, name: str) -> None:
    """Capitals and blanks do not matter."""
    assert id_of(directory.by_name(name)) == "north"


@pytest.mark.parametrize(
    "typed",
    [
        "smpt.north.example",
        "smtp.nroth.example",
        "smtp.north.exampel",
        "smtp.norht.example",
        "smtpnorth.example",
        "smtp.nort.example",
        "stmp.nroth.example",
    ],
)
def test_slips_of_the_finger_are_recognised(directory: Directory, typed: str) -> None:
    """A swapped, missing or wrong letter or two still leads to the server that was meant."""
    assert directory.near_hosts(typed) == ("smtp.north.example",)


@pytest.mark.parametrize("typed", ["smtp.north.example", "smtp.west.example", "x", ""])
def test_known_and_far_names_have_no_near_one(directory: Directory, typed: str) -> None:
    """What is right is not corrected, and what is far is not guessed."""
    assert directory.near_hosts(typed) == ()


@pytest.mark.parametrize(
    ("client", "expected"),
    [
        ("outlook", "outlook"),
        ("outlook-2016", "outlook"),
        ("abacus", "generic"),
        (None, "generic"),
    ],
)
def test_unknown_clients_fall_back(directory: Directory, client: str | None, expected: str) -> None:
    """A version is read as its family, and anything else as mail programs in general."""
    found = directory.client(client)

    assert found is not None
    assert found.id == expected


def test_without_a_general_client_none_is_given() -> None:
    """Knowledge that has no fallback says so."""
    assert directory_of(some_knowledge("outlook")).client("abacus") is None


def test_what_is_built_of_knowledge_is_built_once() -> None:
    """Each knowledge has its own value, also where two are equal, and old ones are let go."""
    built: list[str] = []

    def build(knowledge: Knowledge) -> str:
        built.append(knowledge.version)
        return knowledge.version

    once = OncePerKnowledge(build)
    first, second = some_knowledge(), some_knowledge()
    for knowledge in (first, first, second, *(some_knowledge() for _ in range(6))):
        assert once(knowledge) == "1"

    assert len(built) == 8


@pytest.mark.parametrize(
    ("typed", "is_slip"),
    [
        ("smtp.gmial.com", True),
        ("smpt.gmail.com", True),
        ("smtp.mail.com", False),
        ("smtp.ymail.com", False),
        ("smtp.gmai.com", False),
    ],
)
def test_only_swapped_letters_make_a_living_name_suspect(
    knowledge: Knowledge, typed: str, *, is_slip: bool
) -> None:
    """A letter more or less may make the name of another provider; it must lead nowhere first."""
    meant = directory_of(knowledge).meant_by(typed)

    assert meant is not None
    assert meant.hosts == ("smtp.gmail.com",)
    assert meant.is_slip is is_slip
