"""The pages for patients as browsers and search engines get them."""

import gzip
import html
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import msgspec
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.testclient import TestClient

from queue_server.application.doctors.reading import Shown
from queue_server.application.doctors.views import DoctorDetail, FeesView, QualificationView
from queue_server.application.phrases.booking import WORDS
from queue_server.application.search.providers import ChangedDoctors, FoundDoctors
from queue_server.application.search.views import SpecialtyView, StorefrontView
from queue_server.application.tracking import Tracked
from queue_server.application.views.tracking import ClinicView, TrackedView
from queue_server.http.booking_pages import booking_routes
from queue_server.http.endpoint import Limit
from queue_server.http.problems import OverLimit
from queue_server.http.screens import BUILT, Screens
from queue_server.store.doctors import Filters
from scheduling_core.doctors.profile import DoctorStatus
from scheduling_core.errors import DomainError, InvalidTrackingToken, NotFound, RevokedTrackingToken
from scheduling_core.ids import DoctorId, TenantId
from scheduling_core.live_queue.state import Mode
from tests.web.conftest import appointment_view, queue_view

OURS, OTHERS = TenantId(UUID(int=1)), TenantId(UUID(int=2))
CLINIC, MEHTA = UUID(int=3), UUID(int=4)
SCREEN = 60_000
"""Bytes of a screen's scripts and style sheets at most, compressed."""


def mehta(**changed: Any) -> DoctorDetail:
    """Return Dr Mehta as search shows them."""
    facts: dict[str, Any] = {
        "id": MEHTA,
        "name": "Dr Mehta",
        "status": DoctorStatus.ACTIVE,
        "bio": "Likes to explain.",
        "specialty_label": "General",
        "specialties": ("general",),
        "qualifications": (QualificationView(id=UUID(int=5), title="MD", institution="University", year=2009),),
        "languages": ("en", "hi"),
        "modes": (Mode.IN_PERSON,),
        "fees": FeesView(currency="EUR", consultation=4000, follow_up=None, tele=None),
        "department_ids": (),
        "clinic_ids": (CLINIC,),
        "home_clinic_id": CLINIC,
        "room": "Room 2",
        "ticket_prefix": "G",
        "public_profile_visible": True,
        "accepts_online_bookings": True,
        "onboarding_progress": 100,
        "score": 100,
        "is_bookable": True,
        "version": 1,
    }
    return DoctorDetail(**{**facts, **changed})


class Stub:
    """What the pages ask: two tenants, the first of which has a doctor."""

    def __init__(self) -> None:
        self.shown = mehta()
        self.pages = [[self.shown]]
        self.is_over_limit = False
        self.link_fault: DomainError | None = None

    async def track(self, token: str) -> Tracked:
        """Return Priya's appointment, in Spanish, whatever the token."""
        assert token == "token"
        if self.link_fault is not None:
            raise self.link_fault
        return Tracked(TrackedView(appointment=appointment_view(language="es"), queue=queue_view()), "etag")

    async def of(self, tenant: TenantId) -> StorefrontView:
        """Return a tenant's storefront."""
        if tenant not in (OURS, OTHERS):
            raise NotFound("There is nothing to book here.")
        clinic = ClinicView(id=CLINIC, name="Riverside Clinic", timezone="Asia/Kolkata", address="1 River Street")
        return StorefrontView(
            tenant_id=tenant,
            name="Riverside Health" if tenant == OURS else "Hillside Health",
            clinics=(clinic,),
            specialties=(SpecialtyView(code="general", label="General"),),
            languages=("en",),
        )

    async def list(self, tenant: TenantId, _wanted: Filters, *, limit: int, cursor: str | None = None) -> FoundDoctors:
        """Return a page of doctors."""
        assert limit <= 200
        place = int(cursor or 0)
        found = self.pages[place] if tenant == OURS else []
        return FoundDoctors(msgspec.json.encode(found), str(place + 1) if place + 1 < len(self.pages) else None)

    async def changed(self, tenant: TenantId, *, limit: int, cursor: str | None = None) -> ChangedDoctors:
        """Return a page of doctors and when they were changed: in March, each on the day of their page."""
        assert limit <= 200
        place = int(cursor or 0)
        found = self.pages[place] if tenant == OURS else []
        at = datetime(2026, 3, place + 1, 9, 30, 15, 250_000, tzinfo=UTC)
        more = str(place + 1) if place + 1 < len(self.pages) else None
        return ChangedDoctors([Shown(one.id, at) for one in found], more)

    async def get_public(self, doctor: UUID, tenant: TenantId | None = None) -> DoctorDetail:
        """Return Dr Mehta, to who asks for them."""
        if doctor != MEHTA or tenant not in (None, OURS):
            raise NotFound("There is no such doctor.")
        return self.shown

    async def tenant_of(self, _doctor: DoctorId) -> TenantId:
        """Return whose Dr Mehta is."""
        return OURS

    async def enter(self, _request: Request, limit: Limit, headers: dict[str, str]) -> None:
        """Let in whoever may come."""
        assert limit is Limit.READS
        headers["RateLimit-Remaining"] = "7"
        if self.is_over_limit:
            raise OverLimit("Too many requests.", retry_after=20, headers={})


@pytest.fixture
def stub() -> Stub:
    return Stub()


@pytest.fixture
def client(stub: Stub) -> Iterator[TestClient]:
    assert (BUILT / "manifest-patients.json").is_file(), "The screens are not built: run `make web`."
    app = Starlette(routes=booking_routes(enter=stub.enter))
    settings = SimpleNamespace(
        public_url="https://queue.example", booking_tenants={"ours.example": OURS}, payments=None
    )
    tracking = SimpleNamespace(track=stub.track, tenant_of=lambda _token: OURS)
    app.state.services = SimpleNamespace(
        settings=settings, storefronts=stub, providers=stub, doctor_reading=stub, directory=stub, tracking=tracking
    )
    with TestClient(app, base_url="http://ours.example") as client:
        yield client


def known(page: str) -> Any:
    """Return what a page tells its script."""
    found = re.search(r'<script type="application/json" id="known">(.*?)</script>', page, re.DOTALL)
    assert found is not None
    return json.loads(found.group(1))


def test_the_host_says_whose_pages_they_are(client: TestClient) -> None:
    page = client.get("/book", headers={"Host": "OURS.example:8000"}).text
    assert "Riverside Health" in page
    assert known(page)["tenantInAddress"] is False
    assert 'href="/account"' in page


def test_the_address_says_it_elsewhere_and_its_links_keep_it(client: TestClient) -> None:
    page = client.get(f"/book?tenantId={OTHERS}").text
    assert "Hillside Health" in page
    assert known(page)["tenantInAddress"] is True
    assert f'href="/account?tenantId={OTHERS}"' in page


@pytest.mark.parametrize("asked", ["", "?tenantId=nonsense", f"?tenantId={UUID(int=9)}"])
@pytest.mark.parametrize("path", ["/book", "/book/details", "/account"])
def test_a_page_of_nobody_says_so(asked: str, path: str, client: TestClient) -> None:
    answer = client.get(path + asked, headers={"Host": "elsewhere.example"})
    assert answer.status_code == 404
    assert "Whose doctors?" in answer.text


def test_a_doctors_page_is_found_by_the_doctor(client: TestClient) -> None:
    page = client.get(f"/book/doctors/{MEHTA}", headers={"Host": "elsewhere.example"}).text
    assert "<title>Dr Mehta, General · Riverside Health</title>" in page
    assert known(page)["tenantInAddress"] is True
    assert known(page)["doctor"]["id"] == str(MEHTA)


@pytest.mark.parametrize("path", [f"/book/doctors/{UUID(int=9)}", "/book/doctors/x", f"/book/doctors/{MEHTA}"])
def test_a_doctor_of_nobody_or_of_others_is_not_shown(path: str, client: TestClient) -> None:
    answer = client.get(f"{path}?tenantId={OTHERS}")
    assert answer.status_code == 404
    assert "This doctor cannot be found" in answer.text


def test_search_engines_read_who_a_doctor_is(client: TestClient) -> None:
    page = client.get(f"/book/doctors/{MEHTA}").text
    found = re.search(r'<script type="application/ld\+json"[^>]*>(.*?)</script>', page, re.DOTALL)
    assert found is not None
    told = json.loads(found.group(1))
    address = f"https://queue.example/book/doctors/{MEHTA}"
    assert (told["@type"], told["url"], told["name"]) == ("Physician", address, "Dr Mehta")
    assert told["address"][0]["streetAddress"] == "1 River Street"
    assert f'<link rel="canonical" href="{address}">' in page
    assert 'name="description" content="Dr Mehta, General, Riverside Clinic. Likes to explain."' in page
    assert "noindex" not in page
    assert "40.00 EUR" in page


@pytest.mark.parametrize("path", ["/book/details", "/book/pay", "/account", "/account/privacy"])
def test_steps_and_accounts_are_not_for_search_engines(path: str, client: TestClient) -> None:
    assert '<meta name="robots" content="noindex">' in client.get(path).text


def test_what_a_doctor_is_called_ends_no_script(client: TestClient, stub: Stub) -> None:
    stub.shown = mehta(name="</script><script>alert(1)</script>", bio="</SCRIPT><b>")
    page = client.get(f"/book/doctors/{MEHTA}").text
    assert "<script>alert" not in page
    assert "</SCRIPT>" not in page
    assert known(page)["doctor"]["name"] == stub.shown.name


def test_scripts_come_from_us_alone(client: TestClient) -> None:
    nonces = set()
    for _ in range(2):
        answer = client.get(f"/book/doctors/{MEHTA}")
        policy = answer.headers["content-security-policy"]
        found = set(re.findall(r'nonce="([^"]+)"', answer.text))
        assert len(found) == 1
        assert f"script-src 'self' 'nonce-{found.copy().pop()}';" in policy
        assert "unsafe" not in policy
        assert "style=" not in answer.text
        nonces |= found
    assert len(nonces) == 2


@pytest.mark.parametrize("language", WORDS)
def test_pages_speak_the_readers_language(language: str, client: TestClient) -> None:
    page = client.get("/book", headers={"Accept-Language": f"{language};q=0.9, tlh"}).text
    assert f'<html lang="{language}" dir="{"rtl" if language == "ar" else "ltr"}">' in page
    assert f"<h1>{WORDS[language]['search_heading']}</h1>" in page
    assert known(page)["languageInAddress"] is False
    chosen = client.get(f"/book?lang={language}&mode=tele", headers={"Accept-Language": "en"}).text
    assert known(chosen)["language"] == language
    assert known(chosen)["languageInAddress"] is True
    assert 'href="/book?mode=tele&amp;lang=es"' in chosen


def linked(page: str) -> dict[str, str]:
    """Return the addresses that a page gives of itself, by language."""
    return {
        code: html.unescape(address)
        for code, address in re.findall('<link rel="alternate" hreflang="([^"]+)" href="([^"]+)">', page)
    }


@pytest.mark.parametrize(
    ("path", "host"), [("/book", "ours.example"), (f"/book/doctors/{MEHTA}", "ours.example"), ("/book", "elsewhere")]
)
def test_a_page_in_a_language_names_itself_as_the_original_and_all_others_beside_it(
    path: str, host: str, client: TestClient
) -> None:
    whose = {"tenantId": str(OURS)} if host == "elsewhere" else {}
    others = None
    for language in (None, *WORDS):
        asked = whose | ({"lang": language} if language else {})
        page = client.get(path, params=asked, headers={"Host": host, "Accept-Language": "en"}).text
        alternates = linked(page)
        assert set(alternates) == {"x-default", *WORDS}
        assert alternates == (others or alternates)
        others = alternates
        (own,) = re.findall('<link rel="canonical" href="([^"]+)">', page)
        assert html.unescape(own) == alternates[language or "x-default"]


def test_a_host_that_is_nobodys_names_no_sitemap(client: TestClient) -> None:
    assert "Sitemap:" not in client.get("/robots.txt", headers={"Host": "elsewhere.example"}).text


def test_the_visit_behind_a_link_is_changed_on_a_page_of_its_own(client: TestClient) -> None:
    answer = client.get("/t/token/change", headers={"Host": "elsewhere.example", "Accept-Language": "en"})
    assert '<html lang="es"' in answer.text
    assert WORDS["es"]["account_your_visit"] in answer.text
    assert known(answer.text)["store"]["tenantId"] == str(OURS)
    assert '<meta name="robots" content="noindex">' in answer.text
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert '<html lang="ar"' in client.get("/t/token/change?lang=ar").text


@pytest.mark.parametrize(
    ("fault", "status", "said"),
    [
        (InvalidTrackingToken(), 400, "This link is not valid"),
        (RevokedTrackingToken(), 410, "This link was withdrawn"),
        (NotFound("It is gone."), 404, "This appointment is not here any more"),
    ],
)
def test_a_link_that_opens_nothing_says_so(
    fault: DomainError, status: int, said: str, client: TestClient, stub: Stub
) -> None:
    stub.link_fault = fault
    answer = client.get("/t/token/change", headers={"Accept-Language": "en"})
    assert (answer.status_code, said in answer.text) == (status, True)


def test_the_sitemap_names_every_doctor(client: TestClient, stub: Stub) -> None:
    stub.pages = [[mehta()], [mehta(id=UUID(int=8))]]
    answer = client.get("/sitemap.xml")
    assert answer.headers["content-type"].startswith("application/xml")
    found = re.findall("<loc>(.*?)</loc>", answer.text)
    doctors = [f"https://queue.example/book/doctors/{id}" for id in (MEHTA, UUID(int=8))]
    assert found == ["https://queue.example/book", *doctors]
    changed = re.findall("<lastmod>(.*?)</lastmod>", answer.text)
    assert changed == ["2026-03-01T09:30:15+00:00", "2026-03-02T09:30:15+00:00"]
    robots = client.get("/robots.txt").text
    assert "Sitemap: https://queue.example/sitemap.xml" in robots
    assert "Disallow: /t/" in robots


def test_whoever_asks_too_often_is_told_when_to_come_again(client: TestClient, stub: Stub) -> None:
    assert client.get("/book").headers["ratelimit-remaining"] == "7"
    stub.is_over_limit = True
    answer = client.get("/book")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "20")


@pytest.mark.parametrize("screen", ["book", "account"])
def test_a_screen_is_small(screen: str) -> None:
    tags = Screens(BUILT).tags(f"src/{screen}/main.tsx")
    files = {address.removeprefix("/assets/") for address in (tags.script, *tags.preloads, *tags.styles)}
    size = sum(len(gzip.compress((BUILT / file).read_bytes(), 9)) for file in files)
    assert size <= SCREEN


def test_the_script_that_shows_pushes_is_served_at_the_root_and_never_kept(client: TestClient) -> None:
    answer = client.get("/push-worker.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "showNotification" in answer.text
