"""How much work there is, as metrics show it."""

from typing import Any, cast

import pytest

from queue_server.application import work_depths
from queue_server.application.work_depths import WorkDepths
from queue_server.metrics import Metrics
from queue_server.store import holds, job_store
from queue_server.store.job_store import Depth


async def test_a_kind_that_has_nothing_to_do_any_more_is_shown_as_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = [Depth(kind="brewing", ready=3, due=2, running=1, retrying=1, retries=4, dead=2, oldest_seconds=7)]

    async def depths(_db: object) -> list[Depth]:
        return found

    async def counts(_db: object) -> dict[str, int]:
        return {}

    monkeypatch.setattr(work_depths, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(job_store, "depths", depths)
    monkeypatch.setattr(holds, "counts", counts)
    metrics = Metrics()
    work = WorkDepths(cast(Any, None), metrics)

    def shown(name: str, **labels: str) -> float | None:
        return metrics.registry.get_sample_value(name, {"kind": "brewing", **labels})

    await work.refresh()
    states = ("ready", "due", "running", "retrying", "dead")
    assert [shown("jobs", state=state) for state in states] == [3, 2, 1, 1, 2]
    assert (shown("job_retries"), shown("job_oldest_seconds")) == (4, 7)
    found = []
    await work.refresh()
    assert [shown("jobs", state=state) for state in states] == [0] * 5
    assert (shown("job_retries"), shown("job_oldest_seconds")) == (0, 0)
