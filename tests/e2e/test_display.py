"""The waiting room's screen: calls by ticket, no names, an emergency, and a server that goes away."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import SCREEN, Demo, Open, OpenDesk, session_of, storage
from tests.e2e.demo import Api, Clinic, kill_server

pytestmark = pytest.mark.browser

OpenDisplay = Callable[..., Page]


@pytest.fixture
def open_display(api: Api, open_page: Open) -> OpenDisplay:
    """Opens the display of a clinic, signed in already, and waits for its doctors."""

    def open_one(clinic: Clinic, **options: Any) -> Page:
        kept = storage(api, {"clinic-queue.display": session_of(api.sign_in("display"))})
        options = {"viewport": SCREEN, "storage_state": kept, **options}
        page = open_page(f"/display?clinic={clinic.id}", **options)
        expect(page.locator(".doctor")).to_have_count(len(clinic.doctors))
        return page

    return open_one


def ticket(api: Api, doctor: str, entry: str) -> str:
    """Return the ticket of an entry."""
    return str(api.entry(doctor, entry)["ticket"])


def test_calls_appear_by_ticket_and_name_nobody(api: Api, clinic: Clinic, open_display: OpenDisplay) -> None:
    doctor = clinic.doctors[0]
    one, two, *_ = doctor.line
    page = open_display(clinic)
    received: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(str(frame))))
    page.reload()
    expect(page.locator(".panel")).to_contain_text("Please take a seat")
    api.command("check-in", one)
    api.command("check-in", two)
    expect(page.locator(".doctor").first.locator("li")).to_have_count(2)
    api.command("call-next", doctor.id)
    expect(page.locator(".panel-ticket")).to_have_text(ticket(api, doctor.id, one))
    expect(page.locator(".panel-where")).to_have_text(f"Please go to {doctor.room}")
    expect(page.locator(".doctor").first.locator("li")).to_have_count(1)
    api.command("start", one)
    expect(page.locator(".panel")).to_contain_text("Please take a seat")
    expect(page.locator(".recent")).to_contain_text(f"{ticket(api, doctor.id, one)} → {doctor.room}")
    told = page.inner_text("body") + page.content() + "".join(received)
    assert ticket(api, doctor.id, two) in told
    for entry in api.queue(doctor.id)["entries"]:
        assert entry["name"] not in told
        assert entry["phone"] not in told


def test_two_calls_at_once_are_announced_one_after_the_other(
    api: Api, clinic: Clinic, open_display: OpenDisplay
) -> None:
    page = open_display(clinic, prepare=lambda page: page.clock.install())
    called = []
    for doctor in clinic.doctors[:2]:
        api.command("check-in", doctor.line[0])
    for doctor in clinic.doctors[:2]:
        api.command("call-next", doctor.id)
        called.append(ticket(api, doctor.id, doctor.line[0]))
    expect(page.locator(".panel-ticket")).to_have_text(called[0])
    page.clock.run_for(7_500)
    expect(page.locator(".panel-ticket")).to_have_text(called[1])
    expect(page.locator(".recent")).to_contain_text(called[0])


def test_a_critical_emergency_takes_the_screen_and_a_calm_message_does_not(
    api: Api, clinic: Clinic, open_display: OpenDisplay
) -> None:
    doctor = clinic.doctors[0]
    page = open_display(clinic)
    calm = {"message": "The lift is out of order.", "priority": "normal", "estimatedDelay": 15}
    api.command("emergency", doctor.id, calm)
    expect(page.locator(".notice-strip")).to_contain_text(f"{doctor.name}: The lift is out of order.")
    expect(page.locator(".doctor").first).to_contain_text("+15 min")
    expect(page.locator(".panel")).to_be_visible()
    for one in clinic.doctors:
        body = {"message": "Please leave by the nearest exit.", "priority": "critical"}
        api.command("emergency", one.id, body)
    expect(page.locator(".emergency h1")).to_contain_text("Important")
    expect(page.locator(".emergency-text")).to_contain_text("Please leave by the nearest exit.")
    expect(page.locator(".panel")).to_have_count(0)
    # Whoever is called meanwhile still sees it.
    api.command("check-in", doctor.line[0])
    api.command("call-next", doctor.id)
    expect(page.locator(".emergency .recent")).to_contain_text(ticket(api, doctor.id, doctor.line[0]))


def test_pause_and_close_are_told(api: Api, clinic: Clinic, open_display: OpenDisplay) -> None:
    doctor = clinic.doctors[0]
    page = open_display(clinic)
    api.command("pause", doctor.id)
    expect(page.locator(".doctor").first).to_contain_text("Paused")
    api.command("close", doctor.id)
    expect(page.locator(".doctor").first).to_contain_text("Closed for today")


def test_a_killed_server_is_told_and_screen_and_desk_go_on_by_themselves(
    demo: Demo, clinic: Clinic, open_display: OpenDisplay, open_desk: OpenDesk
) -> None:
    api, doctor = demo.api, clinic.doctors[0]
    page, desk = open_display(clinic, expect_errors=True), open_desk(clinic, expect_errors=True)
    api.command("check-in", doctor.line[0])
    expect(page.locator(".doctor").first.locator("li")).to_have_count(1)
    kill_server(demo.pid)
    expect(page.locator(".stale")).to_contain_text("Reconnecting…")
    expect(desk.page.locator(".connection-lost")).to_be_visible()
    # What was there stays on the screen.
    expect(page.locator(".doctor").first.locator("li")).to_have_count(1)
    expect(page.locator(".stale")).to_have_count(0)
    expect(page.locator(".doctor").first.locator("li")).to_have_count(1)
    expect(desk.live).to_be_visible()
    desk.press("n")
    expect(page.locator(".panel-ticket")).to_have_text(ticket(api, doctor.id, doctor.line[0]))


def test_a_screen_signs_in_and_asks_which_room_it_hangs_in(api: Api, clinic: Clinic, open_page: Open) -> None:
    page = open_page("/display", viewport=SCREEN)
    page.locator("input[type=email]").fill(api.staff["display"]["email"])
    page.locator("input[type=password]").fill(api.staff["display"]["password"])
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading")).to_have_text("Which waiting room is this?")
    page.get_by_role("button", name=clinic.name).click()
    expect(page.locator(".doctor")).to_have_count(3)
    expect(page).to_have_url(re.compile(f"clinic={clinic.id}"))
    page.reload()
    expect(page.locator(".doctor")).to_have_count(3)


def test_the_screen_speaks_the_language_of_its_address(
    api: Api, clinic: Clinic, open_page: Open, open_display: OpenDisplay
) -> None:
    kept = storage(api, {"clinic-queue.display": session_of(api.sign_in("display"))})
    page = open_page(f"/display?clinic={clinic.id}&lang=ar", viewport=SCREEN, storage_state=kept)
    expect(page.locator(".panel")).to_contain_text("تفضّل بالجلوس")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
