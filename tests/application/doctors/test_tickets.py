"""What tickets begin with when nobody has chosen, whatever a doctor is called."""

import pytest

from queue_server.application.doctors.tickets import choose_prefix
from tests.application.doctors.house import House


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Dr Asha Rao", "R"),
        ("", "A"),
        ("   ", "A"),
        ("张伟", "A"),
        ("Dr 7", "A"),
        ("Dr Oda", "A"),
        ("\ufb06", "A"),  # in capitals these are two letters, S and T
    ],
)
async def test_the_first_letter_counts_where_it_is_one(house: House, name: str, letters: str) -> None:
    async with house.db.tenant(house.clinic.tenant) as tx:
        await tx.run("DELETE FROM doctor WHERE tenant_id = $1", tx.tenant)
        found = await choose_prefix(tx, house.clinic.id, house.clinic.doctors[0], wanted=None, name=name)
    assert found == letters
