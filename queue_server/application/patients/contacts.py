"""What patients are reached at, and show to be theirs: an e-mail address or a phone number."""

from typing import NamedTuple

from queue_server.application.people import phone_key
from queue_server.application.plain_text import email_address
from queue_server.store.messages import Channel
from scheduling_core.errors import InvalidValue

FEWEST_DIGITS = 5


class Contact(NamedTuple):
    """An address in the form in which it is kept and found."""

    channel: Channel
    value: str


def contact_of(email: str | None, phone: str | None) -> Contact:
    """Return the one contact that was given; raises `InvalidValue` for none, for both, and for what is none."""
    if email is not None and phone is not None:
        raise InvalidValue("Give an e-mail address or a phone number, not both.", field="phone")
    if email is not None:
        return Contact(Channel.EMAIL, email_address(email))
    if phone is None:
        raise InvalidValue("Give an e-mail address or a phone number.", field="email")
    return Contact(Channel.SMS, phone_number(phone))


def phone_number(given: str, field: str = "phone") -> str:
    """Return a phone number without what people put between its digits; raises `InvalidValue` for too few of them."""
    number = phone_key(given)
    if len(number.removeprefix("+")) < FEWEST_DIGITS:
        raise InvalidValue("This is not a phone number.", field=field)
    return number
