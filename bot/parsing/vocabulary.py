"""The lexicon, and the names of providers and clients, made ready for reading many texts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from bot.knowledge.directory import Directory, directory_of
from bot.knowledge.memo import OncePerKnowledge
from bot.knowledge.schema import Knowledge
from bot.model.complaint import Intent
from bot.model.target import Security
from bot.parsing.words import PhraseBook, fold

__all__ = ["Names", "Spoken", "Vocabulary", "vocabulary_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A phrase that speaks for (or, with a weight below 0, against) an intent."""

    intent: Intent
    weight: float
    say: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Whom a name means: the ids of a provider, of a client, or of both."""

    provider: str | None = None
    client: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """All words by which texts are understood, as phrase books."""

    directory: Directory
    intents: PhraseBook[Spoken]
    features: Mapping[str, tuple[Spoken, ...]]
    about_mail: PhraseBook[None]
    security: PhraseBook[tuple[Security, str]]
    names: PhraseBook[Names]
    languages: Mapping[str, frozenset[str]]
    signatures: tuple[tuple[str, str], ...]
    domains: Mapping[str, str]  # of providers that are known by name only

    def provider_of_host(self, host: str) -> str | None:
        """The id of the provider that runs `host`."""
        known = self.directory.by_host(host)
        return known.id if known else self._named_by(host)

    def provider_of_domain(self, domain: str) -> str | None:
        """The id of the provider that has addresses at `domain`."""
        known = self.directory.by_domain(domain)
        return known.id if known else self._named_by(domain)

    def is_domain(self, name: str) -> bool:
        """Whether `name` itself is a domain of addresses at a provider."""
        return name in self.domains or self.directory.by_domain(name) is not None

    def _named_by(self, host: str) -> str | None:
        while host and host not in self.domains:
            host = host.partition(".")[2]
        return self.domains.get(host)


def _built(knowledge: Knowledge) -> Vocabulary:
    lexicon = knowledge.lexicon
    features: dict[str, tuple[Spoken, ...]] = {}
    intents: PhraseBook[Spoken] = PhraseBook()
    for phrase in lexicon.phrase:
        for say in phrase.say:
            spoken = Spoken(intent=phrase.intent, weight=phrase.weight, say=say)
            if ":" in say:  # `code:535`, `is:question`: what was found otherwise, said as a word
                features[say.casefold()] = (*features.get(say.casefold(), ()), spoken)
            else:
                intents.add(say, spoken)
    about_mail: PhraseBook[None] = PhraseBook()
    for word in lexicon.about_mail:
        about_mail.add(word, None)
    security: PhraseBook[tuple[Security, str]] = PhraseBook()
    for mode, words in lexicon.security.items():
        for word in words:
            security.add(word, (mode, fold(word)))
    return Vocabulary(
        directory=directory_of(knowledge),
        intents=intents,
        features=features,
        about_mail=about_mail,
        security=security,
        names=_names(knowledge),
        languages={
            lang: frozenset(fold(word) for word in words)
            for lang, words in lexicon.languages.items()
        },
        signatures=tuple(
            (signature.casefold(), provider.id)
            for provider in knowledge.providers.values()
            for signature in provider.signatures
        ),
        domains={
            name.casefold(): provider
            for provider, names in lexicon.providers.items()
            for name in names
            if "." in name
        },
    )


def _names(knowledge: Knowledge) -> PhraseBook[Names]:
    """All names of providers and clients in one book, so that the longest can win."""
    book: PhraseBook[Names] = PhraseBook()
    lexicon = knowledge.lexicon
    providers: list[tuple[str, Iterable[str]]] = [
        *((each.id, (*each.names, *each.domains)) for each in knowledge.providers.values()),
        *lexicon.providers.items(),
    ]
    clients: list[tuple[str, Iterable[str]]] = [
        *((each.id, each.names) for each in knowledge.clients.values()),
        *lexicon.clients.items(),
    ]
    for provider, names in providers:
        for name in dict.fromkeys(names):
            book.add(name, Names(provider=provider))
    for client, names in clients:
        for name in dict.fromkeys(names):
            book.add(name, Names(client=client))
    return book


vocabulary_of = OncePerKnowledge(_built)
