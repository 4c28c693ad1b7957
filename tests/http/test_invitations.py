"""Invitations as their patients meet them: on the page of the link, on the tracker of another visit, step by step."""

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any
from uuid import UUID

import httpx

from scheduling_core.ids import WaitlistId
from scheduling_core.permissions import Role
from tests.http.world import World

BASE = "/api/waitlists"


async def offer(world: World, entry: object, *, minutes: float = 30) -> str:
    """Offer the world's slot to somebody who waits and return the token of their link."""
    until = datetime.now(UTC) + timedelta(minutes=minutes)
    body = {"slotId": str(world.ids["slotId"]), "respondBy": until.isoformat()}
    answer = await world.send("POST", f"{BASE}/{entry}/invite", body)
    assert answer.status_code == 200, answer.text
    return world.tokens.issue_waitlist(
        tenant=world.clinic.tenant, entry=WaitlistId(UUID(str(entry))), expires_at=until + timedelta(days=1)
    )


async def page(world: World, path: str) -> httpx.Response:
    return await world.send("GET", path, role=None, headers={"Accept": "text/html"})


async def steps(world: World, entry: object, role: Role) -> Any:
    answer = await world.send("GET", f"{BASE}/{entry}/timeline", role=role)
    assert answer.status_code == 200, answer.text
    return answer.json()["data"]


async def test_a_patient_is_told_every_step_and_alone_how_to_answer(world: World) -> None:
    wish = {"clinicId": str(world.clinic.id), "doctorId": str(world.doctor)}
    entry = (await world.send("POST", BASE, wish, role=Role.PATIENT)).json()["data"]["id"]
    token = await offer(world, entry)
    mine = await steps(world, entry, Role.PATIENT)
    assert [step["what"] for step in mine["steps"]] == ["joined", "offered"]
    assert mine["offer"]["clinic"]["name"]
    assert mine["steps"][1]["start"] == mine["offer"]["start"]
    assert (await steps(world, entry, Role.RECEPTIONIST))["offer"] is None

    shown = await page(world, f"/invite/{token}")
    assert mine["offer"]["doctor"]["name"] in shown.text
    looked = await world.send("GET", f"/invite/{token}/decline", role=None)
    assert looked.status_code == 303
    assert (await steps(world, entry, Role.PATIENT))["offer"] is not None
    declined = await world.send("POST", f"/invite/{mine['offer']['token']}/decline", role=None)
    assert (declined.status_code, declined.headers["location"]) == (303, f"/invite/{mine['offer']['token']}")
    assert "You have given the time back" in (await page(world, f"/invite/{token}")).text
    after = await steps(world, entry, Role.PATIENT)
    assert ([step["what"] for step in after["steps"]], after["offer"]) == (["joined", "offered", "declined"], None)


async def test_nobody_reads_the_steps_of_somebody_else(world: World) -> None:
    path = f"{BASE}/{world.ids['waitlistId']}/timeline"
    assert (await world.send("GET", path, role=Role.PATIENT)).status_code == 404
    assert (await world.send("GET", path, role=None)).status_code == 401


async def test_the_tracker_of_another_visit_shows_the_offer_to_its_patient_alone(world: World) -> None:
    token = await offer(world, world.ids["waitlistId"])
    mine, others = await world.link(0), await world.link(1)
    assert "data-waits" in (await page(world, f"/t/{mine}")).text
    card = await page(world, f"/t/{mine}/offer")
    assert (card.status_code, card.text.count("<form")) == (200, 2)
    assert (await page(world, f"/t/{others}/offer")).text == ""
    assert "data-waits" not in (await page(world, f"/t/{others}")).text
    assert (await page(world, "/t/nonsense/offer")).status_code == 400

    booked = await world.send("POST", f"/invite/{token}/accept", role=None)
    assert booked.status_code == 303
    told = (await page(world, f"/invite/{token}")).text
    assert "You are booked" in told
    tracker = told.split('href="/t/')[1].split('"')[0]
    assert (await page(world, f"/t/{tracker}")).status_code == 200
    again = await world.send("POST", f"/invite/{token}/accept", role=None)
    assert "It could not be booked" not in (await page(world, again.headers["location"])).text
    assert (await page(world, f"/t/{mine}/offer")).text == ""

    # Whoever still has this link gets no other one to a visit whose links were withdrawn.
    entry = (await world.send("GET", f"{BASE}/{world.ids['waitlistId']}")).json()["data"]
    visit = entry["promotedAppointmentId"]
    assert (await world.send("DELETE", f"/api/appointments/tracking-link/{visit}")).status_code == 204
    assert 'href="/t/' not in (await page(world, f"/invite/{token}")).text


async def test_an_offer_that_is_over_or_withdrawn_says_so(world: World) -> None:
    entry = world.ids["waitlistId"]
    token = await offer(world, entry)
    held = (await world.send("GET", f"{BASE}/{entry}")).json()["data"]
    left = await world.send("PATCH", f"{BASE}/{entry}", {"status": "cancelled"})
    assert (held["status"], left.status_code) == ("invited", 200)
    assert "You are not on the waitlist any more" in (await page(world, f"/invite/{token}")).text
    late = await world.send("POST", f"/invite/{token}/accept", role=None)
    assert late.status_code == 303
    assert [step["what"] for step in (await steps(world, entry, Role.ADMIN))["steps"]] == [
        "joined",
        "offered",
        "withdrawn",
        "cancelled",
    ]


async def test_a_page_that_was_left_open_answers_no_offer_that_was_made_since(world: World) -> None:
    wish = {"clinicId": str(world.clinic.id), "doctorId": str(world.doctor)}
    entry = (await world.send("POST", BASE, wish, role=Role.PATIENT)).json()["data"]["id"]
    token = await offer(world, entry)
    left_open = await page(world, f"/invite/{token}")
    forms = [unescape(part.split('"')[0]) for part in left_open.text.split('action="')[1:]]
    assert [path.split("?")[0].rpartition("/")[2] for path in forms] == ["accept", "decline"]
    seen = (await steps(world, entry, Role.PATIENT))["offer"]["respondBy"]
    assert (await world.send("POST", forms[1], role=None)).status_code == 303
    await offer(world, entry)
    for form in forms:
        assert "why=refused" in (await world.send("POST", form, role=None)).headers["location"]
    assert "why=refused" in (await world.send("POST", f"/invite/{token}/accept?by=now", role=None)).headers["location"]
    for what in ("accept", "decline"):
        answer = await world.send("POST", f"/api/invites/{token}/{what}", {"respondBy": seen}, role=None)
        assert (answer.status_code, answer.json()["code"]) == (409, "invite_expired")
    held = (await steps(world, entry, Role.PATIENT))["offer"]
    assert held["respondBy"] != seen
    declined = await world.send("POST", f"/api/invites/{token}/decline", {"respondBy": held["respondBy"]}, role=None)
    assert declined.status_code == 200
