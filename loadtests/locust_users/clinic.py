"""The clinic that the load is put on, found and made ready over HTTP by a receptionist: lanes, lines and links."""

import itertools
from typing import Any, NamedTuple

from loadtests.locust_users.api import Api

QUEUE = "/api/appointments/queue"
GIVEN = ("Asha", "Imran", "Lena", "Tomás", "Priya", "Mei", "Sara", "Ravi", "Ana", "Noor", "Eva", "Ben")
FAMILY = ("Rao", "Khan", "Fischer", "Díaz", "Nair", "Chen", "Lind", "Patel", "Costa", "Aziz", "Novak")
"""Two lengths without a common divisor, so that together they make more than a hundred names. Nobody is real."""


class NothingToDo(Exception):
    """No queue can be worked on today; the message says why."""


class Link(NamedTuple):
    """What a patient holds, and whose queue it leads to."""

    token: str
    doctor: str


class Clinic:
    """The lanes that desks work on and the links that phones share; links of walk-ins are added as they come."""

    def __init__(self, lanes: list[str], links: list[Link], most_links: int) -> None:
        self.lanes = lanes
        self.links = links
        self._most = most_links
        self._next = itertools.count()

    def link(self) -> Link:
        """Return a link for one more phone: each in turn."""
        return self.links[next(self._next) % len(self.links)]

    def add(self, link: Link) -> None:
        """Let phones follow another link, unless there are enough."""
        if len(self.links) < self._most:
            self.links.append(link)


def look_around(api: Api, token: str, *, line: int, links: int) -> Clinic:
    """Return the clinic of a receptionist, every line filled up with walk-ins to `line`, at most `links` links.

    Raises `NothingToDo` when there is no open queue, and what `Api.call` raises.
    """
    lanes = [str(lane["id"]) for lane in api.call("GET", "/api/doctors/lanes", token=token)]
    lines: dict[str, list[str]] = {}
    found: list[Link] = []
    for doctor in lanes:
        queue = api.call("GET", f"{QUEUE}/state/{doctor}", token=token)
        if queue["header"]["closed"]:
            continue
        lines[doctor] = list(queue["line"])
        for number in range(len(lines[doctor]), line):
            made = api.call("POST", f"{QUEUE}/walk-in/{doctor}", walk_in(number), token=token)
            found.append(Link(made["trackingToken"], doctor))
    if not lines:
        raise NothingToDo("There is no doctor whose queue is open today: add one, or start the demo.")
    # One of each line after the other, so that few links still lead to many queues.
    pairs = ([(doctor, entry) for entry in entries] for doctor, entries in lines.items())
    rest = [pair for turn in itertools.zip_longest(*pairs) for pair in turn if pair is not None]
    for doctor, entry in rest[: max(0, links - len(found))]:
        made = api.call("POST", f"/api/appointments/tracking-link/{entry}", {}, token=token)
        found.append(Link(made["trackingToken"], doctor))
    return Clinic(list(lines), found[:links], links)


def walk_in(number: int) -> dict[str, Any]:
    """Return the body of a walk-in of somebody made up."""
    name = f"{GIVEN[number % len(GIVEN)]} {FAMILY[number % len(FAMILY)]}"
    return {"patient": {"name": name, "phone": f"+1 555 03{number % 10_000:04}"}}
