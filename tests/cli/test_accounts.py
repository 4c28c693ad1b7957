"""First accounts, tokens and the schema from the command line."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cli.conftest import Running, in_process, queue_server

GOOD = "a long enough passphrase"


def said(*arguments: str, data: Path, given: str = "") -> tuple[int, str]:
    """Return the exit code and the one line that a command says, run in this process unless it asks questions."""
    if given:
        done = queue_server(*arguments, "--data-dir", str(data), given=given)
        code, out, errors = done.returncode, done.stdout, done.stderr
    else:
        code, out, errors = in_process(*arguments, "--data-dir", str(data))
    return code, (errors if code else out).strip().splitlines()[-1]


def api(house: Running, path: str, token: str) -> httpx.Response:
    url = house.first_line.split()[2]
    return httpx.get(url + path, headers={"Authorization": f"Bearer {token}"}, trust_env=False, timeout=60)


def tenant_of(house: Running, installation: Path) -> str:
    _, token = said("token", "admin@example.org", data=installation)
    found: str = api(house, "/api/auth/me", token).json()["data"]["tenantId"]
    return found


def test_a_token_opens_the_api(house: Running, installation: Path) -> None:
    code, token = said("token", "ADMIN@example.org", "--minutes", "5", data=installation)
    assert code == 0
    answer = api(house, "/api/auth/me", token)
    assert answer.status_code == 200
    assert (answer.json()["data"]["email"], answer.json()["data"]["role"]) == ("admin@example.org", "admin")
    assert said("token", "nobody@example.org", data=installation)[0] == 1


def test_an_admin_is_made_by_answering_questions(house: Running, installation: Path) -> None:
    tenant = tenant_of(house, installation)
    code, line = said(
        "create-admin", "--tenant", tenant, data=installation, given=f"second@example.org\n{GOOD}\n{GOOD}\n"
    )
    assert code == 0
    assert line.endswith(f"second@example.org is admin of Example Health (tenant {tenant}).")
    _, token = said("token", "second@example.org", data=installation)
    assert api(house, "/api/staff", token).status_code == 200


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"--password": "short"}, "at least 12 characters"),
        ({"--password": "aaaaaaaaaaaaaaaa"}, "too easy"),
        ({"--email": "nobody"}, "e-mail"),
        ({"--email": "admin@example.org"}, "exists already"),
        ({"--tenant": "00000000-0000-4000-8000-000000000000"}, "no tenant"),
    ],
)
def test_an_admin_that_cannot_be_is_refused_and_no_tenant_is_made(
    house: Running, installation: Path, options: dict[str, str], says: str
) -> None:
    given = {"--email": "third@example.org", "--password": GOOD}
    if "--email" in options and says == "exists already":
        given["--tenant"] = tenant_of(house, installation)
    arguments = [part for pair in (given | options).items() for part in pair]
    code, line = said("create-admin", *arguments, data=installation)
    assert code == 1
    assert says in line
    assert said("token", "admin@example.org", data=installation)[0] == 0, "there is still but one tenant"


def test_an_operator_makes_a_platform_admin(house: Running, installation: Path) -> None:
    tenant = tenant_of(house, installation)
    given = ("--email", "above@example.org", "--password", GOOD, "--tenant", tenant)
    code, line = said("create-admin", "--platform", *given, data=installation)
    assert code == 0
    assert "above@example.org is platform admin" in line
    _, token = said("token", "above@example.org", data=installation)
    assert api(house, "/api/auth/me", token).json()["data"]["role"] == "platform_admin"
    # Any tenant there is: one that does not exist is unknown to them, and forbidden to everybody else.
    url = house.first_line.split()[2] + "/api/staff"
    _, plain = said("token", "admin@example.org", data=installation)
    for bearer, status in ((token, 404), (plain, 403)):
        headers = {"Authorization": f"Bearer {bearer}", "X-Tenant-Id": "00000000-0000-4000-8000-000000000000"}
        assert httpx.get(url, headers=headers, trust_env=False, timeout=60).status_code == status


def test_clinics_and_doctors_that_cannot_be_are_refused(house: Running, installation: Path) -> None:
    def refused(*arguments: str) -> str:
        code, line = said(*arguments, data=installation)
        assert code == 1
        return line

    assert "time zone" in refused("add-clinic", "hill", "Hill", "--timezone", "Mars/Base")
    assert "slug" in refused("add-clinic", "Not A Slug", "Hill", "--timezone", "UTC").casefold()
    assert "riverside" in refused("add-doctor", "Dr Who", "--clinic", "hill")
    assert "letters" in refused("add-doctor", "Dr Who", "--letters", "p")
    assert "one to three letters" in refused("add-doctor", "Dr Who", "--letters", "1")


def test_the_schema_is_up_to_date(house: Running, installation: Path) -> None:
    assert said("migrate", data=installation) == (0, "The schema is up to date.")


def test_programs_get_json(house: Running, installation: Path) -> None:
    tenant = tenant_of(house, installation)
    arguments = ("--email", "fourth@example.org", "--password", GOOD, "--tenant", tenant, "--json")
    done = queue_server("create-admin", *arguments, "--data-dir", str(installation))
    told: dict[str, Any] = json.loads(done.stdout)
    assert (told["tenantId"], told["email"]) == (tenant, "fourth@example.org")
