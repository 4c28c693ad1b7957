"""Commands that run servers: a demo, everything on one machine, one server, one worker."""

import asyncio
import os
from pathlib import Path
from typing import Annotated

import typer

from queue_server import logs
from queue_server.cli.options import AsJson, DataDir, Port
from queue_server.cli.running import configured, run_to_end

commands = typer.Typer()
PANEL = "Running"


@commands.command(rich_help_panel=PANEL)
def demo(
    data_dir: DataDir = None,
    port: Port = None,
    speed: Annotated[float, typer.Option(min=0, max=600, help="How fast the day goes by; 0 without robots.")] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Start a living demo: three clinics, a day in progress, and links to look at it."""
    from queue_server.operations.demo import run_demo

    environment = _house_environment(data_dir, port)
    run_to_end(lambda: run_demo(environment, speed=speed, as_json=as_json))


@commands.command(rich_help_panel=PANEL)
def up(
    data_dir: DataDir = None,
    port: Port = None,
    servers: Annotated[int, typer.Option(min=1, max=16, help="Server processes, on ports from PORT upwards.")] = 1,
    redis: Annotated[bool, typer.Option(help="Start an embedded Redis if there is a binary.")] = True,
) -> None:
    """Start everything on this machine: Postgres and Redis (unless DATABASE_URL is set), servers, a worker."""
    from queue_server.operations.house import running_house

    environment = _house_environment(data_dir, port)

    async def work() -> None:
        async with running_house(environment, servers=servers, redis=redis) as house:
            typer.secho(f"Running at {', '.join(house.urls)} – Ctrl-C stops everything.", bold=True)
            await asyncio.Event().wait()

    run_to_end(work)


@commands.command(rich_help_panel=PANEL)
def serve(
    port: Port = None,
    host: Annotated[str | None, typer.Option(help="Overrides HOST.", show_default="127.0.0.1")] = None,
) -> None:
    """Run one server on the services that the environment names."""
    if port is not None:
        os.environ["PORT"] = str(port)
    if host is not None:
        os.environ["HOST"] = host
    settings = configured()
    from queue_server.operations.ports import check_ports

    check_ports(settings.host, (settings.port,))
    from queue_server.app import run

    run(settings)


@commands.command(rich_help_panel=PANEL)
def worker() -> None:
    """Run one worker: timers and everything else that is due."""
    settings = configured()
    # It waits for Postgres as long as that takes, but not for what is never going to come.
    settings.jobs_url()
    settings.signing_key()
    from jobs.worker import run

    run(settings)


@commands.command(rich_help_panel=PANEL)
def payment_simulator(
    port: Port = None,
    notify: Annotated[str, typer.Option(help="Where notices go: https://…/api/payments/webhook/NAME.")] = "",
    late: Annotated[float, typer.Option(min=0, max=3600, help="Seconds that a notice may come late.")] = 0.0,
    copies: Annotated[int, typer.Option(min=1, max=20, help="How often each notice is sent.")] = 1,
    forged: Annotated[float, typer.Option(min=0, max=1, help="Share of notices with a forged one before.")] = 0.0,
    lying: Annotated[float, typer.Option(min=0, max=1, help="Share of notices with a lying one before.")] = 0.0,
    lost: Annotated[float, typer.Option(min=0, max=1, help="Share of answers that are lost.")] = 0.0,
) -> None:
    """Run a payment provider that moves no money; PAYMENT_API_KEY and PAYMENT_WEBHOOK_SECRET as the server has them."""
    from queue_server.operations.payment_simulator.modes import Modes
    from queue_server.operations.payment_simulator.run import run_provider

    modes = Modes(late_seconds=late, copies=copies, forged=forged, lying=lying, lost_answers=lost)
    run_to_end(lambda: run_provider(os.environ, port=port or 0, notify=notify, modes=modes))


@commands.command(rich_help_panel=PANEL)
def message_simulator(
    port: Port = None,
    slow: Annotated[float, typer.Option(min=0, max=600, help="Seconds that each answer takes.")] = 0.0,
    refused: Annotated[float, typer.Option(min=0, max=1, help="Share of recipients who want nothing.")] = 0.0,
    limited: Annotated[float, typer.Option(min=0, max=1, help="Share of requests answered with 429.")] = 0.0,
    failing: Annotated[float, typer.Option(min=0, max=1, help="Share of requests answered with 500.")] = 0.0,
    nonsense: Annotated[float, typer.Option(min=0, max=1, help="Share of answers that make no sense.")] = 0.0,
    dropped: Annotated[float, typer.Option(min=0, max=1, help="Share of answers that end in the middle.")] = 0.0,
    repeated: Annotated[float, typer.Option(min=0, max=1, help="Share of requests that come in twice.")] = 0.0,
) -> None:
    """Run a provider of texts, WhatsApp messages and pushes that delivers to nobody; prints its settings."""
    from queue_server.operations.message_simulator.modes import Modes
    from queue_server.operations.message_simulator.run import run_messages

    modes = Modes(
        slow_seconds=slow,
        refused=refused,
        limited=limited,
        failing=failing,
        nonsense=nonsense,
        dropped=dropped,
        repeated=repeated,
    )
    run_to_end(lambda: run_messages(modes, port=port or 0, report=typer.echo))


def _house_environment(data_dir: Path | None, port: int | None) -> dict[str, str]:
    environment = {"LOG_FORMAT": "console", "LOG_LEVEL": "WARNING", **os.environ}
    if data_dir is not None:
        environment["DATA_DIR"] = str(data_dir)
    if port is not None:
        environment["PORT"] = str(port)
    logs.configure("WARNING", "console")
    return environment
