"""Counts what is asked of Postgres."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from queue_server.store.db import Transaction


class Asked:
    """The queries of a stretch of a test, one after another."""

    def __init__(self) -> None:
        self.queries: list[str] = []

    def __len__(self) -> int:
        return len(self.queries)


@contextmanager
def counted() -> Iterator[Asked]:
    """Count the queries that are asked inside."""
    asked = Asked()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("rows", "row", "run"):
            patch.setattr(Transaction, name, _noting(asked, getattr(Transaction, name)))
        yield asked


def _noting(asked: Asked, ask: Any) -> Any:
    async def noted(tx: Transaction, query: str, *arguments: object) -> Any:
        asked.queries.append(query)
        return await ask(tx, query, *arguments)

    return noted
