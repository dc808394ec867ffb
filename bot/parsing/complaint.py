"""A message → a complaint: what it states, what it wants, and which words said so.

```
can't send from rosa@example.net, Outlook says 0x800CCC0E, smtp.example.net:587 with STARTTLS
```
Secrets go first, out of all of the text; the rest reads a bounded part of what is left. Nothing
is added from general knowledge: a host, a port and an address are those that stand there.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from bot.knowledge.schema import Knowledge
from bot.model.complaint import Complaint, Intent
from bot.parsing.addresses import FoundAddress, find_addresses, own_address
from bot.parsing.codes import FoundCode, find_codes, find_replies
from bot.parsing.hosts import FoundHost, find_hosts, stated_host
from bot.parsing.intent import judge_intent
from bot.parsing.language import language_of
from bot.parsing.names import FoundName, find_names, signed_by, stated_client, stated_provider
from bot.parsing.ports import FoundPort, find_ports, stated_port
from bot.parsing.scripts import apart, has_foreign_letters
from bot.parsing.secrets import redact
from bot.parsing.security import stated_security
from bot.parsing.slackmarkup import undo_markup
from bot.parsing.vocabulary import Vocabulary, vocabulary_of
from bot.parsing.words import Word, words_of

__all__ = ["parse_complaint"]

# A log of a megabyte says what is wrong at its beginning or its end.
_WINDOW = 20_000
_MOST_CODES = 40
_ABOUT_OTHERS = frozenset({Intent.MARKED_AS_SPAM, Intent.BOUNCED})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entities:
    """What was found in a text, before it is known what the text wants."""

    addresses: tuple[FoundAddress, ...]
    hosts: tuple[FoundHost, ...]
    ports: tuple[FoundPort, ...]
    codes: tuple[FoundCode, ...]

    def features(self) -> Iterable[str]:
        """The entities as words of the lexicon."""
        yield from (f"code:{found.code}".casefold() for found in self.codes)
        if any(host.weight > 1 for host in self.hosts):
            yield "has:server"
        if self.ports:
            yield "has:port"
        if self.addresses:
            yield "has:address"
        sending = any(not port.fetching for port in self.ports)
        incoming = any(port.fetching for port in self.ports)
        if (incoming and not sending) or any(host.incoming for host in self.hosts):
            yield "has:incoming"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stated:
    """What of the entities is the writer's; `others`: the text is about mail to other people."""

    host: FoundHost | None
    own: FoundAddress | None
    others: bool


def parse_complaint(text: str, knowledge: Knowledge) -> Complaint:
    """What `text` says. Takes any text; `because` holds (conclusion, the words that led to it)."""
    safe, secrets = redact(text.encode("utf-8", "replace").decode("utf-8"))
    plain = apart(undo_markup(_windowed(safe)))
    vocabulary = vocabulary_of(knowledge)
    found = _entities(plain, vocabulary)
    words = _spoken_words(plain, found)
    names = tuple(find_names(plain, words, vocabulary))
    features = (*found.features(), *_foreign(plain, names))
    intent, phrase = judge_intent(plain, words, vocabulary, features)
    receiving = intent is Intent.CANNOT_RECEIVE
    host = stated_host(found.hosts, receiving=receiving)
    port = stated_port(found.ports, host, receiving=receiving, works=intent is Intent.RESOLVED)
    own = own_address(found.addresses)
    security = stated_security(plain, words, vocabulary, found.ports, port)
    client = stated_client(names)
    stated = _Stated(host=host, own=own, others=intent in _ABOUT_OTHERS)
    provider = _provider(plain, vocabulary, names, stated)
    reasons = {
        f"intent {intent.value}": phrase,
        f"host {host.host}" if host else "": host.host if host else "",
        f"provider {provider[0]}" if provider else "": provider[1] if provider else "",
        f"client {client.names.client}" if client else "": client.said if client else "",
        f"security {security[0].value}" if security else "": security[1] if security else "",
    }
    return Complaint(
        text=safe,
        intent=intent,
        host=host.host if host else None,
        port=port,
        address=own.address if own else None,
        domain=own.domain if own else None,
        provider=provider[0] if provider else None,
        client=client.names.client if client else None,
        security=security[0] if security else None,
        codes=tuple(dict.fromkeys(code.code for code in found.codes))[:_MOST_CODES],
        replies=tuple(islice(find_replies(plain), _MOST_CODES)),
        secrets=secrets,
        lang=language_of(words, vocabulary),
        because=tuple((what, why) for what, why in reasons.items() if why),
    )


def _foreign(text: str, names: tuple[FoundName, ...]) -> Iterable[str]:
    """That a text in a script of which we read little names a provider or a mail program."""
    if names and has_foreign_letters(text):
        yield "has:name"


def _windowed(text: str) -> str:
    """The beginning and the end of a long text, cut between words."""
    if len(text) <= 2 * _WINDOW:
        return text
    return f"{text[:_WINDOW]}\n{text[-_WINDOW:]}"


def _entities(text: str, vocabulary: Vocabulary) -> _Entities:
    addresses = tuple(find_addresses(text))
    known = vocabulary.directory.servers.__contains__
    hosts = tuple(find_hosts(text, addresses, known, vocabulary.is_domain))
    return _Entities(
        addresses=addresses,
        hosts=hosts,
        ports=tuple(find_ports(text, hosts)),
        codes=tuple(find_codes(text)),
    )


def _spoken_words(text: str, found: _Entities) -> list[Word]:
    """The words of a text without those that addresses and servers are made of.

    The number of a port is the word "port", so that one phrase speaks of all of them.
    """
    taken = sorted(
        [(each.start, each.end) for each in found.addresses]
        + [(each.start, each.end) for each in found.hosts if each.weight > 1]
    )
    pieces: list[str] = []
    done = 0
    for start, end in taken:
        if start >= done:
            pieces += [text[done:start], " " * (end - start)]
            done = end
    pieces.append(text[done:])
    ports = {port.start for port in found.ports}
    return [
        word._replace(text="port") if word.start in ports else word
        for word in words_of("".join(pieces))
    ]


def _provider(
    text: str, vocabulary: Vocabulary, names: tuple[FoundName, ...], stated: _Stated
) -> tuple[str, str] | None:
    """The writer's provider and what gave it away: server, address, name, or an error of its own.

    Where the text is about mail to others, an MX in it is theirs and tells nothing.
    """
    host, own = stated.host, stated.own
    if host and not (stated.others and host.takes_in):
        at_host = vocabulary.provider_of_host(host.host)
        if at_host:
            return at_host, host.host
    at_domain = vocabulary.provider_of_domain(own.domain) if own else None
    if own and at_domain:
        return at_domain, own.domain
    named = stated_provider(names, others=stated.others)
    if named and named.names.provider:
        return named.names.provider, named.said
    return None if stated.others else signed_by(text, vocabulary)
