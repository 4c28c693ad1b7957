"""Following the waitlist: who hears of what, through whole servers."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest
from msgspec.structs import replace

from queue_server.application.waitlist import live, ranking
from queue_server.application.waitlist.bodies import Wanted
from queue_server.application.waitlist.followers import Followed
from queue_server.application.waitlist.live import WaitlistChanges
from queue_server.application.waitlist.live_views import OwnWaitlistEntry
from queue_server.realtime.messages import WatchWaitlist
from queue_server.realtime.statistics import Statistics
from queue_server.realtime.waitlist.own import OwnWatching
from queue_server.settings import Settings
from queue_server.store.db import Database
from queue_server.store.notifications import Notifications
from scheduling_core.ids import PatientId, WaitlistId
from scheduling_core.permissions import Role
from tests.application.waitlist.people import Waitlist
from tests.factories import Clinic
from tests.graph import Graph
from tests.http.world import World, new_world
from tests.realtime.conftest import Client, Node, serving, until, with_settings
from tests.realtime.test_watching import TENANT, Phone

Connect = Callable[..., Awaitable[Client]]
Entry = dict[str, Any]


@pytest.fixture
def waitlist(world: World) -> Waitlist:
    """The waitlist of the world's clinic, worked as another process would; one waits there already."""
    return Waitlist(world.graph, world.clinic)


async def follows(client: Client, world: World) -> list[Entry]:
    """Follow the clinic's list, and return who is in it."""
    ack = await client.call("subscribe-waitlist", {"clinicIds": [str(world.clinic.id)]})
    assert ack["ok"], ack
    (found,) = ack["lists"]
    places: list[Entry] = found["places"]
    return places


async def told(client: Client, entry: Entry, **expected: Any) -> Entry:
    """Wait until the client was told this of an entry, and return how it was told."""

    def found() -> list[Entry]:
        entries = [update["data"]["entry"] for update in client.heard.of("waitlist-update")]
        return [one for one in entries if one["id"] == entry["id"] and expected.items() <= one.items()]

    await until(lambda: bool(found()))
    return found()[-1]


def ids(client: Client) -> set[str]:
    """Return the entries that the client was told of."""
    return {update["data"]["entry"]["id"] for update in client.heard.of("waitlist-update")}


async def test_a_desk_hears_who_joins_who_leaves_and_who_stands_where(
    desk: Connect, world: World, waitlist: Waitlist
) -> None:
    reception, doctor = await desk(), await desk(Role.DOCTOR)
    first = str((await follows(reception, world))[0]["id"])
    await follows(doctor, world)
    theirs = await waitlist.join(notes="Mondays")
    others = await waitlist.join(doctor_id=world.clinic.doctors[1])

    shown = await told(reception, theirs, position=2, notes="Mondays", patientName="Asha Rao")
    assert shown["scoreReasons"]
    await told(reception, others, position=3)
    await waitlist.change(theirs, status=Wanted.CANCELLED)
    await told(reception, theirs, status="cancelled", position=None)
    await until(
        lambda: (
            [place["id"] for place in reception.heard.of("waitlist-order")[-1]["data"]["places"]]
            == [first, others["id"]]
        )
    )
    await told(doctor, theirs, status="cancelled")
    # A doctor hears of who waits for them or for anybody; places are those of the whole list.
    assert others["id"] not in ids(doctor)
    order = doctor.heard.of("waitlist-order")[-1]["data"]
    assert (order["waiting"], order["reread"]) == (2, False)
    assert others["id"] not in [place["id"] for place in order["places"]]


async def test_phones_hear_by_each_kind_of_token(connect: Connect, world: World, waitlist: Waitlist) -> None:
    assert world.patient is not None
    assert world.patient.patient is not None
    ahead = await waitlist.join(visit_type="follow-up")
    mine = await waitlist.join(world.patients[0], notes="My knee hurts", doctor_id=world.clinic.doctors[1])
    own = await waitlist.join(PatientId(world.patient.patient))
    kept_until = datetime.now(UTC) + timedelta(days=1)
    link, _ = world.graph.waitlist_links.make(world.clinic.tenant, WaitlistId(UUID(mine["id"])), kept_until)
    phones = [await connect() for _ in range(3)]
    tokens = {
        "waitlistToken": link,
        "trackingToken": await world.link(),
        "accessToken": world.bearer(Role.PATIENT),
    }
    acks = [
        await phone.call("watch-waitlist", {kind: token})
        for phone, (kind, token) in zip(phones, tokens.items(), strict=True)
    ]
    assert [[one["entry"]["id"] for one in ack["entries"]][:1] for ack in acks] == [
        [mine["id"]],
        [mine["id"]],
        [own["id"]],
    ]
    before = [ack["entries"][0]["entry"]["position"] for ack in acks]
    # A tracking link is passed around: what was noted is for who has the entry's own.
    assert [ack["entries"][0]["entry"]["notes"] for ack in acks[:2]] == ["My knee hurts", ""]

    await waitlist.change(ahead, status=Wanted.CANCELLED)
    for phone, entry, place in zip(phones, (mine, mine, own), before, strict=True):
        assert ahead["id"] not in ids(phone)
        await told(phone, entry, position=place - 1)
    new = await waitlist.join(world.patients[0], doctor_id=None)
    await told(phones[1], new, status="active")
    await world.graph.links.revoke(world.clinic.actor(Role.ADMIN), world.entries[0])
    await phones[1].heard.next("error")
    await phones[2].call("unwatch-waitlist", {})
    await waitlist.change(own, status=Wanted.CANCELLED)
    await waitlist.change(mine, status=Wanted.CANCELLED)
    await told(phones[0], mine, status="cancelled")
    assert new["id"] not in ids(phones[0]) | ids(phones[2])
    ended = [update["data"]["entry"] for phone in phones[1:] for update in phone.heard.of("waitlist-update")]
    assert "cancelled" not in [entry["status"] for entry in ended]


async def test_lists_and_entries_of_others_are_out_of_reach(
    desk: Connect, connect: Connect, node: Node, world: World, settings: Settings, database: Database, graph: Graph
) -> None:
    there = await new_world(world.client, settings, database, graph)
    reception, display, phone = await desk(), await desk(Role.DISPLAY), await connect()
    refused = await reception.call("subscribe-waitlist", {"clinicIds": [str(there.clinic.id)]})
    assert refused["problem"]["code"] == "not_found"
    refused = await display.call("subscribe-waitlist", {"clinicIds": [str(world.clinic.id)]})
    assert refused["problem"]["code"] == "forbidden"
    for given, code in (
        ({"waitlistToken": "nonsense"}, "invalid_tracking_token"),
        ({"trackingToken": "nonsense"}, "invalid_tracking_token"),
        ({"accessToken": world.bearer(Role.RECEPTIONIST)}, "forbidden"),
        ({"accessToken": world.bearer(Role.PATIENT), "tenantId": str(there.clinic.tenant)}, "forbidden"),
        ({}, "validation_failed"),
    ):
        assert (await phone.call("watch-waitlist", given))["code"] == code
    await follows(reception, world)
    await Waitlist(graph, there.clinic).join()
    here = await Waitlist(graph, world.clinic).join()
    await told(reception, here, status="active")
    assert ids(reception) == {here["id"]}


async def test_servers_without_redis_hear_of_each_other_and_of_what_they_missed(
    settings: Settings, database: Database, graph: Graph, node: Node, connect: Connect, world: World
) -> None:
    waitlist = Waitlist(graph, world.clinic)
    async with serving(with_settings(settings, redis_url=None)) as other:
        phone = await connect(other)
        entry = await waitlist.join(world.patients[1])
        assert (await phone.call("watch-waitlist", {"trackingToken": await world.link(1)}))["watching"]
        await waitlist.change(entry, notes="one")
        await told(phone, entry, version=2)
        await other.services.notifications.stop()
        await waitlist.change(entry, notes="two")
        await other.services.notifications.start()
        await told(phone, entry, version=3)
        await phone.socket.disconnect()


class Follower:
    """Somebody who follows the entries of a patient."""

    entry: WaitlistId | None = None

    def __init__(self, patient: str) -> None:
        self.patients = [PatientId(UUID(patient))]
        self.places: list[int | None] = []

    def tell(self, told: OwnWaitlistEntry) -> None:
        """Remember the place."""
        self.places.append(told.entry.position)

    def moved(self, places: Any) -> None:
        """Pass over: entries are followed by what is told of them."""

    def may_have_missed(self) -> None:
        """Nothing is missed here."""


async def test_a_slow_phone_is_told_later_and_one_whose_token_has_ended_no_more() -> None:
    phone, followed = Phone(), Followed(tenant=TENANT, ends_at=datetime.now(UTC) + timedelta(hours=1))
    read: list[OwnWaitlistEntry] = []
    known: Any = SimpleNamespace(watch_own=_nothing, unwatch_own=_nothing, own=_returning(read))
    watching = OwnWatching(known, cast(Any, SimpleNamespace(of_link=_returning(followed))), Statistics())
    await watching.watch(cast(Any, phone), WatchWaitlist(waitlist_token="token"))
    (watch,) = watching._watches[phone.id].values()

    phone.is_congested = True
    told = OwnWaitlistEntry(
        entry=cast(Any, SimpleNamespace(id=1, version=2, position=1, status="", invite=None)), invite_url=None
    )
    watch.tell(told)
    read.append(told)
    assert watching.sweep() == []
    phone.is_congested = False
    watching.sweep()
    await until(lambda: "waitlist-update" in phone.own)
    assert phone.own == ["waitlist-watched", "waitlist-update"]

    watch.followed = replace(followed, ends_at=datetime.now(UTC))
    assert watching.sweep() == [cast(Any, phone)]
    assert (phone.own[-1], watching.follows(cast(Any, phone))) == ("error", False)


def _nothing(*_given: Any) -> None:
    """Do nothing."""


def _returning(found: Any) -> Callable[..., Awaitable[Any]]:
    async def returning(*_given: Any) -> Any:
        return found

    return returning


async def test_a_list_is_read_once_for_however_many_follow(
    graph: Graph, database: Database, clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads = 0

    async def counted(*given: Any) -> Any:
        nonlocal reads
        reads += 1
        return await ranking.lines(*given)

    waitlist = Waitlist(graph, clinic)
    entries = [await waitlist.join() for _ in range(20)]
    changes = WaitlistChanges(database, Notifications("postgresql://nobody"), graph.waitlist_links)
    followers = [Follower(entry["patientId"]) for entry in entries]
    for follower in followers:
        changes.watch_own(clinic.tenant, follower)
    monkeypatch.setattr(live, "lines", counted)

    for entry in entries:
        changes.on_directory_changed(clinic.tenant, "waitlist", UUID(entry["id"]))
    await until(lambda: all(follower.places for follower in followers))

    assert [follower.places for follower in followers] == [[place] for place in range(1, 21)]
    assert reads <= 2  # the first of a burst may be read by itself
    changes.stop()
