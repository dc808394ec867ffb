"""What a quoted error means: the most specific decoder wins, provider and text before code."""

from bot.knowledge.schema import Decoder, Knowledge
from bot.model.complaint import Complaint

__all__ = ["meanings"]

# How much a part of a decoder narrows. The text of an error says more than its number, and a
# number means different things at different providers (docs/source-review.md, traps).
_WEIGHTS = {"text": 8, "provider": 4, "enhanced": 3, "reply": 2, "code": 2}


def meanings(complaint: Complaint, knowledge: Knowledge) -> tuple[Decoder, ...]:
    """All decoders that fit what the complaint quotes, the most specific first."""
    text = complaint.text.lower()
    speakers = _speakers(complaint, text, knowledge)
    found = [decoder for decoder in knowledge.decoders if _fits(decoder, complaint, text, speakers)]
    return tuple(sorted(found, key=lambda decoder: -_specificity(decoder)))


def _speakers(complaint: Complaint, text: str, knowledge: Knowledge) -> frozenset[str]:
    """The writer's provider, and those whose signature the error text bears."""
    signed = (
        provider.id
        for provider in knowledge.providers.values()
        if any(signature in text for signature in provider.signatures)
    )
    return frozenset({*signed, *filter(None, [complaint.provider])})


def _specificity(decoder: Decoder) -> int:
    return sum(weight for part, weight in _WEIGHTS.items() if getattr(decoder, part))


def _fits(decoder: Decoder, complaint: Complaint, text: str, speakers: frozenset[str]) -> bool:
    if decoder.provider is not None and decoder.provider not in speakers:
        return False
    if decoder.code is not None and decoder.code not in complaint.codes:
        return False
    if not _reply_fits(decoder, complaint):
        return False
    return not decoder.text or any(fragment in text for fragment in decoder.text)


def _reply_fits(decoder: Decoder, complaint: Complaint) -> bool:
    """Whether reply and enhanced code stand in one quoted reply, or singly among the codes."""
    wanted = (decoder.reply, decoder.enhanced)
    if wanted == (None, None):
        return True
    if None in wanted:
        return (decoder.reply or decoder.enhanced) in complaint.codes
    quoted = {(str(reply.code), reply.enhanced) for reply in complaint.replies}
    return wanted in quoted or set(wanted) <= set(complaint.codes)
