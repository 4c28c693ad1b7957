"""A phone on a bad network, without scripts, in another language, with a link that was withdrawn."""

import gzip
import json
import re
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Demo, Open
from tests.e2e.demo import Api, Clinic, kill_server
from tests.e2e.desk import Phone

pytestmark = pytest.mark.browser

BUDGET = 8 * 1024


def test_offline_keeps_the_place_on_screen_and_catches_up(api: Api, clinic: Clinic, open_page: Open) -> None:
    entry = clinic.doctors[0].line[3]
    patient = Phone(open_page(f"/t/{api.token(entry)}")).expect_live()
    patient.expect_ahead(3)
    patient.page.context.set_offline(True)
    expect(patient.foot).to_have_class("offline")
    expect(patient.foot).to_contain_text("No connection. Your place is kept.")
    patient.expect_ahead(3)
    api.command("move", entry, {"newPosition": 1})
    patient.page.context.set_offline(False)
    patient.expect_live().expect_ahead(0)


def test_a_killed_server_comes_back_and_the_phone_goes_on_from_what_it_saw(
    demo: Demo, clinic: Clinic, open_page: Open
) -> None:
    api, entry = demo.api, clinic.doctors[0].line[2]
    seen: list[tuple[int, int]] = []

    def listen(page: Page) -> None:
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: seen.extend(versions(frame))))

    patient = Phone(open_page(f"/t/{api.token(entry)}", prepare=listen, expect_errors=True)).expect_live()
    api.command("move", entry, {"newPosition": 1})
    patient.expect_ahead(0)
    before = max(seen)
    kill_server(demo.pid)
    expect(patient.foot).not_to_have_class("live")
    patient.expect_ahead(0)
    heard = len(seen)
    expect(patient.foot).to_have_class("live")
    assert min(seen[heard:]) >= before
    api.command("move", entry, {"newPosition": 2})
    patient.expect_ahead(1)
    assert seen == sorted(seen)


def versions(frame: str | bytes) -> list[tuple[int, int]]:
    """Return epoch and version of the view in a frame, if there is one."""
    text = frame if isinstance(frame, str) else frame.decode()
    if not text.startswith("42"):
        return []
    _, body = json.loads(text[2:])
    queue: dict[str, Any] = body.get("data", {}).get("queue", {})
    return [(queue["epoch"], queue["version"])] if queue else []


def test_without_websockets_the_phone_asks_over_http(api: Api, clinic: Clinic, open_page: Open) -> None:
    entry = clinic.doctors[0].line[1]

    def block(page: Page) -> None:
        page.clock.install()
        page.route_web_socket(re.compile(r"/socket\.io/"), lambda socket: socket.close())

    patient = Phone(open_page(f"/t/{api.token(entry)}", prepare=block))
    with patient.page.expect_response(re.compile("/refresh-queue/")) as asked:
        patient.page.clock.run_for(2_000)
    assert asked.value.ok
    expect(patient.foot).to_contain_text("This page refreshes by itself")
    patient.expect_ahead(1)
    api.command("move", entry, {"newPosition": 1})
    patient.page.clock.run_for(20_000)
    patient.expect_ahead(0)


def test_without_scripts_the_page_shows_and_refreshes(api: Api, clinic: Clinic, open_page: Open) -> None:
    entry = clinic.doctors[0].line[1]
    patient = Phone(open_page(f"/t/{api.token(entry)}", java_script_enabled=False))
    patient.expect_ahead(1)
    assert patient.page.locator("meta[http-equiv=refresh]").count() == 1
    api.command("move", entry, {"newPosition": 1})
    patient.page.get_by_role("link", name="Refresh now").click()
    patient.expect_ahead(0)
    expect(patient.headline).to_have_text("You are next")
    api.command("check-in", entry)
    api.command("call-next", clinic.doctors[0].id)
    patient.page.get_by_role("link", name="Refresh now").click()
    expect(patient.headline).to_have_text("Please go to Room 2")


def test_a_withdrawn_link_says_so_now_and_on_open_pages(api: Api, clinic: Clinic, open_page: Open) -> None:
    entry = clinic.doctors[0].line[0]
    address = f"/t/{api.token(entry)}"
    patient = Phone(open_page(address, prepare=lambda page: page.clock.install(), expect_errors=True)).expect_live()
    api.call("DELETE", f"/api/appointments/tracking-link/{entry}")
    late = open_page(address, expect_errors=True)
    expect(late.get_by_role("heading")).to_have_text("This link was withdrawn")
    expect(late.locator("main")).to_contain_text("Please ask reception for a new one.")
    # A page that is open looks again every two minutes.
    patient.page.clock.run_for(125_000)
    expect(patient.page.get_by_role("heading")).to_have_text("This link was withdrawn")


def test_a_broken_link_says_so(open_page: Open) -> None:
    page = open_page("/t/nonsense", expect_errors=True)
    expect(page.get_by_role("heading")).to_have_text("This link is not valid")


def test_an_arabic_patient_reads_from_right_to_left(demo: Demo, open_page: Open) -> None:
    clinic = demo.registry.clinic(language="ar")
    doctor = clinic.doctors[0]
    entry = doctor.line[2]
    patient = Phone(open_page(f"/t/{demo.api.token(entry)}")).expect_live()
    expect(patient.page.locator("html")).to_have_attribute("dir", "rtl")
    expect(patient.page.locator("html")).to_have_attribute("lang", "ar")
    expect(patient.headline).to_have_text(re.compile("[\u0600-\u06ff]"))
    patient.expect_ahead(2)
    # The door stands at the right, where the line begins, and the patient is left of the dots.
    door = patient.page.locator("#line svg").bounding_box()
    own = patient.page.locator("#dots b").bounding_box()
    assert door is not None
    assert own is not None
    assert door["x"] > own["x"]
    demo.api.command("check-in", entry)
    demo.api.command("call-next", doctor.id)
    expect(patient.card).to_have_class("called")
    expect(patient.headline).to_contain_text(doctor.room)


def test_a_patient_reads_why_the_place_changed(api: Api, clinic: Clinic, open_page: Open) -> None:
    entry = clinic.doctors[0].line[1]
    patient = Phone(open_page(f"/t/{api.token(entry)}")).expect_live()
    api.command("move", entry, {"newPosition": 1, "reason": "Small child"})
    patient.expect_ahead(0)
    why = patient.page.locator("#why")
    why.locator("summary").click()
    expect(why.locator("li").last).to_contain_text("(2 → 1)")
    expect(why).not_to_contain_text("Small child")


def test_the_whole_tracker_is_eight_kilobytes(
    demo: Demo, open_page: Open, record_property: Callable[[str, object], None]
) -> None:
    sizes: dict[str, int] = {}
    for language in ("en", "es", "hi", "ar"):
        clinic = demo.registry.clinic(language=language)
        token = demo.api.token(clinic.doctors[0].line[3])
        page = httpx.get(f"{demo.api.url}/t/{token}", headers={"Accept-Encoding": "identity"}, trust_env=False)
        sizes[language] = len(gzip.compress(page.content, 9))
        asked: list[str] = []
        opened = open_page(f"/t/{token}", prepare=lambda p, asked=asked: p.on("request", lambda r: asked.append(r.url)))
        Phone(opened).expect_live()
        assert asked == [f"{demo.api.url}/t/{token}"], "a tracker is one request"
    print("tracker, gzipped:", ", ".join(f"{language} {size} B" for language, size in sizes.items()))
    record_property("tracker_bytes", sizes)
    assert max(sizes.values()) <= BUDGET
