"""A small knowledge folder that is whole, and a way to break one line of it."""

from collections.abc import Callable
from pathlib import Path

import pytest

FILES = {
    "trees/cannot-send.toml": """
id = "cannot-send"
title = "Mail does not go out"
start = "look"
intents = ["cannot_send"]

[node.look]
kind = "check"
claims = ["S24"]
unknown = "ask-port"
go = [{ when = ["tls.*"], to = "fix" }, { when = ["*"], to = "ask-port" }]

[node.ask-port]
kind = "ask"
claims = ["S25"]
questions = ["port"]
go = [{ when = ["port=right"], to = "other/fix" }, { when = ["*"], to = "fix" }]

[node.fix]
kind = "advise"
claims = ["S26"]
otherwise = "person"

[node.person]
kind = "hand_over"
claims = ["S27"]
text = "talk.person"
""",
    "trees/other.toml": """
id = "other"
title = "Something else"
start = "fix"

[node.fix]
kind = "advise"
claims = ["S28"]
cause = "settings.wrong_port"
""",
    "trees/questions.toml": """
[[question]]
id = "port"
text = "Which port is set?"
claims = ["S25"]
slot = "server"
choices = [
  { id = "right", label = "587", means = { "settings.wrong_security" = 0.2 } },
  { id = "wrong", label = "25" },
]
""",
    "rules/live.toml": """
[[rule]]
id = "closed-port"
cause = "tcp.refused"
confidence = 0.9
source = "RFC 8314 section 3"
checked_on = 2026-11-01
[rule.when]
stated = ["tcp.*"]
provider = ["example-mail"]
client = ["mailer"]
answer = { port = ["wrong"] }
""",
    "codes/replies.toml": """
[[decoder]]
id = "reply-535"
meaning = "The server refuses the password."
reply = "535"
causes = { "auth.bad_credentials" = 0.8 }
source = "RFC 4954 section 6"
checked_on = 2026-11-01
""",
    "advice/all.toml": """
[[advice]]
id = "set-port"
causes = ["settings.wrong_port", "settings.wrong_security", "tcp.refused", "auth.bad_credentials"]
audience = "user"
title = "Set the port"
steps = ["@open-settings", "Enter {port}."]
sources = [{ title = "RFC 8314", url = "https://example.org/rfc8314", checked_on = 2026-11-01 }]
""",
    "clients/mailer.toml": """
id = "mailer"
name = "Mailer"
names = ["mailer"]
source = "https://example.org/mailer"
checked_on = 2026-11-01
[actions]
open-settings = ["Open the settings.", "Server: {host}"]
""",
    "providers/example-mail.toml": """
id = "example-mail"
name = "Example Mail"
domains = ["mail.example"]
hosts = ["smtp.mail.example"]
names = ["example mail"]
outgoing = [{ host = "smtp.mail.example", port = 587, security = "starttls", auth = ["password"] }]
incoming = []
notes = []
sources = [{ title = "Help", url = "https://example.org/help", checked_on = "2026-11-01" }]
valid_from = 2026-01-01
checked_on = 2026-11-01
review_by = 2027-11-01
""",
    "lexicon/words.toml": """
about_mail = ["mail"]
[[phrase]]
intent = "cannot_send"
weight = 1.0
say = ["cant send"]
[security]
tls = ["ssl"]
""",
    "lexicon/more.toml": """
about_mail = ["outbox"]
[security]
tls = ["smtps"]
starttls = ["starttls"]
[remarks]
why = ["why"]
[answers]
"port=right" = ["it is 587"]
""",
    "interceptors/all.toml": """
[[interceptor]]
id = "shield"
name = "Shield"
kind = "antivirus"
issuers = ["shield mail root"]
source = "https://example.org/shield"
checked_on = 2026-11-01
""",
    "faq/all.toml": """
[[faq]]
id = "what-is-smtp"
asks = ["what smtp"]
question = "What is SMTP?"
answer = "The way mail is handed over."
claims = ["S01"]
sources = [{ title = "RFC 5321", url = "https://example.org/rfc5321", checked_on = 2026-11-01 }]
""",
    "texts/talk.toml": """
[talk]
person = "A colleague takes over."
[verdict]
"tls.handshake_failed".1 = "{host} breaks off."
[says.glossary]
port = "port"
[glossary]
port = "A door."
""",
}

Break = Callable[[str, str, str], Path]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A knowledge folder in which every kind of file is there once."""
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.fixture
def broken(folder: Path) -> Break:
    """The folder with one piece of text replaced in one file."""

    def replace(name: str, old: str, new: str) -> Path:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return folder

    return replace
