"""`queue-server import-day`: against an installation that runs and one that does not, for people and for programs."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.conftest import ROOT, Running, in_process, queue_server

TOMORROW = (datetime.now(UTC) + timedelta(days=1)).date().isoformat()
EXAMPLE = str(ROOT / "docs" / "examples" / "day.csv")


@pytest.fixture
def day(tmp_path: Path) -> Path:
    """A list for tomorrow; each test has people of its own."""
    file = tmp_path / "day.csv"
    who = tmp_path.name
    file.write_text(
        f"doctor;start;patient;phone\nDr Mehta;09:00;[bold]Asha {who}[/];+1 555 0101\nDr Sørensen;09:10;Imran {who};\n"
    )
    return file


def imported(file: Path | str, data: Path, *options: str) -> dict[str, Any]:
    code, out, errors = in_process(
        "import-day", str(file), "--date", TOMORROW, "--data-dir", str(data), "--json", *options
    )
    assert out.count("\n") == 1, (out, errors)
    told: dict[str, Any] = json.loads(out)
    assert code == (1 if told["errors"] else 0)
    return told


def get(url: str) -> httpx.Response:
    return httpx.get(url, trust_env=False, timeout=60, headers={"Accept": "application/json"})


def test_the_example_is_imported_once_into_a_running_house_and_its_links_work(
    house: Running, installation: Path
) -> None:
    dry = imported(EXAMPLE, installation, "--dry-run")
    assert (dry["added"], dry["dryRun"]) == (8, True)
    assert {a["trackingUrl"] for a in dry["appointments"]} == {None}
    first = imported(EXAMPLE, installation)
    assert (first["added"], first["paid"], first["unchanged"]) == (8, 0, 0)
    again = imported(EXAMPLE, installation)
    assert (again["added"], again["paid"], again["unchanged"]) == (0, 0, 8)
    assert [a["appointmentId"] for a in again["appointments"]] == [a["appointmentId"] for a in first["appointments"]]
    for told in (first, again):
        link = told["appointments"][3]["trackingUrl"]
        assert link.startswith(house.first_line.split()[2])
        api = link.replace("/t/", "/api/appointments/track/")
        assert get(api).json()["data"]["appointment"]["ticket"] == told["appointments"][3]["ticket"]


def test_people_are_shown_their_links_whole_and_as_pictures(house: Running, installation: Path, day: Path) -> None:
    pictures = day.parent / "pictures"
    done = queue_server(
        *("import-day", str(day), "--date", TOMORROW, "--data-dir", str(installation), "--qr"),
        *("--qr-dir", str(pictures)),
        env={"COLUMNS": "60"},
    )
    assert done.returncode == 0, done.stderr
    assert "[bold]Asha" in done.stdout, "what stands in a file is no markup"
    links = [line.strip() for line in done.stdout.splitlines() if "/t/" in line]
    assert len(links) == 2
    assert all(get(link.replace("/t/", "/api/appointments/track/")).status_code == 200 for link in links)
    assert "2 added, 0 paid, 0 there already." in done.stdout
    assert "▀" in done.stdout
    assert sorted(p.suffix for p in pictures.iterdir()) == [".svg", ".svg"]


def test_mistakes_are_shown_as_a_table_and_nothing_is_imported(house: Running, installation: Path, day: Path) -> None:
    good = day.read_text()
    day.write_text(good + "Dr Who;9;Nobody;\n")
    told = imported(day, installation)
    assert [(e["row"], e["column"]) for e in told["errors"]] == [(4, "doctor"), (4, "start")]
    assert (told["added"], told["appointments"]) == (0, [])
    code, out, errors = in_process("import-day", str(day), "--date", TOMORROW, "--data-dir", str(installation))
    assert code == 1
    assert "Nothing was imported." in out
    assert "“Dr Who”" in out
    assert "Traceback" not in errors
    day.write_text(good)
    assert imported(day, installation, "--dry-run")["added"] == 2, "the good rows were not kept"


def test_what_the_rules_refuse_is_named_by_row(house: Running, installation: Path, day: Path) -> None:
    admin = in_process("token", "admin@example.org", "--data-dir", str(installation))[1].strip()
    url = house.first_line.split()[2]
    with httpx.Client(
        base_url=url, trust_env=False, timeout=60, headers={"Authorization": f"Bearer {admin}"}
    ) as client:
        (clinic,) = client.get("/api/clinics").json()["data"]
        address, capacity = f"/api/clinics/{clinic['id']}", clinic["capacity"]
        assert client.put(address, json={"capacity": {"perDay": 1}}).status_code == 200
        day.write_text(day.read_text().replace(";09:", f";{(datetime.now(UTC) + timedelta(days=9)).date()} 09:"))
        told = imported(day, installation)
        assert client.put(address, json={"capacity": capacity}).status_code == 200
    assert [(e["row"], e["message"]) for e in told["errors"]] == [(3, "The clinic takes 1 patients a day.")]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["no-such-file.csv"], "cannot be read"),
        (["/"], "cannot be read"),
        ([EXAMPLE, "--date", "tomorrow"], "YYYY-MM-DD"),
        ([EXAMPLE, "--clinic", "hillside"], "riverside"),
        ([EXAMPLE, "--qr-dir", "/proc/pictures"], "/proc/pictures"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_sentence(
    house: Running, installation: Path, arguments: list[str], says: str
) -> None:
    code, out, errors = in_process("import-day", *arguments, "--data-dir", str(installation))
    assert (code, out) == (1, "")
    assert says in errors
    assert len(errors.strip().splitlines()) == 1


def test_a_folder_without_an_installation_is_not_made_into_one(tmp_path: Path) -> None:
    code, out, errors = in_process("import-day", EXAMPLE, "--data-dir", str(tmp_path / "typo"))
    assert (code, out) == (1, "")
    assert "no installation" in errors
    assert not (tmp_path / "typo").exists()
