"""The certificates of the catalogue, each with everything that is wrong with it."""

from dataclasses import dataclass, field
from datetime import timedelta

from certificate_lab import (
    Make,
    cross_signed,
    forged,
    hashed_with,
    leaf,
    leaf_below,
    needless_cross,
    negative_serial,
    private,
    renewed,
    sending,
)
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtendedKeyUsageOID
from servers.pki import Wish, expired, self_signed

__all__ = ["CASES", "FINE", "HOST", "STRICT", "Case"]

HOST = "mail.example.test"
DAY = timedelta(days=1)
WRONG = Wish(names=("other.example.test",))
AIA = Wish(issuer_url="http://issuer.example.test/issuing.cer")
COMMON = Wish(names=(), common_name=HOST)
NO_KEY_IDS = Wish(has_key_identifiers=False)

EXPIRED, EARLY, SOON = "cert.expired", "cert.not_yet_valid", "cert.expiring_soon"
MISMATCH, SELF, UNTRUSTED = "cert.name_mismatch", "cert.self_signed", "cert.untrusted_issuer"
INCOMPLETE, WEAK, STRICTLY = "cert.incomplete_chain", "cert.weak", "cert.strict_rejected"


@dataclass(frozen=True, slots=True)
class Case:
    """A certificate; the first of `faults` is the verdict, the others are further findings.

    `says` are words of the verdict's summary, `evidence` of its finding. `refused_by` are the
    strict programs that refuse it: `python` (3.13 and later, Go too) or `go` alone.
    """

    name: str
    make: Make
    faults: tuple[str, ...] = ("ok",)
    says: tuple[str, ...] = ()
    evidence: dict[str, str] = field(default_factory=dict)
    host: str = HOST
    confidence: float = 0.95
    refused_by: str = ""


def _named(*names: str) -> Make:
    return leaf(Wish(names=names))


def _wild(name: str, host: str = HOST) -> Case:
    return Case(f"{name} for {host}", _named(name), (MISMATCH,), host=host)


FINE = [
    Case("good", leaf()),
    Case("common name too", leaf(Wish(common_name=HOST))),
    Case("intermediate sent", leaf_below()),
    Case("two intermediates", lambda lab: lab.below().intermediate("Two").leaf()),
    Case("unordered", lambda lab: lab.below().intermediate("Two").leaf(sends=(1, 0))),
    Case("root sent needlessly", leaf_below(sends=(0, 1))),
    Case("duplicates", leaf_below(sends=(0, 0, 1, 1))),
    Case("extra", lambda lab: sending(lab.ca.leaf(), lab.private, lab.private.intermediate("X"))),
    Case("cross-signed", cross_signed),
    Case("needless expired cross-sign", needless_cross),
    Case("renewed intermediate", renewed(sends_new=True)),
    Case("wildcard", _named("*.example.test")),
    Case("upper case", _named("MAIL.Example.TEST"), host="Mail.EXAMPLE.test"),
    Case("IDN", _named("XN--mnchen-3ya.example.test"), host="münchen.example.test"),
    Case("IDN under a wildcard", _named("*.example.test"), host="münchen.example.test"),
    Case("address", _named("127.0.0.1"), host="127.0.0.1"),
    Case("no EKU", leaf(Wish(purposes=None))),
    Case("critical names", leaf(Wish(has_critical_names=True))),
    Case("empty subject", leaf(Wish(has_critical_names=True, organisation=None))),
    Case("leaf CA:TRUE", leaf(Wish(is_authority=True))),
    Case("Ed25519", leaf(Wish(key=ed25519.Ed25519PrivateKey.generate()))),
    Case("P-521", leaf(Wish(key=ec.generate_private_key(ec.SECP521R1())))),
    Case("RSA 2048", leaf(Wish(rsa_bits=2048))),
    Case("RSA signs", lambda lab: lab.rsa_ca.leaf()),
    Case("5,000 names", _named(*(f"m{number}.ex.test" for number in range(4999)), HOST)),
    Case("15 days left", leaf(Wish(end=15 * DAY))),
    Case("14 days left", leaf(Wish(end=14 * DAY + timedelta(minutes=5)))),
    Case("permitted subtree", leaf_below(Wish(permitted=("example.test",)))),
    Case("path length kept", leaf_below(Wish(path_length=0))),
]

DATES = [
    Case(
        "expired",
        leaf(expired(days=12)),
        (EXPIRED,),
        (f"The certificate of {HOST} expired 12 days ago, on 20",),
        {"days": "12", "names": HOST, "issuer": "Example Trust Root"},
    ),
    Case("expired yesterday", leaf(expired(days=1)), (EXPIRED,), ("expired 1 day ago",)),
    Case(
        "expired an hour ago",
        leaf(Wish(end=-timedelta(hours=1))),
        (EXPIRED,),
        ("expired less than a day ago",),
    ),
    Case(
        "expired intermediate",
        renewed(sends_new=False),
        (EXPIRED,),
        (f"The certificate of Renewed Issuing, which vouches for {HOST}, expired 3 days ago",),
        {"authority": "Renewed Issuing"},
    ),
    Case(
        "not yet valid",
        leaf(Wish(start=3.5 * DAY)),
        (EARLY,),
        ("valid only from 20", "in 3 days"),
        {"days": "3"},
    ),
    Case("13.5 days left", leaf(Wish(end=13.5 * DAY)), (SOON,), ("runs out in 13 days, on 20",)),
]

NAMES = [
    Case(
        "wrong name",
        leaf(WRONG),
        (MISMATCH,),
        (f"made out to other.example.test, not to {HOST}",),
        {"names": "other.example.test"},
    ),
    Case(
        "5,000 other names",
        _named(*(f"m{number}.ex.test" for number in range(5000))),
        (MISMATCH,),
        ("m0.ex.test, m1.ex.test, m2.ex.test, m3.ex.test, m4.ex.test and 4995 more, not",),
        {"more": "4995"},
    ),
    Case("expired, wrong name", leaf(expired(WRONG)), (EXPIRED, MISMATCH)),
    _wild("*.example.test", "a.mail.example.test"),
    _wild("*.*.example.test", "a.mail.example.test"),
    _wild("m*.example.test"),
    _wild(f"*.{HOST}"),
    _wild("*.test", "example.test"),
    _wild("*"),
    _wild(f"{HOST}."),
    Case(
        "address as a common name",
        leaf(Wish(common_name="127.0.0.1")),
        (MISMATCH,),
        host="127.0.0.1",
    ),
    Case(
        "names that act on screens",
        leaf(Wish(names=(f"{HOST}\0.evil.test", "\x1b[31m.test"), common_name="\u202egood")),
        (MISMATCH,),
    ),
    Case("markup as a name", _named("<!channel>"), (MISMATCH,)),
    Case("no name", leaf(Wish(names=())), (MISMATCH,), ("made out to no name, not to",)),
]

TRUST = [
    Case("self-signed", lambda _: self_signed(), (SELF,), (f"Nobody but {HOST} itself",)),
    Case("self-signed CA:TRUE", lambda _: self_signed(Wish(is_authority=True)), (SELF,)),
    Case("self-signed, common name alone", lambda _: self_signed(COMMON), (SELF,)),
    Case(
        "self-signed, wrong name, expired",
        lambda _: self_signed(expired(WRONG)),
        (SELF, EXPIRED, MISMATCH),
    ),
    Case(
        "private root sent",
        private(sends=(0,)),
        (UNTRUSTED,),
        ("comes from Nobody Trust Root, which",),
        {"issuer": "Nobody Trust Root"},
    ),
    Case("private root not sent", private(), (UNTRUSTED,), ("comes from Nobody Trust Root",)),
    Case(
        "private intermediate not sent",
        lambda lab: lab.private.intermediate("Nobody Trust").leaf(sends=()),
        (UNTRUSTED,),
    ),
    Case(
        "private, everything wrong",
        lambda lab: lab.private.intermediate("Old", expired(days=3)).leaf(expired(WRONG)),
        (UNTRUSTED, EXPIRED, MISMATCH),
    ),
    Case(
        "private, AIA of a directory",
        private(Wish(issuer_url="ldap:///CN=CA,DC=example,DC=test")),
        (UNTRUSTED,),
    ),
    Case(
        "incomplete, AIA",
        lambda lab: lab.private.intermediate("X").leaf(AIA, sends=()),
        (INCOMPLETE,),
    ),
    Case("incomplete, organisation", leaf_below(sends=()), (INCOMPLETE,), confidence=0.7),
    Case(
        "incomplete, organisation spelt otherwise",
        lambda lab: lab.below(organisation="EXAMPLE trust.").leaf(sends=()),
        (INCOMPLETE,),
        confidence=0.7,
    ),
    Case(
        "incomplete, AIA, expired, wrong name",
        leaf_below(wish=expired(Wish(names=WRONG.names, issuer_url=AIA.issuer_url)), sends=()),
        (INCOMPLETE, EXPIRED, MISMATCH),
    ),
    Case(
        "second intermediate missing",
        lambda lab: lab.below(AIA).intermediate("Two", AIA).leaf(sends=(0,)),
        (INCOMPLETE,),
    ),
    Case(
        "EKU for clients",
        leaf(Wish(purposes=(ExtendedKeyUsageOID.CLIENT_AUTH,))),
        (UNTRUSTED,),
        ("Programs do not accept", "not meant for servers but for client auth"),
    ),
    Case(
        "EKU any", leaf(Wish(purposes=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,))), (UNTRUSTED,)
    ),
    Case(
        "name constraints violated",
        leaf_below(Wish(permitted=("example.org",))),
        (UNTRUSTED,),
        ("Programs do not accept", "may not vouch for this name"),
    ),
    Case(
        "path length violated",
        lambda lab: lab.below(Wish(path_length=0)).intermediate("Y").leaf(),
        (UNTRUSTED,),
        ("path length",),
    ),
    Case(
        "intermediate is no authority",
        leaf_below(Wish(is_authority=False)),
        (UNTRUSTED,),
        ("an authority in its chain is none: Example Trust Issuing",),
    ),
    Case("forged", forged, (UNTRUSTED,)),
]

STRICT = [
    Case(
        "common name alone",
        leaf(COMMON),
        (STRICTLY,),
        ("Python 3.13 or Go", "common name only"),
        refused_by="go",
    ),
    Case(
        "no key identifiers",
        leaf(NO_KEY_IDS),
        (STRICTLY,),
        ("it has no authorityKeyIdentifier",),
        refused_by="python",
    ),
    Case(
        "basicConstraints not critical",
        leaf_below(Wish(has_critical_constraints=False)),
        (STRICTLY,),
        ("the certificate of Example Trust Issuing has a basicConstraints that is not critical",),
        refused_by="python",
    ),
    Case(
        "empty subject, names not critical",
        leaf(Wish(organisation=None)),
        (STRICTLY,),
        refused_by="python",
    ),
    Case(
        "negative serial number",
        negative_serial,
        (STRICTLY,),
        ("serial number is negative",),
        refused_by="go",
    ),
    Case(
        "soon over, and strict",
        leaf(Wish(end=3.5 * DAY, has_key_identifiers=False)),
        (SOON, STRICTLY),
        refused_by="python",
    ),
    Case("expired, common name alone", leaf(expired(COMMON)), (EXPIRED, STRICTLY), refused_by="go"),
]

WEAKNESS = [
    Case("RSA 1024", leaf(Wish(rsa_bits=1024)), (WEAK,), ("its key has 1024 bits only",)),
    Case("SHA-1", hashed_with("SHA1"), (WEAK,), ("its signature uses SHA1",)),
    Case("MD5", hashed_with("MD5"), (WEAK,), ("its signature uses MD5",)),
]

CASES = [*FINE, *DATES, *NAMES, *TRUST, *STRICT, *WEAKNESS]
