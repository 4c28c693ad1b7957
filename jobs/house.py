"""What jobs work with, built once by the worker."""

import msgspec

from queue_server.application.audit_roots import RootSigner
from queue_server.application.messages.notifying import Notifying
from queue_server.application.messages.sending import Sending
from queue_server.application.payments.work import ProviderWork
from queue_server.application.unit import WritePath
from queue_server.store.db import Database


class House(msgspec.Struct, frozen=True, kw_only=True):
    """The application's objects that jobs call; `signer` is None where no signing key is set."""

    db: Database
    jobs: Database
    writes: WritePath
    signer: RootSigner | None
    payments: ProviderWork | None = None
    """None where no payments are worked on."""
    sending: Sending | None = None
    """None where no messages are sent."""
    notifying: Notifying | None = None
    """None where nobody is told of anything."""
    default_minutes: int = 15
    """How long a visit is taken to be where nothing is known of its doctor yet."""
