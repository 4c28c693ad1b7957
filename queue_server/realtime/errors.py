"""Refusals that only sockets know, and how patients' clients are told of any."""

from queue_server.application.views.sockets import SocketError
from scheduling_core.errors import DomainError, Unauthenticated

RETRYABLE = frozenset({429, 500, 503})


class UnknownEvent(DomainError):
    """The server knows no such event."""

    code, title, status = "unknown_event", "There is no such event", 404


class TokenExpired(Unauthenticated):
    """The access token of a socket has ended; `authenticate` with a new one."""

    code, title = "token_expired", "Please send a new access token"


def socket_error(error: DomainError | None) -> SocketError:
    """Return a refusal (None: a fault of ours) as patients' clients are told of it."""
    if error is None:
        return SocketError(code="internal_error", message="Something went wrong on our side.", retryable=True)
    return SocketError(code=error.code, message=error.detail, retryable=error.status in RETRYABLE)
