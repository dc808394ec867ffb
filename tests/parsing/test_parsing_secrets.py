"""What is taken for a secret and removed, and what only looks like one and stays."""

import base64
import time

import pytest

from bot.parsing.secrets import redact


def in_base64(words: str) -> str:
    """What a client sends for `words`."""
    return base64.b64encode(words.encode()).decode()


# The secret stands between « and »; made up, and put together so that no scanner takes it for one.
SECRETS = [
    "my password is «Kr4nich!77»",
    "the password is now «Kr4nich77», still no luck",
    "pw: «banane»",
    "pw «x7Kq29» does not help",
    "Passwort: «Sommer2023!»",
    "Kennwort lautet «Geheim123»",
    "mot de passe : «soleil»",
    "mdp «soleil88»",
    "la contraseña es «Gato2020»",
    "a senha é «gato123»",
    "wachtwoord is «fiets99»",
    "I changed the password to «Blau$99» yesterday",
    "password for rosa@kranich.example: «hunter2»",
    "password (new): «hunter2»",
    "password:\n«hunter2»\nport 587",
    "user: rosa pass: «x7Kq» port 25",
    "login rosa@kranich.example / «Sommer2024!»",
    'app password "«abcd efgh ijkl mnop»"',
    "app password «abcd efgh ijkl mnop» from google",
    "google gave me («xqzv prst kwlm bdfh») for mail",
    "apple: «wxyz-abcd-qrst-lmno»",
    "SMTP_PASS=«letmein»",
    "export MAIL_PASSWORD='«abc def»'",
    "'mail_smtppassword' => '«quak»',",
    '$mail->Password = "«s3cret»";',
    '{"user": "rosa", "pass": "«qwertz»"}',
    "<password>«foo1»</password>",
    "passwd=«hunter»",
    "api key: «9f8e7d6c5b4a39281706»",
    "client_secret = «a1B2c3D4e5F6»",
    "smtp://rosa:«hunter2»@mail.kranich.example:587",
    "smtps://rosa%40kranich.example:«p@ss/w0rd»@mail.kranich.example",
    "curl --user rosa:«hunter2» smtp://mail.kranich.example",
    "swaks --auth-password «hunter2» --to tom@kranich.example",
    "sendemail -xu rosa -xp «hunter2» -s mail.kranich.example",
    "rosa:«Hunter22»@smtp.kranich.example",
    "a1 LOGIN rosa «hunter2»",
    "C: PASS «hunter2»",
    f"AUTH PLAIN «{in_base64(chr(0) + 'rosa' + chr(0) + 'hunter2')}»",
    f"AUTH LOGIN {in_base64('rosa')} «{in_base64('hunter2')}»",
    f"it sent «{in_base64(chr(0) + 'rosa' + chr(0) + 'hunter2')}» and stopped",
    f"«{in_base64('user=rosa' + chr(1) + 'auth=Bearer xyz' + chr(1) + chr(1))}»",
    f"334 UGFzc3dvcmQ6\nCLIENT -> SERVER: «{in_base64('hunter2')}»\n535 nope",
    f"Got: 334 UGFzc3dvcmQ6\nSent: «{in_base64('hunter2!')}»",
    f"334 \n«{in_base64('hunter2hunter2')}»\n235 ok",
    f"Authorization: Basic «{in_base64('rosa:hunter2')}»",
    "«xo" + "xb-123456789-abcdefghijk»",
    "«xa" + "pp-1-A0123-456-abcdef»",
    "https://hooks.slack.com.example and «hooks.slack" + ".com/services/T0/B0/abcdef»",
    "key «S" + "G.abcdefgh12.ijklmnop34qrst»",
    "«key" + "-3ax6xnjp29jd6fds4gc373sgvjxteol0»",
    "«AK" + "IAIOSFODNN7EXAMPLE»",
    "«BJ5Yyqkr9ANBBX3ptVYEf8mbI0Oz8h6GdnSJvQ2jW1ab»",
    "«xsm" + "tpsib-abcdef1234567890-xyz»",
    "«-----BEGIN " + "PRIVATE KEY-----\nMIIabc\n-----END PRIVATE KEY-----»",
    "«-----BEGIN RSA " + "PRIVATE KEY-----\nMIIabc and no end»",
]

DECOYS = [
    "password: *****",
    "password: xxxxxxxx",
    "password: <redacted>",
    "password: [password removed]",
    "password=${SMTP_PASS}",
    "password = $config['pw']",
    "pass: process.env.SMTP_PASS,",
    'password = os.environ["SMTP_PASSWORD"]',
    "smtps://USER:PASSWORD@mail.kranich.example:587",
    "smtp://user:<password>@mail.kranich.example",
    "-xp Passwort -s mail.kranich.example",
    "password: I don't remember",
    "password: not accepted",
    "Password: rejected.",
    "Passwort: falsch",
    "the password is right",
    "my password is correct, I checked",
    "password is 100% the same as before",
    "password: same as for webmail",
    "password expired",
    "my password has 12 characters",
    "password - app specific",
    "it asks for my password again and again",
    "I need an app password for Outlook2019",
    "app password from google",
    "password reset: https://kranich.example/reset",
    "user and password fields are empty",
    "pw copied + pasted, is right",
    "SMTP_PASS=\nSMTP_PORT=587",
    'pass: ""',
    "password=None",
    "AUTH PLAIN LOGIN",
    "250-AUTH LOGIN PLAIN XOAUTH2",
    "334 VXNlcm5hbWU6",
    "535 authentication failed: UGFzc3dvcmQ6",
    f"334 VXNlcm5hbWU6\nCLIENT -> SERVER: {in_base64('rosa')}",
    "334 UGFzc3dvcmQ6\n535 5.7.8 failed",
    "token expired",
    "invalid token: expired",
    "when they send mail from home they have none",
    "this mail went over fine last week",
    "xxxx xxxx xxxx xxxx",
    "RCPT TO:bob1@kranich.example",
    "mailto:bob1@kranich.example",
    "http://kranich.example:8080/path/@rosa",
    "passwords match, passwordless too",
    "bypass: x7kq2",
    "-----BEGIN CERTIFICATE-----\nMIIabc\n-----END CERTIFICATE-----",
    "SHA256:uE5Yyqkr9ANBBX3ptVYEf8mbI0Oz8h6GdnSJvQ2jW1a",
    "secret: none",
]


@pytest.mark.parametrize("marked", SECRETS)
def test_secret_is_removed_whole_and_nothing_else(marked: str) -> None:
    """The secret is gone, its length is told, and the text around it stays."""
    before, _, rest = marked.partition("«")
    secret, _, behind = rest.partition("»")
    text, found = redact(f"{before}{secret}{behind}")

    assert len(found) == 1
    assert found[0].length == len(secret)
    assert text == f"{before}[{found[0].kind} removed]{behind}"


@pytest.mark.parametrize("text", DECOYS)
def test_decoy_stays(text: str) -> None:
    """What is masked, a placeholder, a constant of the protocol or a sentence is no secret."""
    assert redact(text) == (text, ())


@pytest.mark.parametrize("marked", SECRETS)
def test_what_was_redacted_once_stays_as_it_is(marked: str) -> None:
    """Our own marks are no secrets, so that a text can pass by here twice."""
    once, _ = redact(marked.replace("«", "").replace("»", ""))

    assert redact(once) == (once, ())


def test_several_secrets_are_all_removed() -> None:
    """Each is found on its own, in order."""
    text, found = redact("pw: alpha77 and smtp://a:beta88@kranich.example, api_key=gamma99gamma")

    assert [secret.kind for secret in found] == ["password", "password", "key"]
    assert not any(secret in text for secret in ("alpha77", "beta88", "gamma99"))


@pytest.mark.parametrize(
    "piece",
    [
        "password: ",
        "pass=",
        "a",
        "334 \n",
        "334 UGFzc3dvcmQ6\n",
        "AUTH PLAIN ",
        "://",
        "a:b@",
        "-----BEGIN ",
        "-----BEGIN PRIVATE KEY-----",
        "abcd ",
        "password for ",
        "<password ",
        "key-",
        "eyJ",
        "user ",
        "'",
        '"',
        "password(",
        "A",
        "xox",
        "login /",
        "password is ",
        "Basic ",
        "-u a",
    ],
)
def test_time_grows_with_length_alone(piece: str) -> None:
    """No text is slow to search: ten times as long takes about ten times as long."""
    text = piece * (100_000 // len(piece))
    started = time.perf_counter()
    redact(text)

    assert time.perf_counter() - started < 1.0
