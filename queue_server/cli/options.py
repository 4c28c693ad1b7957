"""Options that several commands share."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

DataDir = Annotated[
    Path | None,
    typer.Option(
        "--data-dir", help="Where the embedded services keep their data; else DATA_DIR.", show_default=".queue-data"
    ),
]
OwnData = Annotated[
    Path | None,
    typer.Option("--data-dir", help="The installation of `up` or `demo` that is meant; without it, DATABASE_URL."),
]
Port = Annotated[int | None, typer.Option(min=1, max=65535, help="Overrides PORT.", show_default="8000")]
Tenant = Annotated[UUID | None, typer.Option(help="Id of the tenant; needed when there are several.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one line of JSON.")]
