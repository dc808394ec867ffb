"""Finds passwords and keys in a text and takes them out, before anybody stores or shows it.

```
my password is hunter2            my password is [password removed]
AUTH PLAIN AGJvYgBodW50ZXIy       AUTH PLAIN [password removed]
smtp://bob:hunter2@mail.example   smtp://bob:[password removed]@mail.example
pass: SG.abcdef.ghijkl            pass: [key removed]
password: *****, <redacted>, ${SMTP_PASS}, "not accepted"         stay as they are
```

Six modules each look for one family, in one pass over the text and without backtracking:
`secret_shapes` what is a secret wherever it stands, `secret_dialogue` what a client sends to
sign in, `secret_words` what stands behind a word such as "password", `secret_sentences` what
sentences about one give away, `secret_tokens` what is made like one near talk of signing in,
`secret_urls` what stands before an @. Found spans are joined, so that of overlapping ones nothing
remains.
"""

from collections.abc import Iterable

from bot.model.complaint import Secret
from bot.parsing.secret_dialogue import find_dialogue_secrets
from bot.parsing.secret_sentences import find_sentence_secrets
from bot.parsing.secret_shapes import find_shaped_secrets
from bot.parsing.secret_spans import SecretSpan
from bot.parsing.secret_tokens import find_token_secrets
from bot.parsing.secret_urls import find_url_secrets
from bot.parsing.secret_words import find_worded_secrets

__all__ = ["redact"]

_FINDERS = (
    find_shaped_secrets,
    find_dialogue_secrets,
    find_url_secrets,
    find_worded_secrets,
    find_sentence_secrets,
    find_token_secrets,
)


def redact(text: str) -> tuple[str, tuple[Secret, ...]]:
    """`text` with its secrets replaced by `[password removed]` and the like, and what they were."""
    spans = _joined(span for find in _FINDERS for span in find(text))
    if not spans:
        return text, ()
    pieces: list[str] = []
    done = 0
    for span in spans:
        pieces += [text[done : span.start], f"[{span.kind} removed]"]
        done = span.end
    pieces.append(text[done:])
    secrets = tuple(Secret(kind=span.kind, length=span.end - span.start) for span in spans)
    return "".join(pieces), secrets


def _joined(spans: Iterable[SecretSpan]) -> list[SecretSpan]:
    """The spans in order; those that overlap become one of the earlier one's kind."""
    joined: list[SecretSpan] = []
    for span in sorted(spans, key=lambda each: (each.start, -each.end)):
        if joined and span.start < joined[-1].end:
            last = joined[-1]
            joined[-1] = SecretSpan(last.start, max(last.end, span.end), last.kind)
        else:
            joined.append(span)
    return joined
