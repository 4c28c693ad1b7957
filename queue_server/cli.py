"""`queue-server`: everything an operator does from the command line."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from queue_server import logs
from queue_server.embedded.errors import EmbeddedError
from queue_server.settings import Settings, SettingsError, load
from scheduling_core.errors import DomainError

app = typer.Typer(
    name="queue-server",
    help="Live queues for clinics: patients follow their place, reception moves the line.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

DataDir = Annotated[Path, typer.Option("--data-dir", help="Where the embedded Postgres keeps its data.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]


def main() -> None:
    """Run the command line; what cannot be done is said in one sentence, with exit code 1."""
    try:
        app()
    except (SettingsError, EmbeddedError) as error:
        _fail(str(error))
    except DomainError as error:
        _fail(error.detail)


def _fail(sentence: str) -> NoReturn:
    typer.secho(sentence, fg="red", err=True)
    sys.exit(1)


def _settings() -> Settings:
    settings = load(os.environ)
    logs.configure(settings.log_level, settings.log_format)
    return settings


def _run(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run until it ends, or until SIGINT or SIGTERM, which let it clean up."""
    from queue_server.embedded.supervisor import run_until_signal

    asyncio.run(run_until_signal(work()))


# ---- servers ---------------------------------------------------------------------------------------------------------


@app.command()
def serve(
    port: Annotated[int | None, typer.Option(help="Overrides PORT.")] = None,
    host: Annotated[str | None, typer.Option(help="Overrides HOST.")] = None,
) -> None:
    """Run one server process on the services that the environment names."""
    if port is not None:
        os.environ["PORT"] = str(port)
    if host is not None:
        os.environ["HOST"] = host
    from queue_server.app import run

    run(_settings())


@app.command()
def worker() -> None:
    """Run one worker: timers and everything else that is due."""
    from jobs.worker import run

    run(_settings())


@app.command()
def up(
    data_dir: DataDir = Path(".queue-data"),
    port: Annotated[int | None, typer.Option(help="Overrides PORT.")] = None,
    servers: Annotated[int, typer.Option(min=1, max=16, help="Server processes, on ports from PORT upwards.")] = 1,
    redis: Annotated[bool, typer.Option(help="Start an embedded Redis if there is a binary.")] = True,
) -> None:
    """Start everything: an embedded Postgres and Redis (unless DATABASE_URL is set), servers and a worker."""
    from queue_server.operations.house import running_house

    environment = _house_environment(data_dir, port)

    async def work() -> None:
        async with running_house(environment, servers=servers, redis=redis) as house:
            typer.secho(f"Running at {', '.join(house.urls)} – Ctrl-C stops everything.", bold=True)
            await asyncio.Event().wait()

    _run(work)


@app.command()
def demo(
    data_dir: DataDir = Path(".queue-data"),
    port: Annotated[int | None, typer.Option(help="Overrides PORT.")] = None,
    speed: Annotated[float, typer.Option(min=0, max=600, help="How fast the day goes by; 0 without robots.")] = 1.0,
    as_json: AsJson = False,
) -> None:
    """Start a living demo clinic and print its links."""
    from queue_server.operations.demo import run_demo

    environment = _house_environment(data_dir, port)
    _run(lambda: run_demo(environment, speed=speed, as_json=as_json))


def _house_environment(data_dir: Path, port: int | None) -> dict[str, str]:
    environment = {"LOG_FORMAT": "console", "LOG_LEVEL": "WARNING", **os.environ, "DATA_DIR": str(data_dir)}
    if port is not None:
        environment["PORT"] = str(port)
    logs.configure("WARNING", "console")
    return environment


# ---- schema and accounts ---------------------------------------------------------------------------------------------


@app.command("migrate")
def migrate_command() -> None:
    """Bring the schema up to date (DATABASE_OWNER_URL)."""
    from queue_server.store.migrate import migrate

    applied = asyncio.run(migrate(_settings().owner_url(), report=lambda name: typer.echo(f"applied {name}")))
    typer.echo(f"{applied} migrations applied." if applied else "The schema is up to date.")


def _emit(result: object, as_json: bool, sentence: str) -> None:
    typer.echo(json.dumps(result) if as_json else sentence)


if __name__ == "__main__":
    main()
