"""People who want a time: guests, who hold and then book, and desks, which book straight away."""

from uuid import UUID, uuid4

import msgspec

from loadtests.booking.caller import Answer, Caller
from loadtests.house import Clinic

FIELD = "X-Session-Token"


class Guest:
    """Somebody without an account, with a session token from their first hold on."""

    def __init__(self, clinic: Clinic, caller: Caller, *, number: int = 0) -> None:
        self.caller = caller
        self._clinic = clinic
        self.token: str | None = None
        self.contact = {"name": f"Mei Chen {number}", "phone": f"+44 20 7946 {number % 10_000:04}"}

    @property
    def headers(self) -> dict[str, str]:
        """Return what says who this is, and of which clinic."""
        session = {FIELD: self.token} if self.token is not None else {}
        return {"X-Tenant-Id": str(self._clinic.tenant), **session}

    async def hold(self, slot: UUID) -> Answer:
        """Ask to keep the slot; raises `NoAnswer`."""
        answer = await self.caller.call("POST", f"/api/slots/{slot}/hold", {"mode": "in_person"}, self.headers)
        if answer.status < 300 and self.token is None:
            self.token = answer.data["sessionToken"]
        return answer

    async def release(self, slot: UUID) -> Answer:
        """Give up what is kept of the slot; raises `NoAnswer`."""
        return await self.caller.call("DELETE", f"/api/slots/{slot}/hold", None, self.headers)

    async def book(self, slot: UUID, hold: str, *, key: str | None = None) -> Answer:
        """Book the slot from a hold; raises `NoAnswer`."""
        body = {"holdId": hold, "patient": self.contact}
        headers = {**self.headers, "Idempotency-Key": key or uuid4().hex}
        return await self.caller.call("POST", f"/api/slots/{slot}/book", body, headers)


class Desk:
    """A receptionist."""

    def __init__(self, clinic: Clinic, caller: Caller, *, number: int = 0) -> None:
        self.caller = caller
        self._headers = {"Authorization": f"Bearer {clinic.token}"}
        self._patient = {"name": f"Ravi Patel {number}"}

    async def book(self, slot: UUID, *, key: str | None = None) -> Answer:
        """Book the slot for somebody; raises `NoAnswer`."""
        headers = {**self._headers, "Idempotency-Key": key or uuid4().hex}
        return await self.caller.call("POST", f"/api/slots/{slot}/book", {"patient": self._patient}, headers)

    async def reschedule(self, appointment: str, slot: UUID, *, key: str | None = None) -> Answer:
        """Move an appointment to another slot; raises `NoAnswer`."""
        headers = {**self._headers, "Idempotency-Key": key or uuid4().hex}
        path = f"/api/appointments/{appointment}/reschedule"
        return await self.caller.call("POST", path, {"slotId": str(slot)}, headers)

    async def cancel(self, appointment: str, *, key: str | None = None) -> Answer:
        """Cancel an appointment; raises `NoAnswer`."""
        headers = {**self._headers, "Idempotency-Key": key or uuid4().hex}
        return await self.caller.call("POST", f"/api/appointments/queue/cancel/{appointment}", {}, headers)

    async def times(self, doctor: UUID, day: str) -> Answer:
        """Read the doctor's slots of a day; raises `NoAnswer`."""
        return await self.caller.call("GET", f"/api/doctors/{doctor}/slots?from={day}&to={day}", None, self._headers)


class Booked(msgspec.Struct, frozen=True):
    """An acknowledged booking."""

    slot: UUID
    appointment: str
