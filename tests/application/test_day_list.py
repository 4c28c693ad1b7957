"""Day lists: every column, every mistake by row and column, and whatever spreadsheets make of a CSV file."""

from datetime import UTC, datetime
from uuid import UUID, uuid5

import pytest

from queue_server.application import day_list
from queue_server.application.day_list import CellError, DayList, read_day_list
from queue_server.application.directory import DoctorEntry
from queue_server.store.clinics import ClinicCapacity
from scheduling_core.ids import ClinicId, DoctorId, TenantId
from scheduling_core.live_queue.policy import QueuePolicy

TENANT = TenantId(UUID(int=1))
NOW = datetime(2030, 1, 31, 7, 0, tzinfo=UTC)
DAY = "2030-01-31"


def doctor(name: str, zone: str = "UTC") -> DoctorEntry:
    return DoctorEntry(
        # The same in every process: it is part of a test's name below.
        id=DoctorId(uuid5(TENANT, f"{name} {zone}")),
        name=name,
        specialty="General",
        room="Room 1",
        ticket_prefix="G",
        active=True,
        clinic_active=True,
        clinic=ClinicId(UUID(int=2)),
        clinic_slug="riverside",
        clinic_name="Riverside",
        address="1 River Street",
        timezone=zone,
        policy=QueuePolicy(),
        capacity=ClinicCapacity(),
        clinics=(ClinicId(UUID(int=2)),),
    )


MEHTA = doctor("Dr Mehta")


def read(
    content: str | bytes, *, doctors: tuple[DoctorEntry, ...] = (MEHTA,), day: str = DAY, now: datetime = NOW
) -> DayList:
    encoded = content.encode() if isinstance(content, str) else content
    return read_day_list(encoded, tenant=TENANT, doctors=doctors, day=day, now=now)


def row(**cells: str) -> DayList:
    """Read a file of one good row, with `cells` in it (`visit_type` for the column `visit type`)."""
    named = {"doctor": "Dr Mehta", "start": "09:15", "patient": "Asha Rao"} | cells
    names = ",".join(name.replace("_", " ") for name in named)
    values = ",".join('"' + value.replace('"', '""') + '"' for value in named.values())
    return read(f"{names}\n{values}\n")


def errors(listed: DayList) -> list[tuple[int, str]]:
    assert listed.visits == ()
    return [(error.row, error.column) for error in listed.errors]


def test_every_column_is_read() -> None:
    (visit,) = row(
        phone="+44 20 7946 0001",
        visit_type="Follow up",
        paid_at="2030-01-30 18:00",
        triage="2",
        booked_at="2030-01-20 12:30",
        duration="25",
        language="pt-BR",
        email="Asha@Example.org",
    ).visits
    assert (visit.doctor, visit.date, visit.start) == (MEHTA.id, DAY, datetime(2030, 1, 31, 9, 15, tzinfo=UTC))
    patient = visit.patient
    assert (patient.name, patient.phone, patient.email) == ("Asha Rao", "+442079460001", "asha@example.org")
    assert patient.language == "pt-BR"
    assert (visit.visit_type, visit.triage, visit.duration) == ("follow-up", 2, 25)
    assert visit.paid_at == datetime(2030, 1, 30, 18, 0, tzinfo=UTC)
    assert visit.booked_at == datetime(2030, 1, 20, 12, 30, tzinfo=UTC)


def test_what_is_not_given_has_its_usual_value() -> None:
    (visit,) = row(phone="", visit_type="", paid_at="", triage="", duration="", language="").visits
    assert (visit.patient.phone, visit.patient.language, visit.visit_type) == (None, "en", "consultation")
    assert (visit.triage, visit.duration, visit.paid_at, visit.booked_at) == (4, None, None, None)


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("doctor", "", "must not be empty"),
        ("doctor", "Dr Who", "No doctor of this clinic is called “Dr Who”"),
        ("doctor", "Dr\x1b[2JMehta", "�"),
        ("start", "", "must not be empty"),
        ("start", "9.15", "09:15"),
        ("start", "9:15 AM", "09:15"),
        ("start", "24:00", "no such date or time"),
        ("start", "2030-02-30 09:00", "no such date or time"),
        ("start", "٠٩:١٥", "09:15"),
        ("start", "0001-01-01 00:00", "400 days"),
        ("start", "9999-12-31 23:59", "400 days"),
        ("start", "2030-01-30 09:00", "This day is over"),
        ("start", "31/01/2030 09:15", "09:15"),
        ("patient", "", "must not be empty"),
        ("patient", "x" * 201, "200"),
        ("patient", "Asha\x00Rao", "printed"),
        ("patient", "Asha\nRao", "printed"),
        ("patient", "=HYPERLINK(A1)", "formula"),
        ("patient", "+1+1", "formula"),
        ("patient", "@SUM(A1)", "formula"),
        ("phone", "call me", "phone number"),
        ("phone", "4.42E+11", "phone number"),
        ("phone", "--", "phone number"),
        ("phone", '="0123"', "phone number"),
        ("visit type", "a/b", "letters, digits and hyphens"),
        ("visit type", "x" * 33, "letters, digits and hyphens"),
        ("paid at", "yesterday", "09:15"),
        ("paid at", "2030-01-31 07:01", "future"),
        ("triage", "0", "1 to 5"),
        ("triage", "6", "1 to 5"),
        ("triage", "2.0", "1 to 5"),
        ("triage", "²", "1 to 5"),
        ("booked at", "2030-02-01 09:00", "future"),
        ("duration", "0", "1 to 720"),
        ("duration", "721", "1 to 720"),
        ("language", "English", "code"),
        ("email", "nobody", "e-mail"),
    ],
)
def test_a_bad_cell_is_named_by_row_and_column(column: str, value: str, says: str) -> None:
    listed = row(**{column.replace(" ", "_"): value})
    assert errors(listed) == [(2, column)]
    assert says in listed.errors[0].message
    assert listed.errors[0].message.replace("…", "").isprintable()


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    listed = read("doctor,start,patient,triage\nDr Mehta,9:00,A,9\nDr Who,25:00,B,\nDr Mehta,9:15,C,\n")
    assert errors(listed) == [(2, "triage"), (3, "doctor"), (3, "start")]


@pytest.mark.parametrize(
    "content",
    [
        "﻿doctor,start,patient\nDr Mehta,09:15,Asha Rao\n",
        "doctor;start;patient\nDr Mehta;09:15;Asha Rao\n",
        "doctor\tstart\tpatient\nDr Mehta\t09:15\tAsha Rao\n",
        "doctor,start,patient\r\nDr Mehta,09:15,Asha Rao\r\n",
        "doctor,start,patient\rDr Mehta,09:15,Asha Rao\r",
        "doctor,start,patient\nDr Mehta,09:15,Asha Rao",
        '"doctor","start","patient"\n"Dr Mehta","09:15","Asha Rao"\n',
        "Patient , START,Doctor\n Asha Rao ,9:15,dr mehta\n",
        "sep=;\r\ndoctor;start;patient\r\nDr Mehta;09:15;Asha Rao\r\n",
        "doctor,start,patient\n\n,,\nDr Mehta,09:15,Asha Rao\n\n\n",
        "doctor,start,patient,,\nDr Mehta,09:15,Asha Rao,,\n",
        "doctor,start,patient\nDr Mehta,09:15,Asha Rao,,,\n",
        "doctor,start,patient,phone\nDr Mehta,09:15,Asha Rao\n",
        "doctor,start,patient\nDR  MEHTA,2030-01-31T09:15:00,Asha Rao\n",
        f"doctor,start,patient\n{MEHTA.id},09:15,Asha Rao\n",
    ],
)
def test_whatever_a_spreadsheet_writes_is_the_same_visit(content: str) -> None:
    plain = read("doctor,start,patient\nDr Mehta,09:15,Asha Rao\n")
    assert read(content).visits == plain.visits != ()


def test_names_keep_commas_quotes_and_accents() -> None:
    listed = read('doctor,start,patient\nDr Mehta,09:15,"Díaz, Tomás ""Tom"""\n')
    assert [v.patient.name for v in listed.visits] == ['Díaz, Tomás "Tom"']


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", [(1, "")]),
        ("\n\n", [(1, "")]),
        ("doctor,start,patient\n", [(0, "")]),
        ("doctor,start,patient\n,,\n", [(0, "")]),
        ("Dr Mehta,9:15,A\n", [(1, c) for c in ("Dr Mehta", "9:15", "A", "doctor", "start", "patient")]),
        ("doctor,start,name\n", [(1, "name"), (1, "patient")]),
        ("doctor,start,patient,start\n", [(1, "start")]),
        ("doctor,start,patient\nDr Mehta,09:15,Asha Rao,extra\n", [(2, "")]),
        ("doctor,start,patient,\nDr Mehta,09:15,Asha Rao,extra\n", [(2, "")]),
        ('doctor,start,patient\nDr Mehta,09:15,"Asha" Rao\n', [(2, "")]),
        ('doctor,start,patient\nDr Mehta,09:15,"Asha Rao\n', [(2, "")]),
        ("doctor,start,patient\nDr Mehta,09:15," + "x" * 200_000 + "\n", [(2, "")]),
    ],
)  # fmt: skip
def test_a_file_that_is_no_day_list_is_refused(content: str, expected: list[tuple[int, str]]) -> None:
    assert errors(read(content)) == expected


@pytest.mark.parametrize("encoding", ["latin-1", "utf-16"])
def test_another_encoding_is_refused_by_row(encoding: str) -> None:
    listed = read("doctor,start,patient\nDr Mehta,09:15,Tomás\n".encode(encoding))
    assert "UTF-8" in listed.errors[0].message
    assert listed.errors[0].row == (2 if encoding == "latin-1" else 1)


def test_too_many_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day_list, "MOST_ROWS", 2)
    rows = [f"Dr Mehta,09:{minute},Asha Rao" for minute in (10, 11, 12)]
    assert len(read("\n".join(["doctor,start,patient", *rows[:2]])).visits) == 2
    assert errors(read("\n".join(["doctor,start,patient", *rows]))) == [(0, "")]


def test_two_doctors_of_one_name_are_told_apart_by_id() -> None:
    namesake = doctor("dr méhta")
    both = (MEHTA, namesake)
    listed = read("doctor,start,patient\nDr Mehta,09:15,Asha Rao\n", doctors=both)
    assert listed.errors == (CellError(2, "doctor", "Several doctors are called “Dr Mehta”: give the id."),)
    assert read(f"doctor,start,patient\n{namesake.id},09:15,A\n", doctors=both).visits[0].doctor == namesake.id


def test_the_same_visit_twice_is_refused_however_it_is_written() -> None:
    listed = read(
        "doctor,start,patient,phone\n"
        "Dr Mehta,09:15,Asha Rao,+44 20 7946 0001\n"
        "Dr Mehta,09:15,Imran Khan,+44 20 7946 0001\n"
        "dr mehta,2030-01-31 9:15,ASHA  RAO,+44 (20) 7946-0001\n"
    )
    assert errors(listed) == [(4, "patient")]
    assert "row 2" in listed.errors[0].message


def test_a_person_with_a_phone_is_one_patient_and_a_bare_name_is_nobody_in_particular() -> None:
    listed = read(
        "doctor,start,patient,phone\n"
        "Dr Mehta,09:15,Asha Rao,123456\nDr Mehta,10:15,Asha Rao,123456\n"
        "Dr Mehta,09:15,Jo Doe,\nDr Mehta,10:15,Jo Doe,\n"
    )
    first, second, third, fourth = (v.patient_id for v in listed.visits)
    assert first == second
    assert len({first, third, fourth}) == 3


def test_a_row_may_carry_another_date_of_its_own() -> None:
    (visit,) = row(start="2030-02-01 08:00").visits
    assert visit.date == "2030-02-01"


def test_what_is_paid_at_a_bare_time_was_paid_that_day() -> None:
    (visit,) = row(paid_at="06:30").visits
    assert visit.paid_at == datetime(2030, 1, 31, 6, 30, tzinfo=UTC)


BERLIN = doctor("Dr Mehta", "Europe/Berlin")


def berlin(start: str, day: str, now: datetime) -> DayList:
    return read(f"doctor,start,patient\nDr Mehta,{start},Asha Rao\n", doctors=(BERLIN,), day=day, now=now)


def test_times_are_on_the_clinics_wall_clock() -> None:
    (visit,) = berlin("00:30", "2030-01-31", datetime(2030, 1, 30, 12, tzinfo=UTC)).visits
    assert (visit.start, visit.date) == (datetime(2030, 1, 30, 23, 30, tzinfo=UTC), "2030-01-31")


def test_a_time_that_the_clocks_skip_does_not_exist() -> None:
    listed = berlin("02:30", "2030-03-31", datetime(2030, 3, 30, tzinfo=UTC))
    assert errors(listed) == [(2, "start")]
    assert "clocks go forward" in listed.errors[0].message


def test_of_a_time_that_comes_twice_the_first_is_meant() -> None:
    (visit,) = berlin("02:30", "2030-10-27", datetime(2030, 10, 26, tzinfo=UTC)).visits
    assert visit.start == datetime(2030, 10, 27, 0, 30, tzinfo=UTC)
