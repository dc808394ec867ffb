"""Words that look so much like a secret that a message about signing in must not keep them.

`I tried both Kranich4410q and Kranich4411q`, `entered Otter$2024 three times`: no word announces
the value, but the writer speaks of a password, of signing in or of typing something. Servers, log
lines, programs, names of users and queue ids look alike and stay.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

from bot.parsing.scripts import UNSPACED
from bot.parsing.secret_decoys import SLOTS
from bot.parsing.secret_keywords import in_lower_case, next_keyword
from bot.parsing.secret_looks import bare_of, is_secretive
from bot.parsing.secret_spans import SecretSpan

__all__ = ["find_token_secrets"]

_REACH = 600  # characters between what is said about signing in and the value
_SHORTEST = 8
_BEFORE = 40
_TOKEN = re.compile(r"\S{1,240}")
_REMOVED = "removed]"  # our own mark: what was redacted once stays as it is
_UNSPACED = re.compile(rf"[{UNSPACED}]|[\uac00-\ud7a3]")  # sentences there are one word long
_SIGNS = frozenset("!#$%^&*§€£~+?@=_")
_MENTION = re.compile(
    r"\b(?:sign(?:ed|ing|s)?[ -]?(?:in|on)|log(?:ged|ging|s)?[ -]?(?:in|on)|enter(?:ed|ing|s)?"
    r"|try(?:ing)?|tries|tried|typ(?:ed?|es|ing)|credentials"
    r"|(?:an|ein)(?:ge)?(?:melde\w{0,3}|logg\w{0,3}|geben|gibt|tipp\w{0,3})|melde\w{0,2}|logge"
    r"|(?:ge)?tipp(?:e|te|t)|(?:aus)?probier\w{0,3}|versuch\w{0,3}|gebe|zugangsdaten"
    r"|connecte|saisi\w{0,3}|tap[ée]\w{0,2}|essay\w{1,3}|identifi\w{1,5}|entr[éeao]\w{0,2}"
    r"|inici\w{1,3}|introdu\w{1,5}|escrib\w{1,4}|prob[éeaoó]\w{0,4}|ingres\w{1,4}|tecle\w{1,4}"
    r"|intent\w{1,4}|digit\w{1,4}|tent\w{1,3}|inseri\w{1,4}|prov(?:o|ato|ando)|acced\w{1,4}"
    r"|in(?:ge)?log\w{0,3}|aan(?:ge)?meld\w{0,2}|(?:ge)?typt|in(?:ge)?voer\w{0,3}|(?:ge)?probeer\w{0,2}"
    r"|zalog\w{1,6}|wpis\w{1,5}|ввож\w{1,4}|вв[её]л\w?|войти|вхо\w{1,4}|logga\w{0,2})\b"
)
# What stands right before a value that is said to be the right one.
_RIGHT = re.compile(
    r"\b(?:should|must|has\sto|ought\sto)\sbe\s|\b(?:soll|sollte|muss|müsste)\s"
    r"|\b(?:devrait|doit)\sêtre\s|\bdeb(?:e|ería)\sser\s|\bdeve(?:ria)?\s(?:ser|essere)\s"
    r"|\bdovrebbe\sessere\s|\bmoet\s"
)
# From here on a line holds what a server said, and its ids: a reply with its words or codes.
_REPLY = re.compile(
    r"(?:^|[:\"'(\[>]\s{0,2})[2-5]\d\d(?=-\S|[ ](?!I['\u2019 ])[A-Z0-9#<(])"
    r"|(?<![\w.])[2-5]\d\d[ -]#?[245]\.\d{1,3}\.\d{1,3}"
    r"|(?<![\w.-])#?[245]\.[0-7]\.\d{1,3}(?![\w-]|\.\d)"
)
_PERSON = re.compile(r"(?<![\w'-])(?:I|[Ii]ch|[Ww]ir|[Ww]e|[Jj]e|[Yy]o|[Ee]u|[Ii]o|[Ii]k)(?=\s)")
_LOGGED = re.compile(
    r"\s{0,8}(?:\[?\d{4}-\d\d-\d\d[T ]|\[?\d{1,2}:\d\d:\d\d|[a-z]{3}\s{1,2}\d{1,2}\s\d\d:\d\d"
    r"|(?:s|server|smtp|client|debug|info|error|warn(?:ing)?)\s?(?:->|<-|:\s{0,2}[2-5]\d\d)|[<>]{1,3}\s"
    r"|[a-z-]{2,30}-(?:signature|id|results?|seal|path):|received:|\s{0,4}at\s\S+\()"
)
_PRODUCT = re.compile(
    r"(?:outlook|office|exchange|windows|win\d|server|iphone|ipad|ipados|android|macos|macbook|imac"
    r"|galaxy|pixel|redmi|xperia|huawei|oneplus|surface|thinkpad|latitude|elitebook|laserjet"
    r"|officejet|deskjet|envy|pagewide|ecotank|workforce|bizhub|imagerunner|pixma|mfp|canon|epson"
    r"|brother|kyocera|taskalfa|ricoh|xerox|versalink|workcentre|lexmark|samsung|konica|sharp|toshiba"
    r"|thunderbird|firefox|chrome|safari|php|nodemailer|mailkit|javamail|wordpress|postfix|dovecot"
    r"|exim|smtp|imap|pop3|starttls|tls|ssl|sha\d|aes\d|utf|base64|aadsts|1und1|synology|diskstation"
    r"|fritzbox|nextcloud|version|ios\d|ubuntu|debian|microsoft|google|gmail|hotmail|yahoo|icloud)"
)
_IDENTIFIER = re.compile(
    r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[0-9A-Fa-f]+|[\w.+-]+-gsmtp|\w{1,40}\[\d.*"
    r"|[\w.-]+(?::{1,2}[\w.-]+)+:?|\d{1,4}(?:[A-Z][a-z]{1,12}\.?){1,2}\d{0,4}"
)
_PART = re.compile(r"(?:^|_)(?:smtp|imap|pop3?|auth|mail|host|port|user|tls|ssl|server)(?:_|\d|$)")
_LOCAL = re.compile(r"(?<![\w.+-])([\w.+-]{1,64})@[\w-]+\.")
# What a value is called that is no secret, right before it.
_NAMED_WORDS = (
    "user username userid benutzer benutzername kennung utilisateur identifiant usuario usuário"
    " utente gebruiker gebruikersnaam id queue ref reference ticket case request session trace"
    " correlation serial seriennummer file datei as"
)
_NAMED = frozenset(_NAMED_WORDS.split())
# Behind these words a value may be a password after all: `for my mail Kranich4410q`.
_OPEN_WORDS = "mail mails email emails correo gives got with mit said says dit site"
_OPEN = frozenset(_OPEN_WORDS.split())
_LINK_WORDS = "is was ist est es é è name named called"
_LINKS = frozenset(_LINK_WORDS.split())


def find_token_secrets(text: str) -> Iterator[SecretSpan]:
    """The words in `text` that are made like secrets, near what is said about signing in."""
    lower = in_lower_case(text)
    mentions = _mentions(lower)
    users = {local[1] for local in _LOCAL.finditer(lower)}
    at = 0
    for line in text.splitlines(keepends=True):
        head = lower[at : at + _BEFORE]
        if not _LOGGED.match(head):
            for word in _own_words(line):
                bare = bare_of(word[0])
                start = at + word.start() + word[0].find(bare)
                lowered = lower[start : start + len(bare)]
                if _is_made(bare, lowered, users) and _is_given(text, lower, mentions, start, bare):
                    yield SecretSpan(start, start + len(bare), "password")
        at += len(line)


def _own_words(line: str) -> Iterator[re.Match[str]]:
    """The words of a line but those of a server's reply, until a person speaks again."""
    reply = _REPLY.search(line)
    if reply is None:
        yield from _TOKEN.finditer(line)
        return
    yield from _TOKEN.finditer(line, 0, reply.start())
    person = _PERSON.search(line, reply.end())
    if person:
        yield from _TOKEN.finditer(line, person.end())


def _mentions(lower: str) -> list[int]:
    """Where a text in lower case speaks of a password or of signing in, in order."""
    places = [found.start() for found in _MENTION.finditer(lower)]
    at = 0
    while keyword := next_keyword(lower, at):
        places.append(keyword.start)
        at = keyword.end
    return sorted(places)


def _is_made(bare: str, lower: str, users: set[str]) -> bool:
    """Whether a word is made as strong passwords are, and is nothing else that is made so."""
    return (
        len(bare) >= _SHORTEST
        and not _UNSPACED.search(bare)
        and _REMOVED not in bare
        and any(sign.isdigit() for sign in bare)
        and any(sign.isalpha() for sign in bare)
        and (_has_sign(bare) or _is_mixed(bare))
        and is_secretive(bare)
        and not _IDENTIFIER.fullmatch(bare)
        and not (_PRODUCT.match(lower) and not _has_sign(bare))
        and not (bare.replace("_", "").isalnum() and _PART.search(lower))
        and lower not in users
    )


def _has_sign(bare: str) -> bool:
    return any(sign in _SIGNS for sign in bare)


def _is_mixed(bare: str) -> bool:
    return any(sign.isupper() for sign in bare) and any(sign.islower() for sign in bare)


def _is_given(text: str, lower: str, mentions: list[int], start: int, bare: str) -> bool:
    """Whether what is said around a value lets it be a password, and does not call it otherwise."""
    before = lower[max(0, start - _BEFORE) : start]
    if _is_named(before, strong=_has_sign(bare)):
        return False
    nearest = bisect_left(mentions, max(0, start - _REACH))
    if nearest < len(mentions) and mentions[nearest] <= start + len(bare) + _REACH:
        return True
    if not (_has_sign(bare) and _is_mixed(bare)):
        return False
    return bool(_RIGHT.search(before)) or text.strip() == text[start : start + len(bare)]


def _is_named(before: str, *, strong: bool) -> bool:
    """Whether the word before a value says what else it is: `user Rosa1977x`, `queue id 4Xk2Bz`."""
    words = [word.strip("\"'`(:=#,") for word in before.rpartition("\n")[2].split()[-2:]]
    if before.rstrip()[-1:] in {",", ".", ";", "!", "?"} or not words:
        return False
    if words[-1] in _LINKS and len(words) > 1:
        words.pop()
    return words[-1] in _NAMED or (not strong and words[-1] in SLOTS and words[-1] not in _OPEN)
