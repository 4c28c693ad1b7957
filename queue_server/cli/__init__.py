"""`queue-server`: everything an operator does from the command line. A module for each group of commands."""

import sys
from typing import NoReturn

import typer

from queue_server.cli import days, proof, servers, setup
from queue_server.embedded.errors import EmbeddedError
from queue_server.operations.postgres_tools import ToolFailed
from queue_server.settings import SettingsError
from scheduling_core.errors import DomainError

app = typer.Typer(
    name="queue-server",
    help="Live queues for clinics: patients follow their place, reception moves the line.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for group in (servers, setup, days, proof):
    app.add_typer(group.commands)


def main() -> None:
    """Run the command line; what cannot be done is said in one sentence, with exit code 1."""
    try:
        app()
    except (SettingsError, EmbeddedError, ToolFailed) as error:
        _fail(str(error))
    except DomainError as error:
        _fail(error.detail)


def _fail(sentence: str) -> NoReturn:
    typer.secho(sentence, fg="red", err=True)
    sys.exit(1)
