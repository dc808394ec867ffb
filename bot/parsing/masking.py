"""Mail addresses without the part that names a person."""

from bot.parsing.addresses import MASK, find_addresses

__all__ = ["without_local_parts"]


def without_local_parts(text: str) -> str:
    """`text` with every `rosa@example.com` as `…@example.com`."""
    pieces: list[str] = []
    done = 0
    for found in find_addresses(text):
        sign = text.index("@", found.start)
        if found.start >= done:
            pieces += [text[done : found.start], MASK]
            done = sign
    pieces.append(text[done:])
    return "".join(pieces)
