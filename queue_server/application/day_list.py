"""A clinic's day list as a CSV file: read, checked cell by cell, and turned into visits. No I/O.

Columns, in any order and with or without the optional ones (names in any case; spaces, `_` and `-` are the same):
`doctor` (name or id), `start` (09:15, or with its date), `patient`, and optionally `phone`, `visit type`, `paid at`,
`triage`, `booked at`, `duration`, `language`, `email`. Times are on the clinic's wall clock; of a time that comes twice
when the clocks go back, the first is meant. docs/day-list.md is the operator's page about all this.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import zip_longest
from typing import TypeVar
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import msgspec

from queue_server.application.desk_bodies import PatientBody
from queue_server.application.directory import DoctorEntry
from queue_server.application.enrolment import Visit
from queue_server.application.people import folded, phone_key
from queue_server.application.plain_text import email_address, one_line
from scheduling_core.errors import InvalidValue
from scheduling_core.ids import EntryId, PatientId, TenantId

T = TypeVar("T")
MOST_ROWS = 20_000
LONGEST_QUOTE = 60
FARTHEST = timedelta(days=400)
REQUIRED = ("doctor", "start", "patient")
OPTIONAL = ("phone", "visit type", "paid at", "triage", "booked at", "duration", "language", "email")


class CellError(msgspec.Struct, frozen=True):
    """What is wrong in one cell; `row` as a spreadsheet counts it (the header is row 1), 0 for the whole file."""

    row: int
    column: str
    message: str


class DayList(msgspec.Struct, frozen=True):
    """What a file says. There are visits only when there are no errors."""

    visits: tuple[Visit, ...] = ()
    rows: tuple[int, ...] = ()
    """Where each visit stands in the file."""
    errors: tuple[CellError, ...] = ()


def read_day_list(
    content: bytes, *, tenant: TenantId, doctors: Sequence[DoctorEntry], day: str, now: datetime
) -> DayList:
    """Return the visits that `content` lists for `day` (where a row gives no date of its own), or every error in it.

    The same row always gives the same visit: importing a file again finds everybody already there.
    """
    try:
        rows = _rows(content)
        columns = _columns(rows[0])
    except _Unreadable as error:
        return DayList(errors=error.errors)
    reader = _Reader(tenant, doctors, day, now)
    visits: list[Visit] = []
    numbers: list[int] = []
    for number, cells in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in cells) and (visit := reader.visit(number, columns, cells)) is not None:
            visits.append(visit)
            numbers.append(number)
    if not visits and not reader.errors:
        return DayList(errors=(CellError(0, "", "The file lists nobody."),))
    if reader.errors:
        return DayList(errors=tuple(reader.errors))
    return DayList(visits=tuple(visits), rows=tuple(numbers))


class _Unreadable(Exception):
    """The file as a whole cannot be read."""

    def __init__(self, *errors: CellError) -> None:
        self.errors = errors


def _rows(content: bytes) -> list[list[str]]:
    """Return the file's rows, the header first."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        row = content[: error.start].count(b"\n") + 1
        raise _Unreadable(CellError(row, "", "The file is not in UTF-8: save it as “CSV UTF-8”.")) from None
    # Some spreadsheets name the delimiter in a line of its own, which they do not show.
    text = re.sub(r"\A\ufeff?sep=[,;\t]\r?\n", "", text, count=1)
    rows: list[list[str]] = []
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True):
            rows.append(cells)
            if len(rows) > MOST_ROWS + 1:
                raise _Unreadable(CellError(0, "", f"The file has more than {MOST_ROWS} rows."))
    except csv.Error as error:
        raise _Unreadable(CellError(len(rows) + 1, "", f"This row is not CSV: {error}.")) from None
    if not rows or not any(cell.strip() for cell in rows[0]):
        raise _Unreadable(CellError(1, "", f"The first row must name the columns: {', '.join(REQUIRED)} …"))
    return rows


def _delimiter(text: str) -> str:
    """Return what separates the header's columns: spreadsheets of some countries write semicolons."""
    header = re.split(r"[\r\n]", text.lstrip("\r\n"), maxsplit=1)[0]
    return max(",;\t", key=header.count)


def _columns(header: Sequence[str]) -> list[str]:
    """Return the columns' names; a column without one may stand in the file as long as it is empty."""
    names = [re.sub(r"[\s_-]+", " ", cell).strip().casefold() for cell in header]
    errors = [
        CellError(1, shown(given), f"Unknown column; there are {', '.join((*REQUIRED, *OPTIONAL))}.")
        for name, given in zip(names, header, strict=True)
        if name and name not in REQUIRED and name not in OPTIONAL
    ]
    errors += [CellError(1, name, "This column is missing.") for name in REQUIRED if name not in names]
    twice = [name for place, name in enumerate(names) if name and name in names[:place]]
    errors += [CellError(1, shown(name), "This column stands there twice.") for name in dict.fromkeys(twice)]
    if errors:
        raise _Unreadable(*errors)
    return names


def shown(text: str) -> str:
    """Return what a cell holds as a message may quote it: short, and nothing that a terminal would obey."""
    printable = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:LONGEST_QUOTE])
    return printable + ("…" if len(text) > LONGEST_QUOTE else "")


class _Reader:
    """Reads rows; collects what is wrong instead of stopping at the first error."""

    def __init__(self, tenant: TenantId, doctors: Sequence[DoctorEntry], day: str, now: datetime) -> None:
        self.errors: list[CellError] = []
        self._tenant = tenant
        self._day = date.fromisoformat(day)
        self._now = now
        self._doctors: dict[str, list[DoctorEntry]] = {}
        for doctor in doctors:
            for name in (folded(doctor.name), str(doctor.id)):
                self._doctors.setdefault(name, []).append(doctor)
        self._zone = ZoneInfo(doctors[0].timezone if doctors else "UTC")
        """For checking what else is in a row whose doctor is not known."""
        self._seen: dict[UUID, int] = {}

    def visit(self, row: int, columns: Sequence[str], values: Sequence[str]) -> Visit | None:
        """Return the row's visit, or None after noting what is wrong with it."""
        before = len(self.errors)
        cells = {name: value.strip() for name, value in zip(columns, values, strict=False) if name}
        if any(value.strip() for name, value in zip_longest(columns, values, fillvalue="") if not name):
            self.errors.append(CellError(row, "", "There is a cell in a column that the first row does not name."))

        def read(column: str, parse: Callable[[str], T], default: T | None = None) -> T | None:
            text = cells.get(column, "")
            try:
                if text:
                    return parse(text)
                if column in REQUIRED:
                    raise InvalidValue("This must not be empty.")
            except InvalidValue as error:
                self.errors.append(CellError(row, column, error.detail))
                return None
            return default

        doctor = read("doctor", self._doctor)
        zone = ZoneInfo(doctor.timezone) if doctor is not None else self._zone
        start = read("start", lambda text: self._start(text, zone))
        patient = read("patient", _name)
        phone = read("phone", _phone)
        email = read("email", email_address)
        language = read("language", _language, "en")
        visit_type = read("visit type", _visit_type, "consultation")
        triage = read("triage", lambda text: _whole(text, 1, 5), 4)
        duration = read("duration", lambda text: _whole(text, 1, 720))
        paid_at = read("paid at", lambda text: self._past(text, zone))
        booked_at = read("booked at", lambda text: self._past(text, zone))
        if len(self.errors) > before:
            return None
        assert doctor is not None
        assert start is not None
        assert patient is not None
        entry = uuid5(self._tenant, f"visit:{doctor.id}:{start.isoformat()}:{phone or ''}:{folded(patient)}")
        # A name alone tells nobody from a namesake: then each visit has a patient of its own.
        reached_at = f"{phone or ''}:{email or ''}" if phone or email else str(entry)
        who = uuid5(self._tenant, f"patient:{reached_at}:{folded(patient)}")
        if entry in self._seen:
            self.errors.append(CellError(row, "patient", f"The same visit stands in row {self._seen[entry]}."))
            return None
        self._seen[entry] = row
        return Visit(
            id=EntryId(entry),
            doctor=doctor.id,
            date=start.astimezone(zone).date().isoformat(),
            start=start,
            patient_id=PatientId(who),
            patient=PatientBody(name=patient, phone=phone, email=email, language=language or "en"),
            visit_type=visit_type or "consultation",
            triage=triage or 4,
            duration=duration,
            booked_at=booked_at,
            paid_at=paid_at,
        )

    def _doctor(self, text: str) -> DoctorEntry:
        found = self._doctors.get(folded(text)) or []
        if not found:
            raise InvalidValue(f"No doctor of this clinic is called “{shown(text)}”.")
        if len(found) > 1:
            raise InvalidValue(f"Several doctors are called “{shown(text)}”: give the id.")
        return found[0]

    def _instant(self, text: str, zone: ZoneInfo) -> datetime:
        match = re.fullmatch(r"(?:([0-9]{4}-[0-9]{2}-[0-9]{2})[T ])?([0-9]{1,2}):([0-9]{2})(?::[0-9]{2})?", text)
        if match is None:
            raise InvalidValue("Give a time as 09:15, or with its date as 2030-01-31 09:15.")
        try:
            day = date.fromisoformat(match[1]) if match[1] else self._day
            wall = datetime.combine(day, time(int(match[2]), int(match[3])), zone)
            instant = wall.astimezone(UTC)
        except (ValueError, OverflowError):
            raise InvalidValue("There is no such date or time.") from None
        if instant.astimezone(wall.tzinfo).replace(tzinfo=None) != wall.replace(tzinfo=None):
            raise InvalidValue("The clocks go forward over this time: it does not exist on that day.")
        if abs(instant - self._now) > FARTHEST:
            raise InvalidValue(f"This is more than {FARTHEST.days} days away.")
        return instant

    def _start(self, text: str, zone: ZoneInfo) -> datetime:
        instant = self._instant(text, zone)
        if instant.astimezone(zone).date() < self._now.astimezone(zone).date():
            raise InvalidValue("This day is over.")
        return instant

    def _past(self, text: str, zone: ZoneInfo) -> datetime:
        instant = self._instant(text, zone)
        if instant > self._now:
            raise InvalidValue("This lies in the future.")
        return instant


def _phone(text: str) -> str:
    if not re.fullmatch(r"\+?[0-9 ()./-]{3,32}", text) or len(phone_key(text)) < 3:
        raise InvalidValue("This is not a phone number.")
    return phone_key(text)


def _name(text: str) -> str:
    # A spreadsheet that opens an export of ours would run it.
    if text[0] in "=+-@":
        raise InvalidValue("This begins like a formula, not like a name.")
    return one_line(text, "patient", longest=200)


def _language(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?", text):
        raise InvalidValue("Give a language as its code, such as en or es.")
    language, hyphen, region = text.partition("-")
    return language.lower() + hyphen + region


def _visit_type(text: str) -> str:
    slug = re.sub(r"\s+", "-", text.casefold())
    if not re.fullmatch(r"[a-z0-9_-]{1,32}", slug):
        raise InvalidValue("Give a visit type of up to 32 letters, digits and hyphens.")
    return slug


def _whole(text: str, least: int, most: int) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text) or not least <= int(text) <= most:
        raise InvalidValue(f"Give a whole number from {least} to {most}.")
    return int(text)
