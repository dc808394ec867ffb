"""Faults of facts that change: providers past review, FAQ without ground, interceptors."""

import re
from collections.abc import Iterator
from datetime import date, timedelta

from bot.knowledge.schema import FaqEntry, Interceptor, Knowledge, Provider
from bot.upkeep.faults import Fault, problem, unknown_name, warning
from bot.upkeep.lint_claims import claim_faults

__all__ = ["fact_faults"]

_SOON = timedelta(days=30)
_AUTH = frozenset({"password", "app-password", "oauth2"})
_LAST_PORT = 65_535
_TELLING = 5  # letters; shorter words stand in ordinary names too


def fact_faults(knowledge: Knowledge, today: date) -> Iterator[Fault]:
    """The faults of providers, FAQ entries and interceptors as of `today`."""
    for provider in knowledge.providers.values():
        yield from _review(provider, today)
        yield from _provider(provider)
    yield from _shared_domains(knowledge)
    for entry in knowledge.faq:
        yield from _faq(knowledge, entry)
    for product in knowledge.interceptors:
        yield from _interceptor(product, today)


def _review(provider: Provider, today: date) -> Iterator[Fault]:
    key = f"providers/{provider.id}.toml: review_by"
    cure = "look at the sources again, then set checked_on and review_by"
    if provider.review_by < today:
        yield warning(key, f"was due for review on {provider.review_by}", cure)
    elif provider.review_by <= today + _SOON:
        yield warning(key, f"is due for review on {provider.review_by}", cure)
    if provider.checked_on > today:
        key = f"providers/{provider.id}.toml: checked_on"
        yield warning(
            key, f"{provider.checked_on} is still to come", "write the day it was checked"
        )


def _provider(provider: Provider) -> Iterator[Fault]:
    key = f"providers/{provider.id}.toml"
    if not provider.sources:
        yield problem(f"{key}: sources", "has no source", "add title, url and checked_on")
    for server in (*provider.outgoing, *provider.incoming):
        if not 1 <= server.port <= _LAST_PORT:
            yield problem(f"{key}: port", f"{server.port} is no port", "ports are 1 to 65535")
        for way in server.auth:
            if way not in _AUTH:
                yield unknown_name(f"{key}: auth", "way to sign in", way, _AUTH)


def _shared_domains(knowledge: Knowledge) -> Iterator[Fault]:
    """Domains of addresses that two providers claim."""
    owners: dict[str, str] = {}
    for provider in knowledge.providers.values():
        for domain in provider.domains:
            owner = owners.setdefault(domain.lower(), provider.id)
            if owner != provider.id:
                said = f'"{domain}" is a domain of {owner} as well'
                yield problem(f"providers/{provider.id}.toml: domains", said, "keep it in one")


def _interceptor(product: Interceptor, today: date) -> Iterator[Fault]:
    """Words that cannot be found, or would be found in many an ordinary name."""
    key = f"interceptors: interceptor.{product.id}"
    for phrase in (*product.issuers, *product.unless):
        plain = " ".join(re.findall(r"[a-z0-9]+", phrase.lower()))
        if phrase != plain:
            yield problem(f"{key}.issuers", f'"{phrase}" is never found', f'write "{plain}"')
        elif len(phrase) < _TELLING:
            cure = "add the word beside it"
            yield problem(f"{key}.issuers", f'"{phrase}" stands in too many names', cure)
    if not product.issuers:
        yield problem(f"{key}.issuers", "is empty", "add words of the issuer that it names")
    if not product.source:
        yield problem(f"{key}.source", "is empty", "say where the names come from")
    if product.checked_on > today:
        said = f"{product.checked_on} is still to come"
        yield warning(f"{key}.checked_on", said, "write the day it was checked")


def _faq(knowledge: Knowledge, entry: FaqEntry) -> Iterator[Fault]:
    key = f"faq: faq.{entry.id}"
    yield from claim_faults(key, entry.claims)
    if not entry.sources:
        yield problem(f"{key}.sources", "has no source", "add title, url and checked_on")
    if not entry.asks:
        yield problem(f"{key}.asks", "nobody can ask it", "add groups of words it is known by")
    if entry.tree is not None and entry.tree not in knowledge.trees:
        yield unknown_name(f"{key}.tree", "tree", entry.tree, knowledge.trees)
