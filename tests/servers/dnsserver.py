"""A name server on loopback, UDP and TCP, that answers from a dict and misbehaves on request.

```
DnsServer({"mail.example.test": {"A": ["127.0.0.1"], "AAAA": SILENCE},
           "gone.example.test": NXDOMAIN})
```
Names that the dict does not hold do not exist. A CNAME is followed as far as the dict goes.
"""

import contextlib
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from types import TracebackType
from typing import Self

import dns.edns
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

__all__ = [
    "GARBAGE",
    "NXDOMAIN",
    "REFUSED",
    "SERVFAIL",
    "SILENCE",
    "TRUNCATED",
    "DnsServer",
    "Outcome",
    "ServeZone",
    "Zone",
]


class Outcome(Enum):
    """What comes in place of records."""

    NXDOMAIN = "nxdomain"
    SERVFAIL = "servfail"
    REFUSED = "refused"
    SILENCE = "silence"
    GARBAGE = "garbage"


NXDOMAIN = Outcome.NXDOMAIN
SERVFAIL = Outcome.SERVFAIL
REFUSED = Outcome.REFUSED
SILENCE = Outcome.SILENCE
GARBAGE = Outcome.GARBAGE
TRUNCATED = "TRUNCATED"  # as a record type, with any value: UDP answers are cut, TCP ones are whole

Records = Sequence[str] | Outcome
Zone = Mapping[str, Mapping[str, Records] | Outcome]

_RCODES = {
    NXDOMAIN: dns.rcode.NXDOMAIN,
    SERVFAIL: dns.rcode.SERVFAIL,
    REFUSED: dns.rcode.REFUSED,
}
_TTL = 60
_MAX_CHAIN = 20
_MAX_UDP = 4096


class DnsServer:
    """Answers from `zone`, on a free port by default; use it as a context manager.

    `servfail_reason` is sent as extended error (RFC 8914) with every SERVFAIL; its code is 6,
    DNSSEC Bogus, by default.
    """

    def __init__(
        self,
        zone: Zone,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        servfail_reason: str = "",
        servfail_code: int = 6,
    ) -> None:
        self.zone = {name.rstrip(".").lower(): entry for name, entry in zone.items()}
        self.servfail_reason = servfail_reason
        self._servfail_code = dns.edns.EDECode(servfail_code)
        self.queries: Counter[tuple[str, str]] = Counter()  # (name, type)
        self.tcp_queries = 0
        self.asked = threading.Event()  # set with the first query
        self._tcp = socket.create_server((host, port))
        self.port: int = self._tcp.getsockname()[1]
        self.address = (host, self.port)  # as the prober's settings want them
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._udp.bind(self.address)
        self._threads = [
            threading.Thread(target=loop, daemon=True)
            for loop in (self._serve_udp, self._serve_tcp)
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """Closes both sockets and waits for the threads to end."""
        with contextlib.suppress(OSError):
            self._tcp.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):  # not connected, and yet it wakes the reader up
            self._udp.shutdown(socket.SHUT_RDWR)
        self._tcp.close()
        for thread in self._threads:
            thread.join(timeout=5)
        self._udp.close()

    def _serve_udp(self) -> None:
        while True:
            try:
                wire, client = self._udp.recvfrom(_MAX_UDP)
            except OSError:
                return
            if not wire:
                return
            answer = self._answer(wire, is_udp=True)
            if answer is not None:
                self._udp.sendto(answer, client)

    def _serve_tcp(self) -> None:
        while True:
            try:
                connection, _ = self._tcp.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError, struct.error):
                (length,) = struct.unpack("!H", connection.recv(2))
                self.tcp_queries += 1
                answer = self._answer(connection.recv(length), is_udp=False)
                if answer is not None:
                    connection.sendall(struct.pack("!H", len(answer)) + answer)

    def _answer(self, wire: bytes, *, is_udp: bool) -> bytes | None:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        name = question.name.to_text(omit_final_dot=True).lower()
        self.queries[name, kind] += 1
        self.asked.set()
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        outcome = self._fill(response, name, kind, is_udp=is_udp)
        if outcome is SILENCE:
            return None
        if outcome is GARBAGE:
            return b"\x00garbage"
        if outcome is not None:
            response.set_rcode(_RCODES[outcome])
        if outcome is SERVFAIL and self.servfail_reason:
            reason = dns.edns.EDEOption(self._servfail_code, self.servfail_reason)
            response.use_edns(0, options=[reason])
        return response.to_wire(want_shuffle=False)

    def _fill(
        self, response: dns.message.Message, name: str, kind: str, *, is_udp: bool
    ) -> Outcome | None:
        """Adds the records for `name`; what comes in their place, if anything does."""
        for _ in range(_MAX_CHAIN):
            entry = self.zone.get(name, NXDOMAIN)
            if isinstance(entry, Outcome):
                return entry
            if TRUNCATED in entry and is_udp:
                response.flags |= dns.flags.TC
                return None
            alias = entry.get("CNAME")
            records = entry.get(kind, ()) if alias is None else alias
            if isinstance(records, Outcome):
                return records
            if records:
                shown = kind if alias is None else "CNAME"
                owner = dns.name.from_text(name)
                response.answer.append(dns.rrset.from_text(owner, _TTL, "IN", shown, *records))
            if alias is None:
                return None
            name = records[0].rstrip(".").lower()
        return None


# What the fixture `zone` gives: starts a name server that ends with the test.
ServeZone = Callable[[Zone], DnsServer]
