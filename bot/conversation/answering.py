"""What free text means as an answer to the question that is open."""

from bot.knowledge.schema import Choice, Knowledge, Question
from bot.model.complaint import Complaint, Intent
from bot.parsing.answer import read_choice

__all__ = ["choice_in", "reserved_choice_in"]

_ERROR_SLOT = "error"


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
