"""Messages that are no complaint: greetings, thanks, questions about mail, other topics."""

from bot.conversation import replies
from bot.conversation.servers import news_in
from bot.knowledge.schema import FaqEntry, Knowledge
from bot.model.complaint import Complaint, Intent
from bot.model.reply import Reply

__all__ = ["answer_without_case", "explained"]

_TEXTS = {
    Intent.GREETING: "reply.hello",
    Intent.THANKS: "reply.thanks",
    Intent.RESOLVED: "reply.thanks",
    Intent.OFF_TOPIC: "reply.off_topic",
    Intent.NOT_RESOLVED: "talk.say_more",
}


def explained(complaint: Complaint, knowledge: Knowledge) -> Reply | None:
    """The answer to a question that people often ask, None if it is none of those."""
    entry = _faq(complaint, knowledge)
    return replies.faq(entry) if entry is not None else None


def answer_without_case(complaint: Complaint, knowledge: Knowledge) -> Reply | None:
    """The answer to a message that opens no case; None if it is a mail complaint."""
    if not complaint.text.strip():
        return replies.simple("reply.empty", knowledge)
    if complaint.intent is Intent.CONCEPT_QUESTION:
        return _explained(complaint, knowledge)
    if complaint.intent is Intent.SETTINGS_QUESTION:
        return _settings(complaint, knowledge)
    text = _TEXTS.get(complaint.intent)
    if text is None or (complaint.intent is not Intent.RESOLVED and news_in(complaint)):
        return None
    return replies.simple(text, knowledge)


def _explained(complaint: Complaint, knowledge: Knowledge) -> Reply:
    entry = _faq(complaint, knowledge)
    return replies.faq(entry) if entry is not None else replies.simple("reply.hello", knowledge)


def _settings(complaint: Complaint, knowledge: Knowledge) -> Reply:
    provider = knowledge.providers.get(complaint.provider or "")
    if provider is not None:
        return replies.settings(provider, knowledge)
    entry = _faq(complaint, knowledge)
    if entry is not None:
        return replies.faq(entry)
    return replies.simple("reply.settings.3", knowledge)


def _faq(complaint: Complaint, knowledge: Knowledge) -> FaqEntry | None:
    """The entry whose words are all in the text; the one with the most words wins."""
    words = set("".join(c if c.isalnum() else " " for c in complaint.text.lower()).split())
    scored = [
        (len(group.split()), entry)
        for entry in knowledge.faq
        for group in entry.asks
        if set(group.split()) <= words
    ]
    return max(scored, key=lambda pair: pair[0], default=(0, None))[1]
