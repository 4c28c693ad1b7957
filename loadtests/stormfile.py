"""The clinic's day of `locustfile.py`, with storms: all phones are cut at once, and come back with what they saw last.

    locust -f loadtests/stormfile.py --host http://127.0.0.1:8000 --headless --users 2000 --spawn-rate 100 --storms 3

`resume` is one phone's way back, from its connection to the answer; `all are back` is the storm's end, jitter included.
"""

from locust import events

from loadtests.locust_users.storms import ReconnectStorms, register_storms
from loadtests.locustfile import DeskUser, PollingUser, TrackerUser

__all__ = ["DeskUser", "PollingUser", "ReconnectStorms", "TrackerUser"]

register_storms(events)
