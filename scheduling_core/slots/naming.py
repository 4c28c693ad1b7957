"""Ids of many slots at once: what `slot_id` returns, without its cost for each."""

from datetime import UTC, datetime, timedelta
from hashlib import sha1

from scheduling_core.ids import ClinicId, DoctorId

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


class SlotNames:
    """Names the slots of one doctor at one clinic; an id is its 16 bytes (UUIDv5, RFC 9562, 5.5)."""

    def __init__(self, doctor: DoctorId, clinic: ClinicId) -> None:
        self._begun = sha1(doctor.bytes + f"slot:{clinic}:".encode(), usedforsecurity=False)

    def at(self, start: datetime) -> bytes:
        """Return the id of the slot that starts then."""
        naming = self._begun.copy()
        naming.update(b"%d" % ((start - _EPOCH) // _SECOND))
        digest = bytearray(naming.digest()[:16])
        digest[6] = digest[6] & 0x0F | 0x50
        digest[8] = digest[8] & 0x3F | 0x80
        return bytes(digest)
