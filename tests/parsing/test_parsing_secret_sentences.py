"""Passwords that a sentence gives away, and sentences about passwords that give none away."""

import time

import pytest

from bot.parsing.secrets import redact

# The secret stands between « and ».
SECRETS = [
    "it wants my password. its «knuddel4711»",
    "my password isnt accepted: «gurkensalat42»",
    "my password isnt accepted: «gurkensalat»",
    "i typed «Regenguss#31» as password and gmail refuses",
    "used «otter22!» for the password",
    "I used «hunter2» as my password",
    "«Blume55x» is my password and it fails",
    "entered «banane» as the password",
    "with password «kranich88» it fails",
    "login with the password «Kr4nich!» fails",
    "the pw «ab12x» doesn't work",
    "the pw «schnurri» doesn't work",
    "mein Passwort «Sommer77» geht nicht",
    "ich habe «Sommer77» als Passwort eingegeben",
    "Passwort wird nicht angenommen: «Sommer77»",
    "mon mot de passe ne marche pas: «soleil88»",
    "j'ai mis «soleil88» comme mot de passe",
    "puse «gato2020» como contraseña y nada",
    "usei «gato123» como senha",
    "ik gebruik «fiets99» als wachtwoord",
    "la contraseña no funciona: «gato2020»",
    "thunderbird keeps rejecting my password (it's «Mond#12»)",
    "password (which i changed last week) is «Mond12xx»",
    "my password, «mond12xx», is rejected",
    "gmail refuses the password\n«mond12xx»",
    "it asks for a password. i typed «mond12xx»",
    "i typed «mond12xx» and it says wrong password",
    "the password i use is «mond12xx»",
    "the password that I set yesterday was «mond12xx»",
    "it keeps asking for my password, it is «mond12xx»",
    "it\u2019s asking for the password. It\u2019s «mond12xx».",
    "Outlook wants my pw, thats «P@ssw0rd»",
    'the password doesnt work: "«mond12xx»"',
    'it rejects the password "«mond12xx»" every time',
    "wrong password even with «Tr0ub4dor&3»",
    "typed «12345678» as password",
    "typed «12345678» as password",
    "password : «mond12xx»",
    "i have password field: «mond12xx»",
    "Mein PW ist übrigens «Mond12xx»",
    "my passwrod is «mond12xx»",
    "hasło nie działa: «Mond12xx»",
    "пароль не подходит: «Mond12xx»",
    "parolam «Mond12xx» kabul edilmiyor",
    "密码是«Mond12xx»",
    "パスワードは«Mond12xx»です",
    "비밀번호는 «Mond12xx» 입니다",
    "lösenordet är «Mond12xx»",
    "şifre: «Mond12xx»",
    "my password doesnt work!! «Mond12xx»",
    "my password is right («Mond12xx»)",
    "i always use «Mond12xx», why does it say wrong password",
    "is «Mond12xx» a safe password?",
    "pass is correct. «Mond12xx». what now",
    "it says bad password but «Mond12xx» is correct",
    "the password should be «Mond12xx»",
    "i put in my password, «Mond12xx», but no",
    "the mail pw: «Mond12xx», user rosa",
    "set password to «Mond12xx» for gmail",
    "password has to be «Mond12xx»",
    "my gmail password which is «Mond12xx» works in the browser",
    "our password for smtp is still «Mond12xx»",
]

DECOYS = [
    "password is not accepted",
    "password: I don't remember",
    "password incorrect",
    "password was changed yesterday",
    "password reset",
    "my password isnt accepted: 535 5.7.8 Username and Password not accepted",
    "password: ****",
    "password isnt accepted: 0x800CCC0E",
    "my password isnt accepted. its outlook2019",
    "it asks for the password. its Windows11",
    "my password isnt accepted: help!",
    "my password is not accepted: timeout",
    "password was changed on 2024-05-01",
    "password was changed, it was 12.05.2024",
    "password expired. it is 3 weeks old",
    "it wants my password. its annoying",
    "it wants my password, server is srv01x",
    "my password is ok, user is rosa77",
    "wrong password, username: rosa77",
    "entered rosa77 as user and the password is right",
    "password not accepted. error: AUTH005",
    "password rejected, it says AADSTS50126",
    "my password manager is keepass2",
    "I use Bitwarden for the passwords",
    "Outlook2019 is my password manager",
    "it wants my password. its smtp.kranich.example",
    "my password fails at mail2.kranich.example:587",
    "wrong password for rosa77@kranich.example",
    "the password box doesnt work",
    "password login doesnt work",
    "password authentication isn't working",
    "the app password doesn't work",
    "my password is rejected by Thunderbird 128.3",
    "used the same as my password",
    "i use gmail as password safe",
    "use an app password instead of it",
    "password not accepted after KB5034441",
    "535 5.7.8 Password not accepted. see https://kranich.example/?p=Bad a640c23f3a-sm123 - gsmtp",
    "the password is wrong, port is 587",
    "password isnt accepted, tried port587 too",
    "password isnt accepted: since monday",
    "password doesnt work: outlook",
    "my password has been typed 20times",
    "changed password, its still the same!",
    "do you store my password?",
    "it asks for password for ticket#77",
    "password refused by mail.php:25",
    "2FA and app password",
    "is it safe to send a password",
    "I have entered the password twice, using TLS1.2",
    "password prompt: Outlook",
    "Username and Password not accepted: kranich.example",
    "password isnt accepted in K9",
    "the password is stored in C:\\\\mail\\\\conf1",
    "typed the password 3x",
    "the password for office365 isnt accepted",
    "i typed it as password",
    "the password of server srv01.kranich.example is refused",
    "Passwort wird nicht akzeptiert: Fehler 535",
    "I set IMAP4 as protocol and it wants a password",
    "used office365 for the password reset",
    "password for my iphone12 isn't accepted",
    "password not accepted\nThunderbird128",
    "password not accepted\nmail.kranich.example",
    "tried everything: password, port, TLS",
    "ive set STARTTLS for the password",
    "enter your password: field is grey",
]


@pytest.mark.parametrize("marked", SECRETS)
def test_password_in_a_sentence_is_removed(marked: str) -> None:
    """The password is gone, and every word around it stays."""
    before, _, rest = marked.partition("«")
    secret, _, behind = rest.partition("»")
    text, found = redact(f"{before}{secret}{behind}")

    assert text == f"{before}[password removed]{behind}"
    assert [each.length for each in found] == [len(secret)]
    assert redact(text) == (text, ())


@pytest.mark.parametrize("text", DECOYS)
def test_sentence_about_a_password_stays(text: str) -> None:
    """Programs, codes, dates, servers, users and remarks near the word are no passwords."""
    assert redact(text) == (text, ())


def test_all_of_a_list_of_passwords_are_removed() -> None:
    """Who tried several gives several away."""
    text, found = redact("tried both passwords, mond12xx and stern34yy, neither works")

    assert len(found) == 2
    assert text.count("[password removed]") == 2


@pytest.mark.parametrize(
    "piece",
    ["password", "password,", "pw.", "密码", "pw\n", "x12ab as password ", "password its ab12x "],
)
def test_sentences_are_read_in_time_that_grows_with_length(piece: str) -> None:
    """However often a password is spoken of, each place is read once."""
    text = piece * (100_000 // len(piece))
    started = time.perf_counter()
    redact(text)

    assert time.perf_counter() - started < 1.0
