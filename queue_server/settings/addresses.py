"""Addresses: of Postgres, of Redis, of the server itself, and of those it trusts."""

import ipaddress
from urllib.parse import SplitResult, urlsplit

from queue_server.settings.environment import Reader, SettingsError


def databases(read: Reader) -> tuple[str, str | None, str | None]:
    """Return the addresses for the app's role, the owner's and the worker's; raises `SettingsError`."""
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


def backup_url(read: Reader) -> str | None:
    """Return the address that backups are made with, None without one; raises `SettingsError`."""
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


def redis(read: Reader) -> tuple[str | None, bool, tuple[str, ...]]:
    """Return Redis' address, whether it is a cluster, and its nodes for channels; raises `SettingsError`."""
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


def public_url(read: Reader, host: str, port: int) -> str:
    """Return the address that patients open; raises `SettingsError`."""
    given = read.optional("PUBLIC_URL")
    if given is None:
        name = "localhost" if host in ("0.0.0.0", "::", "") else host  # noqa: S104 – compared, not bound
        return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"
    parts = _split("PUBLIC_URL", given)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise SettingsError(f"PUBLIC_URL is {given!r}; give the address patients open, like https://queue.example.org.")
    return given.rstrip("/")


def http_url(name: str, given: str) -> str:
    """Return the address of a service that speaks HTTP, without a slash at its end; raises `SettingsError`."""
    parts = _split(name, given)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        raise SettingsError(f"{name} is not the address of a service; give one like https://payments.example.org.")
    return given.rstrip("/")


def cors_origins(read: Reader) -> tuple[str, ...]:
    """Return the origins whose pages may ask; raises `SettingsError`."""
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


def trusted_proxies(read: Reader) -> tuple[str, ...]:
    """Return addresses and networks of proxies that are believed; raises `SettingsError`."""
    proxies = read.items("TRUSTED_PROXIES")
    for proxy in proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError:
            raise SettingsError(
                f"TRUSTED_PROXIES has {proxy!r}; give addresses or networks like 10.0.0.5 or 172.16.0.0/12."
            ) from None
    return proxies


def _split(name: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port  # parsed on access, and raises there
    except ValueError:
        # The address is not repeated: it may carry a password.
        raise SettingsError(f"{name} is not a readable address; check brackets and the port number.") from None
    return parts
