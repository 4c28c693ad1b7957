"""Which push services are spoken to: names of a list, over https, that stand for public addresses."""

import ipaddress

import pytest

from queue_server.embedded.secrets import new_vapid_key
from queue_server.messaging import Subscription
from queue_server.messaging.push_services import LOCAL, BadSubscription, PushServices, is_public
from queue_server.operations.message_simulator.subscriber import Subscriber
from queue_server.settings.environment import Reader
from queue_server.settings.messages import PushSettings, push


def settings(**environ: str) -> PushSettings:
    found = push(Reader({"VAPID_PRIVATE_KEY": new_vapid_key(), **environ}), "https://queue.example", None)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("64:ff9b::808:808", True),
        ("64:ff9b::a00:1", False),
        ("2002:7f00:1::", False),
        ("2002:808:808::", True),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("::1", False),
        ("::", False),
        ("0.0.0.0", False),
        ("100.64.0.1", False),
        ("224.0.0.1", False),
        ("ff0e::1", False),
        ("fe80::1", False),
        ("255.255.255.255", False),
    ],
)
def test_which_addresses_are_public(address: str, is_one: bool) -> None:
    assert is_public(ipaddress.ip_address(address)) is is_one


@pytest.mark.parametrize(
    ("endpoint", "service"),
    [
        ("https://fcm.googleapis.com/fcm/send/x", "fcm.googleapis.com"),
        ("https://FCM.googleapis.com:443/fcm/send/x", "fcm.googleapis.com"),
        ("https://wns2-by3p.notify.windows.com/w/?token=x", "*.notify.windows.com"),
        ("http://fcm.googleapis.com/x", None),
        ("https://fcm.googleapis.com:8443/x", None),
        ("https://fcm.googleapis.com.evil.example/x", None),
        ("https://fcm.googleapis.com@evil.example/x", None),
        ("https://evil.example#fcm.googleapis.com", None),
        ("https://evil.example\\@fcm.googleapis.com/x", None),
        ("https://notify.windows.com/x", None),
        (f"https://{'a' * 64}.notify.windows.com/x", None),
        ("https://a..notify.windows.com/x", None),
        ("https://evilnotify.windows.com/x", None),
        ("https://127.0.0.1/x", None),
        ("http://localhost/x", None),
        ("https://[::1]/x", None),
        ("https://[fcm.googleapis.com/x", None),
        ("https://fcm.googleapis.com/\r\nHost: x", None),
        ("https://fcm.googleapis.com/" + "x" * 1_000, None),
        ("https://fcm.googleapis.com:port/x", None),
        ("file:///etc/passwd", None),
        ("", None),
    ],
)
def test_which_push_services_are_spoken_to(endpoint: str, service: str | None) -> None:
    services = PushServices(settings())
    if service is None:
        with pytest.raises(BadSubscription) as told:
            services.check(Subscriber(endpoint).subscription)
        assert told.value.field == "endpoint"
    else:
        services.check(Subscriber(endpoint).subscription)
        assert services.service_of(endpoint) == service


def test_an_open_list_still_takes_names_only_and_this_machine_has_a_name_of_its_own() -> None:
    every = PushServices(settings(PUSH_SERVICES="*", PUSH_ALLOW_LOCAL="true"))
    assert every.service_of("https://push.example/x") == "*"
    assert every.service_of("http://127.0.0.1:9000/push/x") == LOCAL
    for endpoint in (
        "https://10.0.0.1/x",
        "https://[2001:4860:4860::8888]/x",
        "https://intranet/x",
        "http://10.0.0.1/x",
    ):
        with pytest.raises(BadSubscription):
            every.service_of(endpoint)


def test_keys_of_a_subscription_are_checked_before_it_is_kept() -> None:
    bad = Subscription(endpoint="https://fcm.googleapis.com/x", p256dh="AAAA", auth="AAAA")
    with pytest.raises(BadSubscription) as told:
        PushServices(settings()).check(bad)
    assert told.value.field == "keys"
