"""Encryption of pushes: the example of RFC 8291, appendix A, written and read byte for byte."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from queue_server.messaging.push_encryption import CURVE, LARGEST_CONTENT, base64url, encrypt, read_keys, unbase64
from queue_server.operations.message_simulator.subscriber import Subscriber

_AUTH = "BTBZMqHH6r4Tts7J_aSIgg"
_RECEIVER = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"
_RECEIVER_PUBLIC = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
_SENDER = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
_SALT = "DGv6ra1nlYgDCS1FRnbzlw"
_BODY = (
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl"
    "95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)


def _private(given: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(unbase64(given)), CURVE())


def test_the_example_of_the_standard_is_written_and_read() -> None:
    content = b"When I grow up, I want to be a watermelon"
    keys = read_keys(_RECEIVER_PUBLIC, _AUTH)
    assert base64url(encrypt(content, keys, sender=_private(_SENDER), salt=unbase64(_SALT))) == _BODY
    reader = Subscriber("https://push.example", key=_private(_RECEIVER), auth=unbase64(_AUTH))
    assert reader.decrypt(unbase64(_BODY)) == content


def test_what_is_too_much_for_one_push_is_not_encrypted() -> None:
    keys, sender = read_keys(_RECEIVER_PUBLIC, _AUTH), _private(_SENDER)
    assert len(encrypt(b"x" * LARGEST_CONTENT, keys, sender=sender, salt=unbase64(_SALT))) == 4096
    with pytest.raises(ValueError, match="too much"):
        encrypt(b"x" * (LARGEST_CONTENT + 1), keys, sender=sender, salt=unbase64(_SALT))
