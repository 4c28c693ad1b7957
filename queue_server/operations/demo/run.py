"""Starts the house, seeds the demo, prints its links and lets the robots play."""

import asyncio
import json
from collections.abc import Mapping
from time import perf_counter
from typing import Any

import typer
from rich.console import Console
from rich.table import Table

from queue_server.operations.demo.robots import Robots
from queue_server.operations.demo.seed import DemoDay, seed
from queue_server.operations.house import running_house
from queue_server.operations.qr import terminal_qr
from queue_server.settings import Settings
from queue_server.wiring import Services, open_services

SHOWN_TRACKERS = 4


async def run_demo(environment: Mapping[str, str], *, speed: float, as_json: bool) -> None:
    """Run the demo until cancelled; with `as_json` prints one line when it is ready, else a page of links."""
    began = perf_counter()
    async with running_house(environment) as house:
        async with open_services(house.settings, application="queue-server-demo") as services:
            day = await seed(services, house.settings.data_dir)
            told = describe(services, house.settings, day)
        if as_json:
            typer.echo(json.dumps(told))
        else:
            _print(told, day, perf_counter() - began)
        if speed <= 0:
            await asyncio.Event().wait()
        desk = next(login for login in day.staff if login.role == "receptionist")
        robots = Robots(house.urls[0], desk.email, desk.password, speed)
        await robots.run([str(doctor) for doctor, _ in day.doctors], [t["token"] for t in told["trackers"]])


def describe(services: Services, settings: Settings, day: DemoDay) -> dict[str, Any]:
    """Return the demo as the one line of JSON tells it."""
    trackers = []
    for one in day.visits:
        token, _ = services.links.make(day.tenant, one.visit.id, one.visit.doctor, generation=one.links_generation)
        trackers.append({"token": token, "appointmentId": str(one.visit.id), "doctorId": str(one.visit.doctor)})
    return {
        "url": settings.public_url,
        "staff": [{"role": s.role, "email": s.email, "password": s.password} for s in day.staff],
        "doctors": [{"id": str(doctor), "name": name} for doctor, name in day.doctors],
        "trackers": trackers,
        "date": day.date,
        "tenantId": str(day.tenant),
    }


def _print(told: Mapping[str, Any], day: DemoDay, seconds: float) -> None:
    console = Console()
    url = told["url"]
    console.print(f"\n[bold]A living demo clinic, ready in {seconds:.1f} s[/] – Ctrl-C stops everything.\n")
    table = Table("Screen", "Address", "Sign in with", show_edge=False)
    by_role = {login["role"]: login for login in told["staff"]}
    for screen, path, role in (
        ("Reception desk", "/desk", "receptionist"),
        ("Waiting-room display", "/display", "display"),
        ("API documentation", "/docs", None),
    ):
        login = by_role.get(role) if role else None
        table.add_row(screen, f"{url}{path}", f"{login['email']}  {login['password']}" if login else "–")
    for role in ("admin", "doctor"):
        login = by_role[role]
        table.add_row(f"… as {role}", f"{url}/desk", f"{login['email']}  {login['password']}")
    console.print(table, soft_wrap=True)
    console.print("\n[bold]Patients follow their place here:[/]")
    names = dict(day.doctors)
    for one, tracker in list(zip(day.visits, told["trackers"], strict=True))[:SHOWN_TRACKERS]:
        console.print(f"  {one.ticket:>4}  {names[one.visit.doctor]}  {url}/t/{tracker['token']}", soft_wrap=True)
    if told["trackers"]:
        console.print("\nThe first of them as a QR code:")
        console.print(terminal_qr(f"{url}/t/{told['trackers'][0]['token']}"), highlight=False, soft_wrap=True)
