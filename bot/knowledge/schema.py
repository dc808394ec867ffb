"""The shape of every file under `knowledge/`; `upkeep.loader` turns TOML into these values.

A field without a default must be there; a field that is not listed is refused by name. Text
fields may hold `{placeholders}` where their docstring says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from bot.knowledge.trees import Question, Tree
from bot.model.codes import Code
from bot.model.complaint import Intent
from bot.model.diagnosis import Source
from bot.model.target import Security

__all__ = [
    "AdviceEntry",
    "Audience",
    "Client",
    "Decoder",
    "FaqEntry",
    "Interceptor",
    "InterceptorKind",
    "Knowledge",
    "Lexicon",
    "Phrase",
    "Provider",
    "ProviderServer",
    "Remark",
    "Rule",
    "RuleMatch",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleMatch:
    """The pattern of a rule: every field that is given must hold.

    Live: `stated` codes of the stated port's first failure (`none`: nothing failed); `security`
    and `port` as stated (`auto`, `any_stated`); `other_mode`/`other_port`/`other_host` whether that
    attempt works (`other_host`: the server that was probably meant); `speaks` the protocol that
    answered, `asked` the one that was wanted; `silent` whether not a byte came from the stated
    port, in either mode; `checked` whether there is live evidence at all; `note` codes among all
    facts seen live. Said: `intent`, `code`, `provider`, `client` of the complaint; `answer`
    question → choices.
    """

    stated: tuple[str, ...] = ()
    note: tuple[Code, ...] = ()
    security: tuple[str, ...] = ()
    port: tuple[int, ...] = ()
    other_mode: bool | None = None
    other_port: bool | None = None
    other_host: bool | None = None
    speaks: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    silent: bool | None = None
    checked: bool | None = None
    intent: tuple[Intent, ...] = ()
    code: tuple[str, ...] = ()
    provider: tuple[str, ...] = ()
    client: tuple[str, ...] = ()
    answer: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """If the pattern holds, the cause does. The most specific rule wins, then the surer one."""

    id: str
    cause: Code
    confidence: float
    when: RuleMatch
    source: str
    checked_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoder:
    """What a quoted error means. Every field that is given must hold; the most specific wins.

    `code` is a normalised code; `reply` and `enhanced` must stand in one reply; `provider` is the
    writer's or the one whose signature the text bears; `text` are lower-case fragments, any of
    which must be in the message. Without `code`, `reply` or `enhanced`, `text` decides alone.
    """

    id: str
    meaning: str
    causes: Mapping[Code, float]
    source: str
    checked_on: date
    code: str | None = None
    reply: str | None = None
    enhanced: str | None = None
    provider: str | None = None
    text: tuple[str, ...] = ()


class Audience(StrEnum):
    """Who can do what is advised."""

    USER = "user"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceEntry:
    """What to do about causes. A step `@action` is said in the words of the person's client.

    `when_provider`/`when_client` narrow it; the narrowest entry that fits is given. Steps may hold
    `{host} {port} {security} {address_form}` of the setting to enter, and `{provider}`.
    """

    id: str
    causes: tuple[Code, ...]
    audience: Audience
    title: str
    steps: tuple[str, ...]
    sources: tuple[Source, ...]
    claims: tuple[str, ...] = ()
    when_provider: tuple[str, ...] = ()
    when_client: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A mail program or device. `actions` say, per action, the clicks in order.

    `names` are the words people call it by. `has_smtp_settings` False: nothing to set there, it
    sends by itself or through its maker's cloud, and nobody is sent to change settings.
    """

    id: str
    name: str
    names: tuple[str, ...]
    actions: Mapping[str, tuple[str, ...]]
    source: str
    checked_on: date
    has_smtp_settings: bool = True
    unconfirmed: bool = False  # the path was not confirmed by a source, and is shown as such
    family: str | None = None  # what other programs call it: `outlook` for each Outlook


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderServer:
    """A server of a provider. `auth`: `password`, `app-password`, `oauth2`."""

    host: str
    port: int
    security: Security
    auth: tuple[str, ...]
    protocol: str = "smtp"
    username: str = "full address"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A mail service: how it is known and how mail goes out through it, best setting first.

    `domains` of addresses, `hosts` (suffixes count), `names` in plain words, `mx` suffixes,
    `signatures` fragments that only its error texts have, lower case.
    """

    id: str
    name: str
    domains: tuple[str, ...]
    hosts: tuple[str, ...]
    names: tuple[str, ...]
    outgoing: tuple[ProviderServer, ...]
    incoming: tuple[ProviderServer, ...]
    notes: tuple[str, ...]
    sources: tuple[Source, ...]
    valid_from: date
    checked_on: date
    review_by: date
    mx: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()


class InterceptorKind(StrEnum):
    """Who opens encrypted connections, and where the person finds it."""

    ANTIVIRUS = "antivirus"  # on the computer
    FILTER = "filter"  # a device or service of the company or school
    PORTAL = "portal"  # the sign-in page of a hotel or guest network
    TOOL = "tool"  # a developer's proxy


@dataclass(frozen=True, slots=True, kw_only=True)
class Interceptor:
    """A product that opens encrypted connections, known by the issuer of what it shows instead.

    `issuers` are lower-case words that stand in the organisation, unit or common name of that
    issuer, whole and in this order; punctuation does not count. `untrusted_only`: the same words
    are or were those of an ordinary authority, so that they count where nobody trusts the chain.
    `unless` are words by which the maker's own mail servers are told.
    """

    id: str
    name: str
    kind: InterceptorKind
    issuers: tuple[str, ...]
    source: str
    checked_on: date
    untrusted_only: bool = False
    unless: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqEntry:
    """A question people ask, its short answer, and the tree that helps further."""

    id: str
    asks: tuple[str, ...]  # word groups; all words of one group in the text make it this question
    question: str
    answer: str
    claims: tuple[str, ...]
    sources: tuple[Source, ...]
    corrects: str = ""
    tree: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """Words that speak for an intent. `say` are lower-case phrases; `*` stands for a few words."""

    intent: Intent
    weight: float
    say: tuple[str, ...]
    lang: str = "en"


class Remark(StrEnum):
    """What is said in the middle of a case and is neither an answer nor a fact."""

    GIVE_UP = "give_up"  # the person wants no more of it
    ELSEWHERE = "elsewhere"  # it works (or not) in one place or program and not in another
    WHY = "why"  # how the bot knows
    MEANING = "meaning"  # what a word means, which stands beside it
    SECRET = "secret"  # what announces a secret; with the secret gone it says nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Lexicon:
    """The words by which a text is understood.

    `about_mail` decides whether a text is about mail at all; `security` maps words to modes;
    `languages` holds words that give a language away. `remarks` are phrases as `Phrase.say` has
    them. `answers` (`question=choice` → phrases) are what people say before they are asked.
    """

    phrase: tuple[Phrase, ...] = ()
    about_mail: tuple[str, ...] = ()
    security: Mapping[Security, tuple[str, ...]] = field(default_factory=dict)
    languages: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    clients: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # known by name only
    providers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # known by name only
    remarks: Mapping[Remark, tuple[str, ...]] = field(default_factory=dict)
    answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """All of it. `version` is a fingerprint of the files; `texts` what the bot says, by id."""

    version: str
    trees: Mapping[str, Tree]
    questions: Mapping[str, Question]
    rules: tuple[Rule, ...]
    decoders: tuple[Decoder, ...]
    advice: Mapping[str, AdviceEntry]
    clients: Mapping[str, Client]
    providers: Mapping[str, Provider]
    faq: tuple[FaqEntry, ...]
    lexicon: Lexicon
    texts: Mapping[str, str]
    interceptors: tuple[Interceptor, ...] = ()
