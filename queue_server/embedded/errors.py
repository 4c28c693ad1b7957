"""What can go wrong around the services we run ourselves; every message is a sentence for the operator."""


class EmbeddedError(Exception):
    """A service could not be found, started or kept; the message says which and what to do."""


class DataDirectoryInUse(EmbeddedError):
    """Another process holds the data directory; `pid` is its id where known."""

    def __init__(self, message: str, pid: int | None) -> None:
        super().__init__(message)
        self.pid = pid


class ChildFailed(EmbeddedError):
    """A child ended, or was not ready in time, before it ever served."""
