"""Refusals of requests, in the words and numbers of the protocol's reference server."""

import msgspec


class Refused(Exception):
    """A request is answered with an HTTP error; `code` and `message` say why to whoever reads the body."""

    def __init__(self, message: str, code: int = 3, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        self.body = msgspec.json.encode({"code": code, "message": message})


def unknown_transport() -> Refused:
    """Return the refusal of a transport that is not spoken here, or not in this kind of request."""
    return Refused("Transport unknown", 0)


def unknown_session() -> Refused:
    """Return the refusal of a session id that is not, or no longer, in use."""
    return Refused("Session ID unknown", 1)


def bad_method() -> Refused:
    """Return the refusal of a method that opens no session."""
    return Refused("Bad handshake method", 2)


def bad_request() -> Refused:
    """Return the refusal of what fits nowhere."""
    return Refused("Bad request", 3)


def unsupported_version() -> Refused:
    """Return the refusal of other revisions of the protocol than 4."""
    return Refused("Unsupported protocol version", 5)
