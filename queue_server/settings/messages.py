"""Who carries texts, WhatsApp messages and web pushes: all that a channel needs, or none of it."""

import base64
import binascii
import ipaddress
import re
from urllib.parse import urlsplit

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from queue_server.settings.addresses import http_url
from queue_server.settings.environment import Reader, SettingsError

PROVIDER = ("SMS_PROVIDER_URL", "SMS_PROVIDER_ACCOUNT", "SMS_PROVIDER_TOKEN")
KNOWN_PUSH_SERVICES = (
    "fcm.googleapis.com",
    "*.push.services.mozilla.com",
    "*.push.apple.com",
    "*.notify.windows.com",
)
"""Those of Chrome, Firefox, Safari and Edge."""
VAPID_KEY_BYTES = 32

_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_SENDER = re.compile(r"\+[1-9][0-9]{6,14}|[0-9]{3,6}|MG[0-9a-f]{32}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")
"""A number, a short code, a messaging service, or a name."""
_HOST = re.compile(r"\*|(?:\*\.)?[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+")


class TextSettings(msgspec.Struct, frozen=True, kw_only=True):
    """A provider of texts and WhatsApp messages: where it answers, our account there, and whom messages are from."""

    url: str
    account: str
    token: str
    sms_from: str | None
    whatsapp_from: str | None
    callback: str | None
    """Where the provider tells what became of messages."""

    def __repr__(self) -> str:
        """Without the token."""
        return f"TextSettings(url={self.url!r}, account={self.account!r}, …)"


class PushSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The key pair that push services know us by (RFC 8292), and which services are spoken to."""

    private_key: bytes
    public_key: str
    """As browsers take it: the uncompressed point in base64url."""
    subject: str | None
    services: tuple[str, ...]
    """Hosts; with `*.` before it everything below, `*` alone is every host with a public address."""
    allow_local: bool
    """Whether services on this machine are spoken to as well, without encryption."""

    def __repr__(self) -> str:
        """Without the private key."""
        return f"PushSettings(public_key={self.public_key!r}, services={self.services!r}, …)"


def texts(read: Reader) -> TextSettings | None:
    """Return the provider of texts and WhatsApp messages, None without one; raises `SettingsError`."""
    given = {name: read.optional(name) for name in PROVIDER}
    sms, whatsapp = read.optional("SMS_PROVIDER_FROM"), read.optional("WHATSAPP_FROM")
    callback, gateway = read.optional("SMS_PROVIDER_CALLBACK"), read.optional("SMS_MAIL_DOMAIN")
    if not any(given.values()):
        stray = {"SMS_PROVIDER_FROM": sms, "WHATSAPP_FROM": whatsapp, "SMS_PROVIDER_CALLBACK": callback}
        for name, value in stray.items():
            if value is not None:
                raise SettingsError(f"{name} is set but SMS_PROVIDER_URL is not; say who sends it, or leave it out.")
        return None
    url, account, token = given.values()
    if url is None or account is None or token is None:
        missing = next(name for name, value in given.items() if value is None)
        raise SettingsError(f"{missing} is not set, but others of the provider of texts are; set all three or none.")
    if not re.fullmatch(r"[A-Za-z0-9_-]{2,64}", account):
        raise SettingsError("SMS_PROVIDER_ACCOUNT is not an account's name: letters, digits, - and _, 64 at most.")
    if not re.fullmatch(r"[!-~]{8,500}", token):
        raise SettingsError("SMS_PROVIDER_TOKEN is not a token: 8 to 500 printable characters without blanks.")
    if sms is None and whatsapp is None:
        raise SettingsError(
            "SMS_PROVIDER_URL is set, but neither SMS_PROVIDER_FROM nor WHATSAPP_FROM; set one of them."
        )
    if sms is not None and gateway is not None:
        raise SettingsError(
            "SMS_PROVIDER_FROM and SMS_MAIL_DOMAIN are both set, two ways for the same text; leave one of them out."
        )
    if sms is not None and not _SENDER.fullmatch(sms):
        raise SettingsError(
            f"SMS_PROVIDER_FROM is {sms!r}; give a number like +15005550006, a short code, a name of at most eleven"
            " letters and digits, or a messaging service (MG…)."
        )
    if whatsapp is not None and not _NUMBER.fullmatch(whatsapp):
        raise SettingsError(f"WHATSAPP_FROM is {whatsapp!r}; give a number with its country, like +15005550006.")
    return TextSettings(
        url=_private_url("SMS_PROVIDER_URL", url),
        account=account,
        token=token,
        sms_from=sms,
        whatsapp_from=whatsapp,
        callback=http_url("SMS_PROVIDER_CALLBACK", callback) if callback is not None else None,
    )


def push(read: Reader, public_url: str, mail_from: str | None) -> PushSettings | None:
    """Return what web pushes are sent with, None without a key; raises `SettingsError`."""
    given, subject = read.optional("VAPID_PRIVATE_KEY"), read.optional("VAPID_SUBJECT")
    services = tuple(host.lower() for host in read.items("PUSH_SERVICES"))
    local = read.boolean("PUSH_ALLOW_LOCAL", False)
    for host in services:
        if not _HOST.fullmatch(host):
            raise SettingsError(f"PUSH_SERVICES has {host!r}; give hosts like push.example.org or *.push.example.org.")
    if subject is not None and not re.fullmatch(r"(mailto:[^@\s]+@[^@\s]+|https://[^\s]+)", subject):
        raise SettingsError(f"VAPID_SUBJECT is {subject!r}; give mailto:somebody@example.org or an https address.")
    if given is None:
        if subject is not None:
            raise SettingsError(
                "VAPID_SUBJECT is set but VAPID_PRIVATE_KEY is not; `queue-server vapid-key` makes one."
            )
        return None
    private = _key(given)
    return PushSettings(
        private_key=private,
        public_key=_public(private),
        subject=subject or _subject(public_url, mail_from),
        services=services or KNOWN_PUSH_SERVICES,
        allow_local=local,
    )


def _private_url(name: str, given: str) -> str:
    """Return an address that passwords may be sent to."""
    url = http_url(name, given)
    parts = urlsplit(url)
    if parts.scheme == "https" or _is_here(parts.hostname or ""):
        return url
    raise SettingsError(f"{name} does not begin with https://, so the token would travel in the clear; give https://….")


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _key(given: str) -> bytes:
    try:
        key = base64.b64decode(given.rstrip("=") + "=" * (-len(given.rstrip("=")) % 4), altchars=b"-_", validate=True)
        if len(key) == VAPID_KEY_BYTES:
            ec.derive_private_key(int.from_bytes(key), ec.SECP256R1())
            return key
    except (binascii.Error, ValueError):
        pass
    raise SettingsError(
        "VAPID_PRIVATE_KEY is not the private key of a P-256 pair in base64url; `queue-server vapid-key` makes one."
    )


def _public(private: bytes) -> str:
    point = ec.derive_private_key(int.from_bytes(private), ec.SECP256R1()).public_key()
    raw = point.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _subject(public_url: str, mail_from: str | None) -> str | None:
    """Return how a push service reaches whoever runs this; it may do without."""
    if public_url.startswith("https://"):
        return public_url
    found = re.search(r"[^\s<>]+@[^\s<>]+", mail_from or "")
    return f"mailto:{found[0]}" if found else None
