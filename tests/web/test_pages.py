"""The pages as a browser gets them."""

import gzip
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from queue_server.application.phrases import CATALOG
from queue_server.http.pages import Pages, page_routes, with_message_page
from queue_server.http.problems import on_http_exception
from scheduling_core import errors
from scheduling_core.live_queue.state import EntryState, Priority
from tests.web.conftest import StubOffers, StubTracking, notice

WHOLE_PAGE = 8 * 1024
DESK = 100_000


def test_the_whole_tracker_is_one_answer_of_at_most_8_kB_in_every_language(
    client: TestClient, tracking: StubTracking
) -> None:
    tracking.shows(delay_minutes=15, notices=(notice("Fire drill at 11:00. Please stay seated."),), ahead=20)
    sizes = {}
    for language in CATALOG:
        page = client.get(f"/t/token?lang={language}").text
        assert "src=" not in page
        assert "http://" not in page.replace("http://www.w3.org", "")
        sizes[language] = len(gzip.compress(page.encode(), 9))
    assert max(sizes.values()) <= WHOLE_PAGE, sizes


def test_the_tracker_is_sent_compressed(client: TestClient) -> None:
    answer = client.get("/t/token", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert int(answer.headers["content-length"]) <= WHOLE_PAGE
    plain = client.get("/t/token", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers


def test_the_tracker_keeps_its_address_to_itself(client: TestClient) -> None:
    headers = client.get("/t/token").headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert "connect-src 'self' ws://queue.example wss://queue.example;" in headers["content-security-policy"]


def test_scripts_and_styles_run_by_a_nonce_that_is_new_each_time(client: TestClient) -> None:
    nonces = set()
    for _ in range(2):
        answer = client.get("/t/token")
        found = set(re.findall(r'nonce="([^"]+)"', answer.text))
        assert len(found) == 1
        assert f"script-src 'nonce-{found.copy().pop()}'" in answer.headers["content-security-policy"]
        assert "style=" not in answer.text.split("<script")[0]
        nonces |= found
    assert len(nonces) == 2


def test_a_strange_host_does_not_get_into_the_policy(client: TestClient) -> None:
    policy = client.get("/t/token", headers={"Host": "x; script-src *"}).headers["content-security-policy"]
    assert "script-src *" not in policy


def test_the_page_tells_place_wait_and_room_without_a_script(client: TestClient, tracking: StubTracking) -> None:
    page = client.get("/t/token").text
    assert "4 people ahead of you" in page
    assert "28–51 min" in page
    assert "Dr Mehta" in page
    assert page.count("<i></i>") == 4 + 1  # and the footer's
    assert '<noscript><meta http-equiv="refresh" content="20"></noscript>' in page
    tracking.shows(state=EntryState.CALLED, position=0, ahead=0)
    page = client.get("/t/token").text
    assert "Please go to Room 2" in page
    assert '<section id="card" class="called">' in page


@pytest.mark.parametrize(
    ("state", "is_hidden"), [(EntryState.EXPECTED, False), (EntryState.WAITING, True), (EntryState.CANCELLED, True)]
)
def test_whoever_is_expected_is_led_to_where_the_visit_is_moved_or_cancelled(
    state: EntryState, is_hidden: bool, client: TestClient, tracking: StubTracking
) -> None:
    tracking.shows(state=state)
    page = client.get("/t/token").text
    hidden = " hidden" if is_hidden else ""
    assert f'<p id="change"{hidden}><a href="/t/token/change">Move or cancel the visit</a></p>' in page


def test_times_are_those_of_the_clinic(client: TestClient, tracking: StubTracking) -> None:
    tracking.shows(state=EntryState.EXPECTED, arrive_by=tracking.view.queue.window)
    assert "Please be here by 2:30 PM" in client.get("/t/token").text


@pytest.mark.parametrize(("priority", "look"), [(Priority.CRITICAL, "red"), (Priority.LOW, "note")])
def test_broadcasts_stand_above_everything(
    client: TestClient, tracking: StubTracking, priority: Priority, look: str
) -> None:
    tracking.shows(notices=(notice("Fire drill at 11:00.", priority),))
    assert re.search(
        rf'<div class="{look}"><b>[^<]+</b><p dir="auto">Fire drill at 11:00\.</p>', client.get("/t/x").text
    )


def test_words_of_people_cannot_become_markup(client: TestClient, tracking: StubTracking) -> None:
    evil = "</script><script>alert(1)</script>"
    tracking.shows(appointment={"greeting": evil, "room": evil}, notices=(notice(evil),))
    page = client.get("/t/token").text
    assert page.count("<script") == 2
    known = re.search(r'id="known">(.*?)</script>', page, re.DOTALL)
    assert known
    assert json.loads(known[1])["appointment"]["greeting"] == evil


@pytest.mark.parametrize(
    ("given", "asked", "header", "language"),
    [
        ("es", "", "en", "es"),
        ("es", "?lang=ar", "en", "ar"),
        ("", "", "hi-IN,en;q=0.5", "hi"),
        ("", "?lang=xx", "", "en"),
    ],
)
def test_the_language_is_the_askers_then_the_appointments_then_the_browsers(
    client: TestClient, tracking: StubTracking, given: str, asked: str, header: str, language: str
) -> None:
    tracking.shows(appointment={"language": given})
    page = client.get(f"/t/token{asked}", headers={"Accept-Language": header}).text
    direction = "rtl" if language == "ar" else "ltr"
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert CATALOG[language]["keep"] in page


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (errors.InvalidTrackingToken(), 400, "This link is not valid"),
        (errors.RevokedTrackingToken(), 410, "This link was withdrawn"),
        (errors.NotFound(), 404, "This appointment is not here any more"),
        (errors.Unavailable(), 503, "The clinic&#39;s server is busy"),
    ],
)
def test_a_link_that_shows_nothing_says_why(
    client: TestClient, tracking: StubTracking, error: errors.DomainError, status: int, said: str
) -> None:
    tracking.error = error
    answer = client.get("/t/token")
    assert answer.status_code == status
    assert said in answer.text
    assert "no-store" in answer.headers["cache-control"]
    assert ('http-equiv="refresh"' in answer.text) is (status == 503)


def test_the_qr_code_is_a_drawing_of_the_public_link(client: TestClient, tracking: StubTracking) -> None:
    answer = client.get("/t/token/qr.svg")
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.text.lstrip().startswith("<?xml")
    tracking.error = errors.RevokedTrackingToken()
    assert client.get("/t/token/qr.svg").status_code == 410


@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ("/desk", "desk"),
        ("/desk/day-list", "desk"),
        ("/desk/rebook", "rebook"),
        ("/desk/book", "appointments"),
        ("/desk/appointments", "appointments"),
        ("/display", "display"),
        ("/admin", "admin"),
        ("/admin/doctors/1/onboarding", "admin"),
        ("/doctor", "doctor"),
        ("/doctor/schedule", "doctor"),
    ],
)
def test_staff_screens_load_only_hashed_files_of_ours(client: TestClient, path: str, entry: str) -> None:
    answer = client.get(path)
    addresses = [a for a in re.findall(r'(?:src|href)="([^"]+)"', answer.text) if not a.startswith("data:")]
    assert any(re.fullmatch(rf"/assets/{entry}-[\w-]+\.js", address) for address in addresses)
    assert any(address.endswith(".css") for address in addresses)
    for address in addresses:
        file = client.get(address)
        assert file.status_code == 200
        assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_the_desk_with_its_font_stays_within_100_kB(client: TestClient) -> None:
    addresses = set(re.findall(r'(?:src|href)="(/assets/[^"]+)"', client.get("/desk").text))
    sizes = {a: int(client.get(a, headers={"Accept-Encoding": "gzip"}).headers["content-length"]) for a in addresses}
    assert sum(sizes.values()) <= DESK, sizes


def test_the_administration_begins_with_the_shell_and_fetches_a_section_when_it_is_opened(client: TestClient) -> None:
    addresses = re.findall(r'src="(/assets/[^"]+\.js)"|href="(/assets/[^"]+\.js)"', client.get("/admin").text)
    code = [client.get(one or other) for one, other in addresses]
    assert sum(int(file.headers["content-length"]) for file in code) <= 24 * 1024
    assert not any("Onboarding is complete." in file.text for file in code)


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fapp.py", ".stamp"])
def test_only_built_files_are_served(client: TestClient, name: str) -> None:
    assert client.get(f"/assets/{name}").status_code == 404


@pytest.mark.parametrize("path", ["/t/token", "/desk", "/desk/rebook", "/desk/book", "/display", "/admin", "/doctor"])
def test_screens_that_are_not_built_say_so(
    tmp_path: Path, tracking: StubTracking, offers: StubOffers, path: str
) -> None:
    app = Starlette(routes=list(page_routes(Pages(tmp_path))))
    app.state.services = SimpleNamespace(tracking=tracking, waitlist_offers=offers)
    answer = TestClient(app).get(path)
    assert answer.status_code == 503
    assert "The screens are not built yet" in answer.text


@pytest.mark.parametrize(
    ("path", "accept", "kind"),
    [
        ("/nowhere", "text/html,*/*", "text/html; charset=utf-8"),
        ("/nowhere", "application/json", "application/problem+json"),
        ("/api/nowhere", "text/html", "application/problem+json"),
    ],
)
def test_an_unknown_address_is_a_page_for_people_and_a_problem_for_programs(path: str, accept: str, kind: str) -> None:
    app = Starlette(exception_handlers={HTTPException: with_message_page(on_http_exception)})
    answer = TestClient(app).get(path, headers={"Accept": accept})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == kind


def test_the_bare_address_leads_to_the_desk(client: TestClient) -> None:
    assert client.get("/", follow_redirects=False).headers["location"] == "/desk"
