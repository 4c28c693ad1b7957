"""Ids of many slots at once: what `slot_id` returns for each, without its cost."""

from collections.abc import Iterable
from hashlib import sha1

from scheduling_core.ids import ClinicId, DoctorId

# Version 5 and variant 1 of RFC 9562, 4.1 and 4.2, put into the bytes that hold them.
_VERSION = tuple(bytes((byte & 0x0F | 0x50,)) for byte in range(256))
_VARIANT = tuple(bytes((byte & 0x3F | 0x80,)) for byte in range(256))


def slot_ids(doctor: DoctorId, clinic: ClinicId, starts: Iterable[int]) -> bytes:
    """Return the ids of the slots that start then (seconds since 1970), 16 bytes each, one behind the other."""
    named = doctor.bytes + f"slot:{clinic}:".encode()
    digests = [sha1(named + b"%d" % start, usedforsecurity=False).digest() for start in starts]
    return b"".join([d[:6] + _VERSION[d[6]] + d[7:8] + _VARIANT[d[8]] + d[9:16] for d in digests])
