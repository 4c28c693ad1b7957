"""One frozen struct of settings, read from the environment and checked before anything starts.

`load(os.environ)` either returns settings that make sense together or raises `SettingsError`, whose message is one
sentence that names the variable and says what to do. `.env.example` documents every variable.
"""

import base64
import binascii
import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, cast
from urllib.parse import SplitResult, urlsplit

import msgspec

LogFormat = Literal["json", "console"]
LogLevel = Literal["DEBUG", "INFO", "WARNING", "ERROR"]

SHORTEST_JWT_SECRET = 32  # bytes; HS256 must not be keyed with less than its own output (RFC 7518, 3.2)
FEWEST_DISTINCT_CHARACTERS = 8  # refuses "aaaa…" and other placeholders that pass for length
ED25519_SEED_BYTES = 32


class SettingsError(Exception):
    """The environment does not make sense; the message names the variable and the way out."""


class JwtKey(msgspec.Struct, frozen=True):
    """A symmetric key that signs or verifies our own tokens, told apart by `kid`."""

    kid: str
    secret: bytes

    def __repr__(self) -> str:
        return f"JwtKey(kid={self.kid!r}, secret=…)"


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
    max_body_bytes: int
    public_requests_per_minute: int
    sign_ins_per_minute: int
    address_writes_per_minute: int
    user_writes_per_minute: int
    tenant_reads_per_minute: int
    tenant_writes_per_minute: int
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
    audit_signing_key: bytes | None
    audit_roots_dir: Path

    socket_max_message_bytes: int
    socket_connections_per_address: int
    socket_connects_per_minute: int
    socket_idle_seconds: int

    log_level: LogLevel
    log_format: LogFormat
    data_dir: Path

    def __repr__(self) -> str:
        """Every field, but secrets and passwords inside addresses replaced by an ellipsis."""
        shown = (f"{name}={_shown(name, getattr(self, name))}" for name in self.__struct_fields__)
        return f"Settings({', '.join(shown)})"

    @property
    def cors_any_origin(self) -> bool:
        """Whether `CORS_ORIGIN=*` was given explicitly."""
        return self.cors_origins == ("*",)

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
    read = _Reader(environ)
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
    database_url, owner_url, jobs_url = _databases(read)
    redis_url, cluster_mode, pubsub_urls = _redis(read)
    return Settings(
        database_url=database_url,
        database_owner_url=owner_url,
        database_jobs_url=jobs_url,
        database_backup_url=_backup_url(read),
        database_pool_size=read.integer("DATABASE_POOL_SIZE", 10, 1, 500),
        redis_url=redis_url,
        redis_cluster_mode=cluster_mode,
        redis_pool_size=read.integer("REDIS_POOL_SIZE", 10, 2, 1000),
        redis_pubsub_urls=pubsub_urls,
        host=host,
        port=port,
        public_url=_public_url(read, host, port),
        cors_origins=_cors_origins(read),
        trusted_proxies=_trusted_proxies(read),
        max_body_bytes=read.integer("MAX_BODY_BYTES", 1_000_000, 1_024, 100_000_000),
        public_requests_per_minute=read.integer("PUBLIC_REQUESTS_PER_MINUTE", 12_000, 1, 10_000_000),
        sign_ins_per_minute=read.integer("SIGN_INS_PER_MINUTE", 60, 1, 1_000_000),
        address_writes_per_minute=read.integer("ADDRESS_WRITES_PER_MINUTE", 30_000, 1, 10_000_000),
        user_writes_per_minute=read.integer("USER_WRITES_PER_MINUTE", 12_000, 1, 10_000_000),
        tenant_reads_per_minute=read.integer("TENANT_READS_PER_MINUTE", 300_000, 1, 10_000_000),
        tenant_writes_per_minute=read.integer("TENANT_WRITES_PER_MINUTE", 60_000, 1, 10_000_000),
        shutdown_seconds=read.integer("SHUTDOWN_SECONDS", 20, 0, 300),
        default_consultation_minutes=read.integer("DEFAULT_CONSULTATION_TIME", 15, 1, 240),
        max_early_arrival_minutes=read.integer("MAX_EARLY_ARRIVAL", 30, 0, 240),
        position_ttl_seconds=position_ttl,
        tracking_ttl_seconds=tracking_ttl,
        slot_horizon_days=read.integer("SLOT_HORIZON_DAYS", 90, 1, 180),
        jwt_keys=_jwt_keys(read),
        jwt_issuer=read.text("JWT_ISSUER", "clinic-queue-server"),
        access_token_minutes=access_minutes,
        refresh_token_days=refresh_days,
        tracking_token_days=read.integer("TRACKING_TOKEN_DAYS", 14, 1, 365),
        audit_signing_key=_audit_signing_key(read),
        audit_roots_dir=Path(read.text("AUDIT_ROOTS_DIR", str(data_dir / "audit-roots"))),
        socket_max_message_bytes=read.integer("SOCKET_MAX_MESSAGE_BYTES", 65_536, 1_024, 10_000_000),
        socket_connections_per_address=read.integer("SOCKET_CONNECTIONS_PER_ADDRESS", 500, 1, 1_000_000),
        socket_connects_per_minute=read.integer("SOCKET_CONNECTS_PER_MINUTE", 600, 1, 1_000_000),
        socket_idle_seconds=read.integer("SOCKET_IDLE_SECONDS", 30, 1, 3600),
        log_level=cast(LogLevel, read.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))),
        log_format=cast(LogFormat, read.choice("LOG_FORMAT", "json", ("json", "console"))),
        data_dir=data_dir,
    )


class _Reader:
    """Typed access to the environment; every complaint names the variable and what would be right."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def optional(self, name: str) -> str | None:
        return self._environ.get(name, "").strip() or None

    def text(self, name: str, default: str) -> str:
        return self.optional(name) or default

    def integer(self, name: str, default: int, low: int, high: int) -> int:
        given = self.optional(name)
        if given is None:
            return default
        # int() alone would also take "1_0", "+5" and Arabic digits, which here are rather slips than choices.
        if not re.fullmatch(r"-?[0-9]{1,12}", given):
            raise SettingsError(f"{name} is {given!r}, which is not a whole number; give one from {low} to {high}.")
        if not low <= int(given) <= high:
            raise SettingsError(f"{name} is {given}, out of range; give a whole number from {low} to {high}.")
        return int(given)

    def boolean(self, name: str, default: bool) -> bool:
        given = self.optional(name)
        if given is None:
            return default
        if given.lower() not in ("true", "false", "1", "0"):
            raise SettingsError(f"{name} is {given!r}; give true or false.")
        return given.lower() in ("true", "1")

    def choice(self, name: str, default: str, choices: tuple[str, ...]) -> str:
        given = self.text(name, default)
        for choice in choices:
            if choice.lower() == given.lower():
                return choice
        raise SettingsError(f"{name} is {given!r}; give one of {', '.join(choices)}.")

    def items(self, name: str) -> tuple[str, ...]:
        """The parts of a comma-separated list, without blanks and repetitions, in the order given."""
        parts = (part.strip() for part in (self.optional(name) or "").split(","))
        return tuple(dict.fromkeys(part for part in parts if part))


def _databases(read: _Reader) -> tuple[str, str | None, str | None]:
    app = read.optional("DATABASE_URL")
    if app is None:
        raise SettingsError(
            "DATABASE_URL is not set; give the app role's address (postgresql://queue_app:…@host/clinic_queue),"
            " or start with `queue-server up`, which brings its own Postgres."
        )
    owner, jobs = read.optional("DATABASE_OWNER_URL"), read.optional("DATABASE_JOBS_URL")
    for name, url in (("DATABASE_URL", app), ("DATABASE_OWNER_URL", owner), ("DATABASE_JOBS_URL", jobs)):
        if url is not None:
            _check_postgres_url(name, url)
    for name, url in (("DATABASE_OWNER_URL", owner), ("DATABASE_JOBS_URL", jobs)):
        user = _split(name, url).username if url else None
        if user is not None and user == _split("DATABASE_URL", app).username:
            raise SettingsError(
                f"{name} and DATABASE_URL log in as the same role, which would undo the separation of tenants;"
                " give each its own role (sql/roles.sql makes them)."
            )
    return app, owner, jobs


def _backup_url(read: _Reader) -> str | None:
    url = read.optional("DATABASE_BACKUP_URL")
    if url is not None:
        _check_postgres_url("DATABASE_BACKUP_URL", url)
    return url


def _check_postgres_url(name: str, url: str) -> None:
    parts = _split(name, url)
    if parts.scheme not in ("postgresql", "postgres"):
        raise SettingsError(f"{name} does not begin with postgresql://; give postgresql://role:password@host/database.")
    if len(parts.path) < 2:
        raise SettingsError(f"{name} names no database; end it with /clinic_queue or the name of yours.")


def _redis(read: _Reader) -> tuple[str | None, bool, tuple[str, ...]]:
    url = read.optional("REDIS_URL")
    cluster = read.boolean("REDIS_CLUSTER_MODE", False)
    pubsub = read.items("REDIS_PUBSUB_URLS")
    if url is None:
        for name, given in (("REDIS_CLUSTER_MODE", cluster), ("REDIS_PUBSUB_URLS", pubsub)):
            if given:
                raise SettingsError(f"{name} is set but REDIS_URL is not; set REDIS_URL or leave both out.")
        return None, False, ()
    for name, one in (("REDIS_URL", url), *(("REDIS_PUBSUB_URLS", one) for one in pubsub)):
        _check_redis_url(name, one)
    if cluster and urlsplit(url).scheme == "unix":
        raise SettingsError("REDIS_CLUSTER_MODE needs nodes on a network; give REDIS_URL as redis:// or rediss://.")
    if cluster and not pubsub:
        raise SettingsError(
            "REDIS_CLUSTER_MODE is true, but nothing says which nodes carry the queues' channels; list the cluster's"
            " nodes in REDIS_PUBSUB_URLS, or leave REDIS_CLUSTER_MODE out."
        )
    return url, cluster, pubsub


def _check_redis_url(name: str, url: str) -> None:
    parts = _split(name, url)
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise SettingsError(f"{name} does not begin with redis://, rediss:// or unix://; give redis://host:6379/0.")
    if parts.scheme == "unix" and not parts.path.startswith("/"):
        raise SettingsError(f"{name} names no socket; give unix:///path/to/redis.sock.")
    if parts.scheme != "unix" and not parts.hostname:
        raise SettingsError(f"{name} names no host; give redis://host:6379/0.")


def _public_url(read: _Reader, host: str, port: int) -> str:
    given = read.optional("PUBLIC_URL")
    if given is None:
        name = "localhost" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 – compared, not bound
        return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
    parts = _split("PUBLIC_URL", given)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError(f"PUBLIC_URL is {given!r}; give the address patients open, like https://queue.example.org.")
    return given.rstrip("/")


def _cors_origins(read: _Reader) -> tuple[str, ...]:
    origins = read.items("CORS_ORIGIN")
    if "*" in origins and len(origins) > 1:
        raise SettingsError("CORS_ORIGIN mixes * with origins; give * alone to allow every site, or list the origins.")
    return tuple(origin if origin == "*" else _origin(origin) for origin in origins)


def _origin(given: str) -> str:
    """An origin as browsers send it: lower case, no path, no default port (RFC 6454)."""
    parts = _split("CORS_ORIGIN", given)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query or parts.fragment:
        raise SettingsError(
            f"CORS_ORIGIN has {given!r}, which is not an origin; give scheme and host only, like https://desk.example.org."
        )
    if parts.username or parts.password:
        raise SettingsError("CORS_ORIGIN has a user name or password in it; give scheme and host only.")
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    default_port = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" + (f":{parts.port}" if parts.port not in (None, default_port) else "")


def _trusted_proxies(read: _Reader) -> tuple[str, ...]:
    proxies = read.items("TRUSTED_PROXIES")
    for proxy in proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError:
            raise SettingsError(
                f"TRUSTED_PROXIES has {proxy!r}; give addresses or networks like 10.0.0.5 or 172.16.0.0/12."
            ) from None
    return proxies


def _jwt_keys(read: _Reader) -> tuple[JwtKey, ...]:
    entries = read.items("JWT_KEYS")
    if not entries:
        raise SettingsError(
            "JWT_KEYS is not set; give kid:secret with a secret of at least 32 characters (openssl rand -hex 32)."
        )
    keys = []
    for place, entry in enumerate(entries, start=1):
        kid, colon, secret = entry.partition(":")
        if not colon or not re.fullmatch(r"[A-Za-z0-9._-]{1,32}", kid):
            raise SettingsError(
                f"JWT_KEYS, entry {place}, is not kid:secret with a short kid like 2025a; fix that entry."
            )
        if len(secret.encode()) < SHORTEST_JWT_SECRET or len(set(secret)) < FEWEST_DISTINCT_CHARACTERS:
            raise SettingsError(
                f"JWT_KEYS, key {kid}, is too weak; give a random secret of at least 32 characters"
                " (openssl rand -hex 32)."
            )
        keys.append(JwtKey(kid=kid, secret=secret.encode()))
    if len({key.kid for key in keys}) < len(keys):
        raise SettingsError("JWT_KEYS names the same kid twice; give every key its own.")
    return tuple(keys)


def _audit_signing_key(read: _Reader) -> bytes | None:
    given = read.optional("AUDIT_SIGNING_KEY")
    if given is None:
        return None
    try:
        key = (
            bytes.fromhex(given) if re.fullmatch(r"[0-9A-Fa-f]{64}", given) else base64.b64decode(given, validate=True)
        )
    except binascii.Error:
        key = b""
    if len(key) != ED25519_SEED_BYTES:
        raise SettingsError("AUDIT_SIGNING_KEY is not 32 bytes in hex or base64; make one with openssl rand -hex 32.")
    return key


def _split(name: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # parsed on access, and raises there
    except ValueError:
        # The address is not repeated: it may carry a password.
        raise SettingsError(f"{name} is not a readable address; check brackets and the port number.") from None
    return parts


def _needed(url: str | None, name: str, whose: str) -> str:
    if url is None:
        raise SettingsError(f"{name} is not set; give the address of {whose}.")
    return url


_SECRET_FIELDS = frozenset({"audit_signing_key"})


def _shown(name: str, value: object) -> str:
    if name in _SECRET_FIELDS:
        return "…" if value else repr(value)
    if isinstance(value, str) and "://" in value:
        return repr(_without_password(value))
    if isinstance(value, tuple):
        return repr(tuple(_without_password(one) if isinstance(one, str) else one for one in value))
    return repr(value)


def _without_password(url: str) -> str:
    """The address without its password, wherever libpq or redis-py would accept one."""
    without = re.sub(r"(?<=://)([^/@]*):[^@]*@", r"\1:…@", url)
    return re.sub(r"(password=)[^&]*", r"\1…", without)
