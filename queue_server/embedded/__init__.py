"""Postgres and Redis from wheels, and the supervisor that runs them and our own processes."""

from .errors import ChildFailed, DataDirectoryInUse, EmbeddedError
from .secrets import persistent_secrets
from .services import EmbeddedServices
from .supervisor import Child, Supervisor, run_until_signal

__all__ = [
    "Child",
    "ChildFailed",
    "DataDirectoryInUse",
    "EmbeddedError",
    "EmbeddedServices",
    "Supervisor",
    "persistent_secrets",
    "run_until_signal",
]
