"""Who takes payments online: all of it set, or none of it."""

import re

import msgspec

from queue_server.settings.addresses import http_url
from queue_server.settings.environment import Reader, SettingsError

SHORTEST_SECRET = 32
NAMES = ("PAYMENT_PROVIDER_URL", "PAYMENT_API_KEY", "PAYMENT_WEBHOOK_SECRET")


class PaymentSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A payment provider: its name here, where it answers, our key there, and what it signs its notices with."""

    name: str
    url: str
    api_key: str
    webhook_secret: bytes

    def __repr__(self) -> str:
        """Without the secrets."""
        return f"PaymentSettings(name={self.name!r}, url={self.url!r}, …)"


def payments(read: Reader) -> PaymentSettings | None:
    """Return the payment provider, None without one; raises `SettingsError`."""
    given = {name: read.optional(name) for name in NAMES}
    name = read.text("PAYMENT_PROVIDER", "provider")
    if not any(given.values()):
        return None
    url, api_key, secret = given.values()
    if url is None or api_key is None or secret is None:
        missing = next(variable for variable, value in given.items() if value is None)
        raise SettingsError(f"{missing} is not set, but others of the payment provider are; set all of it or nothing.")
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,31}", name) or name == "desk":
        raise SettingsError(
            f"PAYMENT_PROVIDER is {name!r}; give a short name in lower case, letters, digits and hyphens, not 'desk'."
        )
    if not re.fullmatch(r"[!-~]{8,500}", api_key):
        raise SettingsError("PAYMENT_API_KEY is not a key: 8 to 500 printable characters without blanks.")
    if len(secret) < SHORTEST_SECRET:
        raise SettingsError(
            f"PAYMENT_WEBHOOK_SECRET is shorter than {SHORTEST_SECRET} characters; make one with openssl rand -hex 32."
        )
    return PaymentSettings(
        name=name, url=http_url("PAYMENT_PROVIDER_URL", url), api_key=api_key, webhook_secret=secret.encode()
    )
