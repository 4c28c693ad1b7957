"""A clinic's day under load: phones that follow a link, phones that poll, desks that work.

    make demo                                                                    # in one terminal
    locust -f loadtests/locustfile.py --host http://127.0.0.1:8000               # in another: a page at port 8089
    locust -f loadtests/locustfile.py --host http://127.0.0.1:8000 --headless --users 500 --spawn-rate 50 --run-time 1m

It signs in as the demo's receptionist and finds queues and links by itself; docs/load-tests.md says more. Not for a
clinic that works: desks call people.
"""

from typing import Any

from locust import events
from locust.env import Environment

from loadtests.locust_users.crowd import register
from loadtests.locust_users.desks import DeskUser
from loadtests.locust_users.phones import PollingUser, TrackerUser

__all__ = ["DeskUser", "PollingUser", "TrackerUser"]


def count_desks(environment: Environment, **_: Any) -> None:
    """Let there be as many desks as the options say, before Locust shares out its users."""
    options: Any = environment.parsed_options
    DeskUser.fixed_count = options.desks
    if not DeskUser.fixed_count:
        DeskUser.weight = 0


hooks: Any = events
register(hooks)
hooks.init.add_listener(count_desks)
hooks.test_start.add_listener(count_desks)
