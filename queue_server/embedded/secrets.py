"""Keys and passwords made once for an installation and kept, readable by nobody else, in its data directory."""

import base64
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec

FILE = "secrets.env"


def persistent_secrets(data_dir: Path) -> dict[str, str]:
    """`JWT_KEYS`, `AUDIT_SIGNING_KEY` and `VAPID_PRIVATE_KEY` of this installation, made at the first call.

    A second start therefore still accepts the tokens and tracking links of the first, and reaches its browsers.
    """
    return keep(
        data_dir,
        {
            "JWT_KEYS": lambda: f"k{secrets.token_hex(3)}:{secrets.token_hex(32)}",
            "AUDIT_SIGNING_KEY": lambda: secrets.token_hex(32),
            "VAPID_PRIVATE_KEY": new_vapid_key,
        },
    )


def new_vapid_key() -> str:
    """Return the private key of a new P-256 pair in base64url, for push services to know an installation by."""
    number = ec.generate_private_key(ec.SECP256R1()).private_numbers().private_value
    return base64.urlsafe_b64encode(number.to_bytes(32)).rstrip(b"=").decode()


def keep(data_dir: Path, wanted: Mapping[str, Callable[[], str]]) -> dict[str, str]:
    """The values named in `wanted`, read from the file, or made and written to it first."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = data_dir / FILE
    kept = _read(file)
    missing = {name: make() for name, make in wanted.items() if not kept.get(name)}
    if missing:
        kept |= missing
        _write(file, kept)
    return {name: kept[name] for name in wanted}


def kept_secrets(data_dir: Path) -> dict[str, str]:
    """Everything that is kept in a data directory; empty when nothing is."""
    return _read(data_dir / FILE)


def _read(file: Path) -> dict[str, str]:
    try:
        lines = file.read_text().splitlines()
    except FileNotFoundError:
        return {}
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def _write(file: Path, values: Mapping[str, str]) -> None:
    """Replace the file in one step, so that a crash leaves the old one or the new one."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as out:
        out.write("# Made by this installation; losing it invalidates every token and password.\n")
        out.writelines(f"{name}={value}\n" for name, value in sorted(values.items()))
        out.flush()
        os.fsync(out.fileno())
    draft.replace(file)
