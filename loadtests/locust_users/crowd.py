"""What all users of one Locust process share: the clinic, their addresses, the clock, and the way to report."""

import itertools
import logging
from http.client import HTTPException
from time import monotonic, perf_counter, process_time
from typing import TYPE_CHECKING, Any

import gevent
from locust.env import Environment
from locust.runners import MasterRunner

from loadtests.locust_users.address import Address, own_address, read_address
from loadtests.locust_users.api import Api, Refused
from loadtests.locust_users.clinic import Clinic, NothingToDo, look_around
from loadtests.locust_users.lateness import Lateness
from loadtests.locust_users.options import NoLogin, add_options, password

if TYPE_CHECKING:
    from loadtests.locust_users.phones import TrackerUser

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.1
"""How often Locust looks whether it is late itself."""
LOOKS_PER_CHECK = 100
"""How many such looks pass between two at phones whose server is silent."""


class Crowd:
    """The users of one process."""

    def __init__(self, environment: Environment, address: Address, clinic: Clinic, password: str) -> None:
        self._options: Any = environment.parsed_options
        self._requests: Any = environment.events.request
        self.address = address
        self.clinic = clinic
        self.password = password
        self.lateness = Lateness()
        self.phones: set[TrackerUser] = set()
        """Those that are connected."""
        self.messages = 0
        """What phones were sent so far."""
        self._away: set[TrackerUser] = set()
        self._storm_began = 0.0
        self._numbers = itertools.count()
        self._desks = itertools.count()
        self._began, self._worked = monotonic(), process_time()
        self._looking = gevent.spawn(self._look_at_itself)

    @property
    def options(self) -> Any:
        """The options of this run."""
        return self._options

    def source(self) -> str | None:
        """Return the address for one more user; None: the machine's own."""
        if self.options.one_address or not self.address.is_here:
            return None
        return own_address(next(self._numbers))

    def desk_number(self) -> int:
        """Return 0 for the first desk of this process, 1 for the next."""
        return next(self._desks)

    def report(self, kind: str, name: str, seconds: float, *, error: object = None, size: int = 0) -> None:
        """Report something that has taken so long, as a request, to Locust."""
        self._requests.fire(
            request_type=kind,
            name=name,
            response_time=seconds * 1000,
            response_length=size,
            exception=error if error is None or isinstance(error, Exception) else str(error),
            context={},
        )

    # ---- storms ---------------------------------------------------------------------------------------------------

    def cut_all(self) -> None:
        """Cut every phone's connection at once."""
        if self._away:
            self.report("storm", "all are back", monotonic() - self._storm_began, error="some phones are still away")
        self._storm_began, self._away = monotonic(), set(self.phones)
        log.info("Cutting %d phones.", len(self._away))
        for phone in list(self._away):
            phone.cut()

    def is_back(self, phone: "TrackerUser") -> None:
        """Note that a phone that was cut has resumed."""
        if phone not in self._away:
            return
        self._away.discard(phone)
        if not self._away:
            took = monotonic() - self._storm_began
            log.info("All are back after %.1f s.", took)
            self.report("storm", "all are back", took)

    # ---- Locust itself ----------------------------------------------------------------------------------------------

    def _look_at_itself(self) -> None:
        for look in itertools.count():
            due = perf_counter() + LOOK_SECONDS
            gevent.sleep(LOOK_SECONDS)
            self.report("locust", "own lateness", max(0.0, perf_counter() - due))
            if look % LOOKS_PER_CHECK == 0:
                for phone in list(self.phones):
                    phone.check()

    def close(self) -> None:
        """Say what Locust itself has cost, and end."""
        self._looking.kill()
        seconds, worked = monotonic() - self._began, process_time() - self._worked
        log.info(
            "Phones were sent %d messages (%.0f/s). Locust worked %.0f %% of the time; where that nears 100 or its own"
            " lateness is not small, it measures itself: run more processes.",
            self.messages,
            self.messages / seconds,
            100 * worked / seconds,
        )


def crowd_of(environment: Environment) -> Crowd:
    """Return the crowd of a run that has begun."""
    found: Crowd = environment.crowd  # type: ignore[attr-defined]
    return found


def register(events: Any) -> None:
    """Let Locust's events make and end the crowd of each run."""
    events.init_command_line_parser.add_listener(add_options)
    events.test_start.add_listener(_begin)
    events.test_stop.add_listener(_end)


def _begin(environment: Environment, **_: Any) -> None:
    if isinstance(environment.runner, MasterRunner):
        return
    options: Any = environment.parsed_options
    try:
        address = read_address(environment.host or "")
        word = password(options.password, options.data_dir)
        api = Api(address)
        token = api.sign_in(options.email, word)["accessToken"]
        clinic = look_around(api, token, line=options.line, links=options.links)
        api.close()
    except (NoLogin, NothingToDo, Refused, ValueError, OSError, HTTPException) as error:
        raise SystemExit(f"The load test cannot begin: {error}") from error
    log.info("%d queues, %d links.", len(clinic.lanes), len(clinic.links))
    environment.crowd = Crowd(environment, address, clinic, word)  # type: ignore[attr-defined]


def _end(environment: Environment, **_: Any) -> None:
    if not isinstance(environment.runner, MasterRunner):
        crowd_of(environment).close()
