"""How a command runs: with which settings, on which services, until when."""

import asyncio
import json
import os
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import typer

from queue_server import logs
from queue_server.settings import Settings, load


def configured() -> Settings:
    """Return the settings of this process' environment, with logs as they say."""
    settings = load(os.environ)
    logs.configure(settings.log_level, settings.log_format)
    return settings


def run_to_end(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run until it ends, or until SIGINT or SIGTERM, which let it clean up."""
    from queue_server.embedded.supervisor import run_until_signal

    asyncio.run(run_until_signal(work()))


def operate(
    data_dir: Path | None, work: Callable[[Settings], Coroutine[Any, Any, None]], *, may_be_new: bool = False
) -> None:
    """Run an operator's command on the services that the environment names, or on an installation's embedded ones.

    Embedded services that run already (`up`, `demo`) are used as they are, else they run for as long as the command.
    """
    from queue_server.operations.house import at_hand

    logs.configure("WARNING", "console")

    async def whole() -> None:
        async with at_hand(os.environ, data_dir, may_be_new=may_be_new) as settings:
            await work(settings)

    run_to_end(whole)


def emit(result: object, as_json: bool, sentence: str) -> None:
    """Print what was done: as one line of JSON, or in a sentence."""
    typer.echo(json.dumps(result) if as_json else sentence)
