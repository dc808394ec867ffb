"""Targets that are refused: nothing leaves but the look-up of a name, as a packet counter proves.

The namespace has default routes and an own loopback, so that whatever is dialled would leave; the
counter sits on the way out of the machine, for both families.
"""

from collections.abc import Mapping
from ipaddress import IPv4Address

import pytest

from lab.conftest import RunLab
from lab.scene import Answer, Lab, Machine, Question, Scene, drop
from lab.special import EMBEDDINGS, METADATA
from lab.targets import LITERALS, PORTS, SPELLINGS

ADDRESS, PORT = "policy.address_not_allowed", "policy.port_not_allowed"
NAME = "dns.invalid_name"

REFUSED = (
    dict.fromkeys(LITERALS, ADDRESS) | dict.fromkeys(SPELLINGS, NAME) | dict.fromkeys(PORTS, PORT)
)

# Names: what they resolve to, A and AAAA. One forbidden address among good ones refuses all.
GOOD4, GOOD6 = ("9.9.1.10", "9.9.9.9", "149.112.112.112"), ("2620:fe::fe", "2620:fe::9")
RESOLVED = {
    "private": (("10.0.0.1",), ()),
    "loopback": (("127.0.0.1",), ("::1",)),
    "loopback-v6": ((), ("::1",)),
    "metadata.google.internal": (("169.254.169.254",), ()),
    "zero": (("0.0.0.0",), ("::",)),
    "broadcast": (("255.255.255.255",), ()),
    "one-of-four": ((*GOOD4, "192.168.0.1"), ()),
    "first-of-four": (("192.168.0.1", *GOOD4), ()),
    "good-v4-bad-v6": (GOOD4, ("fd00::25",)),
    "bad-v4-good-v6": (("10.0.0.25",), GOOD6),
    "the-last-of-many": ((*(f"9.9.9.{last}" for last in range(1, 40)), "10.1.1.1"), ()),
    "foo.localhost": (("127.0.0.1",), ()),
    "printer.local": (("192.168.1.9",), ()),
    "router.home.arpa": (("192.168.1.1",), ()),
    "single": (("10.9.8.7",), ()),
} | {
    f"hidden-{number}.lab.test": (GOOD4, (form(IPv4Address("127.0.0.1")),))
    for number, form in enumerate(EMBEDDINGS.values())
}
# Other spellings of names that lead inwards, with the name that is looked up.
SPELT = {
    "dotted.lab.test.": "dotted.lab.test",
    "UPPER.Lab.Test": "upper.lab.test",
    "Bar.LocalHost.:25": "bar.localhost",
    "two.lab.test 465": "two.lab.test",
    "smtps://scheme.lab.test": "scheme.lab.test",
    "m\u00e4il.lab.test": "xn--mil-qla.lab.test",
    "P\u00d6ST.LAB.TEST.": "xn--pst-sna.lab.test",
    "\uff57ide.lab.test:587": "wide.lab.test",
    "[brackets.lab.test]:25": "brackets.lab.test",
}
NAMED = {name: name for name in RESOLVED} | SPELT

OWN = "9.9.1.10"  # of the one machine that this lab has
TURNS: tuple[Mapping[str, tuple[tuple[str, ...], ...]], ...] = (
    {"A": ((OWN,), ("127.0.0.1",))},
    {"A": ((OWN,),), "AAAA": ((), ("::1",))},
    {"A": ((OWN,), ("10.0.0.1",), ("169.254.169.254",))},
)
REBINDING = {
    f"turning-{number}.lab.test:{25 if number else 587}": turns
    for number, turns in enumerate(TURNS)
}
# A mail domain whose every sign points inwards.
INWARDS = {
    "inwards.test": {"A": (("127.0.0.1",),), "MX": (("10 mail.inwards.test.",),)},
    "mail.inwards.test": {"A": (("127.0.0.1",),), "AAAA": (("::1",),)},
    "smtp.inwards.test": {"A": (("10.0.0.1",),)},
    "autoconfig.inwards.test": {"A": (("169.254.169.254",),)},
    "autodiscover.inwards.test": {"A": (("169.254.169.254",),)},
    "_submission._tcp.inwards.test": {"SRV": (("0 0 587 mail.inwards.test.",),)},
    "_submissions._tcp.inwards.test": {"SRV": (("0 0 465 localhost.",),)},
    "_imaps._tcp.inwards.test": {"SRV": (("0 0 993 mail.inwards.test.",),)},
}
MAILBOXES = ("someone@inwards.test", "someone@loopback", "someone@localhost")

PROCESSES = ("127.0.0.1", "[::ffff:10.0.0.1]:587", "127.1", "mail.lab.test:22", "one-of-four")
DIALLED = ("9.9.200.1:587", "[2620:fe:c8::1]:587")  # allowed, and answered by nobody

ZONE: dict[str, Mapping[str, tuple[tuple[str, ...], ...]]] = {
    **{name: {"A": (v4,), "AAAA": (v6,)} for name, (v4, v6) in RESOLVED.items()},
    **{name: {"A": (("10.0.0.1",),)} for name in SPELT.values()},
    "cname.lab.test": {"CNAME": (("private.",),)},
    **{target.partition(":")[0]: turns for target, turns in REBINDING.items()},
    **INWARDS,
}
TYPED = "".join(f"{target}\n" for target in REFUSED if target.split() and len(target) < 300)

QUESTIONS = {
    **{target: Question(target=target) for target in (*REFUSED, *NAMED, "cname.lab.test")},
    **{mailbox: Question(target=mailbox) for mailbox in MAILBOXES},
    **{f"process {one}": Question(target=one, process=True) for one in PROCESSES},
    "lines": Question(target=TYPED),
    # Last, since a connection that was made may have a last packet to send.
    **{target: Question(target=target) for target in (*DIALLED, *REBINDING)},
}


@pytest.fixture(scope="module")
def answers(run_lab: RunLab) -> dict[str, Answer]:
    """The answers to all questions of this file, from one namespace."""
    machine = Machine(ports={465: "tls"}, rules=drop(587))
    lab = Lab(
        scenes=(Scene(machines=(machine,), target="{host}:465"),),
        zone=ZONE,
        questions=tuple(QUESTIONS.values()),
        settings={"TIMEOUT": "2"},
    )
    return dict(zip(QUESTIONS, run_lab(lab)[1:], strict=True))


def insist_on_refusal(answer: Answer, code: str) -> None:
    """Exit 2, one clear line, and a whole document that says so."""
    document = answer.document
    assert (answer.code, document["verdict"]["code"]) == (2, code)
    assert document["verdict"]["severity"] == "problem"
    assert [finding["code"] for finding in document["findings"]] == [code]
    assert document["suggested"] is None
    assert set(document) == {
        "target",
        "verdict",
        "findings",
        "advice",
        "suggested",
        "settings",
        "stages",
        "elapsed_ms",
    }
    assert not [stage for stage in document["stages"] if stage["status"] == "ok"]
    assert len(answer.line.strip().splitlines()) == 1
    assert answer.line.strip().isprintable()


def test_the_meter_sees_what_is_dialled(answers: dict[str, Answer]) -> None:
    """In both families: a meter that counts nothing would prove nothing."""
    for target in DIALLED:
        assert answers[target].others > 0
        assert answers[target].dns == 0


@pytest.mark.parametrize("target", REFUSED)
def test_no_packet_leaves_for_a_refused_target(target: str, answers: dict[str, Answer]) -> None:
    """Addresses, spellings and ports that are not allowed: refused without any packet."""
    answer = answers[target]

    insist_on_refusal(answer, REFUSED[target])
    assert (answer.dns, answer.others) == (0, 0)


@pytest.mark.parametrize("target", NAMED)
def test_only_the_look_up_leaves_for_a_refused_name(
    target: str, answers: dict[str, Answer]
) -> None:
    """A name with a forbidden address costs one look-up of each family and nothing else."""
    answer, name = answers[target], NAMED[target]

    insist_on_refusal(answer, ADDRESS)
    assert answer.others == 0
    assert answer.asked == (f"{name} A", f"{name} AAAA")


def test_an_alias_of_a_refused_name(answers: dict[str, Answer]) -> None:
    """A CNAME that leads inwards is refused for where it leads."""
    answer = answers["cname.lab.test"]

    insist_on_refusal(answer, ADDRESS)
    assert answer.others == 0


@pytest.mark.parametrize("target", REBINDING)
def test_a_name_that_changes_is_looked_up_once(target: str, answers: dict[str, Answer]) -> None:
    """Public at first and inward later: the first answer is all that is ever dialled."""
    answer, name = answers[target], target.partition(":")[0]
    stages = answer.document["stages"]
    addresses = {stage["address"] for stage in stages if stage["name"] != "dns"}

    assert answer.asked == (f"{name} A", f"{name} AAAA")
    assert addresses == {OWN}
    assert answer.others > 0
    assert answer.loopback == 0
    assert answer.document["suggested"]["port"] == 465


@pytest.mark.parametrize("mailbox", MAILBOXES)
def test_a_mail_domain_that_points_inwards(mailbox: str, answers: dict[str, Answer]) -> None:
    """What is found out about a domain passes the same guard as what is typed."""
    assert answers[mailbox].others == 0
    assert answers[mailbox].document["verdict"]["code"] != "ok"


@pytest.mark.parametrize("target", PROCESSES)
def test_a_real_process_refuses_the_same(target: str, answers: dict[str, Answer]) -> None:
    """The command itself: exit 2, one line on stderr, the document on stdout."""
    answer = answers[f"process {target}"]

    insist_on_refusal(answer, REFUSED.get(target, ADDRESS))
    assert answer.line.startswith("mailmedic: ")
    assert answer.others == 0


def test_many_lines_are_refused_the_same(answers: dict[str, Answer]) -> None:
    """`check -` refuses line by line, with a document each, and no packet leaves."""
    answer = answers["lines"]
    wanted = [REFUSED[target] for target in REFUSED if target.split() and len(target) < 300]
    found = [document["verdict"]["code"] for document in answer.document["lines"]]

    assert found == wanted
    assert answer.code == 2
    assert (answer.dns, answer.others) == (0, 0)


def test_no_allow_list_opens_what_never_is_a_mail_server(run_lab: RunLab) -> None:
    """Metadata and translations stay refused, and unlisted networks, whatever is allowed."""
    closed = (
        *METADATA,
        *(
            form(IPv4Address("10.0.0.1"))
            for name, form in EMBEDDINGS.items()
            if not name.startswith("mapped")
        ),
        "::ffff:169.254.169.254",
        "192.168.0.1",
        "::ffff:192.168.0.1",
    )
    settings = {"ALLOW_NETS": "10.0.0.0/8,127.0.0.0/8,169.254.0.0/16,100.64.0.0/10,fc00::/7"}
    questions = tuple(Question(target=address) for address in closed)
    found = run_lab(Lab(questions=questions, settings=settings))

    for answer in found:
        insist_on_refusal(answer, ADDRESS)
        assert (answer.dns, answer.others) == (0, 0)
