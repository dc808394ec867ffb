"""Texts in scripts other than Latin, and without blanks between words."""

import pytest

from bot.knowledge.schema import Knowledge
from bot.model.complaint import Intent
from bot.parsing.complaint import parse_complaint
from bot.parsing.scripts import apart, has_foreign_letters


@pytest.mark.parametrize(
    ("said", "lang"),
    [
        ("今朝からメールが送信できません", "ja"),
        ("メールを送れないです", "ja"),
        ("公司的邮件发不出去", "zh"),
        ("我們無法發送郵件", "zh"),
        ("오늘부터 메일을 보낼 수 없어요", "ko"),
        ("메일 발송이 안됩니다", "ko"),
        ("почта не отправляется", "ru"),
        ("не могу отправить письмо", "ru"),
        ("nie da się wysłać wiadomości", "pl"),
        ("nie moge wyslac maila", "pl"),
        ("e-posta gönderemiyoruz", "tr"),
        ("bu sabah mail gönderilmiyor", "tr"),
        ("mejlen skickas inte", "sv"),
        ("jag kan inte skicka något", "sv"),
    ],
)
def test_mail_that_does_not_go_is_understood(said: str, lang: str, knowledge: Knowledge) -> None:
    """The main ways to say it are known in languages of which we know little more."""
    read = parse_complaint(said, knowledge)

    assert (read.intent, read.lang) == (Intent.CANNOT_SEND, lang)


@pytest.mark.parametrize(
    "said",
    ["الايميل yandex", "ไม่ได้ gmx", "Яндекс опять", "שלום smtp.kranich.example", "कृपया 0x800CCC0E"],
)
def test_what_names_a_server_a_service_or_a_code_is_about_mail(
    said: str, knowledge: Knowledge
) -> None:
    """A text of which one name can be read is never sent away."""
    assert parse_complaint(said, knowledge).intent is not Intent.OFF_TOPIC


def test_names_are_read_where_no_blank_stands_around_them(knowledge: Knowledge) -> None:
    """Particles stick to names and numbers, and are no part of them."""
    read = parse_complaint("サーバーsmtp.kranich.exampleでエラー535が出ます", knowledge)

    assert (read.host, read.codes) == ("smtp.kranich.example", ("535",))


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        ("Gmailで", "Gmail で"),
        ("エラー535が", "エラー 535 が"),
        ("gmail에서", "gmail 에서"),
        ("Gmail'den", "Gmail den"),
        ("can't send", "can't send"),
        ("müller.example", "müller.example"),
    ],
)
def test_latin_letters_are_parted_from_what_sticks_to_them(text: str, parted: str) -> None:
    """Only where two scripts meet, and before a Turkish ending."""
    assert apart(text) == parted


def test_letters_of_europe_are_not_foreign() -> None:
    """Accents are Latin."""
    assert not has_foreign_letters("ça marche, größer, şifre")
    assert has_foreign_letters("почта")
