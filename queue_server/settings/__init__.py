"""One frozen struct of settings, read from the environment and checked before anything starts.

`load(os.environ)` either returns settings that make sense together or raises `SettingsError`, whose message is one
sentence that names the variable and says what to do. `.env.example` documents every variable.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast

import msgspec

from queue_server.settings.addresses import backup_url, cors_origins, databases, public_url, redis, trusted_proxies
from queue_server.settings.booking import BookingTenants, booking_tenants
from queue_server.settings.environment import Reader, SettingsError
from queue_server.settings.keys import JwtKey, audit_signing_key, jwt_keys
from queue_server.settings.mail import mail
from queue_server.settings.messages import PushSettings, TextSettings, push, texts
from queue_server.settings.payments import PaymentSettings, payments
from queue_server.settings.shown import shown

__all__ = ["JwtKey", "LogFormat", "LogLevel", "Settings", "SettingsError", "load"]

LogFormat = Literal["json", "console"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the environment may say; durations and sizes carry their unit in the name."""

    database_url: str
    database_owner_url: str | None
    database_jobs_url: str | None
    database_backup_url: str | None
    database_pool_size: int
    redis_url: str | None
    redis_cluster_mode: bool
    redis_pool_size: int
    redis_pubsub_urls: tuple[str, ...]

    host: str
    port: int
    public_url: str
    cors_origins: tuple[str, ...]
    trusted_proxies: tuple[str, ...]
    booking_tenants: BookingTenants
    max_body_bytes: int
    public_requests_per_minute: int
    sign_ins_per_minute: int
    address_writes_per_minute: int
    guest_holds_per_minute: int
    user_writes_per_minute: int
    user_reads_per_minute: int
    tenant_reads_per_minute: int
    tenant_writes_per_minute: int
    email_messages_per_minute: int
    sms_messages_per_minute: int
    whatsapp_messages_per_minute: int
    push_messages_per_minute: int
    shutdown_seconds: int

    default_consultation_minutes: int
    max_early_arrival_minutes: int
    position_ttl_seconds: int
    tracking_ttl_seconds: int
    slot_horizon_days: int

    jwt_keys: tuple[JwtKey, ...]
    jwt_issuer: str
    access_token_minutes: int
    refresh_token_days: int
    tracking_token_days: int
    payments: PaymentSettings | None
    audit_signing_key: bytes | None
    audit_roots_dir: Path

    smtp_url: str | None
    mail_from: str | None
    sms_mail_domain: str | None
    texts: TextSettings | None
    push: PushSettings | None
    worker_metrics_port: int
    text_codes_per_hour: int

    socket_max_message_bytes: int
    socket_connections_per_address: int
    socket_connects_per_minute: int
    socket_idle_seconds: int

    log_level: LogLevel
    log_format: LogFormat
    data_dir: Path

    def __repr__(self) -> str:
        """Every field, but secrets and passwords inside addresses replaced by an ellipsis."""
        fields = (f"{name}={shown(name, getattr(self, name))}" for name in self.__struct_fields__)
        return f"Settings({', '.join(fields)})"

    @property
    def sends_texts(self) -> bool:
        """Whether text messages go anywhere."""
        return self.sms_mail_domain is not None or (self.texts is not None and self.texts.sms_from is not None)

    def for_connections(self) -> dict[str, str]:
        """What queries ask the connection for, as Postgres settings."""
        return {"app.slot_horizon_days": str(self.slot_horizon_days)}

    def owner_url(self) -> str:
        """The address for migrations and operator commands; raises `SettingsError` when it is not set."""
        return _needed(self.database_owner_url, "DATABASE_OWNER_URL", "the role that owns the schema")

    def jobs_url(self) -> str:
        """The address the worker claims jobs with; raises `SettingsError` when it is not set."""
        return _needed(self.database_jobs_url, "DATABASE_JOBS_URL", "the role that claims jobs")

    def signing_key(self) -> bytes:
        """The Ed25519 seed that signs audit roots; raises `SettingsError` when it is not set."""
        if self.audit_signing_key is None:
            raise SettingsError("AUDIT_SIGNING_KEY is not set; give 32 random bytes as hex (openssl rand -hex 32).")
        return self.audit_signing_key


def load(environ: Mapping[str, str]) -> Settings:
    """Read and check the settings; an empty variable counts as unset. Raises `SettingsError` at the first fault."""
    read = Reader(environ)
    host = read.text("HOST", "127.0.0.1")
    port = read.integer("PORT", 8000, 1, 65535)
    position_ttl = read.integer("POSITION_TTL", 300, 1, 3600)
    tracking_ttl = read.integer("TRACKING_TTL", min(120, position_ttl), 1, 3600)
    if tracking_ttl > position_ttl:
        raise SettingsError(
            f"TRACKING_TTL ({tracking_ttl}) is longer than POSITION_TTL ({position_ttl}), so a cached page would"
            " outlive the queue it shows; make it the same or less."
        )
    access_minutes = read.integer("ACCESS_TOKEN_MINUTES", 15, 1, 24 * 60)
    refresh_days = read.integer("REFRESH_TOKEN_DAYS", 30, 1, 365)
    if access_minutes >= refresh_days * 24 * 60:
        raise SettingsError(
            "ACCESS_TOKEN_MINUTES outlives REFRESH_TOKEN_DAYS; an access token must be the shorter of the two."
        )
    data_dir = Path(read.text("DATA_DIR", ".queue-data"))
    database_url, owner_url, jobs_url = databases(read)
    redis_url, cluster_mode, pubsub_urls = redis(read)
    smtp_url, mail_from, sms_mail_domain = mail(read)
    patients_url = public_url(read, host, port)
    return Settings(
        database_url=database_url,
        database_owner_url=owner_url,
        database_jobs_url=jobs_url,
        database_backup_url=backup_url(read),
        database_pool_size=read.integer("DATABASE_POOL_SIZE", 10, 1, 500),
        redis_url=redis_url,
        redis_cluster_mode=cluster_mode,
        redis_pool_size=read.integer("REDIS_POOL_SIZE", 10, 2, 1000),
        redis_pubsub_urls=pubsub_urls,
        host=host,
        port=port,
        public_url=patients_url,
        cors_origins=cors_origins(read),
        trusted_proxies=trusted_proxies(read),
        booking_tenants=booking_tenants(read),
        max_body_bytes=read.integer("MAX_BODY_BYTES", 1_000_000, 1_024, 100_000_000),
        public_requests_per_minute=read.integer("PUBLIC_REQUESTS_PER_MINUTE", 12_000, 1, 10_000_000),
        sign_ins_per_minute=read.integer("SIGN_INS_PER_MINUTE", 60, 1, 1_000_000),
        address_writes_per_minute=read.integer("ADDRESS_WRITES_PER_MINUTE", 30_000, 1, 10_000_000),
        guest_holds_per_minute=read.integer("GUEST_HOLDS_PER_MINUTE", 20, 1, 1_000_000),
        user_writes_per_minute=read.integer("USER_WRITES_PER_MINUTE", 12_000, 1, 10_000_000),
        user_reads_per_minute=read.integer("USER_READS_PER_MINUTE", 12_000, 1, 10_000_000),
        tenant_reads_per_minute=read.integer("TENANT_READS_PER_MINUTE", 300_000, 1, 10_000_000),
        tenant_writes_per_minute=read.integer("TENANT_WRITES_PER_MINUTE", 60_000, 1, 10_000_000),
        email_messages_per_minute=read.integer("EMAIL_MESSAGES_PER_MINUTE", 600, 1, 1_000_000),
        sms_messages_per_minute=read.integer("SMS_MESSAGES_PER_MINUTE", 300, 1, 1_000_000),
        whatsapp_messages_per_minute=read.integer("WHATSAPP_MESSAGES_PER_MINUTE", 300, 1, 1_000_000),
        push_messages_per_minute=read.integer("PUSH_MESSAGES_PER_MINUTE", 3_000, 1, 1_000_000),
        shutdown_seconds=read.integer("SHUTDOWN_SECONDS", 20, 0, 300),
        default_consultation_minutes=read.integer("DEFAULT_CONSULTATION_TIME", 15, 1, 240),
        max_early_arrival_minutes=read.integer("MAX_EARLY_ARRIVAL", 30, 0, 240),
        position_ttl_seconds=position_ttl,
        tracking_ttl_seconds=tracking_ttl,
        slot_horizon_days=read.integer("SLOT_HORIZON_DAYS", 90, 1, 180),
        jwt_keys=jwt_keys(read),
        jwt_issuer=read.text("JWT_ISSUER", "clinic-queue-server"),
        access_token_minutes=access_minutes,
        refresh_token_days=refresh_days,
        tracking_token_days=read.integer("TRACKING_TOKEN_DAYS", 14, 1, 365),
        payments=payments(read),
        audit_signing_key=audit_signing_key(read),
        audit_roots_dir=Path(read.text("AUDIT_ROOTS_DIR", str(data_dir / "audit-roots"))),
        smtp_url=smtp_url,
        mail_from=mail_from,
        sms_mail_domain=sms_mail_domain,
        texts=texts(read),
        push=push(read, patients_url, mail_from),
        worker_metrics_port=read.integer("WORKER_METRICS_PORT", 0, 0, 65535),
        text_codes_per_hour=read.integer("TEXT_CODES_PER_HOUR", 1_000, 1, 10_000_000),
        socket_max_message_bytes=read.integer("SOCKET_MAX_MESSAGE_BYTES", 65_536, 1_024, 10_000_000),
        socket_connections_per_address=read.integer("SOCKET_CONNECTIONS_PER_ADDRESS", 500, 1, 1_000_000),
        socket_connects_per_minute=read.integer("SOCKET_CONNECTS_PER_MINUTE", 600, 1, 1_000_000),
        socket_idle_seconds=read.integer("SOCKET_IDLE_SECONDS", 30, 1, 3600),
        log_level=cast(LogLevel, read.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))),
        log_format=cast(LogFormat, read.choice("LOG_FORMAT", "json", ("json", "console"))),
        data_dir=data_dir,
    )


def _needed(url: str | None, name: str, whose: str) -> str:
    if url is None:
        raise SettingsError(f"{name} is not set; give the address of {whose}.")
    return url
