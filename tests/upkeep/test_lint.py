"""Every kind of fault that lint finds, each in a folder that is whole but for that one thing."""

import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from bot.knowledge.schema import Knowledge
from bot.upkeep.lint import Fault, Severity, check_knowledge
from bot.upkeep.loader import load_knowledge

Break = Callable[[str, str, str], Path]
TODAY = date(2026, 11, 23)
DECODERS = "codes/replies.toml"
ADVICE = "advice/all.toml"
PROVIDER = "providers/example-mail.toml"
CLIENT = "clients/mailer.toml"
DATA = Path(__file__).parent / "lint_faults.toml"
FAULTS: list[dict[str, str]] = tomllib.loads(DATA.read_text(encoding="utf-8"))["fault"]


def faults_of(folder: Path, today: date = TODAY) -> list[Fault]:
    """The faults of a folder; codes that the small folder leaves out are no matter here."""
    return [
        fault
        for fault in check_knowledge(load_knowledge(folder), today)
        if "there is no sentence for this code" not in fault.problem
        and "is a code of the contract and has no advice" not in fault.problem
    ]


def test_whole_folder_has_no_faults(folder: Path) -> None:
    """What is whole is not complained about."""
    assert faults_of(folder) == []


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["said"][:60])
def test_fault_is_found(broken: Break, fault: dict[str, str]) -> None:
    """Each kind of fault is found, named by its place, and told how to cure."""
    told = [str(each) for each in faults_of(broken(fault["file"], fault["old"], fault["new"]))]

    assert any(line.startswith(fault["said"]) for line in told), told
    assert all("\n" not in line for line in told)


def test_contradicting_decoders_are_found(folder: Path) -> None:
    """Two decoders for one error that name other causes cannot both be right."""
    text = (folder / DECODERS).read_text(encoding="utf-8")
    other = text.replace("reply-535", "reply-535-b").replace("bad_credentials", "account_locked")
    (folder / "codes/more.toml").write_text(other, encoding="utf-8")

    told = [str(fault) for fault in faults_of(folder)]

    assert any("fits the same errors as decoder.reply-535" in line for line in told)


def test_decoders_that_agree_are_no_fault(folder: Path) -> None:
    """The same twice is superfluous and harmless."""
    text = (folder / DECODERS).read_text(encoding="utf-8")
    (folder / "codes/more.toml").write_text(text.replace("reply-535", "again"), encoding="utf-8")

    assert faults_of(folder) == []


def test_shared_domain_is_found(folder: Path) -> None:
    """An address at a domain that two providers claim would go to either by chance."""
    text = (folder / PROVIDER).read_text(encoding="utf-8")
    path = folder / "providers/second.toml"
    path.write_text(text.replace('id = "example-mail"', 'id = "second"'), encoding="utf-8")

    told = [str(fault) for fault in faults_of(folder)]

    assert any('"mail.example" is a domain of example-mail as well' in line for line in told)


def test_advice_for_one_provider_alone_leaves_the_others_without(broken: Break) -> None:
    """A cause whose only advice is narrowed has none for everybody else."""
    narrowed = 'audience = "user"\nwhen_provider = ["example-mail"]'
    told = [str(fault) for fault in faults_of(broken(ADVICE, 'audience = "user"', narrowed))]

    assert any(line.startswith("advice: settings.wrong_port: can be the verdict") for line in told)


def test_client_without_settings_needs_no_actions(broken: Break) -> None:
    """Nobody is sent to settings that a program does not have."""
    folder = broken(CLIENT, "open-settings =", "set-port =")
    path = folder / CLIENT
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("[actions]", "has_smtp_settings = false\n[actions]"), encoding="utf-8"
    )
    (folder / "clients/other.toml").write_text(
        text.replace('id = "mailer"', 'id = "other"').replace("set-port =", "open-settings ="),
        encoding="utf-8",
    )

    assert faults_of(folder) == []


def test_codes_without_sentence_are_problems_and_without_advice_warnings(folder: Path) -> None:
    """The contract's codes all need a sentence; advice only where knowledge can give them."""
    faults = check_knowledge(load_knowledge(folder), TODAY)
    by_place = {fault.key: fault.severity for fault in faults}

    assert by_place["texts: verdict.dns.nxdomain"] is Severity.PROBLEM
    assert by_place["advice: dns.nxdomain"] is Severity.WARNING
    assert "advice: ok" not in by_place


def test_problems_come_before_warnings(folder: Path) -> None:
    """What would let somebody down is read first."""
    severities = [fault.severity for fault in check_knowledge(load_knowledge(folder), TODAY)]

    assert severities == sorted(severities, key=lambda each: each is not Severity.PROBLEM)


def test_a_review_date_is_judged_by_the_day_that_is_given(folder: Path) -> None:
    """Lint reads no clock: the same folder is due a year later."""
    assert faults_of(folder) == []
    assert any("was due" in fault.problem for fault in faults_of(folder, date(2028, 1, 1)))


def test_shipped_lexicon_is_whole(knowledge: Knowledge) -> None:
    """No phrase that we ship speaks for two intents alike."""
    faults = check_knowledge(knowledge, TODAY)

    assert [str(fault) for fault in faults if fault.key.startswith("lexicon")] == []
