"""Signatures of notices: only these bytes, only this secret, only about now."""

import pytest

from queue_server.payments import signature
from scheduling_core.errors import InvalidSignature

SECRET = b"0123456789abcdef0123456789abcdef"
NOW = 1_900_000_000
BODY = b'{"id":"evt_1"}'


def test_what_was_signed_within_five_minutes_is_good() -> None:
    for seconds in (-300, 0, 300):
        signature.check(SECRET, signature.sign(SECRET, BODY, NOW + seconds), BODY, NOW)


def test_the_signature_is_that_of_the_contract() -> None:
    # Made with: printf '%s' '1900000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac 0123456789abcdef0123456789abcdef
    expected = "9bea610be10c11ef40c66fed855ca74ed346945682e2ff95854cbba6f3a0b655"
    assert signature.sign(SECRET, BODY, NOW) == f"t=1900000000,v1={expected}"


@pytest.mark.parametrize("seconds", [-301, 301, -86_400, 10**9])
def test_what_was_signed_too_long_ago_or_ahead_of_time_is_refused(seconds: int) -> None:
    with pytest.raises(InvalidSignature):
        signature.check(SECRET, signature.sign(SECRET, BODY, NOW + seconds), BODY, NOW)


def test_another_body_time_or_secret_is_refused() -> None:
    good = signature.sign(SECRET, BODY, NOW)
    later = good.replace(f"t={NOW}", f"t={NOW + 1}")
    others = ((SECRET, good, BODY + b" "), (SECRET, later, BODY), (SECRET[::-1], good, BODY))
    for secret, header, body in others:
        with pytest.raises(InvalidSignature):
            signature.check(secret, header, body, NOW)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "t=1900000000",
        "v1=" + "0" * 64,
        "t=,v1=" + "0" * 64,
        "t=1900000000,v1=" + "0" * 63,
        "t=-5,v1=" + "0" * 64,
        "t=1900000000,v1=" + "0" * 64 + ",v0=1",
        "t=١٩٠٠٠٠٠٠٠٠,v1=" + "0" * 64,
        "t=" + "9" * 5_000 + ",v1=" + "0" * 64,
    ],
)
def test_what_is_no_signature_is_refused(header: str | None) -> None:
    with pytest.raises(InvalidSignature):
        signature.check(SECRET, header, BODY, NOW)


def test_while_a_secret_is_changed_there_may_be_two() -> None:
    old, new = signature.sign(b"o" * 32, BODY, NOW), signature.sign(SECRET, BODY, NOW)
    both = f"{old},{new.partition(',')[2]}"
    signature.check(SECRET, both, BODY, NOW)
    signature.check(b"o" * 32, both, BODY, NOW)
    with pytest.raises(InvalidSignature):
        signature.check(b"x" * 32, both, BODY, NOW)
