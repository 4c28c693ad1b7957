"""Messages over HTTP: how they are worded, what patients want of them, and what became of those that were sent."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx

from queue_server.application.messages.kinds import Kind
from queue_server.application.messages.pushing import Pushing
from queue_server.application.messages.unsubscribing import UnsubscribeLinks
from queue_server.settings.messages import KNOWN_PUSH_SERVICES, PushSettings
from queue_server.store.messages import Channel
from scheduling_core.permissions import Role
from tests.http.answers import problem
from tests.http.world import World

TEMPLATES = "/api/message-templates"
BOOKED = f"{TEMPLATES}/booked/en/sms/default"
CHANNELS = {"email": True, "sms": True, "whatsapp": True, "push": True}
KEYS = {
    "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    "auth": "BTBZMqHH6r4Tts7J_aSIgg",
}


def preferences(world: World, patient: Any = None) -> str:
    """Return where a patient's preferences are, by default those of who has signed in."""
    assert world.patient is not None
    return f"/api/patients/{patient or world.patient.patient}/notification-preferences"


def fields(response: httpx.Response) -> list[str]:
    return [error["field"] for error in problem(response)["errors"]]


async def admin(world: World, method: str, path: str, body: object = None, **more: Any) -> httpx.Response:
    return await world.send(method, path, body, role=Role.ADMIN, **more)


# ---- templates -------------------------------------------------------------------------------------------------------


async def test_a_template_is_worded_anew_previewed_and_dropped_again(world: World) -> None:
    before = (await admin(world, "GET", BOOKED)).json()["data"]
    assert (before["isDefault"], before["version"]) == (True, 0)
    assert "ticket" in before["fields"]
    made = await admin(world, "PUT", BOOKED, {"body": "Come {start}! {link}"}, headers={"If-Match": '"0"'})
    assert (made.status_code, made.headers["ETag"]) == (200, '"1"')
    stale = await admin(world, "PUT", BOOKED, {"body": "Later"}, headers={"If-Match": '"0"'})
    assert stale.status_code == 412
    seen = await admin(world, "POST", f"{TEMPLATES}/preview", {"kind": "booked", "channel": "sms"})
    assert seen.json()["data"]["text"] == "Come Monday 4 March, 9:15 AM! https://clinic.example/t/sample"
    listed = (await world.send("GET", f"{TEMPLATES}?kind=booked&language=en")).json()["data"]
    assert {(one["channel"], one["isDefault"]) for one in listed} == {
        ("email", True),
        ("sms", False),
        ("whatsapp", True),
        ("push", True),
    }
    assert (await admin(world, "DELETE", BOOKED)).status_code == 204
    assert (await admin(world, "DELETE", BOOKED)).status_code == 404
    assert (await admin(world, "GET", BOOKED)).json()["data"] == before


async def test_templates_are_a_list_of_pages(world: World) -> None:
    seen: list[tuple[str, ...]] = []
    path: str | None = f"{TEMPLATES}?limit=200"
    for _ in range(5):
        answer = await world.send("GET", path or "")
        seen += [(one["kind"], one["language"], one["channel"], one["name"]) for one in answer.json()["data"]]
        cursor = answer.json()["meta"].get("nextCursor")
        if cursor is None:
            break
        path = f"{TEMPLATES}?limit=200&cursor={quote(cursor)}"
    assert len(seen) == len(set(seen)) == (len(Kind) - 1) * 4 * 4


async def test_a_mail_is_previewed_in_arabic_as_it_is_read(world: World) -> None:
    body = {"kind": "waitlist_invited", "language": "ar", "channel": "email"}
    shown = (await world.send("POST", f"{TEMPLATES}/preview", body)).json()["data"]
    assert shown["subject"] == "موعد متاح: الاثنين 4 مارس، 9:15 ص"
    assert 'dir="rtl"' in shown["html"]
    assert shown["textParts"] is None


BAD_TEMPLATES: list[tuple[str, dict[str, Any], int, str | None]] = [
    (BOOKED, {"body": "{patientName.__class__}"}, 422, "body"),
    (BOOKED, {"body": "{patientName!r:>{ticket}}"}, 422, "body"),
    (BOOKED, {"body": "{respondBy}"}, 422, "body"),
    (BOOKED, {"body": "{ticket"}, 422, "body"),
    (BOOKED, {"body": ""}, 422, "body"),
    (BOOKED, {"body": "x" * 481}, 422, "body"),
    (BOOKED, {"body": "Hello", "subject": "None here"}, 422, "subject"),
    (BOOKED, {}, 422, "body"),
    (BOOKED, {"body": "Hello", "html": "<b>"}, 422, "html"),
    (f"{TEMPLATES}/booked/en/sms/Not%20A%20Name", {"body": "Hello"}, 422, "name"),
    (f"{TEMPLATES}/booked/en/email/default", {"body": "Hello", "subject": "{nobody}"}, 422, "subject"),
    (f"{TEMPLATES}/waitlist_invited/en/sms/default", {"body": "Come {start}"}, 422, "body"),
    (f"{TEMPLATES}/sign_in_code/en/sms/default", {"body": "Hello"}, 404, None),
    (f"{TEMPLATES}/booked/fr/sms/default", {"body": "Bonjour"}, 404, None),
    (f"{TEMPLATES}/booked/en/pigeon/default", {"body": "Hello"}, 404, None),
    (f"{TEMPLATES}/preview", {"kind": "booked", "channel": "sms", "body": "{x}"}, 422, "body"),
    (f"{TEMPLATES}/preview", {"kind": "booked", "channel": "sms", "name": "unknown"}, 404, None),
    (f"{TEMPLATES}/preview", {"kind": "nothing", "channel": "sms"}, 422, "kind"),
]


async def test_a_template_with_code_or_unknown_fields_is_refused_where_it_stands(world: World) -> None:
    # One world for all: nothing of this is kept.
    for path, body, status, field in BAD_TEMPLATES:
        refused = await admin(world, "POST" if path.endswith("preview") else "PUT", path, body)
        assert (refused.status_code, path, body) == (status, path, body), refused.text
        assert field is None or fields(refused) == [field]
    assert all(one["isDefault"] for one in (await world.send("GET", f"{TEMPLATES}?kind=booked")).json()["data"])


async def test_a_clinic_chooses_among_templates_that_there_are(world: World) -> None:
    path = f"/api/tenants/{world.clinic.tenant}/clinics/{world.clinic.id}/waitlist-policy"
    for wrong in ({"booked": "after-hours"}, {"greeting": "default"}):
        refused = await admin(world, "PUT", path, {"notificationTemplateOverrides": wrong})
        assert (refused.status_code, fields(refused)) == (422, [f"notificationTemplateOverrides.{next(iter(wrong))}"])
    await admin(world, "PUT", f"{TEMPLATES}/booked/es/push/after-hours", {"subject": "Cita", "body": "{start}"})
    chosen = await admin(world, "PUT", path, {"notificationTemplateOverrides": {"booked": "after-hours"}})
    assert chosen.status_code == 200, chosen.text


# ---- preferences -----------------------------------------------------------------------------------------------------


async def test_a_patient_says_what_they_want_and_sends_back_what_they_were_shown(world: World) -> None:
    path = preferences(world)
    shown = (await world.send("GET", path, role=Role.PATIENT)).json()["data"]
    assert (shown["waitlistReminders"], shown["quietHours"], shown["language"]) == (CHANNELS, None, "en")
    wanted = {
        "waitlistReminders": {"sms": False},
        "delay": False,
        "quietHours": {"start": "22:30", "end": "06:45"},
        "timezone": "Asia/Kolkata",
        "language": "hi",
    }
    put = await world.send("PUT", path, wanted, role=Role.PATIENT)
    assert put.status_code == 200, put.text
    now = put.json()["data"]
    assert now["waitlistReminders"] == CHANNELS | {"sms": False}
    assert now["delay"] == dict.fromkeys(CHANNELS, False)
    assert (now["quietHours"], now["timezone"], now["language"]) == (wanted["quietHours"], "Asia/Kolkata", "hi")
    again = await world.send("PUT", path, now, role=Role.PATIENT)
    assert again.json()["data"] == now
    assert (await world.send("GET", path)).json()["data"] == now  # reception sees the same
    back = await world.send("PUT", path, {"quietHours": None, "delay": {"email": True}}, role=Role.RECEPTIONIST)
    assert (back.json()["data"]["quietHours"], back.json()["data"]["timezone"]) == (None, None)
    assert back.json()["data"]["delay"]["email"] is True


async def test_preferences_are_for_who_they_are_of_for_guardians_and_the_desk(world: World, neighbour: World) -> None:
    relative = preferences(world, world.ids["relativeId"])
    assert (await world.send("PUT", relative, {"booked": False}, role=Role.PATIENT)).status_code == 200
    for path in (preferences(world, world.patients[0]), preferences(neighbour), preferences(world, uuid4())):
        for method, body in (("GET", None), ("PUT", {"booked": False})):
            assert (await world.send(method, path, body, role=Role.PATIENT)).status_code == 404
    for method, body in (("GET", None), ("PUT", {})):
        assert (await world.send(method, preferences(neighbour), body)).status_code == 404
        assert (await world.send(method, preferences(world), body, role=Role.DOCTOR)).status_code == 403


async def test_preferences_that_make_no_sense_are_refused_at_their_field(world: World) -> None:
    cases: list[tuple[dict[str, Any], str]] = [
        ({"waitlistReminder": True}, "waitlistReminder"),
        ({"signInCode": False}, "signInCode"),
        ({"booked": {"pigeon": True}}, "booked.pigeon"),
        ({"booked": {"sms": "no"}}, "booked.sms"),
        ({"quietHours": {"start": "24:00", "end": "08:00"}}, "quietHours.start"),
        ({"quietHours": "at night"}, "quietHours"),
        ({"quietHours": {"start": "22:00", "end": "08:00"}, "timezone": "Mars/Olympus"}, "timezone"),
        ({"timezone": "Europe/Berlin"}, "timezone"),
        ({"language": "../etc"}, "language"),
    ]
    for body, field in cases:
        refused = await world.send("PUT", preferences(world), body, role=Role.PATIENT)
        assert (refused.status_code, fields(refused)) == (422, [field]), body


# ---- unsubscribing ---------------------------------------------------------------------------------------------------


def stopping(world: World, kind: Kind = Kind.BOOKED) -> str:
    """Return the link under a mail to who has signed in."""
    assert world.patient is not None
    assert world.patient.patient is not None
    links = UnsubscribeLinks(world.tokens, "")
    return links.make(world.clinic.tenant, world.patient.patient, kind, Channel.EMAIL)


async def wanted(world: World) -> dict[str, Any]:
    found: dict[str, Any] = (await world.send("GET", preferences(world))).json()["data"]
    return found


async def test_looking_at_the_page_turns_nothing_off_and_one_click_does(world: World) -> None:
    link = stopping(world)
    shown = await world.client.get(link)
    assert (shown.status_code, shown.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert "You will not be sent these any more by e-mail: Visit: booked." in shown.text
    assert re.search(r'<form method="post">', shown.text)
    assert "<script" not in shown.text
    assert (await wanted(world))["booked"] == CHANNELS
    # As mail programs send it (RFC 8058), twice.
    for _ in range(2):
        form = {"List-Unsubscribe": "One-Click"}
        done = await world.client.post(link, data=form)
        assert (done.status_code, "Turned off" in done.text) == (200, True)
    now = await wanted(world)
    assert (now["booked"], now["reminder"]) == (CHANNELS | {"email": False}, CHANNELS)
    everything = await world.client.post(f"{link}?lang=ar", data={"stop": "all"})
    assert 'dir="rtl"' in everything.text
    assert {kind["email"] for kind in (await wanted(world)).values() if isinstance(kind, dict)} == {False}


async def test_a_bad_link_or_form_turns_nothing_off(world: World) -> None:
    link = stopping(world)
    tracking = await world.link()
    for wrong in (link[:-3], "/unsubscribe/nonsense", f"/unsubscribe/{tracking}", "/unsubscribe/" + "a" * 9_000):
        for method in ("GET", "POST"):
            refused = await world.client.request(method, wrong)
            assert (refused.status_code, "text/html" in refused.headers["content-type"]) == (400, True)
    too_much = await world.client.post(link, content=b"a" * 5_000)
    assert too_much.status_code == 413
    many = await world.client.post(link, content=b"&".join([b"stop=all"] * 50))
    assert many.status_code == 200  # a click all the same, and of the kind alone
    assert (await wanted(world))["reminder"] == CHANNELS
    # The link opens nothing else.
    as_bearer = await world.client.get("/api/me", headers={"Authorization": f"Bearer {link.rpartition('/')[2]}"})
    assert as_bearer.status_code == 401


# ---- what was sent ---------------------------------------------------------------------------------------------------


async def test_the_log_is_filtered_and_dead_letters_are_sent_again_one_or_all(world: World, neighbour: World) -> None:
    message = str(world.ids["messageId"])
    dead = (await world.send("GET", "/api/messages/dead")).json()["data"]
    assert [(one["id"], one["state"], one["reason"]) for one in dead] == [
        (message, "dead", "the number is not in use (21211)")
    ]
    tomorrow = quote((datetime.now(UTC) + timedelta(days=1)).isoformat())
    for query, count in (
        (f"clinicId={world.clinic.id}&kind=booked&state=dead&channel=sms&patientId={world.patients[0]}", 1),
        ("kind=reminder", 0),
        ("state=sent", 0),
        (f"from={tomorrow}", 0),
        (f"to={tomorrow}", 1),
    ):
        assert len((await world.send("GET", f"/api/messages?{query}")).json()["data"]) == count, query
    for query, field in (("kind=x", "kind"), ("state=x", "state"), ("cursor=!", "cursor"), ("limit=0", "limit")):
        refused = await world.send("GET", f"/api/messages?{query}")
        assert (refused.status_code, fields(refused)) == (422, [field])
    assert (await world.send("GET", f"/api/messages?clinicId={neighbour.clinic.id}")).status_code == 404
    again = await world.send("POST", f"/api/messages/{message}/resend", {})
    assert (again.status_code, again.json()["data"]["state"]) == (200, "queued")
    twice = await world.send("POST", f"/api/messages/{message}/resend", {})
    assert (twice.status_code, problem(twice)["code"]) == (409, "conflict")
    assert (await world.send("POST", f"/api/messages/{neighbour.ids['messageId']}/resend", {})).status_code == 404
    assert (await world.send("POST", "/api/messages/dead/resend", {})).json()["data"] == {"resent": 0, "isAll": True}
    other = (await neighbour.send("POST", "/api/messages/dead/resend", {})).json()["data"]
    assert other == {"resent": 1, "isAll": True}


async def test_staff_write_to_who_waits_once_for_each_key_and_to_nobody_elses(world: World, neighbour: World) -> None:
    body = {"waitlistIds": [str(world.ids["waitlistId"])], "message": "A time may be free on Saturday."}
    key = {"Idempotency-Key": "saturday"}
    first = await world.send("POST", "/api/messages", body, headers=key)
    assert (first.status_code, first.json()["data"]) == (200, {"recipients": 1})
    assert (await world.send("POST", "/api/messages", body, headers=key)).json() == first.json()
    async with world.graph.db.tenant(world.clinic.tenant) as tx:
        jobs = await tx.rows("SELECT key FROM job WHERE kind = 'notify' AND key LIKE 'manual:%'")
    assert len(jobs) == 1
    for wrong, status, field in (
        (body | {"waitlistIds": [str(neighbour.ids["waitlistId"])]}, 404, "waitlistIds"),
        (body | {"waitlistIds": []}, 422, "waitlistIds"),
        (body | {"message": " "}, 422, "message"),
        (body | {"message": "x" * 1_001}, 422, "message"),
        (body | {"message": "Bell\u0007"}, 422, "message"),
    ):
        refused = await world.send("POST", "/api/messages", wrong, headers={"Idempotency-Key": uuid4().hex})
        assert (refused.status_code, fields(refused)) == (status, [field]), wrong
    bare = await world.send("POST", "/api/messages", body)
    assert (bare.status_code, fields(bare)) == (422, ["Idempotency-Key"])


# ---- browsers --------------------------------------------------------------------------------------------------------


async def test_browsers_are_taken_of_services_that_are_spoken_to_and_forgotten(world: World, neighbour: World) -> None:
    path = "/api/me/push-subscriptions"
    body = {"endpoint": "https://fcm.googleapis.com/fcm/send/one", "expirationTime": None, "keys": KEYS}
    assert (await world.client.get("/api/push/key")).status_code == 404
    assert (await world.send("POST", path, body, role=Role.PATIENT)).status_code == 404
    settings = PushSettings(
        private_key=b"", public_key="BPublic", subject=None, services=KNOWN_PUSH_SERVICES, allow_local=False
    )
    services = world.client.server.http.state.services  # type: ignore[attr-defined]
    services.pushing = Pushing(world.graph.db, settings)
    assert (await world.client.get("/api/push/key")).json()["data"] == {"publicKey": "BPublic"}
    made = await world.send("POST", path, body, role=Role.PATIENT)
    assert (made.status_code, made.json()["data"]["service"]) == (201, "fcm.googleapis.com")
    again = await world.send("POST", path, body, role=Role.PATIENT)
    assert again.json()["data"]["id"] == made.json()["data"]["id"]
    for wrong, field in (
        ({"endpoint": "http://fcm.googleapis.com/x"}, "endpoint"),
        ({"endpoint": "https://169.254.169.254/latest"}, "endpoint"),
        ({"endpoint": "https://fcm.googleapis.com.evil.example/x"}, "endpoint"),
        ({"endpoint": "https://user@fcm.googleapis.com/x"}, "endpoint"),
        ({"keys": KEYS | {"auth": "c2hvcnQ"}}, "keys"),
        ({"keys": KEYS | {"p256dh": "!"}}, "keys"),
        ({"keys": {"auth": KEYS["auth"]}}, "keys.p256dh"),
    ):
        refused = await world.send("POST", path, body | wrong, role=Role.PATIENT)
        assert (refused.status_code, fields(refused)) == (422, [field]), wrong
    assert (await world.send("POST", path, body)).status_code == 403  # the desk has no browser of a patient's
    assert len((await world.send("GET", path, role=Role.PATIENT)).json()["data"]) == 2  # one came with the world
    foreign = await world.send("DELETE", f"{path}/{neighbour.ids['subscriptionId']}", role=Role.PATIENT)
    assert foreign.status_code == 404
    gone = await world.send("DELETE", f"{path}/{made.json()['data']['id']}", role=Role.PATIENT)
    assert gone.status_code == 204
    assert len((await world.send("GET", path, role=Role.PATIENT)).json()["data"]) == 1
