"""Booking as a test drives it: by what a patient sees and taps."""

import json
import re
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from playwright.sync_api import Locator, Page, expect

from tests.e2e.demo import Api

COUNT_TAPS = """
addEventListener('click', (event) => {
  if (!event.isTrusted) return;
  sessionStorage.setItem('taps', String(Number(sessionStorage.getItem('taps') || 0) + 1));
}, true);
"""


CODE_SECONDS = 90


class Booking:
    """A phone on the pages for patients."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.bar = page.locator(".hold-bar")
        self.offer = page.locator(".offer")
        self.submit = page.locator("form button[type=submit]")

    def time(self, start: str) -> Locator:
        """Return the button of a time of the day that is shown, by what it says."""
        return self.page.locator(".times .time", has=self.page.locator(f"b:text-is('{start}')"))

    def day(self, wanted: str) -> Locator:
        """Return the button of a date."""
        return self.page.locator(f".day[data-date='{wanted}']")

    def expect_live(self) -> "Booking":
        """Wait until changes of times are told."""
        expect(self.page.locator(".freshness")).to_have_class("freshness live")
        return self

    def fill(self, name: str, contact: str) -> None:
        """Say who comes."""
        self.page.get_by_label("Name", exact=True).fill(name)
        self.page.get_by_label("Phone or e-mail").fill(contact)

    def expect_details(self) -> None:
        """Expect to be asked who comes, while the time is held."""
        expect(self.page.get_by_role("heading", name="Your details")).to_be_visible()
        expect(self.bar).to_contain_text(re.compile(r"Held for you\s*\d+:\d\d"))

    def book_and_pay_at_the_clinic(self) -> None:
        """Go on from the details to the confirmation."""
        self.submit.click()
        self.page.get_by_role("button", name="Book now, pay at the clinic").click()
        expect(self.page.get_by_role("heading", name="You are booked")).to_be_visible()

    @property
    def ticket(self) -> str:
        """What the confirmation says is the ticket."""
        return self.page.locator(".ticket").inner_text()

    @property
    def taps(self) -> int:
        """How often something was tapped since the page was opened."""
        return int(self.page.evaluate("sessionStorage.getItem('taps') || '0'"))


class Public:
    """What everybody may ask the demo."""

    def __init__(self, api: Api) -> None:
        self._http = httpx.Client(base_url=api.url, timeout=60, trust_env=False)
        self.tenant: str = api.sign_in("admin")["user"]["tenantId"]
        self.mail = api.mail

    def ask(self, path: str, **query: str) -> Any:
        """Return `data` of a public answer."""
        answer = self._http.get(path, params={"tenantId": self.tenant, **query})
        assert answer.is_success, answer.text
        return answer.json()["data"]

    def doctor(self, name: str) -> str:
        """Return the id of a doctor of the demo."""
        (found,) = self.ask("/api/doctors", q=name)
        return str(found["id"])

    def full_day(self, doctor: str, *, least: int = 8) -> str:
        """Return a day with many free times, not so soon that a test could be too late for it."""
        first = datetime.now(UTC).date() + timedelta(days=3)
        days = self.ask("/api/slots/days", doctorId=doctor, **{"from": str(first), "to": str(first + timedelta(30))})
        return str(next(one["date"] for one in days if one["free"] >= least))

    def slots(self, doctor: str, day: str) -> list[dict[str, Any]]:
        """Return the free slots of a day for patients who come."""
        found = self.ask("/api/slots/availability", doctorId=doctor, limit="200", **{"from": day, "to": day})
        return [one for one in found if one["remaining"]["inPerson"] > 0]

    def clinic_of(self, name: str) -> str:
        """Return the id of the clinic where a doctor of the demo works."""
        (found,) = self.ask("/api/doctors", q=name)
        return str(found["homeClinicId"])

    def shared_times(self, clinic: str, day: str) -> dict[str, set[str]]:
        """Return who is free at each time of a day at a clinic, by when it starts: the times that most have."""
        found = self.ask("/api/slots/availability", clinicId=clinic, limit="200", **{"from": day, "to": day})
        free: dict[str, set[str]] = {}
        for one in found:
            if one["remaining"]["inPerson"] > 0:
                free.setdefault(one["start"], set()).add(one["doctorName"])
        most = max(map(len, free.values()))
        return {start: names for start, names in free.items() if len(names) == most}

    def hold_any(self, clinic: str, start: str) -> str:
        """Hold a time at a clinic as a guest of one's own and return whose it is."""
        body = {"clinicId": clinic, "start": start}
        answer = self._http.post("/api/slots/any/hold", json=body, headers={"X-Tenant-Id": self.tenant})
        assert answer.is_success, answer.text
        return str(answer.json()["data"]["slot"]["doctorName"])

    def code(self, contact: str, *, after: int) -> str:
        """Return the newest code that was sent to a contact, once more than `after` mails were; or an empty text."""
        # Whoever has booked is told that as well: codes stand in the subjects of their own mails.
        found = [code for mail in self.mails(contact)[after:] for code in re.findall(r"\b\d{6}\b", mail["subject"])]
        return found[-1] if found else ""

    def awaited_code(self, contact: str, *, after: int) -> str:
        """Wait until a worker has sent the code."""
        end = time.monotonic() + CODE_SECONDS
        while time.monotonic() < end:
            if found := self.code(contact, after=after):
                return found
            time.sleep(0.1)
        raise AssertionError(f"no code came to {contact}")

    def patient(self, contact: str, name: str = "", family: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the sign-in of a new patient with a family."""
        before, who = len(self.mails(contact)), {"tenantId": self.tenant, "email": contact}
        assert self._http.post("/api/auth/code", json=who).is_success
        proof = {"code": self.awaited_code(contact, after=before), **({"name": name} if name else {})}
        signed_in: dict[str, Any] = self._http.post("/api/auth/code/verify", json={**who, **proof}).json()["data"]
        headers = {"Authorization": f"Bearer {signed_in['accessToken']}"}
        for one in family:
            assert self._http.post("/api/me/family", json={"name": one}, headers=headers).is_success
        return signed_in

    def mails(self, contact: str) -> list[dict[str, str]]:
        """Return the mails to a contact, oldest first."""
        told = json.loads(httpx.get(f"{self.mail}messages.json", timeout=60, trust_env=False).text)
        return [one for one in told if one["to"] == contact]

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()
