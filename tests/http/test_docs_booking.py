"""What docs/booking.md shows is what happens."""

import re
import shlex
from pathlib import Path
from string import Template
from uuid import uuid4

import httpx

from tests.http.test_slots import bookable
from tests.http.world import World

DOCS = Path(__file__).parents[2] / "docs" / "booking.md"


async def run(world: World, line: str, known: dict[str, str]) -> httpx.Response:
    """Send what a line with curl would."""
    method, url, body, headers = "GET", "", None, {}
    words = iter(shlex.split(Template(line).substitute(known))[1:])
    for word in words:
        match word:
            case "-X":
                method = next(words)
            case "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value
            case "-d":
                body = next(words).encode()
            case _:
                url = word
    return await world.client.request(method, url, content=body, headers=headers)


async def test_a_guest_books_by_hand_as_the_page_shows(world: World) -> None:
    await bookable(world)
    lines = re.findall(r"^curl .*$", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    known = {"URL": "http://queue", "TENANT": str(world.clinic.tenant), "KEY": uuid4().hex}
    answers = []
    for line in lines:
        answer = await run(world, line, known)
        assert answer.status_code == 200, (line, answer.text)
        answers.append(answer)
        if answer.headers["content-type"] != "application/json":
            continue
        data = answer.json()["data"]
        match data:
            case [{"id": slot}]:
                known["SLOT"] = slot
            case {"holdId": hold, "sessionToken": token}:
                known |= {"HOLD": hold, "TOKEN": token}
            case {"trackingToken": tracking}:
                known["TRACKING"] = tracking
    assert len(answers) == 6
    assert answers[3].json()["data"]["appointment"]["greeting"] == "Amal"
    assert answers[5].headers["content-type"].startswith("text/calendar")
