"""What one Locust process can take is measured against a stand-in that Locust cannot tell from a server."""

from loadtests.locust_capacity import SHARES, measure

PHONES = 20


async def test_every_step_costs_something_and_is_answered() -> None:
    found = await measure(PHONES, 0.5)
    assert found["phones"] == PHONES
    assert len(found["steps"]) == len(SHARES)
    for step in found["steps"]:
        assert step["updates_per_s"] > 0
        assert step["answer"]["max_ms"] > 0
