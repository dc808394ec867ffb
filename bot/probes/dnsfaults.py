"""What an unsuccessful look-up says about the name; the DNS page of the table in `faults`.

NXDOMAIN, no address, SERVFAIL and silence are four different facts with four different cures. The
extended errors of RFC 8914 ("signature expired") are quoted where the resolver sends them.
"""

import dns.exception
import dns.message
import dns.rcode
import dns.resolver

from bot.model.codes import Code
from bot.probes.faults import Fault

__all__ = ["fault_of_dns"]


def fault_of_dns(error: dns.exception.DNSException, family: str) -> Fault:
    """The code and the words for what dnspython raised in a look-up of `family` (A or AAAA)."""
    match error:
        case dns.resolver.NXDOMAIN():
            responses = list(error.kwargs["responses"].values())
            return Fault(code=Code.DNS_NXDOMAIN, said="NXDOMAIN" + _extended(responses))
        case dns.resolver.NoAnswer():
            said = f"the name has no {family} record" + _extended([error.kwargs["response"]])
            return Fault(code=Code.DNS_NO_ADDRESS, said=said)
        case dns.resolver.NoNameservers() | dns.resolver.LifetimeTimeout():
            return _of_servers(error.kwargs.get("errors", ()))
        case dns.resolver.YXDOMAIN():
            return Fault(code=Code.DNS_SERVFAIL, said="YXDOMAIN")
        case _:
            return Fault(code=Code.DNS_TIMEOUT, said=f"unreadable answer: {error}")


def _of_servers(errors: list[dns.resolver.ErrorTuple]) -> Fault:
    """A refusal that was sent counts for more than the silence of another name server."""
    responses = [response for *_, response in errors if response is not None]
    if responses:
        last = responses[-1]
        code = last.rcode()
        said = "CNAME chain too long" if code == dns.rcode.NOERROR else dns.rcode.to_text(code)
        return Fault(code=Code.DNS_SERVFAIL, said=said + _extended([last]))
    causes = [cause for *_, cause, _ in errors]
    if causes and all(isinstance(cause, OSError) for cause in causes):
        said = f"the name server cannot be reached: {causes[-1]}"
        return Fault(code=Code.DNS_TIMEOUT, said=said, from_here=True)
    if any(isinstance(cause, dns.exception.FormError) for cause in causes):
        return Fault(code=Code.DNS_TIMEOUT, said="unreadable answers from the name server")
    return Fault(code=Code.DNS_TIMEOUT, said="no answer from the name server")


def _extended(responses: list[dns.message.Message]) -> str:
    texts = [option.to_text() for response in responses for option in response.extended_errors()]
    return "".join(f"; {text}" for text in texts)
