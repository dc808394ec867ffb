"""Writes the certificates of the lab of real mail servers: `python realcertificates.py DIR`.

Each identity becomes NAME.pem (key and chain), NAME.key and NAME.crt, since every server has its
own wish; `ca.pem` is the root that the checks trust. Keys are for root alone: all of the servers
read them before they give root up.
"""

import sys
from pathlib import Path

from servers.pki import Authority, Identity, Wish, expired, self_signed

ISSUER_URL = "http://issuer.example.test/issuing.crt"


def main(folder: Path, hosts: tuple[str, ...]) -> None:
    """Makes all of them; `hosts` are the names that a good certificate holds."""
    authority = Authority.root("Example Trust")
    below = authority.intermediate("Example Trust")
    good = Wish(names=(*hosts, "127.0.0.1", "::1"))
    identities = {
        "good": authority.leaf(good),
        "expired": authority.leaf(expired(good)),
        "wrong-name": authority.leaf(Wish(names=("somewhere-else.example.test",))),
        "self-signed": self_signed(good),
        "incomplete": below.leaf(Wish(names=hosts, issuer_url=ISSUER_URL), sends=()),
        "mended": authority.leaf(expired(good)),
    }
    for name, identity in identities.items():
        _write(folder / name, identity)
    authority.file(folder).rename(folder / "ca.pem")


def _write(place: Path, identity: Identity) -> None:
    pem = identity.pem()
    cut = pem.index(b"-----BEGIN CERTIFICATE-----")
    for suffix, content in ((".pem", pem), (".key", pem[:cut]), (".crt", pem[cut:])):
        file = place.with_suffix(suffix)
        file.touch(mode=0o600)
        file.write_bytes(content)


if __name__ == "__main__":
    main(Path(sys.argv[1]), tuple(sys.argv[2:]))
