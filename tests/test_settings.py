"""Settings: defaults as the requirements name them, one sentence for what makes no sense, no secret shown."""

import base64
from pathlib import Path
from uuid import UUID

import pytest

from queue_server import settings
from queue_server.settings import SettingsError

SECRET = "0123456789abcdef0123456789abcdef"
LEAST = {"DATABASE_URL": "postgresql://queue_app:hunter2@db/clinic_queue", "JWT_KEYS": f"a:{SECRET}"}


def load(**environ: str) -> settings.Settings:
    return settings.load(LEAST | environ)


def test_defaults_are_those_of_the_requirements() -> None:
    got = load()
    assert (got.default_consultation_minutes, got.max_early_arrival_minutes) == (15, 30)
    assert (got.position_ttl_seconds, got.tracking_ttl_seconds) == (300, 120)
    assert (got.redis_url, got.redis_cluster_mode, got.redis_pool_size) == (None, False, 10)
    assert (got.port, got.host, got.public_url) == (8000, "127.0.0.1", "http://127.0.0.1:8000")
    assert got.cors_origins == ()


def test_an_empty_variable_counts_as_unset() -> None:
    assert load(REDIS_URL="", PORT=" ").port == 8000


def test_every_variable_of_the_example_file_is_read_and_none_is_missing() -> None:
    example = Path(__file__).parents[1] / ".env.example"
    named = {
        line.lstrip("# ").split("=")[0]
        for line in example.read_text().splitlines()
        if "=" in line and line.lstrip("# ").split("=")[0].isupper()
    }
    asked: set[str] = set()

    class Recording(dict[str, str]):
        def get(self, key: str, default: str = "") -> str:  # type: ignore[override]
            asked.add(key)
            return super().get(key, default)

    settings.load(Recording(LEAST | {"REDIS_URL": "redis://r/0"}))
    assert named == asked


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "eight"),
        ("PORT", "8_000"),
        ("PORT", "٨٠٠٠"),
        ("PORT", "8000.0"),
        ("PORT", "99999999999999999999"),
        ("DEFAULT_CONSULTATION_TIME", "0"),
        ("MAX_EARLY_ARRIVAL", "-1"),
        ("POSITION_TTL", "0"),
        ("TRACKING_TTL", "301"),
        ("REDIS_URL", "http://redis"),
        ("REDIS_URL", "redis://"),
        ("REDIS_URL", "redis://host:port"),
        ("REDIS_URL", "unix://relative"),
        ("REDIS_CLUSTER_MODE", "yes please"),
        ("REDIS_CLUSTER_MODE", "true"),  # without REDIS_URL
        ("REDIS_PUBSUB_URLS", "redis://a"),  # without REDIS_URL
        ("REDIS_POOL_SIZE", "1"),
        ("DATABASE_URL", ""),
        ("DATABASE_URL", "mysql://a@b/c"),
        ("DATABASE_URL", "postgresql://a@b"),
        ("DATABASE_URL", "postgresql://[a/b"),
        ("DATABASE_OWNER_URL", LEAST["DATABASE_URL"]),
        ("DATABASE_JOBS_URL", LEAST["DATABASE_URL"]),
        ("CORS_ORIGIN", "desk.example.org"),
        ("CORS_ORIGIN", "https://desk.example.org/path"),
        ("CORS_ORIGIN", "https://desk.example.org/"),
        ("CORS_ORIGIN", "*,https://desk.example.org"),
        ("CORS_ORIGIN", "https://u:p@desk.example.org"),
        ("CORS_ORIGIN", "null"),
        ("TRUSTED_PROXIES", "proxy"),
        ("JWT_KEYS", ""),
        ("JWT_KEYS", SECRET),
        ("JWT_KEYS", "a:short"),
        ("JWT_KEYS", "a:" + "x" * 64),
        ("JWT_KEYS", f"a:{SECRET},a:{SECRET}0"),
        ("JWT_KEYS", f"a b:{SECRET}"),
        ("AUDIT_SIGNING_KEY", "abcd"),
        ("AUDIT_SIGNING_KEY", "not base64!"),
        ("PUBLIC_URL", "queue.example.org"),
        ("ACCESS_TOKEN_MINUTES", "1441"),
        ("LOG_LEVEL", "LOUD"),
        ("LOG_FORMAT", "xml"),
        ("MAX_BODY_BYTES", "10"),
        ("BOOKING_TENANTS", "riverside"),
        ("BOOKING_TENANTS", "book.example=5b0c6f0e"),
        ("BOOKING_TENANTS", "a=018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e01,A=018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e02"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_sentence_that_names_it(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load(**{name: value})
    message = str(raised.value)
    assert name in message
    assert message.endswith(".")
    assert "\n" not in message
    assert "hunter2" not in message
    assert SECRET not in message


def test_a_cluster_needs_its_nodes_named() -> None:
    with pytest.raises(SettingsError, match="REDIS_PUBSUB_URLS"):
        load(REDIS_URL="redis://a", REDIS_CLUSTER_MODE="true")
    got = load(REDIS_URL="redis://a", REDIS_CLUSTER_MODE="true", REDIS_PUBSUB_URLS="redis://a,redis://b")
    assert (got.redis_cluster_mode, got.redis_pubsub_urls) == (True, ("redis://a", "redis://b"))


def test_an_access_token_must_not_outlive_the_refresh_token() -> None:
    with pytest.raises(SettingsError, match="ACCESS_TOKEN_MINUTES"):
        load(ACCESS_TOKEN_MINUTES="1440", REFRESH_TOKEN_DAYS="1")


def test_a_shorter_position_cache_shortens_the_tracking_cache_with_it() -> None:
    assert load(POSITION_TTL="60").tracking_ttl_seconds == 60


def test_origins_are_kept_as_browsers_send_them() -> None:
    got = load(CORS_ORIGIN="HTTPS://Desk.Example.org:443, http://localhost:5173,https://desk.example.org")
    assert got.cors_origins[:2] == ("https://desk.example.org", "http://localhost:5173")


def test_any_origin_only_when_asked_for() -> None:
    assert load(CORS_ORIGIN="*").cors_origins == ("*",)


def test_the_first_key_signs_and_the_others_verify() -> None:
    got = load(JWT_KEYS=f"new:{SECRET}:with:colons , old:{SECRET}")
    assert [key.kid for key in got.jwt_keys] == ["new", "old"]
    assert got.jwt_keys[0].secret == f"{SECRET}:with:colons".encode()


def test_the_audit_key_reads_as_hex_and_as_base64() -> None:
    raw = bytes(range(32))
    assert load(AUDIT_SIGNING_KEY=raw.hex()).signing_key() == raw
    assert load(AUDIT_SIGNING_KEY=base64.b64encode(raw).decode()).signing_key() == raw


def test_operator_addresses_are_asked_for_only_when_needed() -> None:
    for ask, name in (
        (load().owner_url, "DATABASE_OWNER_URL"),
        (load().jobs_url, "DATABASE_JOBS_URL"),
        (load().signing_key, "AUDIT_SIGNING_KEY"),
    ):
        with pytest.raises(SettingsError, match=name):
            ask()


def test_no_secret_shows_when_settings_are_printed() -> None:
    shown = repr(
        load(
            DATABASE_OWNER_URL="postgresql://queue_owner:hunter3@db/clinic_queue",
            DATABASE_JOBS_URL="postgresql://queue_jobs@db/clinic_queue?password=hunter4&x=1",
            REDIS_URL="rediss://:hunter5@redis/0",
            REDIS_PUBSUB_URLS="redis://:hunter6@one,redis://u:hunter7@two",
            AUDIT_SIGNING_KEY="ab" * 32,
        )
    )
    for secret in ("hunter", SECRET, "abab"):
        assert secret not in shown


PAYMENTS = {
    "PAYMENT_PROVIDER_URL": "https://pay.example.org/",
    "PAYMENT_API_KEY": "an-api-key",
    "PAYMENT_WEBHOOK_SECRET": SECRET,
}


def test_a_payment_provider_is_known_by_its_name_and_address_and_its_secrets_are_not_shown() -> None:
    got = load(PAYMENT_PROVIDER="stripy", **PAYMENTS)
    assert got.payments is not None
    assert (got.payments.name, got.payments.url) == ("stripy", "https://pay.example.org")
    assert "an-api-key" not in repr(got)
    assert SECRET not in repr(got.payments)
    assert load().payments is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAYMENT_PROVIDER", "desk"),
        ("PAYMENT_PROVIDER", "A Name"),
        ("PAYMENT_PROVIDER_URL", ""),
        ("PAYMENT_PROVIDER_URL", "pay.example.org"),
        ("PAYMENT_PROVIDER_URL", "https://me:secret@pay.example.org"),
        ("PAYMENT_API_KEY", ""),
        ("PAYMENT_API_KEY", "short"),
        ("PAYMENT_WEBHOOK_SECRET", ""),
        ("PAYMENT_WEBHOOK_SECRET", "too short"),
    ],
)
def test_a_payment_provider_that_makes_no_sense_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load(**PAYMENTS | {name: value})


def test_hosts_have_tenants_and_one_is_for_all_others() -> None:
    one, other = "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e01", "018f3c4e-6b3a-7c61-9a4d-0d9a4b6f1e02"
    assert load().booking_tenants == {}
    got = load(BOOKING_TENANTS=f"Book.Example={one}, {other}").booking_tenants
    assert got == {"book.example": UUID(one), "": UUID(other)}


def test_mail_goes_through_a_server_from_somebody() -> None:
    got = load(
        SMTP_URL="smtp://user:hunter2@mail.example.org:587",
        MAIL_FROM="Riverside Clinic <clinic@example.org>",
        SMS_MAIL_DOMAIN="SMS.example.org",
    )
    assert (got.smtp_url, got.mail_from) == (
        "smtp://user:hunter2@mail.example.org:587",
        "Riverside Clinic <clinic@example.org>",
    )
    assert got.sms_mail_domain == "sms.example.org"
    assert "hunter2" not in repr(got)
    assert (load().smtp_url, load().mail_from, load().sms_mail_domain) == (None, None, None)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMTP_URL", "mail.example.org"),
        ("SMTP_URL", "http://mail.example.org"),
        ("SMTP_URL", "smtp://"),
        ("SMTP_URL", "smtp://mail.example.org:mail"),
        ("SMTP_URL", "smtp://user@mail.example.org"),
        ("SMTP_URL", "smtp://mail.example.org/inbox"),
        ("MAIL_FROM", "nobody"),
        ("MAIL_FROM", "a@example.org, b@example.org"),
        ("MAIL_FROM", "Clinic <clinic@localhost>"),
        ("SMS_MAIL_DOMAIN", "sms"),
        ("SMS_MAIL_DOMAIN", "sms@example.org"),
    ],
)
def test_mail_settings_that_make_no_sense_stop_the_start(name: str, value: str) -> None:
    good = {"SMTP_URL": "smtp://mail.example.org", "MAIL_FROM": "clinic@example.org"}
    with pytest.raises(SettingsError, match=name):
        load(**(good | {name: value}))


def test_mail_needs_somebody_to_be_from() -> None:
    with pytest.raises(SettingsError, match="MAIL_FROM"):
        load(SMTP_URL="smtp://mail.example.org")


TEXTS = {
    "SMS_PROVIDER_URL": "https://api.texts.example/",
    "SMS_PROVIDER_ACCOUNT": "AC0123",
    "SMS_PROVIDER_TOKEN": "hunter2-hunter2",
    "SMS_PROVIDER_FROM": "+15005550006",
}


def test_texts_and_whatsapp_go_through_one_provider_from_whom_the_settings_say() -> None:
    got = load(**TEXTS).texts
    assert got is not None
    assert (got.url, got.sms_from, got.whatsapp_from) == ("https://api.texts.example", "+15005550006", None)
    assert "hunter2" not in repr(load(**TEXTS))
    assert load(**TEXTS).sends_texts
    whatsapp = load(**(TEXTS | {"SMS_PROVIDER_FROM": "", "WHATSAPP_FROM": "+15005550007"}))
    assert not whatsapp.sends_texts
    here = load(**(TEXTS | {"SMS_PROVIDER_URL": "http://127.0.0.1:9000"})).texts
    assert here is not None
    assert load().texts is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SMS_PROVIDER_URL", ""),
        ("SMS_PROVIDER_URL", "http://api.texts.example"),
        ("SMS_PROVIDER_URL", "api.texts.example"),
        ("SMS_PROVIDER_ACCOUNT", ""),
        ("SMS_PROVIDER_ACCOUNT", "../AC0123"),
        ("SMS_PROVIDER_TOKEN", ""),
        ("SMS_PROVIDER_TOKEN", "with blanks"),
        ("SMS_PROVIDER_FROM", ""),
        ("SMS_PROVIDER_FROM", "A name that is too long"),
        ("SMS_PROVIDER_FROM", "+0123"),
        ("WHATSAPP_FROM", "Riverside"),
        ("SMS_PROVIDER_CALLBACK", "here"),
        ("SMS_MAIL_DOMAIN", "sms.example.org"),
    ],
)
def test_a_provider_of_texts_that_makes_no_sense_stops_the_start(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load(**(TEXTS | {name: value}))


@pytest.mark.parametrize("name", ["SMS_PROVIDER_FROM", "WHATSAPP_FROM", "SMS_PROVIDER_CALLBACK", "VAPID_SUBJECT"])
def test_what_belongs_to_a_channel_that_is_not_set_up_stops_the_start(name: str) -> None:
    values = {"SMS_PROVIDER_CALLBACK": "https://a.example", "VAPID_SUBJECT": "mailto:a@b.example"}
    with pytest.raises(SettingsError, match=name):
        load(**{name: values.get(name, "+15005550006")})


VAPID = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
"""The example of RFC 8291."""


def test_a_key_for_push_services_has_a_public_half_and_says_how_to_reach_us() -> None:
    got = load(VAPID_PRIVATE_KEY=VAPID, PUBLIC_URL="https://queue.example").push
    assert got is not None
    assert got.public_key == "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
    assert (got.subject, got.allow_local) == ("https://queue.example", False)
    assert "fcm.googleapis.com" in got.services
    assert VAPID not in repr(load(VAPID_PRIVATE_KEY=VAPID))
    by_mail = load(VAPID_PRIVATE_KEY=VAPID + "=", MAIL_FROM="Clinic <clinic@example.org>").push
    assert by_mail is not None
    assert by_mail.subject == "mailto:clinic@example.org"
    assert load(PUSH_SERVICES="push.example.org").push is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("VAPID_PRIVATE_KEY", "short"),
        ("VAPID_PRIVATE_KEY", "A" * 43),
        ("VAPID_PRIVATE_KEY", "_" * 42 + "8"),
        ("VAPID_PRIVATE_KEY", "!" * 43),
        ("VAPID_SUBJECT", "clinic@example.org"),
        ("PUSH_SERVICES", "https://push.example.org"),
        ("PUSH_SERVICES", "*example.org"),
        ("PUSH_ALLOW_LOCAL", "perhaps"),
        ("WORKER_METRICS_PORT", "-1"),
    ],
)
def test_push_settings_that_make_no_sense_stop_the_start(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as told:
        load(**({"VAPID_PRIVATE_KEY": VAPID} | {name: value}))
    assert name != "VAPID_PRIVATE_KEY" or value not in str(told.value)
