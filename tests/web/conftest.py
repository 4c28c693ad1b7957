"""A server with nothing behind its pages: what a link shows is set by the test."""

from collections.abc import Iterator
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from queue_server.application.tracking import Tracked
from queue_server.application.views.tracking import (
    AppointmentView,
    ClinicView,
    DoctorView,
    NoticeView,
    QueueView,
    TrackedView,
    WaitRange,
)
from queue_server.application.waitlist.offers import Awaited
from queue_server.http.pages import page_routes
from queue_server.http.problems import on_domain_error
from queue_server.http.screens import BUILT
from scheduling_core.errors import DomainError
from scheduling_core.live_queue.state import EntryState, Mode, Priority

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def appointment_view(**changed: Any) -> AppointmentView:
    """Return Priya's appointment with Dr Mehta in Room 2."""
    facts: dict[str, Any] = {
        "id": UUID(int=1),
        "ticket": "G16",
        "start": NINE,
        "duration_minutes": 15,
        "visit_type": "consultation",
        "mode": Mode.IN_PERSON,
        "status": EntryState.WAITING,
        "clinic": ClinicView(id=UUID(int=2), name="Riverside Clinic", timezone="Asia/Kolkata", address="1 River St"),
        "doctor": DoctorView(id=UUID(int=3), name="Dr Mehta", specialty="General"),
        "room": "Room 2",
        "greeting": "Priya",
        "language": "en",
    }
    return AppointmentView(**{**facts, **changed})


def queue_view(**changed: Any) -> QueueView:
    """Return the place of somebody who waits behind four others."""
    facts: dict[str, Any] = {
        "position": 5,
        "total": 9,
        "ahead": 4,
        "estimated_wait_time": 28,
        "estimated_wait_range": WaitRange(p50=28, p90=51),
        "estimated_start_at": NINE,
        "arrive_by": None,
        "state": EntryState.WAITING,
        "queue_status": "4 people ahead of you.",
        "prompted": False,
        "last_called": "G12",
        "delay_minutes": 0,
        "paused": False,
        "closed": False,
        "grace_until": None,
        "notices": (),
        "window": NINE,
        "epoch": 1,
        "version": 7,
        "updated_at": NINE,
    }
    return QueueView(**{**facts, **changed})


def notice(message: str, priority: Priority = Priority.CRITICAL) -> NoticeView:
    """Return a broadcast in force."""
    return NoticeView(
        broadcast_id=UUID(int=9), message=message, priority=priority, estimated_delay=None, issued_at=NINE, until=NINE
    )


class StubTracking:
    """Answers every link with `view`, or raises `error`."""

    def __init__(self) -> None:
        self.view = TrackedView(appointment=appointment_view(), queue=queue_view())
        self.error: DomainError | None = None

    def shows(self, *, appointment: dict[str, Any] | None = None, **queue: Any) -> None:
        """Set what links show from now on."""
        self.view = TrackedView(appointment=appointment_view(**(appointment or {})), queue=queue_view(**queue))

    async def resolve(self, token: str) -> SimpleNamespace:
        """Return whose link it is."""
        return SimpleNamespace(tenant=UUID(int=7), entry=self.view.appointment.id)

    async def track(self, token: str, *, fresh: bool = False) -> Tracked:
        """Return the view, whatever the token."""
        if self.error is not None:
            raise self.error
        return Tracked(self.view, "etag")


class StubOffers:
    """Says of every patient that they wait for `awaited` besides."""

    def __init__(self) -> None:
        self.awaited = Awaited(waits=False)

    async def beside(self, tenant: UUID, appointment: UUID) -> Awaited:
        """Return it, whoever it is."""
        return self.awaited


@pytest.fixture
def tracking() -> StubTracking:
    return StubTracking()


@pytest.fixture
def offers() -> StubOffers:
    return StubOffers()


@pytest.fixture
def client(tracking: StubTracking, offers: StubOffers) -> Iterator[TestClient]:
    assert (BUILT / "tracker" / "tracker.js").is_file(), "The screens are not built: run `make web`."
    app = Starlette(routes=list(page_routes()), exception_handlers={DomainError: on_domain_error})
    settings = SimpleNamespace(public_url="https://queue.example")
    app.state.services = SimpleNamespace(tracking=tracking, waitlist_offers=offers, settings=settings)
    with TestClient(app, base_url="http://queue.example") as client:
        yield client
