"""A day that is full, people who wait for it, and what is offered to them; far ahead, where no other test looks."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

import httpx

from tests.e2e.booking import Public
from tests.e2e.demo import Api

FIRST, LAST = 38, 80
"""How many days ahead, at least and at most."""


class FullDay(NamedTuple):
    """A day of a doctor on which nothing is free, and the visits that took its one time."""

    doctor: str
    clinic: str
    day: str
    slot: str
    start: str
    visits: list[str]


class Waiting:
    """Makes days full, lets people wait for them, and frees a time."""

    def __init__(self, api: Api, public: Public, used: set[str]) -> None:
        """`used` are days that were made full before."""
        self._api = api
        self._public = public
        self._http = httpx.Client(base_url=api.url, timeout=60, trust_env=False)
        self._used = used

    def full_day(self, doctor: str) -> FullDay:
        """Block all times of the doctor's emptiest day but one, and book that one up."""
        today = datetime.now(UTC).date()
        span = {"from": str(today + timedelta(FIRST)), "to": str(today + timedelta(LAST))}
        days = self._public.ask("/api/slots/days", doctorId=doctor, mode="in_person", **span)
        found = [one for one in days if one["free"] and one["date"] not in self._used]
        day = min(found, key=lambda one: (one["free"], one["date"]))["date"]
        self._used.add(day)
        asked = {"doctorId": doctor, "limit": "200", "from": day, "to": day}
        kept, *others = sorted(
            self._public.ask("/api/slots/availability", **asked), key=lambda one: -one["remaining"]["inPerson"]
        )
        for one in others:
            self._api.call("POST", f"/api/slots/{one['id']}/block", {"reason": "Held back"})
        visits: list[str] = []
        while self._public.ask("/api/slots/availability", **asked):
            body = {"patient": {"name": f"Ottokar Quimby {len(visits)}"}, "mode": "in_person"}
            booked = self._api.call("POST", f"/api/slots/{kept['id']}/book", body, key=uuid4().hex)
            visits.append(booked["appointment"]["id"])
        return FullDay(doctor, kept["clinicId"], day, kept["id"], kept["start"], visits)

    def give_up(self, full: FullDay) -> None:
        """Let one of those who are booked cancel."""
        self._api.call("POST", f"/api/appointments/{full.visits.pop()}/cancel", {}, key=uuid4().hex)

    def join(self, full: FullDay, patient: dict[str, Any], **more: Any) -> dict[str, Any]:
        """Let somebody who has signed in wait for that day and return the entry."""
        start, hours = datetime.fromisoformat(full.start), timedelta(hours=6)
        window = {"start": (start - hours).isoformat(), "end": (start + hours).isoformat()}
        body = {"clinicId": full.clinic, "doctorId": full.doctor, "requestedWindow": window, **more}
        joined: dict[str, Any] = self.ask(patient, "POST", "/api/waitlists", body)
        return joined

    def offer(self, patient: dict[str, Any], entry: dict[str, Any]) -> dict[str, Any] | None:
        """Return what is offered to somebody just now, as their account is told."""
        found: dict[str, Any] | None = self.ask(patient, "GET", f"/api/waitlists/{entry['id']}/timeline")["offer"]
        return found

    def ask(self, patient: dict[str, Any], method: str, path: str, body: object = None) -> Any:
        """Return `data` of what is answered to a patient."""
        headers = {"Authorization": f"Bearer {patient['accessToken']}"}
        answer = self._http.request(method, path, json=body, headers=headers)
        assert answer.is_success, answer.text
        return answer.json()["data"]

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()
