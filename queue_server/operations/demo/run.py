"""Starts the house, makes the demo's day meanwhile, prints its links and lets the day go by."""

import asyncio
import json
from collections.abc import Mapping
from contextlib import AsyncExitStack
from time import perf_counter
from typing import TYPE_CHECKING

import typer

from queue_server import logs
from queue_server.operations.demo import cast
from queue_server.operations.house import running_house
from queue_server.operations.mail_catcher import catching
from queue_server.operations.message_simulator.log import MessageLog
from queue_server.operations.message_simulator.run import running_messages
from queue_server.settings import Settings

if TYPE_CHECKING:
    from queue_server.operations.demo.day import DemoDay

DEFAULT_PORT, MAIL_PORT_AFTER = 8000, 25


async def run_demo(environment: Mapping[str, str], *, speed: float, as_json: bool) -> None:
    """Run the demo until cancelled; with `as_json` prints one line when it is ready, else a page of links."""
    began = perf_counter()
    made: list[DemoDay] = []

    async def make(settings: Settings) -> None:
        # Imported while the servers start, because it is half of the application.
        from queue_server.operations.demo.day import make_day

        logs.configure(settings.log_level, settings.log_format)
        made.append(await make_day(settings))

    shown = {"BOOKING_TENANTS": str(cast.TENANT), **environment}
    async with AsyncExitStack() as stack:
        log, mail, provider = MessageLog(), None, None
        if not _is_set(shown, "SMTP_URL"):
            catcher = await stack.enter_async_context(catching(page_port=_mail_port(shown), log=log))
            shown |= {"SMTP_URL": catcher.smtp_url, "MAIL_FROM": cast.MAIL_FROM}
            mail = catcher.page_url
        if not _is_set(shown, "SMS_PROVIDER_URL", "SMS_MAIL_DOMAIN"):
            provider = await stack.enter_async_context(running_messages(log=log))
            # A third of the patients are reached by text instead, so that messages are seen to go on.
            provider.texts.is_on_whatsapp = lambda number: int(number[-1]) % 3 > 0
            shown |= provider.environment()
            mail = mail or f"{provider.url}/"
        house = await stack.enter_async_context(running_house(shown, meanwhile=make, simulated_payments=True))
        (day,) = made
        if as_json:
            told = {"mail": mail, "messageProvider": provider.url if provider is not None else None}
            typer.echo(json.dumps(day.told() | told))
        else:
            from queue_server.operations.demo.page import print_page

            print_page(day, perf_counter() - began, mail=mail)
        if speed > 0:
            await _play(house.settings, house.urls[0], day, speed)
        await asyncio.Event().wait()


def _is_set(environment: Mapping[str, str], *names: str) -> bool:
    return any(environment.get(name, "").strip() for name in names)


def _mail_port(environment: Mapping[str, str]) -> int:
    """Return where the page of the demo's mail is, if that port is free: 8025 beside 8000."""
    port = environment.get("PORT", "").strip()
    return (int(port) if port.isdecimal() else DEFAULT_PORT) + MAIL_PORT_AFTER


async def _play(settings: Settings, url: str, day: "DemoDay", speed: float) -> None:
    from queue_server.operations.demo.day import keep_booking
    from queue_server.operations.demo.robots import Robots

    desk = next(login for login in day.staff if login.role == "receptionist")
    robots = Robots(url, desk.email, desk.password, speed)
    phones = [token for _, token in day.trackers]
    async with asyncio.TaskGroup() as group:
        group.create_task(keep_booking(settings, day.zone))
        group.create_task(robots.run([str(doctor) for doctor, _ in day.doctors], phones))
