"""The page of an invitation, and the card on the tracker: what they say, what answers, and that looking changes
nothing."""

import gzip
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from queue_server.application.phrases import CATALOG, phrase
from queue_server.application.views.tracking import ClinicView, DoctorView
from queue_server.application.waitlist.offers import Awaited, BookedVisit, Invitation, InviteState, OfferView
from queue_server.http.invite_pages import invite_routes
from scheduling_core import errors
from scheduling_core.errors import DomainError
from scheduling_core.ids import TenantId
from scheduling_core.live_queue.state import Mode
from tests.web.conftest import NINE, StubOffers, StubTracking

CLINIC = ClinicView(id=UUID(int=2), name="Riverside Clinic", timezone="Asia/Kolkata", address="1 River St")
DOCTOR = DoctorView(id=UUID(int=3), name="Dr <Mehta>", specialty="General")
WHOLE_PAGE = 8 * 1024


def offer() -> OfferView:
    """Return a time that can be answered for half an hour."""
    now = datetime.now(UTC)
    return OfferView(
        token="the-token",
        waitlist_id=UUID(int=4),
        start=NINE,
        mode=Mode.IN_PERSON,
        respond_by=now + timedelta(minutes=30),
        since=now,
        doctor=DOCTOR,
        clinic=CLINIC,
    )


class StubInvitations:
    """Shows every link in `state`, and notes what was answered; `refusal` is raised to answers."""

    def __init__(self) -> None:
        self.state = InviteState.OFFERED
        self.missing: DomainError | None = None
        self.refusal: DomainError | None = None
        self.answers: list[str] = []

    async def of_link(self, token: str) -> Invitation:
        """Return what the page tells."""
        if self.missing is not None:
            raise self.missing
        is_offered, is_booked = (self.state is one for one in (InviteState.OFFERED, InviteState.BOOKED))
        entry: Any = SimpleNamespace(deferred_until=NINE if self.state is InviteState.DEFERRED else None, version=3)
        return Invitation(
            tenant=TenantId(UUID(int=7)),
            entry=entry,
            state=self.state,
            language="en",
            clinic=CLINIC,
            offer=offer() if is_offered else None,
            booked=BookedVisit(start=NINE, mode=Mode.IN_PERSON, ticket="G16", doctor=DOCTOR, tracking_token="tracked")
            if is_booked
            else None,
        )

    async def accept(
        self, token: str, _precondition: object, *, meant: datetime | None = None, request_id: str | None = None
    ) -> None:
        """Note that it was accepted."""
        await self._answered("accept")

    async def decline(self, token: str, *, meant: datetime | None = None, request_id: str | None = None) -> None:
        """Note that it was declined."""
        await self._answered("decline")

    async def _answered(self, answer: str) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.answers.append(answer)


@pytest.fixture
def stub() -> StubInvitations:
    return StubInvitations()


@pytest.fixture
def invited(stub: StubInvitations) -> Iterator[TestClient]:
    app = Starlette(routes=list(invite_routes()))
    app.state.services = SimpleNamespace(waitlist_offers=stub, waitlist_answering=stub)
    with TestClient(app, base_url="http://queue.example", follow_redirects=False) as client:
        yield client


def test_an_offer_is_shown_with_two_forms_and_keeps_its_address_to_itself(invited: TestClient) -> None:
    answer = invited.get("/invite/the-token")
    assert answer.status_code == 200
    for said in (
        "Monday 2 March, 2:30 PM",
        "Dr &lt;Mehta&gt;, General",
        "Riverside Clinic, 1 River St",
        'data-left="1',
    ):
        assert said in answer.text
    assert answer.text.count('<form method="post"') == 2
    assert '<meta name="robots" content="noindex">' in answer.text
    assert (answer.headers["referrer-policy"], answer.headers["cache-control"]) == ("no-referrer", "no-store")
    assert "form-action 'self'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("answer", ["accept", "decline"])
def test_only_a_form_answers_and_leads_back_to_the_page(
    invited: TestClient, stub: StubInvitations, answer: str
) -> None:
    for method in ("GET", "HEAD"):
        looked = invited.request(method, f"/invite/the-token/{answer}")
        assert (looked.status_code, looked.headers["location"]) == (303, "/invite/the-token")
    assert stub.answers == []
    posted = invited.post(f"/invite/the-token/{answer}?lang=ar")
    assert (posted.status_code, posted.headers["location"]) == (303, "/invite/the-token?lang=ar")
    assert posted.headers["referrer-policy"] == "no-referrer"
    assert stub.answers == [answer]


@pytest.mark.parametrize("refusal", [errors.InviteExpired(), errors.Conflict(), errors.SlotUnavailable()])
def test_what_is_refused_is_said_while_the_offer_stands_and_else_what_became_of_it(
    invited: TestClient, stub: StubInvitations, refusal: DomainError
) -> None:
    stub.refusal = refusal
    back = invited.post("/invite/the-token/accept").headers["location"]
    assert "It could not be booked just now." in invited.get(back).text
    stub.state = InviteState.BOOKED
    assert "It could not be booked just now." not in invited.get(back).text


def test_whoever_has_accepted_is_led_to_their_place(invited: TestClient, stub: StubInvitations) -> None:
    stub.state = InviteState.BOOKED
    page = invited.get("/invite/the-token").text
    for said in ("You are booked", "G16", "Monday 2 March, 2:30 PM", 'href="/t/tracked"'):
        assert said in page
    assert "<form" not in page


@pytest.mark.parametrize("language", CATALOG)
@pytest.mark.parametrize("state", [state for state in InviteState if state is not InviteState.OFFERED])
def test_every_end_says_what_it_is_and_what_to_do_next(
    invited: TestClient, stub: StubInvitations, state: InviteState, language: str
) -> None:
    stub.state = state
    page = invited.get(f"/invite/the-token?lang={language}").text
    assert phrase(language, f"invite_{state}") in page
    assert 'class="button' in page


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (errors.InvalidTrackingToken(), 400, "This link is not valid"),
        (errors.NotFound("gone"), 404, "This appointment is not here any more"),
    ],
)
def test_a_link_that_leads_nowhere_says_so(
    invited: TestClient, stub: StubInvitations, error: DomainError, status: int, said: str
) -> None:
    stub.missing = stub.refusal = error
    for answer in (invited.get("/invite/the-token"), invited.post("/invite/the-token/accept")):
        assert answer.status_code == status
        assert said in answer.text


def test_a_tracker_shows_what_is_offered_besides_within_its_size(
    client: TestClient, tracking: StubTracking, offers: StubOffers
) -> None:
    assert 'action="/invite/' not in client.get("/t/token").text
    offers.awaited = Awaited(waits=True, offer=offer(), language="en")
    tracking.shows(delay_minutes=15, ahead=20)
    sizes = {}
    for language in CATALOG:
        answer = client.get(f"/t/token?lang={language}")
        assert re.search(rf'action="/invite/the-token/accept\?by=[^"]+&amp;lang={language}"', answer.text)
        sizes[language] = len(gzip.compress(answer.text.encode(), 9))
    assert max(sizes.values()) <= WHOLE_PAGE, sizes


def test_a_tracker_tells_the_place_also_while_the_waitlist_cannot_be_read(
    client: TestClient, offers: StubOffers, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> Awaited:
        raise errors.Unavailable

    monkeypatch.setattr(offers, "beside", away)
    answer = client.get("/t/token")
    assert answer.status_code == 200
    assert "4 people ahead of you" in answer.text
