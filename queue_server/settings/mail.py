"""Where mail goes through, and whom it is from."""

import re
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import urlsplit

from queue_server.settings.environment import Reader, SettingsError

_DOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+")


def mail(read: Reader) -> tuple[str | None, str | None, str | None]:
    """Return the mail server's address, the sender, and the domain of a gateway for text messages; raises
    `SettingsError`."""
    url, sender, gateway = read.optional("SMTP_URL"), read.optional("MAIL_FROM"), read.optional("SMS_MAIL_DOMAIN")
    if url is not None:
        _check_url(url)
    if sender is not None and not _is_sender(sender):
        raise SettingsError(f"MAIL_FROM is {sender!r}; give one address, like Riverside Clinic <clinic@example.org>.")
    if url is not None and sender is None:
        raise SettingsError("SMTP_URL is set but MAIL_FROM is not; say whom mail is from, or leave both out.")
    if gateway is not None and not _DOMAIN.fullmatch(gateway.lower()):
        raise SettingsError(f"SMS_MAIL_DOMAIN is {gateway!r}; give the domain of the gateway, like sms.example.org.")
    return url, sender, gateway.lower() if gateway is not None else None


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # parsed on access, and raises there
    except ValueError:
        # The address is not repeated: it may carry a password.
        raise SettingsError("SMTP_URL is not a readable address; check brackets and the port number.") from None
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
        raise SettingsError("SMTP_URL does not begin with smtp:// or smtps:// and a host; give smtp://host:587.")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise SettingsError("SMTP_URL has something behind the host; give smtp://user:password@host:587 and no more.")
    if bool(parts.username) != bool(parts.password):
        raise SettingsError("SMTP_URL has a user without a password or the reverse; give both or neither.")


def _is_sender(given: str) -> bool:
    if not given.isprintable():
        return False
    message = EmailMessage(policy=SMTP)
    message["From"] = given
    header = message["From"]
    return not header.defects and len(header.addresses) == 1 and "." in header.addresses[0].domain
