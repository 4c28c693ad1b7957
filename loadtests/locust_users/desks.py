"""Receptionists: they sign in, follow queues on `/staff`, and give one command after the other."""

import random
from http.client import HTTPException
from time import monotonic, perf_counter
from typing import Any
from uuid import uuid4

import msgspec
from locust import User, constant, task
from locust.env import Environment

from loadtests.locust_users.api import Api, Refused
from loadtests.locust_users.clinic import Link
from loadtests.locust_users.crowd import crowd_of
from loadtests.locust_users.lane import Command, Lane, Patch, Queue, Received
from loadtests.locust_users.session import ACK, Lost, Packet, Session

ACK_SECONDS = 20.0
RENEW_AT = 2 / 3
"""Share of an access token's life after which a new one is shown."""
RACES = frozenset({"position_out_of_range"})
"""What a command is refused with, apart from conflicts, because somebody else was quicker."""


class Problem(Received, frozen=True):
    """Why a command was refused."""

    status: int
    code: str


class Result(Received, frozen=True):
    """What a command has led to."""

    queue: Queue | None = None
    tracking_token: str | None = None


class Acknowledged(Received, frozen=True):
    """An acknowledgement of `/staff`."""

    ok: bool
    version: int | None = None
    result: Result | None = None
    problem: Problem | None = None
    queues: tuple[Queue, ...] = ()


_acknowledged = msgspec.json.Decoder(tuple[Acknowledged])
_event = msgspec.json.Decoder(tuple[str, msgspec.Raw])
_queue = msgspec.json.Decoder(Queue)
_patch = msgspec.json.Decoder(Patch)


class Pending:
    """A command whose outcome is not known yet; it is sent again with the same key after a cut."""

    def __init__(self, lane: Lane, command: Command) -> None:
        self.lane = lane
        self.command = command
        self.key = uuid4().hex
        self.given = perf_counter()


class DeskUser(User):
    """A receptionist. Desks share the queues out among themselves."""

    fixed_count = 4
    wait_time = constant(1)
    """Seconds before a desk that was cut off connects again; between commands it pauses by itself."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._crowd = crowd_of(environment)
        number = self._crowd.desk_number()
        lanes = self._crowd.clinic.lanes
        self._doctors = lanes[number :: max(1, self._crowd.options.desks)] or [lanes[number % len(lanes)]]
        self._source = self._crowd.source()
        self._api = Api(self._crowd.address, self._source)
        self._chance = random.Random(number)
        self._acks = 0
        self._session: Session | None = None
        self._lanes: dict[str, Lane] = {}
        self._pending: Pending | None = None
        self._signed_in: dict[str, Any] = {}
        self._renew_at = 0.0

    @task
    def work(self) -> None:
        """Be at the desk until the connection is lost."""
        try:
            self._sit_down()
            while True:
                self._command()
                self._watch(monotonic() + random.uniform(0.5, 1.5) * self._crowd.options.desk_pause)
                if monotonic() > self._renew_at:
                    self._renew()
        except Lost as lost:
            self._crowd.report("desk", "connection", 0, error=lost)
        except (Refused, OSError, HTTPException) as error:
            self._crowd.report("desk", "sign-in", 0, error=type(error).__name__)
        finally:
            self._stand_up()

    def on_stop(self) -> None:
        """Leave."""
        self._stand_up()
        self._api.close()

    def _stand_up(self) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def _sit_down(self) -> None:
        began = perf_counter()
        self._take_token(self._api.sign_in(self._crowd.options.email, self._crowd.password))
        self._crowd.report("desk", "sign-in", perf_counter() - began)
        began = perf_counter()
        auth = {"token": self._signed_in["accessToken"]}
        self._session = Session(self._crowd.address, source=self._source, namespace="/staff", auth=auth)
        self._crowd.report("desk", "connect", perf_counter() - began)
        self._subscribe()

    def _subscribe(self) -> None:
        answer = self._ask("subscribe", {"doctorIds": self._doctors})
        self._lanes = {queue.doctor_id: Lane(queue) for queue in answer.queues}

    def _take_token(self, signed_in: dict[str, Any]) -> None:
        self._signed_in = signed_in
        self._renew_at = monotonic() + RENEW_AT * signed_in["expiresIn"]

    def _renew(self) -> None:
        given = {"refreshToken": self._signed_in["refreshToken"]}
        self._take_token(self._api.call("POST", "/api/auth/refresh", given))
        self._ask("authenticate", {"token": self._signed_in["accessToken"]})

    # ---- commands ---------------------------------------------------------------------------------------------------

    def _command(self) -> None:
        if self._pending is None:
            lane = self._chance.choice(list(self._lanes.values()))
            command = lane.next_command(self._chance, self._crowd.options.line)
            if command is None:
                return
            self._pending = Pending(lane, command)
        pending = self._pending
        payload = {**pending.command.payload, "idempotencyKey": pending.key}
        answer = self._ask(pending.command.name, payload, pending.given)
        self._pending = None
        self._done(pending, answer)

    def _done(self, pending: Pending, answer: Acknowledged) -> None:
        lane = self._lanes.get(pending.lane.doctor)
        if not answer.ok or answer.version is None or lane is None:
            return
        lane.own.add(answer.version)
        result = answer.result
        if result is not None and result.queue is not None:
            lane.load_newer(result.queue)
        if result is not None and result.tracking_token is not None:
            self._crowd.clinic.add(Link(result.tracking_token, lane.doctor))
        for seconds in self._crowd.lateness.commanded(lane.doctor, answer.version, pending.given):
            self._crowd.report("phone", "queue-update lateness", seconds)

    def _ask(self, name: str, payload: dict[str, Any], given: float | None = None) -> Acknowledged:
        """Send an event and return its acknowledgement, which is reported; raises `Lost`."""
        assert self._session is not None
        began = given or perf_counter()
        self._acks += 1
        self._session.emit(name, payload, self._acks)
        until = monotonic() + ACK_SECONDS
        while (packet := self._session.receive(until)) is not None:
            if packet.kind == ACK and packet.id == self._acks:
                (answer,) = _acknowledged.decode(packet.body)
                self._tell(name, answer, perf_counter() - began, len(packet.body))
                return answer
            self._take(packet)
        self._crowd.report("desk", f"ack {name}", perf_counter() - began, error="no acknowledgement")
        raise Lost(f"no acknowledgement of {name}")

    def _tell(self, name: str, answer: Acknowledged, seconds: float, size: int) -> None:
        problem = answer.problem
        if problem is None:
            self._crowd.report("desk", f"ack {name}", seconds, size=size)
        elif problem.status == 409 or problem.code in RACES:
            # Somebody else was at this queue in the same moment: a right answer, but no command done.
            self._crowd.report("desk", f"ack {name}, refused", seconds, size=size)
        else:
            self._crowd.report("desk", f"ack {name}", seconds, error=f"{problem.status} {problem.code}")

    # ---- what the desk is shown ------------------------------------------------------------------------------------

    def _watch(self, until: float) -> None:
        assert self._session is not None
        while (packet := self._session.receive(until)) is not None:
            self._take(packet)

    def _take(self, packet: Packet) -> None:
        if packet.body.startswith(b'["queue-patch"'):
            patch = _patch.decode(_event.decode(packet.body)[1])
            lane = self._lanes.get(patch.doctor_id)
            if lane is not None and not lane.apply(patch):
                raise Lost("a patch does not follow what was shown before")
        elif packet.body.startswith(b'["queue-state"'):
            queue = _queue.decode(_event.decode(packet.body)[1])
            if queue.doctor_id in self._lanes:
                self._lanes[queue.doctor_id].load(queue)
