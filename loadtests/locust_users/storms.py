"""Reconnect storms: all phones are cut at the same moment, come back over some seconds, and are cut again."""

from time import monotonic
from typing import Any

from locust import LoadTestShape
from locust.env import Environment
from locust.runners import MasterRunner

from loadtests.locust_users.crowd import crowd_of

MESSAGE = "cut-all-phones"


class ReconnectStorms(LoadTestShape):
    """Brings `--users` in at `--spawn-rate`, cuts all phones `--storms` times, and ends."""

    use_common_options = True

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._storms = 0
        self._next: float | None = None

    def reset_time(self) -> None:
        """Begin anew."""
        super().reset_time()  # type: ignore[no-untyped-call]
        self._storms, self._next = 0, None

    def tick(self) -> tuple[int, float] | None:
        """Return how many users there should be, None when the last storm is over; called once a second."""
        assert self.runner is not None
        options: Any = self.runner.environment.parsed_options
        users = options.num_users or 1
        if self.runner.user_count >= users:
            if self._next is None:
                self._next = monotonic() + options.storm_every
            elif monotonic() >= self._next:
                if self._storms == options.storms:
                    return None
                self._storms += 1
                self._next = monotonic() + options.storm_every
                self.runner.send_message(MESSAGE)
        return users, options.spawn_rate or 100


def register_storms(events: Any) -> None:
    """Add the options of storms, and let the processes that have phones hear of each."""
    events.init_command_line_parser.add_listener(_add_options)
    events.init.add_listener(_listen)


def _add_options(parser: Any) -> None:
    parser.add_argument("--storms", env_var="LOAD_STORMS", type=int, default=3, help="How often all phones are cut.")
    parser.add_argument(
        "--storm-every", env_var="LOAD_STORM_EVERY", type=float, default=20.0, help="Seconds from cut to cut."
    )


def _listen(environment: Environment, **_: Any) -> None:
    if not isinstance(environment.runner, MasterRunner) and environment.runner is not None:
        environment.runner.register_message(MESSAGE, _cut)


def _cut(environment: Environment, **_: Any) -> None:
    crowd_of(environment).cut_all()
