"""How sentences give a password: the turns of phrase before a value and behind it.

All are matched against text in lower case, at or up to a fixed place, and repeat within bounds.
"""

import re

__all__ = [
    "AS",
    "ASIDE",
    "COLON",
    "COMPOUND",
    "ENDED",
    "IS_RIGHT",
    "ITS",
    "LISTED",
    "NEW_SENTENCE",
    "OTHER_ROLE",
    "PARTICLE",
    "REFUSED",
    "REPLY",
    "SENTENCE_END",
    "SEPARATOR",
    "TOOL",
    "TYPED",
    "TYPED_AS",
]

SENTENCE_END = re.compile(r"[.!?]+(?:\s|\Z)|\n+")
_APOSTROPHE = "['\u2019\u00b4`]"
_FILLER = (
    r"(?:(?:still|just|now|only|really|actually|always|simply|like|exactly|currently|probably"
    r"|definitely|maybe|immer|noch|übrigens|wohl|jetzt|einfach|toujours|siempre|sempre|altijd)\s){0,2}"
)
ITS = re.compile(
    rf"(?:\A|[\s,;.!?(\u2013-])(?:(?P<it>it{_APOSTROPHE}?s|(?:it|this|that|es|das|het)\s(?:is|was|ist"
    rf"|war)|that{_APOSTROPHE}?s|c{_APOSTROPHE}est|namely|i\.?e\.?|e\.?g\.?|n\u00e4mlich)"
    r"|is|was|be|ist|war|lautet|est|es|era|é|è|är|jest|это)\s?[:=]?\s"
    rf"{_FILLER}[\"'(`*\u201c\u201e\u00ab\u2018]{{0,2}}\Z"
)
ASIDE = re.compile(r"\s?[,(\u2013-]{1,2}\s?[\"'`\u201c\u201e\u00ab]?")
COLON = re.compile(
    r"(?P<word>[\w'\u2019-]{1,30})[\"')\]]?\s?"
    r"(?:[:=]{1,2}>?\s{0,2}[\"'(`*\u201c\u201e]{0,2}|\()\Z"
)
NEW_SENTENCE = re.compile(r"[.!?]\s{1,3}[\"'(`*]?\Z")
ENDED = re.compile(r"[\"')`*]?(?:[.!?,;]|\s?\Z|\s?\n)")
IS_RIGHT = re.compile(
    r"[\"')`*]{0,2}\s(?:is|ist|est|es)\s(?:correct|right|richtig|bonne?|correct[ao])\b"
)
LISTED = re.compile(
    r"[\"')`*]?(?:,|\s(?:and|or|und|oder|et|ou|y|o|e|en|then)|\s?/)\s?(?:also\s|even\s)?[\"'(`*]?"
)
PARTICLE = re.compile(r"\s?[はが是为為는은이가]?\s?[:\uff1a=]?\s?[「『\"']?(?P<value>[!-~]{4,64})")
_VERBS = (
    "typed?|typing|typ(?:e|te)|enter(?:ed|ing)?|us(?:e|ed|ing)|tr(?:y|ied|ying)|put|set|wrote"
    "|gave|paste[ds]?|chose|took|pick(?:ed)?|ch?ange[ds]?|nehme|nahm|habe|benutzt?e?|verwendet?e?"
    "|eingegeben|tippt?e?|probiert|gebe|uso|us[éo]|puse|pongo|escrib[oí]|introduje|met[íi]|prob[ée]"
    "|utilis[eé]|tap[eé]|saisi|mis|mets|essay[ée]|usei|coloquei|digitei|inserito|messo|usato"
    "|gebruikt?e?|getypt|ingevuld|vul"
)
TYPED = re.compile(
    rf"\b(?:{_VERBS})\s{{1,2}}(?:in\s|ein\s)?[\"'(`*\u201c\u201e\u00ab\u2018]{{0,2}}\Z"
)
AS = re.compile(
    r"[\s\"')\]`*\u201c\u201d\u00bb\u2019,]{0,3}\s(?:as|for|into|in|is|was|als|für|fuer|ist|war|comme"
    r"|pour|est|como|para|es|era|come|per|voor|é|è)\s(?:[\w'\u2019-]{1,12}\s){0,3}"
    r"|\sa\s(?:safe|good|strong|secure|valid|bad|weak)\s"
)
OTHER_ROLE = re.compile(
    r"\W{0,3}\s(?:as|for|als|comme|como|come|für)\s(?:(?:the|my|our|a|den|meinen?|mon|mi|meu)\s)?"
    r"(?P<noun>\w{1,20})"
)
TYPED_AS = re.compile(
    rf"\b(?:{_VERBS})\s(?:in\s)?(?P<value>[^\s\"']{{4,40}})\s(?:as|for|als|für|comme|pour|como|para"
    r"|come|per|voor)\s(?:(?:the|my|a|an|our|das|mein|le|mon|la|mi|minha|il|mia|het|mijn|app|mail"
    r"|email|gmail|new)\s){0,2}\Z"
)
REFUSED = re.compile(
    r"\s[\"'(`*]?(?P<value>[^\s\"')`*]{4,64})[\"')`*]?\s(?:(?:does|did|is|was|wo|ca)n"
    rf"{_APOSTROPHE}?t|(?:does|did|is|was|will)\s(?:not|rejected|refused|wrong|denied)|never\sworks"
    r"|(?:geht|klappt|funktioniert)\snicht|wird\s(?:nicht|abgelehnt)|ne\s(?:marche|fonctionne)"
    r"|no\s(?:funciona|sirve|vale)|não\sfunciona|non\sfunziona|werkt\sniet)\b"
)
COMPOUND = re.compile(
    r"[\s-]?(?:manager|reset|prompt|policy|box|dialog|window|field|page|vault|safe|app|generator)\b"
)
TOOL = re.compile(r"[\s-]?(?:manager|policy|vault|safe|app|generator)\b")
SEPARATOR = re.compile(r"[,;.?!|\n\[{]")
REPLY = re.compile(r"(?<![\w.])[45]\d\d(?![\w%])")
