"""A desk and honest phones in a process of their own, so that the attackers beside it do not slow what it measures.

    python -m loadtests.attacks.witness URL < clinic.json > delays.jsonl

The desk moves a patient twenty times a second, by the clock; for each move a line says when it was sent and how many
seconds later the last phone showed it. Runs until it is terminated.
"""

import asyncio
import json
import random
import sys
from bisect import bisect_left
from time import monotonic
from uuid import UUID

import uvloop

from loadtests.followers import Crowd, Phone
from loadtests.staff_socket import Refused, StaffSocket

PHONES = 3
MOVES_PER_SECOND = 20.0
WAIT_SECONDS = 10.0
"""So long a move is waited for; the line then says that it took as long."""


async def main(url: str, clinic: dict[str, list[str]]) -> None:
    """Move and measure until the process ends."""
    desk = StaffSocket(url, str(clinic["token"]))
    await desk.sign_in()
    crowd = Crowd(url, [Phone(link, 0) for link in clinic["links"][:PHONES]])
    await crowd.join()
    crowd.is_recording = crowd.returns = True
    entries = [UUID(entry) for entry in clinic["entries"]]
    under_way: set[asyncio.Task[None]] = set()
    number, started = 0, monotonic()
    while True:
        await asyncio.sleep(max(0.0, started + number / MOVES_PER_SECOND - monotonic()))
        number += 1
        task = asyncio.create_task(_move(desk, crowd, random.choice(entries), random.randint(1, len(entries))))
        under_way.add(task)
        task.add_done_callback(under_way.discard)


async def _move(desk: StaffSocket, crowd: Crowd, entry: UUID, place: int) -> None:
    sent = monotonic()
    try:
        version = (await desk.move(entry, place)).version
    except Refused:
        return
    except (OSError, TimeoutError):
        _tell(sent, WAIT_SECONDS)
        return
    while monotonic() < sent + WAIT_SECONDS:
        seen = [_seen(phone, version) for phone in crowd.phones]
        times = [time for time in seen if time is not None]
        if len(times) == len(seen):
            if max(times) > sent:  # else it stood there already, and nothing was to be shown
                _tell(sent, max(times) - sent)
            return
        await asyncio.sleep(0.02)
    _tell(sent, WAIT_SECONDS)


def _seen(phone: Phone, version: int) -> float | None:
    place = bisect_left(phone.versions, version)
    return phone.times[place] if place < len(phone.versions) else None


def _tell(sent: float, seconds: float) -> None:
    print(json.dumps({"sent": sent, "seconds": seconds}), flush=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], json.load(sys.stdin)))
