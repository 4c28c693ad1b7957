"""`python -m queue_server.embedded.reset DIRECTORY`: deletes an installation's own data, unless it is in use."""

import sys
from pathlib import Path

from .data_directory import DataDirectory
from .errors import EmbeddedError


def main(arguments: list[str]) -> str | None:
    """Erase the directory named; returns the complaint for `sys.exit`, or None when it is done."""
    if len(arguments) != 1:
        return "Name the data directory to delete."
    folder = Path(arguments[0])
    if not (folder / "lock").exists():
        sys.stdout.write(f"{folder} holds no data; nothing to delete.\n")
        return None
    try:
        with DataDirectory.acquire(folder) as data:
            data.erase()
    except EmbeddedError as error:
        return str(error)
    sys.stdout.write(f"The data in {folder} is deleted.\n")
    return None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
