"""What a provider tells later of a message is believed by its signature alone."""

from uuid import UUID

import pytest

from queue_server.messaging.delivery_notices import address, check, read, sign
from scheduling_core.errors import InvalidSignature

# The example of Twilio's documentation ("Validating Signatures from Twilio").
CALLED = "https://mycompany.com/myapp.php?foo=1&bar=2"
FORM = [
    ("Digits", "1234"),
    ("To", "+18005551212"),
    ("From", "+14158675309"),
    ("Caller", "+14158675309"),
    ("CallSid", "CA1234567890ABCDE"),
]
TOKEN, SIGNATURE = "12345", "RSOYDt4T1cUTdK1PDd93/VVr8B8="


def test_a_signature_is_the_one_of_the_documentation_in_whatever_order_the_form_came() -> None:
    assert sign(TOKEN, CALLED, FORM) == sign(TOKEN, CALLED, FORM[::-1]) == SIGNATURE
    check(TOKEN, SIGNATURE, CALLED, FORM)


@pytest.mark.parametrize("header", [None, "", "RSOYDt4T1cUTdK1PDd93/VVr8B9=", "ü", SIGNATURE.lower()])
def test_any_other_signature_is_refused(header: str | None) -> None:
    with pytest.raises(InvalidSignature):
        check(TOKEN, header, CALLED, FORM)


def test_a_form_or_an_address_that_was_changed_is_refused() -> None:
    for called, form in ((CALLED, [*FORM, ("MessageStatus", "failed")]), (CALLED.replace("foo=1", "foo=2"), FORM)):
        with pytest.raises(InvalidSignature):
            check(TOKEN, SIGNATURE, called, form)


def test_the_address_names_the_message_and_what_is_told_is_read() -> None:
    tenant, message = UUID(int=1), UUID(int=2)
    assert address("https://clinic.example/api/messages/delivery", tenant, message) == (
        f"https://clinic.example/api/messages/delivery?tenant={tenant}&message={message}"
    )
    told = read([("MessageSid", "SM1"), ("MessageStatus", "undelivered"), ("ErrorCode", "30003")])
    assert (told.reference, told.is_undelivered, told.code) == ("SM1", True, "30003")
    for status in ("delivered", "sent", "queued", "read", ""):
        assert not read([("MessageStatus", status), ("ErrorCode", "<b>")]).is_undelivered
    assert read([("ErrorCode", "<b>")]).code == ""
