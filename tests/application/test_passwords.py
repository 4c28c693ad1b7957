"""What is taken as a password, as an e-mail address, as a line of text."""

import pytest
from argon2 import PasswordHasher

from queue_server.application.passwords import Passwords, check_new
from queue_server.application.plain_text import email_address, one_line
from scheduling_core.errors import InvalidValue

EMAIL = "asha.rao@example.org"


@pytest.mark.parametrize(
    "password",
    ["correct horse battery", "пароль-для-входа", "密码密码很长的一个密码好吗", "x1y2z3 w4v5u6", "abcde" * 51],
)
def test_long_passwords_of_any_script_are_taken(password: str) -> None:
    assert check_new(password, email=EMAIL) == password


@pytest.mark.parametrize(
    "password",
    [
        "",
        "short one",
        "elevenchars",
        "x" * 20,
        "abababababababab",
        EMAIL,
        EMAIL.upper(),
        "a long password with \0",
        "a long password with \n",
        "abcdef" * 43,
        "\ud800 a long password",
    ],
)
def test_what_is_short_endless_repetitive_unprintable_or_the_address_is_not(password: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_new(password, email=EMAIL)
    assert refused.value.field == "password"
    assert password not in refused.value.detail or not password


async def test_a_password_is_the_same_however_its_accents_are_composed() -> None:
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    kept = await passwords.hash(check_new("caf\u00e9 au lait noir", email=EMAIL))
    assert await passwords.verify(kept, "cafe\u0301 au lait noir")
    assert not await passwords.verify(kept, "cafe au lait noir")
    assert not await passwords.verify(kept, "caf\u00e9 au lait noir" + "x" * 2000)
    assert not await passwords.verify(kept, "\ud800")


async def test_a_hash_that_is_none_opens_nothing() -> None:
    passwords = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    for kept in (None, "", "plain", "$argon2id$broken"):
        assert not await passwords.verify(kept, "plain")
    assert not passwords.is_outdated("plain")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" Asha.Rao@Example.ORG ", "asha.rao@example.org"),
        ("desk@localhost", "desk@localhost"),
        ("o'brien+desk@a-b.example", "o'brien+desk@a-b.example"),
        ("STRASSE@MÜNCHEN.example", "strasse@münchen.example"),
        ("straße@example.org", "straße@example.org"),
    ],
)
def test_an_address_has_one_form(given: str, kept: str) -> None:
    assert email_address(given) == kept
    assert email_address(kept) == kept


@pytest.mark.parametrize(
    "given",
    [
        "",
        "@",
        "a@",
        "@b",
        "a b@c.org",
        "a@b@c.org",
        "a@-b.org",
        "a@b-.org",
        "a@b..org",
        ".." + "@b.org",
        "a@b.org\0",
        "a\n@b.org",
        "a@[127.0.0.1]",
        '"a"@b.org',
        "a@" + "b" * 300,
        "x" * 65 + "@b.org",
        "<a@b.org>",
        "\ud800@b.org",
        "\u212aelvin@b.org",
    ],
)
def test_what_is_no_address_is_refused(given: str) -> None:
    with pytest.raises(InvalidValue):
        email_address(given)


@pytest.mark.parametrize("given", ["", "   ", "a\0b", "a\nb", "a\u2028b", "\ud800", "x" * 201])
def test_a_line_is_not_empty_printable_and_not_too_long(given: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        one_line(given, "name", longest=200)
    assert refused.value.field == "name"


def test_a_line_keeps_every_script_and_joined_emoji() -> None:
    assert one_line(" Dr. Ἀσκληπιός 👩‍⚕️ ", "name", longest=200) == "Dr. Ἀσκληπιός 👩‍⚕️"
