"""An external identity provider on loopback: a real HTTP server with a key set, and tokens signed with its keys."""

import json
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

AUDIENCE = "clinic-desk"


class IdentityProvider:
    """Serves `/jwks` as tests set it: `status`, `body`; counts the requests."""

    def __init__(self, rsa_number: int = 1) -> None:
        provider = self
        self.requests = 0
        self.status = 200
        self.body: bytes | None = None
        self.headers: dict[str, str] = {}

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.requests += 1
                body = provider.body if provider.body is not None else json.dumps({"keys": provider.keys}).encode()
                self.send_response(provider.status)
                for name, value in provider.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.issuer = self.url + "/realm"
        self.jwks_uri = self.url + "/jwks"
        self.rsa = rsa_key(rsa_number)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.keys: list[dict[str, Any]] = [public_jwk(self.rsa, "rsa-1"), public_jwk(self.ec, "ec-1")]

    def token(
        self,
        *,
        key: Any = None,
        algorithm: str = "RS256",
        kid: str | None = "rsa-1",
        headers: Mapping[str, Any] | None = None,
        lifetime: timedelta = timedelta(minutes=5),
        drop: tuple[str, ...] = (),
        **claims: Any,
    ) -> str:
        """Return a token; by default a good one without an account, `claims` add to it and `drop` takes away."""
        full: dict[str, Any] = {
            "iss": self.issuer,
            "aud": AUDIENCE,
            "sub": "somebody",
            "exp": datetime.now(UTC) + lifetime,
            **claims,
        }
        for name in drop:
            del full[name]
        extra = {"kid": kid} if kid is not None else {}
        return jwt.encode(full, key or self.rsa, algorithm=algorithm, headers={**extra, **(headers or {})})

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


@cache
def rsa_key(number: int) -> RSAPrivateKey:
    """Return the RSA key of this number, made once a run: that takes long."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_jwk(key: Any, kid: str, **more: Any) -> dict[str, Any]:
    """Return the public half of a key as a JWK."""
    algorithm = RSAAlgorithm if isinstance(key, RSAPrivateKey) else ECAlgorithm
    return {**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid, "use": "sig", **more}
