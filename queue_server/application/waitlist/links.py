"""Links to entries of the waitlist: whoever has one sees the entry and answers what is offered to it."""

from datetime import datetime, timedelta

from queue_server.application.tokens import Tokens
from scheduling_core.ids import TenantId, WaitlistId

LINK_OUTLASTS = timedelta(days=30)
"""How long after the end of an entry its link still says what became of it."""


class WaitlistLinks:
    """Makes the links."""

    def __init__(self, tokens: Tokens, public_url: str) -> None:
        self._tokens = tokens
        self._public_url = public_url.rstrip("/")

    def make(self, tenant: TenantId, entry: WaitlistId, expires_at: datetime) -> tuple[str, str]:
        """Return a token for an entry that is kept until `expires_at`, and the link that carries it."""
        token = self._tokens.issue_waitlist(tenant=tenant, entry=entry, expires_at=expires_at + LINK_OUTLASTS)
        return token, f"{self._public_url}/invite/{token}"
