"""What free text means as an answer to the question that is open."""

from dataclasses import replace

from bot.knowledge.schema import Knowledge
from bot.knowledge.trees import Choice, Question
from bot.model.complaint import Complaint, Intent
from bot.model.target import Target
from bot.parsing.answer import read_choice
from bot.parsing.target import parse_target

__all__ = ["choice_in", "in_light_of", "is_confused", "is_yes", "reserved_choice_in"]

_ERROR_SLOT = "error"
_YES_OR_NO = Question(
    id="yes-or-no",
    text="",
    claims=(),
    choices=(Choice(id="yes", label="yes"), Choice(id="no", label="no")),
    dont_know=False,
)


def choice_in(complaint: Complaint, question: Question) -> str | None:
    """The choice that the text names; for a question about the error also the one it reports."""
    if question.slot == _ERROR_SLOT and complaint.codes:
        return None  # the code itself says more than any choice
    found = read_choice(complaint.text, question)
    if found is None and question.slot == _ERROR_SLOT:
        reported = {choice.id for choice in question.choices} & {complaint.intent}
        return next(iter(reported), None)
    return found


def reserved_choice_in(
    complaint: Complaint, offered: tuple[str, ...], knowledge: Knowledge
) -> str | None:
    """The reserved option among `offered` that the text means, else None."""
    if complaint.intent is Intent.HUMAN_WANTED and "human" in offered:
        return "human"
    choices = tuple(
        Choice(
            id=option,
            label=knowledge.texts[f"option.{option}"],
            says=tuple(knowledge.texts[f"says.{option}"].split("|")),
        )
        for option in offered
        if f"says.{option}" in knowledge.texts
    )
    asked = Question(id="after-advice", text="", claims=(), choices=choices, dont_know=False)
    return read_choice(complaint.text, asked)


def is_confused(complaint: Complaint, knowledge: Knowledge) -> bool:
    """Whether the text asks what was meant, and is no news about the mail."""
    says = tuple(knowledge.texts["says.confused"].split("|"))
    choices = (Choice(id="confused", label=says[0], says=says),)
    asked = Question(id="confused", text="", claims=(), choices=choices, dont_know=False)
    return read_choice(complaint.text, asked) is not None


def in_light_of(question: Question, complaint: Complaint) -> Complaint:
    """The message read as an answer: where a server is asked for, a bare name is one."""
    asks_for_server = any(blank.id == "host" for blank in question.fields)
    if not asks_for_server or complaint.host is not None or complaint.domain is not None:
        return complaint
    target = parse_target(complaint.text.split()[:2])
    if not isinstance(target, Target) or "." not in target.host:
        return complaint
    return replace(complaint, host=target.host, port=target.port or complaint.port)


def is_yes(complaint: Complaint) -> bool | None:
    """True for a yes, False for a no, None for anything else."""
    return {"yes": True, "no": False}.get(read_choice(complaint.text, _YES_OR_NO) or "")
