"""What was said about who waits goes with them, and is told with all else that is known of them."""

from uuid import UUID

import pytest

from queue_server.application.patients.erasure import Erasure
from queue_server.application.standing import Standings
from queue_server.application.unit import Recorder
from queue_server.application.waitlist.bodies import OverrideBody, Wanted
from queue_server.store import patients
from scheduling_core.errors import StillExpected
from scheduling_core.ids import PatientId
from tests.application.waitlist.people import Waitlist


async def test_whoever_is_erased_leaves_no_words_on_the_waitlist(waitlist: Waitlist) -> None:
    me = await waitlist.somebody()
    made = await waitlist.join(me, notes="canary-one", metadata={"k": "canary-two"})
    await waitlist.change(made, override=OverrideBody(position=1, reason="canary-three"))
    erasure = Erasure(waitlist.db, Recorder(), Standings(waitlist.db))
    with pytest.raises(StillExpected):
        await erasure.erase(waitlist.admin, me)
    await waitlist.change(made, status=Wanted.CANCELLED, reason="canary-four")
    async with waitlist.db.tenant(waitlist.clinic.tenant) as tx:
        assert len(await patients.words_about(tx, [PatientId(me)])) == 4
    await erasure.erase(waitlist.admin, me)
    async with waitlist.db.tenant(waitlist.clinic.tenant) as tx:
        rows = await tx.rows("SELECT body FROM free_text WHERE tenant_id = $1 AND body LIKE 'canary%'", tx.tenant)
        kept = await tx.rows("SELECT answer FROM idempotent_answer WHERE tenant_id = $1", tx.tenant)
    assert rows == []
    assert not [row for row in kept if b"canary" in (row["answer"] or b"")]
    found = await waitlist.reading.get(waitlist.desk, UUID(made["id"]))
    assert found.notes == ""
